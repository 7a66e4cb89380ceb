"""Addresses of compiled functions, with the types of the arguments that they take.

Calling an address with arguments of the wrong type would corrupt memory. With the types at hand,
the compiler compares them with those of each call.
"""

import hashlib
from collections.abc import Callable
from functools import cache
from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import (
    NativeValue,
    models,
    register_model,
    unbox,
)

from swarmhydra.kernels.compiled.machinery.compiler import compiled_callback


class AddressType(types.Type):
    """Numba's type for the address of a function that takes arguments of some types."""

    def __init__(self, arguments: tuple[Any, ...]) -> None:
        self.arguments = arguments
        # In full the names of the types would be part of the names of all callers.
        digest = hashlib.blake2b(repr(arguments).encode(), digest_size=8).hexdigest()
        super().__init__(name=f"Address<{digest}>")


class Address:
    """Where a compiled function is."""

    def __init__(self, function: Callable[..., None], arguments: tuple[Any, ...]) -> None:
        self.type = AddressType(arguments)
        # An address alone does not keep the code in memory.
        self._compiled = compiled_callback(function, arguments)
        self.value: Any = self._compiled.address


@register_model(AddressType)
class _AddressModel(models.PrimitiveModel):
    """An address is a whole number."""

    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, ir.IntType(64))


@unbox(AddressType)
def _unboxed(_kind: Any, address: Any, c: Any) -> Any:
    """An address from Python as a whole number."""
    value = c.pyapi.object_getattr_string(address, "value")
    number = c.unbox(types.intp, value)
    c.pyapi.decref(value)
    return NativeValue(number.value, is_error=number.is_error)


@cache
def compiled_once(function: Callable[..., None], arguments: tuple[Any, ...]) -> Address:
    """The address of a function compiled for arguments of some numba types."""
    return Address(function, arguments)


def call_at_number(builder: Any, address: Any, values: list[Any]) -> None:
    """Generate the call of a function without a result."""
    kind = ir.FunctionType(ir.VoidType(), [value.type for value in values])
    builder.call(builder.inttoptr(address, kind.as_pointer()), values)
