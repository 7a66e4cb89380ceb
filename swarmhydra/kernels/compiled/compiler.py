"""How kernels are compiled: the one place for the compiler's options."""

from typing import Any

from numba import njit

# "numpy": a division by zero gives inf; only so do loops that divide vectorise.
_OPTIONS: dict[str, Any] = {"cache": True, "error_model": "numpy", "nogil": True}

compiled = njit(**_OPTIONS)
"""For a kernel, or a helper of one."""

# Sums in any order: only so do loops that add up vectorise. Still the same on every run.
compiled_sum = njit(fastmath={"reassoc", "nsz"}, **_OPTIONS)
"""For a kernel that adds up over electrons."""

compiled_parallel = njit(parallel=True, **_OPTIONS)
"""For the loop over sub-swarms."""
