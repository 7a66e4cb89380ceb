"""Quantities of electrons as arrays, and the units of the reduced fields."""

import numpy as np
from scipy import constants

from swarmhydra.kernels.arrays import FloatArray
from swarmhydra.kernels.contract import CLOCK, FLUX_COLUMNS, PAIRS, X, Z

HALF_MASS = 0.5 * constants.electron_mass / constants.elementary_charge
"""Energy in eV over the square of the speed in m/s."""

TOWNSEND = 1e-21
"""Unit of the reduced electric field E/N (V m2)."""

HUXLEY = 1e-27
"""Unit of the reduced magnetic field B/N (T m3)."""


def kinetic_energy(velocity: FloatArray) -> FloatArray:
    """Energies (eV), shape (n,), of velocities (m/s), shape (3, n)."""
    energy: FloatArray = HALF_MASS * np.einsum("ij,ij->j", velocity, velocity)
    return energy


def flux_terms(electrons: FloatArray) -> FloatArray:
    """What each electron adds to `Tallies.flux` when it stops being counted, shape (10, n)."""
    terms = np.empty((FLUX_COLUMNS, electrons.shape[1]))
    terms[0] = electrons[CLOCK]
    terms[1:4] = electrons[X : Z + 1]
    for row, (i, j) in enumerate(PAIRS, start=4):
        terms[row] = 0.5 * electrons[X + i] * electrons[X + j]
    return terms


def speed_at(energy: float | FloatArray) -> FloatArray:
    """Speed in m/s of an electron with an energy in eV."""
    speed: FloatArray = np.sqrt(np.asarray(energy) / HALF_MASS)
    return speed
