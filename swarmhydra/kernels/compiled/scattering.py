"""Scattering angles, by the model of each process, and the directions after a collision.

The formulas are explained in `kernels.angular_models` and `vectorised.scattering`.
"""

import numpy as np

from swarmhydra.kernels.angular_models import (
    ENERGY_BITS,
    ENERGY_OCTAVES,
    SMALLEST,
    STEP_BITS,
    STEP_OCTAVES,
    Model,
)
from swarmhydra.kernels.arrays import FloatArray
from swarmhydra.kernels.compiled.machinery.compiler import compiled, compiled_inline
from swarmhydra.kernels.contract import Scattering

_ISOTROPIC, _FORWARD, _VAHEDI_SURENDRA, _SCREENED, _CONSTANT, _DIPOLE, _TABULATED = (
    int(model) for model in Model
)
_LARGEST_UNIFORM = 1.0 - 2.0**-53


@compiled
def deflection(u: float, energy: float, process: int, scattering: Scattering) -> float:
    """1 - cos(chi) of a collision, from a uniform number and the relative energy (eV)."""
    model = scattering.model[process]
    if model == _ISOTROPIC:
        return 2.0 * u
    chance = 1.0
    # A tabulated distribution includes low energies, where others are blended with isotropic ones.
    if model != _TABULATED:
        chance = model_chance(energy, scattering.blend_low, scattering.blend_high)
    if u >= chance:
        return 2.0 * min((u - chance) / (1.0 - chance + SMALLEST), _LARGEST_UNIFORM)
    rest = min(u / chance, _LARGEST_UNIFORM)
    parameter = scattering.parameter[process]
    table = scattering.table_of[process]
    if table < 0:
        return _computed(rest, energy, model, parameter)
    if model == _DIPOLE:
        energy = max(energy - max(parameter, 0.0), 0.0)
    return _looked_up(rest, energy, scattering.table[table])


@compiled_inline
def model_chance(energy: float, low: float, high: float) -> float:
    """Probability that a collision follows the model of its process."""
    if high <= low:
        return 1.0 if energy >= high else 0.0
    return min(max((energy - low) / (high - low), 0.0), 1.0)


@compiled_inline
def _computed(u: float, energy: float, model: int, parameter: float) -> float:
    """1 - cos(chi) from the formula of a model; see `angular_models.sample`."""
    if model == _FORWARD:
        return 0.0
    if model == _VAHEDI_SURENDRA:
        e = max(energy, SMALLEST)
        return 2.0 * np.expm1(u * np.log1p(e)) / e
    if model == _DIPOLE:
        ratio, scale = _dipole(energy, parameter)
        return min(scale * np.expm1(4.0 * u * np.arctanh(ratio)), 2.0)
    s = parameter * energy if model == _SCREENED else parameter
    return 2.0 * u / (1.0 + 2.0 * s * (1.0 - u))


@compiled_inline
def _dipole(energy: float, loss: float) -> tuple[float, float]:
    """Ratio of the wave numbers, and scale of y, of a dipole transition; see `angular_models`."""
    after = max(energy - loss, 0.0)
    larger, smaller = max(energy, after, SMALLEST), min(energy, after)
    ratio = min(max(np.sqrt(smaller / larger), 1e-8), 1.0 - 1e-15)
    gap = max(abs(loss) / larger / (1.0 + ratio), 1e-15) if ratio > 1e-8 else 1.0
    return ratio, gap * gap / (2.0 * ratio)


@compiled_inline
def _looked_up(u: float, energy: float, table: FloatArray) -> float:
    """1 - cos(chi) from the table of a sampler, linear between its entries."""
    row = _place(energy, ENERGY_OCTAVES[0], ENERGY_OCTAVES[1], ENERGY_BITS)
    column = _place(1.0 - u, STEP_OCTAVES[0], STEP_OCTAVES[1], STEP_BITS)
    i = min(int(row), table.shape[0] - 2)
    j = min(int(column), table.shape[1] - 2)
    f, g = row - i, column - j
    lower = table[i, j] + g * (table[i, j + 1] - table[i, j])
    upper = table[i + 1, j] + g * (table[i + 1, j + 1] - table[i + 1, j])
    return lower + f * (upper - lower)


@compiled_inline
def _place(x: float, low: int, high: int, bits: int) -> float:
    """Place of a number on an axis of the table, from its bits; see `angular_models.axis_place`."""
    inside = min(max(x, 2.0**low), 2.0**high)
    word = np.float64(inside).view(np.int64)
    exponent = (word >> 52) - 1023
    mantissa = np.int64((word & 0x000FFFFFFFFFFFFF) | 0x3FF0000000000000).view(np.float64)
    return (exponent - low + mantissa - 1.0) * 2**bits


@compiled_inline
def turned(
    across: float, other: float, along: float, x: float, y: float, z: float
) -> tuple[float, float, float]:
    """Vector with the given components across and along the unit vector (x, y, z).

    Duff et al., J. Comput. Graph. Tech. 6 (2017) 1, find axes across it without dividing by a sine.
    """
    sign = np.copysign(1.0, z)
    a = -1.0 / (sign + z)
    b = x * y * a
    return (
        across * (1.0 + sign * x * x * a) + other * b + along * x,
        across * (sign * b) + other * (sign + y * y * a) + along * y,
        across * (-sign * x) - other * y + along * z,
    )
