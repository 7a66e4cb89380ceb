"""Thermal motion of the targets: collision frequencies averaged over it, and where it matters."""

from collections.abc import Callable, Sequence

import numpy as np
from scipy import constants

from swarmhydra.gas.processes import Process
from swarmhydra.kernels.arrays import FloatArray
from swarmhydra.kernels.quantities import HALF_MASS

HERMITE_POINTS = 24
"""Points of the Gauss-Hermite quadrature over the thermal motion of the targets."""

NEGLIGIBLE = 1e-6
"""Share of an electron's energy loss below which the motion of the gas is left out. With 1e-4 the
rate of ionization in argon would be 28 % too low at 5 Td and 300 K, and 4 % at 10 Td: among the few
electrons near the threshold what the gas gives them counts."""


def thermal_average(
    frequency: Callable[[FloatArray], FloatArray], speed: FloatArray, thermal_speed: float
) -> FloatArray:
    """Collision frequencies at a speed v, averaged over the relative speed g to moving targets.

    The density of g for Maxwellian targets of thermal speed s is
    g / (v s sqrt(2 pi)) [exp(-(g - v)^2 / 2 s^2) - exp(-(g + v)^2 / 2 s^2)].

    Parameters
    ----------
    frequency : callable
        Takes relative speeds (m/s), shape (n,); returns collision frequencies (1/s), shape (n, P).
    speed : ndarray, shape (n,)
        Speeds of the electron (m/s), above zero unless the targets are at rest.
    thermal_speed : float
        sqrt(kT/M) of the targets (m/s); 0 for targets at rest.

    Returns
    -------
    ndarray, shape (n, P)
    """
    if thermal_speed == 0.0:
        return frequency(speed)
    points, weights = np.polynomial.hermite_e.hermegauss(HERMITE_POINTS)
    weights = weights / np.sqrt(2 * np.pi)
    average = np.zeros((speed.size, 1))
    for point, weight in zip(points, weights, strict=True):
        # Both exponentials are one Gaussian over the signed relative speed.
        signed_speed = speed + thermal_speed * point
        share = weight * signed_speed / speed
        average = average + share[:, None] * frequency(np.abs(signed_speed))
    return average


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
