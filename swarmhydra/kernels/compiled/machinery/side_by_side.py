"""Several threads that work on one task.

The parallel loop receives only two pointers, to the function and to its arguments: numba compiles
the body of a parallel loop several times, with all that it contains.
"""

from collections.abc import Callable
from typing import Any

import numba
from llvmlite import ir
from numba import prange, types
from numba.core import cgutils
from numba.core.errors import NumbaTypeError
from numba.extending import intrinsic

from swarmhydra.kernels.compiled.machinery.by_address import call_at_number, compiled_once
from swarmhydra.kernels.compiled.machinery.compiler import compiled_entry, compiled_parallel


def side_by_side(
    task: Callable[[Any], None], example: tuple[Any, ...]
) -> Callable[[tuple[Any, ...], int], None]:
    """Compile a function that several threads run at the same time.

    Parameters
    ----------
    task : callable
        A function of a pointer to its arguments, which `unpack` turns into the arguments. All
        threads get the same, and divide the task among themselves, for instance by a `queue`.
    example : tuple
        Arguments of the types for which the function is compiled.

    Returns
    -------
    callable
        A function of the arguments and the number of threads, which returns when all threads have
        completed the task. It raises a `TypeError` if the arguments cannot be converted to the
        types of the example.
    """
    if numba.config.DISABLE_JIT:
        return lambda arguments, threads: enter(task, arguments, threads)
    together = numba.typeof(example)
    address = compiled_once(task, (types.CPointer(together),))
    # Called without numba's dispatcher, which determines the types of all arguments at each call,
    # and would compile for other types.
    way_in = enter.compile((address.type, together, types.int64))
    return lambda arguments, threads: way_in(address, arguments, threads)


@compiled_entry
def enter(task: Any, arguments: tuple[Any, ...], threads: int) -> None:
    """Run the task at an address on several threads."""
    _share_out(_without_type(task), _pack(task, arguments), threads)


@compiled_parallel
def _share_out(task: Any, packed: Any, threads: int) -> None:
    """Run the task at an address, with the arguments at an address, on several threads."""
    for _ in prange(threads):
        _call_packed(task, packed)


@intrinsic
def _number(_context: Any, task: Any) -> Any:
    """The address of a task as an integer, which numba can pass to a parallel loop."""
    return types.intp(task), lambda _context, _builder, _signature, values: values[0]


@intrinsic
def _pack_there(_context: Any, task: Any, arguments: Any) -> Any:
    """Address of a copy of a tuple, valid until the calling function returns."""
    if task.arguments != (types.CPointer(arguments),):
        raise NumbaTypeError(
            f"arguments of a task: {arguments}, expected {task.arguments[0].dtype}"
        )

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        kind = signature.args[1]
        place = cgutils.alloca_once(builder, context.get_data_type(kind))
        context.pack_value(builder, kind, values[1], place)
        return builder.ptrtoint(place, ir.IntType(64))

    return types.intp(task, arguments), generate


@intrinsic
def _call_with_pointer(_context: Any, task: Any, packed: Any) -> Any:
    """Call the task at an address with a pointer, whose types `_pack_there` has compared."""

    def generate(context: Any, builder: Any, _signature: Any, values: Any) -> Any:
        pointer = builder.inttoptr(values[1], ir.IntType(8).as_pointer())
        call_at_number(builder, values[0], [pointer])
        return context.get_dummy_value()

    return types.void(task, packed), generate


@intrinsic
def _unpack_there(_context: Any, pointer: Any) -> Any:
    """The tuple to which a pointer points."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        kind = signature.return_type
        value = context.unpack_value(builder, kind, values[0])
        return _not_counted(context, builder, kind, value)

    return pointer.dtype(pointer), generate


def _not_counted(context: Any, builder: Any, kind: Any, value: Any) -> Any:
    """A value of which no array has a reference count.

    All threads would write to the counts, and wait for each other to do so. The arrays exist longer
    than the task anyway, since the caller holds them.
    """
    if isinstance(kind, types.Array):
        array = context.make_array(kind)(context, builder, value)
        array.meminfo = cgutils.get_null_value(array.meminfo.type)
        return array._getvalue()
    if isinstance(kind, types.BaseTuple):
        for i, part in enumerate(kind.types):
            element = builder.extract_value(value, i)
            free = _not_counted(context, builder, part, element)
            value = builder.insert_value(value, free, i)
    return value


def _itself(task: Any) -> Any:
    """The task itself."""
    return task


def _arguments(_task: Any, arguments: tuple[Any, ...]) -> tuple[Any, ...]:
    """The arguments themselves."""
    return arguments


def _call(task: Any, packed: Any) -> None:
    """Call a task."""
    task(packed)


_without_type = _itself if numba.config.DISABLE_JIT else _number
_pack = _arguments if numba.config.DISABLE_JIT else _pack_there
_call_packed = _call if numba.config.DISABLE_JIT else _call_with_pointer
unpack = _itself if numba.config.DISABLE_JIT else _unpack_there
"""Turn the argument of a task into its arguments."""
