"""A call by address is compiled only with the types that the function was compiled for."""

from typing import Any

import numpy as np
import pytest

pytest.importorskip("numba")

import numba
from numba.core.errors import NumbaError

from swarmhydra.kernels.arrays import FloatArray
from swarmhydra.kernels.compiled.machinery.by_address import address_of, call


def fill(numbers: FloatArray, count: int, value: float) -> None:
    """What is called."""
    for i in range(count):
        numbers[i] = value


@numba.njit
def filled(function: Any, arguments: Any) -> None:
    """What calls."""
    call(function, arguments)


@pytest.fixture(scope="module")
def address() -> Any:
    """Compiled for an array, a whole number and a real one."""
    return address_of(fill, (np.empty(0), 0, 0.0))


def test_a_function_is_called_at_its_address(address: Any) -> None:
    numbers = np.zeros(5)
    filled(address, (numbers, 3, 2.5))
    assert numbers.tolist() == [2.5, 2.5, 2.5, 0.0, 0.0]


@pytest.mark.parametrize(
    "arguments",
    [
        (np.zeros(5), 3, 2),
        (np.zeros(5), 3.0, 2.5),
        (np.zeros(5, dtype=np.float32), 3, 2.5),
        (np.zeros((5, 5)), 3, 2.5),
        (np.zeros(10)[::2], 3, 2.5),
        (np.zeros(5), 3),
        (np.zeros(5), 3, 2.5, 1.0),
    ],
    ids=["whole", "real", "single", "dimensions", "strided", "fewer", "more"],
)
def test_other_arguments_are_an_error_when_the_call_is_compiled(
    address: Any, arguments: tuple[Any, ...]
) -> None:
    with pytest.raises(NumbaError, match=r"call by address: .*, expected .*, for which"):
        filled(address, arguments)
    assert not any(arguments[0].ravel())
