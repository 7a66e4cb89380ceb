"""Random streams: one per sub-swarm, independent of threads and of backends.

A stream is four SFC64 generators that take turns: a processor steps four in the time of one.
"""

import hashlib

import numpy as np
from numpy.random.bit_generator import ISeedSequence
from numpy.typing import NDArray

from swarmhydra.kernels.arrays import FloatArray

BIT_GENERATOR = "SFC64"

LANES = 4
"""Generators of a stream."""
WORDS = 4
"""Words in the state of each."""

_TIMES_AHEAD = 16


def spawn_keys(run_label: str, replica: int, count: int) -> NDArray[np.uint64]:
    """Keys that set streams apart, shape (count, 3): run label (hashed), replica, sub-swarm."""
    digest = hashlib.blake2b(run_label.encode(), digest_size=4).digest()
    keys = np.zeros((count, 3), dtype=np.uint64)
    keys[:, 0] = int.from_bytes(digest, "little")
    keys[:, 1] = replica
    keys[:, 2] = np.arange(count)
    return keys


def initial_states(seed: int, keys: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """States of the streams before their first number, shape (count, WORDS, LANES).

    A generator has the key of its stream, followed by its own number.
    """
    states = np.empty((len(keys), WORDS, LANES), dtype=np.uint64)
    for key, state in zip(keys, states, strict=True):
        for lane in range(LANES):
            spawn_key = (*(int(word) for word in key), lane)
            sequence = np.random.SeedSequence(seed, spawn_key=spawn_key)
            state[:, lane] = _words(np.random.SFC64(sequence))
    return states


class _Unseeded(ISeedSequence):
    """Zeros for a generator whose state is set next: NumPy's own seed takes much longer."""

    def generate_state(self, n_words: int, dtype: object = np.uint32) -> NDArray[np.uint64]:
        return np.zeros(n_words, dtype=np.uint64)


class Stream:
    """A random stream in NumPy, from a state on; `store` puts its state back.

    Number ``LANES * i + k`` is the i-th of the k-th generator. Numbers are drawn some way ahead:
    for a few at a time NumPy takes longer to begin than to draw.
    """

    def __init__(self, state: NDArray[np.uint64]) -> None:
        self._generators = [_generator_at(words) for words in state.T]
        self._before = state.copy()
        self._ahead = np.empty((0, LANES))
        self._left = 0
        self._used = 0

    def random(self, count: int, rows: int = 1) -> FloatArray:
        """Numbers in [0, 1), shape (rows, count), row after row.

        Those of a row's last turn that nobody asked for are lost.
        """
        turns = -(-count // LANES)
        if self._used + rows * turns > len(self._ahead):
            self._draw_ahead(rows * turns)
        begin, self._used = self._used, self._used + rows * turns
        return self._ahead[begin : self._used].reshape(rows, turns * LANES)[:, :count]

    def store(self, state: NDArray[np.uint64]) -> None:
        """Write where the stream has come to into its state."""
        for lane, words in enumerate(self._before.T):
            generator = _generator_at(words)
            generator.random(self._used - self._left)
            state[:, lane] = _words(generator.bit_generator)

    def _draw_ahead(self, turns: int) -> None:
        """Draw the next turns, and as many several times over, behind those that are left."""
        left = self._ahead[self._used :]
        self._before = np.stack([_words(each.bit_generator) for each in self._generators], axis=1)
        self._ahead = np.empty((len(left) + _TIMES_AHEAD * turns, LANES))
        self._ahead[: len(left)] = left
        for lane, generator in enumerate(self._generators):
            self._ahead[len(left) :, lane] = generator.random(len(self._ahead) - len(left))
        self._left, self._used = len(left), 0


def first_sample(state: NDArray[np.uint64], every: int) -> int:
    """A random number of steps below `every`, from the state of a stream, which stays as it is.

    Nothing is drawn for it, so that a run has the same collisions whether it samples or not.
    """
    return int(np.int64(state[0, 0] >> np.uint64(1))) % every


def leader_at(state: NDArray[np.uint64]) -> np.random.Generator:
    """The first generator of a stream, for other than uniform numbers; see `store_leader`."""
    return _generator_at(state[:, 0])


def store_leader(leader: np.random.Generator, state: NDArray[np.uint64]) -> None:
    """Write where the first generator has come to into the state of its stream."""
    state[:, 0] = _words(leader.bit_generator)


def _generator_at(words: NDArray[np.uint64]) -> np.random.Generator:
    """A generator that goes on from a state."""
    # NumPy takes any ISeedSequence, its stubs only its own.
    bits = np.random.SFC64(_Unseeded())  # type: ignore[arg-type]
    bits.state = {
        "bit_generator": BIT_GENERATOR,
        "state": {"state": words.copy()},
        "has_uint32": 0,
        "uinteger": 0,
    }
    return np.random.Generator(bits)


def _words(bits: np.random.BitGenerator) -> NDArray[np.uint64]:
    """The words of an SFC64 state."""
    words: NDArray[np.uint64] = bits.state["state"]["state"]
    return words
