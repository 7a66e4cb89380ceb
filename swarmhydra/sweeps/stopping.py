"""Signals that stop a sweep: passed on to its jobs, which end with a checkpoint each."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from omegaconf import DictConfig

from swarmhydra.run import stop_signals

LAUNCHER = "SWARMHYDRA_LAUNCHER"
"""Tells processes of submitit on this machine the number of the one that launched them."""

ASK_EVERY = 1.0
"""Time after which processes are asked once more to stop (s)."""


class GivenUp(BaseException):
    """A signal came to a process that can only wait for its jobs, or had not started any."""


def pass_signals_on(settings: DictConfig, launcher: str) -> None:
    """Let signals stop the jobs, each with its checkpoint, instead of their launcher."""
    if launcher.endswith("JoblibLauncher") and settings.n_jobs != 1:
        _start_tracker()
        _let_workers_listen()
        stop_signals.forward_to(lambda: _until_all_have_ended(_stop_workers))
    elif launcher.endswith("LocalLauncher"):
        os.environ[LAUNCHER] = str(os.getpid())
        _keep_signals_from_submitit()
        stop_signals.forward_to(lambda: _until_all_have_ended(_stop_children))
    elif launcher.endswith("SlurmLauncher"):
        stop_signals.forward_to(_stop_waiting)


def _start_tracker() -> None:
    """Start the process that removes what joblib's workers share, so that SIGHUP does not end it.

    It ignores Ctrl-C and SIGTERM only. If a terminal that is closed ended it, the next one would be
    asked to remove what it knows nothing of, and complain with tracebacks.
    """
    from joblib.externals.loky.backend import resource_tracker

    with stop_signals.kept_from_children():
        resource_tracker.ensure_running()


def _let_workers_listen() -> None:
    """Let joblib's workers listen to signals from their start, and end if this process has ended.

    One that was killed while it handed the first job over would leave them waiting for the rest.
    """
    import joblib
    from joblib.parallel import LokyBackend

    listen = partial(stop_signals.listen_as_worker, os.getpid())

    class Listening(LokyBackend):  # type: ignore[misc]
        def configure(self, *arguments: Any, **options: Any) -> Any:
            return super().configure(*arguments, initializer=listen, **options)

    joblib.register_parallel_backend("loky", Listening)


def _keep_signals_from_submitit() -> None:
    """Let signals of the terminal not reach the processes of submitit on this machine.

    Ctrl-C would end those that control the jobs with tracebacks, and a second later they kill their
    jobs: these are asked to stop instead, and have the time to save.
    """
    from submitit.local import local

    start = local.start_controller

    def started(*arguments: Any, **options: Any) -> Any:
        with stop_signals.kept_from_children():
            return start(*arguments, **options)

    local.start_controller = started


def _until_all_have_ended(stop: Callable[[], None]) -> None:
    """Ask processes to stop, now and again while there are any.

    Once is not enough: a process that is about to be started gets no signal, and one of submitit's
    ignores it until its job has begun.
    """
    stop()

    def again() -> None:
        with suppress(GivenUp):
            while True:
                time.sleep(ASK_EVERY)
                stop()

    threading.Thread(target=again, name="stopping the jobs", daemon=True).start()


def _stop_workers() -> None:
    """Ask the workers of joblib to stop."""
    workers = multiprocessing.active_children()
    if not workers:
        raise GivenUp("stopped before the first job began")
    for worker in workers:
        worker.terminate()


def _stop_children() -> None:
    """Ask the processes of submitit on this machine to stop."""
    children = Path(f"/proc/self/task/{os.getpid()}/children")
    numbers = children.read_text().split() if children.is_file() else []
    if not numbers:
        raise GivenUp("stopped before the first job began")
    for number in numbers:
        with suppress(ProcessLookupError):
            os.kill(int(number), signal.SIGTERM)


def _stop_waiting() -> None:
    """Leave jobs that the queue of a cluster runs to themselves."""
    raise GivenUp("stopped waiting; jobs in the queue of the cluster go on")
