"""Stage 4: tallies sampled at the trials, and moments collected at the ends of the windows."""

import numpy as np

from swarmhydra.kernels.arrays import FloatArray, IntArray
from swarmhydra.kernels.contract import (
    ABOVE_TABLE,
    ANCESTOR,
    CLOCK,
    ENERGY_PRODUCT,
    ENERGY_THEN,
    FLIGHTS,
    PAIRS,
    PHASE_COLUMNS,
    PHASE_POWER,
    PHASE_TIME,
    PHASE_V_SQUARED,
    PHASE_VX,
    PHASE_VY,
    PHASE_VZ,
    PHASE_X,
    PHASE_Y,
    PHASE_Z,
    TILTED_DZ,
    TILTED_DZ_SQUARED,
    TILTED_ONE,
    TRIAL,
    TRIAL_COLUMNS,
    TRIAL_TIME,
    TRIAL_V_SQUARED,
    TRIAL_X,
    TRIAL_Z,
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
from swarmhydra.kernels.vectorised.flight import acceleration_at
from swarmhydra.kernels.vectorised.samples import Samples


def collect_output_data(batch: Batch, flights: Flights, samples: Samples, tallies: Tallies) -> None:
    """Add up time integrals, sampled at the trials with the velocities before the collision.

    Trials occur at the rate nu' of the majorant wherever the electron is. So the sum of 1/nu' over
    all trials, null or real, estimates the time that the electron spends there, without bias.
    """
    trial = flights.outcome == TRIAL
    time = trial / flights.bound
    values = np.empty((TRIAL_COLUMNS, time.size))
    values[TRIAL_TIME] = time
    np.multiply(time, flights.speed * flights.speed, out=values[TRIAL_V_SQUARED])
    np.multiply(time, batch.electrons[X : Z + 1], out=values[TRIAL_X : TRIAL_Z + 1])
    tallies.trial[:] += (batch.weight * batch.total(values)).T
    place = batch.label * tallies.speed.shape[1] + flights.cell
    # Avoid division by zero for an electron at rest, which contributes 0.
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
    """Add trials and collisions to the sums of their part of the period of an alternating field."""
    phase = window.phase + field.angular_frequency * batch.electrons[CLOCK]
    parts = tallies.phase.shape[1]
    part = part_of_period(phase, parts)
    velocity = batch.electrons[VX : VZ + 1]
    time = (flights.outcome == TRIAL) / flights.bound * batch.weight[batch.label]
    acceleration = field.acceleration * np.cos(phase)
    vx, vy, vz = velocity
    x, y, z = batch.electrons[X : Z + 1]
    columns = {
        PHASE_TIME: time,
        PHASE_V_SQUARED: time * flights.speed**2,
        PHASE_VX: time * vx,
        PHASE_VY: time * vy,
        PHASE_VZ: time * vz,
        PHASE_POWER: time * vz * acceleration,
        PHASE_X: time * x,
        PHASE_Y: time * y,
        PHASE_Z: time * z,
    }
    place = batch.label * parts + part
    sums = tallies.phase.reshape(-1, tallies.phase.shape[2])
    for column, values in columns.items():
        sums[:, column] += np.bincount(place, values, minlength=len(sums))
    electron = collisions.electron
    process_column = PHASE_COLUMNS + collisions.process
    np.add.at(sums, (place[electron], process_column), batch.weight[batch.label[electron]])


def part_of_period(phase: FloatArray, parts: int) -> IntArray:
    """The part of the period that a phase (rad) belongs to."""
    periods = phase / (2.0 * np.pi)
    part: IntArray = ((periods - np.floor(periods)) * parts).astype(np.int64) % parts
    return part


def collect_work(
    batch: Batch, flights: Flights, mean: float, course: FloatArray, tallies: Tallies
) -> None:
    """Add what the work of a field with a course exceeds that of its mean in the window by."""
    time = (flights.outcome == TRIAL) / flights.bound * batch.weight[batch.label]
    excess = acceleration_at(course, batch.electrons[CLOCK]) - mean
    tallies.phase[:, 0, PHASE_POWER] += batch.total(time * batch.electrons[VZ] * excess)


def open_window(electrons: FloatArray, weight: float, tallies: Tallies) -> None:
    """Start the time integrals of the flux of one sub-swarm; `close_window` completes them."""
    tallies.flux[:] -= weight * flux_terms(electrons).sum(axis=1)


def close_window(
    electrons: FloatArray, history: FloatArray, weight: float, tilt: float, tallies: Tallies
) -> None:
    """Collect the moments of one sub-swarm; then move the origin of displacements by one window.

    Parameters
    ----------
    electrons : ndarray, shape (STATE_ROWS, n)
        All electrons of the sub-swarm at the end of the window.
    history : ndarray, shape (n or more, memory - 1, 4)
        Displacements and energies in the past windows of the electrons at the start of the window;
        on return those of the electrons now.
    weight : float
        Weight of the sub-swarm.
    tilt : float
        Spatial growth rate for which `Tallies.tilted` compensates (1/m).
    tallies : Tallies
        Sums of the sub-swarm.
    """
    count = electrons.shape[1]
    tallies.window_electrons[:] += weight * count
    tallies.flux[:] += weight * flux_terms(electrons).sum(axis=1)
    past = history[electrons[ANCESTOR].astype(np.int64)]
    # The displacement since the origin, less those in the past windows, is that in this window.
    newest = electrons[X : Z + 1].T - past[:, :, :3].sum(axis=1)
    energy = kinetic_energy(electrons[VX : VZ + 1])

    by_window = np.concatenate([newest[:, None, :], past[:, :, :3]], axis=1)
    displacement = np.cumsum(by_window, axis=1)
    tallies.displacement[:] += weight * displacement.sum(axis=0)
    for column, (i, j) in enumerate(PAIRS):
        product = np.einsum("nk,nk->k", displacement[:, :, i], displacement[:, :, j])
        tallies.displacement_product[:, column] += weight * product
    along = displacement[:, :, 2]
    tilted = np.exp(-tilt * along)
    for power, column in enumerate((TILTED_ONE, TILTED_DZ, TILTED_DZ_SQUARED)):
        tallies.tilted[:, column] += weight * (tilted * along**power).sum(axis=0)
    energies = np.concatenate([energy[:, None], past[:, :, 3]], axis=1)
    tallies.energy_memory[:, ENERGY_PRODUCT] += weight * (energy @ energies)
    tallies.energy_memory[:, ENERGY_THEN] += weight * energies.sum(axis=0)

    history[:count, 1:] = past[:, :-1]
    history[:count, 0, :3] = newest
    history[:count, 0, 3] = energy
    electrons[X : Z + 1] -= past[:, -1, :3].T
    electrons[CLOCK] = 0.0
    electrons[ANCESTOR] = np.arange(count)
