"""The majorant of the null-collision method, fitted to the speeds that the electrons have."""

import numpy as np

from swarmhydra.collisions.bounds import horizon_of
from swarmhydra.kernels.arrays import FloatArray
from swarmhydra.kernels.contract import Tables
from swarmhydra.kernels.quantities import speed_at
from swarmhydra.swarm.medium import Medium

START_REACH = 4.0
"""Multiple of the mean energy up to which electrons are expected at the start."""

LOWEST_START = 4.0
"""Energy up to which they are expected at least (eV)."""


def tables_with_majorant(medium: Medium, time_in_cell: FloatArray) -> Tables:
    """The tables of the kernels, with the majorant bands that suit a distribution of speeds best.

    Parameters
    ----------
    medium : Medium
    time_in_cell : ndarray, shape (cells,)
        How the electrons spend their time; in any unit.
    """
    tables, acceleration = medium.collision_tables, abs(medium.field.acceleration)
    width = best_band_width(medium, time_in_cell, acceleration)
    return tables.with_bands(width, medium.bands, acceleration, medium.look_ups)


def best_band_width(medium: Medium, time_in_cell: FloatArray, acceleration: float) -> float:
    """The width (m/s) of the majorant bands that suits a distribution of speeds best.

    Parameters
    ----------
    medium : Medium
    time_in_cell : ndarray, shape (cells,)
        How the electrons spend their time; in any unit.
    acceleration : float
        The largest one (m/s2).
    """
    if medium.bands == 1:
        return float("inf")
    return medium.collision_tables.best_band_width(time_in_cell, acceleration, medium.bands)


def with_other_bands(tables: Tables, medium: Medium, width: float) -> Tables:
    """The same tables with majorant bands of another width (m/s), without a field so far."""
    return tables._replace(**medium.collision_tables.bands(width, medium.bands, 0.0))


def in_field(tables: Tables, acceleration: float) -> Tables:
    """The same tables with the horizon of a field; `acceleration` is the largest one (m/s2)."""
    width, bands = 1.0 / tables.inverse_band_width, tables.majorant.size
    return tables._replace(horizon=horizon_of(width, bands, acceleration))


def speeds_at_start(medium: Medium, mean_energy: float) -> FloatArray:
    """A first guess of the time spent in each speed cell: even, up to a few mean energies (eV)."""
    top = speed_at(max(START_REACH * mean_energy, LOWEST_START))
    return (medium.collision_tables.cell_speed <= top).astype(np.float64)
