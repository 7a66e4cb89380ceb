"""Stage 1: how long each electron flies, and the flight."""

import numpy as np
from numpy.typing import NDArray

from swarmhydra.kernels.compiled.compiler import compiled
from swarmhydra.kernels.compiled.elementary import natural_log
from swarmhydra.kernels.compiled.layout import (
    BOUND,
    CELL,
    CLOCK,
    OUTCOME,
    SPEED,
    U1,
    VX,
    VY,
    VZ,
    X,
    Y,
    Z,
)
from swarmhydra.kernels.compiled.random import fill_uniform
from swarmhydra.kernels.contract import AT_HORIZON, AT_WINDOW_END, TRIAL, Tables, Window


@compiled
def determine_timestep(
    b: NDArray[np.float64],
    active: int,
    stream: NDArray[np.uint64],
    tables: Tables,
    window: Window,
) -> int:
    """Fly every electron to its next trial, its horizon or the end of the window.

    Returns how many end beyond the tables' last cell.
    """
    fill_uniform(stream, b, U1, active)
    _find_bounds(b, active, tables)
    _fly(b, active, window.duration, tables.horizon, window.acceleration)
    return _find_cells(b, active, tables)


@compiled
def _find_bounds(b: NDArray[np.float64], active: int, tables: Tables) -> None:
    """The majorant of each electron's band."""
    majorant = tables.majorant
    inverse_width, last = tables.inverse_band_width, float(majorant.size - 1)
    for i in range(active):
        vx, vy, vz = b[VX + i], b[VY + i], b[VZ + i]
        b[CELL + i] = min(np.sqrt(vx * vx + vy * vy + vz * vz) * inverse_width, last)
    # A loop of its own: one that gathers does not vectorise.
    for i in range(active):
        b[BOUND + i] = majorant[int(b[CELL + i])]


@compiled
def _fly(
    b: NDArray[np.float64], active: int, duration: float, horizon: float, acceleration: float
) -> None:
    """Exponential free times, clipped, and the flights under a constant acceleration along z."""
    for i in range(active):
        free = -natural_log(1.0 - b[U1 + i]) / b[BOUND + i]
        remaining = duration - b[CLOCK + i]
        limit = min(remaining, horizon)
        clipped = AT_WINDOW_END if remaining <= horizon else AT_HORIZON
        b[OUTCOME + i] = TRIAL if free < limit else clipped
        time = min(free, limit)
        gained = acceleration * time
        vx, vy, vz = b[VX + i], b[VY + i], b[VZ + i]
        b[X + i] += vx * time
        b[Y + i] += vy * time
        b[Z + i] += (vz + 0.5 * gained) * time
        b[CLOCK + i] += time
        vz += gained
        b[VZ + i] = vz
        b[SPEED + i] = np.sqrt(vx * vx + vy * vy + vz * vz)


@compiled
def _find_cells(b: NDArray[np.float64], active: int, tables: Tables) -> int:
    """The speed cell of each electron, as a number with a fraction."""
    inverse_width, cells = tables.inverse_cell_width, float(tables.ceiling.size)
    above = 0
    for i in range(active):
        cell = b[SPEED + i] * inverse_width
        above += cell >= cells
        b[CELL + i] = min(cell, cells - 1.0)
    return above
