"""What watches a run from outside: when to write a checkpoint, when to stop."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from swarmhydra.run import checkpoint
from swarmhydra.run.stop_signals import StopSignals

log = logging.getLogger(__name__)


class RunMonitor(Protocol):
    """Writes the checkpoints of a run, and asks it to stop."""

    @property
    def stop_requested(self) -> bool:
        """Whether the run shall end."""

    def checkpoint_due(self) -> bool:
        """Whether a checkpoint shall be written now."""

    def save(self, state: Mapping[str, Any]) -> None:
        """Write a checkpoint."""


class JobMonitor:
    """Writes checkpoints now and then, and when a signal asks the run to stop.

    Parameters
    ----------
    signals : StopSignals
    path : Path
        File of the checkpoint.
    fingerprint : str
        From `config.trajectory_fingerprint`.
    every : float or None
        Time between two checkpoints (s); None writes one only when asked to stop.
    """

    def __init__(
        self, signals: StopSignals, path: Path, fingerprint: str, every: float | None
    ) -> None:
        self._signals, self._path, self._fingerprint = signals, path, fingerprint
        self._every = float("inf") if every is None else every
        self._last = time.monotonic()

    @property
    def stop_requested(self) -> bool:
        """Whether a signal has come."""
        return self._signals.received is not None

    def checkpoint_due(self) -> bool:
        """Whether it is time for a checkpoint."""
        return self.stop_requested or time.monotonic() - self._last >= self._every

    def save(self, state: Mapping[str, Any]) -> None:
        """Write a checkpoint; a failure is logged, and the run goes on."""
        self._last = time.monotonic()
        try:
            checkpoint.write(self._path, state, self._fingerprint)
        except OSError as error:
            log.error("cannot write %s: %s", self._path, error.strerror or error)
        else:
            log.debug("wrote %s", self._path)
