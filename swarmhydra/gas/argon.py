"""Argon: the fits of Phelps and Petrović (1999)."""

from collections.abc import Mapping

import numpy as np

from swarmhydra.gas.adaptive import sign_changes
from swarmhydra.gas.formula_set import (
    SQUARE_ANGSTROM,
    FormulaSet,
    elastic,
    inelastic,
)
from swarmhydra.gas.processes import Kind, Process, Traits
from swarmhydra.kernels.arrays import FloatArray

# Electron mass over 39.948 u, the standard atomic weight of argon up to 2017 (CIAAW, IUPAC).
_MASS_RATIO = 1.3732e-5

# Width w of the energies of freed electrons (eV): C. B. Opal, W. K. Peterson and E. C. Beaty,
# J. Chem. Phys. 55 (1971) 4100, table II.
_OPAL_WIDTH = 10.0


def _difference(e: FloatArray) -> FloatArray:
    """The part of argon's momentum transfer that is taken as absolute value (1e-20 m²)."""
    ramsauer = 6.0 / (1.0 + e / 0.1 + (e / 0.6) ** 2) ** 3.3
    return ramsauer - (
        1.1
        * e**1.4
        / (1.0 + (e / 15.0) ** 1.2)
        / np.sqrt(1.0 + (e / 5.5) ** 2.5 + (e / 60.0) ** 4.1)
    )


def _momentum_transfer(e: FloatArray) -> FloatArray:
    """Elastic momentum transfer of argon."""
    tails = 0.05 / (1.0 + e / 10.0) ** 2 + 0.01 * e**3 / (1.0 + (e / 12.0) ** 6)
    return SQUARE_ANGSTROM * (np.abs(_difference(e)) + tails)


def _excitation(e: FloatArray) -> FloatArray:
    """All excitation of argon, above 11.5 eV."""
    d = e - 11.5
    forbidden = 0.034 * d**1.1 * (1.0 + (e / 15.0) ** 2.8) / (1.0 + (e / 23.0) ** 5.5)
    return SQUARE_ANGSTROM * (forbidden + 0.023 * d / (1.0 + e / 80.0) ** 1.9)


def _ionization(e: FloatArray) -> FloatArray:
    """Ionization of argon, above 15.8 eV."""
    d = e - 15.8
    return SQUARE_ANGSTROM * (970.0 * d / (70.0 + e) ** 2 + 0.06 * d**2 * np.exp(-e / 9.0))


def _argon(species: str, energy_max: float, parameters: Mapping[str, float]) -> list[Process]:
    """Phelps & Petrović 1999: complete for swarms with isotropic scattering, 0-1000 eV."""
    kinks = tuple(sign_changes(_difference, np.geomspace(0.01, 10.0, 100)))
    ratio = _MASS_RATIO
    return [
        elastic(species, ratio, _momentum_transfer, energy_max, kinks),
        inelastic(
            Kind.EXCITATION,
            f"{species}(11.5eV)",
            species,
            11.5,
            ratio,
            _excitation,
            energy_max,
        ),
        inelastic(
            Kind.IONIZATION,
            f"{species}+",
            species,
            15.8,
            ratio,
            _ionization,
            energy_max,
            Traits(sharing_width=_OPAL_WIDTH),
        ),
    ]


ARGON = FormulaSet(
    name="argon",
    citation="A. V. Phelps and Z. Lj. Petrović, Plasma Sources Sci. Technol. 8 (1999) R21",
    species="Ar",
    _build=_argon,
)
