"""Relaxed swarms of any size in any backend, and timed windows of them."""

import copy
import math
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from swarmhydra.config import Config
from swarmhydra.config.compose import composed
from swarmhydra.kernels import contract
from swarmhydra.run.checked import checked
from swarmhydra.run.simulation import Simulation
from swarmhydra.run.stages import Calibration, Settling
from swarmhydra.swarm.ensemble import Ensemble

SIZES = ("small", "medium", "large")
"""Options of `sim` with 1e3, 1e4 and 1e5 electrons."""

FIELDS = (10.0, 100.0, 500.0)
"""(Td)"""

ACCELS = ("numpy", "jit", "jit_lut")

FLIGHTS = 256.0
"""Longest window, in mean flights of an electron."""

FIRST_WINDOW = 0.25
"""The untimed window before the samples, over the window of the samples."""


@dataclass(frozen=True)
class Relaxed:
    """What a swarm at one field looks like once it has relaxed.

    Attributes
    ----------
    conditions : tuple of str
        Overrides that set gas, field and temperature.
    velocity : ndarray, shape (3, n)
        Of its electrons (m/s).
    time_in_cell : ndarray, shape (cells,)
        Time spent in each speed cell (s).
    window : float
        The window that a run would measure with (s).
    flight_time : float
        Mean time of a flight (s).
    memory : int
        Windows that a run would remember.
    """

    conditions: tuple[str, ...]
    velocity: NDArray[np.float64]
    time_in_cell: NDArray[np.float64]
    window: float
    flight_time: float
    memory: int

    @property
    def timed_window(self) -> float:
        """The window of the run, or the longest one to be timed (s)."""
        return min(self.window, FLIGHTS * self.flight_time)


@dataclass(frozen=True)
class Sample:
    """What some windows took and did; seconds are those of this process."""

    cpu_seconds: float
    wall_seconds: float
    flights: int
    trials: int
    real_collisions: int


class Timed:
    """Something that is timed again and again, in turn with others.

    Attributes
    ----------
    samples : list of Sample
    """

    def __init__(self) -> None:
        self.samples: list[Sample] = []

    def time(self) -> None:
        """Take one more sample."""
        self.samples.append(self._sample())

    def _sample(self) -> Sample:
        """What is timed."""
        raise NotImplementedError

    def median(self, numerator: str, denominator: str) -> float:
        """Median over the samples of the ratio of two of their fields."""
        return float(np.median(self._ratios(numerator, denominator)))

    def spread(self, numerator: str, denominator: str) -> float:
        """Half the distance between the quartiles of that ratio, over its median."""
        low, middle, high = np.quantile(self._ratios(numerator, denominator), (0.25, 0.5, 0.75))
        return float(0.5 * (high - low) / middle)

    def _ratios(self, numerator: str, denominator: str) -> list[float]:
        """The ratio of two fields in each sample."""
        return [getattr(each, numerator) / getattr(each, denominator) for each in self.samples]

    def gain_over(self, other: "Timed", numerator: str, denominator: str) -> float:
        """Median of that ratio over that of another, pairwise: what was timed in turn together."""
        mine, others = (each._ratios(numerator, denominator) for each in (self, other))
        return float(np.median(np.array(mine) / np.array(others)))


class Case(Timed):
    """A swarm whose windows are timed.

    Parameters
    ----------
    config : Config
    ensemble : Ensemble
        The swarm.
    window : float
        (s)
    windows : int
        Windows per sample.
    """

    def __init__(self, config: Config, ensemble: Ensemble, window: float, windows: int) -> None:
        super().__init__()
        self.config, self.ensemble = config, ensemble
        self.window, self.windows = window, windows

    def _sample(self) -> Sample:
        """Take the swarm through its windows."""
        return timed_windows(self.ensemble, self.window, self.windows)


def conditions(en: float, temperature: float) -> tuple[str, ...]:
    """Overrides for argon at a field (Td) and a temperature (K)."""
    return ("gas=argon", f"sim.en={en}", f"sim.temperature={temperature}")


def configured(*overrides: str) -> Config:
    """A configuration."""
    return checked(composed(overrides))


def relaxed(en: float, temperature: float) -> Relaxed:
    """Relax a swarm of medium size, and let it plan its windows."""
    where = conditions(en, temperature)
    simulation = Simulation(configured(*where, "accel=jit_lut", "sim=medium"))
    while not isinstance(simulation.stage, Calibration):
        simulation.step()
    flight_time = simulation.stage.flight_time
    while not isinstance(simulation.stage, Settling):
        simulation.step()
    plan, ensemble = simulation.stage.plan, simulation.ensemble
    arrays = ensemble.swarm.arrays
    velocities = [
        electrons[contract.VX : contract.VZ + 1, :count]
        for electrons, count in zip(arrays.electrons, arrays.population, strict=True)
    ]
    return Relaxed(
        conditions=where,
        velocity=np.concatenate(velocities, axis=1),
        time_in_cell=ensemble.time_in_cell,
        window=plan.duration,
        flight_time=flight_time,
        memory=plan.memory,
    )


def case(swarm: Relaxed, *overrides: str, sample_seconds: float) -> Case:
    """A swarm of another size in another backend, like the relaxed one, ready to be timed.

    Its electrons take their velocities at random from the relaxed ones, and part from those that
    took the same one in a first window, which is not timed.

    Parameters
    ----------
    swarm : Relaxed
    *overrides : str
        Size and backend.
    sample_seconds : float
        Seconds of processor time that a sample is to take at least, of whole windows (s).
    """
    config = configured(*swarm.conditions, *overrides)
    ensemble = Ensemble(config)
    arrays = ensemble.swarm.arrays
    rng = np.random.default_rng(0)
    for electrons, count in zip(arrays.electrons, arrays.population, strict=True):
        chosen = rng.integers(swarm.velocity.shape[1], size=count)
        electrons[contract.VX : contract.VZ + 1, :count] = swarm.velocity[:, chosen]
    # The majorant bands are fitted to the speeds that the sums show.
    ensemble.tallies.speed[0, :, 0] = swarm.time_in_cell
    ensemble.remember(swarm.memory)
    first = timed_windows(ensemble, FIRST_WINDOW * swarm.timed_window, 1)
    windows = math.ceil(FIRST_WINDOW * sample_seconds / first.cpu_seconds)
    return Case(config, ensemble, swarm.timed_window, windows)


def twin(original: Case, threads: int) -> Case:
    """A copy of a case in its present state, on another number of threads."""
    config = copy.deepcopy(original.config)
    config.accel.threads = threads
    ensemble = Ensemble(config)
    ensemble.swarm = copy.deepcopy(original.ensemble.swarm)
    ensemble.tallies = copy.deepcopy(original.ensemble.tallies)
    ensemble.tables = original.ensemble.tables
    return Case(config, ensemble, original.window, original.windows)


def timed_windows(ensemble: Ensemble, window: float, windows: int) -> Sample:
    """Take a swarm through some windows, and tell what they took."""

    def go_on() -> None:
        for _ in range(windows):
            ensemble.window(window, measuring=True, report=lambda: None)

    return timed(ensemble, go_on)


def timed(ensemble: Ensemble, work: Callable[[], None]) -> Sample:
    """Let a swarm go on, and tell what that took."""
    events = ensemble.events.copy()
    cpu, wall = time.process_time(), time.perf_counter()
    work()
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    counted = ensemble.events - events
    return Sample(
        cpu_seconds=cpu,
        wall_seconds=wall,
        flights=int(counted[contract.FLIGHTS]),
        trials=int(counted[contract.TRIALS]),
        real_collisions=int(counted[contract.REAL_COLLISIONS]),
    )
