"""A relaxed series is told from one that still moves; windows follow from what was learned."""

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from swarmhydra.run.relaxation import truncation_point
from swarmhydra.run.windows import (
    DECAY_TIMES,
    FLIGHTS_PER_WINDOW,
    LONGEST_MEMORY,
    WindowPlan,
    correlation_time,
    longest_window,
    plan_windows,
)

STEADY = 6.8
"""Mean energy that the series of these tests settle at (eV)."""


def series(start: float, decay: float, noise: float, seed: int, size: int = 65) -> NDArray:
    """An energy that falls or rises from `start` to `STEADY` in `decay` points."""
    point = np.arange(size)
    smooth = STEADY + (start - STEADY) * np.exp(-point / decay)
    return smooth + noise * np.random.default_rng(seed).standard_normal(size)


# When a series is stationary


@pytest.mark.parametrize("start", [1.0, 0.0, 30.0, 500.0])
def test_mser_finds_a_relaxed_series_and_drops_its_start_from_below_and_from_above(
    start: float,
) -> None:
    noise, decay, size = 0.05, 2.0, 65
    cuts = [truncation_point(series(start, decay, noise, seed, size)) for seed in range(100)]
    # The noise alone asks for more time in one case of ten.
    found = np.array([cut for cut in cuts if cut is not None])
    assert found.size >= 80
    # What is left of the start, against the standard error of the mean of what is kept.
    kept = size - found
    left = abs(start - STEADY) * decay * np.exp(-found / decay) / kept
    assert np.mean(left / (noise / np.sqrt(kept))) < 1.0
    assert np.max(left / (noise / np.sqrt(kept))) < 3.0


@settings(derandomize=True, deadline=None)
@given(seed=st.integers(0, 1000), start=st.floats(0.0, 100.0), decay=st.floats(0.5, 100.0))
def test_mser_does_not_mind_from_which_side_the_series_came(
    seed: int, start: float, decay: float
) -> None:
    values = series(start, decay, 0.1, seed)
    assert truncation_point(values) == truncation_point(2.0 * STEADY - values)


@settings(derandomize=True, deadline=None)
@given(seed=st.integers(0, 1000), factor=st.floats(1e-6, 1e6))
def test_mser_does_not_mind_the_unit_of_the_energy(seed: int, factor: float) -> None:
    values = series(1.0, 4.0, 0.1, seed)
    assert truncation_point(values) == truncation_point(factor * values)


def test_mser_takes_noise_alone_for_stationary_and_drops_little_of_it() -> None:
    cuts = [truncation_point(series(STEADY, 1.0, 1.0, seed)) for seed in range(100)]
    found = [cut for cut in cuts if cut is not None]
    assert len(found) >= 80
    assert np.mean(found) < 65 / 8


@pytest.mark.parametrize("sign", [1.0, -1.0])
@pytest.mark.parametrize("seed", range(5))
def test_mser_takes_a_series_that_drifts_at_its_end_for_not_stationary(
    sign: float, seed: int
) -> None:
    noise = 0.01 * np.random.default_rng(seed).standard_normal(65)
    assert truncation_point(STEADY + sign * 0.02 * np.arange(65) + noise) is None


@pytest.mark.parametrize("start", [0.0, 14.0])
def test_mser_takes_one_relaxation_time_for_not_stationary(start: float) -> None:
    assert truncation_point(series(start, 65.0, 0.02, seed=1)) is None


@pytest.mark.parametrize("size", [0, 4, 5, 19])
def test_mser_decides_nothing_with_fewer_than_four_means(size: int) -> None:
    assert truncation_point(np.full(size, STEADY)) is None


# How long an energy is remembered


@settings(derandomize=True, deadline=None)
@given(decay=st.floats(0.34, 15.0), step=st.floats(1e-15, 1e3), height=st.floats(1e-9, 1e9))
def test_correlation_time_of_an_exponential_is_exact(
    decay: float, step: float, height: float
) -> None:
    # Up to three decay times per lag: beyond, the second value counts as lost in the noise.
    correlation = height * np.exp(-np.arange(17) / decay)
    assert correlation_time(correlation, step) == pytest.approx(decay * step, rel=1e-9, abs=0.0)


@given(decay=st.floats(16.5, 1e6))
@settings(derandomize=True, deadline=None)
def test_a_correlation_that_does_not_fall_to_1_over_e_gives_no_time(decay: float) -> None:
    assert correlation_time(np.exp(-np.arange(17) / decay), 1.0) is None


@pytest.mark.parametrize("lost", [0.0, -0.3, 1e-9])
def test_a_value_lost_in_the_noise_puts_the_time_between_the_two_lags(lost: float) -> None:
    time = correlation_time(np.array([2.0, 1.6, 2.0 * lost, 0.0]), 3.0)
    assert time is not None
    assert 3.0 < time < 6.0


# Windows


def plan(
    correlation: float = 1.0,
    flight: float = 1e-3,
    growth: float = 0.0,
    factor: float = 2.0,
    window: float | None = None,
    memory: int | None = None,
) -> WindowPlan:
    longest = longest_window(growth, factor)
    return plan_windows(correlation, flight, longest, window, memory)


def test_a_displacement_forgets_its_beginning_in_two_windows_and_is_seen_to_grow_in_a_third() -> (
    None
):
    assert plan() == WindowPlan(0.5 * DECAY_TIMES, 3, 2, 2)


def test_a_window_lasts_many_flights() -> None:
    assert plan(flight=1.0) == WindowPlan(FLIGHTS_PER_WINDOW, 2, 1, 1)


def test_what_cannot_be_remembered_is_known_to_be_needed() -> None:
    made = plan(window=0.1, memory=2)
    assert (made.lag, made.needed) == (1, round(10 * DECAY_TIMES))


@pytest.mark.parametrize("growth", [3.0, -3.0])
def test_growth_and_loss_shorten_the_window_and_lengthen_the_memory(growth: float) -> None:
    made = plan(growth=growth, factor=1.5)
    assert made.duration == pytest.approx(math.log(1.5) / 3.0)
    assert made.memory > 3


@pytest.mark.parametrize("window", [1e-3, 0.7, 40.0])
def test_a_window_set_by_the_user_is_kept(window: float) -> None:
    assert plan(window=window).duration == window


@pytest.mark.parametrize("memory", [2, 5, 16])
def test_a_memory_set_by_the_user_is_kept(memory: int) -> None:
    made = plan(memory=memory)
    assert (made.memory, made.lag) == (memory, min(2, memory - 1))


@settings(derandomize=True, deadline=None)
@given(
    correlation=st.floats(1e-14, 1e-3),
    flight=st.floats(1e-15, 1e-6),
    growth=st.floats(-1e12, 1e12),
    factor=st.floats(1.1, 4.0),
)
def test_every_plan_lets_displacements_forget_and_the_swarm_grow_no_more_than_allowed(
    correlation: float, flight: float, growth: float, factor: float
) -> None:
    made = plan(correlation, flight, growth, factor)
    assert 1 <= made.lag < made.memory <= LONGEST_MEMORY
    assert math.exp(abs(growth) * made.duration) <= factor * (1.0 + 1e-9)
    # Where growth leaves no time to forget, it is the longest memory there is.
    assume(made.memory < LONGEST_MEMORY)
    assert made.lag * made.duration >= DECAY_TIMES * correlation * (1.0 - 1e-9)
