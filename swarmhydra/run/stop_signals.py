"""Signals that tell a run to stop, and the checkpoints that it leaves."""

from __future__ import annotations

import logging
import os
import signal
import time
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any

from swarmhydra.run import checkpoint
from swarmhydra.run.checkpoint import Content

log = logging.getLogger(__name__)


class SignalledKeeper:
    """Writes checkpoints now and then, and when a signal tells the run to stop.

    A context: within it SIGINT (Ctrl-C), SIGTERM and the signal by which submitit announces a
    preemption or the end of the time limit tell the run to stop. A second Ctrl-C raises
    KeyboardInterrupt.

    Parameters
    ----------
    path : Path
        Of the checkpoint.
    fingerprint : str
        Of the configuration.
    every : float or None
        Time between two checkpoints (s); None writes one only when told to stop.

    Attributes
    ----------
    received : int or None
        The signal that told the run to stop.
    """

    def __init__(self, path: Path, fingerprint: str, every: float | None) -> None:
        self._path, self._fingerprint = path, fingerprint
        self._every = float("inf") if every is None else every
        self._last = time.monotonic()
        self._before: dict[int, Any] = {}
        self.received: int | None = None

    def __enter__(self) -> SignalledKeeper:
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

    @property
    def told_to_stop(self) -> bool:
        """Whether a signal has come."""
        return self.received is not None

    def due(self) -> bool:
        """Whether it is time for a checkpoint."""
        return self.told_to_stop or time.monotonic() - self._last >= self._every

    def keep(self, content: Content) -> None:
        """Write a checkpoint; a run that cannot goes on all the same, and says so."""
        self._last = time.monotonic()
        try:
            checkpoint.write(self._path, content, self._fingerprint)
        except OSError as error:
            log.error("cannot write %s: %s", self._path, error.strerror or error)
        else:
            log.debug("wrote %s", self._path)

    def hand_over(self) -> None:
        """Pass the signal on to whoever would have had it, such as submitit, to requeue the job."""
        handler = self._before.get(self.received or 0)
        if callable(handler) and self.received not in (signal.SIGINT, signal.SIGTERM):
            handler(self.received, None)

    def _receive(self, signum: int, _: FrameType | None) -> None:
        """Take note of a signal."""
        if self.received == signum == signal.SIGINT:
            raise KeyboardInterrupt
        self.received = signum


def _signals() -> list[int]:
    """The signals that tell a run to stop."""
    signals: list[int] = [signal.SIGINT, signal.SIGTERM]
    if "SUBMITIT_EXECUTOR" in os.environ:
        name = f"SIG{os.environ.get('SUBMITIT_PREEMPT_SIGNAL', 'USR2')}"
        signals += [getattr(signal, name)] if hasattr(signal, name) else []
    return signals
