"""The coefficients that a result holds, from a solved swarm; names and units as in its file."""

import numpy as np
from scipy import constants

from swarmhydra.boltzmann.hydrodynamic import Swarm
from swarmhydra.boltzmann.transport import Expansion
from swarmhydra.kernels import contract
from swarmhydra.kernels.arrays import FloatArray
from swarmhydra.kernels.quantities import HALF_MASS

Coefficients = dict[str, FloatArray]

SPATIAL = (
    "drift_velocity_bulk",
    "reduced_mobility_bulk",
    "reduced_diffusion_longitudinal_flux",
    "reduced_diffusion_longitudinal_bulk",
    "reduced_diffusion_transverse_flux",
    "reduced_diffusion_transverse_bulk",
    "characteristic_energy",
    "reduced_energy_diffusion",
    "reduced_townsend_effective_sst",
)
"""Coefficients that need the expansion in the density gradient."""


def coefficients(
    swarm: Swarm, number_density: float, target_density: FloatArray, spatial: bool = True
) -> Coefficients:
    """All coefficients of a swarm, scalars and one value for each process.

    Parameters
    ----------
    swarm : Swarm
    number_density : float
        Of the gas (1/m3).
    target_density : ndarray, shape (P,)
        Of the targets of each process (1/m3).
    spatial : bool
        Whether to expand in the density gradient: bulk, diffusion, steady-state Townsend.
    """
    result = _of_the_density(swarm, number_density, target_density)
    if spatial:
        result |= _of_the_gradient(swarm, number_density)
    return result


def field_of(swarm: Swarm) -> float:
    """Electric field (V/m) that accelerates the swarm."""
    return float(swarm.acceleration * constants.electron_mass / constants.elementary_charge)


def _of_the_density(
    swarm: Swarm, number_density: float, target_density: FloatArray
) -> Coefficients:
    """What the density alone gives."""
    field, sampling = field_of(swarm), swarm.sampling
    drift = Expansion(swarm).drift_flux
    frequency = swarm.mean_of(sampling.image.frequency)
    loss = swarm.loss()
    action = swarm.model.tables.action
    ionization = float(frequency[action == contract.IONIZATION].sum())
    attachment = float(frequency[action == contract.ATTACHMENT].sum())
    rate = swarm.growth.rate
    gain, growth = field * drift, rate * swarm.mean_energy
    energy_flux = swarm.mean(None, HALF_MASS * sampling.quadrature.speed**3)
    values: dict[str, float | FloatArray] = {
        "mean_energy": swarm.mean_energy,
        "drift_velocity_flux": drift,
        "reduced_mobility_flux": drift / field * number_density,
        "reduced_energy_mobility": energy_flux / swarm.mean_energy / field * number_density,
        "rate_coefficient": frequency / target_density,
        "effective_ionization_rate_coefficient": rate / number_density,
        "reduced_townsend_ionization": ionization / drift / number_density,
        "reduced_townsend_attachment": attachment / drift / number_density,
        "reduced_townsend_effective": (ionization - attachment) / drift / number_density,
        "power_gain": gain,
        "power_loss": loss,
        "power_growth": growth,
        "power_balance_residual": gain - loss.sum() - growth,
    }
    return {name: np.asarray(value) for name, value in values.items()}


def _of_the_gradient(swarm: Swarm, number_density: float) -> Coefficients:
    """What needs the first order of the density gradient."""
    expansion, field = Expansion(swarm), field_of(swarm)
    mobility = expansion.drift_flux / field
    values = {
        "drift_velocity_bulk": expansion.drift_bulk,
        "reduced_mobility_bulk": expansion.drift_bulk / field * number_density,
        "reduced_diffusion_longitudinal_flux": expansion.longitudinal_flux * number_density,
        "reduced_diffusion_longitudinal_bulk": expansion.longitudinal_bulk * number_density,
        "reduced_diffusion_transverse_flux": expansion.transverse_flux * number_density,
        "reduced_diffusion_transverse_bulk": expansion.transverse_bulk * number_density,
        "characteristic_energy": expansion.transverse_flux / mobility,
        "reduced_energy_diffusion": expansion.energy_diffusion * number_density,
        "reduced_townsend_effective_sst": expansion.spatial_growth / number_density,
    }
    return {name: np.asarray(value) for name, value in values.items()}
