"""Stage 2: which trials are real collisions, and of which process."""

import numpy as np
from numpy.typing import NDArray

from swarmhydra.kernels.compiled.compiler import compiled, compiled_entry
from swarmhydra.kernels.compiled.elementary import natural_log, sine_and_cosine_of_turn
from swarmhydra.kernels.compiled.layout import (
    BEFORE_X,
    BEFORE_Y,
    BEFORE_Z,
    BOUND,
    CANDIDATE_CELL,
    CANDIDATE_ROW,
    CELL,
    ELECTRON,
    LEVEL,
    LOST,
    MET,
    OUTCOME,
    PROCESS,
    RELATIVE_SPEED,
    RELATIVE_X,
    RELATIVE_Y,
    RELATIVE_Z,
    SPEED,
    U1,
    U2,
    U3,
    U4,
    VX,
    VY,
    VZ,
)
from swarmhydra.kernels.compiled.random import fill_uniform
from swarmhydra.kernels.contract import CANDIDATES, TRIAL, VIOLATIONS, Tables
from swarmhydra.kernels.quantities import HALF_MASS


@compiled
def determine_collisions(
    b: NDArray[np.float64],
    k: NDArray[np.int64],
    active: int,
    stream: NDArray[np.uint64],
    tables: Tables,
    events: NDArray[np.int64],
) -> int:
    """Decide each trial by one number, uniform up to the majorant; return how many are real.

    Laid along the sum of the processes' ceilings in the speed cell, the number either lies beyond
    them (null) or picks a process. The process happens if the rest of the number lies below its
    collision frequency at the relative speed: surely below the floor, which spares most look-ups.
    """
    fill_uniform(stream, b, U1, active)
    count = _find_candidates(b, k, active, tables, events)
    _choose_processes(b, k, count, tables)
    # Does any target move?
    if tables.rest_cell > 0:
        _pack_velocities(b, k, count)
        met = _find_moving_targets(b, k, count, tables)
        for row in (U1, U2, U3, U4):
            fill_uniform(stream, b, row, met)
        _subtract_targets(b, k, met)
        return _keep_real(b, k, count, tables, events)
    count = _keep_real_at_rest(b, k, count, tables, events)
    _pack_velocities(b, k, count)
    return count


@compiled
def _find_candidates(
    b: NDArray[np.float64],
    k: NDArray[np.int64],
    active: int,
    tables: Tables,
    events: NDArray[np.int64],
) -> int:
    """Trials whose level lies below the ceiling of their speed cell, packed."""
    ceiling = tables.ceiling
    found = 0
    violations = 0
    for i in range(active):
        cell = int(b[CELL + i])
        top = ceiling[cell]
        bound = b[BOUND + i]
        level = b[U1 + i] * bound
        trial = int(b[OUTCOME + i] == TRIAL)
        violations += trial & int(top > bound)
        # Written always, kept only by moving on: a branch would be mispredicted.
        k[ELECTRON + found] = i
        k[CANDIDATE_CELL + found] = cell
        b[LEVEL + found] = level
        found += trial & int(level < top)
    events[CANDIDATES] += found
    events[VIOLATIONS] += violations
    return found


@compiled
def _choose_processes(
    b: NDArray[np.float64], k: NDArray[np.int64], candidates: int, tables: Tables
) -> None:
    """The process under whose ceiling each level lies; levels become those above the ones below."""
    ceilings, guide, row_of_cell = tables.process_ceiling, tables.process_guide, tables.row_of_cell
    for c in range(candidates):
        row = int(row_of_cell[k[CANDIDATE_CELL + c]])
        level = b[LEVEL + c]
        process = 0
        # Mostly it is the first, the elastic one.
        if level >= ceilings[row, 1]:
            process = _last_below(ceilings[row], guide[row], level)
            b[LEVEL + c] = level - ceilings[row, process]
        k[CANDIDATE_ROW + c] = row
        k[PROCESS + c] = process


@compiled
def _last_below(ceilings: NDArray[np.float64], guide: NDArray[np.int16], level: float) -> int:
    """The process whose share of the running sum the level falls into, by guided bisection."""
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


@compiled
def _pack_velocities(b: NDArray[np.float64], k: NDArray[np.int64], candidates: int) -> None:
    """The candidates' velocities and speeds side by side."""
    for c in range(candidates):
        i = k[ELECTRON + c]
        b[BEFORE_X + c] = b[VX + i]
        b[BEFORE_Y + c] = b[VY + i]
        b[BEFORE_Z + c] = b[VZ + i]
        b[RELATIVE_SPEED + c] = b[SPEED + i]
    for c in range(candidates):
        b[RELATIVE_X + c] = b[BEFORE_X + c]
        b[RELATIVE_Y + c] = b[BEFORE_Y + c]
        b[RELATIVE_Z + c] = b[BEFORE_Z + c]


@compiled
def _find_moving_targets(
    b: NDArray[np.float64], k: NDArray[np.int64], candidates: int, tables: Tables
) -> int:
    """List the candidates slow enough to notice that their targets move; return how many."""
    target_speed, rest_cell = tables.target_speed, tables.rest_cell
    met = 0
    for c in range(candidates):
        k[MET + met] = c
        b[LOST + met] = target_speed[k[PROCESS + c]]
        met += int(k[CANDIDATE_CELL + c] < rest_cell)
    return met


@compiled
def _subtract_targets(b: NDArray[np.float64], k: NDArray[np.int64], met: int) -> None:
    """Make velocities relative to Maxwellian targets, by Box and Muller (1958)."""
    for m in range(met):
        spread = b[LOST + m]
        first = spread * np.sqrt(-2.0 * natural_log(1.0 - b[U1 + m]))
        second = spread * np.sqrt(-2.0 * natural_log(1.0 - b[U3 + m]))
        sine, cosine = sine_and_cosine_of_turn(b[U2 + m])
        _, other_cosine = sine_and_cosine_of_turn(b[U4 + m])
        b[U1 + m] = first * cosine
        b[U2 + m] = second * other_cosine
        b[U3 + m] = first * sine
    # A loop of its own: one that gathers does not vectorise.
    for m in range(met):
        c = k[MET + m]
        gx = b[RELATIVE_X + c] - b[U1 + m]
        gy = b[RELATIVE_Y + c] - b[U2 + m]
        gz = b[RELATIVE_Z + c] - b[U3 + m]
        b[RELATIVE_X + c], b[RELATIVE_Y + c], b[RELATIVE_Z + c] = gx, gy, gz
        b[RELATIVE_SPEED + c] = np.sqrt(gx * gx + gy * gy + gz * gz)


@compiled
def _keep_real_at_rest(
    b: NDArray[np.float64],
    k: NDArray[np.int64],
    candidates: int,
    tables: Tables,
    events: NDArray[np.int64],
) -> int:
    """Pack the candidates that collide with targets at rest to the front; return how many."""
    floors = tables.process_floor
    real = 0
    for c in range(candidates):
        electron, row, process = k[ELECTRON + c], k[CANDIDATE_ROW + c], k[PROCESS + c]
        level = b[LEVEL + c]
        if level >= floors[row, process] and not _happens(
            level, b[SPEED + electron], row, process, tables, events
        ):
            continue
        k[ELECTRON + real], k[PROCESS + real] = electron, process
        real += 1
    return real


@compiled
def _keep_real(
    b: NDArray[np.float64],
    k: NDArray[np.int64],
    candidates: int,
    tables: Tables,
    events: NDArray[np.int64],
) -> int:
    """Pack the candidates that collide with moving targets to the front; return how many."""
    floors = tables.process_floor
    real = 0
    for c in range(candidates):
        row, process, level = k[CANDIDATE_ROW + c], k[PROCESS + c], b[LEVEL + c]
        if level >= floors[row, process] and not _happens(
            level, b[RELATIVE_SPEED + c], row, process, tables, events
        ):
            continue
        k[ELECTRON + real], k[PROCESS + real] = k[ELECTRON + c], process
        b[BEFORE_X + real], b[RELATIVE_X + real] = b[BEFORE_X + c], b[RELATIVE_X + c]
        b[BEFORE_Y + real], b[RELATIVE_Y + real] = b[BEFORE_Y + c], b[RELATIVE_Y + c]
        b[BEFORE_Z + real], b[RELATIVE_Z + real] = b[BEFORE_Z + c], b[RELATIVE_Z + c]
        b[RELATIVE_SPEED + real] = b[RELATIVE_SPEED + c]
        real += 1
    return real


@compiled
def _happens(
    level: float,
    speed: float,
    row: int,
    process: int,
    tables: Tables,
    events: NDArray[np.int64],
) -> bool:
    """Whether a candidate collides that neither ceiling nor floor has decided on."""
    ceilings = tables.process_ceiling
    frequency = collision_frequency(speed, process, tables)
    allowed = ceilings[row, process + 1] - ceilings[row, process]
    events[VIOLATIONS] += frequency > allowed * (1 + 1e-9)
    return level < frequency


@compiled_entry
def collision_frequency(speed: float, process: int, tables: Tables) -> float:
    """Frequency of a process at a relative speed (1/s)."""
    table = tables.table
    last = table.shape[0] - 2
    if tables.inverse_node_width > 0.0:
        place = speed * tables.inverse_node_width
        index = min(int(place), last)
        fraction = place - index
        # Above the last node a cross section keeps its value, and its frequency grows with speed.
        scale = max(place / (last + 1), 1.0)
    else:
        energy = HALF_MASS * speed * speed
        index = min(_last_node(speed, energy, tables), last)
        below = tables.node[index]
        fraction = (energy - below) / (tables.node[index + 1] - below)
        scale = speed
    lower = table[index, process]
    return (lower + min(fraction, 1.0) * (table[index + 1, process] - lower)) * scale


@compiled
def _last_node(speed: float, energy: float, tables: Tables) -> int:
    """The last node at or below an energy, by bisection within the speed's cell."""
    node, first = tables.node, tables.first_node
    cell = min(int(speed * tables.inverse_cell_width), first.size - 2)
    low, high = first[cell], min(first[cell + 1] + 2, node.size)
    # Rounding may have put the speed one cell too high.
    if node[low] > energy:
        low -= 1
    while high - low > 1:
        middle = (low + high) // 2
        if node[middle] <= energy:
            low = middle
        else:
            high = middle
    return low
