"""A swarm in its gas and fields, taken through one window after the other."""

import logging
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from swarmhydra.collisions.bounds import CELLS
from swarmhydra.config import Config, sub_swarm_count
from swarmhydra.kernels import backends, contract, streams
from swarmhydra.kernels.arrays import FloatArray, IntArray
from swarmhydra.kernels.contract import Surroundings, Tallies, Window
from swarmhydra.swarm import diagnostics, electrons, from_config
from swarmhydra.swarm.electrons import Swarm
from swarmhydra.swarm.expected_flight import ExpectedFlights, flights_of_swarm
from swarmhydra.swarm.initial_conditions import LegendreStart
from swarmhydra.swarm.majorants import speeds_at_start, tables_with_majorant
from swarmhydra.swarm.moment_plan import MomentPlan, order_bins, sampling_of
from swarmhydra.swarm.population import control_population, make_room
from swarmhydra.swarm.table_ends import TableEnds
from swarmhydra.swarm.tallies import new_tallies, require_same_shapes, totals
from swarmhydra.swarm.time_series import TimeSeries

log = logging.getLogger(__name__)

STEPS_PER_CALL = 256
"""Steps of a sub-swarm between two moments at which a run can be watched and stopped."""


class Ensemble:
    """A swarm, the kernels that step it, and its sums.

    Parameters
    ----------
    config : Config

    Attributes
    ----------
    medium : Medium
        Gas and fields.
    field : Field
        The fields in the window.
    swarm : Swarm
        The electrons.
    tables : Tables
        The gas as the kernels see it, with majorant bands for the speeds of this swarm.
    time_in_cell : ndarray, shape (cells,)
        Time spent in each speed cell that those bands were fitted to.
    tallies : Tallies
        Sums since the last `start_afresh` or `remember`.
    last_window : dict of str to ndarray
        What the last window added to the sums of `swarm.tallies.SMALL_SUMS`.
    events, seconds : ndarray
        Counts, and seconds in each stage of a step, since the start; columns as in
        `kernels.contract`.
    time : float
        Time since the start (s).
    ln_number : float
        Logarithm of the growth of the number of electrons since the start.
    flights : ExpectedFlights or None
        Expected contributions of flights; None until `expect_flights`, and where speeds after
        collisions do not determine them.
    tilt : float
        Growth rate in space (1/m) that displacements are weighted against.
    series : TimeSeries
        A row for each window.
    order_cells : ndarray of int, shape (bins + 1,), or None
        Speed cells at which the bins begin and end in which Legendre orders are sampled; None while
        they are not.
    """

    def __init__(
        self,
        config: Config,
        start: LegendreStart | None = None,
        moments: MomentPlan | None = None,
    ) -> None:
        sim = config.sim
        self._moments = moments
        self.medium = from_config.medium(config)
        for warning in self.medium.mixture.warnings:
            log.warning(warning)
        self._nominal_electrons = sim.electrons
        self._largest_growth = sim.max_ionization_growth_factor
        self._timed = sim.profile_per_step
        self.field = self.medium.field
        self._phases = sim.phases if self.medium.frequency > 0.0 else 0
        if self.field.has_course:
            self._phases = 1
        self._orders = from_config.order_sampling(config) if moments is None else None
        self.order_cells: IntArray | None = None
        self._table_ends = TableEnds(self.medium)
        self.keys = streams.spawn_keys(sim.run_label, sim.replica, sub_swarm_count(sim))
        self.initial_states = streams.initial_states(sim.seed, self.keys)
        for key, state in zip(self.keys, self.initial_states, strict=True):
            log.debug("stream with spawn key %s starts from %s", key.tolist(), state.tolist())
        self.kernels = backends.load(config.accel.backend.name, config.accel.threads)
        self.swarm: Swarm = electrons.start(
            sim.electrons,
            len(self.keys),
            start or from_config.initial_conditions(sim),
            self.initial_states,
            memory=2,
        )
        self.series = TimeSeries(sim.log_every_k)
        self.time = 0.0
        self.ln_number = 0.0
        self.flights: ExpectedFlights | None = None
        self.tilt = 0.0 if moments is None else moments.tilt
        self.events = np.zeros(contract.EVENT_COLUMNS, dtype=np.int64)
        self.seconds = np.zeros(len(contract.STAGES))
        self.tallies = self._new_tallies()
        self.last_window: dict[str, FloatArray] = {}
        # Sums and number of electrons at the opening of the window that is under way.
        self._at_opening: dict[str, FloatArray] | None = None
        self._number_at_opening = 0.0
        self._sums_at_opening: Tallies | None = None
        edges = self.medium.collision_tables.cell_edges
        self._fit_majorant(
            speeds_at_start(self.medium, sim.initial_energy)
            if start is None
            else start.time_in_cells(edges)
        )
        self.kernels.prepare(self.swarm.arrays, self.surroundings(), self.tallies)

    @property
    def samples_moments(self) -> bool:
        """Whether velocity moments are sampled, for control variates."""
        return self._moments is not None

    @property
    def has_sampled(self) -> bool:
        """Whether there was a trial in the windows of the sums: not if they are far too short."""
        return bool(self.tallies.trial.any())

    @property
    def window_is_open(self) -> bool:
        """Whether a window is under way."""
        return self._at_opening is not None

    def elapsed(self, duration: float) -> float:
        """Time since the start (s), the part of a window of some duration that is done included."""
        return self.time + (self.swarm.elapsed(duration) if self.window_is_open else 0.0)

    @property
    def trials(self) -> int:
        """Trials since the start, those of the window that is under way included."""
        so_far = int(self.events[contract.TRIALS])
        if self._at_opening is None:
            return so_far
        now = int(self.tallies.events[:, contract.TRIALS].sum())
        return so_far + now - int(self._at_opening["events"][contract.TRIALS])

    @property
    def warnings(self) -> tuple[str, ...]:
        """Warnings about the cross sections, for readers of the results."""
        return (*self.medium.mixture.warnings, *self._table_ends.warnings)

    def window(
        self,
        duration: float,
        measuring: bool,
        report: Callable[[], None],
        keep_sums: bool = False,
    ) -> float:
        """Take the swarm through one window, or through the rest of one that is under way.

        In this order: the window opens, sub-swarms resampled to the size that population control
        chose; the kernels step every electron to its end; counts, the ends of the tables and the
        time series are brought up to date; population control chooses the sizes for the next one.

        Parameters
        ----------
        duration : float
            Duration of the whole window (s).
        measuring : bool
            Whether the window is one of the measurement, for the time series.
        report : callable
            Called after every few steps; the state of the ensemble can then be saved.
        keep_sums : bool, optional
            Whether to keep a copy of the sums at the opening, for `drop_window`.

        Returns
        -------
        float
            Mean energy during the window (eV); not a number if there was no trial.

        Raises
        ------
        Extinct
            If no electron is left at its end.
        ConfigError
            If an electron came above the end of a table and gas.extrapolation=error.
        """
        opening = self._at_opening is None
        if self._at_opening is None:
            self._at_opening = totals(self.tallies)
            self._number_at_opening = self.swarm.weight_at_opening
            self._sums_at_opening = self.tallies.each(np.copy) if keep_sums else None
        self._step_to_the_end(duration, opening, report)
        before, self._at_opening = self._at_opening, None
        self.time += duration
        gain = {name: total - before[name] for name, total in totals(self.tallies).items()}
        self.last_window = gain
        self.events += gain["events"].astype(np.int64)
        self.seconds += gain["seconds"]
        self._table_ends.watch(self.tallies.speed, int(self.events[contract.ABOVE_TABLE]))
        if not self.swarm.arrays.population.any():
            raise electrons.Extinct
        self.ln_number += float(np.log(self.swarm.weight_at_end / self._number_at_opening))
        energy = diagnostics.mean_energy(gain["trial"])
        self._log(energy, measuring)
        self._control_population()
        return energy

    @property
    def window_can_be_dropped(self) -> bool:
        """Whether the sums at the opening of the window that is under way have been kept."""
        return self._sums_at_opening is not None

    def drop_window(self) -> None:
        """Take back what the window that is under way has added to the sums.

        They are those of the windows before then; the ensemble cannot go on.
        """
        assert self._sums_at_opening is not None
        self.tallies, self._at_opening = self._sums_at_opening, None

    def expect_flights(self) -> None:
        """Table what flights will contribute, for the growth and the speeds of the swarm so far."""
        if self.medium.flights_are_predictable:
            growth = self.growth_rate()
            self.flights = flights_of_swarm(self.medium, self.tallies.departures, growth)

    def start_afresh(self, measuring: bool = False) -> None:
        """Set all sums to zero, after the majorant has been fitted to the speeds that they show.

        Parameters
        ----------
        measuring : bool, optional
            Whether a measurement begins, for which Legendre orders are sampled if asked for.
        """
        time_in_cell = self.tallies.speed[:, :, contract.CELL_TIME].sum(axis=0)
        if time_in_cell.any():
            self._fit_majorant(time_in_cell)
        if measuring and self._orders is not None:
            self.order_cells = order_bins(self.time_in_cell)
        self.tallies = self._new_tallies()

    def remember(self, memory: int) -> None:
        """Set displacements and sums to zero, and remember so many windows from here on."""
        self.swarm = electrons.with_memory(self.swarm, memory)
        self.start_afresh()

    def flights_per_electron(self) -> float:
        """Flights of an electron since the start."""
        return float(self.events[contract.FLIGHTS] / self._nominal_electrons)

    def flight_time(self) -> float:
        """Mean time of a flight (s)."""
        return diagnostics.flight_time(self.tallies)

    def growth_rate(self) -> float:
        """Net ionization frequency (1/s)."""
        return diagnostics.growth_rate(self.tallies, self.medium)

    def exchange_time(self) -> float:
        """Mean energy over the rate at which electrons exchange energy with field and gas (s)."""
        return diagnostics.exchange_time(self.tallies, self.medium, self.tables)

    def energy_covariance(self, windows: int) -> FloatArray:
        """Covariance of an electron's energy with that 0, 1, 2, ... windows ago (eV2)."""
        return diagnostics.energy_covariance(self.tallies, windows)

    def surroundings(self) -> Surroundings:
        """Gas and fields as the kernels see them."""
        medium = self.medium
        return Surroundings(self.tables, medium.scattering, medium.sharing, self.field)

    def state_dict(self) -> dict[str, Any]:
        """All that the rest of a run depends on; also within a window, between calls of kernels.

        Returns
        -------
        dict
            Arrays, lists of texts, and dicts of them.
        """
        flights = {} if self.flights is None else vars(self.flights)
        return {
            "swarm": electrons.state_dict(self.swarm),
            "tallies": self.tallies._asdict(),
            "at_opening": self._at_opening or {},
            "series": self.series.state_dict(),
            "flights": {name: np.asarray(value) for name, value in flights.items()},
            "events": self.events,
            "seconds": self.seconds,
            "numbers": np.array([self.time, self.ln_number, self._number_at_opening, self.tilt]),
            "time_in_cell": self.time_in_cell,
            "order_cells": np.empty(0, np.int64) if self.order_cells is None else self.order_cells,
            "warnings": self._table_ends.warnings,
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from the `state_dict` of an ensemble with the same configuration.

        Raises
        ------
        ValueError
            If an array has another shape or type than it can have.
        """
        swarm = electrons.from_state_dict(state["swarm"])
        like = electrons.with_memory(self.swarm, swarm.memory)
        require_same_shapes(swarm.arrays._asdict(), like.arrays._asdict())
        for name in ("nominal", "factors"):
            require_same_shapes({name: getattr(swarm, name)}, {name: getattr(like, name)})
        self.swarm = swarm
        order_cells = state["order_cells"]
        self.order_cells = order_cells if order_cells.size else None
        self.tallies = Tallies(**state["tallies"])
        require_same_shapes(self.tallies._asdict(), self._new_tallies()._asdict())
        if state["at_opening"]:
            require_same_shapes(state["at_opening"], totals(self.tallies))
        for name in ("events", "seconds", "time_in_cell"):
            require_same_shapes({name: state[name]}, {name: getattr(self, name)})
        self._at_opening = dict(state["at_opening"]) or None
        self.series.load_state_dict(state["series"])
        flights = dict(state["flights"])
        growth = float(flights.pop("growth", np.nan))
        self.flights = ExpectedFlights(growth, **flights) if flights else None
        self.events, self.seconds = state["events"], state["seconds"]
        numbers = state["numbers"].tolist()
        self.time, self.ln_number, self._number_at_opening, self.tilt = numbers
        self._fit_majorant(state["time_in_cell"])
        self._table_ends.warnings = list(state["warnings"])

    @property
    def _moment_plan(self) -> MomentPlan | None:
        """Velocity moments to sample in the present stage."""
        if self._orders is None or self.order_cells is None:
            return self._moments
        return self._orders.plan(self.order_cells, self.medium.collision_tables.cell_edges)

    def _control_population(self) -> None:
        """Choose the sizes and weights with which the sub-swarms open the next window."""
        control_population(self.swarm, self._largest_growth)

    def _step_to_the_end(self, duration: float, opening: bool, report: Callable[[], None]) -> None:
        """Step until no electron is active, after opening the window if that is still to do."""
        arrays = self.swarm.arrays
        phase = self.medium.phase_at(self.time)
        # Displacements began at the oldest window end that is remembered.
        moments = sampling_of(self._moment_plan, (self.swarm.memory - 1) * duration)
        window = Window(duration, phase, STEPS_PER_CALL, self._timed, self.tilt, moments)
        surroundings = self.surroundings()
        active = opening or arrays.active.any()
        while active:
            self.kernels.advance(arrays, surroundings, window, self.tallies, opening)
            opening = False
            active = arrays.active.any()
            if active:
                make_room(self.swarm, self.tallies)
            report()

    def _log(self, energy: float, measuring: bool) -> None:
        """Add the window that just ended to the time series."""
        gain = self.last_window
        # Where weights fall by many decades, sums over all windows have no digits for the last one.
        number = gain["window_electrons"][0] or np.nan
        centroid = gain["displacement"][-1] / number
        variance = gain["displacement_product"][-1][:3] / number - centroid**2
        x, y, z = contract.X, contract.Y, contract.Z
        self.series.append(
            {
                "time": self.time,
                "mean_energy": energy,
                "drift_velocity": gain["flux"][contract.FLUX_VZ]
                / (gain["flux"][contract.FLUX_TIME] or np.nan),
                "ln_number": self.ln_number,
                "centroid_z": centroid[z],
                "variance_z": variance[z],
                "variance_t": 0.5 * (variance[x] + variance[y]),
                "electrons": float(self.swarm.arrays.population.sum()),
                "trials": float(self.events[contract.TRIALS]),
                "real_collisions": float(self.events[contract.REAL_COLLISIONS]),
                "phase": float(measuring),
            }
        )

    def _new_tallies(self) -> Tallies:
        """Sums at zero."""
        departure_cells = CELLS if self.medium.flights_are_predictable else 0
        moments = (0, 0) if self._moment_plan is None else self._moment_plan.shape
        size = len(self.keys), self.medium.action.size, CELLS, self.swarm.memory, self._phases
        return new_tallies(*size, departure_cells, moments)

    def _fit_majorant(self, time_in_cell: FloatArray) -> None:
        """Choose the majorant bands for a distribution of speeds."""
        self.time_in_cell = time_in_cell
        self.tables = tables_with_majorant(self.medium, time_in_cell)
