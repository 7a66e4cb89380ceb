"""The life of one job in its folder: go on from what is there, run, save, leave the status."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from swarmhydra.config import (
    Config,
    ConfigError,
    Method,
    fingerprint,
    sub_swarm_count,
    trajectory_fingerprint,
)
from swarmhydra.job_folder import status as job_status
from swarmhydra.results.earlier import Earlier, earlier_result
from swarmhydra.results.files import open_run, save
from swarmhydra.results.record import RunRecord
from swarmhydra.results.summary import summary
from swarmhydra.results.tree import build_tree
from swarmhydra.run import checkpoint, repeated, stop_rules
from swarmhydra.run.methods import carry_out
from swarmhydra.run.monitor import JobMonitor
from swarmhydra.run.progress import Progress
from swarmhydra.run.simulation import Interrupted, NothingMeasured
from swarmhydra.run.stop_signals import StopSignals

log = logging.getLogger(__name__)


class Unsaved(Exception):
    """The result cannot be written; one line that says what to do."""


@dataclass(frozen=True)
class Ending:
    """How a job ended.

    Attributes
    ----------
    status : str
        As in `job_folder.status.Job`.
    text : str
        The result as a table, or a line that says why there is none.
    """

    status: str
    text: str


@dataclass(frozen=True)
class JobRun:
    """A job in a folder that this process owns.

    Attributes
    ----------
    config : Config
    file : Path
        The result file.
    overrides : sequence of str
        Its settings, as on the command line.
    """

    config: Config
    file: Path
    overrides: Sequence[str]

    @property
    def checkpoint(self) -> Path:
        """The file of its checkpoint."""
        return self.file.with_name(job_status.CHECKPOINT)

    def carry_out(self, signals: StopSignals, show: Callable[[Progress], None]) -> Ending:
        """Run, unless that has been done, and save the result.

        Parameters
        ----------
        signals : StopSignals
        show : callable
            Called with the progress.

        Raises
        ------
        ConfigError
            If the folder holds the work of another configuration, or a checkpoint that is damaged.
        Unsaved
            If the result cannot be written.
        """
        earlier = earlier_result(
            self.file, self._fingerprint, self._trajectory, overwrite=self.config.overwrite
        )
        if earlier is Earlier.FINISHED:
            log.info("finished earlier: %s", self.file)
            self._leave(job_status.FINISHED)
            with signals.undisturbed():
                return Ending(job_status.FINISHED, summary(open_run(self.file)))
        if earlier is Earlier.DAMAGED:
            log.warning("%s cannot be read, or was damaged; computing it again", self.file)
        state = self._earlier_state()
        # Do not compute for a folder in which not even the status can be written.
        self._leave(job_status.UNFINISHED, is_required=True)
        self._announce(going_on=state is not None)
        every = self.config.sim.checkpoint_every
        monitor = JobMonitor(signals, self.checkpoint, self._trajectory, every)
        try:
            record = carry_out(self.config, show, monitor, state)
        except Interrupted as interrupted:
            with signals.undisturbed():
                return self._stop(interrupted, signals)
        except NothingMeasured as error:
            self._leave(job_status.NOTHING_MEASURED, str(error))
            return Ending(job_status.NOTHING_MEASURED, str(error))
        except KeyboardInterrupt:
            self._leave(job_status.STOPPED)
            raise
        with signals.undisturbed():
            return self._finish(record)

    def _finish(self, record: RunRecord) -> Ending:
        """Save the result of a run that has come to its end."""
        table = self._save(record)
        if record.attributes["stop_reason"] not in stop_rules.LIMITS:
            with contextlib.suppress(OSError):
                self.checkpoint.unlink(missing_ok=True)
        self._leave(job_status.FINISHED)
        return Ending(job_status.FINISHED, table)

    def _earlier_state(self) -> dict[str, Any] | None:
        """The state to go on from; a checkpoint of another run is dropped if that is asked for."""
        if self.checkpoint.is_dir():
            raise ConfigError(f"{self.checkpoint} is a folder; expected room for a checkpoint")
        if not self.checkpoint.is_file():
            return None
        try:
            return checkpoint.read(self.checkpoint, self._trajectory)
        except ConfigError as error:
            if not self.config.overwrite:
                raise
            log.warning("%s; overwrite=true starts from the beginning", error)
            return None

    @property
    def _fingerprint(self) -> str:
        """Identity of the result."""
        return fingerprint(self.config)

    @property
    def _trajectory(self) -> str:
        """Identity of the checkpoint."""
        return trajectory_fingerprint(self.config)

    def _announce(self, going_on: bool) -> None:
        """Log what is about to run."""
        method, gas, sim = self.config.method, self.config.gas, self.config.sim
        how = f"method={method.name}"
        if method.kind is Method.monte_carlo:
            streams = f"{sub_swarm_count(sim)} sub-swarms"
            how = f"accel={self.config.accel.name} sim.seed={sim.seed}, {streams}"
        fields = {"sim.en": sim.en, "sim.bn": sim.bn, "sim.frequency": sim.frequency}
        field = " ".join(
            f"{key}={value:g}" for key, value in fields.items() if value or key == "sim.en"
        )
        log.info("gas=%s %s %s, output %s", gas.name, field, how, self.file)
        if going_on:
            log.info("going on from %s", self.checkpoint)

    def _save(self, record: RunRecord) -> str:
        """Write the result; return it as a table."""
        record.attributes["history"] = " ".join([*repeated.command(), *self.overrides])
        tree = build_tree(record)
        try:
            save(tree, self.file)
        except OSError as error:
            start = f"go on from {self.checkpoint.name}" if self._can_go_on() else "run once more"
            raise Unsaved(f"{error}; once that is mended, the same command will {start}") from error
        log.info("wrote %s", self.file)
        page = self.file.with_name(job_status.REPORT)
        if page.is_file():
            with contextlib.suppress(OSError):
                page.unlink()
                log.info("removed %s: it was made of the result that is replaced", page.name)
        return summary(tree)

    def _can_go_on(self) -> bool:
        """Whether there is a checkpoint."""
        return self.checkpoint.is_file()

    def _stop(self, interruption: Interrupted, signals: StopSignals) -> Ending:
        """Save what has been measured so far, and hand the signal on."""
        if interruption.record is not None:
            try:
                self._save(interruption.record)
            except Unsaved as error:
                log.error("%s", error)
        self._leave(job_status.STOPPED)
        signals.hand_over()
        without = "" if self._can_go_on() else ", without a checkpoint"
        return Ending(job_status.STOPPED, f"stopped by {signals.name}{without}")

    def _leave(self, status: str, reason: str = "", is_required: bool = False) -> None:
        """Write the status into the folder; a failure matters only at the start."""
        try:
            job_status.write_status(
                self.file,
                self._fingerprint,
                self.overrides,
                status,
                reason,
                trajectory=self._trajectory,
            )
        except OSError as error:
            if is_required:
                place = self.file.with_name(job_status.STATUS_FILE)
                raise ConfigError(
                    f"cannot write {place} ({error.strerror}); expected a folder that can be "
                    "written"
                ) from error
