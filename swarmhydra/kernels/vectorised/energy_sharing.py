"""How two electrons share the energy that an ionization leaves, also as measured by Opal et al."""

import numpy as np

from swarmhydra.kernels.arrays import FloatArray, IntArray
from swarmhydra.kernels.contract import EQUAL, FRACTION, ONE_TAKES_ALL, UNIFORM, Sharing
from swarmhydra.kernels.vectorised.batch import Batch


def freed_share(
    batch: Batch, label: IntArray, process: IntArray, energy: FloatArray, sharing: Sharing
) -> FloatArray:
    """Share of the ejected electron in the remaining energy (eV), shape (n,)."""
    if sharing.rule == EQUAL:
        return np.full(energy.size, 0.5)
    if sharing.rule == ONE_TAKES_ALL:
        return np.zeros(energy.size)
    if sharing.rule == FRACTION:
        return np.full(energy.size, sharing.fraction)
    u = batch.uniform(label)[0]
    if sharing.rule == UNIFORM:
        return np.asarray(u)
    return opal_share(u, energy, sharing.opal_width[process], sharing)


def opal_share(
    u: FloatArray, energy: FloatArray, width: FloatArray, sharing: Sharing
) -> FloatArray:
    """Share of the slower electron, whose energy e has the density 1 / (1 + (e / w)^exponent).

    Opal, Peterson and Beaty, J. Chem. Phys. 55 (1971) 4100; e is at most half of the energy.
    """
    nodes, integral = sharing.opal_energy, sharing.opal_integral
    largest = np.interp(0.5 * energy / width, nodes, integral)
    slower = np.interp(u * largest, integral, nodes) * width
    share = slower / np.maximum(energy, 1e-300)
    return np.asarray(np.minimum(share, 0.5))
