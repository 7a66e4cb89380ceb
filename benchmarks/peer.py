"""The same work by pyMETHES and by swarmhydra: argon, 1e4 electrons, one thread, side by side.

Usage: ``python -m benchmarks.peer [--quick] [--peer-python PYTHON] [--output FOLDER]``

pyMETHES 0.2.0 (GPL) is installed from PyPI into an environment of its own, in a cache folder, and
run there as another program. It needs Python 3.11 and packages older than those of swarmhydra.
"""

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import xarray as xr

from benchmarks import efficiency, report, stepping, study
from benchmarks.efficiency import Measurement, TimedRun
from benchmarks.peer_program import CPU, REQUIREMENTS, Peer, installed, peer
from benchmarks.stepping import ACCELS, FIELDS, Relaxed, Timed

PEER = "pyMETHES"
PROGRAMS = (PEER, *ACCELS)
ELECTRONS = 10_000
FEW_ELECTRONS = 1_000
ACCURACY_FIELD = 100.0
"""Where the cost of a standard error is compared (Td)."""

CALIBRATION_STEPS = 500
"""Steps that the length of its steps is taken from."""

DRIFT = "drift_velocity_flux"


@dataclass(frozen=True)
class Effort:
    """How much is measured.

    Attributes
    ----------
    samples : int
        Samples of the speed of each program.
    seconds : float
        Processor time of a sample at least (s).
    replicas : int
        Runs of swarmhydra whose standard errors are averaged.
    batches : int
        Batches of pyMETHES for each of these runs.
    batch_windows : int
        Length of a batch, in windows of swarmhydra: each is 2.5 correlation times of an electron's
        energy, or longer.
    collisions : dict of str to float
        Real collisions of a run.
    """

    samples: int
    seconds: float
    replicas: int
    batches: int
    batch_windows: int
    collisions: dict[str, float]


FULL = Effort(9, 1.0, 8, 4, 8, {"numpy": 1e7, "jit": 5e7, "jit_lut": 5e7})
QUICK = Effort(3, 0.3, 2, 3, 4, {"numpy": 4e6, "jit": 1e7, "jit_lut": 1e7})


def measure(options: argparse.Namespace) -> xr.Dataset:
    """Measure, and print the tables."""
    effort = QUICK if options.quick else FULL
    peer_python = installed(options.peer_python)
    measured = []
    for en in FIELDS:
        report.say(f"relaxing and timing at {en:g} Td")
        relaxed = stepping.relaxed(en, 0.0)
        with peer(peer_python, relaxed, ELECTRONS) as program:
            measured.append(throughput(program, relaxed, effort).expand_dims(en=[en]))
        if en == ACCURACY_FIELD:
            report.say("measuring the drift velocity with all programs in turn")
            accuracy = cost_of_accuracy(peer_python, relaxed, effort)
    dataset = xr.concat(
        measured,
        "en",
        data_vars="all",
        coords="minimal",
        compat="equals",
        join="exact",
        combine_attrs="override",
    )
    dataset["en"].attrs["units"] = "Td"
    _print_throughput(dataset)
    _print_accuracy(accuracy)
    return xr.merge([dataset, accuracy]).assign_attrs(
        peer=", ".join(REQUIREMENTS),
        gas="argon",
        temperature=0.0,
        electrons=ELECTRONS,
        **accuracy.attrs,
    )


# --- speed ------------------------------------------------------------------------------------


def throughput(program: Peer, relaxed: Relaxed, effort: Effort) -> xr.Dataset:
    """Trials and real collisions per second of processor time of all programs.

    Real collisions measure the physics that is done: how often an electron collides is a property
    of the gas, how many trials that takes one of the program.

    Parameters
    ----------
    program : Peer
    relaxed : Relaxed
    effort : Effort
    """
    program.fit(effort.seconds)
    programs: dict[str, Timed] = {PEER: program}
    for accel in ACCELS:
        overrides = ("sim=medium", f"accel={accel}", "accel.threads=1")
        programs[accel] = stepping.case(relaxed, *overrides, sample_seconds=effort.seconds)
    for _ in range(effort.samples):
        for each in programs.values():
            each.time()
    quantities = {
        "trials_per_cpu_second": ("trials", CPU, "s-1"),
        "real_collisions_per_cpu_second": ("real_collisions", CPU, "s-1"),
        "real_share": ("real_collisions", "trials", "1"),
    }
    variables = {
        name: (
            "program",
            [each.median(numerator, denominator) for each in programs.values()],
            {"units": units},
        )
        for name, (numerator, denominator, units) in quantities.items()
    }
    return xr.Dataset(variables, {"program": list(programs)})


def _print_throughput(dataset: xr.Dataset) -> None:
    """The table of the speeds, and the ratios to the peer."""
    rows: list[list[str | float]] = []
    for en in dataset["en"].values:
        for name in PROGRAMS:
            here = dataset.sel(en=en, program=name)
            ratio = here / dataset.sel(en=en, program=PEER)
            rows.append(
                [
                    float(en),
                    name,
                    1e-6 * float(here["trials_per_cpu_second"]),
                    1e-6 * float(here["real_collisions_per_cpu_second"]),
                    1.0 - float(here["real_share"]),
                    float(ratio["trials_per_cpu_second"]),
                    float(ratio["real_collisions_per_cpu_second"]),
                ]
            )
    header = ("E/N (Td)", "program", "Mtrials", "Mreal", "null")
    report.table(
        f"Per second of processor time, one thread, medians; × over {PEER}",
        (*header, "× trials", "× real"),
        rows,
    )


# --- accuracy ---------------------------------------------------------------------------------


def cost_of_accuracy(python: Path, relaxed: Relaxed, effort: Effort) -> xr.Dataset:
    """Processor time times the square of the relative standard error of the flux drift velocity.

    For pyMETHES the standard error is that of the means of batches of its own series of mean
    velocities, each much longer than an electron remembers its energy: the error that it reports
    itself takes successive time steps for independent. Its electrons share their time steps, and
    the noise of that does not fall with their number, so it is also run with fewer of them. For
    swarmhydra the standard error is the one that it reports.

    Parameters
    ----------
    python : Path
        Interpreter of the environment of pyMETHES.
    relaxed : Relaxed
    effort : Effort
    """
    length = effort.batch_windows * relaxed.window
    theirs = {
        PEER: Batches(python, relaxed, ELECTRONS, length),
        f"{PEER}, 1e3 electrons": Batches(python, relaxed, FEW_ELECTRONS, length),
    }
    runs: dict[str, list[TimedRun]] = {accel: [] for accel in ACCELS}
    for replica in range(effort.replicas):
        for batches in theirs.values():
            batches.run(replica, effort.batches)
        for accel in ACCELS:
            overrides = (*relaxed.conditions, "sim=medium", f"accel={accel}", "accel.threads=1")
            collisions = effort.collisions[accel]
            runs[accel].append(efficiency.timed_run(overrides, replica, collisions))
    ours = {accel: _of_measurement(efficiency.summarise(runs[accel])) for accel in ACCELS}
    results = {name: batches.result() for name, batches in theirs.items()}
    return _accuracy_dataset({**results, **ours}).assign_attrs(
        accuracy_en=ACCURACY_FIELD, batch_seconds=length, batches=effort.replicas * effort.batches
    )


@dataclass(frozen=True)
class Accuracy:
    """What a program found, and at what cost; units are in `ACCURACY_UNITS`."""

    cpu_seconds_times_relative_error_squared: float
    relative_uncertainty_of_cost: float
    drift_velocity_flux: float
    drift_velocity_flux_stderr: float
    mean_energy: float
    accuracy_cpu_seconds: float


ACCURACY_UNITS = {
    "cpu_seconds_times_relative_error_squared": "s",
    "relative_uncertainty_of_cost": "1",
    "drift_velocity_flux": "m s-1",
    "drift_velocity_flux_stderr": "m s-1",
    "mean_energy": "eV",
    "accuracy_cpu_seconds": "s",
}


class Batches:
    """Batches of the time steps of pyMETHES, from several runs.

    A run slows down as its time series grows; several of some thousand steps are as it is used.

    Parameters
    ----------
    python : Path
        Interpreter of its environment.
    relaxed : Relaxed
    electrons : int
    length : float
        Of a batch (s).
    """

    def __init__(self, python: Path, relaxed: Relaxed, electrons: int, length: float) -> None:
        self._python, self._relaxed, self._electrons = python, relaxed, electrons
        self._length = length
        self._answers: list[dict[str, float]] = []

    def run(self, seed: int, count: int) -> None:
        """Take some batches from a new run."""
        with peer(self._python, self._relaxed, self._electrons, seed) as program:
            # Enough steps to know their mean; they also part the electrons from their start.
            program.advance(CALIBRATION_STEPS)
            steps = int(np.ceil(self._length / program.time_step))
            self._answers += [program.advance(steps) for _ in range(count)]

    def result(self) -> Accuracy:
        """The drift velocity with the standard error from the batches."""
        columns = {name: np.array([a[name] for a in self._answers]) for name in self._answers[0]}
        drift, seconds = columns["drift_velocity"], columns[CPU]
        count, value, variance = len(drift), float(drift.mean()), float(drift.var(ddof=1))
        return Accuracy(
            cpu_seconds_times_relative_error_squared=float(seconds.mean()) * variance / value**2,
            relative_uncertainty_of_cost=float(np.sqrt(2.0 / (count - 1))),
            drift_velocity_flux=value,
            drift_velocity_flux_stderr=float(np.sqrt(variance / count)),
            mean_energy=float(columns["mean_energy"].mean()),
            accuracy_cpu_seconds=float(seconds.sum()),
        )


def _of_measurement(measured: Measurement) -> Accuracy:
    """What swarmhydra found, with the standard errors that it reports."""
    return Accuracy(
        cpu_seconds_times_relative_error_squared=measured.cost(DRIFT),
        relative_uncertainty_of_cost=float(np.sqrt(2.0 / measured.degrees_of_freedom)),
        drift_velocity_flux=measured.value(DRIFT),
        drift_velocity_flux_stderr=measured.stderr(DRIFT),
        mean_energy=measured.value("mean_energy"),
        accuracy_cpu_seconds=float(measured.cpu_seconds.sum()),
    )


def _accuracy_dataset(accuracies: dict[str, Accuracy]) -> xr.Dataset:
    """The costs of all programs."""
    variables = {
        name: (
            "accuracy_program",
            [getattr(each, name) for each in accuracies.values()],
            {"units": units},
        )
        for name, units in ACCURACY_UNITS.items()
    }
    return xr.Dataset(variables, {"accuracy_program": list(accuracies)})


def _print_accuracy(accuracy: xr.Dataset) -> None:
    """The table of the costs, and the ratios to that of the peer."""
    costs = accuracy["cpu_seconds_times_relative_error_squared"]
    columns = [accuracy[name] for name in (DRIFT, f"{DRIFT}_stderr", "mean_energy")]
    columns += [accuracy["accuracy_cpu_seconds"], costs, accuracy["relative_uncertainty_of_cost"]]
    columns.append(costs.sel(accuracy_program=PEER) / costs)
    rows: list[list[str | float]] = [
        [str(name), *(float(column.sel(accuracy_program=name)) for column in columns)]
        for name in accuracy["accuracy_program"].values
    ]
    header = ("program", "W flux (m/s)", "stderr", "mean energy (eV)", "CPU s")
    report.table(
        f"Flux drift velocity at {accuracy.attrs['accuracy_en']:g} Td: CPU seconds × (relative "
        f"standard error)²; {PEER} by {accuracy.attrs['batches']} batches of "
        f"{accuracy.attrs['batch_seconds']:.3g} s",
        (*header, "CPU s × error²", "known to", "× cheaper"),
        rows,
    )


OPTIONS = {"--peer-python": {"help": "a Python 3.11 for pyMETHES; looked for if not given"}}

if __name__ == "__main__":
    study.main("peer", __doc__, measure, OPTIONS)
