"""Transport coefficients and rates from a solution of the Boltzmann equation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from swarmhydra.boltzmann.collision_model import CollisionModel
from swarmhydra.boltzmann.hydrodynamic import Swarm
from swarmhydra.boltzmann.transport import Expansion
from swarmhydra.estimators.transport import LONGITUDINAL, TOWNSEND_COEFFICIENTS
from swarmhydra.kernels.arrays import FloatArray
from swarmhydra.kernels.contract import ATTACHMENT, IONIZATION
from swarmhydra.kernels.quantities import HALF_MASS


@dataclass(frozen=True)
class SolutionInputs:
    """What the coefficients depend on besides the solution.

    Attributes
    ----------
    number_density : float
        Number density of the gas (1/m3).
    electric_field : float
        Electric field that drives the electrons along +z (V/m).
    target_density : ndarray, shape (P,)
        Density of the species that each process' electron hits (1/m3).
    extra : CollisionModel or None
        Processes that do not act on the electrons; None without any.
    extra_density : ndarray, shape (E,)
        Density of the species that each of them hits (1/m3).
    """

    number_density: float
    electric_field: float
    target_density: FloatArray
    extra: CollisionModel | None
    extra_density: FloatArray


def coefficients(expansion: Expansion, inputs: SolutionInputs) -> dict[str, FloatArray]:
    """All coefficients of the results file, without errors.

    Parameters
    ----------
    expansion : Expansion
        Solved in a steady electric field, or without one.
    inputs : SolutionInputs

    Returns
    -------
    dict of str to ndarray
        Names, units and meaning as in `results.variables`; NaN for what only a field gives.
    """
    swarm, density = expansion.swarm, inputs.number_density
    occupation = _occupation(swarm)
    frequency = occupation @ swarm.sampling.image.frequency
    rate = frequency / inputs.target_density
    growth = swarm.growth.rate
    result = {
        "mean_energy": swarm.mean_energy,
        "rate_coefficient": rate,
        "rate_coefficient_convolution": rate,
        "effective_ionization_rate_coefficient": growth / density,
        "reduced_energy_diffusion": expansion.energy_diffusion * density,
        **_moments(expansion, inputs),
        **_power(expansion, occupation, inputs),
        **_townsend(expansion, frequency, inputs),
    }
    if inputs.extra is not None:
        result["extra_rate_coefficient"] = _extra_rates(swarm, occupation, inputs)
    return {name: np.asarray(value, dtype=float) for name, value in result.items()}


def _occupation(swarm: Swarm) -> FloatArray:
    """Share of the electrons at each point of the quadrature."""
    sampling = swarm.sampling
    isotropic = swarm.density[: sampling.spaces[0].size]
    return np.asarray(sampling.measure * (sampling.image.value[0] @ isotropic))


def _moments(expansion: Expansion, inputs: SolutionInputs) -> dict[str, FloatArray | float]:
    """Drift, mobility and diffusion, flux and bulk; mobility of energy."""
    swarm, density, field = expansion.swarm, inputs.number_density, inputs.electric_field
    # Without a field electrons have no mobility that could be measured.
    per_field = density / field if field > 0.0 else np.nan
    moments = {
        "flux": (
            expansion.drift_flux, expansion.longitudinal_flux, expansion.transverse_flux,
        ),
        "bulk": (
            expansion.drift_bulk, expansion.longitudinal_bulk, expansion.transverse_bulk,
        ),
    }  # fmt: skip
    result: dict[str, FloatArray | float] = {}
    for kind, (drift, longitudinal, transverse) in moments.items():
        velocity = np.zeros(3)
        velocity[LONGITUDINAL] = drift
        tensor = np.diag([transverse, transverse, longitudinal]) * density
        result |= {
            f"velocity_vector_{kind}": velocity,
            f"drift_velocity_{kind}": drift,
            f"reduced_mobility_{kind}": drift * per_field,
            f"reduced_diffusion_tensor_{kind}": tensor,
            f"reduced_diffusion_longitudinal_{kind}": longitudinal * density,
            f"reduced_diffusion_transverse_{kind}": transverse * density,
        }
    _, _, transverse = moments["flux"]
    result["characteristic_energy"] = (
        transverse * field / expansion.drift_flux if field > 0.0 else np.nan
    )
    speed = swarm.sampling.quadrature.speed
    energy_flux = swarm.mean(None, HALF_MASS * speed**3)
    result["reduced_energy_mobility"] = energy_flux / swarm.mean_energy * per_field
    return result


def _power(
    expansion: Expansion, occupation: FloatArray, inputs: SolutionInputs
) -> dict[str, FloatArray | float]:
    """Energy balance per electron (eV/s): field, collisions, growth of the swarm."""
    swarm = expansion.swarm
    gain = inputs.electric_field * expansion.drift_flux
    loss = occupation @ swarm.sampling.image.loss
    growth = swarm.growth.rate * swarm.mean_energy
    return {
        "power_gain": gain,
        "power_loss": loss,
        "power_growth": growth,
        "power_balance_residual": gain - loss.sum() - growth,
    }


def _townsend(
    expansion: Expansion, frequency: FloatArray, inputs: SolutionInputs
) -> dict[str, FloatArray | float]:
    """Townsend coefficients over N: nu / W, and the growth of a steady stream in space."""
    if inputs.electric_field == 0.0:
        return dict.fromkeys(TOWNSEND_COEFFICIENTS, np.nan)
    action = expansion.swarm.model.tables.action
    per_length = expansion.drift_flux * inputs.number_density
    ionization = frequency[action == IONIZATION].sum() / per_length
    attachment = frequency[action == ATTACHMENT].sum() / per_length
    return {
        "reduced_townsend_ionization": ionization,
        "reduced_townsend_attachment": attachment,
        "reduced_townsend_effective": ionization - attachment,
        "reduced_townsend_effective_sst": expansion.spatial_growth / inputs.number_density,
    }


def _extra_rates(swarm: Swarm, occupation: FloatArray, inputs: SolutionInputs) -> FloatArray:
    """Rate coefficients of processes that do not act on the electrons."""
    assert inputs.extra is not None
    speed = swarm.sampling.quadrature.speed
    frequency = [
        occupation @ inputs.extra.mean_frequency(speed, process)
        for process in range(inputs.extra.processes)
    ]
    return np.array(frequency) / inputs.extra_density
