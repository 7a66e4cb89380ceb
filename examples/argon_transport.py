"""Figure of the study `+experiment=argon_transport`: coefficients of argon against E/N."""

import sys
from pathlib import Path

import swarmhydra
from swarmhydra import plot

folder = Path(sys.argv[1] if len(sys.argv) > 1 else "multirun/argon_transport")
sweep = swarmhydra.open_sweep(folder)
panels = [
    ("mean_energy",),
    ("drift_velocity_flux", "drift_velocity_bulk"),
    ("reduced_diffusion_longitudinal_flux", "reduced_diffusion_longitudinal_bulk"),
    ("reduced_diffusion_transverse_flux", "reduced_diffusion_transverse_bulk"),
    ("rate_coefficient",),
    ("reduced_townsend_effective", "reduced_townsend_effective_sst"),
]
plot.sweep_overview(sweep, panels).savefig(folder / "argon_transport.png")
