"""A swarm in an electric field that changes, taken through one pass of the waveform after another.

Each interval of the results is one window, or several where the swarm grows. In a pass a sub-swarm
keeps the weight that its growth gives it.
"""

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

import numpy as np
from scipy import constants

from swarmhydra.config import Config, ConfigError
from swarmhydra.kernels import contract
from swarmhydra.kernels.arrays import FloatArray
from swarmhydra.kernels.contract import Field, Tables
from swarmhydra.kernels.quantities import HALF_MASS, TOWNSEND
from swarmhydra.swarm import diagnostics, from_config, pass_start
from swarmhydra.swarm.course import with_course
from swarmhydra.swarm.electrons import Extinct
from swarmhydra.swarm.ensemble import Ensemble
from swarmhydra.swarm.initial_conditions import LegendreStart
from swarmhydra.swarm.majorants import best_band_width, in_field, with_other_bands
from swarmhydra.swarm.pass_plan import MIN_REHEARSAL_WINDOWS, PassPlan
from swarmhydra.swarm.population import resize
from swarmhydra.swarm.tallies import require_same_shapes
from swarmhydra.swarm.time_sums import TimeSums, new_time_sums
from swarmhydra.swarm.waveform import Begin

NOWHERE = -1
"""Interval of the waveform before the first pass."""

MOST_GROWTH = 100.0 * np.log(10.0)
"""Logarithm of the growth, or decay, of the number of electrons in an interval beyond which sums
cannot hold its beginning and its end."""


class WaveformEnsemble(Ensemble):
    """A swarm in a field that changes.

    Attributes
    ----------
    waveform : Waveform
        The course of the field.
    per_townsend : float
        Acceleration of an electron in a field of 1 Td (m/s2).
    plan : PassPlan
        Windows, weights and bounds of the passes.
    sums : TimeSums
        Sums over complete passes since the last `start_sums`.
    lead_windows, lead_duration : int, float
        Windows in the first field before each pass that starts from the steady state, at least one,
        and the duration of each (s).
    settling_passes : int
        Passes of a field that repeats itself until displacements grow at their final rate.
    """

    def __init__(self, config: Config, start: LegendreStart | None = None) -> None:
        self.waveform = from_config.waveform(config.sim)
        self._start_distribution = from_config.initial_conditions(config.sim)
        super().__init__(config, start)
        charge_over_mass = constants.elementary_charge / constants.electron_mass
        self.per_townsend = TOWNSEND * self.medium.number_density * charge_over_mass
        self.plan = PassPlan.blank(self.waveform)
        self.sums, self._pending = self._new_sums(), self._new_sums()
        self.lead_windows, self.lead_duration, self.settling_passes = 1, 0.0, 1
        self._rehearsing, self._died_out = False, False
        # Windows of the lead that are left, then interval and part of the window that is next.
        self._lead, self._interval, self._part = 0, NOWHERE, 0
        self._passes_since_origin = 0
        self._steady: pass_start.SavedElectrons = {}
        self._energy = np.zeros(len(self.keys))
        self._weight_at_end = np.ones(len(self.keys))
        self._growth_rate, self._highest_cell = 0.0, 0
        # Tables with the bands of each interval so far, and for each window the fields with the
        # largest acceleration: what takes a while to make.
        self._tables_of_interval: dict[int, Tables] = {}
        self._courses: dict[tuple[int, int], tuple[Field, float]] = {}

    @property
    def next_duration(self) -> float:
        """Duration of the next window, or of the one that is under way (s)."""
        if self._lead:
            return self.lead_duration
        start, end = self._ends
        return end - start

    @property
    def has_sampled(self) -> bool:
        """Whether there was a trial in the passes of the sums."""
        return bool(self.sums.trial.any())

    @property
    def fraction_of_pass(self) -> float:
        """Share of the pass that is done."""
        if self._lead or self._interval == NOWHERE:
            return 0.0
        return self._ends[0] / self.waveform.duration

    @property
    def window_can_be_dropped(self) -> bool:
        """Whether there are sums without the window under way: always, of complete passes."""
        return True

    def drop_window(self) -> None:
        """Leave the pass that is under way; the ensemble cannot go on."""
        self._at_opening = None

    def begin_pass(self, rehearsing: bool = False) -> None:
        """Bring the swarm to the start of a pass, or of the windows that lead up to it.

        Parameters
        ----------
        rehearsing : bool, optional
            Whether the pass is there to choose windows, weights and bounds for those after it.
        """
        self._rehearsing, self._died_out = rehearsing, False
        if rehearsing:
            self.plan = PassPlan.blank(self.waveform)
            self._pending = self._new_sums()
            self._forget_windows()
            self._highest_cell, self._growth_rate = 0, 0.0
        self._pending.clear()
        if self.waveform.begin is Begin.STEADY:
            if self._steady:
                pass_start.restore(self.swarm, self._steady)
            pass_start.forget_displacements(self.swarm)
            pass_start.give_equal_weights(self.swarm)
            self._lead = self.lead_windows
            self._set_first_field()
            return
        if self.waveform.begin is Begin.GIVEN:
            pass_start.draw(self.swarm, self._start_distribution)
        elif self._passes_since_origin == 0:
            pass_start.forget_displacements(self.swarm)
        self._start()

    def window(
        self,
        duration: float,
        measuring: bool,
        report: Callable[[], None],
        keep_sums: bool = False,
    ) -> float:
        """As `Ensemble.window`; where a swarm dies out in a pass, that ends the pass alone."""

        def watch() -> None:
            self._require_bounded_growth(self.swarm.arrays.weight)
            report()

        try:
            return super().window(duration, measuring, watch, keep_sums)
        except Extinct:
            if self._lead or self._interval == NOWHERE or self.waveform.begin is Begin.REPEAT:
                raise
            self._died_out = True
            self._weight_at_end = self.swarm.arrays.weight.copy()
            return float("nan")

    def end_window(self) -> bool:
        """Add a window to the sums, and choose field and bounds of the next one.

        Returns
        -------
        bool
            Whether that completes the pass, the sums of which are then in `sums`.
        """
        pass_start.go_on_from_origin(self.swarm)
        if self._lead:
            self._lead -= 1
            if not self._lead:
                self._steady = pass_start.keep(self.swarm)
                self._start()
            return False
        interval = self._interval
        self._growth_rate = diagnostics.growth_rate(self.tallies, self.medium)
        self._require_bounded_growth(self._weight_at_end)
        self._pending.take_window(interval, self.tallies, self.field.acceleration, self._is_settled)
        self._part += 1
        is_last_part = self._part == self.plan.parts[interval]
        if is_last_part or self._died_out:
            self._end_interval(interval)
            self._interval, self._part = interval + 1, 0
            if self._died_out or self._interval == self.waveform.intervals:
                self._end_pass()
                return True
            self._enter_interval()
        self._set_field()
        return False

    def start_sums(self) -> None:
        """Begin the sums of the measurement, in bins and bands that the rehearsal has found."""
        self._forget_windows()
        if self._orders is not None:
            self.order_cells = self.plan.cell_edges
            self.tallies = self._new_tallies()
        self.sums, self._pending = self._new_sums(), self._new_sums()

    def mean_energy_of_pass(self) -> float:
        """Mean energy of the electrons in the pass that is complete (eV)."""
        return diagnostics.mean_energy(self._pending.trial.sum(axis=(0, 1)))

    def exchange_time_of_pass(self) -> float:
        """As `exchange_time`, in the pass that is complete."""
        time = self._pending.flux[:, :, contract.FLUX_TIME].sum()
        work = np.abs(self._pending.work.sum(axis=0)).sum()
        return diagnostics.time_to_exchange(
            self.mean_energy_of_pass(),
            float(2.0 * HALF_MASS * work / time),
            self._pending.collisions.sum(axis=(0, 1)) / time,
            self.tables,
        )

    def state_dict(self) -> dict[str, Any]:
        """As `Ensemble.state_dict`."""
        return {
            **super().state_dict(),
            "plan": self.plan.state_dict(),
            "sums": self.sums._asdict(),
            "pending": self._pending._asdict(),
            "steady": self._steady,
            "energy": self._energy,
            "pass": {name: getattr(self, name) for name in _POSITION},
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """As `Ensemble.load_state_dict`."""
        super().load_state_dict(state)
        self.plan = PassPlan.from_state_dict(state["plan"])
        self.sums, self._pending = TimeSums(**state["sums"]), TimeSums(**state["pending"])
        for sums in (self.sums, self._pending):
            bins = sums.speed.shape[2]
            require_same_shapes(sums._asdict(), self._new_sums(bins)._asdict())
        require_same_shapes({"energy": state["energy"]}, {"energy": self._energy})
        self._steady, self._energy = dict(state["steady"]), state["energy"]
        for name in _POSITION:
            setattr(self, name, state["pass"][name])
        self._forget_windows()
        if self._lead:
            self._set_first_field()
        elif self._interval != NOWHERE:
            self._set_field()

    @cached_property
    def _all_frequencies(self) -> FloatArray:
        """Frequencies of all processes in the speed cells (1/s), shape (cells, P + E)."""
        acting = self.medium.collision_tables.cell_average_frequency
        return np.concatenate([acting, self.medium.extra_frequency], axis=1)

    @property
    def _is_settled(self) -> bool:
        """Whether displacements began so long ago that they grow at their final rate."""
        begin = self.waveform.begin
        return begin is not Begin.REPEAT or self._passes_since_origin >= self.settling_passes

    def _new_sums(self, bins: int | None = None) -> TimeSums:
        """Sums at zero, in the bins of the plan."""
        bins = self.plan.cell_edges.size - 1 if bins is None else bins
        processes, extra = self.medium.action.size, self.medium.extra_frequency.shape[1]
        orders = 0 if self._moment_plan is None else self._moment_plan.orders
        intervals = self.waveform.intervals
        return new_time_sums(len(self.keys), intervals, processes, extra, bins, orders)

    def _control_population(self) -> None:
        """Choose the sizes with which the sub-swarms open the next window; weights go on."""
        self._weight_at_end = self.swarm.arrays.weight.copy()
        resize(self.swarm, self._largest_growth)

    def _start(self) -> None:
        """Begin a pass with the electrons that there are."""
        before = self.swarm.arrays.population.copy()
        pass_start.give_equal_weights(self.swarm)
        target_size = self.swarm.arrays.target_size
        self._energy = pass_start.energies(self.swarm) * target_size / np.maximum(before, 1)
        self._pending.started[:] = target_size
        for array in self.tallies:
            array[:] = 0
        self._interval, self._part = 0, 0
        self._enter_interval()
        self._set_field()

    def _enter_interval(self) -> None:
        """Choose the number of windows of an interval, unless it is planned."""
        if self._rehearsing:
            growth = abs(self._growth_rate) * self.waveform.lengths[self._interval]
            windows = growth / np.log(self._largest_growth)
            self.plan.parts[self._interval] = max(MIN_REHEARSAL_WINDOWS, int(np.ceil(windows)))

    @property
    def _ends(self) -> tuple[float, float]:
        """Start and end of the next window, or of that under way, since the start of the pass."""
        start, end = self.waveform.edges[self._interval : self._interval + 2]
        share = np.array([self._part, self._part + 1]) / self.plan.parts[self._interval]
        first, last = start + (end - start) * share
        return float(first), float(last)

    def _set_field(self) -> None:
        """Set the fields of the next window, and majorant bands and horizon for it."""
        interval, window = self._interval, (self._interval, self._part)
        if interval not in self._tables_of_interval:
            width = float(self.plan.band_width[interval])
            if not np.isfinite(width):
                width = self._width_for(self.time_in_cell, interval)
            self._tables_of_interval[interval] = with_other_bands(self.tables, self.medium, width)
        if window not in self._courses:
            pieces = self.waveform.pieces(*self._ends)
            field = with_course(self.medium.field, pieces, self.per_townsend)
            self._courses[window] = field, pieces.largest * self.per_townsend
        self.field, largest = self._courses[window]
        self.tables = in_field(self._tables_of_interval[interval], largest)

    def _forget_windows(self) -> None:
        """Forget what depends on the plan of the windows."""
        self._tables_of_interval.clear()
        self._courses.clear()

    def _width_for(self, time_in_cell: FloatArray, interval: int) -> float:
        """Width of the majorant bands for a distribution of speeds in an interval (m/s)."""
        pieces = self.waveform.pieces(*self.waveform.edges[interval : interval + 2])
        return best_band_width(self.medium, time_in_cell, pieces.largest * self.per_townsend)

    def _set_first_field(self) -> None:
        """Set the field before a pass, which is that at its start."""
        self.field = self.medium.field
        acceleration = abs(self.field.acceleration)
        width = best_band_width(self.medium, self.time_in_cell, acceleration)
        tables = with_other_bands(self.tables, self.medium, width)
        self.tables = in_field(tables, acceleration)

    def _end_interval(self, interval: int) -> None:
        """Complete the sums of an interval, and pass to the units of the next one."""
        if self._rehearsing:
            self._learn(interval, self.tallies.speed[:, :, contract.CELL_TIME].sum(axis=0))
        self._pending.take_speeds(
            interval, self.tallies, self.plan.cell_edges, self._all_frequencies
        )
        energy = pass_start.energies(self.swarm) * self._weight_at_end
        self._pending.energy_rise[:, interval] += energy - self._energy
        now, later = self.plan.ln_number[interval : interval + 2]
        self._energy = energy * np.exp(now - later)
        self.swarm.arrays.weight[:] *= np.exp(now - later)

    def _require_bounded_growth(self, weight: FloatArray) -> None:
        """Refuse intervals in which the number of electrons changes beyond what sums can hold."""
        number = float(weight @ self.swarm.arrays.population)
        if self._lead or self._interval == NOWHERE or number <= 0.0:
            return
        if abs(np.log(number / float(self._pending.started.sum()))) <= MOST_GROWTH:
            return
        start, end = self.waveform.edges[self._interval : self._interval + 2]
        raise ConfigError(
            f"sim.waveform: between {start:g} s and {end:g} s the number of electrons changes by a "
            "factor beyond 1e+100 or 1e-100; expected shorter intervals (sim.waveform.bins or "
            "sim.waveform.edges), or weaker fields"
        )

    def _learn(self, interval: int, time_in_cell: FloatArray) -> None:
        """Remember what a rehearsal shows in an interval."""
        plan, following = self.plan, interval + 1
        occupied = np.flatnonzero(time_in_cell)
        if occupied.size:
            self._highest_cell = max(self._highest_cell, int(occupied[-1]))
            plan.band_width[interval] = self._width_for(time_in_cell, interval)
            if following < self.waveform.intervals:
                plan.band_width[following] = self._width_for(time_in_cell, following)
        number = float(self._weight_at_end @ self.swarm.arrays.population)
        growth = np.log(number / self._pending.started.sum()) if number > 0.0 else 0.0
        plan.ln_number[following:] = plan.ln_number[interval] + growth

    def _end_pass(self) -> None:
        """Add the sums of a complete pass to those of all."""
        self._interval = NOWHERE
        self._passes_since_origin = (self._passes_since_origin + 1) % (2 * self.settling_passes)
        if self._rehearsing:
            top, equal = self._highest_cell, self._orders is not None
            self.plan = self.plan.completed(self._largest_growth, top, equal)
        else:
            self.sums.add(self._pending)


_POSITION = (
    "lead_windows",
    "lead_duration",
    "settling_passes",
    "_rehearsing",
    "_died_out",
    "_lead",
    "_interval",
    "_part",
    "_passes_since_origin",
    "_growth_rate",
    "_highest_cell",
)
"""Where the swarm is in a pass: numbers of `WaveformEnsemble`."""
