"""Stage 3: what the real collisions do: scatter, take energy, free and bind electrons."""

import numpy as np
from numpy.typing import NDArray

from swarmhydra.kernels.contract import (
    AT_WINDOW_END,
    ATTACHMENT,
    BIRTHS,
    DEATHS,
    IONIZATION,
    REAL_COLLISIONS,
    VX,
    VZ,
    Tables,
    Tallies,
)
from swarmhydra.kernels.quantities import HALF_MASS, flux_terms, kinetic_energy
from swarmhydra.kernels.vectorised.batch import Batch
from swarmhydra.kernels.vectorised.determine_collisions import Collisions
from swarmhydra.kernels.vectorised.determine_timestep import Flights

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


def perform_collisions(
    batch: Batch, flights: Flights, collisions: Collisions, tables: Tables, tallies: Tallies
) -> None:
    """Carry out the collisions, then sort out who flies on."""
    who, process, relative_velocity, relative_speed = collisions
    label = batch.label[who]
    action = tables.action[process]
    kept = 1.0 - tables.threshold[process] / (HALF_MASS * relative_speed * relative_speed)
    np.maximum(kept, 0.0, out=kept)
    ionizing = np.flatnonzero(action == IONIZATION)
    kept[ionizing] *= 0.5
    recoil = tables.recoil[process]
    # In the centre of mass the speeds change, and v = v_cm + recoil g.
    scattered_speed = recoil * relative_speed * square_root(kept, tables)
    velocity = batch.electrons[VX : VZ + 1].take(who, axis=1)
    centre = velocity - recoil * relative_velocity
    scattered = isotropic_direction(batch.uniform(label, rows=2), tables)
    scattered *= scattered_speed
    scattered += centre
    before = kinetic_energy(velocity)
    lost = before - kinetic_energy(scattered)
    batch.electrons[VX : VZ + 1, who] = scattered

    newborn = batch.electrons.take(who[ionizing], axis=1)
    if ionizing.size:
        freed = isotropic_direction(batch.uniform(label[ionizing], rows=2), tables)
        newborn[VX : VZ + 1] = centre[:, ionizing] + scattered_speed[ionizing] * freed
        lost[ionizing] -= kinetic_energy(newborn[VX : VZ + 1])
        _count_flux(batch, newborn, label[ionizing], -1.0, tallies)

    attached = np.flatnonzero(action == ATTACHMENT)
    gone = np.zeros(batch.label.size, dtype=bool)
    if attached.size:
        victims = who[attached]
        gone[victims] = True
        lost[attached] = before[attached]
        _count_flux(batch, batch.electrons[:, victims], label[attached], 1.0, tallies)

    _count_collisions(batch, label, process, lost, tallies)
    tallies.events[:, BIRTHS] += np.bincount(label[ionizing], minlength=len(batch.counts))
    tallies.events[:, DEATHS] += np.bincount(label[attached], minlength=len(batch.counts))
    batch.settle(newborn, label[ionizing], gone, flights.outcome == AT_WINDOW_END)


def isotropic_direction(u: FloatArray, tables: Tables) -> FloatArray:
    """Unit vectors, shape (3, n), uniform over the sphere, from uniform numbers, shape (2, n)."""
    cosine = 1.0 - 2.0 * u[0]
    if tables.scattering_cosine.size:
        cosine = looked_up(u[0], tables.scattering_cosine)
    sine = np.sqrt(np.maximum(1.0 - cosine * cosine, 0.0))
    angle = 2.0 * np.pi * u[1]
    direction = np.empty((3, u.shape[1]))
    np.multiply(sine, np.cos(angle), out=direction[0])
    np.multiply(sine, np.sin(angle), out=direction[1])
    direction[2] = cosine
    return direction


def square_root(x: FloatArray, tables: Tables) -> FloatArray:
    """Square roots of numbers from 0 to 1."""
    if not tables.square_root.size:
        return np.sqrt(x)
    mantissa, exponent = np.frexp(x)
    # An even exponent can be halved.
    odd = exponent & 1
    mantissa = np.ldexp(mantissa, -odd)
    root = looked_up((np.maximum(mantissa, 0.25) - 0.25) / 0.75, tables.square_root)
    return np.where(x > 0.0, np.ldexp(root, (exponent + odd) // 2), 0.0)


def looked_up(place: FloatArray, table: FloatArray) -> FloatArray:
    """Values of a table at places from 0 to 1, linear between its entries."""
    steps = table.size - 1
    scaled = place * steps
    index = np.minimum(scaled.astype(np.int64), steps - 1)
    lower = table[index]
    value: FloatArray = lower + (scaled - index) * (table[index + 1] - lower)
    return value


def _count_flux(
    batch: Batch, electrons: FloatArray, label: IntArray, sign: float, tallies: Tallies
) -> None:
    """Close (+1) or open (-1) the time integrals of electrons that go or come."""
    terms = batch.total(flux_terms(electrons), label)
    tallies.flux[:] += (sign * batch.weight * terms).T


def _count_collisions(
    batch: Batch, label: IntArray, process: IntArray, lost: FloatArray, tallies: Tallies
) -> None:
    """Add collisions and the energy lost in them to the sums of sub-swarm and process."""
    shape = tallies.collisions.shape
    place = label * shape[1] + process
    count = np.bincount(place, minlength=tallies.collisions.size).reshape(shape)
    energy = np.bincount(place, lost, minlength=tallies.collisions.size).reshape(shape)
    tallies.collisions[:] += batch.weight[:, None] * count
    tallies.energy_loss[:] += batch.weight[:, None] * energy
    tallies.events[:, REAL_COLLISIONS] += count.sum(axis=1)
