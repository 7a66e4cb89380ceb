"""Whatever breaks: no corrupt result, and what is started again ends as if nothing had happened."""

import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import xarray as xr

import swarmhydra
from swarmhydra.job_folder.status import CHECKPOINT, jobs_in
from tests.helpers.settings import BY_COLLISIONS

pytestmark = pytest.mark.slow

RUN = (
    "accel=numpy",
    "sim=quick",
    "sim.electrons=64",
    "sim.sub_swarms=4",
    *BY_COLLISIONS,
    "sim.stop.real_collisions=4e4",
    "sim.checkpoint_every=0.02",
)

# Imports once, then forks: each child is the program as a user runs it, without its start-up.
FORKS = """
import os, random, signal, sys, time
from pathlib import Path
import swarmhydra.app, swarmhydra.results.files
import swarmhydra.run.simulation, swarmhydra.run.stop_signals
folder, kills = Path(sys.argv[1]), int(sys.argv[2])
random.seed(7)

def start():
    child = os.fork()
    if child == 0:
        sys.argv[1:] = [*sys.argv[3:], f"hydra.run.dir={folder}"]
        try:
            swarmhydra.app.main()
            os._exit(0)
        except SystemExit as ended:
            os._exit(int(ended.code or 0))
    return child

def ended(child):
    return os.waitpid(child, os.WNOHANG)[0] != 0

done = 0
for number in range(kills):
    child = start()
    until = time.monotonic() + random.uniform(0.3, 1.5)
    gone = False
    while time.monotonic() < until or number % 2:
        gone = ended(child)
        if gone or (number % 2 and time.monotonic() > until and any(folder.glob(".*.part"))):
            break
    if gone:
        break
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    done += 1
    result = folder / "results.nc"
    assert not result.exists(), "a result before the end"
print(done, flush=True)
child = start()
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "swarmhydra", *arguments]


def run(*arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # type: ignore[call-overload, no-any-return]
        command(*arguments), capture_output=True, text=True, check=False, timeout=300, **options
    )


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run that was never disturbed."""
    folder = tmp_path_factory.mktemp("whole")
    done = run(*RUN, f"hydra.run.dir={folder}")
    assert done.returncode == 0, done.stderr
    return folder


def assert_same(folder: Path, expected: Path) -> None:
    """Two results agree to the bit in all that is physics."""
    one, two = swarmhydra.open_run(folder), swarmhydra.open_run(expected)
    assert one.attrs["complete"] == 1
    for path in ("/", "/eedf", "/time_series", "/rng", "/sub_swarms"):
        xr.testing.assert_identical(
            one[path].to_dataset(inherit=False).drop_attrs(),
            two[path].to_dataset(inherit=False).drop_attrs(),
        )


def wait_for(condition: Callable[[], bool], process: subprocess.Popen[str] | None = None) -> None:
    """Wait until something is so."""
    until = time.monotonic() + 120.0
    while not condition():
        assert time.monotonic() < until, "waited in vain"
        assert process is None or process.poll() is None, "ended too early"
        time.sleep(0.01)


def test_killed_at_twenty_moments(whole: Path, tmp_path: Path) -> None:
    """Every second time in the middle of writing a checkpoint."""
    folder = tmp_path / "run"
    long = [o.replace("4e4", "4e5") if "collisions" in o else o for o in RUN]
    expected = run(*long, f"hydra.run.dir={tmp_path / 'expected'}")
    assert expected.returncode == 0, expected.stderr
    done = subprocess.run(
        [sys.executable, "-c", FORKS, str(folder), "20", *long],
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    kills, status = done.stdout.split()[0], done.stdout.split()[-1]
    assert (int(kills), status) == (20, "0"), done.stderr[-2000:]
    assert_same(folder, tmp_path / "expected")
    # It ended by the number of collisions, and can be given more.
    assert (folder / CHECKPOINT).exists()


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT])
def test_told_to_stop(signum: int, whole: Path, tmp_path: Path) -> None:
    with subprocess.Popen(
        command(*RUN, f"hydra.run.dir={tmp_path}"), text=True, stderr=subprocess.PIPE
    ) as process:
        wait_for((tmp_path / CHECKPOINT).is_file, process)
        process.send_signal(signum)
        told = process.communicate(timeout=120)[1]
    assert process.returncode == 128 + signum
    assert f"stopped by {signal.Signals(signum).name}; to go on: python -m swarmhydra" in told
    assert jobs_in(tmp_path)[0].status == "stopped"
    if (tmp_path / "results.nc").exists():
        assert swarmhydra.open_run(tmp_path).attrs["complete"] == 0
    # Moved, on two threads, and with time to spare: the same run.
    moved = tmp_path.rename(tmp_path.with_name(f"{tmp_path.name}-moved"))
    more = ("accel.threads=2", "sim.stop.wall_time=1e6")
    again = run(*RUN, *more, f"hydra.run.dir={moved}")
    assert again.returncode == 0, again.stderr
    assert "going on from" in again.stderr
    assert_same(moved, whole)


def test_files_that_cannot_grow(whole: Path, tmp_path: Path) -> None:
    """As with a quota: a result that does not fit is refused before anything is computed."""

    def small_files() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))

    done = run(*RUN, f"hydra.run.dir={tmp_path}", preexec_fn=small_files)
    assert done.returncode == 2
    assert "cannot write" in done.stderr
    assert "File too large" in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.glob("*.nc*"))
    assert not list(tmp_path.glob("*.npz*"))
    again = run(*RUN, f"hydra.run.dir={tmp_path}")
    assert again.returncode == 0, again.stderr
    assert_same(tmp_path, whole)


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 8 MB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(disk)],
        capture_output=True,
        text=True,
        check=False,
    )
    if mounted.returncode != 0:
        pytest.skip(f"this user may not mount a file system: {mounted.stderr.strip()}")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def test_disk_full(whole: Path, tiny_disk: Path) -> None:
    """A result that does not fit is refused in one line; with room the same command runs."""
    filler = tiny_disk / "filler"
    filler.write_bytes(b"x" * 8_000_000)
    done = run(*RUN, f"hydra.run.dir={tiny_disk / 'run'}")
    # Found before anything is computed.
    assert done.returncode == 2, done.stderr
    assert "cannot write" in done.stderr
    assert "No space left on device" in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(tiny_disk.rglob("*.nc*"))
    filler.unlink()
    again = run(*RUN, f"hydra.run.dir={tiny_disk / 'run'}")
    assert again.returncode == 0, again.stderr
    assert_same(tiny_disk / "run", whole)


def test_read_only_output(tmp_path: Path, tiny_disk: Path) -> None:
    subprocess.run(["mount", "-o", "remount,ro", str(tiny_disk)], check=True)
    done = run(*RUN, f"hydra.run.dir={tiny_disk / 'run'}")
    assert done.returncode == 2
    assert "can be written" in done.stderr
    assert done.stderr.count("\n") == 1


def test_checkpoints_that_are_no_use(whole: Path, tmp_path: Path) -> None:
    """Damaged, or of other settings: a line that says what to do, and nothing is lost."""
    with subprocess.Popen(command(*RUN, f"hydra.run.dir={tmp_path}")) as process:
        wait_for((tmp_path / CHECKPOINT).is_file, process)
        process.kill()
    kept = (tmp_path / CHECKPOINT).read_bytes()
    other = run(*RUN, "sim.en=90", f"hydra.run.dir={tmp_path}")
    assert other.returncode == 2
    assert "belongs to a run with other settings" in other.stderr
    (tmp_path / CHECKPOINT).write_bytes(kept[: len(kept) // 2])
    damaged = run(*RUN, f"hydra.run.dir={tmp_path}")
    assert damaged.returncode == 2
    assert "is damaged" in damaged.stderr
    assert damaged.stderr.count("\n") == 1
    (tmp_path / CHECKPOINT).write_bytes(kept)
    again = run(*RUN, f"hydra.run.dir={tmp_path}")
    assert again.returncode == 0, again.stderr
    assert_same(tmp_path, whole)


SWEEP = ("-m", *RUN, "sim.en=100,110,120")


@pytest.fixture(scope="module")
def one_after_the_other(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sweep by Hydra's own launcher."""
    folder = tmp_path_factory.mktemp("basic")
    done = run(*SWEEP, f"hydra.sweep.dir={folder}")
    assert done.returncode == 0, done.stderr
    return folder


@pytest.mark.parametrize("launcher", ["joblib", "submitit_local"])
def test_launchers_find_the_same(launcher: str, one_after_the_other: Path, tmp_path: Path) -> None:
    pytest.importorskip("hydra_plugins")
    done = run(*SWEEP, f"hydra/launcher={launcher}", f"hydra.sweep.dir={tmp_path}")
    assert done.returncode == 0, done.stderr
    assert "3 of 3 jobs finished" in done.stdout
    for number in ("0", "1", "2"):
        assert_same(tmp_path / number, one_after_the_other / number)


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="finds workers in /proc")
@pytest.mark.parametrize("launcher", ["joblib", "submitit_local"])
def test_a_killed_worker(launcher: str, one_after_the_other: Path, tmp_path: Path) -> None:
    """The others are not lost, the summary names what is missing, and a second start ends it."""
    arguments = (*SWEEP, f"hydra/launcher={launcher}", f"hydra.sweep.dir={tmp_path}")
    with subprocess.Popen(
        command(*arguments), text=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    ) as process:
        wait_for((tmp_path / "1" / CHECKPOINT).is_file, process)
        os.kill(owner_of(tmp_path / "1" / "swarmhydra.log"), signal.SIGKILL)
        told = process.communicate(timeout=300)[1]
    assert process.returncode == 1
    assert "the launcher gave up" in told
    assert "1 (" in told
    assert "resume=true" in told
    assert not (tmp_path / "1" / "results.nc").exists()
    again = run(*arguments, "resume=true")
    assert again.returncode == 0, again.stderr
    for number in ("0", "1", "2"):
        assert_same(tmp_path / number, one_after_the_other / number)


def owner_of(file: Path) -> int:
    """The process that has a file open."""
    for link in Path("/proc").glob("[0-9]*/fd/*"):
        try:
            if link.readlink() == file:
                return int(link.parts[2])
        except OSError:
            continue
    raise AssertionError(f"nobody has {file} open")


def test_a_preempted_job_is_requeued_and_goes_on(one_after_the_other: Path, tmp_path: Path) -> None:
    """By the signal with which submitit, and so SLURM, announces it."""
    arguments = (*SWEEP, "hydra/launcher=submitit_local", f"hydra.sweep.dir={tmp_path}")
    with subprocess.Popen(
        command(*arguments), text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        wait_for((tmp_path / "0" / CHECKPOINT).is_file, process)
        os.kill(owner_of(tmp_path / "0" / "swarmhydra.log"), signal.SIGUSR2)
        told = process.communicate(timeout=300)[1]
    assert process.returncode == 0, told
    log = (tmp_path / "0" / "swarmhydra.log").read_text(encoding="utf-8")
    assert log.index("Requeued job") < log.index("going on from")
    for number in ("0", "1", "2"):
        assert_same(tmp_path / number, one_after_the_other / number)
