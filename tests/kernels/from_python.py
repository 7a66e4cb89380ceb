"""Kernels that only kernels call, for a test to call."""

from collections.abc import Callable
from typing import Any

import numba


def from_python(kernel: Callable[..., Any]) -> Callable[..., Any]:
    """A kernel that is called by one that Python may call."""
    called: Callable[..., Any] = numba.njit(lambda *arguments: kernel(*arguments))
    return called
