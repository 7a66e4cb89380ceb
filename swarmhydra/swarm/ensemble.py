"""A swarm in its gas and fields: what a window does to it, and what it tells about itself."""

import logging
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from swarmhydra.collisions import scattering
from swarmhydra.collisions import tables as collision_tables
from swarmhydra.collisions.bounds import CELLS
from swarmhydra.collisions.energy_sharing import sharing_of
from swarmhydra.config import AccelConfig, Config, ConfigError, has_drift, sub_swarm_count
from swarmhydra.kernels import backends, contract, streams
from swarmhydra.kernels.arrays import FloatArray
from swarmhydra.kernels.contract import Surroundings, Tables, Tallies, Window
from swarmhydra.kernels.quantities import HALF_MASS, speed_at
from swarmhydra.run.checkpoint import Content
from swarmhydra.swarm import electrons as swarms
from swarmhydra.swarm import from_config
from swarmhydra.swarm.electrons import Swarm
from swarmhydra.swarm.expected_flight import ExpectedFlights, expected_flights
from swarmhydra.swarm.time_series import TimeSeries

log = logging.getLogger(__name__)
FREQUENCY_STEPS = 65536
"""Steps of the speed in which collision frequencies are tabled for expected flights."""

REACH_MARGIN = 1.25
"""Over the fastest departure so far: to where the tables of expected flights are dense."""

LARGEST_MASS_RATIO = 2e-3
"""Of electron and molecule, up to which expected flights are exact enough in a gas at rest: to its
square."""

LARGEST_MASS_RATIO_IN_MOTION = 2e-4
"""The same where molecules move: to its first power, for electrons as slow as thermal ones."""

STEPS_PER_CALL = 256
"""Steps of a sub-swarm between two moments in which a run can be watched and stopped."""


class Ensemble:
    """A swarm, the tables of its gas, the kernels that step it, and its sums.

    Parameters
    ----------
    config : Config

    Attributes
    ----------
    mixture : Mixture
        The gas.
    number_density : float
        Of the gas (1/m3).
    field : float
        Electric field that drives the electrons along +z (V/m); of an alternating one the
        amplitude.
    forces : Field
        What the fields do to an electron.
    swarm : Swarm
        The electrons.
    tables : Tables
        The gas as the kernels see it, with majorant bands for the speeds of this swarm.
    tallies : Tallies
        Sums since the last `start_afresh` or `remember`.
    events, seconds : ndarray
        Counts, and seconds in each stage, since the start; columns as in `kernels.contract`.
    time : float
        Since the start (s).
    ln_number : float
        Logarithm of the growth of the number of electrons since the start.
    flights : ExpectedFlights or None
        What flights will contribute; None before it is known, and where it cannot be.
    tilt : float
        Growth of a steady stream in space, as far as it is known (1/m).
    series : TimeSeries
        A row for each window.
    warnings : list of str
        What a reader of the results must know about the cross sections.
    """

    def __init__(self, config: Config) -> None:
        sim = config.sim
        self._sim = sim
        self._accel: AccelConfig = config.accel
        self.mixture = from_config.collision_partners(config)
        self.warnings = list(self.mixture.warnings)
        for warning in self.warnings:
            log.warning(warning)
        self.number_density = from_config.number_density(sim)
        self.field = sim.en * from_config.TOWNSEND * self.number_density
        self.forces = from_config.forces(sim, self.field, self.number_density)
        self._look_ups = from_config.look_ups(config.accel)
        processes = self.mixture.processes
        self._scattering = scattering.scattering_of(processes, sim, config.accel.scatter_lut)
        self._sharing = sharing_of(processes, sim)
        self.collision_tables = from_config.tables_of(self.mixture, self.number_density, config)
        self.keys = streams.spawn_keys(sim.run_label, sim.replica, sub_swarm_count(sim))
        self.initial_states = streams.initial_states(sim.seed, self.keys)
        for key, state in zip(self.keys, self.initial_states, strict=True):
            log.debug("stream with spawn key %s starts from %s", key.tolist(), state.tolist())
        self.flights: ExpectedFlights | None = None
        self.tilt = 0.0
        self._last_window: dict[str, FloatArray] = {}
        self.kernels = backends.load(config.accel.backend.name, config.accel.threads)
        self.swarm: Swarm = swarms.start(
            sim.electrons,
            len(self.keys),
            from_config.initial_conditions(sim),
            self.initial_states,
            memory=2,
        )
        self.series = TimeSeries(sim.log_every_k)
        self.time = 0.0
        self.ln_number = 0.0
        self.events = np.zeros(contract.EVENT_COLUMNS, dtype=np.int64)
        self.seconds = np.zeros(len(contract.STAGES))
        self.tallies = self._new_tallies()
        self._before: dict[str, FloatArray] | None = None
        self._weighted = 0.0
        self._fit_tables(self._speeds_at_start())
        self.kernels.prepare(self.swarm.arrays, self.surroundings(), self.tallies)

    def window(self, duration: float, measuring: bool, report: Callable[[], None]) -> float:
        """Take the swarm through one window.

        Parameters
        ----------
        duration : float
            (s)
        measuring : bool
            Whether the window is one of the measurement, for the time series.
        report : callable
            Is called after every few steps.

        Returns
        -------
        float
            Mean energy during the window (eV).

        Raises
        ------
        Extinct
            If no electron is left at its end.
        """
        swarm = self.swarm
        # A run that goes on from a checkpoint finds a window that has begun.
        opening = self._before is None
        before = self._before or _totals(self.tallies)
        if opening:
            self._before, self._weighted = before, swarm.weight_at_opening
        self._step_to_the_end(duration, opening, report)
        self._before = None
        self.time += duration
        gained = {name: total - before[name] for name, total in _totals(self.tallies).items()}
        self._last_window = gained
        self.events += gained["events"].astype(np.int64)
        self.seconds += gained["seconds"]
        self._watch_the_ends_of_the_tables()
        if not swarm.arrays.population.any():
            raise swarms.Extinct
        self.ln_number += float(np.log(swarm.weight_at_end / self._weighted))
        trial_time, square = gained["trial"][:2].tolist()
        # Not a number where nobody had a trial.
        energy = HALF_MASS * square / trial_time if trial_time > 0.0 else np.nan
        self._log(energy, gained, measuring)
        growth = self._sim.max_ionization_growth_factor
        swarms.control_population(swarm, growth)
        return energy

    def expect_spatial_growth(self, forgotten: int, duration: float) -> None:
        """Find about where a steady stream grows, by how far displacements came at the last end.

        Displacements are then weighted such that little is left to extrapolate.

        Parameters
        ----------
        forgotten : int
            Windows after which displacements grow at their final rate.
        duration : float
            Of a window (s).
        """
        last, early = self._last_window, forgotten - 1
        electrons = last["window_electrons"][0]
        mean = last["displacement"][:, 2] / electrons
        variance = last["displacement_product"][:, 2] / electrons - mean**2
        elapsed = (mean.size - forgotten) * duration
        drift = (mean[-1] - mean[early]) / elapsed
        diffusion = 0.5 * (variance[-1] - variance[early]) / elapsed
        growth = self.growth_rate()
        root = drift**2 - 4.0 * diffusion * growth
        # Where it is not above zero there is no steady stream.
        if root > 0.0 and drift > 0.0:
            self.tilt = float(2.0 * growth / (drift + np.sqrt(root)))

    def expect_flights(self) -> None:
        """Table what flights will contribute, for the growth and the speeds of the swarm so far.

        The groups of collisions are all, ionization and attachment.
        """
        occupied = np.flatnonzero(self.tallies.departures[:, :, 0].any(axis=0))
        if occupied.size:
            edges, action = self.collision_tables.cell_edges, self.tables.action
            changing = [action == contract.IONIZATION, action == contract.ATTACHMENT]
            groups = np.array([np.ones(action.size, dtype=bool), *changing])
            self.flights = expected_flights(
                edges,
                self.collision_tables.summed_frequency(groups, FREQUENCY_STEPS),
                self.forces.acceleration,
                self.growth_rate(),
                REACH_MARGIN * edges[occupied[-1] + 1],
            )

    def start_afresh(self) -> None:
        """Forget the sums, after fitting the majorant to the speeds that they show."""
        self._fit_tables(self.tallies.speed[:, :, 0].sum(axis=0))
        self.tallies = self._new_tallies()

    def remember(self, memory: int) -> None:
        """Forget all displacements and sums, and remember so many windows from here on."""
        self.swarm = swarms.with_memory(self.swarm, memory)
        self.start_afresh()

    def content(self) -> Content:
        """All that the rest of a run depends on; within a window, between two calls of kernels."""
        assert self._before is not None
        flights = {} if self.flights is None else vars(self.flights)
        groups: dict[str, Mapping[str, NDArray[Any]]] = {
            "swarm": swarms.content(self.swarm),
            "tallies": self.tallies._asdict(),
            "before": self._before,
            "series": self.series.content(),
            "flights": {name: np.asarray(value) for name, value in flights.items()},
            "ensemble": {
                "events": self.events,
                "seconds": self.seconds,
                "sums": np.array([self.time, self.ln_number, self._weighted, self.tilt]),
                "time_in_cell": self._time_in_cell,
            },
        }
        return Content(
            {
                f"{group}/{name}": a
                for group, arrays in groups.items()
                for name, a in arrays.items()
            },
            {"warnings": self.warnings},
        )

    def restore(self, content: Content) -> None:
        """Go on from the `content` of an ensemble with the same configuration."""
        own = content.group("ensemble")
        self.swarm = swarms.restored(content.group("swarm"))
        self.tallies = Tallies(**content.group("tallies"))
        self.series.restore(content.group("series"))
        flights = content.group("flights")
        growth = float(flights.pop("growth", np.nan))
        self.flights = ExpectedFlights(growth, **flights) if flights else None
        self.events, self.seconds = own["events"], own["seconds"]
        self.time, self.ln_number, self._weighted, self.tilt = own["sums"].tolist()
        self._before = content.group("before")
        self.warnings = list(content.notes["warnings"])
        self._fit_tables(own["time_in_cell"])

    def flights_per_electron(self) -> float:
        """Flights of an electron since the start."""
        return float(self.events[contract.FLIGHTS] / self._sim.electrons)

    def flight_time(self) -> float:
        """Mean time of a flight (s)."""
        return self._electron_time() / float(self.tallies.events[:, contract.FLIGHTS].sum())

    def growth_rate(self) -> float:
        """Net ionization frequency (1/s)."""
        action = self.tables.action
        collisions = self.tallies.collisions.sum(axis=0)
        born = collisions[action == contract.IONIZATION].sum()
        lost = collisions[action == contract.ATTACHMENT].sum()
        return float(born - lost) / self._electron_time()

    def exchange_time(self) -> float:
        """Mean energy over the rate at which electrons exchange energy with field and gas (s)."""
        time_spent = self._electron_time()
        trial = self.tallies.trial.sum(axis=0)
        energy = HALF_MASS * trial[1] / trial[0]
        gain = self.field * self.tallies.flux[:, 3].sum() / time_spent
        if self.forces.angular_frequency > 0.0:
            gain = 2.0 * HALF_MASS * self.tallies.phase[:, :, 5].sum() / time_spent
        mass_ratio = 1.0 / self.tables.recoil - 1.0
        frequency = self.tallies.collisions.sum(axis=0) / time_spent
        recoil = float(np.sum(2.0 * mass_ratio * frequency)) * energy
        threshold = float(np.sum(np.abs(self.tables.threshold) * frequency))
        return float(energy / (max(gain, threshold) + recoil))

    def energy_correlation(self, windows: int) -> FloatArray:
        """Covariance of an electron's energy with its own, or its ancestor's, windows ago (eV2).

        Shape (windows,), for 0, 1, 2, ... windows, of which there were so many since `remember`.
        """
        electrons = self.tallies.window_electrons.sum()
        # The window k ago was remembered at the end of all windows but the first k.
        known = electrons * (1.0 - np.arange(windows) / windows)
        products, energies = self.tallies.energy_memory.sum(axis=0)[:windows].T / known
        covariance: FloatArray = products - energies[0] * energies
        return covariance

    def _electron_time(self) -> float:
        """Time summed over the electrons, in the current sums (s)."""
        return float(self.tallies.flux[:, 0].sum())

    @cached_property
    def extra_frequency(self) -> FloatArray:
        """Frequencies of the processes that electrons do not notice, by speed cell (1/s)."""
        if not self.mixture.extra:
            return np.empty((CELLS, 0))
        tables = collision_tables.build(
            self.mixture.extra,
            self.mixture.extra_fraction,
            self.number_density,
            self._sim.temperature,
            self.mixture.energy_max,
            0,
        )
        return tables.cell_average_frequency

    @property
    def drifts(self) -> bool:
        """Whether there is a steady field that makes the electrons drift."""
        return has_drift(self._sim)

    def whole_periods(self, duration: float) -> float:
        """The time (s), lengthened to whole periods of an alternating field."""
        frequency = self._sim.frequency
        return float(np.ceil(duration * frequency) / frequency) if frequency > 0.0 else duration

    def surroundings(self) -> Surroundings:
        """Gas and fields as the kernels see them."""
        return Surroundings(self.tables, self._scattering, self._sharing, self.forces)

    @cached_property
    def _first_cell_beyond(self) -> int:
        """The first speed cell where a table of cross sections has ended."""
        end, _ = self.mixture.tables_end
        edges = self.collision_tables.cell_edges[:-1]
        return int(np.searchsorted(edges, speed_at(end)))

    def _step_to_the_end(self, duration: float, opening: bool, report: Callable[[], None]) -> None:
        """Step until nobody flies any more, after opening the window if that is still to do."""
        swarm, timed = self.swarm, self._sim.profile_per_step
        window = Window(duration, self._phase(), STEPS_PER_CALL, timed, self.tilt)
        surroundings = self.surroundings()
        flying = opening or swarm.arrays.active.any()
        while flying:
            self.kernels.advance(swarm.arrays, surroundings, window, self.tallies, opening)
            opening = False
            flying = swarm.arrays.active.any()
            if flying:
                swarms.relieve(swarm, self.tallies)
            report()

    def _watch_the_ends_of_the_tables(self) -> None:
        """Warn, once, that electrons came to where a table has ended, or refuse to go on."""
        end, name = self.mixture.tables_end
        beyond = self.tallies.speed[:, self._first_cell_beyond :]
        policy = self.mixture.extrapolation
        place = f"where the table of {name} ends"
        if policy == "error" and self.events[contract.ABOVE_TABLE] and not beyond.size:
            end, place = self.mixture.energy_max, "gas.energy_max"
        elif not beyond.any():
            return
        if policy == "error":
            raise ConfigError(
                f"gas.extrapolation=error: an electron came above {end:g} eV, {place}; expected "
                "tables that reach further, or hold, log_slope"
            )
        warning = (
            f"electrons came above {end:g} eV, {place}: beyond, gas.extrapolation={policy} holds"
        )
        if warning not in self.warnings:
            self.warnings.append(warning)
            log.warning(warning)

    def _phase(self) -> float:
        """Phase of an alternating field now."""
        return float(2.0 * np.pi * np.mod(self._sim.frequency * self.time, 1.0))

    def _log(self, energy: float, gained: dict[str, FloatArray], measuring: bool) -> None:
        """Add the window that just ended to the time series."""
        electrons = gained["window_electrons"][0]
        centroid = gained["displacement"][-1] / electrons
        variance = gained["displacement_product"][-1][:3] / electrons - centroid**2
        self.series.append(
            {
                "time": self.time,
                "mean_energy": energy,
                "drift_velocity": gained["flux"][3] / gained["flux"][0],
                "ln_number": self.ln_number,
                "centroid_z": centroid[2],
                "variance_z": variance[2],
                "variance_t": 0.5 * (variance[0] + variance[1]),
                "electrons": float(self.swarm.arrays.population.sum()),
                "trials": float(self.events[contract.TRIALS]),
                "real_collisions": float(self.events[contract.REAL_COLLISIONS]),
                "phase": float(measuring),
            }
        )

    def _new_tallies(self) -> Tallies:
        """Sums at zero."""
        processes = len(self.mixture.processes)
        phases = self._sim.phases if self.forces.angular_frequency > 0.0 else 0
        departure_cells = CELLS if self._flights_are_predictable() else 0
        return swarms.new_tallies(
            len(self.keys), processes, CELLS, self.swarm.memory, phases, departure_cells
        )

    def _flights_are_predictable(self) -> bool:
        """Whether the speed of a departure tells what to expect of the flight, on average."""
        steady = self.forces.angular_frequency == 0.0 and self.forces.gyration == 0.0
        mass_ratio = max(process.mass_ratio for process in self.mixture.processes)
        at_rest = self._sim.temperature == 0.0
        light = mass_ratio <= (LARGEST_MASS_RATIO if at_rest else LARGEST_MASS_RATIO_IN_MOTION)
        return steady and light and self._scattering.isotropic and self.forces.acceleration > 0.0

    def _speeds_at_start(self) -> FloatArray:
        """A first guess of the time spent in each speed cell: even, up to a few mean energies."""
        top = speed_at(max(4.0 * self._sim.initial_energy, 4.0))
        return (self.collision_tables.cell_speed <= top).astype(np.float64)

    def _fit_tables(self, time_in_cell: FloatArray) -> None:
        """Choose the majorant bands for a distribution of speeds, and remember it."""
        self._time_in_cell = time_in_cell
        self.tables = self._tables_for(time_in_cell)

    def _tables_for(self, time_in_cell: FloatArray) -> Tables:
        """Tables with the majorant bands that suit a distribution of speeds best."""
        bands = self._accel.max_coll_lut_size if self._accel.max_coll_lut else 1
        width, acceleration = np.inf, self.forces.acceleration
        if bands > 1:
            width = self.collision_tables.best_band_width(time_in_cell, acceleration, bands)
        return self.collision_tables.with_bands(width, bands, acceleration, self._look_ups)


def _totals(tallies: Tallies) -> dict[str, FloatArray]:
    """The small sums, over all sub-swarms."""
    names = ("flux", "trial", "window_electrons", "displacement", "displacement_product")
    totals = {name: getattr(tallies, name).sum(axis=0) for name in names}
    return totals | {name: getattr(tallies, name).sum(axis=0) for name in ("events", "seconds")}
