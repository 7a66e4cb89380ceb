"""How two electrons share the energy that an ionization leaves, also as measured by Opal et al."""

import numpy as np
from numpy.typing import NDArray

from swarmhydra.kernels.arrays import FloatArray
from swarmhydra.kernels.compiled.layout import IONIZING, PROCESS, REMAINING, SHARE, U1
from swarmhydra.kernels.compiled.machinery.compiler import compiled, compiled_inline
from swarmhydra.kernels.compiled.machinery.random import fill_uniform
from swarmhydra.kernels.contract import EQUAL, FRACTION, ONE_TAKES_ALL, UNIFORM, Sharing


@compiled_inline
def share_energies(
    b: FloatArray,
    k: NDArray[np.uint32],
    ionizing: int,
    stream: NDArray[np.uint64],
    sharing: Sharing,
) -> None:
    """Write the share of each freed electron in the remaining energy to SHARE."""
    if sharing.rule != EQUAL and sharing.rule != ONE_TAKES_ALL and sharing.rule != FRACTION:
        fill_uniform(stream, b, U1, ionizing)
    for n in range(ionizing):
        if sharing.rule == EQUAL:
            b[SHARE + n] = 0.5
        elif sharing.rule == ONE_TAKES_ALL:
            b[SHARE + n] = 0.0
        elif sharing.rule == FRACTION:
            b[SHARE + n] = sharing.fraction
        elif sharing.rule == UNIFORM:
            b[SHARE + n] = b[U1 + n]
        else:
            c = k[IONIZING + n]
            b[SHARE + n] = opal_share(b[U1 + n], b[REMAINING + c], k[PROCESS + c], sharing)


@compiled
def opal_share(u: float, energy: float, process: int, sharing: Sharing) -> float:
    """Share of the slower electron (Opal, Peterson and Beaty, J. Chem. Phys. 55 (1971) 4100)."""
    width = sharing.opal_width[process]
    nodes, integral = sharing.opal_energy, sharing.opal_integral
    largest = interpolated(0.5 * energy / width, nodes, integral)
    slower = interpolated(u * largest, integral, nodes) * width
    return min(slower / max(energy, 1e-300), 0.5)


@compiled_inline
def interpolated(x: float, nodes: FloatArray, values: FloatArray) -> float:
    """Value at x, linear between ascending nodes; above the last node, its value."""
    low, high = 0, nodes.size - 1
    if x >= nodes[high]:
        return values[high]
    while high - low > 1:
        middle = (low + high) // 2
        if x >= nodes[middle]:
            low = middle
        else:
            high = middle
    slope = (values[high] - values[low]) / (nodes[high] - nodes[low])
    return slope * (x - nodes[low]) + values[low]
