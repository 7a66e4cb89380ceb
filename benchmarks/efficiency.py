"""What a second of processor time buys: standard errors of the coefficients of argon.

Usage: ``python -m benchmarks.efficiency [--quick] [--accel NAME] [--output FOLDER]``

A standard error falls as one over the root of the processor time. So the relative standard error
times that root, the error after one second, tells how good algorithm and code are together.
"""

import argparse
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from benchmarks import report, stepping, study
from benchmarks.stepping import FIELDS
from swarmhydra.config import StopConfig
from swarmhydra.config.compose import composed
from swarmhydra.results.record import RunRecord
from swarmhydra.run.checked import checked
from swarmhydra.run.progress import Progress
from swarmhydra.run.simulation import run
from swarmhydra.swarm.ensemble import Ensemble

COEFFICIENTS = (
    "drift_velocity_flux",
    "drift_velocity_bulk",
    "mean_energy",
    "reduced_diffusion_longitudinal_flux",
    "reduced_diffusion_transverse_flux",
    "reduced_diffusion_longitudinal_bulk",
    "reduced_diffusion_transverse_bulk",
    "ionization_rate_coefficient",
)


@dataclass(frozen=True)
class Measurement:
    """What some runs, the same but for their random numbers, found and took.

    Attributes
    ----------
    values, stderrs : dict of str to ndarray, shape (runs,)
        By the names of `COEFFICIENTS`, in the units of the results file.
    cpu_seconds : ndarray, shape (runs,)
        Processor time of the measurement alone (s).
    preparation_cpu_seconds : ndarray, shape (runs,)
        Of what comes before: tables, relaxation, choice of the windows (s).
    degrees_of_freedom : int
        Of the standard errors, over all runs.
    """

    values: dict[str, NDArray[np.float64]]
    stderrs: dict[str, NDArray[np.float64]]
    cpu_seconds: NDArray[np.float64]
    preparation_cpu_seconds: NDArray[np.float64]
    degrees_of_freedom: int

    def value(self, name: str) -> float:
        """Mean over the runs."""
        return float(self.values[name].mean())

    def stderr(self, name: str) -> float:
        """Standard error of that mean."""
        return float(np.sqrt(np.mean(self.stderrs[name] ** 2) / len(self.cpu_seconds)))

    def cost(self, name: str) -> float:
        """Processor time times the square of the relative standard error, mean over the runs (s).

        NaN for a coefficient that is zero.
        """
        value = self.value(name)
        if value == 0.0:
            return float("nan")
        return float(np.mean(self.cpu_seconds * self.stderrs[name] ** 2) / value**2)


class Stopwatch:
    """Tells by the progress of a run when its measurement began."""

    def __init__(self) -> None:
        self.started = self.measured_from = time.process_time()

    def __call__(self, progress: Progress) -> None:
        """Take the time until the measurement shows."""
        if progress.message != "measurement":
            self.measured_from = time.process_time()


@dataclass(frozen=True)
class TimedRun:
    """A run, and the processor time of its preparation and of its measurement (s)."""

    record: RunRecord
    preparation: float
    measurement: float


def timed_run(overrides: Sequence[str], replica: int, real_collisions: float) -> TimedRun:
    """Run a configuration with one of its sets of random numbers.

    Parameters
    ----------
    overrides : sequence of str
    replica : int
    real_collisions : float
        Of the measurement.
    """
    config = checked(composed([*overrides, f"sim.replica={replica}"]))
    config.sim.stop = StopConfig(real_collisions=real_collisions)
    # The first one of a process loads the kernels, or compiles them.
    Ensemble(config)
    watch = Stopwatch()
    record = run(config, watch)
    done = time.process_time()
    return TimedRun(record, watch.measured_from - watch.started, done - watch.measured_from)


def summarise(runs: Sequence[TimedRun]) -> Measurement:
    """Collect runs of the same configuration."""
    estimates = {name: [_estimate(each.record, name) for each in runs] for name in COEFFICIENTS}
    freedom = [int(each.record.attributes["degrees_of_freedom"]) for each in runs]
    return Measurement(
        values={name: np.array([value for value, _ in all_]) for name, all_ in estimates.items()},
        stderrs={name: np.array([error for _, error in all_]) for name, all_ in estimates.items()},
        cpu_seconds=np.array([each.measurement for each in runs]),
        preparation_cpu_seconds=np.array([each.preparation for each in runs]),
        degrees_of_freedom=sum(freedom),
    )


def _estimate(record: RunRecord, name: str) -> tuple[float, float]:
    """A coefficient and its standard error."""
    if name == "ionization_rate_coefficient":
        estimate = record.coefficients["rate_coefficient"]
        place = record.processes["kind"].index("IONIZATION")
        return float(estimate.value[place]), float(estimate.stderr[place])
    estimate = record.coefficients[name]
    return float(estimate.value), float(estimate.stderr)


def measure(options: argparse.Namespace) -> xr.Dataset:
    """Measure at all fields, and print the table."""
    replicas, collisions = (2, 2e7) if options.quick else (8, 2e8)
    runs: dict[float, list[TimedRun]] = {en: [] for en in FIELDS}
    for replica in range(replicas):
        report.say(f"measuring at all fields, {replica + 1} of {replicas}")
        for en in FIELDS:
            where = stepping.conditions(en, options.temperature)
            overrides = (*where, "sim=medium", f"accel={options.accel}", "accel.threads=1")
            runs[en].append(timed_run(overrides, replica, collisions))
    measured = {en: summarise(each) for en, each in runs.items()}
    _print(measured)
    return _dataset(measured).assign_attrs(
        gas="argon", electrons=10_000, replicas=replicas, real_collisions=collisions
    )


def _print(measured: dict[float, Measurement]) -> None:
    """The table of the errors after one second."""
    rows: list[list[str | float]] = [
        [name, *(100.0 * np.sqrt(each.cost(name)) for each in measured.values())]
        for name in COEFFICIENTS
    ]
    rows.append(["preparation (CPU s)", *map(_mean_preparation, measured.values())])
    report.table(
        "Relative standard error times the root of the processor seconds (%), one thread; "
        f"known to {100 * _uncertainty(measured):.0f} %",
        ("coefficient", *(f"{en:g} Td" for en in measured)),
        rows,
    )


def _mean_preparation(measured: Measurement) -> float:
    """Processor time until a run measures (s)."""
    return float(measured.preparation_cpu_seconds.mean())


def _uncertainty(measured: dict[float, Measurement]) -> float:
    """Relative standard error of a standard error with so many degrees of freedom."""
    freedom = min(each.degrees_of_freedom for each in measured.values())
    return float(np.sqrt(0.5 / freedom))


def _dataset(measured: dict[float, Measurement]) -> xr.Dataset:
    """All that was found."""
    runs = list(measured.values())
    dims = ("coefficient", "en")
    costs = np.array([[each.cost(name) for each in runs] for name in COEFFICIENTS])
    values = [[each.value(name) for each in runs] for name in COEFFICIENTS]
    stderrs = [[each.stderr(name) for each in runs] for name in COEFFICIENTS]
    preparation = [_mean_preparation(each) for each in runs]
    freedom = [each.degrees_of_freedom for each in runs]
    return xr.Dataset(
        {
            "error_after_one_cpu_second": (dims, np.sqrt(costs), {"units": "s0.5"}),
            "value": (dims, values, {"units": "as in the results file"}),
            "value_stderr": (dims, stderrs, {"units": "as in the results file"}),
            "preparation_cpu_seconds": ("en", preparation, {"units": "s"}),
            "degrees_of_freedom": ("en", freedom, {"units": "1"}),
        },
        {"coefficient": list(COEFFICIENTS), "en": ("en", list(measured), {"units": "Td"})},
    )


OPTIONS: study.Options = {
    "--temperature": {"type": float, "default": 0.0, "help": "of the gas (K)"},
    "--accel": {"default": "jit_lut", "choices": stepping.ACCELS},
}

if __name__ == "__main__":
    study.main("efficiency", __doc__, measure, OPTIONS)
