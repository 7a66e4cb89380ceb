"""Random streams: one per sub-swarm, independent of threads and of backends.

A stream consists of four SFC64 generators (Doty-Humphrey, PractRand) that take turns, since vector
instructions advance four in the time of one.
"""

import hashlib

import numpy as np
from numpy.random.bit_generator import ISeedSequence
from numpy.typing import NDArray

from swarmhydra.kernels.arrays import FloatArray

BIT_GENERATOR = "SFC64"

LANES = 4
"""Number of generators of a stream."""
WORDS = 4
"""Number of 64-bit words in the state of a generator."""

_TIMES_AHEAD = 16
"""Factor by which more numbers are drawn than are needed: the first call of a generator is slow."""


def spawn_keys(run_label: str, replica: int, count: int) -> NDArray[np.uint64]:
    """Keys that distinguish streams, shape (count, 3): run label (hashed), replica, sub-swarm."""
    digest = hashlib.blake2b(run_label.encode(), digest_size=4).digest()
    keys = np.zeros((count, 3), dtype=np.uint64)
    keys[:, 0] = int.from_bytes(digest, "little")
    keys[:, 1] = replica
    keys[:, 2] = np.arange(count)
    return keys


def initial_states(seed: int, keys: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Initial states of the streams, shape (count, WORDS, LANES).

    The key of a generator is that of its stream, followed by its number 0, 1, 2 or 3 in the stream.
    """
    states = np.empty((len(keys), WORDS, LANES), dtype=np.uint64)
    for key, state in zip(keys, states, strict=True):
        for lane in range(LANES):
            spawn_key = (*(int(word) for word in key), lane)
            sequence = np.random.SeedSequence(seed, spawn_key=spawn_key)
            state[:, lane] = _words(np.random.SFC64(sequence))
    return states


class _Unseeded(ISeedSequence):
    """Seed of zeros for a generator whose state is set next; NumPy's own seed takes much longer."""

    def generate_state(self, n_words: int, dtype: object = np.uint32) -> NDArray[np.uint64]:
        return np.zeros(n_words, dtype=np.uint64)


class Stream:
    """A random stream in NumPy that continues from a state; `store` writes the new state.

    Number ``LANES * i + k`` of the stream is number i of generator k. Numbers are drawn in advance,
    since for a few numbers a call of NumPy takes longer than the drawing itself.
    """

    def __init__(self, state: NDArray[np.uint64]) -> None:
        self._generators = [_generator_at(words) for words in state.T]
        self._state_before = state.copy()
        self._drawn = np.empty((0, LANES))
        self._unused = 0
        self._used = 0

    def random(self, count: int, rows: int = 1) -> FloatArray:
        """Uniform numbers in [0, 1), shape (rows, count), row after row.

        Each row consumes whole groups of LANES numbers; unused ones are discarded.
        """
        turns = -(-count // LANES)
        if self._used + rows * turns > len(self._drawn):
            self._draw_ahead(rows * turns)
        begin, self._used = self._used, self._used + rows * turns
        return self._drawn[begin : self._used].reshape(rows, turns * LANES)[:, :count]

    def store(self, state: NDArray[np.uint64]) -> None:
        """Write the present state of the stream."""
        for lane, words in enumerate(self._state_before.T):
            generator = _generator_at(words)
            generator.random(self._used - self._unused)
            state[:, lane] = _words(generator.bit_generator)

    def _draw_ahead(self, turns: int) -> None:
        """Draw more numbers than the turns need, and append them to the unused ones."""
        rest = self._drawn[self._used :]
        self._state_before = np.stack(
            [_words(each.bit_generator) for each in self._generators], axis=1
        )
        self._drawn = np.empty((len(rest) + _TIMES_AHEAD * turns, LANES))
        self._drawn[: len(rest)] = rest
        for lane, generator in enumerate(self._generators):
            self._drawn[len(rest) :, lane] = generator.random(len(self._drawn) - len(rest))
        self._unused, self._used = len(rest), 0


def first_sample(state: NDArray[np.uint64], every: int) -> int:
    """A random number of steps below `every`, from the state of a stream, which stays as it is.

    Nothing is drawn for it, so that a run has the same collisions whether it samples or not.
    """
    return int(np.int64(state[0, 0] >> np.uint64(1))) % every


def leader_at(state: NDArray[np.uint64]) -> np.random.Generator:
    """The first generator of a stream, for non-uniform numbers; see `store_leader`."""
    return _generator_at(state[:, 0])


def store_leader(leader: np.random.Generator, state: NDArray[np.uint64]) -> None:
    """Write the present state of the first generator into that of its stream."""
    state[:, 0] = _words(leader.bit_generator)


def _generator_at(words: NDArray[np.uint64]) -> np.random.Generator:
    """A generator that continues from a state."""
    # NumPy accepts any ISeedSequence, its type stubs only SeedSequence.
    bits = np.random.SFC64(_Unseeded())  # type: ignore[arg-type]
    bits.state = {
        "bit_generator": BIT_GENERATOR,
        "state": {"state": words.copy()},
        "has_uint32": 0,
        "uinteger": 0,
    }
    return np.random.Generator(bits)


def _words(bits: np.random.BitGenerator) -> NDArray[np.uint64]:
    """The words of the state of an SFC64 generator."""
    words: NDArray[np.uint64] = bits.state["state"]["state"]
    return words
