"""Whether the printed errors are the true ones, and fall as the root of the run time.

Usage: ``python -m benchmarks.calibration [--quick] [--seeds N] [--accel NAME] [--output FOLDER]``

The same run is made with many seeds. The spread of what they find is the true error; the first
table has it over the mean of the standard errors that they print. The second table has the power of
the run time with which both fall: -0.5 if every part of a run counts.
"""

import argparse
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import repeat

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from benchmarks import report, stepping, study
from swarmhydra.config import StopConfig
from swarmhydra.config.compose import composed
from swarmhydra.run.checked import checked
from swarmhydra.run.simulation import run

COEFFICIENTS = (
    "mean_energy",
    "drift_velocity_flux",
    "drift_velocity_bulk",
    "reduced_diffusion_longitudinal_flux",
    "reduced_diffusion_transverse_flux",
    "reduced_diffusion_longitudinal_bulk",
    "reduced_diffusion_transverse_bulk",
    "elastic_rate_coefficient",
    "excitation_rate_coefficient",
    "effective_ionization_rate_coefficient",
    "reduced_townsend_effective",
    "reduced_townsend_effective_sst",
)

LENGTHS = (1.0, 3.0, 10.0, 30.0)
"""Run times over the shortest, for the power."""


@dataclass(frozen=True)
class Case:
    """A gas in a field, and the real collisions of a run of length 1."""

    name: str
    overrides: tuple[str, ...]
    collisions: float


ARGON_100 = Case("argon, 100 Td", ("gas=argon", "sim.en=100"), 1e6)
ARGON_500 = Case("argon, 500 Td", ("gas=argon", "sim.en=500"), 1e6)
LUCAS_SAELEE = ("gas=lucas_saelee", "sim.en=10")
CASES = (
    Case("argon, 10 Td", ("gas=argon", "sim.en=10"), 1e6),
    Case("argon, 20 Td", ("gas=argon", "sim.en=20"), 1e6),
    ARGON_100,
    ARGON_500,
    Case("Lucas-Saelee F = 1", (*LUCAS_SAELEE, "gas.parameters.F=1"), 1e6),
    Case("attaching", (*LUCAS_SAELEE, "gas.parameters.F=0.5", "gas.parameters.a=2e-3"), 1e6),
)
LENGTHENED = (ARGON_100, ARGON_500)


def found(case: Case, length: float, seed: int, accel: str, electrons: int) -> NDArray[np.float64]:
    """Values and standard errors of the coefficients, shape (2, n), from one run."""
    config = checked(
        composed(
            [
                *case.overrides,
                f"accel={accel}",
                "accel.threads=1",
                "sim.temperature=0",
                f"sim.electrons={electrons}",
                f"sim.seed={seed}",
            ]
        )
    )
    config.sim.stop = StopConfig(real_collisions=length * case.collisions)
    record = run(config)
    kinds = record.processes["kind"]

    def pair(name: str) -> tuple[float, float]:
        kind = name.removesuffix("_rate_coefficient").upper()
        if kind in kinds:
            rate = record.coefficients["rate_coefficient"]
            place = kinds.index(kind)
            return float(rate.value[place]), float(rate.stderr[place])
        if name not in record.coefficients:
            return float("nan"), float("nan")
        estimate = record.coefficients[name]
        return float(estimate.value), float(estimate.stderr)

    return np.array([pair(name) for name in COEFFICIENTS]).T


def errors(results: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Spread over the runs, and mean of the errors they print; shapes (n,), from (runs, 2, n)."""
    values, stderrs = results[:, 0], results[:, 1]
    # What is zero, or was seen in some of the runs only, has no error to compare.
    known = np.all(np.isfinite(stderrs) & (stderrs > 0.0), axis=0)
    spread = np.where(known, values.std(axis=0, ddof=1), np.nan)
    return spread, np.where(known, stderrs.mean(axis=0), np.nan)


def measure(options: argparse.Namespace) -> xr.Dataset:
    """Make the runs, and print the tables."""
    seeds = 8 if options.quick else options.seeds
    settings = options.accel, options.electrons
    measured: dict[tuple[str, float], NDArray[np.float64]] = {}
    with ProcessPoolExecutor() as pool:
        for case in CASES:
            for length in LENGTHS if case in LENGTHENED else LENGTHS[:1]:
                report.say(f"{case.name}, length {length:g}: {seeds} runs")
                arguments = zip(
                    repeat(case), repeat(length), range(1, seeds + 1), *map(repeat, settings)
                )
                results = list(pool.map(found, *zip(*arguments, strict=False), chunksize=1))
                measured[case.name, length] = np.array(results)
    ratios = {name: _ratio(measured[name, 1.0]) for name in (case.name for case in CASES)}
    powers = {case.name: _powers(case, measured) for case in LENGTHENED}
    _print(ratios, powers, seeds)
    return _dataset(ratios, powers).assign_attrs(seeds=seeds)


def _ratio(results: NDArray[np.float64]) -> NDArray[np.float64]:
    """Spread over printed error."""
    spread, printed = errors(results)
    return spread / printed


def _powers(
    case: Case, measured: dict[tuple[str, float], NDArray[np.float64]]
) -> NDArray[np.float64]:
    """Fitted powers of the run time, shape (2, n): of the spread and of the printed error."""
    times = np.log(LENGTHS)
    both = np.log([errors(measured[case.name, length]) for length in LENGTHS])
    centred = times - times.mean()
    return np.asarray(np.tensordot(centred, both, 1) / np.sum(centred**2))


def _print(
    ratios: dict[str, NDArray[np.float64]], powers: dict[str, NDArray[np.float64]], seeds: int
) -> None:
    """Both tables."""
    certainty = np.sqrt(0.5 / (seeds - 1))
    report.table(
        f"Spread of {seeds} runs over the mean printed standard error; known to {certainty:.2f}",
        ("coefficient", *ratios),
        _rows(list(ratios.values())),
    )
    columns = [column for both in powers.values() for column in both]
    header = [f"{name}, {what}" for name in powers for what in ("spread", "printed")]
    report.table(
        f"Power of the run time with which errors fall, over a factor {LENGTHS[-1]:g}",
        ("coefficient", *header),
        _rows(columns),
    )


def _rows(columns: Sequence[NDArray[np.float64]]) -> list[list[str | float]]:
    """A row for each coefficient."""
    return [
        [name, *(float(column[k]) for column in columns)] for k, name in enumerate(COEFFICIENTS)
    ]


def _dataset(
    ratios: dict[str, NDArray[np.float64]], powers: dict[str, NDArray[np.float64]]
) -> xr.Dataset:
    """All that was found."""
    return xr.Dataset(
        {
            "spread_over_printed": (
                ("case", "coefficient"),
                np.array(list(ratios.values())),
                {"units": "1"},
            ),
            "power_of_run_time": (
                ("lengthened_case", "error", "coefficient"),
                np.array(list(powers.values())),
                {"units": "1"},
            ),
        },
        {
            "coefficient": list(COEFFICIENTS),
            "case": list(ratios),
            "lengthened_case": list(powers),
            "error": ["spread", "printed"],
        },
    )


OPTIONS: study.Options = {
    "--accel": {"default": "jit_lut", "choices": stepping.ACCELS},
    "--electrons": {"type": int, "default": 1600},
    "--seeds": {"type": int, "default": 40, "help": "runs of each kind; 8 with --quick"},
}

if __name__ == "__main__":
    study.main("calibration", __doc__, measure, OPTIONS)
