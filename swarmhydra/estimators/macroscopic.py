"""The coefficients of a results file from the few means that a swarm in a steady field has."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from swarmhydra.estimators.inputs import EstimatorInputs
from swarmhydra.kernels.arrays import FloatArray
from swarmhydra.kernels.contract import ATTACHMENT, IONIZATION


@dataclass(frozen=True)
class MacroscopicMeans:
    """Means over a swarm in a steady electric field; the first axis of every array is the sample.

    Attributes
    ----------
    energy : ndarray, shape (n,)
        Mean energy (eV).
    energy_flux : ndarray, shape (n,)
        Mean of energy times velocity along the field (eV m/s).
    growth : ndarray, shape (n,)
        Net ionization frequency (1/s).
    frequency, loss : ndarray, shape (n, P)
        Frequency of each process (1/s), and the power that it takes from an electron (eV/s).
    drift_flux, drift_bulk : ndarray, shape (n,)
        Drift velocities (m/s).
    longitudinal_flux, longitudinal_bulk, transverse_flux, transverse_bulk : ndarray, shape (n,)
        Diffusion coefficients (m2/s).
    energy_diffusion : ndarray, shape (n,)
        Diffusion coefficient of energy across the field (m2/s).
    spatial_growth : ndarray, shape (n,)
        Growth of a steady stream along the field (1/m).
    extra_frequency : ndarray, shape (n, E)
        Frequencies of processes that do not act on electrons (1/s).
    """

    energy: FloatArray
    energy_flux: FloatArray
    growth: FloatArray
    frequency: FloatArray
    loss: FloatArray
    drift_flux: FloatArray
    drift_bulk: FloatArray
    longitudinal_flux: FloatArray
    longitudinal_bulk: FloatArray
    transverse_flux: FloatArray
    transverse_bulk: FloatArray
    energy_diffusion: FloatArray
    spatial_growth: FloatArray
    extra_frequency: FloatArray


def coefficients(means: MacroscopicMeans, inputs: EstimatorInputs) -> dict[str, FloatArray]:
    """Coefficients named as in `results.variables`, each with the sample as its first axis."""
    density, field = inputs.number_density, inputs.electric_field
    rate = means.frequency / inputs.target_density
    gain = field * means.drift_flux
    growth = means.growth * means.energy
    result = {
        "mean_energy": means.energy,
        "rate_coefficient": rate,
        "rate_coefficient_convolution": rate,
        "effective_ionization_rate_coefficient": means.growth / density,
        "reduced_energy_mobility": means.energy_flux / means.energy * density / field,
        "reduced_energy_diffusion": means.energy_diffusion * density,
        "characteristic_energy": means.transverse_flux * field / means.drift_flux,
        "power_gain": gain,
        "power_loss": means.loss,
        "power_growth": growth,
        "power_balance_residual": gain - means.loss.sum(axis=1) - growth,
    }
    for kind in ("flux", "bulk"):
        result |= _moments(means, kind, density, field)
    result |= _townsend(means, inputs)
    if inputs.extra_density.size:
        result["extra_rate_coefficient"] = means.extra_frequency / inputs.extra_density
    return result


def _moments(
    means: MacroscopicMeans, kind: str, density: float, field: float
) -> dict[str, FloatArray]:
    """Drift, mobility and diffusion of one kind, flux or bulk."""
    drift = getattr(means, f"drift_{kind}")
    along, across = (getattr(means, f"{axis}_{kind}") for axis in ("longitudinal", "transverse"))
    velocity, tensor = np.zeros((drift.size, 3)), np.zeros((drift.size, 3, 3))
    velocity[:, 2] = drift
    tensor[:, 0, 0] = tensor[:, 1, 1] = across * density
    tensor[:, 2, 2] = along * density
    return {
        f"velocity_vector_{kind}": velocity,
        f"drift_velocity_{kind}": drift,
        f"reduced_mobility_{kind}": drift * density / field,
        f"reduced_diffusion_tensor_{kind}": tensor,
        f"reduced_diffusion_longitudinal_{kind}": along * density,
        f"reduced_diffusion_transverse_{kind}": across * density,
    }


def _townsend(means: MacroscopicMeans, inputs: EstimatorInputs) -> dict[str, FloatArray]:
    """Townsend coefficients over N: frequency over drift, and the growth of a steady stream."""
    per_length = means.drift_flux * inputs.number_density
    ionization, attachment = (
        means.frequency[:, inputs.action == action].sum(axis=1) / per_length
        for action in (IONIZATION, ATTACHMENT)
    )
    return {
        "reduced_townsend_ionization": ionization,
        "reduced_townsend_attachment": attachment,
        "reduced_townsend_effective": ionization - attachment,
        "reduced_townsend_effective_sst": means.spatial_growth / inputs.number_density,
    }
