"""Functions that a kernel is given as arguments, and calls at their address.

A kernel contains what it calls by name. A function that is called at its address is compiled apart
from its callers, and only where it is needed. Arguments of the wrong type would corrupt memory: the
address carries the types for which the function was compiled, and the compiler compares them with
those of each call.
"""

import hashlib
from collections.abc import Callable
from functools import cache
from typing import Any

import numba
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.errors import NumbaTypeError
from numba.extending import (
    NativeValue,
    intrinsic,
    models,
    register_model,
    typeof_impl,
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


@typeof_impl.register(Address)
def _type_of(address: Address, _context: Any) -> AddressType:
    """The type of an address, for numba."""
    return address.type


@unbox(AddressType)
def _unboxed(_kind: Any, address: Any, c: Any) -> Any:
    """An address from Python as a whole number."""
    value = c.pyapi.object_getattr_string(address, "value")
    number = c.unbox(types.intp, value)
    c.pyapi.decref(value)
    return NativeValue(number.value, is_error=number.is_error)


def address_of(function: Callable[..., None], example: tuple[Any, ...]) -> Any:
    """The address of a function compiled for arguments of the types of an example.

    Without a compiler it is the function itself.
    """
    if numba.config.DISABLE_JIT:
        return function
    return compiled_once(function, tuple(map(numba.typeof, example)))


@cache
def compiled_once(function: Callable[..., None], arguments: tuple[Any, ...]) -> Address:
    """The address of a function compiled for arguments of some numba types."""
    return Address(function, arguments)


@intrinsic
def _call_at(_context: Any, address: Any, arguments: Any) -> Any:
    """Call the function at an address with arguments of exactly the types it was compiled for."""
    if arguments.types != address.arguments:
        raise NumbaTypeError(
            f"call by address: {arguments.types}, expected {address.arguments}, "
            "for which the function was compiled"
        )

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        call_at_number(builder, values[0], cgutils.unpack_tuple(builder, values[1]))
        return context.get_dummy_value()

    return types.void(address, arguments), generate


def call_at_number(builder: Any, address: Any, values: list[Any]) -> None:
    """Generate the call of a function without a result."""
    kind = ir.FunctionType(ir.VoidType(), [value.type for value in values])
    builder.call(builder.inttoptr(address, kind.as_pointer()), values)


def _call(function: Callable[..., None], arguments: tuple[Any, ...]) -> None:
    """Call a function."""
    function(*arguments)


call = _call if numba.config.DISABLE_JIT else _call_at
"""Call the function at an address with a tuple of arguments."""
