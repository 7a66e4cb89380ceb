"""Threads that run one task, with arguments of exactly the types for which it was compiled."""

from typing import Any

import numpy as np
import pytest

pytest.importorskip("numba")

import numba
from numba.core.errors import NumbaError

from swarmhydra.kernels.compiled.machinery.by_address import compiled_once
from swarmhydra.kernels.compiled.machinery.queue import take
from swarmhydra.kernels.compiled.machinery.side_by_side import enter, side_by_side, unpack

EXAMPLE = (np.zeros(5), np.zeros(1, dtype=np.int64), 2.5)


def fill(packed: Any) -> None:
    """Add a value to each number of an array, which threads take from a queue."""
    numbers, queue, value = unpack(packed)
    place = take(queue)
    while place < numbers.size:
        numbers[place] += value
        place = take(queue)


@pytest.mark.parametrize("threads", [1, 2])
def test_threads_share_out_a_task(threads: int) -> None:
    numbers = np.zeros(1001)
    side_by_side(fill, EXAMPLE)((numbers, np.zeros(1, dtype=np.int64), 2.5), threads)
    assert numbers.tolist() == [2.5] * 1001


@pytest.mark.parametrize(
    "changed",
    [
        (EXAMPLE[0], EXAMPLE[1], 2),
        (EXAMPLE[0], EXAMPLE[1], np.float32(2.5)),
        (np.zeros(5, dtype=np.float32), EXAMPLE[1], 2.5),
        (np.zeros((5, 5)), EXAMPLE[1], 2.5),
        (np.zeros(10)[::2], EXAMPLE[1], 2.5),
        (EXAMPLE[1], EXAMPLE[0], 2.5),
        EXAMPLE[:2],
        (*EXAMPLE, 1.0),
    ],
    ids=["whole", "single", "singles", "dimensions", "strided", "order", "fewer", "more"],
)
def test_a_changed_argument_is_an_error_when_the_call_is_compiled(changed: tuple[Any, ...]) -> None:
    """Otherwise the task would write where the arguments are not."""
    expected, types = numba.typeof(EXAMPLE), numba.typeof(changed)
    address = compiled_once(fill, (numba.types.CPointer(expected),))
    with pytest.raises(NumbaError, match=r"arguments of a task: .*, expected"):
        enter.compile((address.type, types, numba.types.int64))


def test_arguments_from_python_are_converted_or_refused() -> None:
    filled = side_by_side(fill, EXAMPLE)
    numbers = np.zeros(3)
    filled((numbers, np.zeros(1, dtype=np.int64), 2), 1)
    assert numbers.tolist() == [2.0, 2.0, 2.0]
    with pytest.raises(TypeError):
        filled((np.zeros(3, dtype=np.float32), np.zeros(1, dtype=np.int64), 2.5), 1)
