"""Stage 4: tallies sampled at the trials. The formulas are explained in `vectorised`."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from swarmhydra.kernels.arrays import FloatArray
from swarmhydra.kernels.compiled.flight import acceleration_at
from swarmhydra.kernels.compiled.layout import (
    CELL,
    CLOCK,
    ELECTRON,
    MEAN_TIME,
    PROCESS,
    SPEED,
    U1,
    U2,
    VX,
    VY,
    VZ,
    X,
    Y,
    Z,
)
from swarmhydra.kernels.compiled.machinery.compiler import compiled_part, compiled_sum
from swarmhydra.kernels.contract import (
    CELL_COSINE,
    CELL_TIME,
    FLIGHTS,
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
    TRIAL_TIME,
    TRIAL_V_SQUARED,
    TRIAL_X,
    TRIAL_Y,
    TRIAL_Z,
    TRIALS,
    Field,
    Tallies,
)


@compiled_part
def collect_output_data(b: FloatArray, active: int, weight: float, tallies: Tallies) -> None:
    """Add up time integrals, sampled at the trials with the velocities before the collision."""
    trials = _sum_trials(b, active, weight, tallies.trial)
    speed = tallies.speed
    for i in range(active):
        cell = np.uint32(b[CELL + i])
        speed[cell, CELL_TIME] += b[U1 + i]
        speed[cell, CELL_COSINE] += b[U2 + i]
    tallies.events[FLIGHTS] += active
    tallies.events[TRIALS] += trials


@compiled_sum
def _sum_trials(b: FloatArray, active: int, weight: float, trial: FloatArray) -> int:
    """Sum over the trials; write the time 1/nu' of each to U1, and times v_z / v to U2.

    MEAN_TIME is 0 for flights that end without a trial, which therefore contribute nothing.
    """
    trials, total, total_square = 0, 0.0, 0.0
    total_x, total_y, total_z = 0.0, 0.0, 0.0
    for i in range(active):
        time = weight * b[MEAN_TIME + i]
        speed = b[SPEED + i]
        trials += time > 0.0
        total += time
        total_square += time * (speed * speed)
        total_x += time * b[X + i]
        total_y += time * b[Y + i]
        total_z += time * b[Z + i]
        b[U1 + i] = time
        # Avoid division by zero for an electron at rest, which contributes 0.
        b[U2 + i] = time * b[VZ + i] / max(speed, 1e-300)
    trial[TRIAL_TIME] += total
    trial[TRIAL_V_SQUARED] += total_square
    trial[TRIAL_X] += total_x
    trial[TRIAL_Y] += total_y
    trial[TRIAL_Z] += total_z
    return trials


class Trials(NamedTuple):
    """The trials of a step in its buffers, as arguments of the functions for sums by time."""

    b: FloatArray
    k: NDArray[np.uint32]
    active: int
    real: int
    weight: float


def collect_no_phases(trials: Trials, field: Field, start: float, by_phase: FloatArray) -> None:
    """Do nothing, in a steady field."""


def collect_phases(trials: Trials, field: Field, start: float, by_phase: FloatArray) -> None:
    """Add trials and collisions to the sums of their part of the period of an alternating field.

    The phase of the field is `start` at clock 0.
    """
    b, k, active, real, weight = trials
    parts = by_phase.shape[0]
    for i in range(active):
        phase = start + field.angular_frequency * b[CLOCK + i]
        periods = phase / (2.0 * np.pi)
        part = int((periods - np.floor(periods)) * parts) % parts
        b[U2 + i] = part
        time = weight * b[MEAN_TIME + i]
        vz = b[VZ + i]
        by_phase[part, PHASE_TIME] += time
        by_phase[part, PHASE_V_SQUARED] += time * (b[SPEED + i] * b[SPEED + i])
        by_phase[part, PHASE_VX] += time * b[VX + i]
        by_phase[part, PHASE_VY] += time * b[VY + i]
        by_phase[part, PHASE_VZ] += time * vz
        by_phase[part, PHASE_POWER] += time * vz * (field.acceleration * np.cos(phase))
        by_phase[part, PHASE_X] += time * b[X + i]
        by_phase[part, PHASE_Y] += time * b[Y + i]
        by_phase[part, PHASE_Z] += time * b[Z + i]
    for c in range(real):
        by_phase[int(b[U2 + k[ELECTRON + c]]), PHASE_COLUMNS + k[PROCESS + c]] += weight


def collect_work(trials: Trials, field: Field, start: float, by_phase: FloatArray) -> None:
    """Add what the work of a field with a course exceeds that of its mean in the window by."""
    b, weight, total = trials.b, trials.weight, 0.0
    for i in range(trials.active):
        time = weight * b[MEAN_TIME + i]
        excess = acceleration_at(field.course, b[CLOCK + i]) - field.acceleration
        total += time * b[VZ + i] * excess
    by_phase[0, PHASE_POWER] += total
