"""Stage 2: which trials are real collisions, and of which process."""

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
    MET_ELECTRON,
    MET_LEVEL,
    MET_PROCESS,
    MET_ROW,
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
    """Decide each trial by one number, uniform up to the majorant.

    Laid along the sum of the processes' ceilings in the speed cell, the number either lies beyond
    them (null) or picks a process. The process happens if the rest of the number lies below its
    collision frequency at the relative speed: surely below the floor, which spares most look-ups.
    Returns how many are surely elastic, and how many are real with the others behind them.
    """
    fill_uniform(stream, b, U1, active)
    sure, candidates = _find_candidates(b, k, active, tables, events)
    at_rest, met = _choose_at_rest(b, k, sure, candidates, tables, events)
    real = _choose_moving(b, k, at_rest, met, stream, tables, events)
    _pack_velocities(b, k, at_rest, real)
    return sure, real


@compiled_inline
def _find_candidates(
    b: FloatArray,
    k: NDArray[np.uint32],
    active: int,
    tables: Tables,
    events: IntArray,
) -> tuple[int, int]:
    """Pack the trials that surely are elastic collisions, and list those that may be real.

    Returns how many of each.
    """
    ceiling, sure_level = tables.ceiling, tables.sure_level
    sure, others, violations = 0, 0, 0
    for i in range(active):
        cell = np.uint32(b[CELL + i])
        top, bound = ceiling[cell], b[BOUND + i]
        level = b[U1 + i] * bound
        surely = sure_level[cell]
        # Written always, kept only by moving on: a branch would be mispredicted.
        k[ELECTRON + sure] = i
        k[CANDIDATE + others] = i
        sure += level < surely
        others += int(level < top) & int(level >= surely)
        violations += top > bound
    for c in range(sure):
        k[PROCESS + c] = 0
    events[CANDIDATES] += sure + others
    events[VIOLATIONS] += violations
    return sure, others


@compiled_inline
def _choose_at_rest(
    b: FloatArray,
    k: NDArray[np.uint32],
    sure: int,
    candidates: int,
    tables: Tables,
    events: IntArray,
) -> tuple[int, int]:
    """Pack the candidates that collide with targets at rest; list those whose targets move.

    Returns how many collide so, with those who surely do, and how many are listed.
    """
    floors, row_of_cell, rest_cell = tables.process_floor, tables.row_of_cell, tables.rest_cell
    real, met = sure, 0
    for c in range(candidates):
        electron = k[CANDIDATE + c]
        cell = np.uint32(b[CELL + electron])
        row = np.uint32(row_of_cell[cell])
        process, level = _process_under(b[U1 + electron] * b[BOUND + electron], row, tables)
        # Does the target move?
        if cell < rest_cell:
            k[MET_ELECTRON + met], k[MET_PROCESS + met], k[MET_ROW + met] = electron, process, row
            b[MET_LEVEL + met] = level
            met += 1
        elif level < floors[row, process] or _happens(
            level, b[SPEED + electron], row, process, tables, events
        ):
            k[ELECTRON + real], k[PROCESS + real] = electron, process
            real += 1
    return real, met


@compiled_inline
def _process_under(level: float, row: int, tables: Tables) -> tuple[np.uint32, float]:
    """The process under whose ceiling a level lies, and how far above the ones before."""
    ceilings = tables.process_ceiling
    # Mostly it is the first, the elastic one.
    if level < ceilings[row, 1]:
        return np.uint32(0), level
    process = np.uint32(_last_below(ceilings[row], tables.process_guide[row], level))
    return process, level - ceilings[row, process]


@compiled_inline
def _last_below(ceilings: FloatArray, guide: NDArray[np.uint16], level: float) -> int:
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


@compiled_inline
def _choose_moving(
    b: FloatArray,
    k: NDArray[np.uint32],
    at_rest: int,
    met: int,
    stream: NDArray[np.uint64],
    tables: Tables,
    events: IntArray,
) -> int:
    """Pack those who collide with moving targets behind the others; return how many there are.

    With them go their velocities relative to the targets.
    """
    _draw_targets(b, k, met, stream, tables)
    floors = tables.process_floor
    real = at_rest
    for m in range(met):
        i, process, row = k[MET_ELECTRON + m], k[MET_PROCESS + m], k[MET_ROW + m]
        gx, gy, gz = b[VX + i] - b[U1 + m], b[VY + i] - b[U2 + m], b[VZ + i] - b[U3 + m]
        speed = np.sqrt(gx * gx + gy * gy + gz * gz)
        level = b[MET_LEVEL + m]
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
    met: int,
    stream: NDArray[np.uint64],
    tables: Tables,
) -> None:
    """Velocities of Maxwellian targets in U1, U2 and U3, by Box and Muller (1958)."""
    for row in (U1, U2, U3, U4):
        fill_uniform(stream, b, row, met)
    # A loop of its own: one that gathers does not vectorise.
    for m in range(met):
        b[SPREAD + m] = tables.target_speed[k[MET_PROCESS + m]]
    for m in range(met):
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
    """The velocities of those who collide side by side, and relative to the targets at rest."""
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
    """Whether a candidate collides that neither ceiling nor floor has decided on."""
    ceilings = tables.process_ceiling
    frequency = collision_frequency(speed, process, tables)
    allowed = ceilings[row, process + 1] - ceilings[row, process]
    events[VIOLATIONS] += frequency > allowed * (1 + 1e-9)
    return level < frequency


@compiled_inline
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


@compiled_inline
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
