"""Many processes: what a mixture of 300 costs beside argon, and how long a large file is read."""

import copy
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.stepping import ACCELS, FIELDS, FLIGHTS, Case, configured
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
POINTS = 60
"""Of each table."""

TEMPERATURES = (0.0, 300.0)
SAMPLES = 7


class Reading:
    """A file of 2000 processes in the format of LXCat."""

    def setup(self) -> None:
        """Write the file."""
        self.path = Path("large.txt")
        self.path.write_text(text_of(made_up(LARGE_FILE, POINTS), "made up"))

    def track_cpu_seconds(self) -> float:
        """Processor time to read it, least of three (s)."""
        return min(reading_seconds(self.path) for _ in range(3))

    track_cpu_seconds.unit = "s"  # type: ignore[attr-defined]


def reading_seconds(path: Path) -> float:
    """Processor time to read a file (s)."""
    started = time.process_time()
    read = files.read(path)
    seconds = time.process_time() - started
    assert len(read.tables) == LARGE_FILE
    return seconds


class Mixture:
    """A mixture of ten molecules with 300 processes beside argon, one thread, timed in turn."""

    params = (FIELDS, TEMPERATURES, ACCELS)
    param_names = ("en", "temperature", "accel")
    timeout = 900.0

    def setup(self, en: float, temperature: float, accel: str) -> None:
        """Relax both swarms and take their samples."""
        where = (f"sim.en={en}", f"sim.temperature={temperature}", "accel.threads=1")
        self.argon = case("gas=argon", *where, accel=accel)
        self.mixture = case(*mixture(Path("mixture.txt").resolve()), *where, accel=accel)
        for _ in range(SAMPLES):
            self.argon.time()
            self.mixture.time()

    def track_rate_over_argon(self, *_: Any) -> float:
        """Trials per second of processor time over those in argon."""
        return self.mixture.gain_over(self.argon, "trials", "cpu_seconds")

    track_rate_over_argon.unit = "1"  # type: ignore[attr-defined]


def mixture(path: Path) -> list[str]:
    """Write the cross sections of the mixture; the overrides that choose it."""
    path.write_text(text_of(made_up(PROCESSES, POINTS), "made up"))
    names = [f"M{s}" for s in range(SPECIES)]
    return [
        "gas=lxcat",
        f"gas.files=[{path}]",
        f"gas.species=[{','.join(names)}]",
        f"gas.fractions={[1.0 / SPECIES] * SPECIES}",
    ]


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


def case(*overrides: str, accel: str) -> Case:
    """A relaxed swarm in a backend, ready to be timed."""
    relaxed, flight_time = relaxed_swarm(*overrides)
    config = configured(*overrides, "sim=medium", f"accel={accel}")
    ensemble = Ensemble(config)
    ensemble.swarm = copy.deepcopy(relaxed.swarm)
    # The majorant bands are fitted to the speeds that the sums show.
    ensemble.tallies.speed[0, :, 0] = relaxed.time_in_cell
    ensemble.remember(2)
    windows = 1 if config.accel.backend is Backend.numpy else 4
    timed = Case(config, ensemble, FLIGHTS / 4.0 * flight_time, windows)
    timed.time()
    timed.samples.clear()
    return timed


def relaxed_swarm(*overrides: str) -> tuple[Ensemble, float]:
    """A relaxed swarm and its flight time (s), by compiled kernels: NumPy takes too long."""
    simulation = Simulation(configured(*overrides, "sim=medium", "accel=jit"))
    while not isinstance(simulation.stage, Calibration):
        simulation.step()
    return simulation.ensemble, simulation.stage.flight_time
