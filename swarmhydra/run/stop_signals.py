"""Signals that ask a run to stop."""

from __future__ import annotations

import os
import signal
from types import FrameType, TracebackType
from typing import Any


class StopSignals:
    """Takes note of signals instead of ending the process.

    A context: within it SIGINT (Ctrl-C), SIGTERM and the signal by which submitit announces a
    preemption or the end of the time limit are noted. A second Ctrl-C raises KeyboardInterrupt.

    Attributes
    ----------
    received : int or None
        The signal that has come.
    """

    def __init__(self) -> None:
        self._before: dict[int, Any] = {}
        self.received: int | None = None

    def __enter__(self) -> StopSignals:
        for signum in _signals():
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

    def hand_over(self) -> None:
        """Pass the signal on to the handler that was there before, such as that of submitit.

        Submitit then requeues the job.
        """
        handler = self._before.get(self.received or 0)
        if callable(handler) and self.received not in (signal.SIGINT, signal.SIGTERM):
            handler(self.received, None)

    def _receive(self, signum: int, _: FrameType | None) -> None:
        """Take note of a signal."""
        if self.received == signum == signal.SIGINT:
            raise KeyboardInterrupt
        self.received = signum


def _signals() -> list[int]:
    """The signals that ask a run to stop."""
    signals: list[int] = [signal.SIGINT, signal.SIGTERM]
    if "SUBMITIT_EXECUTOR" in os.environ:
        name = f"SIG{os.environ.get('SUBMITIT_PREEMPT_SIGNAL', 'USR2')}"
        signals += [getattr(signal, name)] if hasattr(signal, name) else []
    return signals
