"""Figure of the study `+experiment=reid_ramp_benchmark`: a Boltzmann solver beside the runs."""

import csv
import sys
from pathlib import Path

import swarmhydra
from swarmhydra import plot

REFERENCE = Path(__file__).parents[1] / "tests" / "reference" / "values.csv"


def reference(quantity: str) -> plot.Points:
    """The values of the Boltzmann solver."""
    with REFERENCE.open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["model"] == "reid_ramp"]
    rows = [row for row in rows if row["quantity"] == quantity]
    x, y = [float(row["en"]) for row in rows], [float(row["value"]) for row in rows]
    return plot.Points(x, y, label="Boltzmann solver")


folder = Path(sys.argv[1] if len(sys.argv) > 1 else "multirun/reid_ramp_benchmark")
sweep = swarmhydra.open_sweep(folder)
quantities = [
    "mean_energy",
    "drift_velocity_flux",
    "reduced_diffusion_longitudinal_flux",
    "reduced_diffusion_transverse_flux",
]
figure = plot.sweep_overview(
    sweep,
    [(quantity,) for quantity in quantities],
    references={quantity: reference(quantity) for quantity in quantities},
)
figure.savefig(folder / "reid_ramp_benchmark.png")
