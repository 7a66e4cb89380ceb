"""Stage 3: what the real collisions do: scatter, take energy, free and bind electrons."""

import numpy as np

from swarmhydra.kernels.arrays import FloatArray, IntArray
from swarmhydra.kernels.contract import (
    AT_WINDOW_END,
    ATTACHMENT,
    BIRTHS,
    DEATHS,
    IONIZATION,
    REAL_COLLISIONS,
    VX,
    VZ,
    Surroundings,
    Tallies,
)
from swarmhydra.kernels.quantities import HALF_MASS, flux_terms, kinetic_energy
from swarmhydra.kernels.vectorised.batch import Batch
from swarmhydra.kernels.vectorised.determine_collisions import Collisions
from swarmhydra.kernels.vectorised.determine_timestep import Flights
from swarmhydra.kernels.vectorised.energy_sharing import freed_share
from swarmhydra.kernels.vectorised.look_up import square_root
from swarmhydra.kernels.vectorised.samples import Samples
from swarmhydra.kernels.vectorised.scattering import deflection, direction


def perform_collisions(
    batch: Batch,
    flights: Flights,
    collisions: Collisions,
    surroundings: Surroundings,
    departures: Samples,
    tallies: Tallies,
) -> None:
    """Carry out the collisions, then sort out who flies on."""
    tables, scattering, sharing, _ = surroundings
    who, process, relative_velocity, relative_speed = collisions
    label = batch.label[who]
    action = tables.action[process]
    energy = HALF_MASS * relative_speed * relative_speed
    kept = np.maximum(energy - tables.threshold[process], 0.0)
    ionizing = np.flatnonzero(action == IONIZATION)
    freed = freed_share(batch, label[ionizing], process[ionizing], kept[ionizing], sharing)
    share = np.ones(who.size)
    share[ionizing] = 1.0 - freed
    recoil = tables.recoil[process]
    # In the centre of mass the speeds change, and v = v_cm + recoil g.
    scattered_speed = square_root(kept * share / HALF_MASS, tables)
    # An elastic collision keeps its speed: no table may add to what little it loses.
    np.copyto(scattered_speed, relative_speed, where=tables.threshold[process] == 0.0)
    scattered_speed *= recoil
    velocity = batch.electrons[VX : VZ + 1].take(who, axis=1)
    centre = velocity - recoil * relative_velocity

    u = batch.uniform(label, rows=2)
    right_angle = ionizing if sharing.momentum_conserving else ionizing[:0]
    y = deflection(u[0], energy, process, scattering)
    y[right_angle] = 1.0 - np.sqrt(share[right_angle])
    scattered = direction(y, u[1], relative_velocity, relative_speed, scattering)
    scattered *= scattered_speed
    scattered += centre
    before = kinetic_energy(velocity)
    lost = before - kinetic_energy(scattered)
    batch.electrons[VX : VZ + 1, who] = scattered

    leaves = action != ATTACHMENT
    _sample_departures(
        label[leaves],
        scattered_speed[leaves],
        centre[2, leaves],
        surroundings,
        departures,
        tallies,
    )
    newborn = batch.electrons.take(who[ionizing], axis=1)
    if ionizing.size:
        other = batch.uniform(label[ionizing], rows=2)
        y = deflection(other[0], energy[ionizing], process[ionizing], scattering)
        turn = other[1]
        if sharing.momentum_conserving:
            y = 1.0 - np.sqrt(freed)
            turn = u[1][ionizing] + 0.5
        speed = recoil[ionizing] * square_root(kept[ionizing] * freed / HALF_MASS, tables)
        away = direction(
            y, turn, relative_velocity[:, ionizing], relative_speed[ionizing], scattering
        )
        newborn[VX : VZ + 1] = centre[:, ionizing] + speed * away
        _sample_departures(
            label[ionizing], speed, centre[2, ionizing], surroundings, departures, tallies
        )
        lost[ionizing] -= kinetic_energy(newborn[VX : VZ + 1])
        _count_flux(batch, newborn, label[ionizing], -1.0, tallies)

    attached = np.flatnonzero(action == ATTACHMENT)
    gone = np.zeros(batch.label.size, dtype=bool)
    if attached.size:
        victims = who[attached]
        gone[victims] = True
        lost[attached] = before[attached]
        _count_flux(batch, batch.electrons[:, victims], label[attached], 1.0, tallies)

    if departures.are_many:
        departures.empty_into(tallies.departures, batch.weight)
    _count_collisions(batch, label, process, lost, tallies)
    tallies.events[:, BIRTHS] += np.bincount(label[ionizing], minlength=len(batch.counts))
    tallies.events[:, DEATHS] += np.bincount(label[attached], minlength=len(batch.counts))
    batch.settle(newborn, label[ionizing], gone, flights.outcome == AT_WINDOW_END)


def _count_flux(
    batch: Batch, electrons: FloatArray, label: IntArray, sign: float, tallies: Tallies
) -> None:
    """Close (+1) or open (-1) the time integrals of electrons that go or come."""
    terms = batch.total(flux_terms(electrons), label)
    tallies.flux[:] += (sign * batch.weight * terms).T


def _sample_departures(
    label: IntArray,
    speed: FloatArray,
    centre_vz: FloatArray,
    surroundings: Surroundings,
    departures: Samples,
    tallies: Tallies,
) -> None:
    """Sample those who leave collisions, where it is wanted."""
    cells = tallies.departures.shape[1]
    if not cells:
        return
    cell = np.minimum((speed * surroundings.tables.inverse_cell_width).astype(np.int64), cells - 1)
    departures.add(label * cells + cell, np.ones(cell.size), centre_vz)


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
