"""Population control: sub-swarms of another size, as a systematic sample of their electrons."""

import numpy as np
from numpy.typing import NDArray

from swarmhydra.kernels.arrays import FloatArray
from swarmhydra.kernels.compiled.machinery.compiler import compiled, compiled_part
from swarmhydra.kernels.compiled.machinery.random import fill_uniform
from swarmhydra.kernels.contract import ANCESTOR, STATE_ROWS, VX, VY, VZ
from swarmhydra.kernels.streams import LANES

_DIGITS = 3
_BITS = 11
"""Bits of a digit of the radix sort; three digits cover the 32 bits of a number."""
_LARGEST_DIGIT = np.uint32(2**_BITS - 1)


@compiled
def resample(
    electrons: FloatArray,
    history: FloatArray,
    random_state: NDArray[np.uint64],
    population: int,
    count: int,
) -> None:
    """Replace the electrons of a sub-swarm by a sample of them; see `vectorised.resample`."""
    start = np.empty(LANES)
    fill_uniform(random_state, start, 0, 1)
    order = _by_speed(electrons, population)
    sample = np.empty(count, dtype=np.uint32)
    for i in range(count):
        place = int((i + start[0]) * (population / count))
        sample[i] = order[min(place, population - 1)]
    _copy_electrons(electrons, sample)
    _copy_history(history, sample)


@compiled_part
def _copy_electrons(electrons: FloatArray, sample: NDArray[np.uint32]) -> None:
    """Copy the chosen electrons to the first columns; each is its own ancestor."""
    copy = np.empty(sample.size)
    for row in range(STATE_ROWS):
        for i in range(sample.size):
            copy[i] = electrons[row, sample[i]]
        for i in range(sample.size):
            electrons[row, i] = i if row == ANCESTOR else copy[i]


@compiled_part
def _copy_history(history: FloatArray, sample: NDArray[np.uint32]) -> None:
    """Copy the history of the chosen electrons to the first rows."""
    copy = np.empty((sample.size, history.shape[1], history.shape[2]))
    for i in range(sample.size):
        for w in range(history.shape[1]):
            for column in range(history.shape[2]):
                copy[i, w, column] = history[sample[i], w, column]
    for i in range(sample.size):
        for w in range(history.shape[1]):
            for column in range(history.shape[2]):
                history[i, w, column] = copy[i, w, column]


@compiled_part
def _by_speed(electrons: FloatArray, population: int) -> NDArray[np.uint32]:
    """The order of the speeds, to 2^-32 of the largest, by a radix sort."""
    key = _keys(electrons, population)
    order, before = np.empty(population, dtype=np.uint32), np.empty(population, dtype=np.uint32)
    for i in range(population):
        order[i] = i
    for digit in range(_DIGITS):
        shift = np.uint32(_BITS * digit)
        start = _starts(key, shift)
        for i in range(population):
            before[i] = order[i]
        for i in range(population):
            value = (key[before[i]] >> shift) & _LARGEST_DIGIT
            order[start[value]] = before[i]
            start[value] += 1
    return order


@compiled_part
def _keys(electrons: FloatArray, population: int) -> NDArray[np.uint32]:
    """Speeds as integers of 32 bits."""
    speed = np.empty(population)
    for i in range(population):
        vx, vy, vz = electrons[VX, i], electrons[VY, i], electrons[VZ, i]
        speed[i] = np.sqrt(vx * vx + vy * vy + vz * vz)
    largest = 1e-200
    for i in range(population):
        largest = max(largest, speed[i])
    scale = (2.0**32 - 1.0) / largest
    key = np.empty(population, dtype=np.uint32)
    for i in range(population):
        key[i] = np.uint32(speed[i] * scale)
    return key


@compiled_part
def _starts(key: NDArray[np.uint32], shift: int) -> NDArray[np.uint32]:
    """Index of the first number with each value of a digit, in the order of that digit."""
    count = np.empty(_LARGEST_DIGIT + 2, dtype=np.uint32)
    for value in range(count.size):
        count[value] = 0
    for i in range(key.size):
        count[((key[i] >> shift) & _LARGEST_DIGIT) + np.uint32(1)] += 1
    for value in range(_LARGEST_DIGIT):
        count[value + 1] += count[value]
    return count
