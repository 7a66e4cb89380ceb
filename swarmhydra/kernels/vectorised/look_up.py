"""Interpolation in tables in place of elementary functions."""

import numpy as np

from swarmhydra.kernels.arrays import FloatArray
from swarmhydra.kernels.contract import Tables


def square_root(x: FloatArray, tables: Tables) -> FloatArray:
    """Square roots of numbers that are not negative, by the table of `Tables.square_root`."""
    if not tables.square_root.size:
        return np.sqrt(x)
    mantissa, exponent = np.frexp(x)
    # The square root halves the exponent, which therefore has to be even.
    odd = exponent & 1
    mantissa = np.ldexp(mantissa, -odd)
    root = looked_up((np.maximum(mantissa, 0.25) - 0.25) / 0.75, tables.square_root)
    return np.where(x > 0.0, np.ldexp(root, (exponent + odd) // 2), 0.0)


def looked_up(place: FloatArray, table: FloatArray) -> FloatArray:
    """Values of a table at places from 0 (first entry) to 1 (last), linear between the entries."""
    steps = table.size - 1
    position = place * steps
    index = np.minimum(position.astype(np.int64), steps - 1)
    lower = table[index]
    value: FloatArray = lower + (position - index) * (table[index + 1] - lower)
    return value
