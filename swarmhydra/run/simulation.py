"""One run: a loop over windows, from one stage to the next, until a stop rule is met."""

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, replace
from typing import Any

import numpy as np

from swarmhydra.config import Config, ConfigError, fingerprint, rel_error_targets
from swarmhydra.estimators.control_variates import ControlVariates
from swarmhydra.kernels import contract
from swarmhydra.results.record import Estimate, RunRecord
from swarmhydra.run import collect_results, memory, stages, stop_rules
from swarmhydra.run.clock import Clock
from swarmhydra.run.controlled_start import controlled_start
from swarmhydra.run.forecast import Forecast
from swarmhydra.run.monitor import RunMonitor
from swarmhydra.run.progress import Progress
from swarmhydra.run.run_warnings import run_warnings
from swarmhydra.run.stages import Measurement, Measuring, Relaxation, Settling, Stage
from swarmhydra.swarm.electrons import Extinct
from swarmhydra.swarm.ensemble import Ensemble

log = logging.getLogger(__name__)


LONG_WINDOW = 0.5
"""Wall time of a window (s) from which on the sums at its opening are kept, so that the run can end
in its middle; a run waits for the end of a shorter one."""

FIRST_WINDOW = 5.0
"""Wall time (s) after which the first window shows how long those to come will take."""

PATIENCE = 2.0
"""Time for which a run that is asked to stop waits for the end of a window (s)."""


class NothingMeasured(RuntimeError):
    """The run ended before it had measured anything; one line that says why."""


class Interrupted(Exception):
    """The run was asked to stop, and has written a checkpoint.

    Parameters
    ----------
    record : RunRecord or None
        What had been measured by then; None before the measurement.
    """

    def __init__(self, record: RunRecord | None = None) -> None:
        super().__init__("asked to stop")
        self.record = record


def run(
    config: Config,
    progress: Callable[[Progress], None] | None = None,
    monitor: RunMonitor | None = None,
    checkpoint: Mapping[str, Any] | None = None,
) -> RunRecord:
    """Simulate a swarm until a stop rule is met.

    Parameters
    ----------
    config : Config
        Checked, as by `config.typed`.
    progress : callable, optional
        Called with the progress after every few steps.
    monitor : RunMonitor, optional
        Asked after every few steps whether to write a checkpoint, or to stop.
    checkpoint : mapping, optional
        State to go on from; one that a run with the same configuration handed to its monitor.

    Returns
    -------
    RunRecord
        All results, with errors.

    Raises
    ------
    Interrupted
        If the monitor asked the run to stop.
    NothingMeasured
        If the run ended before it had measured anything.
    """
    simulation = Simulation(config, progress, monitor)
    if checkpoint is not None:
        simulation.load_state_dict(checkpoint)
    return simulation.run()


class _EndOfRun(Exception):
    """The run ends in the middle of a window.

    Parameters
    ----------
    reason : str
        Why it ends.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Simulation:
    """A run: the ensemble, the stage it is in, and the loop over the windows.

    Parameters
    ----------
    config : Config
    progress : callable, optional
    monitor : RunMonitor, optional

    Attributes
    ----------
    ensemble : Ensemble
        The swarm.
    stage : Stage
        The stage of the window that is under way.
    """

    def __init__(
        self,
        config: Config,
        progress: Callable[[Progress], None] | None = None,
        monitor: RunMonitor | None = None,
    ) -> None:
        self._config = config
        self._progress = progress
        self._monitor = monitor
        self._stage_began = 0.0
        self._interrupted_at: float | None = None
        self._window_seconds = 0.0
        self._estimates: dict[str, Estimate] = {}
        # Computed now, because files of cross sections may be edited during the run.
        self._fingerprint = fingerprint(config)
        memory.check(config)
        self.ensemble = self._new_ensemble()
        self._forecast = Forecast(config, controlled=self._control is not None)
        # From here on, so that compiling uses up none of the wall time.
        self._clock = Clock()
        self.stage = self._first_stage()

    def _new_ensemble(self) -> Ensemble:
        """The swarm."""
        self._controlled = controlled_start(self._config)
        if self._config.method.sensitivity and self._controlled is None:
            raise ConfigError(
                "method.sensitivity=true: this gas, field and start leave no control variates to "
                "take it from; expected what method=boltzmann can solve, and sim.initial_spread=0"
            )
        if self._controlled is None:
            return Ensemble(self._config)
        memory.check(self._config, self._controlled.moments.shape)
        return Ensemble(self._config, self._controlled.start, self._controlled.moments)

    def _first_stage(self) -> Stage:
        """The stage with which the run begins."""
        if self._controlled is None:
            return Relaxation.begin(self.ensemble)
        # Electrons start from the steady state: nothing has to be waited for but displacements.
        return Settling.begin(self.ensemble, self._controlled.plan, relaxed_at=0.0)

    @property
    def _control(self) -> ControlVariates | None:
        """Control variates; None where they do not apply."""
        return None if self._controlled is None else self._controlled.control

    def _coefficients(self, checked: bool = True) -> dict[str, Estimate]:
        """All coefficients of what has been measured so far.

        Parameters
        ----------
        checked : bool, optional
            As for `collect_results.coefficients`.
        """
        assert isinstance(self.stage, Measurement)
        inputs = collect_results.estimator_inputs(self.ensemble, self.stage.plan)
        return collect_results.coefficients(self.ensemble, inputs, self._control, checked=checked)

    def _judged(self) -> dict[str, Estimate]:
        """Estimates that the targets of the stop rules are compared with."""
        return self._estimates

    def _warnings(self, reason: str, estimates: dict[str, Estimate]) -> Iterable[str]:
        """Warnings for readers of the results, by the reason why the run ended."""
        return run_warnings(self._config, self.ensemble, self.stage, reason, estimates)

    def _record(self, course: collect_results.Course) -> RunRecord:
        """The results of a run that has ended."""
        return collect_results.collect_results(self._config, self.ensemble, course, self._clock)

    def run(self) -> RunRecord:
        """Take windows until the run ends."""
        # A signal may have come while the solution that the run starts from was computed.
        stop_requested = self._monitor is not None and self._monitor.stop_requested
        reason = stop_rules.INTERRUPTED if stop_requested else None
        while reason is None:
            reason = self.reason_to_end() or self.step()
        return self._finish(reason)

    def step(self) -> str | None:
        """Take one window; return why the run ends in it, None where it goes on."""
        ensemble, stage = self.ensemble, self.stage
        measuring, began = isinstance(stage, Measuring), self._clock.wall()
        keep_sums = measuring and self._window_seconds >= LONG_WINDOW
        try:
            energy = ensemble.window(stage.duration, measuring, self._between_steps, keep_sums)
        except Extinct:
            return stop_rules.EXTINCT
        except _EndOfRun as end:
            return end.reason
        self._window_seconds = self._clock.wall() - began
        if not measuring:
            self._estimates = {"mean_energy": Estimate(np.asarray(energy), np.asarray(np.nan))}
        try:
            self.stage = stage.take(energy, ensemble, self._config.sim)
        except stages.NoCollisions:
            return stop_rules.NO_COLLISIONS
        if type(self.stage) is not type(stage):
            self._stage_began = self._clock.wall()
        return None

    def reason_to_end(self) -> str | None:
        """Why the run ends after the last window, None where it goes on.

        Errors are estimated only when a check of them is due, or when the time is up.
        """
        stage = self.stage
        if self.ensemble.window_is_open:
            return None
        if not (isinstance(stage, Measuring) and stage.measured and self.ensemble.has_sampled):
            return stop_rules.OUT_OF_TIME if self._out_of_time() else None
        if self._interrupted_at is not None:
            return stop_rules.INTERRUPTED
        if not (stage.check_is_due or self._out_of_time()):
            return None
        verdict = self._compare_with_stop_rules(stage)
        stage.fraction = verdict.fraction
        # No next check if the run ends: a run that goes on with larger limits begins with this one.
        if verdict.reason is None:
            stage.schedule_check(verdict.fraction_without_clock, self._control is not None)
        return verdict.reason

    def state_dict(self) -> dict[str, Any]:
        """All that the rest of the run depends on; between two calls of the kernels."""
        return {
            "ensemble": self.ensemble.state_dict(),
            "stage": stages.to_dict(self.stage),
            "seconds": [self._clock.wall(), self._clock.cpu()],
            "seconds_of_stage": self._clock.wall() - self._stage_began,
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from the `state_dict` of a run with the same configuration.

        Raises
        ------
        ConfigError
            If it cannot be one.
        """
        try:
            self.stage = stages.from_dict(state["stage"])
            self._clock = Clock(*state["seconds"])
            self._stage_began = self._clock.wall() - state["seconds_of_stage"]
            self.ensemble.load_state_dict(state["ensemble"])
        except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
            raise ConfigError(
                f"the checkpoint holds no state of a run ({error}); remove it to start from the "
                "beginning"
            ) from error

    def _compare_with_stop_rules(self, stage: Measuring) -> stop_rules.Verdict:
        """Compare errors and budgets with the stop rules."""
        stop, ensemble = self._config.sim.stop, self.ensemble
        collisions = int(ensemble.events[contract.REAL_COLLISIONS]) - stage.collisions_before
        swarm_time = ensemble.time - stage.began_at
        usage = stop_rules.Usage(float(collisions), swarm_time, self._clock.wall())
        controlled = self._control is not None
        # The controlled values even where they disagree with what was sampled: a run must not go on
        # until samples alone are as good as its targets.
        self._estimates = self._coefficients(checked=False)
        return stop_rules.judge(
            self._judged(),
            rel_error_targets(self._config.sim, controlled),
            {name: getattr(stop, name) for name in asdict(usage)},
            usage,
        )

    def _finish(self, reason: str) -> RunRecord:
        """Collect the results of a run that ended for a reason."""
        stage = self.stage
        has_measured = (
            isinstance(stage, Measuring) and stage.measured > 0 and self.ensemble.has_sampled
        )
        if reason == stop_rules.INTERRUPTED and not (has_measured and self._sums_are_whole()):
            raise Interrupted
        if reason in stop_rules.LIMITS and not self.ensemble.window_is_open:
            self._save()
        if not (isinstance(stage, Measuring) and has_measured):
            raise NothingMeasured(
                next(run_warnings(self._config, self.ensemble, stage, reason, {}))
            )
        if self.ensemble.window_is_open:
            self.ensemble.drop_window()
        estimates = self._coefficients()
        warnings = tuple(self._warnings(reason, estimates))
        for warning in warnings:
            log.warning(warning)
        course = collect_results.Course(
            stage,
            reason,
            (*self.ensemble.warnings, *warnings),
            self._fingerprint,
            estimates,
            self._control,
        )
        if self._progress is not None:
            self._progress(replace(self._how_far(), fraction=1.0, eta=0.0, estimates=estimates))
        record = self._record(course)
        if reason == stop_rules.INTERRUPTED:
            record.attributes["complete"] = 0
            raise Interrupted(record)
        return record

    def _out_of_time(self) -> bool:
        """Whether the wall time is used up."""
        limit = self._config.sim.stop.wall_time
        return limit is not None and self._clock.wall() >= limit

    def _between_steps(self) -> None:
        """Write a checkpoint where one is due, report the progress, and end the run if asked to."""
        monitor = self._monitor
        if monitor is not None and self._interrupted_at is None:
            if monitor.checkpoint_due():
                self._save()
            if monitor.stop_requested:
                self._interrupted_at = self._clock.wall()
        if self._progress is not None:
            self._progress(self._how_far())
        if self._is_too_slow():
            raise _EndOfRun(stop_rules.TOO_SLOW)
        stage = self.stage
        # A run that has measured something should end where its sums are complete.
        can_end = self._sums_are_whole() or not (isinstance(stage, Measuring) and stage.measured)
        if self._interrupted_at is not None:
            if can_end or self._clock.wall() - self._interrupted_at > PATIENCE:
                raise _EndOfRun(stop_rules.INTERRUPTED)
        elif can_end and self._out_of_time():
            self._save()
            raise _EndOfRun(stop_rules.OUT_OF_TIME)

    def _is_too_slow(self) -> bool:
        """Whether the periods of an alternating field, of which windows are made, take too long."""
        limit, wall = self._config.sim.stop.wall_time, self._clock.wall()
        if self.ensemble.time > 0.0 or not self.ensemble.medium.frequency > 0.0:
            return False
        if limit is None or wall < FIRST_WINDOW:
            return False
        fraction = self.ensemble.elapsed(self.stage.duration) / self.stage.duration
        return stages.LEAST_WINDOWS * wall > limit * fraction

    def _sums_are_whole(self) -> bool:
        """Whether there are sums of whole windows only: now, or from the opening of this one."""
        return not self.ensemble.window_is_open or self.ensemble.window_can_be_dropped

    def _save(self) -> None:
        """Write a checkpoint."""
        if self._monitor is not None:
            self._monitor.save(self.state_dict())

    def _how_far(self) -> Progress:
        """The progress."""
        return self._forecast.progress(
            self.stage, self._stage_began, self.ensemble, self._clock.wall(), self._estimates
        )
