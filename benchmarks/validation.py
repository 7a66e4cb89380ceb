"""Reference values beside those of runs: every swarm of `tests/reference/values.csv`, once.

Usage: ``python -m benchmarks.validation [--quick] [--collisions N] [--table FILE]``

The documentation shows the table: ``--table docs/validation.csv``.
"""

import argparse
import csv
import math
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import numpy as np
import xarray as xr

import swarmhydra
from benchmarks import report, study
from swarmhydra.config import RelErrorConfig

REFERENCE = Path(__file__).parents[1] / "tests" / "reference" / "values.csv"

COLLISIONS = 2e7
"""Real collisions of each run."""

TARGETS = [each.name for each in fields(RelErrorConfig)]

FIELDS = (
    "model",
    "en",
    "temperature",
    "quantity",
    "unit",
    "reference",
    "found",
    "stderr",
    "deviation",
    "provenance",
)
Row = dict[str, str]


def cases(rows: list[Row]) -> dict[tuple[str, ...], list[Row]]:
    """The rows of each swarm."""
    found: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        key = (row["model"], row["overrides"], row["en"], row["temperature"])
        found.setdefault(key, []).append(row)
    return found


def follow(rows: list[Row], collisions: float) -> xr.DataTree:
    """Follow the swarm of these rows until it has had so many collisions."""
    row = rows[0]
    return swarmhydra.simulate(
        *row["overrides"].split(),
        "accel=jit",
        f"sim.en={row['en']}",
        f"sim.temperature={row['temperature']}",
        f"sim.stop.real_collisions={collisions}",
        "sim.sub_swarms=64",
        # A run that stops when its error happens to be small understates it.
        *(f"sim.stop.rel_error.{name}=null" for name in TARGETS),
    )


def compared(rows: list[Row], run: xr.DataTree) -> Iterator[Row]:
    """What was found beside what should be, with the deviation in standard errors of both."""
    for row in rows:
        name, _, process = row["quantity"].partition(":")
        value, stderr = run[name], run[f"{name}_stderr"]
        if process:
            value, stderr = value.sel(process=process), stderr.sel(process=process)
        found, error, reference = float(value), float(stderr), float(row["value"])
        known = (float(row["relative_uncertainty"]) + allowance(row)) * abs(reference)
        yield {
            **{name: row[name] for name in ("model", "en", "temperature", "quantity", "unit")},
            "reference": row["value"],
            "found": f"{found:.7g}",
            "stderr": f"{error:.2g}",
            "deviation": f"{(found - reference) / math.hypot(error, known):.2f}",
            "provenance": row["provenance"],
        }


def allowance(row: Row) -> float:
    """What a reference may be off beyond its numerical error, and our tables off the formulas."""
    solver = 2e-4 if "diffusion" in row["quantity"] else 1e-4
    return solver + (5e-4 if row["model"].startswith(("argon", "helium")) else 0.0)


def measure(options: argparse.Namespace) -> xr.Dataset:
    """Follow every swarm, print how far the values are off, and write the table."""
    collisions = COLLISIONS / 20.0 if options.quick else options.collisions
    with REFERENCE.open(encoding="utf-8") as file:
        table = cases(list(csv.DictReader(file)))
    comparisons: list[Row] = []
    for rows in table.values():
        comparisons += compared(rows, follow(rows, collisions))
        report.say(f"{rows[0]['model']}, {rows[0]['en']} Td: {_largest(comparisons[-len(rows) :])}")
    if options.table is not None:
        with options.table.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, FIELDS, lineterminator="\n")
            writer.writeheader()
            writer.writerows(comparisons)
    deviations = np.array([abs(float(row["deviation"])) for row in comparisons])
    shares: list[list[str | float]] = [
        [f"{limit} standard errors", float(np.mean(deviations < limit))] for limit in (1, 2)
    ]
    shares += [[f"largest of {deviations.size} (errors)", float(deviations.max())]]
    report.table("Share of the values that deviate by less than", ("", "share"), shares)
    return _dataset(comparisons)


def _largest(rows: list[Row]) -> str:
    """The quantity that deviates most."""
    worst = max(rows, key=lambda row: abs(float(row["deviation"])))
    return f"largest deviation {worst['deviation']} standard errors, {worst['quantity']}"


def _dataset(comparisons: list[Row]) -> xr.Dataset:
    """All comparisons, along one dimension."""
    own_units = {"units": "as in the results file"}
    units = {"reference": own_units, "found": own_units, "stderr": own_units}
    units["deviation"] = {"units": "1"}
    names = ("model", "en", "temperature", "quantity")
    labels = ["; ".join(row[name] for name in names) for row in comparisons]
    return xr.Dataset(
        {
            name: ("comparison", [float(row[name]) for row in comparisons], attributes)
            for name, attributes in units.items()
        },
        {"comparison": labels},
    )


OPTIONS = {
    "--collisions": {"type": float, "default": COLLISIONS, "help": "real collisions of a run"},
    "--table": {"type": Path, "help": "also write the table of the documentation"},
}

if __name__ == "__main__":
    study.main("validation", __doc__, measure, OPTIONS)
