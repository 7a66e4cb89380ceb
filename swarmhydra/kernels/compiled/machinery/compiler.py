"""The options with which kernels are compiled, one decorator for each kind of kernel."""

from collections.abc import Callable
from typing import Any, TypeVar

import numba
from numba.core.ccallback import CFunc

from swarmhydra.kernels.compiled.machinery import kernel_cache

Function = TypeVar("Function", bound=Callable[..., Any])

# "numpy": a division by zero gives inf; needed for loops with divisions to be vectorised.
_ERROR_MODEL = "numpy"
_OPTIONS: dict[str, Any] = {
    "error_model": _ERROR_MODEL,
    "nogil": True,
    "no_cfunc_wrapper": True,
}


def _njit(stored: bool = False, **options: Any) -> Callable[[Function], Function]:
    """`numba.njit`, which stores what Python calls; helpers are stored as part of their callers."""

    def compile_later(function: Function) -> Function:
        compiled = numba.njit(**_OPTIONS, **options)(function)
        if stored and not numba.config.DISABLE_JIT:
            kernel_cache.store(compiled, function)
        return compiled

    return compile_later


# The way in from Python unpacks tuples of arrays; it takes a fifth of the time to compile.
compiled = _njit(no_cpython_wrapper=True)
"""For a kernel, or a helper of one, that only kernels call: a call from Python would crash."""

# A call passes some hundred numbers, as every array of a tuple is several.
compiled_inline = _njit(no_cpython_wrapper=True, forceinline=True)
"""For a helper that the compiler puts into the kernels that call it."""

compiled_part = _njit(no_cpython_wrapper=True, inline="always")
"""For one that numba puts into its only caller, before either is compiled."""

compiled_entry = _njit(stored=True, forceinline=True)
"""For one that Python calls too."""

# Sums in any order: only so do loops that add up vectorise. Still the same on every run.
compiled_sum = _njit(forceinline=True, fastmath={"reassoc", "nsz"})
"""For a kernel that adds up over electrons."""

compiled_parallel = _njit(stored=True, parallel=True)
"""For the loop over workers."""


def compiled_callback(function: Callable[..., None], arguments: tuple[Any, ...]) -> CFunc:
    """A function compiled for arguments of some numba types, to be called at its address."""
    signature = (arguments, numba.types.void)
    callback = CFunc(function, signature, locals={}, options={"error_model": _ERROR_MODEL})
    kernel_cache.store(callback, function)
    callback.compile()
    return callback
