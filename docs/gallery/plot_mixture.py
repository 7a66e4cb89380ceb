"""
A mixture
=========

Argon with more and more helium. Curves are named by the shares of the components, and a component
may be the horizontal axis.
"""

import tempfile
from pathlib import Path

import swarmhydra
from swarmhydra import plot

folder = Path(tempfile.mkdtemp())
for helium in (0.02, 0.1, 0.5):
    gas = f"+gas.components={{He:{{formula:helium,fraction:{helium}}}}}"
    for en in (10, 30, 100):
        run = swarmhydra.simulate(
            f"gas.components.Ar.fraction={1.0 - helium}", gas, f"sim.en={en}", "method=boltzmann"
        )
        swarmhydra.results.save(run, folder / f"{helium}" / f"{en}" / "results.nc")

sweep = swarmhydra.open_sweep(folder)

# %%
# Against the field, a curve for each mixture.
plot.coefficients(sweep, "mean_energy")

# %%
# Against the share of helium, a curve for each field.
plot.coefficients(sweep, "mean_energy", along="He", title=True)

# %%
# Rate coefficients have a colour for the process, and a line for the mixture.
plot.coefficients(sweep, "rate_coefficient")
