"""The steady state in the first field of a waveform, where it is known without a simulation."""

import logging
from dataclasses import replace

import numpy as np
from scipy import constants

from swarmhydra.boltzmann.solve import SolverError, solve
from swarmhydra.config import Config
from swarmhydra.kernels.contract import ELASTIC, EXCITATION, IONIZATION
from swarmhydra.kernels.quantities import HALF_MASS, speed_at
from swarmhydra.run.solver_request import solver_request
from swarmhydra.swarm import from_config
from swarmhydra.swarm.initial_conditions import LegendreStart
from swarmhydra.swarm.medium import Medium
from swarmhydra.swarm.waveform import Begin

log = logging.getLogger(__name__)

TERMS = 8
"""Legendre terms of the solution."""

TOLERANCE = 1e-3
"""Relative error at which the grid of the solution is fine enough."""

CELLS = 4096
"""Speed cells from which velocities are drawn."""

BEYOND_REACH = 25.0
"""Energy over kT above which there are practically no electrons in thermal equilibrium: a fraction
of 8e-11."""


def steady_start(config: Config) -> LegendreStart | None:
    """Velocities of the steady state in the first field; None where they are not known.

    They are in thermal equilibrium without a field, and the solution of the Boltzmann equation in
    an electric field alone.
    """
    if from_config.waveform(config.sim).begin is not Begin.STEADY:
        return None
    medium = from_config.medium(config)
    if medium.electric_field == 0.0:
        return _thermal(medium.temperature) if stays_thermal(medium) else None
    if medium.magnetic_direction is not None:
        return None
    try:
        return _solved(medium)
    except SolverError as error:
        log.info("relaxing in the first field: %s", error)
        return None


def stays_thermal(medium: Medium) -> bool:
    """Whether electrons without a field have the temperature of the gas.

    Every process must be out of their reach, or have its reverse.
    """
    thermal_energy = constants.Boltzmann * medium.temperature / constants.elementary_charge
    loss = np.array([process.threshold for process in medium.mixture.processes])
    elastic = medium.action == ELASTIC
    inelastic = (medium.action == EXCITATION) | (medium.action == IONIZATION)
    beyond = inelastic & (loss > BEYOND_REACH * thermal_energy)
    reversed_ = (medium.action == EXCITATION) & np.isin(-loss, loss)
    return bool(np.all(elastic | beyond | reversed_))


def _thermal(temperature: float) -> LegendreStart:
    """A Maxwellian of a temperature (K)."""
    energy = constants.Boltzmann * temperature / constants.elementary_charge
    edges = np.linspace(0.0, float(speed_at(BEYOND_REACH * energy)), CELLS + 1)
    middle = 0.5 * (edges[1:] + edges[:-1])
    return LegendreStart(edges, np.exp(-HALF_MASS * middle**2 / energy)[None])


def _solved(medium: Medium) -> LegendreStart:
    """The solution of the Boltzmann equation."""
    request = solver_request(medium, TERMS, TOLERANCE, abs(medium.field.acceleration))
    solution = solve(replace(request, spatial=False)).swarm
    edges = np.linspace(0.0, float(solution.sampling.spaces[0].edges[-1]), CELLS + 1)
    orders = solution.density_at(0.5 * (edges[1:] + edges[:-1]))
    if medium.electric_field < 0.0:
        orders[1::2] *= -1.0
    return LegendreStart(edges, orders)
