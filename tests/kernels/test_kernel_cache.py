"""Compiled kernels are stored and never stale; whatever happens to the files, a run goes on."""

import errno
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import swarmhydra
from swarmhydra.config.compose import composed
from swarmhydra.run.checked import checked
from swarmhydra.swarm.ensemble import Ensemble

pytest.importorskip("numba")

import numba

from swarmhydra.kernels.compiled.machinery import compiler, kernel_cache

PACKAGE = Path(swarmhydra.__file__).parent

FOLDER = """
from swarmhydra.kernels.compiled.machinery import kernel_cache
print(kernel_cache.CACHE_FOLDER)
"""

# A small kernel that is cached, in the time it takes to import numba.
COMPILE_A_LITTLE = """
from swarmhydra.kernels.compiled.machinery import cycle_counter
from swarmhydra.kernels.compiled.machinery import kernel_cache
before = cycle_counter.ticks()
print(kernel_cache.CACHE_FOLDER, int(cycle_counter.ticks() > before))
"""

WHOLE_KERNELS = """
import json
import numpy as np
from swarmhydra.config.compose import composed
from swarmhydra.run.checked import checked
from swarmhydra.swarm.ensemble import Ensemble
from swarmhydra.kernels.compiled.machinery import kernel_cache
from swarmhydra.kernels.compiled.advance import advance
from swarmhydra.kernels.compiled.machinery.side_by_side import enter

was_cold = not kernel_cache.is_stored(advance)
overrides = ["gas=argon", "sim.en=500", "sim.electrons=64", "accel=jit", "accel.threads=1"]
ensemble = Ensemble(checked(composed(overrides)))
ensemble.window(1e-12, False, lambda: None)
print(json.dumps({
    "folder": str(kernel_cache.CACHE_FOLDER),
    "was_cold": was_cold,
    "hits": sum(enter.stats.cache_hits.values()),
    "misses": sum(enter.stats.cache_misses.values()),
    "electrons": float(np.abs(ensemble.swarm.arrays.electrons).sum()),
    "state": ensemble.swarm.arrays.random_state.tolist(),
}))
"""


def environment(install: Path, **variables: str) -> dict[str, str]:
    """An environment in which a copy of the package is imported and no cache is known."""
    known = ("NUMBA", "XDG_CACHE_HOME", "PYTHON")
    clean = {k: v for k, v in os.environ.items() if not k.startswith(known)}
    return {**clean, "PYTHONPATH": str(install), "PYTHONDONTWRITEBYTECODE": "1", **variables}


def started(
    script: str, env: dict[str, str], *arguments: str, cwd: Path | None = None
) -> "subprocess.Popen[str]":
    """A process that runs a script outside the checkout."""
    return subprocess.Popen(
        [sys.executable, "-c", script, *arguments],
        env=env,
        cwd=cwd or tempfile.gettempdir(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def printed_by(process: "subprocess.Popen[str]") -> str:
    """What a process prints until it ends without an error."""
    try:
        out, err = process.communicate(timeout=1200)
    finally:
        process.kill()
    assert process.returncode == 0, err
    return out.strip()


@pytest.fixture
def install(tmp_path: Path) -> Path:
    """A folder with a copy of the package."""
    leave = shutil.ignore_patterns("__pycache__")
    shutil.copytree(PACKAGE, tmp_path / "install" / "swarmhydra", ignore=leave)
    conf = PACKAGE.parent / "conf"
    if conf.is_dir() and not (PACKAGE / "conf").is_dir():
        shutil.copytree(conf, tmp_path / "install" / "conf")
    return tmp_path / "install"


# Never stale

TOUCH_EACH = """
import importlib, json, sys
from pathlib import Path
from swarmhydra.kernels.compiled.machinery import kernel_cache

install = Path(sys.argv[1])
assert Path(kernel_cache.__file__).is_relative_to(install), kernel_cache.__file__
unchanged = str(kernel_cache.CACHE_FOLDER)
changed = {}
for path in sorted((install / "swarmhydra" / "kernels").rglob("*.py")):
    before = path.read_bytes()
    path.write_bytes(before + b"# changed\\n")
    changed[str(path)] = str(importlib.reload(kernel_cache).CACHE_FOLDER)
    path.write_bytes(before)
again = str(importlib.reload(kernel_cache).CACHE_FOLDER)
print(json.dumps([unchanged, changed, again]))
"""


def test_a_change_of_any_source_file_of_the_kernels_takes_another_cache(
    install: Path, tmp_path: Path
) -> None:
    env = environment(install, NUMBA_CACHE_DIR=str(tmp_path / "cache"))
    unchanged, changed, again = json.loads(printed_by(started(TOUCH_EACH, env, str(install))))
    assert len(changed) > 15
    assert unchanged not in changed.values()
    assert again == unchanged
    assert all(Path(folder).parent == tmp_path / "cache" for folder in changed.values())


SINE_OF_TURN = """
from swarmhydra.kernels.compiled.machinery import compiler, elementary, kernel_cache

@compiler.compiled_entry
def sine_of_turn(u):
    return elementary.sine_and_cosine_of_turn(u)[0]

was_cold = not kernel_cache.is_stored(sine_of_turn)
print(sine_of_turn(0.1), int(was_cold))
"""


def test_a_change_of_a_helper_in_another_file_is_not_overlooked(
    install: Path, tmp_path: Path
) -> None:
    """Numba alone would go on with the old kernel: its own file has not changed."""
    env = environment(install, NUMBA_CACHE_DIR=str(tmp_path / "cache"))
    # Numba stores functions of files alone.
    (install / "sine_of_turn.py").write_text(SINE_OF_TURN)

    def run() -> tuple[float, int]:
        value, was_cold = printed_by(started("import sine_of_turn", env)).split()
        return float(value), int(was_cold)

    first, was_cold = run()
    assert first == pytest.approx(np.sin(0.2 * np.pi))
    assert was_cold
    helper = install / "swarmhydra" / "kernels" / "compiled" / "machinery" / "elementary.py"
    text = helper.read_text()
    result = "return sine, cosine"
    assert text.count(result) == 1
    helper.write_text(text.replace(result, "return 0.0 * sine + 7.0, cosine"))
    assert run() == (pytest.approx(7.0), 1)
    helper.write_text(text)
    assert run() == (first, 0)


# Somewhere that can be written


def test_the_cache_is_where_numba_is_told(install: Path, tmp_path: Path) -> None:
    env = environment(
        install, NUMBA_CACHE_DIR=str(tmp_path / "told"), XDG_CACHE_HOME=str(tmp_path / "user")
    )
    assert Path(printed_by(started(FOLDER, env))).parent == tmp_path / "told"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems have other names")
def test_otherwise_the_cache_is_in_the_users_cache_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(numba.config, "CACHE_DIR", "")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "user"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    user = kernel_cache.private_folder()
    monkeypatch.delenv("XDG_CACHE_HOME")
    home = kernel_cache.private_folder()
    assert user is not None
    assert user.parent == tmp_path / "user" / "swarmhydra"
    assert home == tmp_path / "home" / ".cache" / "swarmhydra" / user.name


@pytest.mark.parametrize("variable", ["HOME", "XDG_CACHE_HOME"])
def test_where_no_folder_can_be_made_there_is_none(
    variable: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    (tmp_path / "occupied").touch()
    monkeypatch.setattr(numba.config, "CACHE_DIR", "")
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setenv(variable, str(tmp_path / "occupied"))
    assert kernel_cache.private_folder() is None
    assert len(caplog.messages) == 1
    assert "each process compiles the kernels anew" in caplog.text


def test_where_no_folder_can_be_made_kernels_are_compiled_and_not_stored(
    install: Path, tmp_path: Path
) -> None:
    """A file where a folder should be: not even root can write there."""
    occupied = tmp_path / "occupied"
    occupied.touch()
    env = environment(install, NUMBA_CACHE_DIR=str(occupied))
    process = started(COMPILE_A_LITTLE, env)
    out, err = process.communicate(timeout=600)
    assert out.split() == ["None", "1"]
    assert len(err.splitlines()) == 1
    assert "each process compiles the kernels anew" in err
    assert occupied.is_file()


def test_without_a_home_no_folder_is_made_in_the_working_directory(
    install: Path, tmp_path: Path
) -> None:
    """A user that the system does not know, as containers have them."""
    no_home = "import os.path\n\nos.path.expanduser = lambda path: path\n\n"
    env = environment(install, HOME="")
    del env["HOME"]
    process = started(no_home + FOLDER, env, cwd=tmp_path)
    out, err = process.communicate(timeout=600)
    assert out.strip() == "None"
    assert len(err.splitlines()) == 1
    assert "home" in err
    assert [path.name for path in tmp_path.iterdir()] == ["install"]
    chosen = environment(install, NUMBA_CACHE_DIR=str(tmp_path / "cache"))
    folder = Path(printed_by(started(no_home + FOLDER, chosen, cwd=tmp_path)))
    assert folder.parent == tmp_path / "cache"


def test_an_install_that_cannot_be_written_is_not_written(install: Path, tmp_path: Path) -> None:
    before = set(install.rglob("*"))
    for path in [install, *before]:
        path.chmod(path.stat().st_mode & ~0o222)
    try:
        env = environment(install, HOME=str(tmp_path / "home"))
        folder, ticked = printed_by(started(COMPILE_A_LITTLE, env)).split()
    finally:
        for path in [install, *before]:
            path.chmod(path.stat().st_mode | 0o200)
    assert set(install.rglob("*")) == before
    assert int(ticked)
    assert list(Path(folder).rglob("*.nbi"))
    assert Path(folder).is_relative_to(tmp_path / "home")


# Warm, and cold for many at once


def test_a_second_process_takes_the_kernels_from_the_cache() -> None:
    # Here they are compiled, or loaded, first.
    Ensemble(checked(composed(["gas=reid_ramp", "accel=jit"])))
    report: dict[str, Any] = json.loads(printed_by(started(WHOLE_KERNELS, dict(os.environ))))
    assert report["hits"] == 1
    assert report["misses"] == 0
    assert not report["was_cold"]
    assert report["folder"] == str(kernel_cache.CACHE_FOLDER)


@pytest.mark.slow
def test_six_processes_may_start_at_once_on_a_cold_cache(install: Path, tmp_path: Path) -> None:
    env = environment(install, NUMBA_CACHE_DIR=str(tmp_path / "cache"))
    processes = [started(WHOLE_KERNELS, env) for _ in range(6)]
    reports = [json.loads(printed_by(process)) for process in processes]
    for same in ("folder", "electrons", "state"):
        assert len({str(report[same]) for report in reports}) == 1
    warm = json.loads(printed_by(started(WHOLE_KERNELS, env)))
    assert warm["misses"] == 0
    assert warm["electrons"] == reports[0]["electrons"]


# Whose the folder is


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of the user's choice for the caches of numba."""
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path / "root"))
    return tmp_path / "root"


def test_no_other_user_can_write_to_the_folder_or_read_it(root: Path) -> None:
    folder = kernel_cache.private_folder()
    assert folder is not None
    assert folder.parent == root
    assert folder.stat().st_mode & 0o777 == 0o700
    assert kernel_cache.private_folder() == folder


@pytest.mark.parametrize("mode", [0o720, 0o702, 0o777])
def test_a_folder_that_others_can_write_to_is_not_used(
    mode: int, root: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = kernel_cache.private_folder()
    assert folder is not None
    folder.chmod(mode)
    assert kernel_cache.private_folder() is None
    assert len(caplog.messages) == 1
    assert str(folder) in caplog.text


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() != 0, reason="takes root")
def test_a_folder_of_another_user_is_not_used(
    root: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    folder = kernel_cache.private_folder()
    assert folder is not None
    os.chown(folder, 12345, -1)
    assert kernel_cache.private_folder() is None
    assert str(folder) in caplog.text


def test_folders_of_other_sources_go_once_they_are_a_week_old(root: Path) -> None:
    folder = kernel_cache.private_folder()
    assert folder is not None
    other, unused, foreign = root / "kernels-1", root / "kernels-2", root / "notes"
    for each in (other, unused, foreign):
        each.mkdir()
        (each / "file").touch()
    for each, days in ((other, 6), (unused, 8), (foreign, 8), (folder, 8)):
        os.utime(each, (time.time() - 86400 * days,) * 2)
    assert kernel_cache.private_folder() == folder
    assert sorted(root.iterdir()) == sorted([folder, other, foreign])
    assert time.time() - folder.stat().st_mtime < 3600


# Damage


def twice(x: float) -> float:
    """A small kernel."""
    return 2.0 * x


def was_stored() -> bool:
    """Run the small kernel as a new process would, and tell whether it came from the cache."""
    kernel = compiler.compiled_entry(twice)
    assert kernel(2.5) == 5.0
    return sum(kernel.stats.cache_hits.values()) == 1


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder of kernels."""
    folder = tmp_path / "cache"
    folder.mkdir()
    monkeypatch.setattr(kernel_cache, "CACHE_FOLDER", folder)
    return folder


def truncated(content: bytes) -> bytes:
    return content[: len(content) // 2]


def empty(content: bytes) -> bytes:
    return b""


def flipped(content: bytes) -> bytes:
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


@pytest.mark.parametrize("damage", [truncated, empty, flipped])
@pytest.mark.parametrize("kind", ["nbi", "nbc"])
def test_what_is_damaged_is_compiled_anew_with_one_line(
    kind: str,
    damage: Callable[[bytes], bytes],
    cache: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert not was_stored()
    assert was_stored()
    assert not caplog.messages
    (path,) = cache.rglob(f"*.{kind}")
    path.write_bytes(damage(path.read_bytes()))
    assert not was_stored()
    assert len(caplog.messages) == 1
    assert str(cache) in caplog.messages[0]
    assert was_stored()
    assert len(caplog.messages) == 1


def test_on_a_full_disk_kernels_run_and_one_line_says_so(
    cache: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def replace(*_paths: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as full:
        full.setattr(os, "replace", replace)
        assert not was_stored()
        assert not was_stored()
    assert len(caplog.messages) == 1
    assert "No space left on device" in caplog.messages[0]
    assert not [path for path in cache.rglob("*") if path.is_file()]
    assert not was_stored()
    assert was_stored()
