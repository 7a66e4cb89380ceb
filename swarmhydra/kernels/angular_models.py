"""Angular models: for each its sampler, its density, its mean, and the table that can replace it.

All use y = 1 - cos(chi) in place of the scattering angle chi, which keeps its precision when
scattering is nearly forward. A sampler is the inverse of the distribution function of y: it turns a
uniform number u in [0, 1) into a y that increases with u.
"""

from enum import IntEnum

import numpy as np

from swarmhydra.kernels.arrays import FloatArray

SMALLEST = 1e-300
"""Replaces an energy (eV) of zero in a denominator."""


class Model(IntEnum):
    """Angular models of the kernels, and the parameter of each."""

    ISOTROPIC = 0
    """No parameter."""
    FORWARD = 1
    """No parameter; the electron keeps its direction."""
    VAHEDI_SURENDRA = 2
    """No parameter (Vahedi and Surendra, Comput. Phys. Commun. 87 (1995) 179)."""
    SCREENED = 3
    """Screened Coulomb potential; s = parameter x energy (Okhrimovskyy et al., Phys. Rev. E 65
    (2002) 037402, with xi = s / (1 + s))."""
    SCREENED_CONSTANT = 4
    """The same with one s = parameter at all energies."""
    BORN_DIPOLE = 5
    """Dipole transition in Born approximation; the parameter is the energy loss (eV)."""
    TABULATED = 6
    """A differential cross section, always sampled from a table."""


def sample(model: int, u: FloatArray, energy: FloatArray, parameter: FloatArray) -> FloatArray:
    """Sample 1 - cos(chi) from a model.

    Parameters
    ----------
    model : int
        One of `Model`, except TABULATED.
    u : ndarray, shape (n,)
        Uniform numbers in [0, 1).
    energy : ndarray, shape (n,)
        Energies of an electron with the relative speed, before the collision (eV).
    parameter : ndarray, shape (n,) or ()
        Parameter of the model, as described in `Model`.
    """
    if model == Model.FORWARD:
        return np.zeros_like(u)
    if model == Model.VAHEDI_SURENDRA:
        e = np.maximum(energy, SMALLEST)
        return np.asarray(2.0 * np.expm1(u * np.log1p(e)) / e)
    if model in (Model.SCREENED, Model.SCREENED_CONSTANT):
        s = parameter * energy if model == Model.SCREENED else parameter
        return np.asarray(2.0 * u / (1.0 + 2.0 * s * (1.0 - u)))
    if model == Model.BORN_DIPOLE:
        ratio, scale = _dipole(energy, parameter)
        return np.minimum(scale * np.expm1(4.0 * u * np.arctanh(ratio)), 2.0)
    return np.asarray(2.0 * u)


def density(model: int, y: FloatArray, energy: FloatArray, parameter: FloatArray) -> FloatArray:
    """Probability density of y = 1 - cos(chi) in [0, 2], integral 1; not for FORWARD, TABULATED."""
    if model == Model.VAHEDI_SURENDRA:
        e = np.maximum(energy, SMALLEST)
        return np.asarray(0.5 * e / np.log1p(e) / (1.0 + 0.5 * e * y))
    if model in (Model.SCREENED, Model.SCREENED_CONSTANT):
        s = parameter * energy if model == Model.SCREENED else parameter
        return np.asarray((1.0 + 2.0 * s) / (2.0 * (1.0 + s * y) ** 2))
    if model == Model.BORN_DIPOLE:
        ratio, scale = _dipole(energy, parameter)
        return np.asarray(1.0 / (4.0 * np.arctanh(ratio) * (scale + y)))
    return np.full(np.broadcast(y, energy).shape, 0.5)


def mean(model: int, energy: FloatArray, parameter: FloatArray) -> FloatArray:
    """Mean of 1 - cos(chi): momentum-transfer over integral cross section; not for TABULATED."""
    if model == Model.FORWARD:
        return np.zeros_like(energy)
    if model == Model.VAHEDI_SURENDRA:
        e = np.maximum(energy, 1e-3)
        exact = 2.0 / np.log1p(e) - 2.0 / e
        series = 1.0 - energy / 6.0 + energy**2 / 12.0 - 19.0 * energy**3 / 360.0
        return np.where(energy < 1e-3, series, exact)
    if model in (Model.SCREENED, Model.SCREENED_CONSTANT):
        s = parameter * energy if model == Model.SCREENED else parameter + 0.0 * energy
        return _screened_mean(s)
    if model == Model.BORN_DIPOLE:
        ratio, _ = _dipole(energy, parameter)
        t = np.maximum(ratio, 1e-3)
        exact = 0.5 / np.arctanh(t) - 0.5 * (1.0 - t) ** 2 / t
        return np.where(ratio < 1e-3, 1.0 - 2.0 * ratio / 3.0, exact)
    return np.ones_like(energy)


def _screened_mean(s: FloatArray) -> FloatArray:
    """Mean of y with the density (1 + 2 s) / (2 (1 + s y)^2): (1+2s) [ln(1+2s) - 2s/(1+2s)] / 2s^2.

    For small s the bracket loses its digits, and its power series is used.
    """
    safe = np.where(np.abs(s) < 1e-3, 1.0, s)
    exact = ((1.0 + 2.0 * safe) * np.log1p(2.0 * safe) - 2.0 * safe) / (2.0 * safe * safe)
    series = 1.0 - 2.0 * s / 3.0 + 2.0 * s**2 / 3.0 - 4.0 * s**3 / 5.0 + 16.0 * s**4 / 15.0
    return np.where(np.abs(s) < 1e-3, series, exact)


def _dipole(energy: FloatArray, loss: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Ratio t < 1 of the smaller wave number to the larger, and (1 - t)^2 / 2t.

    With the wave numbers k0 and k1 before and after, the momentum transfer is
    q^2 = (k0 - k1)^2 + 2 k0 k1 y, and the density of y is proportional to 1/q^2. At threshold,
    t = 0, scattering is isotropic; t is limited to [1e-8, 1 - 1e-15] to avoid divisions by zero.
    """
    after = np.maximum(energy - loss, 0.0)
    larger, smaller = np.maximum(energy, after), np.minimum(energy, after)
    ratio = np.sqrt(smaller / np.maximum(larger, SMALLEST))
    ratio = np.clip(ratio, 1e-8, 1.0 - 1e-15)
    # 1 - t as (1 - t^2) / (1 + t), since t may be nearly 1.
    gap = np.maximum(np.abs(loss) / np.maximum(larger, SMALLEST) / (1.0 + ratio), 1e-15)
    gap = np.where(ratio > 1e-8, gap, 1.0)
    return ratio, gap * gap / (2.0 * ratio)


# The table of a sampler has two axes, the energy and 1 - u. Each octave (factor of two) of an axis
# is divided into equal steps, so that the place of a number follows from the bits of its exponent
# and its mantissa, without a logarithm.

ENERGY_BITS, STEP_BITS = 4, 4
"""Binary logarithms of the number of steps in an octave of the energy and of 1 - u."""

ENERGY_OCTAVES, STEP_OCTAVES = (-14, 20), (-24, 0)
"""Binary logarithms of the lowest and highest energy (eV), and of the lowest and highest 1 - u."""


def axis_nodes(octaves: tuple[int, int], bits: int) -> FloatArray:
    """Numbers at the places 0, 1, 2, ... of an axis."""
    steps = 2**bits
    place = np.arange((octaves[1] - octaves[0]) * steps + 1)
    octave, step = np.divmod(place, steps)
    return np.asarray(np.ldexp(1.0 + step / steps, octave + octaves[0]))


def axis_place(x: FloatArray, octaves: tuple[int, int], bits: int) -> FloatArray:
    """Places of numbers on an axis, with fractions; numbers beyond the axis are at its ends."""
    inside = np.clip(x, 2.0 ** octaves[0], 2.0 ** octaves[1])
    mantissa, exponent = np.frexp(inside)
    place = (exponent - 1 - octaves[0] + 2.0 * mantissa - 1.0) * 2**bits
    return np.asarray(place)


def sampler_table(model: int, parameter: float) -> FloatArray:
    """Values of a sampler at all places of both axes, shape (energies, steps).

    For BORN_DIPOLE the energy of an entry is the smaller of those before and after the collision.
    """
    energy = axis_nodes(ENERGY_OCTAVES, ENERGY_BITS)[:, None]
    if model == Model.BORN_DIPOLE:
        energy = energy + max(parameter, 0.0)
    u = 1.0 - axis_nodes(STEP_OCTAVES, STEP_BITS)[None, :]
    energy, u = np.broadcast_arrays(energy, u)
    return sample(model, u, energy, np.asarray(parameter))


def distribution_table(energies: FloatArray, cosines: FloatArray, values: FloatArray) -> FloatArray:
    """Sampler of a differential cross section at all places of both axes, shape (energies, steps).

    Parameters
    ----------
    energies : ndarray, shape (n,)
        Ascending energies (eV); beyond them the first or last distribution is used.
    cosines : ndarray, shape (k,)
        Ascending cosines of the scattering angle, from -1 to 1.
    values : ndarray, shape (n, k)
        Differential cross section in any unit; linear in the cosine between the points.
    """
    below = values[:, 1:][:, ::-1]
    above = values[:, :-1][:, ::-1]
    width = np.diff(cosines)[::-1]
    # The distribution function of y = 1 - cos(chi), starting in the forward direction.
    total = np.cumsum(0.5 * (below + above) * width, axis=1)
    u = 1.0 - axis_nodes(STEP_OCTAVES, STEP_BITS)
    rows = np.empty((energies.size, u.size))
    for i, integral in enumerate(total):
        cumulative = np.concatenate([[0.0], integral]) / integral[-1]
        rows[i] = _inverted(u, cumulative, 1.0 - cosines[::-1], values[i, ::-1] / integral[-1])
    node = axis_nodes(ENERGY_OCTAVES, ENERGY_BITS)
    index = np.clip(np.searchsorted(energies, node, side="right") - 1, 0, max(energies.size - 2, 0))
    after = np.minimum(index + 1, energies.size - 1)
    span = np.where(after > index, energies[after] - energies[index], 1.0)
    share = np.clip((node - energies[index]) / span, 0.0, 1.0)[:, None]
    return np.asarray((1.0 - share) * rows[index] + share * rows[after])


def _inverted(
    u: FloatArray, cumulative: FloatArray, y: FloatArray, density: FloatArray
) -> FloatArray:
    """Value of y at which a distribution function with a piecewise linear density is u."""
    i = np.clip(np.searchsorted(cumulative, u, side="right") - 1, 0, y.size - 2)
    width = y[i + 1] - y[i]
    slope = (density[i + 1] - density[i]) / width
    remainder = u - cumulative[i]
    # The root of d x + s x^2 / 2 = remainder, in the form without a difference of equal numbers.
    root = np.sqrt(np.maximum(density[i] ** 2 + 2.0 * slope * remainder, 0.0))
    step = 2.0 * remainder / np.maximum(density[i] + root, SMALLEST)
    return np.asarray(y[i] + np.clip(step, 0.0, width))
