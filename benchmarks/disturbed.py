"""Programs to which something happens, and what may be seen of it afterwards."""

import contextlib
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

import numpy as np

import swarmhydra
from benchmarks import report
from swarmhydra import __main__ as program
from swarmhydra.job_folder.status import CHECKPOINT
from swarmhydra.kernels.contract import REAL_COLLISIONS

TIMEOUT = 300.0
"""Time after which a program counts as endless, on a machine that does nothing else (s)."""

LONGEST_ENDING = 30.0
"""Time after which a program that was told to stop counts as endless, on such a machine (s)."""

NEARLY_DONE = 0.7
"""Share of its collisions from which on a run may end as if no signal had come: it could not be
seen from outside whether it was saving its result already."""

Process = subprocess.Popen[str]


def allowed(seconds: float) -> float:
    """Time (s) that a limit comes to on a machine whose cores others use as well."""
    return seconds * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


@dataclass
class Tally:
    """The faults of one class.

    Attributes
    ----------
    tried : int
        Faults that were made.
    failures : list of str
        What was seen that should not be.
    """

    tried: int = 0
    failures: list[str] = field(default_factory=list)

    def fail(self, what: str) -> None:
        """Note, and say at once, what should not be."""
        self.failures.append(what)
        report.say(f"  after {self.tried}: {what}")


@dataclass(frozen=True)
class Ended:
    """A program that has ended.

    Attributes
    ----------
    status : int
        124 for one that was endless.
    out, err : str
        What it wrote.
    told : bool
        Whether it was still running when its signal was due.
    moment : float
        When that was, from its start (s).
    took : float
        Time from the signal to the end (s).
    share : float
        Share of its work that it had done when the signal came.
    """

    status: int
    out: str
    err: str
    told: bool = False
    moment: float = 1e9
    took: float = 0.0
    share: float = 1.0


@contextlib.contextmanager
def start(arguments: Sequence[str], largest_file: int | None = None) -> Iterator[Process]:
    """A program in a group of processes of its own, which ends with the context."""

    def limit() -> None:
        # A shell without job control lets what it starts beside itself ignore Ctrl-C.
        for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(signum, signal.SIG_DFL)
        if largest_file is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file, largest_file))
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    process = subprocess.Popen(
        [sys.executable, "-m", "swarmhydra", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        start_new_session=True,
        preexec_fn=limit,
    )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def end_of(process: Process) -> Ended:
    """Wait for a program; one that is endless is killed."""
    try:
        out, err = process.communicate(timeout=allowed(TIMEOUT))
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        out, err = process.communicate()
        return Ended(124, out, err)
    return Ended(process.returncode, out, err)


def run(arguments: Sequence[str], largest_file: int | None = None) -> Ended:
    """Run a program to its end."""
    with start(arguments, largest_file) as process:
        return end_of(process)


def run_in_a_fork(arguments: Sequence[str]) -> Ended:
    """Run a program to its end in a copy of this process: without the time to import what it needs.

    For faults that have nothing to do with the start of the process.
    """
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        sys.stdout.flush()
        child = os.fork()
        if child == 0:
            os.dup2(out.fileno(), 1)
            os.dup2(err.fileno(), 2)
            signal.alarm(int(allowed(TIMEOUT)))
            _exit_as_the_program(arguments)
        _, state = os.waitpid(child, 0)
        texts = []
        for stream in (out, err):
            stream.seek(0)
            texts.append(stream.read())
    return Ended(os.waitstatus_to_exitcode(state), *texts)


def _exit_as_the_program(arguments: Sequence[str]) -> NoReturn:
    """Be the program, and end this process with its status."""
    sys.argv = ["swarmhydra", *arguments]
    status: object = 1
    try:
        program.main()
        status = 0
    except SystemExit as end:
        status = end.code or 0
    except BaseException:
        traceback.print_exc()
    finally:
        with contextlib.suppress(OSError):
            sys.stdout.flush()
        os._exit(status if isinstance(status, int) else 1)


def stopped(
    arguments: Sequence[str],
    moment: float,
    signum: int,
    twice: bool = False,
    group: bool = False,
    share_done: Callable[[], float] = lambda: 1.0,
) -> Ended:
    """Run a program that gets a signal at a moment (s after its start)."""
    with start(arguments) as process:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(moment)
        share = share_done()
        told = process.poll() is None
        for _ in range(2 if twice else 1):
            if process.poll() is None:
                (os.killpg if group else os.kill)(process.pid, signum)
                time.sleep(0.1 if twice else 0.0)
        began = time.monotonic()
        ended = end_of(process)
        end = ended.status, ended.out, ended.err
        return Ended(*end, told, moment, time.monotonic() - began, share)


def collisions_done(folder: Path) -> int:
    """Collisions of a run up to its last checkpoint."""
    try:
        with np.load(folder / CHECKPOINT) as state:
            return int(state["ensemble/events"][REAL_COLLISIONS])
    except FileNotFoundError:
        return 0


def judge(tally: Tally, ended: Ended, statuses: set[int], what: str) -> None:
    """Note an ending that should not be."""
    if ended.status < 0 and ended.moment < allowed(1.0) and not ended.err:
        # It came while Python itself was starting: the program had not begun.
        return
    if ended.status not in statuses:
        tally.fail(f"{what}: status {ended.status}, {ended.err[-300:]!r}")
    elif "Traceback" in ended.err or "Logging error" in ended.err:
        tally.fail(f"{what}: a traceback, {_around_traceback(ended.err)!r}")
    elif ended.told and ended.status == 0 and ended.share < NEARLY_DONE:
        tally.fail(f"{what}: swallowed after {100.0 * ended.share:.0f} % of the run")
    elif ended.told and ended.took > allowed(LONGEST_ENDING):
        tally.fail(f"{what}: took {ended.took:.0f} s to end")


def _around_traceback(err: str) -> str:
    """The part of standard error in which there is a traceback."""
    place = max(err.find("Traceback"), err.find("Logging error"))
    return err[max(place - 200, 0) : place + 1500]


def compare(tally: Tally, folder: Path, expected: Path, what: str) -> None:
    """Note a result that is not there, or not the same."""
    try:
        one, two = swarmhydra.open_run(folder), swarmhydra.open_run(expected)
    except (OSError, ValueError) as error:
        tally.fail(f"{what}: no result, {error}")
        return
    for path in ("/", "/eedf", "/time_series", "/rng"):
        pair = [tree[path].to_dataset(inherit=False).drop_attrs() for tree in (one, two)]
        if not pair[0].identical(pair[1]):
            tally.fail(f"{what}: another result in {path}")
            return
