"""Calls of functions that a kernel is handed, instead of naming them.

A function object among the arguments would delay each call from Python: numba finds out the type
of the function anew, and unpacks it, while all threads wait.
"""

from collections.abc import Callable
from typing import Any

import numba
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic


@intrinsic
def _call_at(_context: Any, _address: Any, _arguments: Any) -> Any:
    """Call the function at an address with values of exactly the types it was compiled for."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        address, together = arguments
        values = cgutils.unpack_tuple(builder, together)
        kind = ir.FunctionType(ir.VoidType(), [value.type for value in values])
        builder.call(builder.inttoptr(address, kind.as_pointer()), values)
        return context.get_dummy_value()

    return types.void(_address, _arguments), generate


def _call(function: Callable[..., None], arguments: tuple[Any, ...]) -> None:
    """Call a function."""
    function(*arguments)


call = _call if numba.config.DISABLE_JIT else _call_at
"""Call what `compiler.address_of` gave, with arguments of the types that it got."""
