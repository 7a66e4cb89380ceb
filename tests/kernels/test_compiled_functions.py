"""The compiled kernels' own arithmetic: random numbers, elementary functions, table search."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from swarmhydra.collisions import tables as collision_tables
from swarmhydra.collisions.bounds import CELLS
from swarmhydra.collisions.tables import LookUps
from swarmhydra.gas import mixture as mixtures
from swarmhydra.gas.processes import Kind, Process
from swarmhydra.kernels import streams
from swarmhydra.kernels.arrays import FloatArray
from swarmhydra.kernels.contract import Tables
from swarmhydra.kernels.quantities import HALF_MASS, speed_at
from swarmhydra.kernels.vectorised import determine_collisions as vectorised
from tests.helpers.settings import configured

pytest.importorskip("numba")

from swarmhydra.kernels.compiled import determine_collisions
from swarmhydra.kernels.compiled.machinery import elementary, random
from tests.kernels.from_python import from_python

collision_frequency = from_python(determine_collisions.collision_frequency)
natural_log = from_python(elementary.natural_log)
sine_and_cosine_of_turn = from_python(elementary.sine_and_cosine_of_turn)
fill_uniform = from_python(random.fill_uniform)

SMALLEST = 2.0**-53
"""Step of the uniform numbers: they are its multiples from 0 to 1 - 2^-53."""

WORDS = st.one_of(st.integers(0, 2**64 - 1), st.sampled_from([0, 1, 2**63, 2**64 - 1]))


def uniform_numbers() -> FloatArray:
    """Numbers as a stream may draw them: random ones, and those at and near the ends and kinks."""
    random = np.random.default_rng(1)
    kinks = np.concatenate([np.arange(9) / 8.0, 1.0 - np.sqrt([0.5, 0.125]), [0.1, 1 / 3]])
    steps = np.concatenate([np.arange(-40, 41), [-1000, 1000]]) * SMALLEST
    edges = (kinks[:, None] + steps).ravel()
    small = 2.0 ** random.uniform(-53, 0, 20_000)
    numbers = np.concatenate([random.random(20_000), small, 1.0 - small, edges])
    # What remains are multiples of the step.
    numbers = np.rint(numbers / SMALLEST) * SMALLEST
    return np.unique(numbers[(numbers >= 0.0) & (numbers < 1.0)])


# Random numbers


@settings(derandomize=True, deadline=None, max_examples=300)
@given(
    words=st.lists(WORDS, min_size=16, max_size=16), counts=st.lists(st.integers(0, 50), max_size=5)
)
def test_numbers_are_those_of_numpy_and_the_state_goes_back_and_forth(
    words: list[int], counts: list[int]
) -> None:
    state = np.array(words, dtype=np.uint64).reshape(4, 4)
    stream = streams.Stream(state)
    numbers = np.full(60, -1.0)
    for turn, count in enumerate(counts):
        expected = stream.random(count)[0]
        if turn % 2:
            # Now and then NumPy goes on where the kernel has come to.
            other = streams.Stream(state)
            assert np.array_equal(other.random(count)[0], expected)
            other.store(state)
            continue
        numbers[:] = -1.0
        fill_uniform(state, numbers, 7, count)
        assert np.array_equal(numbers[7 : 7 + count], expected)
        assert np.all(numbers[:7] == -1.0)
        # A turn that was begun is completed.
        assert np.all(numbers[7 + (count + 3) // 4 * 4 :] == -1.0)
    left = np.zeros_like(state)
    stream.store(left)
    assert np.array_equal(state, left)


def test_a_long_run_of_numbers_is_that_of_numpy() -> None:
    state = streams.initial_states(3, streams.spawn_keys("long", 0, 1))[0]
    expected = streams.Stream(state).random(1_000_000)[0]
    numbers = np.empty(1_000_000)
    fill_uniform(state, numbers, 0, numbers.size)
    assert np.array_equal(numbers, expected)


# Elementary functions


def test_the_logarithm_of_what_is_drawn_is_good_to_1e_14() -> None:
    """Of 1 - u, as in free times and Maxwellians: also relative to a logarithm near 0."""
    x = 1.0 - uniform_numbers()
    assert x.min() == SMALLEST
    assert x.max() == 1.0
    exact = np.log(x.astype(np.longdouble))
    ours = np.array([natural_log(value) for value in x])
    assert np.all(np.abs(ours - exact) <= 1e-14 * np.abs(exact))


def test_the_logarithm_of_one_is_exactly_zero() -> None:
    assert natural_log(1.0) == 0.0


@settings(derandomize=True, deadline=None, max_examples=500)
@given(x=st.floats(2.3e-308, 1.7e308))
def test_the_logarithm_is_good_for_every_normal_number(x: float) -> None:
    exact = np.log(np.longdouble(x))
    assert abs(natural_log(x) - exact) <= 1e-14 * abs(exact)


def test_sine_and_cosine_of_what_is_drawn_are_good_to_1e_14() -> None:
    u = uniform_numbers()
    assert u.min() == 0.0
    assert u.max() == 1.0 - SMALLEST
    turn = 8 * np.arctan(np.longdouble(1))
    sine, cosine = np.array([sine_and_cosine_of_turn(value) for value in u]).T
    assert np.all(np.abs(sine - np.sin(turn * u)) <= 1e-14)
    assert np.all(np.abs(cosine - np.cos(turn * u)) <= 1e-14)
    assert np.all(np.abs(sine * sine + cosine * cosine - 1.0) <= 1e-15)


@pytest.mark.parametrize(
    ("u", "sine", "cosine"), [(0.0, 0, 1), (0.25, 1, 0), (0.5, 0, -1), (0.75, -1, 0)]
)
def test_quarters_of_a_turn_are_exact(u: float, sine: float, cosine: float) -> None:
    assert sine_and_cosine_of_turn(u) == (sine, cosine)


# Table search


def tables(gas: str, look_ups: LookUps) -> Tables:
    mixture = mixtures.build(configured(f"gas={gas}").gas)
    built = collision_tables.build(
        mixture.processes, mixture.fraction, 2.4e25, 300.0, mixture.energy_max, look_ups.collision
    )
    return built.with_bands(np.inf, 1, 0.0, look_ups)


def assert_frequencies_agree(speeds: FloatArray, table: Tables) -> None:
    random = np.random.default_rng(2)
    process = random.integers(table.action.size, size=speeds.size)
    expected = vectorised.collision_frequency(speeds, process, table)
    ours = [
        collision_frequency(speed, int(p), table) for speed, p in zip(speeds, process, strict=True)
    ]
    assert np.all(np.abs(np.array(ours) - expected) <= 1e-14 * expected)


def around(speeds: FloatArray) -> FloatArray:
    """Speeds and their neighbours among the floating-point numbers."""
    below, above = np.nextafter(speeds, 0.0), np.nextafter(speeds, np.inf)
    return np.concatenate([speeds, below, above, np.nextafter(below, 0.0)])


@pytest.mark.parametrize("look_ups", [LookUps(), LookUps(collision=8192)])
@pytest.mark.parametrize("gas", ["argon", "helium", "reid_ramp", "lucas_saelee", "maxwell"])
def test_frequencies_are_those_of_numpy_at_any_speed(gas: str, look_ups: LookUps) -> None:
    table = tables(gas, look_ups)
    top = table.ceiling.size / table.inverse_cell_width
    random = np.random.default_rng(1)
    speeds = [
        np.array([0.0, 1.0, top, 2.0 * top]),
        top * random.random(500),
        top * 10.0 ** random.uniform(-5.0, 0.1, 500),
        around(random.choice(speed_at(table.node), 100)),
        around(random.integers(1, table.ceiling.size, 100) / table.inverse_cell_width),
    ]
    assert_frequencies_agree(np.concatenate(speeds), table)


def test_a_step_at_the_edge_of_a_speed_cell_is_found_from_both_sides() -> None:
    """Two nodes that differ in the last digit, exactly where the search changes its range."""
    edges = np.linspace(0.0, float(speed_at(1000.0)), CELLS + 1)
    processes = []
    speeds = []
    for cell in (1, 2, 1000, 4097, 8191):
        threshold = HALF_MASS * edges[cell] ** 2
        energy = [np.nextafter(threshold, 0.0), threshold, 1000.0]
        step = Process(Kind.EXCITATION, "step", "X", threshold, 1e-4, energy, [0.0, 1e-20, 1e-20])
        processes.append(step)
        speeds.append(edges[cell] * (1.0 + np.arange(-6, 7) * 2.0**-53))
    built = collision_tables.build(processes, np.ones(5), 2.4e25, 0.0, 1000.0, 0)
    table = built.with_bands(np.inf, 1, 0.0, LookUps())
    assert_frequencies_agree(np.repeat(np.concatenate(speeds), 20), table)
