"""From cross sections to the tables that the kernels read.

Everything is tabled over the electron's speed or the relative speed, because a collision frequency
is `N sigma(g) g`, and every bound is exact: the maximum of the piecewise linear cross section times
the speed, not of samples of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import constants

from swarmhydra.collisions.bounds import (
    CELLS,
    RangeMaximum,
    band_majorant,
    cell_bounds,
    horizon_of,
    process_guide_of,
    rows_of_cells,
)
from swarmhydra.collisions.look_up_table import look_up_table
from swarmhydra.collisions.target_motion import first_rest_cell, thermal_average
from swarmhydra.gas.processes import Kind, Process, cross_section_at
from swarmhydra.kernels import contract
from swarmhydra.kernels.arrays import BoolArray, FloatArray, IntArray
from swarmhydra.kernels.contract import Tables
from swarmhydra.kernels.quantities import HALF_MASS, speed_at

LUT_STEPS = 1024
"""Intervals of the table of square roots: linear interpolation has a relative error below 3e-7."""

LEGENDRE_POINTS = 4
"""Points of the Gauss-Legendre quadrature over the speeds of a cell."""

LOWEST_MAJORANT = 1e-9
"""Lowest majorant of a band, as a share of the highest one."""

THERMAL_REACH = 9.0
"""Multiple of the thermal speed sqrt(kT/M) that no target exceeds: the chance is 2e-17."""

ACTIONS = {
    Kind.ELASTIC: contract.ELASTIC,
    Kind.EXCITATION: contract.EXCITATION,
    Kind.ROTATION: contract.EXCITATION,
    Kind.IONIZATION: contract.IONIZATION,
    Kind.ATTACHMENT: contract.ATTACHMENT,
}
"""What each kind of process does to the electron."""


@dataclass(frozen=True)
class LookUps:
    """What the kernels look up instead of computing it.

    Attributes
    ----------
    collision : int
        Intervals of a table of collision frequencies uniform in speed; 0 for the native table.
    velocity : bool
        Whether to look up speeds.
    """

    collision: int = 0
    velocity: bool = False


@dataclass(frozen=True)
class CollisionTables:
    """The tables of a gas at one density and temperature, before a choice of majorant bands.

    Attributes
    ----------
    processes : tuple of Process, length P
    number_density : float
        Number density of the mixture (1/m3).
    target_speed : ndarray, shape (P,)
        Thermal speed sqrt(kT/M) of the targets (m/s).
    node : ndarray, shape (nodes,)
        Energies of the tables (eV), ascending.
    cross_section : ndarray, shape (nodes, P)
        Macroscopic cross sections N sigma, N being the density of the target (1/m).
    cell_edges : ndarray, shape (CELLS + 1,)
        Edges of the speed cells (m/s), of equal width from 0.
    process_ceiling, process_floor, process_guide, row_of_cell, rest_cell
        Bounds of the collision frequencies (1/s) and the cell from which on targets are at rest,
        shapes as in `kernels.contract.Tables`.
    """

    processes: tuple[Process, ...]
    number_density: float
    target_speed: FloatArray
    node: FloatArray
    cross_section: FloatArray
    cell_edges: FloatArray
    process_ceiling: FloatArray
    process_floor: FloatArray
    process_guide: NDArray[np.uint16]
    row_of_cell: NDArray[np.uint16]
    rest_cell: int

    @cached_property
    def ceiling(self) -> FloatArray:
        """Shape (CELLS,): bounds of the total collision frequency (1/s)."""
        return np.ascontiguousarray(self.process_ceiling[self.row_of_cell, -1])

    @property
    def action(self) -> IntArray:
        """Shape (P,): what each process does to an electron, codes of `kernels.contract`."""
        return np.array([ACTIONS[process.kind] for process in self.processes])

    @property
    def threshold(self) -> FloatArray:
        """Shape (P,): energies (eV) below which processes do not happen, negative for gains."""
        return np.array([process.threshold for process in self.processes])

    @property
    def cell_speed(self) -> FloatArray:
        """Shape (CELLS,): middles of the cells (m/s)."""
        return 0.5 * (self.cell_edges[1:] + self.cell_edges[:-1])

    def collision_frequency(self, speed: FloatArray) -> FloatArray:
        """Frequency of each process against targets at rest (1/s), shape (n, P)."""
        return self._frequency(speed, self.cross_section)

    @cached_property
    def cell_average_frequency(self) -> FloatArray:
        """Frequency of each process (1/s), shape (CELLS, P).

        Averaged over the speeds of each cell and over the motion of the targets; the solver's own
        average is `boltzmann.collision_model.CollisionModel.mean_frequency`.
        """
        offsets, weights = np.polynomial.legendre.leggauss(LEGENDRE_POINTS)
        width = self.cell_edges[1]
        average = np.zeros((CELLS, len(self.processes)))
        for offset, weight in zip(offsets, weights, strict=True):
            speed = self.cell_speed + 0.5 * width * offset
            average += 0.5 * weight * self._thermal_frequency(speed)
        return average

    def summed_frequency(self, groups: BoolArray, steps: int) -> FloatArray:
        """Frequency of groups of processes (1/s), averaged over the motion of the targets.

        Parameters
        ----------
        groups : ndarray of bool, shape (G, P)
            Which processes to add up.
        steps : int
            Steps of the speed, from zero to the top of the tables.

        Returns
        -------
        ndarray, shape (G, steps + 1)
        """
        speed = np.linspace(0.0, self.cell_edges[-1], steps + 1)
        # The average over targets divides by the speed: avoid zero.
        speed[0] = 1e-3 * speed[1]
        total = np.zeros((speed.size, len(groups)))
        for thermal_speed in np.unique(self.target_speed):
            alike = self.target_speed == thermal_speed
            cross_section = self.cross_section[:, alike] @ groups[:, alike].T.astype(np.float64)
            total += self._frequency_against(speed, thermal_speed, cross_section)
        return np.ascontiguousarray(total.T)

    def _thermal_frequency(self, speed: FloatArray) -> FloatArray:
        """Frequency of each process at a speed, averaged over the Maxwellian targets."""
        frequency = np.empty((speed.size, len(self.processes)))
        for thermal_speed in np.unique(self.target_speed):
            alike = self.target_speed == thermal_speed
            table = self.cross_section[:, alike]
            frequency[:, alike] = self._frequency_against(speed, thermal_speed, table)
        return frequency

    def _frequency_against(
        self, speed: FloatArray, thermal_speed: float, cross_section: FloatArray
    ) -> FloatArray:
        """Frequency at a speed, averaged over the motion of targets of one thermal speed."""
        return thermal_average(lambda v: self._frequency(v, cross_section), speed, thermal_speed)

    def _frequency(self, speed: FloatArray, cross_section: FloatArray) -> FloatArray:
        """Macroscopic cross sections at the nodes times speeds, shape (n, columns).

        Above the last node constant, as in the kernels.
        """
        speed = np.minimum(speed, self.cell_edges[-1])
        return _interpolate(self.node, cross_section, HALF_MASS * speed**2) * speed[:, None]

    def with_bands(
        self,
        band_width: float,
        bands: int,
        acceleration: float,
        look_ups: LookUps,
    ) -> Tables:
        """The tables of the kernels.

        Parameters
        ----------
        band_width : float
            Width of a majorant band (m/s); infinite for one global majorant.
        bands : int
            How many there may be; the last one reaches to the top of the tables.
        acceleration : float
            Largest acceleration that the field can cause (m/s2).
        look_ups : LookUps
            What the kernels look up.
        """
        lut_size = look_ups.collision
        table, intervals_per_speed = self.cross_section, 0.0
        if lut_size:
            table = self._look_up_table(lut_size)
            intervals_per_speed = lut_size / self.cell_edges[-1]
        squares = np.linspace(0.25, 1.0, LUT_STEPS + 1) if look_ups.velocity else np.empty(0)
        return Tables(
            inverse_cell_width=CELLS / self.cell_edges[-1],
            ceiling=self.ceiling,
            sure_level=self._sure_level(),
            process_ceiling=self.process_ceiling,
            process_floor=self.process_floor,
            process_guide=self.process_guide,
            row_of_cell=self.row_of_cell,
            **self.bands(band_width, bands, acceleration),
            intervals_per_speed=intervals_per_speed,
            first_node=_last_at_or_below(self.node, HALF_MASS * self.cell_edges**2),
            node=self.node,
            table=np.ascontiguousarray(table),
            action=self.action,
            threshold=self.threshold,
            recoil=np.array([1 / (1 + p.mass_ratio) for p in self.processes]),
            target_speed=self.target_speed,
            rest_cell=self.rest_cell,
            square_root=np.sqrt(squares),
        )

    @cached_property
    def _look_up_tables(self) -> dict[int, FloatArray]:
        """Those made so far, by the number of intervals: other bands need no other table."""
        return {}

    def _look_up_table(self, size: int) -> FloatArray:
        """Collision frequencies (1/s) at both ends of each interval, shape (2 * size, P)."""
        tables, top = self._look_up_tables, float(self.cell_edges[-1])
        if size not in tables:
            tables[size] = look_up_table(self.node, self.cross_section, self.threshold, size, top)
        return tables[size]

    def bands(self, band_width: float, bands: int, acceleration: float) -> dict[str, Any]:
        """The entries of `Tables` about the majorant bands; parameters as `with_bands`."""
        majorant = band_majorant(RangeMaximum(self.ceiling), self.cell_edges, band_width, bands)
        # Above 0 also where nothing collides, so that free times are finite.
        majorant = np.maximum(majorant, LOWEST_MAJORANT * majorant.max())
        return {
            "inverse_band_width": 1.0 / band_width,
            "majorant": majorant,
            "mean_free_time": 1.0 / majorant,
            "horizon": horizon_of(band_width, majorant.size, acceleration),
        }

    def _sure_level(self) -> FloatArray:
        """Shape (CELLS,): bounds below which a trial is an elastic collision with a target at rest.

        They save the kernels most look-ups, because most collisions are of the first process, the
        elastic one of the main gas.
        """
        if self.processes[0].kind is not Kind.ELASTIC:
            return np.zeros(CELLS)
        floor = self.process_floor[self.row_of_cell, 0]
        return np.where(np.arange(CELLS) < self.rest_cell, 0.0, floor)

    def best_band_width(
        self, time_in_cell: FloatArray, acceleration: float, max_bands: int
    ) -> float:
        """The band width (m/s) with the fewest flights per unit of time.

        A flight of an electron in band j lasts (1 - exp(-nu_j h)) / nu_j on average, h being the
        horizon: narrow bands bound tightly but end flights early, wide ones the other way round.

        Parameters
        ----------
        time_in_cell : FloatArray
            Shape (CELLS,): how the electrons spend their time, in any unit.
        acceleration : float
            (m/s2)
        max_bands : int
            The bands must reach as far as the electrons do with this many.
        """
        occupied = np.flatnonzero(time_in_cell)
        reach = self.cell_edges[occupied[-1] + 1] if occupied.size else self.cell_edges[-1]
        if acceleration <= 0:
            # No flight leaves its band.
            return float(reach / max_bands)
        best, fewest, largest = reach, np.inf, RangeMaximum(self.ceiling)
        times, speeds = time_in_cell[occupied], self.cell_speed[occupied]
        for count in np.unique(np.geomspace(1, max_bands, 33).astype(int)):
            width = reach / count
            majorant = band_majorant(largest, self.cell_edges, width, max_bands)
            band = np.minimum((speeds / width).astype(int), majorant.size - 1)
            rate = majorant[band]
            flights = float(np.sum(times * rate / -np.expm1(-rate * width / acceleration)))
            if flights < fewest:
                best, fewest = width, flights
        return float(best)


def build(
    processes: Sequence[Process],
    fraction: FloatArray,
    number_density: float,
    temperature: float,
    energy_max: float,
    lut_size: int,
    everywhere: bool = True,
) -> CollisionTables:
    """Tabulate a gas.

    Parameters
    ----------
    processes : sequence of Process
    fraction : FloatArray
        Shape (P,): share of the mixture that each process' target has.
    number_density : float
        Number density of the whole mixture (1/m3).
    temperature : float
        Temperature of the targets (K); at 0 they are at rest.
    energy_max : float
        Top of the tables (eV); above it cross sections keep their last value.
    lut_size : int
        Intervals of the look-up table that will be used, 0 for none; the bounds hold for it too.
    everywhere : bool
        Whether targets move for electrons of all energies; otherwise only where it matters, see
        `first_rest_cell`.
    """
    mass_ratio = np.array([p.mass_ratio for p in processes])
    target_mass = constants.electron_mass / mass_ratio
    target_speed = np.sqrt(constants.Boltzmann * temperature / target_mass)
    node = np.unique(np.concatenate([[0.0, energy_max], *(p.energy for p in processes)]))
    node = node[node <= energy_max]
    density = number_density * np.asarray(fraction)
    columns = [n * cross_section_at(p, node) for n, p in zip(density, processes, strict=True)]
    cross_section = np.stack(columns, axis=1)
    edges = np.linspace(0.0, float(speed_at(energy_max)), CELLS + 1)
    # With a look-up table the bounds must hold over the whole interval that a speed is in.
    lut_reach = edges[-1] / lut_size if lut_size else 0.0
    row_of_cell = rows_of_cells(len(processes))
    row_edges = edges[np.append(np.unique(row_of_cell, return_index=True)[1], CELLS)]
    bounds = [
        cell_bounds(node, cross_section[:, p], row_edges, THERMAL_REACH * speed + lut_reach)
        for p, speed in enumerate(target_speed)
    ]
    process_ceiling = np.zeros((row_edges.size - 1, len(processes) + 1))
    process_ceiling[:, 1:] = np.cumsum([ceiling for _, ceiling in bounds], axis=0).T
    rest_cell = CELLS if temperature > 0.0 else 0
    if rest_cell and not everywhere:
        rest_cell = first_rest_cell(processes, cross_section, node, edges, temperature)
    return CollisionTables(
        processes=tuple(processes),
        number_density=number_density,
        target_speed=target_speed,
        node=node,
        cross_section=cross_section,
        cell_edges=edges,
        process_ceiling=process_ceiling,
        process_floor=np.ascontiguousarray(np.stack([floor for floor, _ in bounds], axis=1)),
        process_guide=process_guide_of(process_ceiling),
        row_of_cell=row_of_cell,
        rest_cell=rest_cell,
    )


def _interpolate(node: FloatArray, table: FloatArray, energy: FloatArray) -> FloatArray:
    """Rows of a table at energies, linear between its nodes and held beyond them."""
    index = np.clip(_last_at_or_below(node, energy), 0, node.size - 2)
    fraction = np.clip((energy - node[index]) / (node[index + 1] - node[index]), 0.0, 1.0)
    return table[index] + fraction[:, None] * (table[index + 1] - table[index])


def _last_at_or_below(node: FloatArray, energy: FloatArray) -> IntArray:
    """Index of the last node at or below each energy."""
    return np.searchsorted(node, energy, side="right") - 1
