"""Electrons start with the energies, directions and places that were asked for."""

import numpy as np
import pytest
from scipy import stats

from swarmhydra.kernels.arrays import FloatArray
from swarmhydra.kernels.quantities import kinetic_energy
from swarmhydra.swarm.initial_conditions import InitialConditions
from tests.helpers.near import near

COUNT = 50_000
TABLE = np.array([1.0, 2.0, 4.0, 5.0]), np.array([0.0, 1.0, 1.0, 0.0])


def drawn(
    distribution: str, direction: FloatArray | None = None, spread: float = 0.0
) -> tuple[FloatArray, FloatArray]:
    initial = InitialConditions(distribution, 3.0, *TABLE, direction, spread)
    stream = np.random.default_rng(1)
    return initial.velocities(stream, COUNT), initial.places(stream, COUNT)


def test_a_maxwellian_has_its_energies() -> None:
    energy = kinetic_energy(drawn("maxwell")[0])
    assert stats.kstest(energy, stats.gamma(1.5, scale=2.0).cdf).pvalue > 1e-6


def test_a_fixed_energy_is_the_same_for_all_and_in_all_directions() -> None:
    velocity, _ = drawn("fixed")
    assert near(kinetic_energy(velocity), 3.0, rel=1e-12)
    for component in velocity / np.linalg.norm(velocity, axis=0):
        assert stats.kstest(component, stats.uniform(-1.0, 2.0).cdf).pvalue > 1e-6


def test_a_table_is_the_distribution_it_lists() -> None:
    energy = kinetic_energy(drawn("table")[0])
    energies, values = TABLE
    fine = np.linspace(1.0, 5.0, 4001)
    density = np.interp(fine, energies, values)
    reached = np.concatenate([[0.0], np.cumsum(0.5 * (density[1:] + density[:-1]))])
    cdf = np.interp(energy, fine, reached / reached[-1])
    assert stats.kstest(cdf, stats.uniform().cdf).pvalue > 1e-6


@pytest.mark.parametrize("distribution", ["maxwell", "fixed", "table"])
def test_a_direction_is_that_of_all(distribution: str) -> None:
    direction = np.array([3.0, 0.0, -4.0])
    velocity, _ = drawn(distribution, direction)
    speed = np.linalg.norm(velocity, axis=0)
    assert near(velocity, np.outer(direction / 5.0, speed), rel=1e-12, abs=1e-6)


def test_places_spread_as_far_as_was_asked() -> None:
    assert np.all(drawn("maxwell")[1] == 0.0)
    for component in drawn("maxwell", spread=2e-3)[1]:
        assert stats.kstest(component, stats.norm(scale=2e-3).cdf).pvalue > 1e-6
