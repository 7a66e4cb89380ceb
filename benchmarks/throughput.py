"""Speed, start-up and memory: swarm sizes by fields by backends, on argon.

Usage: ``python -m benchmarks.throughput [--quick] [--temperature T] [--output FOLDER]``
"""

import argparse
import itertools
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import xarray as xr

from benchmarks import in_child, machine, report, stepping
from benchmarks.stepping import ACCELS, FIELDS, SIZES, Case, Relaxed
from swarmhydra.kernels.contract import SwarmArrays, Tallies

THREADS = (1, 2)
THREADED_SIZES = ("medium", "large")
CPU, WALL = "cpu_seconds", "wall_seconds"


@dataclass(frozen=True)
class Effort:
    """How much is measured.

    Attributes
    ----------
    samples, large_numpy_samples, thread_samples : int
        Samples per case; of the slowest cases, the largest swarms in NumPy; of each number of
        threads, in wall time, which on a shared machine scatters most.
    seconds : float
        Processor time of a sample at least (s).
    starts : int
        Warm starts.
    """

    samples: int
    large_numpy_samples: int
    thread_samples: int
    seconds: float
    starts: int


FULL = Effort(samples=9, large_numpy_samples=3, thread_samples=25, seconds=0.5, starts=5)
QUICK = Effort(samples=3, large_numpy_samples=1, thread_samples=3, seconds=0.1, starts=2)


def main() -> None:
    """Measure everything, print the tables, write the file."""
    options = _options()
    effort = QUICK if options.quick else FULL
    attributes = report.attributes(
        gas="argon", temperature=options.temperature, quick=int(options.quick)
    )
    started = time.perf_counter()
    report.say("relaxing a swarm at each field")
    relaxed = {en: stepping.relaxed(en, options.temperature) for en in FIELDS}
    measured = [
        throughput(relaxed, effort),
        thread_scaling(relaxed, effort),
        start_up(options.temperature, effort),
        memory(options.temperature),
    ]
    attributes["benchmark_seconds"] = round(time.perf_counter() - started, 1)
    report.write(xr.merge(measured).assign_attrs(attributes), options.output, "throughput")


def _options() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.throughput", description=__doc__)
    parser.add_argument("--output", type=Path, default=report.DEFAULT_FOLDER, help="folder")
    parser.add_argument("--temperature", type=float, default=0.0, help="of the gas (K)")
    parser.add_argument("--quick", action="store_true", help="fewer and shorter samples")
    return parser.parse_args()


# --- throughput -------------------------------------------------------------------------------


def throughput(relaxed: dict[float, Relaxed], effort: Effort) -> xr.Dataset:
    """Rates and costs of every size, field and backend on one thread.

    Parameters
    ----------
    relaxed : dict of float to Relaxed
        The swarms by field (Td).
    effort : Effort
    """
    report.say("timing all sizes, fields and backends in turn")
    cases = {
        (size, en, accel): stepping.case(
            relaxed[en],
            f"sim={size}",
            f"accel={accel}",
            "accel.threads=1",
            sample_seconds=effort.seconds,
        )
        for size, en, accel in itertools.product(SIZES, FIELDS, ACCELS)
    }
    for turn in range(effort.samples):
        for (size, _, accel), case in cases.items():
            slow = size == "large" and accel == "numpy"
            if turn < (effort.large_numpy_samples if slow else effort.samples):
                case.time()
    _print_throughput(cases)
    return _throughput_dataset(cases)


def _print_throughput(cases: dict[tuple[str, float, str], Case]) -> None:
    """The table of the rates."""
    header = ("size", "E/N (Td)", "accel", "Mtrials/s", "Mreal/s", "ns/trial", "ns/real")
    rows: list[list[str | float]] = [
        [*key, *_row(case), _gain(cases, key)] for key, case in cases.items()
    ]
    title = "Per second of processor time, one thread, medians"
    report.table(title, (*header, "null", "horizon", "spread", "over numpy"), rows)


def _row(case: Case) -> list[float]:
    """What the table tells of a case."""
    values = _values(case)
    trials = values["trials_per_cpu_second"]
    real = values["real_collisions_per_cpu_second"]
    shares = [values[name] for name in ("null_share", "horizon_share", "relative_spread")]
    return [1e-6 * trials, 1e-6 * real, 1e9 / trials, 1e9 / real, *shares]


def _gain(cases: dict[tuple[str, float, str], Case], key: tuple[str, float, str]) -> float:
    """Trials per second over those of NumPy in the same condition."""
    rate = cases[key].median("trials", CPU)
    return rate / cases[(*key[:2], "numpy")].median("trials", CPU)


def _values(case: Case) -> dict[str, float]:
    """The quantities of one case; units are in `UNITS`."""
    trials, real = case.median("trials", CPU), case.median("real_collisions", CPU)
    return {
        "trials_per_cpu_second": trials,
        "real_collisions_per_cpu_second": real,
        "ns_per_trial": 1e9 / trials,
        "ns_per_real_collision": 1e9 / real,
        "null_share": 1.0 - case.median("real_collisions", "trials"),
        "horizon_share": 1.0 - case.median("trials", "flights"),
        "relative_spread": case.spread("trials", CPU),
        "samples": float(len(case.samples)),
    }


UNITS = {
    "trials_per_cpu_second": "s-1",
    "real_collisions_per_cpu_second": "s-1",
    "ns_per_trial": "ns",
    "ns_per_real_collision": "ns",
    "null_share": "1",
    "horizon_share": "1",
    "relative_spread": "1",
    "samples": "1",
}


def _throughput_dataset(cases: dict[tuple[str, float, str], Case]) -> xr.Dataset:
    """The quantities of all cases."""
    shape = (len(SIZES), len(FIELDS), len(ACCELS))
    values = [_values(case) for case in cases.values()]
    variables = {
        name: (
            ("size", "en", "accel"),
            np.reshape([each[name] for each in values], shape),
            {"units": units},
        )
        for name, units in UNITS.items()
    }
    coordinates = {
        "size": list(SIZES),
        "en": ("en", list(FIELDS), {"units": "Td"}),
        "accel": list(ACCELS),
    }
    return xr.Dataset(variables, coordinates)


# --- threads ----------------------------------------------------------------------------------


def thread_scaling(relaxed: dict[float, Relaxed], effort: Effort) -> xr.Dataset:
    """Trials per second of wall time on one and two threads, jit_lut; the results must be the same.

    Parameters
    ----------
    relaxed : dict of float to Relaxed
        The swarms by field (Td).
    effort : Effort

    Raises
    ------
    AssertionError
        If any bit of the swarms or of the sums differs.
    """
    if max(THREADS) > machine.cores():
        report.say("thread scaling left out: not enough cores")
        return xr.Dataset()
    cases = {
        (size, en): _on_each_number_of_threads(relaxed[en], size, effort)
        for size, en in itertools.product(THREADED_SIZES, FIELDS)
    }
    rates = {key: [case.median("trials", WALL) for case in row] for key, row in cases.items()}
    gains = {
        key: [case.gain_over(row[0], "trials", WALL) for case in row] for key, row in cases.items()
    }
    header = ("size", "E/N (Td)", *(f"Mtrials/s on {n}" for n in THREADS), "gain")
    rows: list[list[str | float]] = [
        [*key, *(1e-6 * n for n in rate), gains[key][-1]] for key, rate in rates.items()
    ]
    report.table("Per second of wall time, jit_lut; results bit-identical", header, rows)
    dims = ("threaded_size", "en", "threads")
    shape = (len(THREADED_SIZES), len(FIELDS), len(THREADS))
    variables = {
        "trials_per_wall_second": (dims, np.reshape(list(rates.values()), shape), {"units": "s-1"}),
        "thread_gain": (dims, np.reshape(list(gains.values()), shape), {"units": "1"}),
    }
    return xr.Dataset(variables, {"threaded_size": list(THREADED_SIZES), "threads": list(THREADS)})


def _on_each_number_of_threads(relaxed: Relaxed, size: str, effort: Effort) -> list[Case]:
    """The same work on each number of threads, timed in turn."""
    overrides = (f"sim={size}", "accel=jit_lut", f"accel.threads={THREADS[0]}")
    first = stepping.case(relaxed, *overrides, sample_seconds=effort.seconds)
    cases = [first, *(stepping.twin(first, threads) for threads in THREADS[1:])]
    for _ in range(effort.thread_samples):
        for case in cases:
            case.time()
    for case in cases[1:]:
        _assert_same(first, case)
    return cases


def _assert_same(one: Case, other: Case) -> None:
    """Compare swarms and sums bit by bit."""
    pairs: list[tuple[SwarmArrays | Tallies, SwarmArrays | Tallies]] = [
        (one.ensemble.swarm.arrays, other.ensemble.swarm.arrays),
        (one.ensemble.tallies, other.ensemble.tallies),
    ]
    for left, right in pairs:
        for name, a, b in zip(left._fields, left, right, strict=True):
            if name != "seconds" and a.tobytes() != b.tobytes():
                raise AssertionError(f"{name} depends on the number of threads")


# --- start-up and memory ----------------------------------------------------------------------


def start_up(temperature: float, effort: Effort) -> xr.Dataset:
    """Processor time to the first steps, compilation included or not, and that of --help.

    Parameters
    ----------
    temperature : float
        Of the gas (K).
    effort : Effort
    """
    report.say("\nstarting up in fresh processes")
    where = stepping.conditions(100.0, temperature)
    wall = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        overrides = [*where, "sim=small", "accel=jit_lut"]
        cold = in_child.ask("first_step", overrides, {"NUMBA_CACHE_DIR": folder})
    wall = time.perf_counter() - wall
    warm = [
        [
            in_child.ask("first_step", [*where, "sim=small", f"accel={accel}"])["cpu_seconds"]
            for accel in ACCELS
        ]
        for _ in range(effort.starts)
    ]
    command = [sys.executable, "-m", "swarmhydra", "--help"]
    helps = [in_child.cpu_seconds(command) for _ in range(effort.starts)]
    first_step = np.median(warm, axis=0)
    compiling = cold["cpu_seconds"] - first_step[ACCELS.index("jit_lut")]
    rows: list[tuple[str, float]] = [
        ("compiling the kernels, cold cache", compiling),
        *((f"start to first steps, {a}", s) for a, s in zip(ACCELS, first_step, strict=True)),
        ("--help", float(np.median(helps))),
    ]
    report.table("Seconds of processor time", ("what", "s"), rows)
    seconds = {"units": "s"}
    return xr.Dataset(
        {
            "compile_cpu_seconds": ((), compiling, seconds),
            "cold_start_wall_seconds": ((), wall, seconds),
            "first_step_cpu_seconds": ("accel", first_step, seconds),
            "help_cpu_seconds": ((), float(np.median(helps)), seconds),
        },
        {"accel": list(ACCELS)},
    )


def memory(temperature: float) -> xr.Dataset:
    """Largest memory of a run of each size, jit_lut.

    Parameters
    ----------
    temperature : float
        Of the gas (K).
    """
    where = stepping.conditions(100.0, temperature)
    peaks = [
        in_child.ask("whole_run", [*where, f"sim={size}", "accel=jit_lut"])["peak_rss"]
        for size in SIZES
    ]
    rows = [(size, peak / 2**20) for size, peak in zip(SIZES, peaks, strict=True)]
    report.table("Peak memory of a run, jit_lut", ("size", "MiB"), rows)
    return xr.Dataset({"peak_rss": ("size", peaks, {"units": "byte"})}, {"size": list(SIZES)})


if __name__ == "__main__":
    main()
