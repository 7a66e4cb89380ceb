"""Population control changes how many electrons are simulated, and nothing that is measured."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from swarmhydra.kernels import streams
from swarmhydra.kernels.arrays import FloatArray
from swarmhydra.kernels.contract import (
    ANCESTOR,
    CAPACITY,
    CLOCK,
    STATE_ROWS,
    VX,
    VZ,
    SwarmArrays,
    Tallies,
    X,
    Z,
)
from swarmhydra.kernels.quantities import HALF_MASS, flux_terms, kinetic_energy
from swarmhydra.kernels.vectorised.resample import resample
from swarmhydra.swarm import electrons as swarms
from swarmhydra.swarm.electrons import Swarm
from swarmhydra.swarm.population import control_population, make_room
from swarmhydra.swarm.tallies import new_tallies
from tests.kernels.starts import maxwellian_start

NAME = X
"""Row in which these tests keep a number that no two electrons share."""


def started(
    electrons: int = 400, sub_swarms: int = 4, energy: float = 2.0, seed: int = 1, memory: int = 3
) -> Swarm:
    states = streams.initial_states(seed, streams.spawn_keys("swarm", 0, sub_swarms))
    return swarms.start(electrons, sub_swarms, maxwellian_start(energy), states, memory)


def grown(populations: list[int], nominal: int = 100, seed: int = 1, memory: int = 3) -> Swarm:
    """A swarm at the end of a window in which its sub-swarms came to some populations."""
    swarm = started(nominal * len(populations), len(populations), seed=seed, memory=memory)
    arrays = swarm.arrays
    random = np.random.default_rng(seed)
    most = max(populations)
    arrays.electrons[:, VX : VZ + 1, :most] = 1e6 * random.standard_normal(
        (len(populations), 3, most)
    )
    for s, n in enumerate(populations):
        arrays.population[s] = n
        arrays.active[s] = 0
        arrays.electrons[s, NAME, :n] = np.arange(n)
        arrays.electrons[s, ANCESTOR, :n] = np.arange(n)
        arrays.history[s, :n] = np.arange(n)[:, None, None]
    return swarm


def control(swarm: Swarm) -> None:
    """Do what happens to the population between two windows."""
    control_population(swarm, 2.0)
    resample(swarm.arrays)


def names(swarm: Swarm, s: int = 0) -> NDArray[np.int64]:
    return swarm.arrays.electrons[s, NAME, : swarm.arrays.population[s]].astype(int)


# How a swarm starts


@pytest.mark.parametrize(
    ("electrons", "sub_swarms", "shares"),
    [(400, 4, [100] * 4), (403, 4, [101, 101, 101, 100]), (16, 16, [1] * 16)],
)
def test_electrons_are_shared_out_evenly(
    electrons: int, sub_swarms: int, shares: list[int]
) -> None:
    swarm = started(electrons, sub_swarms)
    assert swarm.arrays.population.tolist() == swarm.nominal.tolist() == shares
    assert swarm.arrays.active.tolist() == shares
    assert swarm.weight_at_end == electrons


def test_a_swarm_starts_maxwellian_from_one_place_with_the_mean_energy_asked_for() -> None:
    swarm = started(16_000, 16, energy=3.0)
    electrons = np.concatenate(swarm.arrays.electrons[:, :, :1000], axis=1)
    assert np.all(electrons[[X, X + 1, Z, CLOCK]] == 0.0)
    spread = np.sqrt(3.0 / 1.5 / (2.0 * HALF_MASS))
    for component in electrons[VX : VZ + 1]:
        assert stats.kstest(component, stats.norm(scale=spread).cdf).pvalue > 1e-6


def test_electrons_may_start_at_rest() -> None:
    assert np.all(started(energy=0.0).arrays.electrons[:, VX : VZ + 1] == 0.0)


def test_a_start_depends_on_the_streams_and_draws_from_them() -> None:
    one, same, other = started(), started(), started(seed=2)
    assert np.array_equal(one.arrays.electrons, same.arrays.electrons)
    assert np.array_equal(one.arrays.random_state, same.arrays.random_state)
    assert not np.array_equal(one.arrays.electrons, other.arrays.electrons)
    fresh = streams.initial_states(1, streams.spawn_keys("swarm", 0, 4))
    assert not np.any(np.all(one.arrays.random_state == fresh, axis=(1, 2)))


def test_another_memory_forgets_places_and_weights_and_keeps_velocities() -> None:
    swarm = grown([150, 40])
    swarm.arrays.weight[:] = [2.0, 5.0]
    velocity = swarm.arrays.electrons[:, VX : VZ + 1].copy()
    other = swarms.with_memory(swarm, 7)
    assert other.memory == 7
    assert other.arrays.history.shape == (2, CAPACITY, 6, 4)
    assert np.all(other.arrays.history == 0.0)
    assert np.all(other.arrays.electrons[:, X : Z + 1] == 0.0)
    assert np.all(other.arrays.weight == 1.0)
    assert np.array_equal(other.arrays.electrons[:, VX : VZ + 1], velocity)
    assert other.arrays.population.tolist() == [150, 40]


# Resampling


@settings(derandomize=True, deadline=None)
@given(population=st.integers(1, 500), seed=st.integers(0, 10**6))
def test_every_stretch_of_energies_keeps_its_share_of_the_electrons(
    population: int, seed: int
) -> None:
    swarm = grown([population], nominal=100, seed=seed)
    energy = kinetic_energy(swarm.arrays.electrons[0, VX : VZ + 1, :population])
    if 50 <= population <= 200:
        swarm.nominal[0] = 2 * population + 1
    nominal = int(swarm.nominal[0])
    control(swarm)
    assert swarm.arrays.population[0] == nominal
    copies = np.bincount(names(swarm), minlength=population)
    by_energy = np.cumsum(copies[np.argsort(energy)])
    share = nominal / population
    expected = share * np.arange(1, population + 1)
    # Systematic: up to any energy the number is right to one electron, and so is each one's.
    assert np.all(np.abs(by_energy - expected) < 1.0 + 1e-9)
    assert np.all((copies == np.floor(share)) | (copies == np.ceil(share)))


@pytest.mark.parametrize("population", [37, pytest.param(260, marks=pytest.mark.slow)])
def test_every_electron_is_as_likely_to_be_kept_as_any_other(population: int) -> None:
    repeats = 4000
    counts = np.zeros(population)
    states = streams.initial_states(3, streams.spawn_keys("resample", 0, repeats))
    for state in states:
        swarm = grown([population])
        swarm.arrays.random_state[0] = state
        control(swarm)
        counts += np.bincount(names(swarm), minlength=population)
    share = 100 / population
    fraction = share - np.floor(share)
    error = np.sqrt(fraction * (1.0 - fraction) / repeats)
    assert np.abs(counts / repeats - share).max() < 5.0 * error


def test_copies_take_along_velocity_place_and_history_and_become_ancestors() -> None:
    swarm = grown([250])
    before = swarm.arrays.electrons[0].copy()
    control(swarm)
    chosen = names(swarm)
    after = swarm.arrays.electrons[0, :, :100]
    for row in range(STATE_ROWS):
        expected = np.arange(100) if row == ANCESTOR else before[row, chosen]
        assert np.array_equal(after[row], expected)
    history = swarm.arrays.history[0, :100]
    assert np.array_equal(history, np.broadcast_to(chosen[:, None, None], history.shape))


@pytest.mark.parametrize("population", [50, 100, 199, 200])
def test_sub_swarms_near_their_nominal_size_are_left_alone(population: int) -> None:
    swarm = grown([population, 100])
    before = SwarmArrays(*(array.copy() for array in swarm.arrays))
    control(swarm)
    for name in ("electrons", "population", "history", "random_state"):
        assert np.array_equal(getattr(swarm.arrays, name), getattr(before, name))
    assert np.all(swarm.factors == 1.0)


# Weights


@settings(derandomize=True, deadline=None)
@given(populations=st.lists(st.integers(1, 900), min_size=1, max_size=8))
def test_weight_of_a_sub_swarm_counts_all_its_offspring(populations: list[int]) -> None:
    swarm = grown(populations)
    control(swarm)
    arrays = swarm.arrays
    real = arrays.weight * arrays.population
    # What each stands for goes with what it was before; the whole is brought back to nominal.
    assert real / real.sum() == pytest.approx(
        np.array(populations) / sum(populations), rel=1e-12, abs=0.0
    )
    for number in (swarm.weight_at_end, swarm.weight_at_opening):
        assert number == pytest.approx(swarm.nominal.sum(), rel=1e-12, abs=0.0)


def test_growth_is_remembered_as_long_as_displacements_are() -> None:
    memory = 3
    swarm = grown([300, 100], memory=memory)
    ratios = []
    for _ in range(memory + 1):
        control(swarm)
        ratios.append(swarm.arrays.weight[0] / swarm.arrays.weight[1])
    assert ratios == pytest.approx([3.0] * memory + [1.0])


def test_growth_of_several_windows_multiplies() -> None:
    swarm = grown([300, 100])
    control(swarm)
    swarm.arrays.population[0] = 250
    control(swarm)
    assert swarm.arrays.weight[0] / swarm.arrays.weight[1] == pytest.approx(3.0 * 2.5)


# Extinction


def test_an_extinct_sub_swarm_stays_so_and_the_others_go_on() -> None:
    swarm = grown([0, 120, 30])
    control(swarm)
    assert swarm.arrays.population.tolist() == [0, 120, 100]
    assert np.all(np.isfinite(swarm.arrays.weight))
    assert swarm.weight_at_end == pytest.approx(300.0)


def test_a_single_electron_is_enough_to_go_on_from() -> None:
    swarm = grown([1])
    control(swarm)
    assert names(swarm).tolist() == [0] * 100


# Relief in the middle of a window


def crowded(flies: int, waits: int, seed: int = 1) -> tuple[Swarm, Tallies]:
    """One sub-swarm in the middle of a window, its time integrals open."""
    swarm = grown([flies + waits], seed=seed)
    arrays = swarm.arrays
    arrays.weight[0] = 1.5
    arrays.active[0] = flies
    here = arrays.electrons[0]
    here[CLOCK, : flies + waits] = np.linspace(0.1, 0.9, flies + waits)
    here[:, CAPACITY - 1 - np.arange(waits)] = here[:, flies : flies + waits].copy()
    return swarm, new_tallies(1, 1, 8, 3)


def flying_and_waiting(swarm: Swarm) -> tuple[FloatArray, FloatArray]:
    """Electrons who fly and who wait, the latter in the order of their arrival."""
    arrays = swarm.arrays
    active, waits = int(arrays.active[0]), int(arrays.population[0] - arrays.active[0])
    electrons = arrays.electrons[0]
    return electrons[:, :active].copy(), electrons[:, CAPACITY - 1 - np.arange(waits)]


@settings(derandomize=True, deadline=None, max_examples=30)
@given(flies=st.integers(1, CAPACITY), seed=st.integers(0, 1000), full=st.floats(0.0, 1.0))
def test_relief_keeps_every_second_electron_where_it_is_and_closes_the_flux_of_the_others(
    flies: int, seed: int, full: float
) -> None:
    fewest = max(CAPACITY + 1 - 2 * flies, 0)
    most = CAPACITY - flies
    if fewest > most:
        return
    waits = int(fewest + full * (most - fewest))
    swarm, tallies = crowded(flies, waits, seed)
    before = np.concatenate(flying_and_waiting(swarm), axis=1)
    make_room(swarm, tallies)
    fly, wait = flying_and_waiting(swarm)
    after = np.concatenate([fly, wait], axis=1)
    # Every second one, in the old order, fliers before those who wait.
    first = int(after[NAME, 0])
    assert first in (0, 1)
    assert np.array_equal(after[NAME].astype(int), np.arange(first, flies + waits, 2))
    assert np.array_equal(after, before[:, first::2])
    assert np.all(fly[NAME] < flies)
    assert np.all(wait[NAME] >= flies)
    # There is room for a child of everyone who flies, or relief comes again.
    arrays = swarm.arrays
    assert arrays.population[0] + arrays.active[0] <= CAPACITY + 1
    assert arrays.weight[0] == 3.0
    assert swarm.factors[0, 0] == 2.0
    # All were counted with the old weight until now, those who stay with the new one from now on.
    closed = 1.5 * flux_terms(before).sum(axis=1) - 3.0 * flux_terms(after).sum(axis=1)
    scale = 1.5 * np.abs(flux_terms(before)).sum(axis=1)
    assert np.all(np.abs(tallies.flux[0] - closed) <= 1e-12 * scale)


def test_relief_keeps_each_half_as_often_as_the_other() -> None:
    repeats = 1000
    odd = 0
    for state in streams.initial_states(5, streams.spawn_keys("relief", 0, repeats)):
        swarm, tallies = crowded(2100, 100)
        swarm.arrays.random_state[0] = state
        make_room(swarm, tallies)
        odd += names(swarm)[0] == 1
    assert abs(odd - repeats / 2) < 5.0 * np.sqrt(repeats / 4)


def test_where_there_is_room_nobody_is_relieved() -> None:
    swarm, tallies = crowded(CAPACITY // 2, 0)
    before = SwarmArrays(*(array.copy() for array in swarm.arrays))
    make_room(swarm, tallies)
    for old, new in zip(before, swarm.arrays, strict=True):
        assert np.array_equal(old, new)
    assert np.all(tallies.flux == 0.0)


def test_relief_is_remembered_like_any_other_growth() -> None:
    swarm = grown([2200, 100])
    arrays = swarm.arrays
    arrays.active[0] = 2200
    make_room(swarm, new_tallies(2, 1, 8, 3))
    assert arrays.weight[0] * arrays.population[0] == 2200
    arrays.active[0] = 0
    control(swarm)
    real = arrays.weight * arrays.population
    assert real[0] / real[1] == pytest.approx(22.0)
