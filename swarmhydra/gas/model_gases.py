"""The model gases of the swarm literature: Reid's ramp, Lucas and Saelee, hard spheres, Maxwell."""

from collections.abc import Mapping

import numpy as np
from scipy import constants

from swarmhydra.gas.adaptive import Curve, adaptive_grid
from swarmhydra.gas.formula_set import (
    ELECTRON_MASS_U,
    LOWEST_ENERGY,
    SQUARE_ANGSTROM,
    FormulaSet,
    elastic,
    ramp,
)
from swarmhydra.gas.processes import Kind, Process, Traits


def _reid_ramp(species: str, energy_max: float, parameters: Mapping[str, float]) -> list[Process]:
    """Reid 1979: constant elastic, one excitation that rises linearly, M = 4 u."""
    ratio = ELECTRON_MASS_U / 4.0
    slope = 10.0 * SQUARE_ANGSTROM
    return [
        _constant_elastic(species, ratio, 6.0 * SQUARE_ANGSTROM, energy_max),
        ramp(
            Kind.EXCITATION,
            f"{species}(0.2eV)",
            species,
            0.2,
            ratio,
            slope,
            energy_max,
            # With an angular model the benchmarks of this gas mean momentum transfer by both.
            Traits(momentum_transfer=True),
        ),
    ]


def _constant_elastic(
    species: str, mass_ratio: float, cross_section: float, energy_max: float
) -> Process:
    """Elastic process of energy-independent cross section (m²)."""
    energy = np.array([LOWEST_ENERGY, energy_max])
    sigma = np.full(2, cross_section)
    return Process(Kind.ELASTIC, f"{species} elastic", species, 0.0, mass_ratio, energy, sigma)


def _power_law(factor: float, power: float) -> Curve:
    """The curve factor e^power, factor in m² at 1 eV."""
    return lambda e: np.asarray(factor * e**power)


def _lucas_saelee(
    species: str, energy_max: float, parameters: Mapping[str, float]
) -> list[Process]:
    """Lucas & Saelee 1975, with the attachment a e^p of Nolan et al. 1997."""
    ratio = 1e-3
    share, attachment, power = parameters["F"], parameters["a"], parameters["p"]
    # A power law has no scale below which it is negligible: hence 0.
    falling = _power_law(4.0 * SQUARE_ANGSTROM, -0.5)
    processes = [elastic(species, ratio, falling, energy_max, negligible=0.0)]
    for kind, name, part in (
        (Kind.EXCITATION, f"{species}(15.6eV)", 1.0 - share),
        (Kind.IONIZATION, f"{species}+", share),
    ):
        if part > 0.0:
            slope = 0.1 * part * SQUARE_ANGSTROM
            processes.append(ramp(kind, name, species, 15.6, ratio, slope, energy_max))
    if attachment > 0.0:
        curve = _power_law(attachment * SQUARE_ANGSTROM, power)
        grid = adaptive_grid(curve, (), LOWEST_ENERGY, energy_max, negligible=0.0)
        processes.append(Process(Kind.ATTACHMENT, f"{species}-", species, 0.0, ratio, *grid))
    return processes


def _hard_sphere(species: str, energy_max: float, parameters: Mapping[str, float]) -> list[Process]:
    """Constant elastic cross section only."""
    ratio = ELECTRON_MASS_U / parameters["mass"]
    sigma = parameters["cross_section"] * SQUARE_ANGSTROM
    return [_constant_elastic(species, ratio, sigma, energy_max)]


def _maxwell(species: str, energy_max: float, parameters: Mapping[str, float]) -> list[Process]:
    """Maxwell model: constant collision frequency, cross section k0 over the relative speed."""
    at_one_ev = parameters["k0"] * np.sqrt(constants.m_e / (2.0 * constants.e))
    curve = _power_law(float(at_one_ev), -0.5)
    return [elastic(species, parameters["mass_ratio"], curve, energy_max, negligible=0.0)]


MODEL_GASES = (
    FormulaSet(
        name="reid_ramp",
        citation="I. D. Reid, Aust. J. Phys. 32 (1979) 231",
        species="Reid",
        _build=_reid_ramp,
    ),
    FormulaSet(
        name="lucas_saelee",
        citation=(
            "J. Lucas and H. T. Saelee, J. Phys. D: Appl. Phys. 8 (1975) 640; "
            "A. M. Nolan et al., J. Phys. D: Appl. Phys. 30 (1997) 2865 (attachment)"
        ),
        species="LucasSaelee",
        _build=_lucas_saelee,
        parameters={"F": 0.0, "a": 0.0, "p": -0.5},
        limits={"F": (0.0, 1.0), "a": (0.0, 1e4), "p": (-3.0, 3.0)},
    ),
    FormulaSet(
        name="hard_sphere",
        citation="M. J. Druyvesteyn, Physica 10 (1930) 61",
        species="HardSphere",
        _build=_hard_sphere,
        parameters={"cross_section": 6.0, "mass": 4.0},
        limits={"cross_section": (1e-6, 1e6), "mass": (1e-3, 1e6)},
    ),
    FormulaSet(
        name="maxwell",
        citation="G. H. Wannier, Bell Syst. Tech. J. 32 (1953) 170",
        species="Maxwell",
        _build=_maxwell,
        parameters={"k0": 1e-14, "mass_ratio": 1e-3},
        limits={"k0": (1e-20, 1e-8), "mass_ratio": (1e-12, 1e3)},
    ),
)
