"""Up to which speed the thermal motion of the targets matters to an electron."""

from collections.abc import Sequence

import numpy as np
from scipy import constants

from swarmhydra.gas.processes import Process
from swarmhydra.kernels.arrays import FloatArray
from swarmhydra.kernels.quantities import HALF_MASS

NEGLIGIBLE = 1e-6
"""Share of an electron's energy loss below which the motion of the gas is left out. With 1e-4 the
rate of ionization in argon would be 28 % too low at 5 Td and 300 K, and 4 % at 10 Td: among the few
electrons near the threshold what the gas gives them counts."""


def first_rest_cell(
    processes: Sequence[Process],
    cross_section: FloatArray,
    node: FloatArray,
    edges: FloatArray,
    temperature: float,
) -> int:
    """The first speed cell from which on the gas may be taken to be at rest.

    The motion of a target matters by the energy it gives, about 4 kT m/M in a collision, and by the
    relative speed, to the order (V/v)^2. It is left out where both are less than `NEGLIGIBLE`, the
    first as a share of what the electron loses, in this and in every higher cell.

    Parameters
    ----------
    processes : sequence of Process, length P
    cross_section : ndarray, shape (nodes, P)
        Macroscopic cross sections N sigma (1/m).
    node : ndarray, shape (nodes,)
        Their energies (eV).
    edges : ndarray, shape (cells + 1,)
        Edges of the speed cells (m/s).
    temperature : float
        Temperature of the gas (K).
    """
    thermal = constants.Boltzmann * temperature / constants.elementary_charge
    middle = HALF_MASS * (0.5 * (edges[1:] + edges[:-1])) ** 2
    sigma = np.stack([np.interp(middle, node, column) for column in cross_section.T], axis=1)
    mass_ratio = np.array([p.mass_ratio for p in processes])
    threshold = np.maximum([p.threshold for p in processes], 0.0)
    gain = (sigma @ mass_ratio) * 4.0 * thermal
    loss = sigma @ threshold + 2.0 * middle * (sigma @ mass_ratio)
    matters = (gain > NEGLIGIBLE * loss) | (mass_ratio.max() * thermal > NEGLIGIBLE * middle)
    cells = np.flatnonzero(matters)
    return int(cells[-1]) + 1 if cells.size else 0
