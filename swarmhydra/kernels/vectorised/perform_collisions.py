"""Stage 3: the effects of the real collisions: scattering, energy loss, ionization, attachment."""

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
    """Carry out the collisions, add freed electrons and remove those no longer active."""
    tables, scattering, sharing, _ = surroundings
    electron, process, relative_velocity, relative_speed = collisions
    label = batch.label[electron]
    action = tables.action[process]
    energy = HALF_MASS * relative_speed * relative_speed
    remaining = np.maximum(energy - tables.threshold[process], 0.0)
    ionizing = np.flatnonzero(action == IONIZATION)
    ejected_share = freed_share(
        batch, label[ionizing], process[ionizing], remaining[ionizing], sharing
    )
    share = np.ones(electron.size)
    share[ionizing] = 1.0 - ejected_share
    recoil = tables.recoil[process]
    # The speed changes in the frame of the centre of mass; there it is M / (m + M) of the relative
    # speed. The velocity of the centre of mass is v - recoil g, with the relative velocity g.
    scattered_speed = square_root(remaining * share / HALF_MASS, tables)
    # Exactly the same speed after an elastic collision: an error of the table of square roots could
    # exceed the small energy loss by recoil.
    np.copyto(scattered_speed, relative_speed, where=tables.threshold[process] == 0.0)
    scattered_speed *= recoil
    velocity = batch.electrons[VX : VZ + 1].take(electron, axis=1)
    centre = velocity - recoil * relative_velocity

    u = batch.uniform(label, rows=2)
    right_angle = ionizing if sharing.momentum_conserving else ionizing[:0]
    y = deflection(u[0], energy, process, scattering)
    y[right_angle] = 1.0 - np.sqrt(share[right_angle])
    scattered = direction(y, u[1], relative_velocity, relative_speed, scattering)
    scattered *= scattered_speed
    scattered += centre
    before = kinetic_energy(velocity)
    loss = before - kinetic_energy(scattered)
    batch.electrons[VX : VZ + 1, electron] = scattered

    free = action != ATTACHMENT
    _sample_departures(
        label[free],
        scattered_speed[free],
        centre[2, free],
        surroundings,
        departures,
        tallies,
    )
    freed = batch.electrons.take(electron[ionizing], axis=1)
    if ionizing.size:
        u_freed = batch.uniform(label[ionizing], rows=2)
        y = deflection(u_freed[0], energy[ionizing], process[ionizing], scattering)
        turn = u_freed[1]
        if sharing.momentum_conserving:
            y = 1.0 - np.sqrt(ejected_share)
            turn = u[1][ionizing] + 0.5
        speed = recoil[ionizing] * square_root(
            remaining[ionizing] * ejected_share / HALF_MASS, tables
        )
        away = direction(
            y, turn, relative_velocity[:, ionizing], relative_speed[ionizing], scattering
        )
        freed[VX : VZ + 1] = centre[:, ionizing] + speed * away
        _sample_departures(
            label[ionizing], speed, centre[2, ionizing], surroundings, departures, tallies
        )
        loss[ionizing] -= kinetic_energy(freed[VX : VZ + 1])
        _count_flux(batch, freed, label[ionizing], -1.0, tallies)

    attaching = np.flatnonzero(action == ATTACHMENT)
    dead = np.zeros(batch.label.size, dtype=bool)
    if attaching.size:
        dead[electron[attaching]] = True
        loss[attaching] = before[attaching]
        attached = batch.electrons[:, electron[attaching]]
        _count_flux(batch, attached, label[attaching], 1.0, tallies)

    if departures.are_many:
        departures.empty_into(tallies.departures, batch.weight)
    _count_collisions(batch, label, process, loss, tallies)
    tallies.events[:, BIRTHS] += np.bincount(label[ionizing], minlength=len(batch.counts))
    tallies.events[:, DEATHS] += np.bincount(label[attaching], minlength=len(batch.counts))
    batch.settle(freed, label[ionizing], dead, flights.outcome == AT_WINDOW_END)


def _count_flux(
    batch: Batch, electrons: FloatArray, label: IntArray, sign: float, tallies: Tallies
) -> None:
    """Complete (sign +1) or start (-1) the time integrals of electrons that vanish or appear."""
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
    """Sample the electrons that leave collisions, if `Tallies.departures` has cells."""
    cells = tallies.departures.shape[1]
    if not cells:
        return
    cell = np.minimum((speed * surroundings.tables.inverse_cell_width).astype(np.int64), cells - 1)
    departures.add(label * cells + cell, np.ones(cell.size), centre_vz)


def _count_collisions(
    batch: Batch, label: IntArray, process: IntArray, loss: FloatArray, tallies: Tallies
) -> None:
    """Add the collisions and their energy loss (eV) to the sums of each sub-swarm and process."""
    shape = tallies.collisions.shape
    place = label * shape[1] + process
    count = np.bincount(place, minlength=tallies.collisions.size).reshape(shape)
    energy = np.bincount(place, loss, minlength=tallies.collisions.size).reshape(shape)
    tallies.collisions[:] += batch.weight[:, None] * count
    tallies.energy_loss[:] += batch.weight[:, None] * energy
    tallies.events[:, REAL_COLLISIONS] += count.sum(axis=1)
