"""Start-up and memory, in fresh processes."""

import sys
import tempfile

from benchmarks import in_child, stepping
from benchmarks.stepping import ACCELS, SIZES

WHERE = stepping.conditions(100.0, 0.0)


class FirstSteps:
    """Processor time from the start of Python, with compiled kernels, to the first steps."""

    params = ACCELS
    param_names = ("accel",)
    timeout = 600.0
    number_of_starts = 3

    def setup(self, accel: str) -> None:
        """Compile what is not compiled yet."""
        in_child.ask("first_step", [*WHERE, "sim=small", f"accel={accel}"])

    def track_cpu_seconds(self, accel: str) -> float:
        """Least of several starts (s)."""
        overrides = [*WHERE, "sim=small", f"accel={accel}"]
        starts = range(self.number_of_starts)
        return min(in_child.ask("first_step", overrides)["cpu_seconds"] for _ in starts)

    track_cpu_seconds.unit = "s"  # type: ignore[attr-defined]


def track_cold_start() -> float:
    """Processor time to the first steps with an empty cache of kernels (s)."""
    with tempfile.TemporaryDirectory() as folder:
        overrides = [*WHERE, "sim=small", "accel=jit_lut"]
        answer = in_child.ask("first_step", overrides, {"NUMBA_CACHE_DIR": folder})
    return answer["cpu_seconds"]


def track_help() -> float:
    """Processor time of ``python -m swarmhydra --help``, least of three (s)."""
    command = [sys.executable, "-m", "swarmhydra", "--help"]
    return min(in_child.cpu_seconds(command) for _ in range(3))


track_cold_start.unit = track_help.unit = "s"  # type: ignore[attr-defined]
track_cold_start.timeout = 600.0  # type: ignore[attr-defined]


class Memory:
    """Largest memory of a run that is as short as can be."""

    params = SIZES
    param_names = ("size",)
    timeout = 600.0

    def track_peak_rss(self, size: str) -> float:
        """With `jit_lut` (bytes)."""
        return in_child.ask("whole_run", [*WHERE, f"sim={size}", "accel=jit_lut"])["peak_rss"]

    track_peak_rss.unit = "byte"  # type: ignore[attr-defined]
