"""Compare runs with the reference values: `python -m benchmarks.validation --output FILE`.

Every swarm of `tests/reference/values.csv` is followed once, and each value of the table stands
beside the one that was found. The documentation shows the file.
"""

import argparse
import csv
import math
from collections.abc import Iterator
from pathlib import Path

import xarray as xr

import swarmhydra

REFERENCE = Path(__file__).parents[1] / "tests" / "reference" / "values.csv"

COLLISIONS = 2e7
"""Real collisions of each run."""

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
    targets = ("mean_energy", "drift_velocity_flux", "drift_velocity_bulk")
    targets += ("diffusion_flux", "diffusion_bulk")
    return swarmhydra.simulate(
        *row["overrides"].split(),
        "accel=jit",
        f"sim.en={row['en']}",
        f"sim.temperature={row['temperature']}",
        f"sim.stop.real_collisions={collisions}",
        "sim.sub_swarms=64",
        # A run that stops when its error happens to be small understates it.
        *(f"sim.stop.rel_error.{name}=null" for name in targets),
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


def main() -> None:
    """Follow every swarm, and write the comparison."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--collisions", type=float, default=COLLISIONS)
    asked = parser.parse_args()
    with REFERENCE.open(encoding="utf-8") as file:
        table = cases(list(csv.DictReader(file)))
    with asked.output.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, FIELDS, lineterminator="\n")
        writer.writeheader()
        for rows in table.values():
            writer.writerows(compared(rows, follow(rows, asked.collisions)))
            file.flush()


if __name__ == "__main__":
    main()
