"""Stage 2: which trials are null, which are real collisions, and of which process."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from swarmhydra.kernels.arrays import FloatArray, IntArray
from swarmhydra.kernels.contract import CANDIDATES, TRIAL, VIOLATIONS, VX, VZ, Tables, Tallies
from swarmhydra.kernels.quantities import HALF_MASS
from swarmhydra.kernels.vectorised.batch import Batch
from swarmhydra.kernels.vectorised.determine_timestep import Flights


class Collisions(NamedTuple):
    """The `n` real collisions of a step."""

    electron: IntArray
    """Shape (n,): index of each colliding electron in the batch."""
    process: IntArray
    """Shape (n,): index of the process."""
    relative_velocity: FloatArray
    """Shape (3, n): velocity of the electron relative to the target (m/s)."""
    relative_speed: FloatArray
    """Shape (n,): absolute value of the relative velocity (m/s)."""


def determine_collisions(
    batch: Batch, flights: Flights, tables: Tables, tallies: Tallies
) -> Collisions:
    """Decide for each trial whether it is a null collision, or else of which process.

    The method of null collisions (Skullerud, J. Phys. D 1 (1968) 1567) with one random number,
    uniform between 0 and the majorant. If it exceeds the sum of the upper bounds of all processes
    in the speed cell, the trial is null. Otherwise the cumulative sum of these bounds selects a
    process, the candidate. It takes place if the number, less the bounds of the processes before,
    is below the collision frequency at the relative speed. Below the lower bound of that frequency
    the answer is known without calculating it. The velocity of the target is only drawn for
    candidates.
    """
    ceiling = tables.ceiling.take(flights.cell)
    level = batch.uniform()[0] * flights.bound
    trial = flights.outcome == TRIAL
    tallies.events[:, VIOLATIONS] += batch.count(trial & (ceiling > flights.bound))
    elastic = trial & (level < tables.sure_level.take(flights.cell))
    candidate = trial & (level < ceiling)
    tallies.events[:, CANDIDATES] += batch.count(candidate)
    others = np.flatnonzero(candidate & ~elastic)
    real = _real_among(others, level[others], batch, flights, tables, tallies)
    return _with_elastic(np.flatnonzero(elastic), real, batch, flights)


def _real_among(
    candidate: IntArray,
    level: FloatArray,
    batch: Batch,
    flights: Flights,
    tables: Tables,
    tallies: Tallies,
) -> Collisions:
    """The real collisions among candidates, in each sub-swarm those with targets at rest first."""
    moving = flights.cell[candidate] < tables.rest_cell
    label = batch.label[candidate]
    if moving.any():
        order = np.argsort(2 * label + moving, kind="stable")
        candidate, label = candidate[order], label[order]
        moving, level = moving[order], level[order]
    thermal = np.flatnonzero(moving)
    row = tables.row_of_cell[flights.cell[candidate]]
    process = choose_process(level, row, tables)
    speed = flights.speed[candidate]
    velocity = batch.electrons[VX : VZ + 1].take(candidate, axis=1)
    if thermal.size:
        spread = tables.target_speed[process[thermal]]
        velocity[:, thermal] -= maxwellian(spread, batch.uniform(label[thermal], rows=4))
        speed[thermal] = np.sqrt(np.einsum("ij,ij->j", velocity[:, thermal], velocity[:, thermal]))

    undecided = np.flatnonzero(level >= tables.process_floor[row, process])
    row, proposal = row[undecided], process[undecided]
    frequency = collision_frequency(speed[undecided], proposal, tables)
    bound = tables.process_ceiling[row, proposal + 1] - tables.process_ceiling[row, proposal]
    above = undecided[frequency > bound * (1 + 1e-9)]
    tallies.events[:, VIOLATIONS] += np.bincount(label[above], minlength=len(batch.counts))
    real = np.ones(candidate.size, dtype=bool)
    real[undecided[level[undecided] >= frequency]] = False
    return Collisions(candidate[real], process[real], velocity[:, real], speed[real])


def _with_elastic(
    elastic: IntArray, others: Collisions, batch: Batch, flights: Flights
) -> Collisions:
    """All collisions, in each sub-swarm those below `Tables.sure_level` first."""
    electron = np.concatenate([elastic, others.electron])
    # NumPy sorts integers of few bytes many times faster.
    label = batch.label[electron].astype(np.min_scalar_type(len(batch.counts)))
    order = np.argsort(label, kind="stable")
    velocity = batch.electrons[VX : VZ + 1].take(elastic, axis=1)
    return Collisions(
        electron[order],
        np.concatenate([np.zeros_like(elastic), others.process])[order],
        np.concatenate([velocity, others.relative_velocity], axis=1).take(order, axis=1),
        np.concatenate([flights.speed[elastic], others.relative_speed])[order],
    )


def choose_process(level: FloatArray, row: NDArray[np.uint16], tables: Tables) -> IntArray:
    """The process to whose part of the cumulative sum of bounds each level belongs.

    The sum of the bounds of the processes before is subtracted from the level, in place.
    """
    process = np.zeros(level.size, dtype=np.int64)
    # Most candidates are of the first process, which is elastic.
    other = np.flatnonzero(level >= tables.process_ceiling[row, 1])
    if other.size:
        process[other] = _last_below(tables.process_ceiling, row[other], level[other])
        level[other] -= tables.process_ceiling[row[other], process[other]]
    return process


def _last_below(ceilings: FloatArray, row: NDArray[np.uint16], level: FloatArray) -> IntArray:
    """The process, other than the first, to whose part of the sum each level belongs."""
    low = np.ones(level.size, dtype=np.int64)
    high = np.full(level.size, ceilings.shape[1] - 1)
    # Bisection, in as many steps as the longest search needs.
    for _ in range(int(high[0] - 1).bit_length()):
        middle = (low + high) // 2
        above = level >= ceilings[row, middle]
        low, high = np.where(above, middle, low), np.where(above, high, middle)
    return low


def collision_frequency(speed: FloatArray, process: IntArray, tables: Tables) -> FloatArray:
    """Collision frequency (1/s) of one process at each relative speed (m/s).

    Above the last node it is held constant: the bounds of the last cell then hold for all speeds.
    """
    last = tables.table.shape[0] - 2
    energy = HALF_MASS * speed * speed
    if tables.intervals_per_speed > 0.0:
        place = speed * tables.intervals_per_speed
        interval = np.minimum(place.astype(np.int64), last // 2)
        index, fraction = 2 * interval, place - interval
        # An interval of the look-up table may begin below the threshold.
        scale = np.where(energy < tables.threshold[process], 0.0, 1.0)
    else:
        index = np.minimum(np.searchsorted(tables.node, energy, side="right") - 1, last)
        below = tables.node[index]
        fraction = (energy - below) / (tables.node[index + 1] - below)
        scale = np.minimum(speed, tables.ceiling.size / tables.inverse_cell_width)
    lower = tables.table[index, process]
    fraction = np.minimum(fraction, 1.0)
    frequency: FloatArray = (lower + fraction * (tables.table[index + 1, process] - lower)) * scale
    return frequency


def maxwellian(thermal_speed: FloatArray, u: FloatArray) -> FloatArray:
    """Maxwellian velocities (m/s), shape (3, n), from uniform numbers, shape (4, n).

    Box and Muller, Ann. Math. Stat. 29 (1958) 610; `thermal_speed` is sqrt(kT/M) (m/s).
    """
    radius = thermal_speed * np.sqrt(-2.0 * np.log(1.0 - u[0::2]))
    angle = 2.0 * np.pi * u[1::2]
    velocity = np.empty((3, thermal_speed.size))
    np.multiply(radius, np.cos(angle), out=velocity[:2])
    np.multiply(radius[0], np.sin(angle[0]), out=velocity[2])
    return velocity
