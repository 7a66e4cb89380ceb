"""Steady-state Townsend: how a stream of electrons that is steady in time grows in space.

A swarm n(z, t) has a moment of exp(-a z) that grows at the rate nu - W a + D_L a^2 - ...; the rate
is zero where n ~ exp(a z) is steady (Tagashira, Sakai and Sakamoto, J. Phys. D 10 (1977) 1051, who
keep the first three terms). `first_guess` solves those for a. The measurement keeps all terms:
the moment is sampled with exp(-tilt z), the tilt being that guess, and the logarithm of the moment
is a parabola from there to the root.
"""

from collections.abc import Mapping

import numpy as np

from swarmhydra.estimators.inputs import EstimatorInputs
from swarmhydra.kernels.arrays import FloatArray
from swarmhydra.kernels.contract import PAIRS, TILTED_DZ, TILTED_DZ_SQUARED, TILTED_ONE, Tallies, Z

ZZ = PAIRS.index((Z, Z))
"""Column of z^2 among products of displacements."""


def smaller_root(rate: FloatArray, drift: FloatArray, diffusion: FloatArray) -> FloatArray:
    """The root a of rate - drift a + diffusion a^2 that tends to rate / drift.

    In the form without cancellation; not a number where there is no root.
    """
    root: FloatArray = np.sqrt(drift**2 - 4.0 * diffusion * rate)
    return np.asarray(2.0 * rate / (drift + root))


def first_guess(
    window: Mapping[str, FloatArray], lag: int, duration: float, growth: float
) -> float | None:
    """Growth in space (1/m), about, from drift and diffusion at the end of one window.

    Parameters
    ----------
    window : mapping of str to ndarray
        What the window added to ``window_electrons``, ``displacement`` and
        ``displacement_product``, summed over the sub-swarms.
    lag : int
        As in `WindowPlan`.
    duration : float
        Duration of a window (s).
    growth : float
        Net ionization frequency (1/s).

    Returns
    -------
    float or None
        None where no steady stream exists: diffusion brings electrons back faster than they drift.
    """
    electrons = window["window_electrons"][0]
    mean = window["displacement"][:, Z] / electrons
    variance = window["displacement_product"][:, ZZ] / electrons - mean**2
    elapsed = (mean.size - lag) * duration
    drift = (mean[-1] - mean[lag - 1]) / elapsed
    diffusion = 0.5 * (variance[-1] - variance[lag - 1]) / elapsed
    if drift <= 0.0 or drift**2 - 4.0 * diffusion * growth <= 0.0:
        return None
    return float(smaller_root(np.asarray(growth), drift, diffusion))


def spatial_growth(sums: Tallies, growth: FloatArray, inputs: EstimatorInputs) -> FloatArray:
    """Growth of a steady stream in space (1/m), shape (n,), for a growth in time (1/s)."""
    late, early = sums.tilted.shape[1] - 1, inputs.lag - 1
    elapsed = (late - early) * inputs.window
    one, first, second = (sums.tilted[..., k] for k in (TILTED_ONE, TILTED_DZ, TILTED_DZ_SQUARED))
    mean = first / one
    moments = np.log(one), mean, second / one - mean**2
    logarithm, drift, spread = ((each[:, late] - each[:, early]) / elapsed for each in moments)
    # The moment of exp(-(tilt + x) z) grows at the rate growth + logarithm - drift x + ...
    return inputs.tilt + smaller_root(growth + logarithm, drift, 0.5 * spread)
