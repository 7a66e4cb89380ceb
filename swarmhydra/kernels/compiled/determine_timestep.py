"""Stage 1: how long each electron flies, and the flight."""

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
    """Fly every electron to its next trial, its horizon or the end of the window.

    Returns how many end beyond the tables' last cell.
    """
    fill_uniform(stream, b, U1, active)
    _find_bounds(b, active, tables)
    _find_times(b, active, window.duration, tables.horizon)
    call(fly, (b, active, field, window.phase))
    return _find_cells(b, active, tables)


@compiled_inline
def _find_bounds(b: FloatArray, active: int, tables: Tables) -> None:
    """The majorant of each electron's band, and its inverse."""
    majorant, mean_free_time = tables.majorant, tables.mean_free_time
    inverse_width, last = tables.inverse_band_width, float(majorant.size - 1)
    for i in range(active):
        vx, vy, vz = b[VX + i], b[VY + i], b[VZ + i]
        b[CELL + i] = min(np.sqrt(vx * vx + vy * vy + vz * vz) * inverse_width, last)
    # A loop of its own: one that gathers does not vectorise.
    for i in range(active):
        band = np.uint32(b[CELL + i])
        b[MAJORANT + i] = majorant[band]
        b[MEAN_TIME + i] = mean_free_time[band]


@compiled_inline
def _free_time(u: float, mean: float, remaining: float, horizon: float) -> tuple[float, float]:
    """An exponential free time, clipped, and how the flight ends."""
    free = -natural_log(1.0 - u) * mean
    limit = min(remaining, horizon)
    clipped = AT_WINDOW_END if remaining <= horizon else AT_HORIZON
    return min(free, limit), TRIAL if free < limit else clipped


@compiled_inline
def _find_times(b: FloatArray, active: int, duration: float, horizon: float) -> None:
    """Free times in the place of the uniform numbers in U1, and how the flights end.

    Those that end without a trial get no bound, below which they might collide, and no mean time,
    with which they would be sampled: so nobody has to ask later.
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
    """The speed cell of each electron, as a number with a fraction."""
    inverse_width, cells = tables.inverse_cell_width, float(tables.ceiling.size)
    above = 0
    for i in range(active):
        cell = b[SPEED + i] * inverse_width
        above += cell >= cells
        b[CELL + i] = min(cell, cells - 1.0)
    return above
