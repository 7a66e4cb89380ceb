"""Energy distribution and Legendre coefficients from a solution of the Boltzmann equation."""

from __future__ import annotations

import numpy as np

from swarmhydra.boltzmann.hydrodynamic import Swarm
from swarmhydra.kernels.arrays import FloatArray
from swarmhydra.kernels.quantities import HALF_MASS

BINS = 250
"""Bins of the energy distribution, of equal width in speed: fine where most electrons are."""

POINTS = 4
"""Gauss points in a bin."""


def bin_edges(top: float) -> FloatArray:
    """Edges of the energy bins (eV) up to a speed (m/s)."""
    return np.asarray(HALF_MASS * np.linspace(0.0, top, BINS + 1) ** 2)


def distribution(swarm: Swarm, edges: FloatArray) -> dict[str, FloatArray]:
    """EEDF, EEPF and Legendre coefficients as averages over energy bins.

    Parameters
    ----------
    swarm : Swarm
        Solved.
    edges : ndarray, shape (n + 1,)
        Edges of the bins (eV); the functions are zero above the grid of the swarm.

    Returns
    -------
    dict of str to ndarray
        ``eedf`` (1/eV), ``eepf`` and ``f1`` (eV^-3/2), each (n,), and ``f_l`` (orders, n), as by
        `energy_distribution`.
    """
    x, w = np.polynomial.legendre.leggauss(POINTS)
    # In the square root of the energy, in which all integrands are smooth.
    low, high = np.sqrt(edges[:-1, None]), np.sqrt(edges[1:, None])
    root = 0.5 * (high + low) + 0.5 * (high - low) * x
    orders = swarm.density_at((root / np.sqrt(HALF_MASS)).ravel()).reshape(-1, *root.shape)
    content = np.sum(orders * root**2 * w, axis=-1) * (high - low)[:, 0]
    f_l = content / (2.0 / 3.0 * np.diff(edges**1.5))
    return {"eedf": content[0] / np.diff(edges), "eepf": f_l[0], "f1": f_l[1], "f_l": f_l}
