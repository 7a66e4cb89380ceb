"""The error that processor time buys, with control variates and without.

Usage: ``python -m benchmarks.precision [--en TD] [--accel NAME] [--figure FILE]``

Argon in one field, in runs of growing length. The time is that of the whole run with warm kernels:
gas, solution, simulation and results, without imports. The table has it in seconds beside relative
standard errors; the figure shows them against each other, at 100 Td beside those of another code.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from time import process_time
from typing import Any

import xarray as xr

import swarmhydra
from swarmhydra.config import RelErrorConfig

COEFFICIENTS = {
    "mean_energy": "mean energy",
    "drift_velocity_bulk": "bulk drift velocity",
    "reduced_diffusion_transverse_flux": "transverse diffusion",
    "effective_ionization_rate_coefficient": "ionization rate",
}

OTHER_CODE = "particle_swarm"
OTHER_EN = 100.0
OTHER_ERRORS = {
    "mean_energy": 1.5e-3,
    "drift_velocity_bulk": 1.05e-2,
    "reduced_diffusion_transverse_flux": 2.6e-2,
}
"""Relative standard errors times the root of the processor time (s^1/2) of another compiled Monte
Carlo code (docs/comparison.md has its address), measured once in argon at 100 Td on one core."""

COLLISIONS = (1e6, 3e6, 1e7, 3e7)
"""Real collisions of the runs."""


@dataclass(frozen=True)
class Point:
    """One run: processor time (s) and relative standard errors by coefficient."""

    controlled: bool
    seconds: float
    errors: dict[str, float]


def measured(en: float, accel: str, collisions: float, controlled: bool) -> Point:
    """Run once."""
    settings = [f"accel={accel}", "accel.threads=1", "gas=argon", f"sim.en={en:g}"]
    settings += [f"sim.stop.rel_error.{each.name}=null" for each in fields(RelErrorConfig)]
    settings += [f"sim.stop.real_collisions={collisions:g}", "sim.stop.wall_time=null"]
    settings += [f"method.control_variates={'auto' if controlled else 'off'}"]
    started = process_time()
    run = swarmhydra.simulate(*settings)
    return Point(controlled, process_time() - started, _errors(run))


def _errors(run: xr.DataTree) -> dict[str, float]:
    """Relative standard errors of a run."""
    return {name: float(run[f"{name}_stderr"]) / abs(float(run[name])) for name in COEFFICIENTS}


def draw(points: Sequence[Point], en: float, file: Path) -> None:
    """The errors against the time."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.4, 5.2), layout="constrained")
    axes = figure.add_subplot()
    for colour, (name, words) in enumerate(COEFFICIENTS.items()):
        for controlled in (False, True):
            chosen = [point for point in points if point.controlled == controlled]
            axes.loglog(
                [point.seconds for point in chosen],
                [point.errors[name] for point in chosen],
                color=f"C{colour}",
                marker="o" if controlled else "s",
                linestyle="-" if controlled else "--",
                label=f"{words}, {'controlled' if controlled else 'sampled'}",
            )
    if en == OTHER_EN:
        _draw_other_code(axes, [point.seconds for point in points])
    axes.set_xlabel("processor time of the whole run (s)")
    axes.set_ylabel("relative standard error")
    figure.legend(fontsize="small", ncols=2, loc="outside lower center")
    figure.savefig(file, dpi=120)


def _draw_other_code(axes: Any, seconds: Sequence[float]) -> None:
    """Errors that fall with the root of the time."""
    ends = [min(seconds), max(seconds)]
    for colour, (name, words) in enumerate(COEFFICIENTS.items()):
        if name in OTHER_ERRORS:
            axes.loglog(
                ends,
                [OTHER_ERRORS[name] / each**0.5 for each in ends],
                color=f"C{colour}",
                linestyle=":",
                label=f"{words}, {OTHER_CODE}",
            )


def main() -> None:
    """Print the table and draw the figure."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--en", type=float, default=100.0, help="reduced field (Td)")
    parser.add_argument("--accel", default="jit_lut")
    parser.add_argument("--figure", type=Path)
    given = parser.parse_args()
    measured(given.en, given.accel, 1e5, controlled=True)
    points = [
        measured(given.en, given.accel, collisions, controlled)
        for controlled in (False, True)
        for collisions in COLLISIONS
    ]
    print(
        "control variates   CPU s  ", "  ".join(f"{words:>21}" for words in COEFFICIENTS.values())
    )
    for point in points:
        errors = "  ".join(f"{error:21.2e}" for error in point.errors.values())
        print(f"{'yes' if point.controlled else 'no':>16}  {point.seconds:6.1f}  ", errors)
    if given.figure:
        draw(points, given.en, given.figure)


if __name__ == "__main__":
    main()
