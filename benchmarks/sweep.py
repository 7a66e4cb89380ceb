"""Time and memory that it takes to open a sweep, and what running its jobs side by side gains.

`python -m benchmarks.sweep open [--jobs 200]` runs one short job, copies its result, and opens the
copies in a fresh process. `python -m benchmarks.sweep launchers [--jobs 8]` runs equal jobs one
after the other and side by side.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

OPEN = """
import sys, time
import swarmhydra
import swarmhydra.sweeps.opening
from swarmhydra.run.memory import peak_memory
started, worked = time.perf_counter(), time.process_time()
tree = swarmhydra.open_sweep(sys.argv[1])
wall, cpu = time.perf_counter() - started, time.process_time() - worked
peak = peak_memory() / 2**20
print(f"{tree.sizes['job']} jobs: {wall:.1f} s, {cpu:.1f} s CPU, {peak:.0f} MB, "
      f"{tree['time_series'].sizes['sample']} samples, {tree.nbytes / 2**20:.0f} MB of data")
"""


LENGTH = (
    "sim.stop.rel_error.mean_energy=null",
    "sim.stop.rel_error.drift_velocity_flux=null",
    "sim.stop.real_collisions=1e6",
)
"""The same work for every job."""


def _swarmhydra(*arguments: str) -> float:
    """Run the command line; return the seconds it took."""
    started = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "swarmhydra", *arguments], check=True, stdout=subprocess.DEVNULL
    )
    return time.perf_counter() - started


def opening(folder: Path, jobs: int) -> None:
    """Open a sweep of so many jobs."""
    _swarmhydra("sim=quick", "accel=jit", f"hydra.run.dir={folder / '0'}")
    for number in range(1, jobs):
        shutil.copytree(folder / "0", folder / str(number))
    subprocess.run([sys.executable, "-c", OPEN, str(folder)], check=True)


def launchers(folder: Path, jobs: int) -> None:
    """Run equal jobs one after the other, and side by side."""
    seeds = ",".join(str(seed) for seed in range(jobs))
    # NumPy uses one core, so that running side by side is all there is to gain.
    common = ("-m", "accel=numpy", "sim=quick", *LENGTH, f"sim.seed={seeds}")
    seconds = {
        name: _swarmhydra(*common, f"hydra/launcher={name}", f"hydra.sweep.dir={folder / name}")
        for name in ("basic", "joblib")
    }
    ratio = seconds["joblib"] / seconds["basic"]
    print(f"{jobs} jobs: {seconds}, joblib / basic = {ratio:.2f}")


def main() -> None:
    """Run one of the two."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("open", "launchers"))
    parser.add_argument("--jobs", type=int)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if asked.what == "open":
            opening(Path(folder), asked.jobs or 200)
        else:
            launchers(Path(folder), asked.jobs or 8)


if __name__ == "__main__":
    main()
