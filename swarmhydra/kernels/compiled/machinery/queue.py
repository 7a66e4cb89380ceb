"""A queue of tasks for several threads: each takes the next number as soon as it is free."""

from typing import Any

import numba
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from swarmhydra.kernels.arrays import IntArray
from swarmhydra.kernels.compiled.machinery.compiler import compiled_inline


@intrinsic
def _fetch_and_add_one(_context: Any, _queue: Any) -> Any:
    """Add 1 to the only number of an array, atomically; return the number before."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        queue = context.make_array(signature.args[0])(context, builder, arguments[0])
        one = ir.Constant(ir.IntType(64), 1)
        return builder.atomic_rmw("add", queue.data, one, "monotonic")

    return types.int64(_queue), generate


@compiled_inline
def _take_at_once(queue: IntArray) -> int:
    """The next number of a queue."""
    return _fetch_and_add_one(queue)


def _take(queue: IntArray) -> int:
    """The next number of a queue that a single thread uses."""
    queue[0] += 1
    return int(queue[0]) - 1


take = _take if numba.config.DISABLE_JIT else _take_at_once
"""The next number of a queue, which is an array of shape (1,) with the number."""
