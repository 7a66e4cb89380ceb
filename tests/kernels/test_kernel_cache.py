"""Compiled kernels are kept, never stale, wherever they can be written and by whomever at once."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest

import swarmhydra
from swarmhydra.compose import checked, composed
from swarmhydra.swarm.ensemble import Ensemble

pytest.importorskip("numba")

from swarmhydra.kernels.compiled.machinery import compiler

PACKAGE = Path(swarmhydra.__file__).parent

FOLDER = """
from swarmhydra.kernels.compiled.machinery import compiler
print(compiler.CACHE_FOLDER)
"""

# A small kernel that is cached, in the time it takes to import numba.
COMPILE_A_LITTLE = """
from swarmhydra.kernels.compiled.machinery import clock
from swarmhydra.kernels.compiled.machinery import compiler
before = clock.ticks()
print(compiler.CACHE_FOLDER, int(clock.ticks() > before))
"""

WHOLE_KERNELS = """
import json
import numpy as np
from swarmhydra.compose import checked, composed
from swarmhydra.swarm.ensemble import Ensemble
from swarmhydra.kernels.compiled.machinery import compiler
from swarmhydra.kernels.compiled.advance import advance
from swarmhydra.kernels.compiled.machinery.side_by_side import enter

was_cold = not compiler.is_kept(advance)
overrides = ["gas=argon", "sim.en=500", "sim.electrons=64", "accel=jit", "accel.threads=1"]
ensemble = Ensemble(checked(composed(overrides)))
ensemble.window(1e-12, False, lambda: None)
print(json.dumps({
    "folder": str(compiler.CACHE_FOLDER),
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


def started(script: str, env: dict[str, str], *arguments: str) -> "subprocess.Popen[str]":
    """A process that runs a script outside the checkout."""
    return subprocess.Popen(
        [sys.executable, "-c", script, *arguments],
        env=env,
        cwd=tempfile.gettempdir(),
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
from swarmhydra.kernels.compiled.machinery import compiler

install = Path(sys.argv[1])
assert Path(compiler.__file__).is_relative_to(install), compiler.__file__
unchanged = str(compiler.CACHE_FOLDER)
changed = {}
for path in sorted((install / "swarmhydra" / "kernels").rglob("*.py")):
    before = path.read_bytes()
    path.write_bytes(before + b"# changed\\n")
    changed[str(path)] = str(importlib.reload(compiler).CACHE_FOLDER)
    path.write_bytes(before)
again = str(importlib.reload(compiler).CACHE_FOLDER)
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
import numba
import numpy as np
from swarmhydra.compose import checked, composed
from swarmhydra.swarm.ensemble import Ensemble
from swarmhydra.kernels.compiled import layout, new_velocities
from swarmhydra.kernels.compiled.machinery import compiler
from swarmhydra.kernels.compiled.machinery.by_address import call
from swarmhydra.kernels.compiled.machinery.variants import chosen_variants

was_cold = not compiler.is_kept(new_velocities.scatter_anywhere)
surroundings = Ensemble(checked(composed(["sim.electrons=64", "accel=numpy"]))).surroundings()
scatter = chosen_variants(surroundings).scatter
b = np.zeros(layout.BUFFER_SIZE)
k = np.zeros(layout.INTEGER_BUFFER_SIZE, dtype=np.uint32)
b[layout.KEPT] = 1.0
b[layout.U1], b[layout.U2] = 0.3, 0.1
arguments = (b, k, 1, 0, surroundings.scattering, False)
numba.njit(lambda scatter, arguments: call(scatter, arguments))(scatter, arguments)
print(b[layout.AFTER_Y] / np.sqrt(1.0 - b[layout.AFTER_Z] ** 2), int(was_cold))
"""


def test_a_change_of_a_helper_in_another_file_is_not_overlooked(
    install: Path, tmp_path: Path
) -> None:
    """Numba alone would go on with the old kernel: its own file has not changed.

    At unit speed an electron leaves with the sine of its turn times that of its angle to z.
    """
    env = environment(install, NUMBA_CACHE_DIR=str(tmp_path / "cache"))

    def run() -> tuple[float, int]:
        value, was_cold = printed_by(started(SINE_OF_TURN, env)).split()
        return float(value), int(was_cold)

    first, was_cold = run()
    assert -1.0 < first < 1.0
    assert was_cold
    helper = install / "swarmhydra" / "kernels" / "compiled" / "elementary.py"
    text = helper.read_text()
    result = "return sine, cosine"
    assert text.count(result) == 1
    helper.write_text(text.replace(result, "return 0.0 * sine + 7.0, cosine"))
    assert run() == (pytest.approx(7.0), 1)
    helper.write_text(text)
    assert run() == (first, 0)


# Somewhere that can be written


def test_the_cache_is_where_numba_is_told_or_in_the_users_cache_folder(
    install: Path, tmp_path: Path
) -> None:
    told, user, home = (tmp_path / name for name in ("told", "user", "home"))
    everything = {
        "NUMBA_CACHE_DIR": str(told),
        "XDG_CACHE_HOME": str(user),
        "HOME": str(home),
    }
    folders = []
    while everything:
        folders.append(Path(printed_by(started(FOLDER, environment(install, **everything)))))
        del everything[next(iter(everything))]
    assert folders[0].parent == told
    assert folders[1].parent == user / "swarmhydra"
    assert folders[2].parent == home / ".cache" / "swarmhydra"
    assert len({folder.name for folder in folders[:3]}) == 1


@pytest.mark.parametrize("variable", ["HOME", "XDG_CACHE_HOME", "NUMBA_CACHE_DIR"])
def test_where_nothing_can_be_written_kernels_are_kept_for_the_process(
    variable: str, install: Path, tmp_path: Path
) -> None:
    """A file where a folder should be: not even root can write there."""
    occupied = tmp_path / "occupied"
    occupied.touch()
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    env = environment(install, TMPDIR=str(temporary), **{variable: str(occupied)})
    folder, ticked = printed_by(started(COMPILE_A_LITTLE, env)).split()
    assert Path(folder).is_relative_to(temporary)
    assert int(ticked)
    assert occupied.is_file()


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
    assert report["folder"] == str(compiler.CACHE_FOLDER)


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


def test_without_a_home_the_kernels_of_a_process_go_with_it(install: Path, tmp_path: Path) -> None:
    """A user that the system does not know, as containers have them."""
    no_home = "import pathlib\n\ndef none():\n    raise RuntimeError('no home')\n\n"
    no_home += "pathlib.Path.home = none\n"
    env = environment(install, TMPDIR=str(tmp_path))
    printed = printed_by(started(no_home + FOLDER, env, str(install)))
    folder = Path(printed.split()[0])
    assert folder.parent == tmp_path
    assert not folder.exists()
    chosen = environment(install, NUMBA_CACHE_DIR=str(tmp_path / "cache"))
    kept = Path(printed_by(started(no_home + FOLDER, chosen, str(install))).split()[0])
    assert kept.parent == tmp_path / "cache"
