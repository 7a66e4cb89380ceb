"""
A run
=====

A simulation of argon at 100 Td, and the solution of the Boltzmann equation for the same gas and
field beside it.
"""

import swarmhydra
from swarmhydra import plot

run = swarmhydra.simulate("gas=argon", "sim.en=100", "sim=quick")
solution = swarmhydra.simulate("gas=argon", "sim.en=100", "method=boltzmann")
run

# %%
# The swarm in the course of the simulated time, and the result of the run.
plot.relaxation(run, title=True)

# %%
# A second call with ``ax=`` draws over the first, in the next colour.
axes = plot.energy_distribution(run, label="Monte Carlo")
plot.energy_distribution(solution, ax=axes, label="Boltzmann equation")

# %%
# The velocity distribution in Legendre polynomials. Each further order matters less at low energy.
plot.legendre_coefficients(solution)

# %%
# Where the power from the field goes.
plot.power_balance(run)

# %%
# How often each process happens, counted and from the energy distribution.
plot.rates(run)

# %%
# The cross sections that the run used.
plot.cross_sections(run)
