"""Scattering angles, by the model of each process, and the directions after a collision."""

import numpy as np

from swarmhydra.kernels import angular_models
from swarmhydra.kernels.angular_models import (
    ENERGY_BITS,
    ENERGY_OCTAVES,
    STEP_BITS,
    STEP_OCTAVES,
    Model,
)
from swarmhydra.kernels.arrays import FloatArray, IntArray
from swarmhydra.kernels.contract import Scattering


def deflection(
    u: FloatArray, energy: FloatArray, process: IntArray, scattering: Scattering
) -> FloatArray:
    """1 - cos(chi), shape (n,), from uniform numbers and relative energies (eV).

    A collision follows the model of its process with a probability that increases linearly with
    energy between `blend_low` and `blend_high`, and is isotropic otherwise. A single number decides
    this and gives the angle, since it is again uniform within each of the two cases.
    """
    y = 2.0 * u
    if scattering.isotropic:
        return y
    for p in np.flatnonzero(scattering.model != Model.ISOTROPIC).tolist():
        at = np.flatnonzero(process == p)
        if at.size:
            y[at] = _by_model(u[at], energy[at], p, scattering)
    return y


def _by_model(u: FloatArray, energy: FloatArray, p: int, scattering: Scattering) -> FloatArray:
    """1 - cos(chi) for collisions of process `p`, which is not isotropic."""
    chance = np.ones(u.size)
    if scattering.model[p] != Model.TABULATED:
        chance = model_chance(energy, scattering.blend_low, scattering.blend_high)
    modelled = u < chance
    rest = np.where(modelled, u, u - chance) / np.where(modelled, chance, 1.0 - chance + 1e-300)
    rest = np.minimum(rest, 1.0 - 2.0**-53)
    y = 2.0 * rest
    y[modelled] = deflection_by_model(rest[modelled], energy[modelled], p, scattering)
    return y


def model_chance(energy: FloatArray, low: float, high: float) -> FloatArray:
    """Probability that a collision follows the model of its process."""
    if high <= low:
        return np.asarray(energy >= high, dtype=np.float64)
    return np.clip((energy - low) / (high - low), 0.0, 1.0)


def deflection_by_model(
    u: FloatArray, energy: FloatArray, p: int, scattering: Scattering
) -> FloatArray:
    """1 - cos(chi) by the model of process `p`, from its formula or its table."""
    model, parameter = int(scattering.model[p]), scattering.parameter[p]
    if scattering.table_of[p] < 0:
        return angular_models.sample(model, u, energy, parameter)
    if model == Model.BORN_DIPOLE:
        energy = np.maximum(energy - max(parameter, 0.0), 0.0)
    table = scattering.table[scattering.table_of[p]]
    row = angular_models.axis_place(energy, ENERGY_OCTAVES, ENERGY_BITS)
    column = angular_models.axis_place(1.0 - u, STEP_OCTAVES, STEP_BITS)
    i = np.minimum(row.astype(np.int64), table.shape[0] - 2)
    j = np.minimum(column.astype(np.int64), table.shape[1] - 2)
    f, g = row - i, column - j
    lower = table[i, j] + g * (table[i, j + 1] - table[i, j])
    upper = table[i + 1, j] + g * (table[i + 1, j + 1] - table[i + 1, j])
    return np.asarray(lower + f * (upper - lower))


def direction(
    y: FloatArray, turn: FloatArray, velocity: FloatArray, speed: FloatArray, scattering: Scattering
) -> FloatArray:
    """Unit vectors, shape (3, n), at the angle chi, 1 - cos(chi) = y, from a velocity.

    The azimuth is 2 pi times `turn`. If all processes are isotropic, the polar axis is z whatever
    the velocity, since the distribution of directions is the same.
    """
    cosine = 1.0 - y
    sine = np.sqrt(np.maximum(y * (2.0 - y), 0.0))
    angle = 2.0 * np.pi * turn
    across, other = sine * np.cos(angle), sine * np.sin(angle)
    if scattering.isotropic:
        return np.stack([across, other, cosine])
    return turned(across, other, cosine, velocity / np.maximum(speed, 1e-300))


def turned(
    across: FloatArray, other: FloatArray, along: FloatArray, axis: FloatArray
) -> FloatArray:
    """Vectors with the given components across and along an axis, a unit vector; shape (3, n).

    Duff et al., J. Comput. Graph. Tech. 6 (2017) 1, find axes across it without dividing by a sine.
    """
    x, y, z = axis
    sign = np.copysign(1.0, z)
    a = -1.0 / (sign + z)
    b = x * y * a
    return np.stack(
        [
            across * (1.0 + sign * x * x * a) + other * b + along * x,
            across * (sign * b) + other * (sign + y * y * a) + along * y,
            across * (-sign * x) - other * y + along * z,
        ]
    )
