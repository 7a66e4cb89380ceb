"""The run: relax, learn how long the swarm remembers, measure window by window, stop."""

import logging
import math
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace

import numpy as np

from swarmhydra import recording, relaxation, stopping, transport
from swarmhydra.config import Config
from swarmhydra.ensemble import Ensemble
from swarmhydra.kernels import contract
from swarmhydra.record import RunRecord
from swarmhydra.relaxation import WindowPlan
from swarmhydra.swarm import Extinct

log = logging.getLogger(__name__)

FIRST_FLIGHTS = 16.0
"""Flights of the fastest collider in the first windows of the relaxation."""

RELAXATION_SAMPLES = 64
"""Windows of the relaxation whose mean energies are kept; then pairs of them become one."""

EXCHANGE_TIMES = 2.0
"""Energy exchange times that a relaxation lasts at least."""

FIRST_LOOK = 4
"""Windows after which errors are looked at for the first time."""

PATIENCE = 1.1
"""Growth of a measurement between two looks at its errors, at most."""

EXTINCT = "extinct"
"""Why a run ended whose last electron was attached."""


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
    """

    fraction: float
    trials: int
    rate: float
    eta: float
    message: str


def run(config: Config, progress: Callable[[Progress], None] | None = None) -> RunRecord:
    """Simulate a swarm until a stop rule is met.

    Parameters
    ----------
    config : Config
        Checked, as by `config.typed`.
    progress : callable, optional
        Is told of the progress after every few steps.

    Returns
    -------
    RunRecord
        All that was found, with errors.
    """
    return Simulation(config, progress).run()


class Simulation:
    """The phases of a run.

    Parameters
    ----------
    config : Config
    progress : callable, optional

    Attributes
    ----------
    ensemble : Ensemble
        The swarm.
    windows : WindowPlan
        The windows of the measurement, once they are planned.
    """

    def __init__(self, config: Config, progress: Callable[[Progress], None] | None = None) -> None:
        self._clock = recording.Clock()
        self._config = config
        self._progress = progress
        self._phase, self._phase_began, self._fraction = "relaxation", 0.0, 0.0
        self._relaxation_time: float | None = None
        self._longest = math.inf
        self.ensemble = Ensemble(config)
        self.windows = WindowPlan(self._first_duration(), memory=2, forgotten=1)

    def run(self) -> RunRecord:
        """Go through all phases."""
        try:
            self._relaxation_time = self.relax()
            self.windows = self.plan()
            reason = self.measure(self.windows)
        except Extinct:
            reason = EXTINCT
            if self._phase != "measurement":
                # What a swarm did on its way to nothing is no measurement.
                self.ensemble.start_afresh()
        warnings = tuple(self._warnings(reason))
        for warning in warnings:
            log.warning(warning)
        warnings = (*self.ensemble.warnings, *warnings)
        course = recording.Course(self._relaxation_time, self.windows, reason, warnings)
        return recording.record(self._config, self.ensemble, course, self._clock)

    def relax(self) -> float | None:
        """Run until the mean energy is stationary; return when that was (s), None if never.

        The mean energies of up to 64 windows of equal length cover the whole time. When there are
        64, pairs become one and the windows twice as long. The swarm has relaxed when MSER-5 cuts
        off less than half of the series, and the time exceeds twice the time in which the electrons
        exchange their energy with field and gas, so that nothing slow is overlooked.
        """
        ensemble = self.ensemble
        duration = self._first_duration()
        energies: list[float] = []
        while True:
            energies.append(self._mean_energy_during(duration))
            if len(energies) >= RELAXATION_SAMPLES // 2 and len(energies) % 8 == 0:
                cut = relaxation.truncation_point(np.array(energies))
                if cut is not None and ensemble.time > EXCHANGE_TIMES * ensemble.exchange_time():
                    return cut * duration
                if ensemble.flights_per_electron() > self._config.sim.relaxation_collisions:
                    return None
            if len(energies) == RELAXATION_SAMPLES:
                pairs = np.reshape(energies, (-1, 2))
                energies = list(pairs.mean(axis=1))
                duration *= 2.0
                ensemble.start_afresh()

    def plan(self) -> WindowPlan:
        """Measure how fast an electron's energy is forgotten, and choose the windows by it."""
        self._begin("calibration")
        sim = self._config.sim
        flight, longest = self.ensemble.flight_time(), self._longest
        step = min(max(self.ensemble.exchange_time() / 8.0, 4.0 * flight), longest)
        step = self.ensemble.whole_periods(step)
        correlation = self._correlation_time(step)
        while correlation is None and step < longest:
            step = self.ensemble.whole_periods(min(4.0 * step, longest))
            correlation = self._correlation_time(step)
        if correlation is None:
            # Growth forbids to look further back: the longest look is the best guess.
            correlation = relaxation.LONGEST_MEMORY * step
        plan = relaxation.plan_windows(correlation, flight, longest, sim.window, sim.memory_windows)
        return replace(plan, duration=self.ensemble.whole_periods(plan.duration))

    def measure(self, plan: WindowPlan) -> str:
        """Measure until a stop rule is met; return which one."""
        ensemble = self.ensemble
        ensemble.expect_flights()
        ensemble.remember(plan.memory)
        for _ in range(plan.memory):
            self._window(plan.duration)
        ensemble.expect_spatial_growth(plan.forgotten, plan.duration)
        ensemble.start_afresh()
        self._begin("measurement")
        since = ensemble.time, int(ensemble.events[contract.REAL_COLLISIONS])
        windows, next_look = 0, FIRST_LOOK
        while True:
            self._window(plan.duration)
            windows += 1
            if windows >= next_look or self._out_of_time():
                verdict = self._judge(plan, *since)
                self._fraction = verdict.fraction
                if verdict.reason is not None:
                    return verdict.reason
                # Not long past the end that is in sight.
                ahead = min(PATIENCE, 1.0 / max(verdict.fraction, 1.0 / PATIENCE))
                next_look = max(windows + 1, round(windows * ahead))

    def _begin(self, phase: str) -> None:
        """Enter a phase."""
        self._phase, self._phase_began, self._fraction = phase, self._clock.wall(), 0.0

    def _first_duration(self) -> float:
        """Of the first windows, when nothing is known yet (s)."""
        fastest = float(self.ensemble.tables.ceiling.max())
        return self.ensemble.whole_periods(FIRST_FLIGHTS / fastest)

    def _mean_energy_during(self, duration: float) -> float:
        """Mean energy (eV) over a time (s), in as many windows as growth makes necessary."""
        parts = max(1, math.ceil(duration / self._longest))
        return float(np.mean([self._window(duration / parts) for _ in range(parts)]))

    def _window(self, duration: float) -> float:
        """Take the swarm through one window; return its mean energy (eV)."""
        energy = self.ensemble.window(duration, self._phase == "measurement", self._report)
        growth = self.ensemble.growth_rate()
        factor = self._config.sim.max_ionization_growth_factor
        # Kept, because the next sums may start from nothing.
        self._longest = relaxation.longest_window(growth, factor)
        return energy

    def _correlation_time(self, step: float) -> float | None:
        """Time in which an electron forgets its energy (s), found in as few steps as it takes.

        None where it takes more of them than can be remembered.
        """
        self.ensemble.remember(relaxation.LONGEST_MEMORY)
        for windows in range(1, relaxation.LONGEST_MEMORY + 1):
            self._window(step)
            covariance = self.ensemble.energy_correlation(windows)
            correlation = relaxation.correlation_time(covariance, step)
            if correlation is not None:
                return correlation
        return None

    def _judge(self, plan: WindowPlan, started: float, collided: int) -> stopping.Verdict:
        """Compare errors and budgets with the stop rules."""
        stop, ensemble = self._config.sim.stop, self.ensemble
        collisions = int(ensemble.events[contract.REAL_COLLISIONS]) - collided
        spent = stopping.Spent(float(collisions), ensemble.time - started, self._clock.wall())
        conditions = recording.conditions(ensemble, plan)
        return stopping.judge(
            transport.coefficients(ensemble.tallies, conditions),
            asdict(stop.rel_error),
            {name: getattr(stop, name) for name in asdict(spent)},
            spent,
        )

    def _out_of_time(self) -> bool:
        """Whether the wall time is used up."""
        limit = self._config.sim.stop.wall_time
        return limit is not None and self._clock.wall() >= limit

    def _warnings(self, reason: str) -> Iterator[str]:
        """What a reader of the results must know."""
        if reason == EXTINCT:
            yield (
                f"every electron was attached by {self.ensemble.time:.3g} s, during the "
                f"{self._phase}; more electrons (sim.electrons={self._config.sim.electrons}) last "
                "longer"
            )
        elif self._relaxation_time is None:
            yield (
                "the swarm had not relaxed after sim.relaxation_collisions="
                f"{self._config.sim.relaxation_collisions:g} flights per electron: "
                "what was measured still changed"
            )
        events = self.ensemble.events
        if events[contract.VIOLATIONS]:
            yield (
                f"the majorant was exceeded in {events[contract.VIOLATIONS]} of "
                f"{events[contract.TRIALS]} trials: collisions are missing"
            )
        if events[contract.ABOVE_TABLE]:
            yield (
                f"{events[contract.ABOVE_TABLE]} flights ended above gas.energy_max="
                f"{self._config.gas.energy_max:g} eV, where cross sections are held constant"
            )

    def _report(self) -> None:
        """Tell of the progress."""
        if self._progress is None:
            return
        trials = int(self.ensemble.events[contract.TRIALS])
        wall = self._clock.wall()
        spent = wall - self._phase_began
        eta = spent * (1.0 / self._fraction - 1.0) if self._fraction > 0.0 else float("nan")
        self._progress(Progress(self._fraction, trials, trials / wall, eta, self._phase))
