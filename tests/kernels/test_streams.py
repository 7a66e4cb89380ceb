"""Every sub-swarm has a stream of its own, which depends on nothing but its key and the seed."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from swarmhydra.kernels import streams

SEEDS = st.integers(0, 2**63 - 1)


def states(seed: int = 1, run_label: str = "run", replica: int = 0, count: int = 4) -> np.ndarray:
    return streams.initial_states(seed, streams.spawn_keys(run_label, replica, count))


def test_a_stream_takes_turns_among_numpys_sfc64_on_the_seed_sequences_of_its_keys() -> None:
    keys = streams.spawn_keys("run", 3, 5)
    for key, state in zip(keys.tolist(), streams.initial_states(12345, keys), strict=True):
        numbers = streams.Stream(state).random(400)[0]
        for lane in range(4):
            sequence = np.random.SeedSequence(12345, spawn_key=(*key, lane))
            reference = np.random.Generator(np.random.SFC64(sequence))
            assert np.array_equal(numbers[lane::4], reference.random(100))


def test_what_is_left_of_a_turn_is_skipped() -> None:
    state = states()[0]
    stream, other = streams.Stream(state), streams.Stream(state)
    numbers = np.concatenate([stream.random(5)[0], stream.random(3)[0]])
    assert np.array_equal(numbers, other.random(12)[0, [0, 1, 2, 3, 4, 8, 9, 10]])


def test_keys_never_change_between_versions() -> None:
    # printf run | b2sum --length=32 gives c89d895a, here read with its lowest byte first.
    assert streams.spawn_keys("run", 7, 2).tolist() == [[0x5A899DC8, 7, 0], [0x5A899DC8, 7, 1]]


def test_a_sub_swarm_has_the_same_stream_whatever_the_number_of_sub_swarms() -> None:
    assert np.array_equal(states(count=64)[:16], states(count=16))


def test_seed_label_replica_and_sub_swarm_all_set_streams_apart() -> None:
    every = np.concatenate(
        [
            states(count=8),
            states(seed=2, count=8),
            states(run_label="runs", count=8),
            states(replica=1, count=8),
        ]
    )
    assert len(np.unique(every, axis=0)) == len(every)


@settings(derandomize=True, deadline=None)
@given(
    seed=SEEDS,
    parts=st.lists(st.integers(0, 50) | st.integers(3000, 6000), min_size=1, max_size=6),
    rows=st.integers(1, 3),
)
def test_a_stream_put_away_and_taken_up_again_goes_on_as_if_nothing_had_been(
    seed: int, parts: list[int], rows: int
) -> None:
    state = states(seed)[0].copy()
    unbroken = streams.Stream(state)
    for part in parts:
        stream = streams.Stream(state)
        assert np.array_equal(stream.random(part, rows), unbroken.random(part, rows))
        stream.store(state)


def test_taking_up_a_stream_leaves_the_stored_state_alone() -> None:
    state = states()[0]
    before = state.copy()
    streams.Stream(state).random(10)
    assert np.array_equal(state, before)


def test_generators_of_a_stream_and_of_its_neighbours_are_uniform_and_uncorrelated() -> None:
    every = [streams.Stream(state).random(80_000) for state in states(count=8)]
    numbers = np.concatenate([np.reshape(stream, (-1, 4)).T for stream in every])
    deviates = (numbers - 0.5) * np.sqrt(12.0)
    # Means and products of independent deviates have the error 1/sqrt(n); squares sqrt(0.8/n).
    moments = deviates @ deviates.T / deviates.shape[1]
    error = 1.0 / np.sqrt(deviates.shape[1])
    assert np.abs(deviates.mean(axis=1)).max() < 5.0 * error
    assert np.abs(np.diag(moments) - 1.0).max() < 5.0 * np.sqrt(0.8) * error
    assert np.abs(moments - np.diag(np.diag(moments))).max() < 5.0 * error


@pytest.mark.parametrize("seed", [0, 2**63 - 1])
def test_the_smallest_and_the_largest_seed_make_streams(seed: int) -> None:
    numbers = streams.Stream(states(seed)[0]).random(1000)
    assert 0.0 <= numbers.min() < numbers.max() < 1.0
