"""The same Boltzmann equation by boltzpmp and by swarmhydra: argon, 1 to 1000 Td, side by side.

Usage: ``python -m benchmarks.boltzmann [--quick] [--output FOLDER]``

boltzpmp 0.6.0 (MIT), a propagator method in Rust, is installed from PyPI into an environment of its
own, in a cache folder, and run there as another program.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from time import process_time

import numpy as np
import xarray as xr

from benchmarks import report, stepping, study
from benchmarks.peer_environment import environment
from benchmarks.peer_program import write_lxcat
from swarmhydra.boltzmann.solve import Request, solve
from swarmhydra.kernels.quantities import HALF_MASS
from swarmhydra.run.solver_request import solver_request
from swarmhydra.swarm import from_config

REQUIREMENTS = ("boltzpmp==0.6.0", "numpy<3")
PEER_GRIDS = {"boltzpmp": (500, 90), "boltzpmp, fine": (2000, 180)}
"""Cells in energy, and angles, of the peer; the number of angles is its default one, and twice."""

OURS = {"basic": False, "everything": True}
"""What swarmhydra computes: what the peer does too, or bulk, diffusion and SST besides."""

FIELDS = (1.0, 10.0, 100.0, 1000.0)
QUANTITIES = ("mean_energy", "drift_velocity_flux", "ionization")
EXACT = 1e-6
"""Tolerance of the solution that the others are compared with."""

Answer = dict[str, float]


@dataclass(frozen=True)
class Exact:
    """The solution that the others are compared with, and the energy (eV) that its grid ends at."""

    values: Answer
    top: float


def measure(options: argparse.Namespace) -> xr.Dataset:
    """Measure, and print the table."""
    samples = 3 if options.quick else 9
    python = environment(sys.executable, REQUIREMENTS)
    with peer(python) as ask:
        points = [_point(ask, en, samples).expand_dims(en=[en]) for en in FIELDS]
    dataset = xr.concat(
        points,
        "en",
        data_vars="all",
        coords="minimal",
        compat="equals",
        join="exact",
        combine_attrs="override",
    )
    dataset["en"].attrs["units"] = "Td"
    _print(dataset)
    return dataset.assign_attrs(peer=REQUIREMENTS[0], gas="argon", temperature=300.0)


def _point(ask: Callable[[Answer], Answer], en: float, samples: int) -> xr.Dataset:
    """Medians of processor time, and deviations from a much finer solution, at one field."""
    report.say(f"solving at {en:g} Td")
    request = request_at(en)
    exact = _exact(request)
    programs: dict[str, Callable[[], Answer]] = {
        **{f"swarmhydra, {name}": _ours(request, spatial) for name, spatial in OURS.items()},
        **{name: _theirs(ask, en, exact.top, *grid) for name, grid in PEER_GRIDS.items()},
    }
    answers: dict[str, list[Answer]] = {name: [] for name in programs}
    for _ in range(samples):
        for name, program in programs.items():
            answers[name].append(program())
    seconds = [median(each["cpu_seconds"] for each in answers[name]) for name in programs]
    variables = {"cpu_seconds": ("program", seconds, {"units": "s"})}
    for quantity in QUANTITIES:
        deviation = [
            _deviation(each[-1][quantity], exact.values[quantity]) for each in answers.values()
        ]
        variables[f"{quantity}_deviation"] = ("program", deviation, {"units": "1"})
    return xr.Dataset(variables, {"program": list(programs)})


def _deviation(value: float, exact: float) -> float:
    """Relative; unknown where there is nothing to find."""
    return value / exact - 1.0 if exact else float("nan")


def request_at(en: float) -> Request:
    """What swarmhydra solves at a field (Td)."""
    config = stepping.configured("method=boltzmann", "gas=argon", f"sim.en={en}")
    medium = from_config.medium(config)
    return solver_request(medium, None, config.method.tolerance)


def _exact(request: Request) -> Exact:
    """The same to six digits."""
    solution = solve(replace(request, spatial=False, tolerance=EXACT))
    top = float(HALF_MASS * solution.swarm.sampling.spaces[0].edges[-1] ** 2)
    return Exact(_answer(solution.values, 0.0), top)


def _ours(request: Request, spatial: bool) -> Callable[[], Answer]:
    """A solution by swarmhydra."""

    def program() -> Answer:
        start = process_time()
        solution = solve(replace(request, spatial=spatial))
        return _answer(solution.values, process_time() - start)

    return program


def _answer(values: dict[str, np.ndarray], seconds: float) -> Answer:
    """What both programs tell."""
    return {
        "cpu_seconds": seconds,
        "mean_energy": float(values["mean_energy"]),
        "drift_velocity_flux": float(values["drift_velocity_flux"]),
        "ionization": float(values["effective_ionization_rate_coefficient"]),
    }


def _theirs(
    ask: Callable[[Answer], Answer], en: float, top: float, cells: int, angles: int
) -> Callable[[], Answer]:
    """A solution by the peer."""
    return lambda: ask({"en": en, "top": top, "cells": cells, "angles": angles})


@contextmanager
def peer(python: Path) -> Iterator[Callable[[Answer], Answer]]:
    """The peer in the same gas, as a function that answers orders."""
    config = stepping.configured("gas=argon")
    medium = from_config.medium(config)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "argon.txt"
        write_lxcat(medium.mixture, path)
        driver = Path(__file__).with_name("boltzmann_driver.py")
        conditions = [str(config.sim.temperature), repr(medium.number_density)]
        process = subprocess.Popen(
            [python, driver, path, *conditions],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "RAYON_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
        )
        assert process.stdin is not None
        assert process.stdout is not None
        orders, answers = process.stdin, process.stdout

        def ask(order: Answer) -> Answer:
            orders.write(json.dumps(order) + "\n")
            orders.flush()
            line = answers.readline()
            if not line:
                raise RuntimeError("boltzpmp ended before its time")
            answer: Answer = json.loads(line)
            return answer

        try:
            yield ask
        finally:
            # The end of its orders ends it.
            process.communicate("\n")


def _print(dataset: xr.Dataset) -> None:
    """The table, with ratios to the peer."""
    rows: list[list[str | float]] = []
    first_peer = next(iter(PEER_GRIDS))
    for en in dataset["en"].values:
        for name in dataset["program"].values:
            here = dataset.sel(en=en, program=name)
            ratio = here["cpu_seconds"] / dataset["cpu_seconds"].sel(en=en, program=first_peer)
            deviations = [float(here[f"{quantity}_deviation"]) for quantity in QUANTITIES]
            seconds = float(here["cpu_seconds"])
            rows.append([float(en), str(name), seconds, float(ratio), *deviations])
    header = ("E/N (Td)", "program", "CPU s", f"× {first_peer}")
    report.table(
        "Argon, 300 K: processor time of a solution, medians; deviations from one to six digits",
        (*header, "mean energy", "W flux", "ionization"),
        rows,
    )


if __name__ == "__main__":
    study.main("boltzmann", __doc__, measure)
