"""Stage 2: which trials are real collisions, and of which process."""

import numpy as np
from numpy.typing import NDArray

from swarmhydra.kernels.compiled.compiler import compiled
from swarmhydra.kernels.compiled.elementary import natural_log, sine_and_cosine_of_turn
from swarmhydra.kernels.compiled.layout import (
    BEFORE_X,
    BEFORE_Y,
    BEFORE_Z,
    BOUND,
    CELL,
    ELECTRON,
    LEVEL,
    OUTCOME,
    PROCESS,
    RELATIVE_SPEED,
    RELATIVE_X,
    RELATIVE_Y,
    RELATIVE_Z,
    SPEED,
    THERMAL_SPEED,
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
    candidates = _find_candidates(b, k, active, tables, events)
    _choose_processes(b, k, candidates, tables)
    _pack_velocities(b, k, candidates)
    if tables.moving_targets:
        for row in (U1, U2, U3, U4):
            fill_uniform(stream, b, row, candidates)
        _subtract_targets(b, candidates)
    return _keep_real(b, k, candidates, tables, events)


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
        top = ceiling[int(b[CELL + i])]
        trial = b[OUTCOME + i] == TRIAL
        bound = b[BOUND + i]
        level = b[U1 + i] * bound
        violations += trial and top > bound
        # Written always, kept only by moving on: a branch would be mispredicted.
        k[ELECTRON + found] = i
        b[LEVEL + found] = level
        found += trial and level < top
    events[CANDIDATES] += found
    events[VIOLATIONS] += violations
    return found


@compiled
def _choose_processes(
    b: NDArray[np.float64], k: NDArray[np.int64], candidates: int, tables: Tables
) -> None:
    """The process under whose ceiling each level lies; levels become those above the ones below."""
    ceilings, target_speed = tables.process_ceiling, tables.target_speed
    for c in range(candidates):
        cell = int(b[CELL + k[ELECTRON + c]])
        level = b[LEVEL + c]
        process = 0
        # Mostly it is the first, the elastic one.
        if level >= ceilings[cell, 1]:
            process = _last_below(ceilings[cell], level)
            b[LEVEL + c] = level - ceilings[cell, process]
        k[PROCESS + c] = process
        b[THERMAL_SPEED + c] = target_speed[process]


@compiled
def _last_below(ceilings: NDArray[np.float64], level: float) -> int:
    """The process whose share of the running sum the level falls into, by bisection."""
    low, high = 1, ceilings.size - 1
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
def _subtract_targets(b: NDArray[np.float64], candidates: int) -> None:
    """Make velocities relative to Maxwellian targets, by Box and Muller (1958)."""
    for c in range(candidates):
        spread = b[THERMAL_SPEED + c]
        first = spread * np.sqrt(-2.0 * natural_log(1.0 - b[U1 + c]))
        second = spread * np.sqrt(-2.0 * natural_log(1.0 - b[U3 + c]))
        sine, cosine = sine_and_cosine_of_turn(b[U2 + c])
        _, other_cosine = sine_and_cosine_of_turn(b[U4 + c])
        gx = b[RELATIVE_X + c] - first * cosine
        gy = b[RELATIVE_Y + c] - second * other_cosine
        gz = b[RELATIVE_Z + c] - first * sine
        b[RELATIVE_X + c] = gx
        b[RELATIVE_Y + c] = gy
        b[RELATIVE_Z + c] = gz
        b[RELATIVE_SPEED + c] = np.sqrt(gx * gx + gy * gy + gz * gz)


@compiled
def _keep_real(
    b: NDArray[np.float64],
    k: NDArray[np.int64],
    candidates: int,
    tables: Tables,
    events: NDArray[np.int64],
) -> int:
    """Pack the candidates that collide to the front; return how many."""
    floors, ceilings = tables.process_floor, tables.process_ceiling
    real = 0
    for c in range(candidates):
        cell, process, level = int(b[CELL + k[ELECTRON + c]]), k[PROCESS + c], b[LEVEL + c]
        if level >= floors[cell, process]:
            frequency = collision_frequency(b[RELATIVE_SPEED + c], process, tables)
            allowed = ceilings[cell, process + 1] - ceilings[cell, process]
            events[VIOLATIONS] += frequency > allowed * (1 + 1e-9)
            if level >= frequency:
                continue
        if real < c:
            _move_candidate(b, k, c, real)
        real += 1
    return real


@compiled
def _move_candidate(b: NDArray[np.float64], k: NDArray[np.int64], c: int, to: int) -> None:
    """Move a packed candidate to another place."""
    k[ELECTRON + to], k[PROCESS + to] = k[ELECTRON + c], k[PROCESS + c]
    b[BEFORE_X + to], b[RELATIVE_X + to] = b[BEFORE_X + c], b[RELATIVE_X + c]
    b[BEFORE_Y + to], b[RELATIVE_Y + to] = b[BEFORE_Y + c], b[RELATIVE_Y + c]
    b[BEFORE_Z + to], b[RELATIVE_Z + to] = b[BEFORE_Z + c], b[RELATIVE_Z + c]
    b[RELATIVE_SPEED + to] = b[RELATIVE_SPEED + c]


@compiled
def collision_frequency(speed: float, process: int, tables: Tables) -> float:
    """Frequency of a process at a relative speed (1/s)."""
    table = tables.table
    last = table.shape[0] - 2
    if tables.inverse_node_width > 0.0:
        place = speed * tables.inverse_node_width
        index = min(int(place), last)
        fraction = place - index
        scale = 1.0
    else:
        energy = HALF_MASS * speed * speed
        index = min(_last_node(speed, energy, tables), last)
        below = tables.node[index]
        fraction = (energy - below) / (tables.node[index + 1] - below)
        scale = speed
    lower = table[index, process]
    # Above its last node a cross section keeps its value.
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
