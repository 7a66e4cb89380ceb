"""Uniform random numbers, the same doubles as `numpy.random.Generator(SFC64)` draws."""

import numpy as np
from numpy.typing import NDArray

from swarmhydra.kernels.compiled.compiler import compiled_entry

_3, _11, _24, _40, _1 = (np.uint64(n) for n in (3, 11, 24, 40, 1))
_UNIT = 1.0 / 9007199254740992.0


@compiled_entry
def fill_uniform(state: NDArray[np.uint64], numbers: NDArray[np.float64]) -> None:
    """Fill an array with numbers in [0, 1) by SFC64 (Doty-Humphrey, PractRand)."""
    a, b, c, counter = state[0], state[1], state[2], state[3]
    for i in range(numbers.size):
        word = a + b + counter
        counter += _1
        a = b ^ (b >> _11)
        b = c + (c << _3)
        c = ((c << _24) | (c >> _40)) + word
        numbers[i] = np.int64(word >> _11) * _UNIT
    state[0], state[1], state[2], state[3] = a, b, c, counter
