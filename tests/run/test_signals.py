"""A signal ends a run or a sweep with a line, at any moment, and is never lost."""

import io
import logging
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from omegaconf import OmegaConf

import swarmhydra
from swarmhydra.config import Backend, Config, console
from swarmhydra.job_folder.status import jobs_in
from swarmhydra.results.record import RunRecord
from swarmhydra.run import job, simulation, stop_signals
from swarmhydra.run.simulation import Interrupted, NothingMeasured
from swarmhydra.sweeps import launching, stopping
from tests.helpers.fake_record import fake_record


@pytest.fixture(autouse=True)
def handlers() -> Iterator[None]:
    """The handlers of the test program come back."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        assert signal.getsignal(number) is handler


def come(number: int) -> None:
    """Send this process a signal."""
    os.kill(os.getpid(), number)


# Taking note


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_the_first_signal_is_noted(number: int) -> None:
    with stop_signals.listening() as signals:
        assert signals.received is None
        come(number)
        come(signal.SIGTERM)
        assert signals.received == number
        assert signals.name == signal.Signals(number).name


def test_a_second_ctrl_c_ends_the_process_at_once() -> None:
    with stop_signals.listening():
        come(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            come(signal.SIGINT)


def test_signals_that_the_process_ignores_stay_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with stop_signals.listening() as signals:
            come(signal.SIGHUP)
            assert signals.received is None
    finally:
        signal.signal(signal.SIGHUP, before)


def test_contexts_share_their_signals() -> None:
    with stop_signals.listening() as outer:
        with stop_signals.listening() as inner:
            come(signal.SIGTERM)
        assert outer is inner
        assert outer.received == signal.SIGTERM


def test_a_signal_is_passed_on_also_if_it_came_before() -> None:
    told: list[str] = []
    with stop_signals.listening():
        stop_signals.forward_to(lambda: told.append("first"))
        come(signal.SIGTERM)
        stop_signals.forward_to(lambda: told.append("later"))
    assert told == ["first", "later"]


def test_a_launcher_without_workers_gives_up(monkeypatch: pytest.MonkeyPatch) -> None:
    # Other tests of this process may have left workers.
    monkeypatch.setattr(multiprocessing, "active_children", list)
    with stop_signals.listening():
        stop_signals.forward_to(stopping._stop_workers)
        with pytest.raises(stopping.GivenUp):
            come(signal.SIGTERM)


def test_processes_are_asked_to_stop_until_all_have_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that had not quite begun at the first time would run to its end."""
    children = [1, 2, 3]
    ended = threading.Event()

    def stop() -> None:
        if not children:
            ended.set()
            raise stopping.GivenUp
        children.pop()

    monkeypatch.setattr(stopping, "ASK_EVERY", 0.01)
    monkeypatch.setattr(stopping, "_stop_children", stop)
    monkeypatch.setattr(stopping, "_keep_signals_from_submitit", lambda: None)
    settings = OmegaConf.create({})
    with stop_signals.listening():
        stopping.pass_signals_on(settings, "submitit.LocalLauncher")
        come(signal.SIGTERM)
        assert ended.wait(10.0)
    assert children == []


def test_what_joblib_shares_is_kept_track_of_after_a_terminal_is_closed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Tracebacks of KeyError followed where SIGHUP had ended the process that does so."""
    from joblib.externals.loky.backend import resource_tracker

    blocked = []

    def started() -> None:
        blocked.extend(signal.pthread_sigmask(signal.SIG_BLOCK, ()))
        come(signal.SIGHUP)

    monkeypatch.setattr(resource_tracker, "ensure_running", started)
    monkeypatch.setattr(multiprocessing, "active_children", list)
    with stop_signals.listening() as signals:
        with pytest.raises(stopping.GivenUp):
            stopping.pass_signals_on(OmegaConf.create({"n_jobs": 2}), "JoblibLauncher")
        assert signals.received == signal.SIGHUP
    assert signal.SIGHUP in blocked
    assert signal.SIGHUP not in signal.pthread_sigmask(signal.SIG_BLOCK, ())


def test_signals_of_the_terminal_do_not_reach_the_processes_of_submitit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One that controls a job ended with a traceback, and killed its job a second later."""
    local = pytest.importorskip("submitit.local.local")

    def started(folder: str, command: str) -> tuple[set[int], str, str]:
        return signal.pthread_sigmask(signal.SIG_BLOCK, ()), folder, command

    monkeypatch.setattr(local, "start_controller", started)
    monkeypatch.setenv(stopping.LAUNCHER, "")
    with stop_signals.listening():
        stopping.pass_signals_on(OmegaConf.create({}), "submitit.LocalLauncher")
        blocked, *arguments = local.start_controller("folder", command="command")
    assert {signal.SIGINT, signal.SIGHUP} <= blocked
    assert arguments == ["folder", "command"]
    assert not {signal.SIGINT, signal.SIGHUP} & signal.pthread_sigmask(signal.SIG_BLOCK, ())


IDLE_WORKER = """
import subprocess, sys
worker = subprocess.Popen([sys.executable, "-c", '''
import time
from swarmhydra.run import stop_signals
stop_signals.listen_as_worker()
print("listens", flush=True)
while True:
    time.sleep(0.1)
'''], stdout=subprocess.PIPE)
worker.stdout.readline()
print(worker.pid, flush=True)
sys.stdin.read()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not tell of such a death")
def test_a_worker_without_a_job_ends_with_its_parent() -> None:
    """Killed, a sweep left its workers idle for minutes."""
    parent = subprocess.Popen(
        [sys.executable, "-c", IDLE_WORKER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert parent.stdout is not None
    worker = Path("/proc") / parent.stdout.readline().strip()
    assert worker.is_dir()
    parent.kill()
    parent.communicate()
    until = time.monotonic() + 20.0
    while _goes_on(worker) and time.monotonic() < until:
        time.sleep(0.02)
    assert not _goes_on(worker)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not tell of such a death")
def test_a_worker_that_begins_after_the_end_of_its_parent_ends_at_once() -> None:
    """It waited for the rest of a job for ever."""
    code = "from swarmhydra.run.stop_signals import listen_as_worker as f; f({}); print('goes on')"
    for parent, status, out in ((os.getpid(), 0, "goes on\n"), (1, 143, "")):
        command = [sys.executable, "-c", code.format(parent)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout) == (status, out), done.stderr


def _goes_on(process: Path) -> bool:
    """Whether a process has not ended; one that nobody waits for stays in the list."""
    try:
        return " Z " not in (process / "stat").read_text(encoding="utf-8")
    except OSError:
        return False


def test_a_job_ends_with_the_process_that_launched_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed alone, a launcher of submitit would leave jobs that go on for hours."""
    monkeypatch.setattr(stop_signals, "LOOK_EVERY", 0.01)
    launcher = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    with stop_signals.listening() as signals, stop_signals.following(launcher.pid):
        time.sleep(0.1)
        assert signals.received is None
        launcher.kill()
        launcher.communicate()
        until = time.monotonic() + 10.0
        while signals.received is None and time.monotonic() < until:
            time.sleep(0.01)
        assert signals.received == signal.SIGTERM


def test_the_user_is_told_at_once(capfd: pytest.CaptureFixture[str]) -> None:
    with stop_signals.listening(announce=True):
        come(signal.SIGINT)
    assert (
        capfd.readouterr().err == "\nSIGINT: ending with a checkpoint, once more to end at once\n"
    )


# Jobs and sweeps

Program = Callable[..., int]


SWEEP = ("-m", "hydra.sweep.dir=sweep", "sim.en=10,20")


def send_while_saving(monkeypatch: pytest.MonkeyPatch, *numbers: int) -> None:
    """Let signals come when a result is about to be written."""
    save = job.save

    def interrupted(*arguments: Any) -> None:
        for number in numbers:
            come(number)
        save(*arguments)

    monkeypatch.setattr(job, "save", interrupted)


def test_a_signal_while_a_result_is_written_ends_the_sweep_after_it(
    ran: list[float],
    program: Program,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    save = job.save
    send_while_saving(monkeypatch, signal.SIGTERM)
    assert program(*SWEEP) == 128 + signal.SIGTERM
    assert ran == [10.0]
    told = capsys.readouterr().err
    assert "stopped by SIGTERM" in told
    assert "1 of 2 jobs finished" in told
    assert "resume=true" in told
    assert "Traceback" not in told
    assert swarmhydra.open_run("sweep/0").attrs["complete"] == 1
    monkeypatch.setattr(job, "save", save)
    assert program(*SWEEP, "resume=true") == 0
    assert ran == [10.0, 20.0]


def test_a_second_ctrl_c_while_a_result_is_written_does_not_disturb_that(
    ran: list[float],
    program: Program,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """An exception in the middle of it may leave the locks of the library held for ever."""
    send_while_saving(monkeypatch, signal.SIGINT, signal.SIGINT)
    assert program(*SWEEP) == 128 + signal.SIGINT
    assert ran == [10.0]
    assert "1 of 2 jobs finished" in capsys.readouterr().err
    assert swarmhydra.open_run("sweep/0").attrs["complete"] == 1


def test_a_second_ctrl_c_ends_with_a_line_and_the_summary_of_the_sweep(
    program: Program, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def twice(*_: Any) -> None:
        come(signal.SIGINT)
        come(signal.SIGINT)

    monkeypatch.setattr(simulation, "run", twice)
    assert program(*SWEEP) == 128 + signal.SIGINT
    told = capsys.readouterr().err
    assert "ended at once by a second SIGINT" in told
    assert "0 of 2 jobs finished" in told
    assert "Traceback" not in told
    assert jobs_in("sweep")[0].status == "stopped"
    assert program("hydra.run.dir=single") == 128 + signal.SIGINT
    assert capsys.readouterr().err.count("second SIGINT") == 1


def test_a_signal_that_came_before_the_run_ends_it_with_a_line(
    ran: list[float], program: Program, capsys: pytest.CaptureFixture[str]
) -> None:
    with stop_signals.listening():
        come(signal.SIGHUP)
        assert program("hydra.run.dir=single") == 128 + signal.SIGHUP
    assert ran == []
    assert capsys.readouterr().err.endswith("stopped by SIGHUP before the run began\n")


@pytest.mark.parametrize("launcher", ["joblib", "submitit_local"])
def test_a_signal_that_came_before_the_first_job_ends_a_sweep_with_its_summary(
    launcher: str,
    program: Program,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    pytest.importorskip("hydra_plugins")
    # This process may have children of other tests, the program has none yet.
    monkeypatch.setattr(stopping, "_stop_workers", stopping._stop_waiting)
    monkeypatch.setattr(stopping, "_stop_children", stopping._stop_waiting)
    monkeypatch.setattr(launching, "wait_for_the_others", lambda _: None)
    monkeypatch.setattr(stopping, "_keep_signals_from_submitit", lambda: None)
    monkeypatch.setenv(stopping.LAUNCHER, "")
    with stop_signals.listening():
        come(signal.SIGINT)
        assert program(*SWEEP, f"hydra/launcher={launcher}") == 128 + signal.SIGINT
    told = capsys.readouterr().err
    assert "stopped waiting" in told
    assert "0 of 2 jobs finished" in told
    assert "resume=true" in told


@pytest.mark.parametrize("by_signal", [False, True])
def test_compiling_that_a_signal_ends_is_no_failure(
    by_signal: bool, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The traceback of KeyboardInterrupt was shown as the reason."""

    def ended(command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        if by_signal:
            come(signal.SIGINT)
        return subprocess.CompletedProcess(command, 1, "", "no room for the kernels")

    monkeypatch.setattr(subprocess, "run", ended)
    config = Config()
    config.accel.backend = Backend.jit
    with stop_signals.listening():
        launching._compile_once([config])
    assert ("no room for the kernels" in caplog.text) != by_signal


def test_an_interrupted_run_says_how_to_go_on(
    program: Program, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stopped(config: Config, progress: object, monitor: Any, *_: Any) -> None:
        come(signal.SIGTERM)
        assert monitor.stop_requested
        monitor.save({"number": 1})
        raise Interrupted

    monkeypatch.setattr(simulation, "run", stopped)
    assert program("hydra.run.dir=single") == 128 + signal.SIGTERM
    told = capsys.readouterr().err
    assert "stopped by SIGTERM; to go on: python -m swarmhydra hydra.run.dir=" in told


def test_a_run_that_has_measured_nothing_is_no_result(
    program: Program, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def nothing(*_: Any) -> None:
        raise NothingMeasured("the time was up: nothing was measured")

    monkeypatch.setattr(simulation, "run", nothing)
    assert program("hydra.run.dir=single") == 1
    assert capsys.readouterr().err.endswith("the time was up: nothing was measured\n")
    assert not list(Path("single").glob("*.nc"))
    assert jobs_in("single")[0].status == "nothing measured"
    assert program(*SWEEP) == 1
    told = capsys.readouterr().err
    assert "0 of 2 jobs finished" in told
    assert "1 (sim.en=20): nothing measured, the time was up: nothing was measured" in told
    again: list[float] = []

    def measures(config: Config, *_: Any) -> RunRecord:
        again.append(config.sim.en)
        return fake_record(en=config.sim.en, bins=5, samples=3, sub_swarms=4)

    monkeypatch.setattr(simulation, "run", measures)
    assert program(*SWEEP, "resume=true") == 0
    assert again == [10.0, 20.0]


# Streams


@pytest.mark.parametrize("name", ["stdout", "stderr"])
def test_a_saved_result_is_a_finished_job_whatever_the_streams_do(
    name: str, ran: list[float], program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Path("/dev/full").open("w") as full:
        with monkeypatch.context() as patch:
            patch.setattr(sys, name, full)
            assert program("-m", "hydra.sweep.dir=sweep", "sim.en=10,20") == 0
        # What it still holds could not be written where it is closed.
        os.dup2(os.open(os.devnull, os.O_WRONLY), full.fileno())
    assert [each.status for each in jobs_in("sweep")] == ["finished"] * 2


def test_no_letter_is_too_much_for_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """As with PYTHONIOENCODING=ascii, which no table with a ± could be written to."""
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, encoding="ascii"))
    monkeypatch.setattr(logging, "raiseExceptions", True)
    console.prepare()
    console.say("6.81 ± 0.02 eV")
    assert written.getvalue() == b"6.81 \\xb1 0.02 eV\n"


def test_lines_that_cannot_be_written_are_lost(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    closed = (tmp_path / "closed").open("w")
    closed.close()
    for stream in (None, closed):
        monkeypatch.setattr(sys, "stdout", stream)
        console.say("a line")
        console.finish()


# The end of the program


def test_a_signal_after_the_end_changes_nothing(
    ran: list[float], program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While streams are flushed and Python shuts down, once a result is saved and shown."""

    def late() -> None:
        come(signal.SIGINT)
        come(signal.SIGINT)
        come(signal.SIGTERM)

    monkeypatch.setattr(console, "finish", late)
    with stop_signals.listening() as signals:
        assert program("hydra.run.dir=single") == 0
        assert signals.received is None
    assert jobs_in("single")[0].status == "finished"


def test_signals_are_ignored_from_the_end_on() -> None:
    before = signal.getsignal(signal.SIGTERM)
    try:
        with stop_signals.listening() as signals:
            signals.end_ignored()
        come(signal.SIGTERM)
        assert signals.received is None
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, before if number != signal.SIGINT else signal.default_int_handler)


def test_a_second_ctrl_c_during_the_summary_ends_with_a_line(
    ran: list[float],
    program: Program,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def twice(*_: Any) -> str:
        come(signal.SIGINT)
        come(signal.SIGINT)
        return ""

    monkeypatch.setattr(launching, "table_of_jobs", twice)
    assert program(*SWEEP) == 128 + signal.SIGINT
    assert "ended at once by a second SIGINT" in capsys.readouterr().err
