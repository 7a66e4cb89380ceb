"""Stage 4: the tallies, sampled at the trials and at the ends of the windows."""

import numpy as np
from numpy.typing import NDArray

from swarmhydra.kernels.arrays import FloatArray
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
    FLIGHTS,
    PHASE_COLUMNS,
    TRIALS,
    Field,
    Tallies,
)


@compiled_part
def collect_output_data(b: FloatArray, active: int, weight: float, tallies: Tallies) -> None:
    """Sample the time average at the trials, as they stand before the collision.

    Trials of a clock with rate nu' visit a trajectory at that rate, so that 1/nu' for each is an
    unbiased estimate of the time spent, at null trials as at real ones.
    """
    trials = _sum_trials(b, active, weight, tallies.trial)
    speed = tallies.speed
    for i in range(active):
        cell = np.uint32(b[CELL + i])
        speed[cell, 0] += b[U1 + i]
        speed[cell, 1] += b[U2 + i]
    tallies.events[FLIGHTS] += active
    tallies.events[TRIALS] += trials


@compiled_sum
def _sum_trials(b: FloatArray, active: int, weight: float, trial: FloatArray) -> int:
    """Sums over the trials; leaves each one's time in U1, and times its cosine in U2."""
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
        # An electron at rest has no direction; it is as good as never there.
        b[U2 + i] = time * b[VZ + i] / max(speed, 1e-300)
    trial[0] += total
    trial[1] += total_square
    trial[2] += total_x
    trial[3] += total_y
    trial[4] += total_z
    return trials


def collect_no_phases(
    b: FloatArray,
    k: NDArray[np.uint32],
    active: int,
    real: int,
    weight: float,
    field: Field,
    start: float,
    phase: FloatArray,
) -> None:
    """A steady field has none."""


def collect_phases(
    b: FloatArray,
    k: NDArray[np.uint32],
    active: int,
    real: int,
    weight: float,
    field: Field,
    start: float,
    phase: FloatArray,
) -> None:
    """Sort trials and collisions by the phase of an alternating field, `start` at clock zero."""
    parts = phase.shape[0]
    for i in range(active):
        turn = start + field.angular_frequency * b[CLOCK + i]
        share = turn / (2.0 * np.pi)
        part = int((share - np.floor(share)) * parts) % parts
        b[U2 + i] = part
        time = weight * b[MEAN_TIME + i]
        vz = b[VZ + i]
        phase[part, 0] += time
        phase[part, 1] += time * (b[SPEED + i] * b[SPEED + i])
        phase[part, 2] += time * b[VX + i]
        phase[part, 3] += time * b[VY + i]
        phase[part, 4] += time * vz
        phase[part, 5] += time * vz * (field.acceleration * np.cos(turn))
    for c in range(real):
        phase[int(b[U2 + k[ELECTRON + c]]), PHASE_COLUMNS + k[PROCESS + c]] += weight
