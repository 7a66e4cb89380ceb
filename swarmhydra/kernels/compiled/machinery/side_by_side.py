"""Workers that do one job together, each on a thread of its own.

The one parallel loop knows neither the job nor its arguments, only where both are: numba compiles
what such a loop names four times over.
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
    job: Callable[[Any], None], example: tuple[Any, ...]
) -> Callable[[tuple[Any, ...], int], None]:
    """Compile a job for arguments like those of an example.

    Parameters
    ----------
    job : callable
        It calls `unpack` with what it gets. All workers get the same and share out the work among
        themselves, as by a `queue`.
    example : tuple
        Arguments of the job.

    Returns
    -------
    callable
        Lets some workers do the job, until the last has returned; takes the arguments and the
        number of workers. It raises a `TypeError` where the arguments cannot be turned into those
        that the job was compiled for.
    """
    if numba.config.DISABLE_JIT:
        return lambda arguments, workers: enter(job, arguments, workers)
    together = numba.typeof(example)
    address = compiled_once(job, (types.CPointer(together),))
    # Numba's dispatch from Python would look up the types of all arguments again at each call.
    way_in = enter.compile((address.type, together, types.int64))
    return lambda arguments, workers: way_in(address, arguments, workers)


@compiled_entry
def enter(job: Any, arguments: tuple[Any, ...], workers: int) -> None:
    """Let some workers do the job at an address."""
    _share_out(_without_type(job), _pack(job, arguments), workers)


@compiled_parallel
def _share_out(job: Any, packed: Any, workers: int) -> None:
    """Let some workers do a job with the arguments at an address."""
    for _ in prange(workers):
        _call_packed(job, packed)


@intrinsic
def _number(_context: Any, job: Any) -> Any:
    """The address of a job as a whole number, which a parallel loop can be handed."""
    return types.intp(job), lambda _context, _builder, _signature, values: values[0]


@intrinsic
def _pack_there(_context: Any, job: Any, arguments: Any) -> Any:
    """Where a tuple is, for as long as the function that asks has not returned."""
    if job.arguments != (types.CPointer(arguments),):
        raise NumbaTypeError(f"arguments of a job: {arguments}, expected {job.arguments[0].dtype}")

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        kind = signature.args[1]
        place = cgutils.alloca_once(builder, context.get_data_type(kind))
        context.pack_value(builder, kind, values[1], place)
        return builder.ptrtoint(place, ir.IntType(64))

    return types.intp(job, arguments), generate


@intrinsic
def _call_with_pointer(_context: Any, job: Any, packed: Any) -> Any:
    """Call the function at an address with a pointer; `_pack_there` has compared their types."""

    def generate(context: Any, builder: Any, _signature: Any, values: Any) -> Any:
        pointer = builder.inttoptr(values[1], ir.IntType(8).as_pointer())
        call_at_number(builder, values[0], [pointer])
        return context.get_dummy_value()

    return types.void(job, packed), generate


@intrinsic
def _unpack_there(_context: Any, pointer: Any) -> Any:
    """The tuple that a pointer points to."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        kind = signature.return_type
        value = context.unpack_value(builder, kind, values[0])
        return _not_counted(context, builder, kind, value)

    return pointer.dtype(pointer), generate


def _not_counted(context: Any, builder: Any, kind: Any, value: Any) -> Any:
    """A value in which no array has an owner.

    Owners count who uses an array, and threads would wait for each other to count. These arrays
    outlive the job anyway.
    """
    if isinstance(kind, types.Array):
        array = context.make_array(kind)(context, builder, value)
        array.meminfo = cgutils.get_null_value(array.meminfo.type)
        return array._getvalue()
    if isinstance(kind, types.BaseTuple):
        for i, part in enumerate(kind.types):
            counted = builder.extract_value(value, i)
            free = _not_counted(context, builder, part, counted)
            value = builder.insert_value(value, free, i)
    return value


def _itself(job: Any) -> Any:
    """A job as it is."""
    return job


def _arguments(_job: Any, arguments: tuple[Any, ...]) -> tuple[Any, ...]:
    """The arguments as they are."""
    return arguments


def _call(job: Any, packed: Any) -> None:
    """Call a job."""
    job(packed)


_without_type = _itself if numba.config.DISABLE_JIT else _number
_pack = _arguments if numba.config.DISABLE_JIT else _pack_there
_call_packed = _call if numba.config.DISABLE_JIT else _call_with_pointer
unpack = _itself if numba.config.DISABLE_JIT else _unpack_there
"""Turn what a job is called with into its arguments."""
