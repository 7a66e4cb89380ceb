"""Units, energies and speeds, and contributions to time integrals, of many electrons at once."""

import numpy as np
from scipy import constants

from swarmhydra.kernels.arrays import FloatArray
from swarmhydra.kernels.contract import (
    CLOCK,
    FLUX_COLUMNS,
    FLUX_RV,
    FLUX_TIME,
    FLUX_VX,
    FLUX_VZ,
    PAIRS,
    X,
    Z,
)

HALF_MASS = 0.5 * constants.electron_mass / constants.elementary_charge
"""Half the electron mass in units of eV s2/m2: kinetic energy (eV) = HALF_MASS v^2."""

TOWNSEND = 1e-21
"""Unit of the reduced electric field E/N (V m2)."""

HUXLEY = 1e-27
"""Unit of the reduced magnetic field B/N (T m3)."""


def kinetic_energy(velocity: FloatArray) -> FloatArray:
    """Kinetic energies (eV), shape (n,), of electrons with velocities (m/s), shape (3, n)."""
    energy: FloatArray = HALF_MASS * np.einsum("ij,ij->j", velocity, velocity)
    return energy


def flux_terms(electrons: FloatArray) -> FloatArray:
    """Contribution of each electron to `Tallies.flux` at the end of its flights, shape (10, n).

    The time integrals of 1, v_i and (r_i v_j + r_j v_i) / 2 are t, r_i and r_i r_j / 2, so that
    only the values at the start and the end of a window count.
    """
    terms = np.empty((FLUX_COLUMNS, electrons.shape[1]))
    terms[FLUX_TIME] = electrons[CLOCK]
    terms[FLUX_VX : FLUX_VZ + 1] = electrons[X : Z + 1]
    for row, (i, j) in enumerate(PAIRS, start=FLUX_RV):
        terms[row] = 0.5 * electrons[X + i] * electrons[X + j]
    return terms


def speed_at(energy: float | FloatArray) -> FloatArray:
    """Speed (m/s) of an electron with an energy (eV)."""
    speed: FloatArray = np.sqrt(np.asarray(energy) / HALF_MASS)
    return speed
