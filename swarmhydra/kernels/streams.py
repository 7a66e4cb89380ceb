"""Random streams: one SFC64 generator per sub-swarm, independent of threads and of backends."""

import hashlib

import numpy as np
from numpy.typing import NDArray

BIT_GENERATOR = "SFC64"

# For generators whose state is set anyway; to make one anew takes longer than the generator.
_ANY_SEED = np.random.SeedSequence(0)


def spawn_keys(run_label: str, replica: int, count: int) -> NDArray[np.uint64]:
    """Keys that set streams apart, shape (count, 3): run label (hashed), replica, sub-swarm."""
    digest = hashlib.blake2b(run_label.encode(), digest_size=4).digest()
    keys = np.zeros((count, 3), dtype=np.uint64)
    keys[:, 0] = int.from_bytes(digest, "little")
    keys[:, 1] = replica
    keys[:, 2] = np.arange(count)
    return keys


def initial_states(seed: int, keys: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """States of the streams before their first number, shape (count, 4)."""
    states = np.empty((len(keys), 4), dtype=np.uint64)
    for key, state in zip(keys, states, strict=True):
        sequence = np.random.SeedSequence(seed, spawn_key=tuple(int(word) for word in key))
        state[:] = _words(np.random.SFC64(sequence))
    return states


def generator_at(state: NDArray[np.uint64]) -> np.random.Generator:
    """A NumPy generator that continues a stream; `store` puts its state back."""
    bits = np.random.SFC64(_ANY_SEED)
    bits.state = {
        "bit_generator": BIT_GENERATOR,
        "state": {"state": state.copy()},
        "has_uint32": 0,
        "uinteger": 0,
    }
    return np.random.Generator(bits)


def store(generator: np.random.Generator, state: NDArray[np.uint64]) -> None:
    """Write where a generator has come to into the stream's state."""
    state[:] = _words(generator.bit_generator)


def _words(bits: np.random.BitGenerator) -> NDArray[np.uint64]:
    """The four words of an SFC64 state."""
    words: NDArray[np.uint64] = bits.state["state"]["state"]
    return words
