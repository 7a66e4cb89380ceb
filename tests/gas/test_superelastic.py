"""Superelastic collisions keep detailed balance."""

import numpy as np
import pytest
from scipy import constants

from swarmhydra.gas.level_populations import Temperatures
from swarmhydra.gas.mixture import Mixture
from swarmhydra.gas.processes import Kind, Process, Traits, cross_section_at
from swarmhydra.gas.superelastic import with_partners

GAP, WEIGHTS = 0.3, 2.0
ENERGY = np.array([GAP, 1.0, 5.0, 50.0])
SIGMA = np.array([0.0, 4e-20, 6e-20, 1e-20])


def gas(*excitations: Process) -> Mixture:
    elastic = Process(Kind.ELASTIC, "e", "X", 0.0, 1e-4, [0.0, 100.0], [1e-19, 1e-19])
    attachment = Process(Kind.ATTACHMENT, "a", "X", 0.0, 1e-4, [0.0, 100.0], [1e-22, 1e-22])
    processes = (elastic, *excitations, attachment)
    return Mixture("X", "", processes, np.full(len(processes), 0.5), 100.0, (), np.empty(0))


def excitation(gap: float = GAP, weights: float | None = WEIGHTS, name: str = "v") -> Process:
    energy = np.concatenate([[gap], ENERGY[1:]])
    traits = Traits(statistical_weight_ratio=weights)
    return Process(Kind.EXCITATION, name, "X", gap, 1e-4, energy, SIGMA, traits)


def partners(mixture: Mixture, kelvin: float) -> Mixture:
    return with_partners(mixture, Temperatures(kelvin, kelvin, kelvin))


def test_superelastic_cross_section_is_that_of_klein_and_rosseland() -> None:
    forward = excitation()
    reverse = partners(gas(forward), 3000.0).processes[2]
    assert reverse.threshold == -GAP
    energy = np.geomspace(1e-3, 30.0, 500)
    expected = (energy + GAP) / energy / WEIGHTS * cross_section_at(forward, energy + GAP)
    assert cross_section_at(reverse, energy) == pytest.approx(expected, rel=2e-3)


@pytest.mark.parametrize("kelvin", [300.0, 3000.0, 2e4])
def test_detailed_balance_takes_both_ways_equally_often_in_equilibrium(kelvin: float) -> None:
    mixture = partners(gas(excitation()), kelvin)
    thermal = constants.Boltzmann * kelvin / constants.elementary_charge
    energy = np.geomspace(1e-6, 60.0, 400_000)
    maxwell = energy * np.exp(-energy / thermal)
    rates = []
    for p in (1, 2):
        sigma = cross_section_at(mixture.processes[p], energy)
        rates.append(mixture.fraction[p] * np.trapezoid(sigma * maxwell, energy))
    assert rates[0] == pytest.approx(rates[1], rel=2e-3)


def test_populations_add_up_to_the_species() -> None:
    mixture = partners(gas(excitation(), excitation(0.5, 3.0, "w")), 4000.0)
    names = [process.name for process in mixture.processes]
    found = dict(zip(names, mixture.fraction, strict=True))
    kt = constants.Boltzmann * 4000.0 / constants.elementary_charge
    total = 1.0 + 2.0 * np.exp(-GAP / kt) + 3.0 * np.exp(-0.5 / kt)
    assert found["v"] == found["w"] == pytest.approx(0.5 / total)
    assert found["v superelastic"] == pytest.approx(0.5 * 2.0 * np.exp(-GAP / kt) / total)
    assert found["v"] + found["v superelastic"] + found["w superelastic"] == pytest.approx(0.5)
    # What has no levels hits the species as a whole, and stays last if it takes electrons away.
    assert found["e"] == found["a"] == 0.5
    assert names[-1] == "a"


def test_without_weights_or_in_a_cold_gas_nothing_is_reversed() -> None:
    assert len(partners(gas(excitation(weights=None)), 3000.0).processes) == 3
    cold = partners(gas(excitation()), 0.0)
    assert len(cold.processes) == 3
    assert cold.fraction[1] == 0.5
