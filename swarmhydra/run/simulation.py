"""The run: relax, learn how long the swarm remembers, measure window by window, stop."""

import logging
import math
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from typing import Protocol

import numpy as np

from swarmhydra.config import Config, fingerprint, rel_error_targets
from swarmhydra.estimators import transport
from swarmhydra.kernels import contract
from swarmhydra.results.record import Estimate, RunRecord
from swarmhydra.run import collect_results, relaxation, stop_rules
from swarmhydra.run.checkpoint import Content
from swarmhydra.run.relaxation import WindowPlan
from swarmhydra.run.run_state import State
from swarmhydra.run.run_warnings import doubts
from swarmhydra.swarm.electrons import Extinct
from swarmhydra.swarm.ensemble import Ensemble

log = logging.getLogger(__name__)

FIRST_FLIGHTS = 16.0
"""Flights of the fastest collider in the first windows of the relaxation."""

RELAXATION_SAMPLES = 64
"""Windows of the relaxation whose mean energies are kept; then pairs of them become one."""

EXCHANGE_TIMES = 2.0
"""Energy exchange times that a relaxation lasts at least."""

PATIENCE = 1.1
"""Growth of a measurement between two looks at its errors, at most."""


class Interrupted(Exception):
    """The run was told to stop, and has written a checkpoint.

    Parameters
    ----------
    record : RunRecord or None
        What it had measured by then; None before the measurement.
    """

    def __init__(self, record: RunRecord | None = None) -> None:
        super().__init__("told to stop")
        self.record = record


class _NoTimeToMeasure(Exception):
    """The wall time was used up before the measurement."""


class Keeper(Protocol):
    """Who keeps the checkpoints of a run and tells it to stop."""

    @property
    def told_to_stop(self) -> bool:
        """Whether the run shall end."""

    def due(self) -> bool:
        """Whether a checkpoint shall be written now."""

    def keep(self, content: Content) -> None:
        """Write one."""


@dataclass(frozen=True)
class Progress:
    """How far a run is.

    Attributes
    ----------
    fraction : float
        Of the current phase.
    trials : int
        Trial collisions so far.
    rate : float
        Trials per second of wall time.
    eta : float
        Seconds to go, NaN where unknown.
    message : str
        The phase.
    estimates : dict of str to Estimate
        What is known of the coefficients: in a measurement all of them, as of the last look at
        their errors; before it the mean energy of the last window, without an error.
    """

    fraction: float
    trials: int
    rate: float
    eta: float
    message: str
    estimates: dict[str, Estimate] = field(default_factory=dict)


def run(
    config: Config,
    progress: Callable[[Progress], None] | None = None,
    keeper: Keeper | None = None,
    checkpoint: Content | None = None,
) -> RunRecord:
    """Simulate a swarm until a stop rule is met.

    Parameters
    ----------
    config : Config
        Checked, as by `config.typed`.
    progress : callable, optional
        Is told of the progress after every few steps.
    keeper : Keeper, optional
        Is asked after every few steps whether it wants a checkpoint, or the run to stop.
    checkpoint : Content, optional
        Where to go on from; one that a run with the same configuration handed to its keeper.

    Returns
    -------
    RunRecord
        All that was found, with errors.

    Raises
    ------
    Interrupted
        If the keeper told the run to stop.
    """
    simulation = Simulation(config, progress, keeper)
    if checkpoint is not None:
        simulation.restore(checkpoint)
    return simulation.run()


class Simulation:
    """The phases of a run.

    Parameters
    ----------
    config : Config
    progress : callable, optional
    keeper : Keeper, optional

    Attributes
    ----------
    ensemble : Ensemble
        The swarm.
    """

    def __init__(
        self,
        config: Config,
        progress: Callable[[Progress], None] | None = None,
        keeper: Keeper | None = None,
    ) -> None:
        self._clock = collect_results.Clock()
        self._config = config
        self._progress = progress
        self._keeper = keeper
        self._phase_began = 0.0
        self._stopping = False
        self._found: dict[str, Estimate] = {}
        # Now: the files of cross sections may change while it runs.
        self._fingerprint = fingerprint(config)
        self.ensemble = Ensemble(config)
        first = self._first_duration()
        self.state = State(first, WindowPlan(first, memory=2, forgotten=1, needed=1))

    def run(self) -> RunRecord:
        """Go through all phases."""
        state = self.state
        try:
            if state.phase == "relaxation":
                state.relaxation_time = self.relax()
            if state.phase in ("relaxation", "calibration"):
                state.windows = self.plan()
            reason = self.measure(state.windows)
        except Extinct:
            reason = stop_rules.EXTINCT
        except _NoTimeToMeasure:
            reason = stop_rules.OUT_OF_TIME
        if state.phase != "measurement":
            # What a swarm did on its way, to nothing or to the steady state, is no measurement.
            self.ensemble.start_afresh()
        warnings = tuple(doubts(self._config, self.ensemble, state, reason))
        for warning in warnings:
            log.warning(warning)
        warnings = (*self.ensemble.warnings, *warnings)
        course = collect_results.Course(
            state.relaxation_time, state.windows, reason, warnings, self._fingerprint
        )
        record = collect_results.record(self._config, self.ensemble, course, self._clock)
        if reason == stop_rules.INTERRUPTED:
            record.attributes["complete"] = 0
            raise Interrupted(record)
        return record

    def relax(self) -> float | None:
        """Run until the mean energy is stationary; return when that was (s), None if never.

        The mean energies of up to 64 windows of equal length cover the whole time. When there are
        64, pairs become one and the windows twice as long. The swarm has relaxed when MSER-5 cuts
        off less than half of the series, and the time exceeds twice the time in which the electrons
        exchange their energy with field and gas, so that nothing slow is overlooked.
        """
        ensemble, state = self.ensemble, self.state
        while True:
            state.energies.append(self._mean_energy_during(state.duration))
            count = len(state.energies)
            if count >= RELAXATION_SAMPLES // 2 and count % 8 == 0:
                cut = relaxation.truncation_point(np.array(state.energies))
                if cut is not None and ensemble.time > EXCHANGE_TIMES * ensemble.exchange_time():
                    return cut * state.duration
                if ensemble.flights_per_electron() > self._config.sim.relaxation_collisions:
                    return None
            if count == RELAXATION_SAMPLES:
                pairs = np.reshape(state.energies, (-1, 2))
                state.energies = pairs.mean(axis=1).tolist()
                state.duration *= 2.0
                ensemble.start_afresh()

    def plan(self) -> WindowPlan:
        """Measure how fast an electron's energy is forgotten, and choose the windows by it."""
        ensemble, state, sim = self.ensemble, self.state, self._config.sim
        if state.phase != "calibration":
            self._begin("calibration")
            state.flight_time, state.longest_step = ensemble.flight_time(), state.longest
            step = max(ensemble.exchange_time() / 8.0, 4.0 * state.flight_time)
            state.step = ensemble.whole_periods(min(step, state.longest_step))
        correlation = self._correlation_time(state.step)
        while correlation is None and state.step < state.longest_step:
            state.step = ensemble.whole_periods(min(4.0 * state.step, state.longest_step))
            correlation = self._correlation_time(state.step)
        if correlation is None:
            # Growth forbids to look further back: the longest look is the best guess.
            correlation = relaxation.LONGEST_MEMORY * state.step
        plan = relaxation.plan_windows(
            correlation, state.flight_time, state.longest_step, sim.window, sim.memory_windows
        )
        return replace(plan, duration=ensemble.whole_periods(plan.duration))

    def measure(self, plan: WindowPlan) -> str:
        """Measure until a stop rule is met; return which one."""
        ensemble, state = self.ensemble, self.state
        if state.phase not in ("settling", "measurement"):
            self._begin("settling")
            ensemble.expect_flights()
            ensemble.remember(plan.memory)
        if state.phase == "settling":
            self._windows(plan.memory, plan.duration)
            ensemble.expect_spatial_growth(plan.forgotten, plan.duration)
            ensemble.start_afresh()
            self._begin("measurement")
            state.began_at = ensemble.time
            state.collided_before = int(ensemble.events[contract.REAL_COLLISIONS])
        while True:
            self._window(plan.duration)
            state.measured += 1
            if self._stopping:
                return stop_rules.INTERRUPTED
            if state.measured >= state.next_look or self._out_of_time():
                verdict = self._judge(plan, state.began_at, state.collided_before)
                state.fraction = verdict.fraction
                if verdict.reason is not None:
                    return verdict.reason
                # Not long past the end that is in sight.
                ahead = min(PATIENCE, 1.0 / max(verdict.fraction, 1.0 / PATIENCE))
                state.next_look = max(state.measured + 1, round(state.measured * ahead))

    @property
    def windows(self) -> WindowPlan:
        """The windows of the measurement, once they are planned."""
        return self.state.windows

    def content(self) -> Content:
        """All that the rest of the run depends on; between two calls of the kernels."""
        notes = {
            "state": asdict(self.state),
            "seconds": [self._clock.wall(), self._clock.cpu()],
            "seconds_of_phase": self._clock.wall() - self._phase_began,
        }
        return self.ensemble.content().with_notes(notes)

    def restore(self, content: Content) -> None:
        """Take up a run where another one with the same configuration gave its `content`."""
        notes = content.notes
        state = notes["state"]
        self.state = State(**{**state, "windows": WindowPlan(**state["windows"])})
        self._clock = collect_results.Clock(*notes["seconds"])
        self._phase_began = self._clock.wall() - notes["seconds_of_phase"]
        self.ensemble.restore(content)

    def _begin(self, phase: str) -> None:
        """Enter a phase."""
        self.state.phase, self.state.fraction = phase, 0.0
        self._phase_began = self._clock.wall()

    def _first_duration(self) -> float:
        """Of the first windows, when nothing is known yet (s)."""
        fastest = float(self.ensemble.tables.ceiling.max())
        return self.ensemble.whole_periods(FIRST_FLIGHTS / fastest)

    def _mean_energy_during(self, duration: float) -> float:
        """Mean energy (eV) over a time (s), in as many windows as growth makes necessary."""
        state = self.state
        if state.parts == 0:
            state.parts = max(1, math.ceil(duration / state.longest))
        energies = self._windows(state.parts, duration / state.parts)
        state.parts = 0
        return float(np.mean(energies))

    def _windows(self, count: int, duration: float) -> list[float]:
        """Take the swarm through some windows, or those that are left of them; mean energies."""
        state = self.state
        while len(state.energies_so_far) < count:
            state.energies_so_far.append(self._window(duration))
        energies, state.energies_so_far = state.energies_so_far, []
        return energies

    def _window(self, duration: float) -> float:
        """Take the swarm through one window; return its mean energy (eV)."""
        measuring = self.state.phase == "measurement"
        energy = self.ensemble.window(duration, measuring, self._between_steps)
        if not measuring:
            self._found = {"mean_energy": Estimate(np.asarray(energy), np.asarray(np.nan))}
        growth = self.ensemble.growth_rate()
        factor = self._config.sim.max_ionization_growth_factor
        # Kept, because the next sums may start from nothing.
        self.state.longest = relaxation.longest_window(growth, factor)
        if not measuring and self._out_of_time():
            raise _NoTimeToMeasure
        return energy

    def _correlation_time(self, step: float) -> float | None:
        """Time in which an electron forgets its energy (s), found in as few steps as it takes.

        None where it takes more of them than can be remembered.
        """
        state, correlation = self.state, None
        if state.looking_back == 0:
            self.ensemble.remember(relaxation.LONGEST_MEMORY)
            state.looking_back = 1
        while correlation is None and state.looking_back <= relaxation.LONGEST_MEMORY:
            self._window(step)
            covariance = self.ensemble.energy_correlation(state.looking_back)
            correlation = relaxation.correlation_time(covariance, step)
            state.looking_back += 1
        state.looking_back = 0
        return correlation

    def _judge(self, plan: WindowPlan, started: float, collided: int) -> stop_rules.Verdict:
        """Compare errors and budgets with the stop rules."""
        stop, ensemble = self._config.sim.stop, self.ensemble
        collisions = int(ensemble.events[contract.REAL_COLLISIONS]) - collided
        spent = stop_rules.Spent(float(collisions), ensemble.time - started, self._clock.wall())
        conditions = collect_results.conditions(ensemble, plan)
        self._found = transport.coefficients(ensemble.tallies, conditions)
        return stop_rules.judge(
            self._found,
            rel_error_targets(self._config.sim),
            {name: getattr(stop, name) for name in asdict(spent)},
            spent,
        )

    def _out_of_time(self) -> bool:
        """Whether the wall time is used up."""
        limit = self._config.sim.stop.wall_time
        return limit is not None and self._clock.wall() >= limit

    def _between_steps(self) -> None:
        """Write a checkpoint where one is due, stop where told to, and report the progress."""
        keeper = self._keeper
        if keeper is not None and not self._stopping:
            if keeper.due():
                keeper.keep(self.content())
            if keeper.told_to_stop:
                if self.state.phase != "measurement":
                    raise Interrupted
                # The sums are whole at the window's end, of which the checkpoint knows nothing.
                self._stopping = True
        if self._progress is not None:
            self._progress(self._how_far())

    def _how_far(self) -> Progress:
        """The progress."""
        trials = int(self.ensemble.events[contract.TRIALS])
        wall, fraction = self._clock.wall(), self.state.fraction
        spent = wall - self._phase_began
        eta = spent * (1.0 / fraction - 1.0) if fraction > 0.0 else float("nan")
        return Progress(fraction, trials, trials / wall, eta, self.state.phase, self._found)
