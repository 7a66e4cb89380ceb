"""Stage 2: which trials are null, which are real collisions, and of which process.

The method is explained in `vectorised.determine_collisions`.
"""

import numpy as np
from numpy.typing import NDArray

from swarmhydra.kernels.arrays import FloatArray, IntArray
from swarmhydra.kernels.compiled.layout import (
    BEFORE_X,
    BEFORE_Y,
    BEFORE_Z,
    BOUND,
    CANDIDATE,
    CELL,
    ELECTRON,
    MOVING_ELECTRON,
    MOVING_LEVEL,
    MOVING_PROCESS,
    MOVING_ROW,
    PROCESS,
    RELATIVE_SPEED,
    RELATIVE_X,
    RELATIVE_Y,
    RELATIVE_Z,
    SPEED,
    SPREAD,
    U1,
    U2,
    U3,
    U4,
    VX,
    VY,
    VZ,
)
from swarmhydra.kernels.compiled.machinery.compiler import compiled_inline, compiled_part
from swarmhydra.kernels.compiled.machinery.elementary import natural_log, sine_and_cosine_of_turn
from swarmhydra.kernels.compiled.machinery.random import fill_uniform
from swarmhydra.kernels.contract import CANDIDATES, VIOLATIONS, Tables
from swarmhydra.kernels.quantities import HALF_MASS


@compiled_part
def determine_collisions(
    b: FloatArray,
    k: NDArray[np.uint32],
    active: int,
    stream: NDArray[np.uint64],
    tables: Tables,
    events: IntArray,
) -> tuple[int, int]:
    """Decide for each trial whether it is a null collision, or else of which process.

    Real collisions are listed in the rows ELECTRON and PROCESS. Returns the number of collisions
    below `Tables.sure_level`, which come first and are elastic, and the number of all.
    """
    fill_uniform(stream, b, U1, active)
    elastic, candidates = _find_candidates(b, k, active, tables, events)
    at_rest, moving = _decide_at_rest(b, k, elastic, candidates, tables, events)
    real = _decide_moving(b, k, at_rest, moving, stream, tables, events)
    _pack_velocities(b, k, at_rest, real)
    return elastic, real


@compiled_inline
def _find_candidates(
    b: FloatArray,
    k: NDArray[np.uint32],
    active: int,
    tables: Tables,
    events: IntArray,
) -> tuple[int, int]:
    """List the trials below `Tables.sure_level` as collisions, and the other candidates.

    Returns the number of each.
    """
    ceiling, sure_level = tables.ceiling, tables.sure_level
    elastic, others, violations = 0, 0, 0
    for i in range(active):
        cell = np.uint32(b[CELL + i])
        top, bound = ceiling[cell], b[BOUND + i]
        level = b[U1 + i] * bound
        surely = sure_level[cell]
        # Written in any case, and overwritten by the next unless the count goes up: a branch would
        # often be predicted wrongly.
        k[ELECTRON + elastic] = i
        k[CANDIDATE + others] = i
        elastic += level < surely
        others += int(level < top) & int(level >= surely)
        violations += top > bound
    for c in range(elastic):
        k[PROCESS + c] = 0
    events[CANDIDATES] += elastic + others
    events[VIOLATIONS] += violations
    return elastic, others


@compiled_inline
def _decide_at_rest(
    b: FloatArray,
    k: NDArray[np.uint32],
    elastic: int,
    candidates: int,
    tables: Tables,
    events: IntArray,
) -> tuple[int, int]:
    """Decide the candidates with targets at rest; list those with moving targets.

    Returns the number of real collisions so far, and the number of candidates with moving targets.
    """
    floors, row_of_cell, rest_cell = tables.process_floor, tables.row_of_cell, tables.rest_cell
    real, moving = elastic, 0
    for c in range(candidates):
        electron = k[CANDIDATE + c]
        cell = np.uint32(b[CELL + electron])
        row = np.uint32(row_of_cell[cell])
        process, level = _process_under(b[U1 + electron] * b[BOUND + electron], row, tables)
        # The target moves.
        if cell < rest_cell:
            k[MOVING_ELECTRON + moving], k[MOVING_PROCESS + moving], k[MOVING_ROW + moving] = (
                electron,
                process,
                row,
            )
            b[MOVING_LEVEL + moving] = level
            moving += 1
        elif level < floors[row, process] or _happens(
            level, b[SPEED + electron], row, process, tables, events
        ):
            k[ELECTRON + real], k[PROCESS + real] = electron, process
            real += 1
    return real, moving


@compiled_inline
def _process_under(level: float, row: int, tables: Tables) -> tuple[np.uint32, float]:
    """The process to whose part of the cumulative sum a level belongs, and the level within it."""
    ceilings = tables.process_ceiling
    # Most candidates are of the first process, which is elastic.
    if level < ceilings[row, 1]:
        return np.uint32(0), level
    process = np.uint32(_last_below(ceilings[row], tables.process_guide[row], level))
    return process, level - ceilings[row, process]


@compiled_inline
def _last_below(ceilings: FloatArray, guide: NDArray[np.uint16], level: float) -> int:
    """The process to whose part of the sum a level belongs, by bisection from `process_guide`."""
    steps = guide.size - 1
    step = min(int(level / ceilings[ceilings.size - 1] * steps), steps - 1)
    low, high = int(guide[step]), int(guide[step + 1]) + 1
    while high - low > 1:
        middle = (low + high) // 2
        if level >= ceilings[middle]:
            low = middle
        else:
            high = middle
    return low


@compiled_inline
def _decide_moving(
    b: FloatArray,
    k: NDArray[np.uint32],
    at_rest: int,
    moving: int,
    stream: NDArray[np.uint64],
    tables: Tables,
    events: IntArray,
) -> int:
    """Decide the candidates with moving targets, and list their relative velocities.

    Returns the number of all real collisions.
    """
    _draw_targets(b, k, moving, stream, tables)
    floors = tables.process_floor
    real = at_rest
    for m in range(moving):
        i, process, row = k[MOVING_ELECTRON + m], k[MOVING_PROCESS + m], k[MOVING_ROW + m]
        gx, gy, gz = b[VX + i] - b[U1 + m], b[VY + i] - b[U2 + m], b[VZ + i] - b[U3 + m]
        speed = np.sqrt(gx * gx + gy * gy + gz * gz)
        level = b[MOVING_LEVEL + m]
        if level < floors[row, process] or _happens(level, speed, row, process, tables, events):
            k[ELECTRON + real], k[PROCESS + real] = i, process
            b[RELATIVE_X + real], b[RELATIVE_Y + real], b[RELATIVE_Z + real] = gx, gy, gz
            b[RELATIVE_SPEED + real] = speed
            real += 1
    return real


@compiled_inline
def _draw_targets(
    b: FloatArray,
    k: NDArray[np.uint32],
    moving: int,
    stream: NDArray[np.uint64],
    tables: Tables,
) -> None:
    """Write Maxwellian velocities of targets to U1, U2 and U3 (Box and Muller, 1958)."""
    for row in (U1, U2, U3, U4):
        fill_uniform(stream, b, row, moving)
    # A loop of its own, since loops that read from scattered places do not vectorise.
    for m in range(moving):
        b[SPREAD + m] = tables.target_speed[k[MOVING_PROCESS + m]]
    for m in range(moving):
        spread = b[SPREAD + m]
        first = spread * np.sqrt(-2.0 * natural_log(1.0 - b[U1 + m]))
        second = spread * np.sqrt(-2.0 * natural_log(1.0 - b[U3 + m]))
        sine, cosine = sine_and_cosine_of_turn(b[U2 + m])
        _, other_cosine = sine_and_cosine_of_turn(b[U4 + m])
        b[U1 + m] = first * cosine
        b[U2 + m] = second * other_cosine
        b[U3 + m] = first * sine


@compiled_inline
def _pack_velocities(b: FloatArray, k: NDArray[np.uint32], at_rest: int, real: int) -> None:
    """Copy the velocities of colliding electrons, also as relative ones for targets at rest."""
    for c in range(real):
        i = k[ELECTRON + c]
        b[BEFORE_X + c], b[BEFORE_Y + c], b[BEFORE_Z + c] = b[VX + i], b[VY + i], b[VZ + i]
    for c in range(at_rest):
        b[RELATIVE_SPEED + c] = b[SPEED + k[ELECTRON + c]]
    for c in range(at_rest):
        b[RELATIVE_X + c] = b[BEFORE_X + c]
        b[RELATIVE_Y + c] = b[BEFORE_Y + c]
        b[RELATIVE_Z + c] = b[BEFORE_Z + c]


@compiled_inline
def _happens(
    level: float,
    speed: float,
    row: int,
    process: int,
    tables: Tables,
    events: IntArray,
) -> bool:
    """Whether a candidate collides, if its level is above the lower bound of the frequency."""
    ceilings = tables.process_ceiling
    frequency = collision_frequency(speed, process, tables)
    bound = ceilings[row, process + 1] - ceilings[row, process]
    events[VIOLATIONS] += frequency > bound * (1 + 1e-9)
    return level < frequency


@compiled_inline
def collision_frequency(speed: float, process: int, tables: Tables) -> float:
    """Collision frequency (1/s) of a process at a relative speed (m/s); held above the table."""
    table = tables.table
    last = table.shape[0] - 2
    energy = HALF_MASS * speed * speed
    if tables.intervals_per_speed > 0.0:
        place = speed * tables.intervals_per_speed
        interval = min(int(place), last // 2)
        index, fraction = 2 * interval, place - interval
        # An interval of the look-up table may begin below the threshold.
        scale = 0.0 if energy < tables.threshold[process] else 1.0
    else:
        index = min(_last_node(speed, energy, tables), last)
        below = tables.node[index]
        fraction = (energy - below) / (tables.node[index + 1] - below)
        scale = min(speed, tables.ceiling.size / tables.inverse_cell_width)
    lower = table[index, process]
    return (lower + min(fraction, 1.0) * (table[index + 1, process] - lower)) * scale


@compiled_inline
def _last_node(speed: float, energy: float, tables: Tables) -> int:
    """The last node at or below an energy, by bisection within the cell of the speed."""
    node, first = tables.node, tables.first_node
    cell = min(int(speed * tables.inverse_cell_width), first.size - 2)
    low, high = first[cell], min(first[cell + 1] + 2, node.size)
    # By rounding, the cell may be one too high.
    if node[low] > energy:
        low -= 1
    while high - low > 1:
        middle = (low + high) // 2
        if node[middle] <= energy:
            low = middle
        else:
            high = middle
    return low
