"""Stage 4: the tallies, sampled at the trials and at the ends of the windows."""

import numpy as np

from swarmhydra.kernels.arrays import FloatArray
from swarmhydra.kernels.contract import (
    ABOVE_TABLE,
    ANCESTOR,
    CLOCK,
    FLIGHTS,
    PAIRS,
    PHASE_COLUMNS,
    TRIAL,
    TRIALS,
    VX,
    VZ,
    Field,
    Tallies,
    Window,
    X,
    Z,
)
from swarmhydra.kernels.quantities import flux_terms, kinetic_energy
from swarmhydra.kernels.vectorised.batch import Batch
from swarmhydra.kernels.vectorised.determine_collisions import Collisions
from swarmhydra.kernels.vectorised.determine_timestep import Flights
from swarmhydra.kernels.vectorised.samples import Samples


def collect_output_data(batch: Batch, flights: Flights, samples: Samples, tallies: Tallies) -> None:
    """Sample the time average at the trials, as they stand before the collision.

    Trials of a clock with rate nu' visit a trajectory at that rate, so that 1/nu' for each is an
    unbiased estimate of the time spent, at null trials as at real ones.
    """
    trial = flights.outcome == TRIAL
    time = trial / flights.bound
    values = np.empty((5, time.size))
    values[0] = time
    np.multiply(time, flights.speed * flights.speed, out=values[1])
    np.multiply(time, batch.electrons[X : Z + 1], out=values[2:])
    tallies.trial[:] += (batch.weight * batch.total(values)).T
    place = batch.label * tallies.speed.shape[1] + flights.cell
    # An electron at rest has no direction; it is as good as never there.
    cosine = batch.electrons[VZ] / np.maximum(flights.speed, 1e-300)
    samples.add(place, time, time * cosine)
    if samples.are_many:
        samples.empty_into(tallies.speed, batch.weight)
    tallies.events[:, FLIGHTS] += batch.counts
    tallies.events[:, TRIALS] += batch.count(trial)
    if flights.above_table.any():
        tallies.events[:, ABOVE_TABLE] += batch.count(flights.above_table)


def collect_phases(
    batch: Batch,
    flights: Flights,
    collisions: Collisions,
    field: Field,
    window: Window,
    tallies: Tallies,
) -> None:
    """Sort trials and collisions by the phase of an alternating field."""
    turn = window.phase + field.angular_frequency * batch.electrons[CLOCK]
    share = turn / (2.0 * np.pi)
    parts = tallies.phase.shape[1]
    part = ((share - np.floor(share)) * parts).astype(np.int64) % parts
    velocity = batch.electrons[VX : VZ + 1]
    time = (flights.outcome == TRIAL) / flights.bound * batch.weight[batch.label]
    acceleration = field.acceleration * np.cos(turn)
    columns = [time, time * flights.speed**2, *(time * velocity), time * velocity[2] * acceleration]
    place = batch.label * parts + part
    sums = tallies.phase.reshape(-1, tallies.phase.shape[2])
    for column, values in enumerate(columns):
        sums[:, column] += np.bincount(place, values, minlength=len(sums))
    who = collisions.electron
    np.add.at(
        sums, (place[who], PHASE_COLUMNS + collisions.process), batch.weight[batch.label[who]]
    )


def open_window(electrons: FloatArray, weight: float, tallies: Tallies) -> None:
    """Start the time integrals of the flux of one sub-swarm."""
    tallies.flux[:] -= weight * flux_terms(electrons).sum(axis=1)


def close_window(
    electrons: FloatArray, history: FloatArray, weight: float, tilt: float, tallies: Tallies
) -> None:
    """Add up the moments of one sub-swarm over the remembered windows; make now a new origin.

    Parameters
    ----------
    electrons : ndarray, shape (STATE_ROWS, n)
    history : ndarray, shape (n or more, memory - 1, 4)
        As at the start of the window; replaced.
    weight : float
        Of the sub-swarm.
    tilt : float
        See `Window`.
    tallies : Tallies
        Of the sub-swarm.
    """
    count = electrons.shape[1]
    tallies.window_electrons[:] += weight * count
    tallies.flux[:] += weight * flux_terms(electrons).sum(axis=1)
    past = history[electrons[ANCESTOR].astype(np.int64)]
    newest = electrons[X : Z + 1].T - past[:, :, :3].sum(axis=1)
    energy = kinetic_energy(electrons[VX : VZ + 1])

    steps = np.concatenate([newest[:, None, :], past[:, :, :3]], axis=1)
    reached = np.cumsum(steps, axis=1)
    tallies.displacement[:] += weight * reached.sum(axis=0)
    for column, (i, j) in enumerate(PAIRS):
        product = np.einsum("nk,nk->k", reached[:, :, i], reached[:, :, j])
        tallies.displacement_product[:, column] += weight * product
    along = reached[:, :, 2]
    tilted = np.exp(-tilt * along)
    for power in range(3):
        tallies.tilted[:, power] += weight * (tilted * along**power).sum(axis=0)
    energies = np.concatenate([energy[:, None], past[:, :, 3]], axis=1)
    tallies.energy_memory[:, 0] += weight * (energy @ energies)
    tallies.energy_memory[:, 1] += weight * energies.sum(axis=0)

    history[:count, 1:] = past[:, :-1]
    history[:count, 0, :3] = newest
    history[:count, 0, 3] = energy
    electrons[X : Z + 1] -= past[:, -1, :3].T
    electrons[CLOCK] = 0.0
    electrons[ANCESTOR] = np.arange(count)
