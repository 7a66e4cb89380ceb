"""Opening a sweep of many jobs, and what running jobs side by side gains."""

import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

JOBS = 200
EQUAL_JOBS = 8

OPEN = """
import json, sys, time
import swarmhydra, swarmhydra.sweeps.opening
from swarmhydra.run.memory import peak_memory
started = time.process_time()
tree = swarmhydra.open_sweep(sys.argv[1])
seconds = time.process_time() - started
assert tree.sizes["job"] == int(sys.argv[2])
print(json.dumps({"cpu_seconds": seconds, "peak_rss": peak_memory()}))
"""

LENGTH = (
    "sim.stop.rel_error.mean_energy=null",
    "sim.stop.rel_error.drift_velocity_flux=null",
    "sim.stop.real_collisions=1e6",
)
"""The same work for every job."""


def run(*arguments: str) -> float:
    """Run the command line; return the seconds it took by the clock."""
    started = time.perf_counter()
    command = [sys.executable, "-m", "swarmhydra", *arguments]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


class Opening:
    """Opening a sweep of 200 jobs, in a fresh process."""

    timeout = 900.0

    def setup_cache(self) -> dict[str, float]:
        """Run one short job, copy its result, and open the copies."""
        folder = Path.cwd() / "sweep"
        run("sim=quick", "accel=jit", f"hydra.run.dir={folder / '0'}")
        for number in range(1, JOBS):
            shutil.copytree(folder / "0", folder / str(number))
        command = [sys.executable, "-c", OPEN, str(folder), str(JOBS)]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        answer: dict[str, float] = json.loads(done.stdout)
        return answer

    def track_cpu_seconds(self, answer: dict[str, float]) -> float:
        """Processor time (s)."""
        return answer["cpu_seconds"]

    def track_peak_rss(self, answer: dict[str, float]) -> float:
        """Largest memory of the process (bytes)."""
        return answer["peak_rss"]

    track_cpu_seconds.unit = "s"  # type: ignore[attr-defined]
    track_peak_rss.unit = "byte"  # type: ignore[attr-defined]


def track_side_by_side() -> float:
    """Wall time of eight equal NumPy jobs side by side over one after the other."""
    # NumPy uses one core, so that running side by side is all there is to gain.
    seeds = ",".join(str(seed) for seed in range(EQUAL_JOBS))
    common = ("-m", "accel=numpy", "sim=quick", *LENGTH, f"sim.seed={seeds}")
    with tempfile.TemporaryDirectory() as folder:
        seconds = {
            name: run(*common, f"hydra/launcher={name}", f"hydra.sweep.dir={folder}/{name}")
            for name in ("basic", "joblib")
        }
    return seconds["joblib"] / seconds["basic"]


track_side_by_side.unit = "1"  # type: ignore[attr-defined]
track_side_by_side.timeout = 1800.0  # type: ignore[attr-defined]
