"""The run: relax, learn how long the swarm remembers, measure window by window, stop."""

import logging
import resource
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import constants

from swarmhydra import collision_tables, relaxation, stopping, transport
from swarmhydra import swarm as swarms
from swarmhydra.collision_tables import CELLS, CollisionTables, LookUps
from swarmhydra.config import Config, sub_swarm_count, to_yaml
from swarmhydra.gas import mixture as mixtures
from swarmhydra.kernels import backends, contract, streams
from swarmhydra.kernels.contract import Tables, Tallies, Window
from swarmhydra.kernels.quantities import HALF_MASS
from swarmhydra.results import Estimate, RunRecord
from swarmhydra.swarm import Swarm
from swarmhydra.time_series import TimeSeries

log = logging.getLogger(__name__)

TOWNSEND = 1e-21
"""V m2"""

STANDARD_TEMPERATURE = 273.15
"""Temperature (K) that gives a gas at rest (0 K) its density at a pressure."""

STEPS_PER_CALL = 256
"""Steps of a sub-swarm between two moments in which a run can be watched and stopped."""

FIRST_FLIGHTS = 16.0
"""Flights of the fastest collider in the first windows of the relaxation."""

RELAXATION_SAMPLES = 64
"""Windows of the relaxation whose mean energies are kept; then pairs of them become one."""

EXCHANGE_TIMES = 2.0
"""Energy exchange times that a relaxation lasts at least."""

CALIBRATION_WINDOWS = 4
"""Windows that the energy correlation is averaged over, once the memory is full."""

PATIENCE = 1.1
"""Growth of a measurement between two looks at its errors."""


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
    simulation = Simulation(config, progress)
    relaxed = simulation.relax()
    plan = simulation.plan()
    reason = simulation.measure(plan)
    return simulation.record(relaxed, plan, reason)


class Simulation:
    """A swarm in a gas, and what was summed along the way."""

    def __init__(self, config: Config, progress: Callable[[Progress], None] | None) -> None:
        self.config = config
        self._progress = progress
        self._started = (time.perf_counter(), time.process_time())
        sim = config.sim
        self.mixture = mixtures.build(config.gas)
        temperature = sim.temperature or STANDARD_TEMPERATURE
        self.number_density = sim.pressure / (constants.Boltzmann * temperature)
        self.field = sim.en * TOWNSEND * self.number_density
        self.acceleration = self.field * constants.elementary_charge / constants.electron_mass
        accel = config.accel
        self._look_ups = LookUps(
            accel.collision_lut_size if accel.collision_lut else 0,
            accel.scatter_lut,
            accel.velocity_lut,
        )
        self.collision_tables: CollisionTables = collision_tables.build(
            self.mixture.processes,
            self.mixture.fraction,
            self.number_density,
            sim.temperature,
            self.mixture.energy_max,
            self._look_ups.collision,
        )
        self.keys = streams.spawn_keys(sim.run_label, sim.replica, sub_swarm_count(sim))
        self.initial_states = streams.initial_states(sim.seed, self.keys)
        self.kernels = backends.load(accel.backend.name, accel.threads)
        self.swarm: Swarm = swarms.start(
            sim.electrons, len(self.keys), sim.initial_energy, self.initial_states, memory=2
        )
        self.series = TimeSeries(sim.log_every_k)
        self.time = 0.0
        self.ln_number = 0.0
        self.events = np.zeros(contract.EVENT_COLUMNS, dtype=np.int64)
        self.seconds = np.zeros(len(contract.STAGES))
        self._phase = ("relaxation", 0.0)
        self.tallies = self._new_tallies()
        self.tables = self._tables_for(self._energies_at_start())
        self.kernels.prepare(self.swarm.arrays, self.tables, self.tallies)

    def relax(self) -> float | None:
        """Run until the mean energy is stationary; return when that was (s), None if never.

        The mean energies of up to 64 windows of equal length cover the whole time. When there are
        64, pairs become one and the windows twice as long. The swarm has relaxed when MSER-5 cuts
        off less than half of the series, and the time exceeds twice the time in which the electrons
        exchange their energy with field and gas, so that nothing slow is overlooked.
        """
        duration = FIRST_FLIGHTS / float(self.tables.ceiling.max())
        energies: list[float] = []
        while True:
            energies.append(self._window_energy(duration))
            if len(energies) >= RELAXATION_SAMPLES // 2 and len(energies) % 8 == 0:
                cut = relaxation.truncation_point(np.array(energies))
                if cut is not None and self.time > EXCHANGE_TIMES * self._exchange_time():
                    return cut * duration
                if self._flights_per_electron() > self.config.sim.relaxation_collisions:
                    log.warning(
                        "the swarm has not relaxed within sim.relaxation_collisions=%g flights per "
                        "electron: what follows is measured on a swarm that still changes",
                        self.config.sim.relaxation_collisions,
                    )
                    return None
            if len(energies) == RELAXATION_SAMPLES:
                pairs = np.reshape(energies, (-1, 2))
                energies = list(pairs.mean(axis=1))
                duration *= 2.0
                self._start_afresh()

    def plan(self) -> relaxation.WindowPlan:
        """Measure how fast an electron's energy is forgotten, and choose the windows by it."""
        self._phase = ("calibration", 0.0)
        sim = self.config.sim
        growth, flight = self._growth_rate(), self._flight_time()
        step = max(self._exchange_time() / 8.0, 4.0 * flight)
        step = min(step, self._longest_window(growth))
        memory = relaxation.LONGEST_MEMORY
        while True:
            correlation = relaxation.correlation_time(self._energy_correlation(step, memory), step)
            if correlation is not None:
                break
            longest = self._longest_window(growth)
            if step >= longest:
                # Growth forbids to look further back: the longest look is the best guess.
                correlation = memory * step
                break
            step = min(4.0 * step, longest)
        return relaxation.plan_windows(
            correlation,
            flight,
            growth,
            sim.max_ionization_growth_factor,
            sim.window,
            sim.memory_windows,
        )

    def measure(self, plan: relaxation.WindowPlan) -> str:
        """Measure until a stop rule is met; return which one."""
        self._remember(plan.memory)
        for _ in range(plan.memory):
            self._window(plan.duration)
        self._start_afresh()
        self._phase = ("measurement", 0.0)
        self.measured_since = (self.time, self.events.copy())
        windows, next_look = 0, 4
        while True:
            self._window(plan.duration)
            windows += 1
            if windows >= next_look or self._out_of_time():
                next_look = max(windows + 1, int(windows * PATIENCE))
                verdict = self._judge(plan)
                self._phase = ("measurement", verdict.fraction)
                if verdict.reason is not None:
                    return verdict.reason

    # Windows

    def _window(self, duration: float) -> None:
        """Take the swarm through one window."""
        swarm, tallies = self.swarm, self.tallies
        events = tallies.events.sum(axis=0)
        seconds = tallies.seconds.sum(axis=0)
        before = tallies.trial.sum(axis=0), tallies.flux.sum(axis=0)
        self.kernels.open_window(swarm.arrays, tallies)
        weighted = swarm.weighted_population
        window = Window(
            duration, self.acceleration, STEPS_PER_CALL, self.config.sim.profile_per_step
        )
        while swarm.arrays.active.any():
            self.kernels.advance(swarm.arrays, self.tables, window, tallies)
            swarms.relieve(swarm, tallies)
            self._report()
        self.kernels.close_window(swarm.arrays, tallies)
        self.time += duration
        self.ln_number += float(np.log(swarm.weighted_population / weighted))
        self.events += tallies.events.sum(axis=0) - events
        self.seconds += tallies.seconds.sum(axis=0) - seconds
        trial, flux = tallies.trial.sum(axis=0), tallies.flux.sum(axis=0)
        self._log_window(trial - before[0], flux - before[1])
        swarms.control_population(swarm, self.config.sim.max_ionization_growth_factor)

    def _window_energy(self, duration: float) -> float:
        """Mean energy during a window (eV)."""
        before = self.tallies.trial.sum(axis=0)
        self._window(duration)
        spent = self.tallies.trial.sum(axis=0) - before
        return float(HALF_MASS * spent[1] / spent[0])

    def _log_window(self, trial: NDArray[np.float64], flux: NDArray[np.float64]) -> None:
        """Add the window that just ended to the time series."""
        electrons = self.swarm.arrays
        place = [
            electrons.electrons[s, contract.X : contract.Z + 1, :n]
            for s, n in enumerate(electrons.population)
        ]
        x, y, z = np.concatenate(place, axis=1)
        self.series.append(
            {
                "time": self.time,
                "mean_energy": HALF_MASS * trial[1] / trial[0],
                "drift_velocity": flux[3] / flux[0],
                "ln_number": self.ln_number,
                "centroid_z": z.mean(),
                "variance_z": z.var(),
                "variance_t": 0.5 * (x.var() + y.var()),
                "electrons": float(electrons.population.sum()),
                "trials": float(self.events[contract.TRIALS]),
                "real_collisions": float(self.events[contract.REAL_COLLISIONS]),
                "phase": float(self._phase[0] == "measurement"),
            }
        )

    def _new_tallies(self) -> Tallies:
        """Sums at zero."""
        processes = len(self.mixture.processes)
        return swarms.new_tallies(len(self.keys), processes, CELLS, self.swarm.memory)

    def _start_afresh(self) -> None:
        """Forget the sums, after fitting the majorant to the speeds that they show."""
        self.tables = self._tables_for(self.tallies.speed.sum(axis=0))
        self.tallies = self._new_tallies()

    def _remember(self, memory: int) -> None:
        """Forget all displacements and sums, and remember so many windows from here on."""
        self.tables = self._tables_for(self.tallies.speed.sum(axis=0))
        self.swarm = swarms.with_memory(self.swarm, memory)
        self.tallies = self._new_tallies()

    def _tables_for(self, time_in_cell: NDArray[np.float64]) -> Tables:
        """Tables with the majorant bands that suit a distribution of speeds best."""
        accel = self.config.accel
        bands = accel.max_coll_lut_size if accel.max_coll_lut else 1
        width = (
            self.collision_tables.best_band_width(time_in_cell, self.acceleration, bands)
            if bands > 1
            else np.inf
        )
        return self.collision_tables.with_bands(width, bands, self.acceleration, self._look_ups)

    # What the swarm tells about itself

    def _energies_at_start(self) -> NDArray[np.float64]:
        """A first guess of the time spent in each speed cell: even, up to a few mean energies."""
        top = collision_tables.speed_of(max(4.0 * self.config.sim.initial_energy, 4.0))
        return (self.collision_tables.cell_speed <= top).astype(np.float64)

    def _flights_per_electron(self) -> float:
        """Flights of an electron since the start."""
        return float(self.events[contract.FLIGHTS] / self.config.sim.electrons)

    def _electron_time(self) -> float:
        """Time summed over the electrons, in the current sums (s)."""
        return float(self.tallies.flux[:, 0].sum())

    def _flight_time(self) -> float:
        """Mean time of a flight (s)."""
        weight = self._electron_time() / max(self.tallies.events[:, contract.FLIGHTS].sum(), 1)
        return float(weight)

    def _growth_rate(self) -> float:
        """Net ionization frequency (1/s)."""
        action = self.tables.action
        collisions = self.tallies.collisions.sum(axis=0)
        born = collisions[action == contract.IONIZATION].sum()
        lost = collisions[action == contract.ATTACHMENT].sum()
        return float((born - lost) / self._electron_time())

    def _longest_window(self, growth: float) -> float:
        """Window in which the swarm changes by at most the allowed factor (s)."""
        if growth == 0.0:
            return float(np.inf)
        return float(np.log(self.config.sim.max_ionization_growth_factor) / abs(growth))

    def _exchange_time(self) -> float:
        """Mean energy over the rate at which electrons exchange energy with field and gas (s)."""
        tallies, time_spent = self.tallies, self._electron_time()
        trial = tallies.trial.sum(axis=0)
        energy = HALF_MASS * trial[1] / trial[0]
        gain = self.field * tallies.flux[:, 3].sum() / time_spent
        mass_ratio = 1.0 / self.tables.recoil - 1.0
        frequency = tallies.collisions.sum(axis=0) / time_spent
        recoil = float(np.sum(2.0 * mass_ratio * frequency)) * energy
        threshold = float(np.sum(self.tables.threshold * frequency))
        return float(energy / (max(gain, threshold) + recoil))

    def _energy_correlation(self, step: float, memory: int) -> NDArray[np.float64]:
        """Correlation of an electron's energy with its own (or its ancestor's) earlier one."""
        self._remember(memory)
        for _ in range(memory):
            self._window(step)
        self._start_afresh()
        for _ in range(CALIBRATION_WINDOWS):
            self._window(step)
        electrons = self.tallies.window_electrons.sum()
        products, energies = self.tallies.energy_memory.sum(axis=0).T / electrons
        correlation: NDArray[np.float64] = products - energies[0] * energies
        return correlation

    # Stopping and reporting

    def _judge(self, plan: relaxation.WindowPlan) -> stopping.Verdict:
        """Compare errors and budgets with the stop rules."""
        stop = self.config.sim.stop
        since, events = self.measured_since
        collisions = self.events[contract.REAL_COLLISIONS] - events[contract.REAL_COLLISIONS]
        spent = stopping.Spent(float(collisions), self.time - since, self._wall_time())
        limits = {name: getattr(stop, name) for name in asdict(spent)}
        return stopping.judge(
            transport.coefficients(self.tallies, self._conditions(plan)),
            asdict(stop.rel_error),
            limits,
            spent,
        )

    def _out_of_time(self) -> bool:
        """Whether the wall time is used up."""
        limit = self.config.sim.stop.wall_time
        return limit is not None and self._wall_time() >= limit

    def _wall_time(self) -> float:
        """Seconds since the start."""
        return time.perf_counter() - self._started[0]

    def _report(self) -> None:
        """Tell of the progress."""
        if self._progress is None:
            return
        message, fraction = self._phase
        trials = int(self.tallies.events[:, contract.TRIALS].sum() + 0)
        wall = self._wall_time()
        eta = wall * (1.0 / fraction - 1.0) if fraction > 0.0 else float("nan")
        self._progress(Progress(fraction, trials, trials / wall, eta, message))

    def _conditions(self, plan: relaxation.WindowPlan) -> transport.Conditions:
        """What the coefficients depend on besides the sums."""
        return transport.Conditions(
            number_density=self.number_density,
            field=self.field,
            action=self.tables.action,
            target_density=self.number_density * self.mixture.fraction,
            cell_edges=self.collision_tables.cell_edges,
            cell_frequency=self.collision_tables.cell_average_frequency,
            window=plan.duration,
            forgotten=plan.forgotten,
        )

    def record(self, relaxed: float | None, plan: relaxation.WindowPlan, reason: str) -> RunRecord:
        """All that was found."""
        conditions = self._conditions(plan)
        estimates: dict[str, Estimate] = transport.coefficients(self.tallies, conditions)
        return RunRecord(
            coefficients=estimates,
            processes={
                "name": [p.name for p in self.mixture.processes],
                "kind": [p.kind.value for p in self.mixture.processes],
                "target": [p.target for p in self.mixture.processes],
                "threshold": [p.threshold for p in self.mixture.processes],
            },
            eedf=transport.energy_distribution(self.tallies, conditions),
            time_series=self.series.columns(),
            perf_stages=self._perf_stages(),
            perf=self._perf(),
            rng={
                "bit_generator": streams.BIT_GENERATOR,
                "entropy": self.config.sim.seed,
                "spawn_keys": self.keys,
                "initial_state": self.initial_states,
                "final_state": self.swarm.arrays.random_state,
            },
            coordinates=self._coordinates(),
            attributes=self._attributes(relaxed, plan, reason),
        )

    def _perf_stages(self) -> dict[str, NDArray[np.float64]]:
        """The breakdown over the four stages."""
        e = self.events
        events = np.array(
            [
                e[contract.FLIGHTS],
                e[contract.TRIALS],
                e[contract.REAL_COLLISIONS],
                e[contract.TRIALS],
            ]
        )
        timed = self.config.sim.profile_per_step
        seconds = self.seconds if timed else np.full(len(contract.STAGES), np.nan)
        return {
            "seconds": seconds,
            "share": seconds / seconds.sum(),
            "calls": np.full(len(contract.STAGES), e[contract.STEPS]),
            "events": events,
            "ns_per_event": 1e9 * seconds / events,
        }

    def _perf(self) -> dict[str, float | int]:
        """Counts and costs of the whole run."""
        e = self.events
        trials, flights = int(e[contract.TRIALS]), int(e[contract.FLIGHTS])
        return {
            "trials": trials,
            "real_collisions": int(e[contract.REAL_COLLISIONS]),
            "null_share": 1.0 - int(e[contract.REAL_COLLISIONS]) / trials,
            "horizon_share": 1.0 - trials / flights,
            "majorant_violations": int(e[contract.VIOLATIONS]),
            "threads": self.kernels.threads,
            "compile_seconds": self.kernels.compile_seconds,
            "wall_seconds": self._wall_time(),
            "cpu_seconds": time.process_time() - self._started[1],
            "peak_rss": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        }

    def _coordinates(self) -> dict[str, float | int | str]:
        """What sweeps vary."""
        sim = self.config.sim
        return {
            "en": sim.en,
            "gas": self.config.gas.name,
            "accel": self.config.accel.name,
            "temperature": sim.temperature,
            "pressure": sim.pressure,
            "seed": sim.seed,
        }

    def _attributes(
        self, relaxed: float | None, plan: relaxation.WindowPlan, reason: str
    ) -> dict[str, str | float | int]:
        """How the run went."""
        return {
            "stop_reason": reason,
            "relaxed": int(relaxed is not None),
            "relaxation_time": float("nan") if relaxed is None else relaxed,
            "window": plan.duration,
            "memory_windows": plan.memory,
            "forgotten_windows": plan.forgotten,
            "degrees_of_freedom": len(self.keys) - 1,
            "references": self.mixture.citation,
            "backend_asked": self.config.accel.backend.name,
            "backend_ran": self.kernels.name,
            "config": to_yaml(self.config),
        }
