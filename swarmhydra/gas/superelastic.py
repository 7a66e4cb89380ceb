"""Superelastic partners of excitations, and the populations of the levels between which they go."""

from dataclasses import replace

import numpy as np
from scipy import constants

from swarmhydra.gas.adaptive import adaptive_grid
from swarmhydra.gas.mixture import Mixture
from swarmhydra.gas.processes import Kind, Process, cross_section_at

LOWEST_ENERGY = 1e-4
"""Energy (eV), in units of the threshold, at which the tables of superelastic processes begin."""


def with_partners(mixture: Mixture, temperature: dict[Kind, float]) -> Mixture:
    """The mixture with a superelastic process for each excitation that knows its levels.

    The levels of a species are its ground state and the upper level of each such excitation; their
    populations follow Boltzmann's law. Processes without levels hit the species as a whole.

    Parameters
    ----------
    mixture : Mixture
    temperature : dict of Kind to float
        Of the levels of EXCITATION and of ROTATION processes (K); at 0 the upper ones are empty.
    """
    processes, fractions = list(mixture.processes), list(mixture.fraction)
    upper = [_relative_population(process, temperature) for process in mixture.processes]
    for p, process in enumerate(mixture.processes):
        if upper[p] is None:
            continue
        same = [q for q, other in enumerate(mixture.processes) if other.target == process.target]
        ground = 1.0 / (1.0 + sum(upper[q] or 0.0 for q in same))
        fractions[p] = mixture.fraction[p] * ground
        population = upper[p] or 0.0
        if population > 0.0:
            processes.append(_partner(process))
            fractions.append(mixture.fraction[p] * ground * population)
    order = sorted(range(len(processes)), key=lambda p: _is_last(processes[p]))
    return replace(
        mixture,
        processes=tuple(processes[p] for p in order),
        fraction=np.array([fractions[p] for p in order]),
    )


def _is_last(process: Process) -> bool:
    """Whether it changes the number of electrons: such processes stay behind all others."""
    return process.kind in (Kind.IONIZATION, Kind.ATTACHMENT)


def _relative_population(process: Process, temperature: dict[Kind, float]) -> float | None:
    """Population of the upper level over that of the ground state; None if nobody asked for it."""
    ratio = process.traits.statistical_weight_ratio
    if ratio is None:
        return None
    kelvin = temperature[process.kind]
    if kelvin == 0.0:
        return 0.0
    energy = process.threshold * constants.elementary_charge
    return float(ratio * np.exp(-energy / (constants.Boltzmann * kelvin)))


def _partner(process: Process) -> Process:
    """The reverse of an excitation, by detailed balance.

    sigma(e) = (g_lower / g_upper) (e + D) / e sigma_excitation(e + D)  (Klein and Rosseland, 1921).
    """
    gap, weights = process.threshold, process.traits.statistical_weight_ratio
    assert weights is not None
    shifted = process.energy[process.energy > gap] - gap
    # The factor (e + D) / e bends where the excitation's table is straight.
    energy, sigma = adaptive_grid(
        lambda e: cross_section_at(process, e + gap) * (e + gap) / e / weights,
        shifted,
        LOWEST_ENERGY * gap,
        float(shifted[-1]),
    )
    # Below the first point the frequency, not the cross section, has a limit: hold the latter.
    energy = np.concatenate([[0.0], energy])
    sigma = np.concatenate([sigma[:1], sigma])
    traits = replace(process.traits, statistical_weight_ratio=None)
    name = f"{process.name} superelastic"
    return Process(
        process.kind,
        name,
        process.target,
        -gap,
        process.mass_ratio,
        energy,
        sigma,
        traits,
        process.provenance,
    )
