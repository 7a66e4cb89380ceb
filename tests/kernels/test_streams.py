"""Every sub-swarm has a stream of its own, which depends on nothing but its key and the seed."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from swarmhydra.kernels import streams

SEEDS = st.integers(0, 2**63 - 1)


def states(seed: int = 1, run_label: str = "run", replica: int = 0, count: int = 4) -> np.ndarray:
    return streams.initial_states(seed, streams.spawn_keys(run_label, replica, count))


def test_a_stream_is_numpys_sfc64_on_the_seed_sequence_of_its_key() -> None:
    keys = streams.spawn_keys("run", 3, 5)
    for key, state in zip(keys.tolist(), streams.initial_states(12345, keys), strict=True):
        sequence = np.random.SeedSequence(12345, spawn_key=tuple(key))
        reference = np.random.Generator(np.random.SFC64(sequence))
        assert np.array_equal(streams.generator_at(state).random(100), reference.random(100))


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
@given(seed=SEEDS, parts=st.lists(st.integers(0, 50), min_size=1, max_size=6))
def test_a_stream_put_away_and_taken_up_again_goes_on_as_if_nothing_had_been(
    seed: int, parts: list[int]
) -> None:
    state = states(seed)[0].copy()
    unbroken = streams.generator_at(state).random(sum(parts))
    pieces = []
    for part in parts:
        generator = streams.generator_at(state)
        pieces.append(generator.random(part))
        streams.store(generator, state)
    assert np.array_equal(np.concatenate(pieces), unbroken)


def test_taking_up_a_stream_leaves_the_stored_state_alone() -> None:
    state = states()[0]
    before = state.copy()
    streams.generator_at(state).random(10)
    assert np.array_equal(state, before)


def test_streams_of_neighbours_are_uniform_and_uncorrelated() -> None:
    numbers = np.stack([streams.generator_at(state).random(20_000) for state in states(count=32)])
    deviates = (numbers - 0.5) * np.sqrt(12.0)
    # Means and products of independent deviates have the error 1/sqrt(n); squares sqrt(0.8/n).
    moments = deviates @ deviates.T / deviates.shape[1]
    error = 1.0 / np.sqrt(deviates.shape[1])
    assert np.abs(deviates.mean(axis=1)).max() < 5.0 * error
    assert np.abs(np.diag(moments) - 1.0).max() < 5.0 * np.sqrt(0.8) * error
    assert np.abs(moments - np.diag(np.diag(moments))).max() < 5.0 * error


@pytest.mark.parametrize("seed", [0, 2**63 - 1])
def test_the_smallest_and_the_largest_seed_make_streams(seed: int) -> None:
    numbers = streams.generator_at(states(seed)[0]).random(1000)
    assert 0.0 <= numbers.min() < numbers.max() < 1.0
