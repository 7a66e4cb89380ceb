"""The counter of the processor: a clock cheap enough to be read between the stages of a step.

It has to run at a constant rate whatever the frequency of the processor, and alike on all cores, as
the time stamp counter of x86 processors (since about 2008) and the virtual counter of Arm do.
"""

import platform
import time
from typing import Any

import numba
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from swarmhydra.kernels.compiled.machinery.compiler import compiled_entry

# On Arm only the operating system may read the cycle counter; the steady one is open to all.
_COUNTER = "readsteadycounter" if platform.machine() == "aarch64" else "readcyclecounter"


@intrinsic
def _read_counter(_context: Any) -> Any:
    """The counter of the processor."""

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
"""The counter now; nanoseconds if the kernels run as plain Python."""


class Ruler:
    """Measures the seconds per tick over its own lifetime."""

    def __init__(self) -> None:
        # The first call compiles, and would make the first reading late.
        ticks()
        self._start = (time.perf_counter(), ticks())

    def seconds_per_tick(self) -> float:
        """Wall time per tick since the start (s)."""
        return (time.perf_counter() - self._start[0]) / max(ticks() - self._start[1], 1)
