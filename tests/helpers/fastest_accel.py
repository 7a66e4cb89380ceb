"""What to test whole runs with that any backend would do for; the tests run without numba too."""

from importlib.util import find_spec

COMPILED = find_spec("numba") is not None

FASTEST_ACCEL = "jit" if COMPILED else "numpy"
"""In NumPy a run takes up to ten times as long."""
