"""Interpolation in tables in place of elementary functions."""

import numpy as np

from swarmhydra.kernels.arrays import FloatArray
from swarmhydra.kernels.compiled.machinery.compiler import compiled_inline

_MANTISSA = 0x000FFFFFFFFFFFFF
_HALF = 0x3FE0000000000000


@compiled_inline
def looked_up(place: float, table: FloatArray) -> float:
    """Value of a table at a place from 0 (first entry) to 1 (last), linear between the entries."""
    steps = table.size - 1
    position = place * steps
    index = min(int(position), steps - 1)
    return table[index] + (position - index) * (table[index + 1] - table[index])


@compiled_inline
def square_root(x: float, table: FloatArray) -> float:
    """Square root of a number that is not negative, by a table of those from 1/4 to 1."""
    if x <= 0.0:
        return 0.0
    bits = np.float64(x).view(np.int64)
    mantissa = np.int64((bits & _MANTISSA) | _HALF).view(np.float64)
    exponent = (bits >> 52) - 1022
    # The square root halves the exponent, which therefore has to be even.
    odd = exponent & 1
    mantissa *= 0.5 if odd else 1.0
    scale = np.int64(((exponent + odd) // 2 + 1023) << 52).view(np.float64)
    return looked_up((mantissa - 0.25) / 0.75, table) * scale
