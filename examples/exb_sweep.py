"""Figure of the study `+experiment=exb_sweep`: drift and diffusion across a magnetic field."""

import sys
from pathlib import Path

import swarmhydra
from swarmhydra import plot

folder = Path(sys.argv[1] if len(sys.argv) > 1 else "multirun/exb_sweep")
sweep = swarmhydra.open_sweep(folder)
panels = [
    ("mean_energy",),
    ("drift_velocity_along_E_flux", "drift_velocity_along_ExB_flux"),
    tuple(f"reduced_diffusion_along_{axis}_flux" for axis in ("E", "ExB", "B")),
]
plot.sweep_overview(sweep, panels, along="bn").savefig(folder / "exb_sweep.png")
