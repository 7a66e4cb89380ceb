"""Signals that ask a run to stop, from the start of the process to its end."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from types import FrameType, TracebackType
from typing import Any

LOOK_EVERY = 1.0
"""Time between two looks whether the launcher is still there (s)."""

PARENT_DEATH_SIGNAL = 1
"""PR_SET_PDEATHSIG of prctl(2)."""


class StopSignals:
    """Takes note of signals instead of ending the process.

    A context: within it SIGINT (Ctrl-C), SIGTERM, SIGHUP and the signal by which submitit announces
    a preemption or the end of the time limit are noted. A second Ctrl-C raises KeyboardInterrupt.
    Signals that the process was started to ignore, as by nohup, stay ignored.

    Parameters
    ----------
    announce : bool, optional
        Whether to say on standard error that a signal has come: the run may take a while to end.

    Attributes
    ----------
    received : int or None
        The first signal that has come.
    forward : callable or None
        Called when it comes.
    too_late : bool
        Whether the status of the process is decided, so that signals change nothing more.
    """

    def __init__(self, announce: bool = False) -> None:
        self._announce = announce
        self._before: dict[int, Any] = {}
        self._waits = False
        self.received: int | None = None
        self.forward: Callable[[], None] | None = None
        self.too_late = False

    def __enter__(self) -> StopSignals:
        # Python delivers signals to the main thread only.
        if threading.current_thread() is threading.main_thread():
            for signum in _signals():
                if signal.getsignal(signum) is not signal.SIG_IGN:
                    self._before[signum] = signal.signal(signum, self._receive)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for signum, handler in self._before.items():
            signal.signal(signum, handler)

    @property
    def name(self) -> str:
        """Name of the signal that has come, such as SIGTERM."""
        return signal.Signals(self.received or 0).name

    @contextlib.contextmanager
    def undisturbed(self) -> Iterator[None]:
        """A moment, such as that of saving, in which a second Ctrl-C changes nothing.

        Libraries that hold a lock may never release it when an exception comes from outside.
        """
        self._waits = True
        try:
            yield
        finally:
            self._waits = False

    def hand_over(self) -> None:
        """Pass the signal on to the handler that was there before, such as that of submitit.

        Submitit then requeues the job.
        """
        handler = self._before.get(self.received or 0)
        if callable(handler) and self.received not in (signal.SIGINT, signal.SIGTERM):
            handler(self.received, None)

    def end_ignored(self) -> None:
        """Leave signals ignored after the context: only the end of the process is left."""
        self._before = dict.fromkeys(self._before, signal.SIG_IGN)

    def _receive(self, signum: int, _: FrameType | None) -> None:
        """Take note of a signal."""
        if self.too_late:
            return
        if self.received == signum == signal.SIGINT and not self._waits:
            raise KeyboardInterrupt
        if self.received is None:
            self.received = signum
            if self._announce:
                self._say(signum)
            if self.forward is not None:
                self.forward()

    def _say(self, signum: int) -> None:
        """Announce that the run will end."""
        more = ", once more to end at once" if signum == signal.SIGINT else ""
        line = f"\n{signal.Signals(signum).name}: ending with a checkpoint{more}\n"
        # Not through sys.stderr, which may be in the middle of a line.
        with contextlib.suppress(OSError):
            os.write(2, line.encode())


_of_this_process: StopSignals | None = None


@contextlib.contextmanager
def listening(announce: bool = False) -> Iterator[StopSignals]:
    """The signals of this process; contexts within contexts share them.

    Parameters
    ----------
    announce : bool, optional
        As for `StopSignals`; the outermost context decides.
    """
    global _of_this_process
    if _of_this_process is not None:
        yield _of_this_process
        return
    with StopSignals(announce) as signals:
        _of_this_process = signals
        try:
            yield signals
        finally:
            _of_this_process = None


def forward_to(action: Callable[[], None]) -> None:
    """Do something besides when the first signal comes, or has come, such as to tell others."""
    signals = _of_this_process
    if signals is not None:
        signals.forward = action
        if signals.received is not None:
            action()


@contextlib.contextmanager
def kept_from_children() -> Iterator[None]:
    """Processes that are started within the context get neither Ctrl-C nor SIGHUP of the terminal.

    They inherit what this one does not take meanwhile. Signals for itself wait until the end.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGHUP})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def listen_as_worker(parent: int | None = None) -> None:
    """Take the signals of a worker of joblib, which carries out one job after the other.

    It listens between its jobs too, and takes the death of its parent for SIGTERM. Where no job is
    running then, nobody is left to send one, and the worker ends.

    Parameters
    ----------
    parent : int, optional
        Number of the process that started it, which may have ended since; that of its parent now by
        default.
    """
    global _of_this_process
    if _of_this_process is None:
        _of_this_process = _Worker(parent or os.getppid()).__enter__()


class _Worker(StopSignals):
    """Signals of a process that ends with its parent."""

    def __init__(self, parent: int) -> None:
        super().__init__()
        self._parent = parent
        self.at_work = False

    def __enter__(self) -> StopSignals:
        super().__enter__()
        if sys.platform == "linux":
            import ctypes  # Imported here: only workers need it.

            with contextlib.suppress(OSError, AttributeError):
                ctypes.CDLL(None).prctl(PARENT_DEATH_SIGNAL, signal.SIGTERM)
        if os.getppid() != self._parent:
            os._exit(128 + signal.SIGTERM)
        return self

    def _receive(self, signum: int, frame: FrameType | None) -> None:
        """Take note of a signal; end if there is neither work nor parent."""
        if os.getppid() != self._parent and not self.at_work:
            os._exit(128 + signum)
        super()._receive(signum, frame)


@contextlib.contextmanager
def at_work() -> Iterator[None]:
    """A job of a worker: it is not ended by the death of the parent before it is saved."""
    worker = _of_this_process
    if isinstance(worker, _Worker):
        worker.at_work = True
    try:
        yield
    finally:
        if isinstance(worker, _Worker):
            worker.at_work = False
            if os.getppid() != worker._parent:
                os._exit(128 + (worker.received or signal.SIGTERM))


@contextlib.contextmanager
def following(process: int) -> Iterator[None]:
    """A job that takes the death of the process that launched it for SIGTERM.

    For processes of submitit on this machine, which are no children of it: nobody would be left to
    stop them.

    Parameters
    ----------
    process : int
        Number of the process.
    """
    end = threading.Event()

    def watch() -> None:
        while not end.wait(LOOK_EVERY):
            if not _is_there(process):
                os.kill(os.getpid(), signal.SIGTERM)
                return

    threading.Thread(target=watch, name="following the launcher", daemon=True).start()
    try:
        yield
    finally:
        end.set()


def _is_there(process: int) -> bool:
    """Whether there is a process of this number."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        # It exists, and belongs to another user.
        pass
    return True


def _signals() -> list[int]:
    """The signals that ask a run to stop."""
    signals: list[int] = [signal.SIGINT, signal.SIGTERM]
    if hasattr(signal, "SIGHUP"):
        signals.append(signal.SIGHUP)
    if "SUBMITIT_EXECUTOR" in os.environ:
        name = f"SIG{os.environ.get('SUBMITIT_PREEMPT_SIGNAL', 'USR2')}"
        signals += [getattr(signal, name)] if hasattr(signal, name) else []
    return signals
