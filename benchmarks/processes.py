"""Many processes: what a mixture of 300 costs beside argon, and how long a large file is read.

Usage: ``python -m benchmarks.processes [--quick] [--output FOLDER]``
"""

import argparse
import copy
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import xarray as xr

from benchmarks import report
from benchmarks.stepping import FIELDS, FLIGHTS, Case, configured
from swarmhydra.config import Backend
from swarmhydra.gas import files
from swarmhydra.gas.lxcat_writing import text_of
from swarmhydra.gas.processes import Kind, Process
from swarmhydra.run.simulation import Simulation
from swarmhydra.run.stages import Calibration
from swarmhydra.swarm.ensemble import Ensemble

SPECIES = 10
PROCESSES = 300
LARGE_FILE = 2000
TEMPERATURES = (0.0, 300.0)
ACCELS = ("numpy", "jit", "jit_lut")
ARGON, MIXTURE = "argon", "mixture"


def main() -> None:
    """Measure, print, write the file."""
    options = _options()
    with tempfile.TemporaryDirectory() as folder:
        large = reading(Path(folder) / "large.txt")
        rates = stepping_rates(Path(folder) / "mixture.txt", 5 if options.quick else 15)
    data = xr.merge([large, rates]).assign_attrs(report.attributes(quick=int(options.quick)))
    report.write(data, options.output, "processes")


def _options() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.processes", description=__doc__)
    parser.add_argument("--output", type=Path, default=report.DEFAULT_FOLDER, help="folder")
    parser.add_argument("--quick", action="store_true", help="fewer samples")
    return parser.parse_args()


def made_up(count: int, points: int, seed: int = 0) -> Iterator[Process]:
    """Processes of made-up molecules, all alike within a factor of ten.

    Parameters
    ----------
    count : int
        Processes, spread evenly over `SPECIES` molecules.
    points : int
        Of each table.
    seed : int, optional
        Of the random numbers.
    """
    rng = np.random.default_rng(seed)
    for s in range(SPECIES):
        name, ratio = f"M{s}", float(5.5e-4 / rng.uniform(4.0, 130.0))
        energy = np.concatenate([[0.0], np.geomspace(1e-2, 1e3, points - 1)])
        sigma = 1e-19 * rng.uniform(0.5, 1.5) / (1.0 + energy / 10.0)
        yield Process(Kind.ELASTIC, f"{name} elastic", name, 0.0, ratio, energy, sigma)
        for threshold in np.sort(rng.uniform(0.05, 20.0, count // SPECIES - 1)):
            above = np.concatenate([[0.0], np.geomspace(1e-2, 1e3, points - 1)])
            sigma = rng.uniform(0.2, 2.0) * 1e-21 * above / (above + 2.0) / (1.0 + above / 30.0)
            kind = Kind.IONIZATION if threshold > 17.0 else Kind.EXCITATION
            label = f"{name} -> {name}({threshold:.4f})"
            grid = threshold + above
            yield Process(kind, label, name, float(threshold), ratio, grid, sigma)


def reading(path: Path) -> xr.Dataset:
    """Processor time to read a large file.

    Parameters
    ----------
    path : Path
        Where to write it.
    """
    path.write_text(text_of(made_up(LARGE_FILE, 60), "made up"))
    seconds = []
    for _ in range(3):
        started = time.process_time()
        read = files.read(path)
        seconds.append(time.process_time() - started)
    megabytes = path.stat().st_size / 1e6
    row = [len(read.tables), megabytes, min(seconds)]
    report.table("Reading a file", ("processes", "MB", "seconds"), [row])
    return xr.Dataset(
        {
            "read_cpu_seconds": ((), min(seconds), {"units": "s"}),
            "read_size": ((), megabytes, {"units": "MB"}),
        }
    )


def stepping_rates(path: Path, samples: int) -> xr.Dataset:
    """Trials per second of processor time, of argon and of a mixture, in turn.

    Parameters
    ----------
    path : Path
        Where to write the cross sections of the mixture.
    samples : int
        Of each.
    """
    path.write_text(text_of(made_up(PROCESSES, 60), "made up"))
    names = [f"M{s}" for s in range(SPECIES)]
    shares = [1.0 / SPECIES] * SPECIES
    gases = {
        ARGON: ["gas=argon"],
        MIXTURE: [
            "gas=lxcat",
            f"gas.files=[{path}]",
            f"gas.species=[{','.join(names)}]",
            f"gas.fractions={shares}",
        ],
    }
    axes = (FIELDS, TEMPERATURES, ACCELS)
    ratio = np.empty([len(axis) for axis in axes])
    rows = []
    for i, en in enumerate(FIELDS):
        for j, temperature in enumerate(TEMPERATURES):
            where = [f"sim.en={en}", f"sim.temperature={temperature}", "accel.threads=1"]
            relaxed = {name: _relaxed(*gas, *where) for name, gas in gases.items()}
            for k, accel in enumerate(ACCELS):
                cases = {
                    name: _case(*relaxed[name], *gas, *where, f"accel={accel}")
                    for name, gas in gases.items()
                }
                for _ in range(samples):
                    for case in cases.values():
                        case.time()
                rate = {n: case.median("trials", "cpu_seconds") for n, case in cases.items()}
                ratio[i, j, k] = rate[MIXTURE] / rate[ARGON]
                both = [1e-6 * each for each in rate.values()]
                rows.append([en, temperature, accel, *both, ratio[i, j, k]])
    header = ("E/N (Td)", "T (K)", "accel", "argon Mtrials/s", f"{PROCESSES} processes", "ratio")
    report.table("Trials per second of processor time, one thread, medians", header, rows)
    coordinates = dict(zip(("en", "temperature", "accel"), axes, strict=True))
    values = (list(coordinates), ratio, {"units": "1"})
    coords = {name: (name, list(axis)) for name, axis in coordinates.items()}
    return xr.Dataset({"trial_rate_over_argon": values}, coords=coords)


def _relaxed(*overrides: str) -> tuple[Ensemble, float]:
    """A relaxed swarm and its flight time, by compiled kernels: NumPy takes too long."""
    simulation = Simulation(configured(*overrides, "sim=medium", "accel=jit"))
    while not isinstance(simulation.stage, Calibration):
        simulation.step()
    return simulation.ensemble, simulation.stage.flight_time


def _case(relaxed: Ensemble, flight_time: float, *overrides: str) -> Case:
    """The same swarm in a backend, ready to be timed."""
    config = configured(*overrides, "sim=medium")
    ensemble = Ensemble(config)
    ensemble.swarm = copy.deepcopy(relaxed.swarm)
    # The majorant bands are fitted to the speeds that the sums show.
    ensemble.tallies.speed[0, :, 0] = relaxed.time_in_cell
    ensemble.remember(2)
    windows = 1 if config.accel.backend is Backend.numpy else 4
    case = Case(config, ensemble, FLIGHTS / 4.0 * flight_time, windows)
    case.time()
    case.samples.clear()
    return case


if __name__ == "__main__":
    main()
