"""The stages of a run: relaxation, calibration, settling, measurement.

A stage says how long the next window is, takes what the window gave, and returns the stage of the
window after that: itself, or the one that follows. It changes the ensemble only when it takes a
window. All that it remembers is in its fields, so that `to_dict` and `from_dict` can save and
restore a run in the middle of any window.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, ClassVar

import numpy as np

from swarmhydra.config import SimConfig
from swarmhydra.estimators import steady_state_townsend
from swarmhydra.kernels.arrays import FloatArray
from swarmhydra.kernels.contract import REAL_COLLISIONS
from swarmhydra.run import windows
from swarmhydra.run.relaxation import SURELY_RELAXED, relaxation_time
from swarmhydra.run.windows import WindowPlan
from swarmhydra.swarm.ensemble import Ensemble

FIRST_FLIGHTS = 16.0
"""Flights of the electron that collides most often in the first windows of the relaxation."""

RELAXATION_SAMPLES = 64
"""Mean energies that the series of the relaxation holds at most; then pairs of them become one."""

LEAST_PERIODS = 2
"""Samples, of whole periods, after which a swarm in an alternating field can have relaxed."""

LEAST_WINDOWS = LEAST_PERIODS + 3
"""Windows that a run takes at least: of the relaxation, and one of each stage after it."""

FIRST_CHECK = 4
"""Windows of the measurement after which its errors are estimated for the first time."""

CHECK_GROWTH = 1.1
"""Factor by which their number grows at most until errors are estimated again."""

CONTROLLED_CHECK_GROWTH = 1.5
"""The same with control variates, by which an estimate takes as long as several windows."""


class NoCollisions(Exception):
    """The electrons do not collide, so that nothing can be measured."""


@dataclass
class Stage(ABC):
    """A part of a run.

    Attributes
    ----------
    relaxed_at : float or None
        When the swarm had relaxed (s); None if it has not, or never did.
    fraction : float
        Share of the stage that is done; 0 where it cannot be known.
    """

    name: ClassVar[str]
    _by_name: ClassVar[dict[str, type[Stage]]] = {}

    relaxed_at: float | None = field(default=None, kw_only=True)
    fraction: float = field(default=0.0, kw_only=True)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Make a stage known to `from_dict` by its name."""
        super().__init_subclass__(**kwargs)
        if "name" in vars(cls):
            Stage._by_name[cls.name] = cls

    @property
    @abstractmethod
    def duration(self) -> float:
        """Duration of the next window, or of the one that is under way (s)."""

    @abstractmethod
    def take(self, energy: float, ensemble: Ensemble, sim: SimConfig) -> Stage:
        """Make use of a window that has just ended.

        Parameters
        ----------
        energy : float
            Mean energy in the window (eV).
        ensemble : Ensemble
            The swarm after it.
        sim : SimConfig

        Returns
        -------
        Stage
            The stage of the next window.
        """


@dataclass
class Relaxation(Stage):
    """Run until the mean energy is stationary, or `sim.relaxation_collisions` are used up.

    The mean energies of up to 64 samples of equal duration cover the whole time. When there are 64,
    pairs become one and the samples twice as long. A sample has as many windows as growth asks for.

    Attributes
    ----------
    sample : float
        Duration of a sample (s).
    parts : int
        Windows of the sample that is under way.
    window_energies : list of float
        Mean energies of its windows so far (eV).
    energies : list of float
        Mean energies of the samples before it (eV).
    """

    name: ClassVar[str] = "relaxation"

    sample: float
    parts: int = 1
    window_energies: list[float] = field(default_factory=list)
    energies: list[float] = field(default_factory=list)

    @classmethod
    def begin(cls, ensemble: Ensemble) -> Relaxation:
        """Start with samples of a few flights."""
        fastest = float(ensemble.tables.ceiling.max())
        return cls(ensemble.medium.whole_periods(FIRST_FLIGHTS / fastest))

    @property
    def duration(self) -> float:
        """Duration of a window (s)."""
        return self.sample / self.parts

    def take(self, energy: float, ensemble: Ensemble, sim: SimConfig) -> Stage:
        """Add the energy to the series; go on to the calibration when it is stationary."""
        longest = longest_window(ensemble, sim)
        self.window_energies.append(energy)
        if len(self.window_energies) < self.parts:
            return self
        self.energies.append(_mean_of_known(self.window_energies))
        self.window_energies = []
        count = len(self.energies)
        alternating = ensemble.medium.frequency > 0.0 and count >= LEAST_PERIODS
        if alternating and ensemble.time > SURELY_RELAXED * ensemble.exchange_time():
            return self.following(ensemble, longest, ensemble.time)
        if count >= RELAXATION_SAMPLES // 2 and count % 8 == 0:
            series, exchange_time = np.array(self.energies), ensemble.exchange_time()
            relaxed_at = relaxation_time(series, self.sample, ensemble.time, exchange_time)
            given_up = ensemble.flights_per_electron() > sim.relaxation_collisions
            if given_up and not math.isfinite(exchange_time):
                raise NoCollisions
            if relaxed_at is not None or given_up:
                return self.following(ensemble, longest, relaxed_at)
        if count == RELAXATION_SAMPLES:
            self.energies = [_mean_of_known(pair) for pair in np.reshape(self.energies, (-1, 2))]
            self.sample *= 2.0
            ensemble.start_afresh()
        self.parts = max(1, math.ceil(self.sample / longest))
        return self

    def following(self, ensemble: Ensemble, longest: float, relaxed_at: float | None) -> Stage:
        """The stage after this one; `longest` as in `Calibration`."""
        return Calibration.begin(ensemble, longest, relaxed_at)


@dataclass
class Calibration(Stage):
    """Measure the correlation time of an electron's energy, and choose the windows by it.

    Displacements are not used yet; what counts is the energy at the ends of up to 16 windows. Where
    16 are too few, the windows become four times as long, as far as growth allows it.

    Attributes
    ----------
    step : float
        Duration of a window (s).
    longest : float
        Longest window that the growth of the swarm allows (s).
    flight_time : float
        Mean time of a flight (s).
    number : int
        Number of the window that is under way, from 1.
    """

    name: ClassVar[str] = "calibration"

    step: float
    longest: float
    flight_time: float
    number: int = 1

    @classmethod
    def begin(cls, ensemble: Ensemble, longest: float, relaxed_at: float | None) -> Calibration:
        """Start with windows of an eighth of the energy exchange time."""
        flight_time = ensemble.flight_time()
        step = max(ensemble.exchange_time() / 8.0, 4.0 * flight_time)
        step = ensemble.medium.whole_periods(min(step, longest))
        ensemble.remember(windows.LONGEST_MEMORY)
        return cls(step, longest, flight_time, relaxed_at=relaxed_at)

    @property
    def duration(self) -> float:
        """Duration of a window (s)."""
        return self.step

    def take(self, energy: float, ensemble: Ensemble, sim: SimConfig) -> Stage:
        """Look whether the energy is uncorrelated with that of some windows ago."""
        covariance = ensemble.energy_covariance(self.number)
        correlation = windows.correlation_time(covariance, self.step)
        self.number += 1
        if correlation is None and self.number <= windows.LONGEST_MEMORY:
            return self
        if correlation is None and self.step < self.longest:
            self.step = ensemble.medium.whole_periods(min(4.0 * self.step, self.longest))
            ensemble.remember(windows.LONGEST_MEMORY)
            self.number = 1
            return self
        if correlation is None:
            # Strong growth limits the windows: take the longest time that could be looked at.
            correlation = windows.LONGEST_MEMORY * self.step
        plan = windows.plan_windows(
            correlation, self.flight_time, self.longest, sim.window, sim.memory_windows
        )
        plan = replace(plan, duration=ensemble.medium.whole_periods(plan.duration))
        return Settling.begin(ensemble, plan, self.relaxed_at)


@dataclass
class Settling(Stage):
    """Let displacements reach as far back as in every window of the measurement.

    Attributes
    ----------
    plan : WindowPlan
        Windows, as in the measurement.
    settled : int
        Windows so far.
    """

    name: ClassVar[str] = "settling"

    plan: WindowPlan
    settled: int = 0

    @classmethod
    def begin(cls, ensemble: Ensemble, plan: WindowPlan, relaxed_at: float | None) -> Settling:
        """Start with displacements of zero."""
        if not ensemble.samples_moments:
            ensemble.expect_flights()
        ensemble.remember(plan.memory)
        return cls(plan, relaxed_at=relaxed_at)

    @property
    def duration(self) -> float:
        """Duration of a window (s)."""
        return self.plan.duration

    def take(self, energy: float, ensemble: Ensemble, sim: SimConfig) -> Stage:
        """Go on to the measurement when displacements cover all windows that are remembered."""
        self.settled += 1
        if self.settled < self.plan.memory:
            return self
        if not ensemble.samples_moments:
            growth = steady_state_townsend.first_guess(
                ensemble.last_window, self.plan.lag, self.plan.duration, ensemble.growth_rate()
            )
            if growth is not None:
                ensemble.tilt = growth
        return Measurement.begin(ensemble, self.plan, self.relaxed_at)


@dataclass
class Measuring(Stage):
    """A part of a run in which sums are collected until a stop rule is met.

    Attributes
    ----------
    began_at : float
        Time at its start (s).
    collisions_before : int
        Real collisions at its start.
    measured : int
        What has been measured so far: windows, or passes through a waveform.
    next_check : int
        Number of them at which errors are estimated next.
    """

    began_at: float = field(kw_only=True)
    collisions_before: int = field(kw_only=True)
    measured: int = field(default=0, kw_only=True)
    next_check: int = field(default=FIRST_CHECK, kw_only=True)

    @property
    def check_is_due(self) -> bool:
        """Whether errors shall be estimated now."""
        return self.measured >= self.next_check

    def schedule_check(self, fraction: float, controlled: bool) -> None:
        """Schedule the next error estimate no later than shortly after the run's expected end."""
        growth = CONTROLLED_CHECK_GROWTH if controlled else CHECK_GROWTH
        ahead = min(growth, 1.0 / max(fraction, 1.0 / growth))
        self.next_check = max(self.measured + 1, round(self.measured * ahead))


@dataclass
class Measurement(Measuring):
    """Sum over windows until a stop rule is met.

    Attributes
    ----------
    plan : WindowPlan
        Windows.
    """

    name: ClassVar[str] = "measurement"

    plan: WindowPlan

    @classmethod
    def begin(cls, ensemble: Ensemble, plan: WindowPlan, relaxed_at: float | None) -> Measurement:
        """Start with sums of zero."""
        ensemble.start_afresh(measuring=True)
        collisions = int(ensemble.events[REAL_COLLISIONS])
        return cls(
            plan, began_at=ensemble.time, collisions_before=collisions, relaxed_at=relaxed_at
        )

    @property
    def duration(self) -> float:
        """Duration of a window (s)."""
        return self.plan.duration

    def take(self, energy: float, ensemble: Ensemble, sim: SimConfig) -> Stage:
        """Count the window; its sums are in the ensemble."""
        self.measured += 1
        return self


def to_dict(stage: Stage) -> dict[str, Any]:
    """The stage as numbers, texts, and lists and dicts of them."""
    return {"name": stage.name, **asdict(stage)}


def from_dict(state: Mapping[str, Any]) -> Stage:
    """The stage that gave this `to_dict`."""
    fields = dict(state)
    stage = Stage._by_name[fields.pop("name")]
    if "plan" in fields:
        fields["plan"] = WindowPlan(**fields["plan"])
    return stage(**fields)


def _mean_of_known(energies: Sequence[float] | FloatArray) -> float:
    """Mean of energies, without windows that had no trial; not a number if none had one."""
    finite = [energy for energy in energies if math.isfinite(energy)]
    return float(np.mean(finite)) if finite else math.nan


def longest_window(ensemble: Ensemble, sim: SimConfig) -> float:
    """Longest window that the growth of the swarm allows (s)."""
    return windows.longest_window(ensemble.growth_rate(), sim.max_ionization_growth_factor)
