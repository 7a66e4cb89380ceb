"""The majorant of the null-collision method, fitted to the speeds that the electrons have."""

import numpy as np

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
    tables, acceleration = medium.collision_tables, medium.field.acceleration
    width = np.inf
    if medium.bands > 1:
        width = tables.best_band_width(time_in_cell, acceleration, medium.bands)
    return tables.with_bands(width, medium.bands, acceleration, medium.look_ups)


def speeds_at_start(medium: Medium, mean_energy: float) -> FloatArray:
    """A first guess of the time spent in each speed cell: even, up to a few mean energies (eV)."""
    top = speed_at(max(START_REACH * mean_energy, LOWEST_START))
    return (medium.collision_tables.cell_speed <= top).astype(np.float64)
