"""
A sweep over the field
======================

Argon and helium at several fields. A sweep of the command line lies in a folder; here the results
of some calls are put into one.
"""

import tempfile
from pathlib import Path

import swarmhydra
from swarmhydra import plot

folder = Path(tempfile.mkdtemp())
for gas in ("argon", "helium"):
    for en in (5, 10, 20, 50, 100, 200):
        run = swarmhydra.simulate(f"gas={gas}", f"sim.en={en}", "method=boltzmann")
        swarmhydra.results.save(run, folder / gas / str(en) / "results.nc")

sweep = swarmhydra.open_sweep(folder)
sweep

# %%
# Coefficients have a curve for each gas, in the colour that it has in all figures.
plot.coefficients(sweep, "drift_velocity_flux", "drift_velocity_bulk")

# %%
# Figures of a run take a sweep as well. Of many runs, a scale of colours says which is which.
plot.energy_distribution(sweep)

# %%
# The share of each process in the power from the field.
plot.power_balance(sweep)

# %%
# Values of your own beside those of the sweep.
measured = plot.Points([10, 50], [9.0e3, 4.3e4], [5e2, 2e3], label="measured")
plot.coefficients(sweep, "drift_velocity_flux", reference=measured)

# %%
# All coefficients on one page.
plot.sweep_overview(sweep)
