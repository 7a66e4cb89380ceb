"""Stage 1: the duration of each free flight, and the flight."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from swarmhydra.kernels.arrays import FloatArray
from swarmhydra.kernels.compiled.layout import (
    BOUND,
    CELL,
    CLOCK,
    MAJORANT,
    MEAN_TIME,
    OUTCOME,
    SPEED,
    U1,
    VX,
    VY,
    VZ,
)
from swarmhydra.kernels.compiled.machinery.by_address import call
from swarmhydra.kernels.compiled.machinery.compiler import compiled_inline, compiled_part
from swarmhydra.kernels.compiled.machinery.elementary import natural_log
from swarmhydra.kernels.compiled.machinery.random import fill_uniform
from swarmhydra.kernels.contract import AT_HORIZON, AT_WINDOW_END, TRIAL, Field, Tables, Window


@compiled_part
def determine_timestep(
    b: FloatArray,
    active: int,
    stream: NDArray[np.uint64],
    fly: Any,
    tables: Tables,
    field: Field,
    window: Window,
) -> int:
    """Move every electron to its next trial, to its horizon or to the end of the window.

    Returns the number of electrons with a speed above the last cell.
    """
    fill_uniform(stream, b, U1, active)
    _find_bounds(b, active, tables)
    _find_times(b, active, window.duration, tables.horizon)
    call(fly, (b, active, field, window.phase))
    return _find_cells(b, active, tables)


@compiled_inline
def _find_bounds(b: FloatArray, active: int, tables: Tables) -> None:
    """Write the majorant of the band of each electron, and its inverse."""
    majorant, mean_free_time = tables.majorant, tables.mean_free_time
    inverse_width, last = tables.inverse_band_width, float(majorant.size - 1)
    for i in range(active):
        vx, vy, vz = b[VX + i], b[VY + i], b[VZ + i]
        b[CELL + i] = min(np.sqrt(vx * vx + vy * vy + vz * vz) * inverse_width, last)
    # A loop of its own, since loops that read from scattered places do not vectorise.
    for i in range(active):
        band = np.uint32(b[CELL + i])
        b[MAJORANT + i] = majorant[band]
        b[MEAN_TIME + i] = mean_free_time[band]


@compiled_inline
def _free_time(u: float, mean: float, remaining: float, horizon: float) -> tuple[float, float]:
    """An exponential free time, limited by window and horizon, and how the flight ends."""
    free = -natural_log(1.0 - u) * mean
    limit = min(remaining, horizon)
    at_limit = AT_WINDOW_END if remaining <= horizon else AT_HORIZON
    return min(free, limit), TRIAL if free < limit else at_limit


@compiled_inline
def _find_times(b: FloatArray, active: int, duration: float, horizon: float) -> None:
    """Replace the uniform numbers in U1 by free times, and write how the flights end.

    Flights without a trial get an infinite BOUND, so that they do not collide, and a MEAN_TIME of
    0, so that they are not sampled. Later loops then need no branch.
    """
    for i in range(active):
        remaining = duration - b[CLOCK + i]
        time, outcome = _free_time(b[U1 + i], b[MEAN_TIME + i], remaining, horizon)
        b[U1 + i] = time
        b[OUTCOME + i] = outcome
        b[BOUND + i] = b[MAJORANT + i] if outcome == TRIAL else np.inf
        b[MEAN_TIME + i] = b[MEAN_TIME + i] if outcome == TRIAL else 0.0


@compiled_inline
def _find_cells(b: FloatArray, active: int, tables: Tables) -> int:
    """Write the speed cell of each electron; returns how many speeds are above the last cell."""
    inverse_width, cells = tables.inverse_cell_width, float(tables.ceiling.size)
    above = 0
    for i in range(active):
        cell = b[SPEED + i] * inverse_width
        above += cell >= cells
        b[CELL + i] = min(cell, cells - 1.0)
    return above
