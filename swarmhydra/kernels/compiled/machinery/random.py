"""Uniform random numbers, exactly the same ones as from `streams.Stream`."""

from typing import Any

import numba
import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic
from numpy.typing import NDArray

from swarmhydra.kernels.arrays import FloatArray
from swarmhydra.kernels.compiled.machinery.compiler import compiled_inline
from swarmhydra.kernels.streams import LANES, WORDS

_WORD, _REAL = ir.IntType(64), ir.DoubleType()
_WORDS, _REALS = ir.VectorType(_WORD, LANES), ir.VectorType(_REAL, LANES)

# The bits of 2^31 and of 1/2 as floating-point numbers. With a whole number n in their last 32
# bits they are 2^31 + 2^-21 n and 1/2 + 2^-53 n.
_TWO_TO_31, _HALF = 0x41E0000000000000, 0x3FE0000000000000
_LOW_HALF = 0xFFFFFFFF


def _fill(state: NDArray[np.uint64], numbers: FloatArray, place: int, count: int) -> None:
    """Write `count` numbers in [0, 1) from a place on, by SFC64 (Doty-Humphrey, PractRand).

    Whole groups of LANES numbers are drawn, so that up to LANES - 1 more are written.
    """
    a, b, c, counter = state.copy()
    for first in range(place, place + count, LANES):
        word = a + b + counter
        counter += 1
        a = b ^ (b >> 11)
        b = c + (c << 3)
        c = ((c << 24) | (c >> 40)) + word
        numbers[first : first + LANES] = (word >> 11) * 2.0**-53
    state[:] = a, b, c, counter


@intrinsic
def _fill_in_vectors(_context: Any, state: Any, numbers: Any, place: Any, count: Any) -> Any:
    """As `_fill`, with vector instructions for the lanes, which LLVM does not find by itself."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        words, reals = (
            context.make_array(kind)(context, builder, array).data
            for kind, array in zip(signature.args[:2], arguments[:2], strict=True)
        )
        words = builder.bitcast(words, _WORDS.as_pointer())
        reals = builder.gep(reals, [arguments[2]])
        places = [builder.gep(words, [ir.Constant(_WORD, n)]) for n in range(WORDS)]
        states = [
            cgutils.alloca_once_value(builder, builder.load(place, align=8)) for place in places
        ]
        lanes = ir.Constant(_WORD, LANES)
        turns = builder.sdiv(builder.add(arguments[3], ir.Constant(_WORD, LANES - 1)), lanes)
        with cgutils.for_range(builder, turns) as loop:
            word = _next_word(builder, states)
            first = builder.gep(reals, [builder.mul(loop.index, lanes)])
            first = builder.bitcast(first, _REALS.as_pointer())
            builder.store(_unit_interval(builder, word), first, align=8)
        for place, word in zip(places, states, strict=True):
            builder.store(builder.load(word), place, align=8)
        return context.get_dummy_value()

    return types.void(state, numbers, types.int64, types.int64), generate


def _all(value: float, kind: Any = _WORDS) -> Any:
    """A vector of the same constant in every lane."""
    return ir.Constant(kind, [value] * LANES)


def _next_word(builder: Any, states: list[Any]) -> Any:
    """Draw a word in each lane, and update the states."""
    a, b, c, counter = (builder.load(word) for word in states)
    word = builder.add(builder.add(a, b), counter)
    rotated = builder.or_(builder.shl(c, _all(24)), builder.lshr(c, _all(40)))
    following = (
        builder.xor(b, builder.lshr(b, _all(11))),
        builder.add(c, builder.shl(c, _all(3))),
        builder.add(rotated, word),
        builder.add(counter, _all(1)),
    )
    for value, place in zip(following, states, strict=True):
        builder.store(value, place)
    return word


def _unit_interval(builder: Any, word: Any) -> Any:
    """Convert the upper 53 bits of words to numbers in [0, 1).

    Before AVX-512 there is no vector instruction for this: the upper and the lower half are put
    into the mantissas of two numbers, whose offsets are subtracted.
    """
    bits = builder.lshr(word, _all(11))
    high = builder.or_(builder.lshr(bits, _all(32)), _all(_TWO_TO_31))
    low = builder.or_(builder.and_(bits, _all(_LOW_HALF)), _all(_HALF))
    high = builder.fsub(builder.bitcast(high, _REALS), _all(2.0**31 + 0.5, _REALS))
    return builder.fadd(high, builder.bitcast(low, _REALS))


@compiled_inline
def _fill_compiled(state: NDArray[np.uint64], numbers: FloatArray, place: int, count: int) -> None:
    """As `_fill`."""
    _fill_in_vectors(state, numbers, place, count)


fill_uniform = _fill if numba.config.DISABLE_JIT else _fill_compiled
"""Write uniform numbers from a place of an array on; see `_fill`."""
