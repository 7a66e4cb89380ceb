"""The processor's counter: the only clock cheap enough to read between the stages of a step."""

import platform
import time
from typing import Any

import numba
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from swarmhydra.kernels.compiled.machinery.compiler import compiled_entry

# On Arm the cycle counter is the kernel's own; the steady one may be read by anybody.
_COUNTER = "readsteadycounter" if platform.machine() == "aarch64" else "readcyclecounter"


@intrinsic
def _read_counter(_context: Any) -> Any:
    """Ticks of the processor's counter."""

    def generate(_: Any, builder: Any, __: Any, ___: Any) -> Any:
        kind = ir.FunctionType(ir.IntType(64), [])
        read = cgutils.get_or_insert_function(builder.module, kind, f"llvm.{_COUNTER}")
        return builder.call(read, [])

    return types.int64(), generate


@compiled_entry
def _compiled_ticks() -> int:
    """The counter now."""
    return _read_counter()


ticks = time.perf_counter_ns if numba.config.DISABLE_JIT else _compiled_ticks
"""The counter now; nanoseconds where the kernels run as plain Python."""


class Ruler:
    """Seconds per tick, from the time since it was made."""

    def __init__(self) -> None:
        # The first call compiles, which is no time between two readings.
        ticks()
        self._start = (time.perf_counter(), ticks())

    def seconds_per_tick(self) -> float:
        """Wall time over ticks since the start."""
        return (time.perf_counter() - self._start[0]) / max(ticks() - self._start[1], 1)
