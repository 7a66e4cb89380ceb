"""Stage 2: which trials are real collisions, and of which process."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from swarmhydra.kernels.arrays import FloatArray, IntArray
from swarmhydra.kernels.contract import CANDIDATES, TRIAL, VIOLATIONS, VX, VZ, Tables, Tallies
from swarmhydra.kernels.quantities import HALF_MASS
from swarmhydra.kernels.vectorised.batch import Batch
from swarmhydra.kernels.vectorised.determine_timestep import Flights


class Collisions(NamedTuple):
    """The real collisions of a step; `n` of them."""

    electron: IntArray
    """Shape (n,): places of the electrons in the batch."""
    process: IntArray
    """Shape (n,)"""
    relative_velocity: FloatArray
    """Shape (3, n): electron minus target (m/s)."""
    relative_speed: FloatArray
    """Shape (n,): (m/s)."""


def determine_collisions(
    batch: Batch, flights: Flights, tables: Tables, tallies: Tallies
) -> Collisions:
    """Decide each trial by one number, uniform up to the majorant.

    Laid along the sum of the processes' ceilings in the speed cell, the number either lies beyond
    them (null) or picks a process. The process happens if the rest of the number lies below its
    collision frequency at the relative speed: surely below the floor, which spares most look-ups.
    The target's velocity is drawn only where it may matter.
    """
    ceiling = tables.ceiling.take(flights.cell)
    level = batch.uniform()[0] * flights.bound
    trial = flights.outcome == TRIAL
    tallies.events[:, VIOLATIONS] += batch.count(trial & (ceiling > flights.bound))
    sure = trial & (level < tables.sure_level.take(flights.cell))
    candidate = trial & (level < ceiling)
    tallies.events[:, CANDIDATES] += batch.count(candidate)
    others = np.flatnonzero(candidate & ~sure)
    real = _real_among(others, level[others], batch, flights, tables, tallies)
    return _with_sure(np.flatnonzero(sure), real, batch, flights)


def _real_among(
    candidate: IntArray,
    level: FloatArray,
    batch: Batch,
    flights: Flights,
    tables: Tables,
    tallies: Tallies,
) -> Collisions:
    """The real collisions among candidates; in each sub-swarm those with resting targets first."""
    moving = flights.cell[candidate] < tables.rest_cell
    label = batch.label[candidate]
    if moving.any():
        order = np.argsort(2 * label + moving, kind="stable")
        candidate, label = candidate[order], label[order]
        moving, level = moving[order], level[order]
    met = np.flatnonzero(moving)
    row = tables.row_of_cell[flights.cell[candidate]]
    process = choose_process(level, row, tables)
    speed = flights.speed[candidate]
    velocity = batch.electrons[VX : VZ + 1].take(candidate, axis=1)
    if met.size:
        spread = tables.target_speed[process[met]]
        velocity[:, met] -= maxwellian(spread, batch.uniform(label[met], rows=4))
        speed[met] = np.sqrt(np.einsum("ij,ij->j", velocity[:, met], velocity[:, met]))

    undecided = np.flatnonzero(level >= tables.process_floor[row, process])
    row, chosen = row[undecided], process[undecided]
    frequency = collision_frequency(speed[undecided], chosen, tables)
    allowed = tables.process_ceiling[row, chosen + 1] - tables.process_ceiling[row, chosen]
    above = undecided[frequency > allowed * (1 + 1e-9)]
    tallies.events[:, VIOLATIONS] += np.bincount(label[above], minlength=len(batch.counts))
    real = np.ones(candidate.size, dtype=bool)
    real[undecided[level[undecided] >= frequency]] = False
    return Collisions(candidate[real], process[real], velocity[:, real], speed[real])


def _with_sure(sure: IntArray, others: Collisions, batch: Batch, flights: Flights) -> Collisions:
    """All collisions; in each sub-swarm first those that surely are elastic."""
    electron = np.concatenate([sure, others.electron])
    # NumPy sorts short whole numbers many times faster than long ones.
    label = batch.label[electron].astype(np.min_scalar_type(len(batch.counts)))
    order = np.argsort(label, kind="stable")
    velocity = batch.electrons[VX : VZ + 1].take(sure, axis=1)
    return Collisions(
        electron[order],
        np.concatenate([np.zeros_like(sure), others.process])[order],
        np.concatenate([velocity, others.relative_velocity], axis=1).take(order, axis=1),
        np.concatenate([flights.speed[sure], others.relative_speed])[order],
    )


def choose_process(level: FloatArray, row: NDArray[np.uint16], tables: Tables) -> IntArray:
    """The process under whose ceiling each level lies; levels become those above the ones below."""
    process = np.zeros(level.size, dtype=np.int64)
    # Mostly it is the first, the elastic one.
    other = np.flatnonzero(level >= tables.process_ceiling[row, 1])
    if other.size:
        process[other] = _last_below(tables.process_ceiling, row[other], level[other])
        level[other] -= tables.process_ceiling[row[other], process[other]]
    return process


def _last_below(ceilings: FloatArray, row: NDArray[np.uint16], level: FloatArray) -> IntArray:
    """The process whose share of the running sum each level falls into, by bisection."""
    low = np.ones(level.size, dtype=np.int64)
    high = np.full(level.size, ceilings.shape[1] - 1)
    # All searches take as many halvings as the longest.
    for _ in range(int(high[0] - 1).bit_length()):
        middle = (low + high) // 2
        above = level >= ceilings[row, middle]
        low, high = np.where(above, middle, low), np.where(above, high, middle)
    return low


def collision_frequency(speed: FloatArray, process: IntArray, tables: Tables) -> FloatArray:
    """Frequency of one process each at a relative speed (1/s)."""
    last = tables.table.shape[0] - 2
    if tables.inverse_node_width > 0.0:
        place = speed * tables.inverse_node_width
        index = np.minimum(place.astype(np.int64), last)
        fraction = place - index
        # Above the last node a cross section keeps its value, and its frequency grows with speed.
        scale = np.maximum(place / (last + 1), 1.0)
    else:
        energy = HALF_MASS * speed * speed
        index = np.minimum(np.searchsorted(tables.node, energy, side="right") - 1, last)
        below = tables.node[index]
        fraction = (energy - below) / (tables.node[index + 1] - below)
        scale = speed
    lower = tables.table[index, process]
    fraction = np.minimum(fraction, 1.0)
    frequency: FloatArray = (lower + fraction * (tables.table[index + 1, process] - lower)) * scale
    return frequency


def maxwellian(thermal_speed: FloatArray, u: FloatArray) -> FloatArray:
    """Velocities, shape (3, n), from uniform numbers, shape (4, n), by Box and Muller (1958)."""
    radius = thermal_speed * np.sqrt(-2.0 * np.log(1.0 - u[0::2]))
    angle = 2.0 * np.pi * u[1::2]
    velocity = np.empty((3, thermal_speed.size))
    np.multiply(radius, np.cos(angle), out=velocity[:2])
    np.multiply(radius[0], np.sin(angle[0]), out=velocity[2])
    return velocity
