"""The coefficients of a results file from the few means that a swarm in a steady field has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from swarmhydra.kernels.arrays import FloatArray, IntArray
from swarmhydra.kernels.contract import ATTACHMENT, IONIZATION


class Conditions(Protocol):
    """Gas and field, as far as a coefficient depends on them."""

    @property
    def number_density(self) -> float:
        """Number density of the gas (1/m3)."""

    @property
    def electric_field(self) -> float:
        """Electric field along -z (V/m)."""

    @property
    def action(self) -> IntArray:
        """What each process does to an electron, codes of `kernels.contract`, shape (P,)."""

    @property
    def target_density(self) -> FloatArray:
        """Number density of the target of each process (1/m3), shape (P,)."""

    @property
    def extra_density(self) -> FloatArray:
        """The same for processes that do not act on electrons, shape (E,)."""


@dataclass(frozen=True)
class DensityMeans:
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
    drift_flux : ndarray, shape (n,)
        Mean velocity (m/s).
    extra_frequency : ndarray, shape (n, E)
        Frequencies of processes that do not act on electrons (1/s).
    """

    energy: FloatArray
    energy_flux: FloatArray
    growth: FloatArray
    frequency: FloatArray
    loss: FloatArray
    drift_flux: FloatArray
    extra_frequency: FloatArray


@dataclass(frozen=True)
class MacroscopicMeans(DensityMeans):
    """These, and what a gradient of the density makes of them.

    Attributes
    ----------
    drift_bulk : ndarray, shape (n,)
        Velocity of the centre of mass (m/s).
    longitudinal_flux, longitudinal_bulk, transverse_flux, transverse_bulk : ndarray, shape (n,)
        Diffusion coefficients (m2/s).
    energy_diffusion : ndarray, shape (n,)
        Diffusion coefficient of energy across the field (m2/s).
    spatial_growth : ndarray, shape (n,)
        Growth of a steady stream along the field (1/m).
    """

    drift_bulk: FloatArray
    longitudinal_flux: FloatArray
    longitudinal_bulk: FloatArray
    transverse_flux: FloatArray
    transverse_bulk: FloatArray
    energy_diffusion: FloatArray
    spatial_growth: FloatArray


def coefficients(means: DensityMeans, conditions: Conditions) -> dict[str, FloatArray]:
    """Coefficients named as in `results.variables`, each with the sample as its first axis.

    Those of diffusion, of the bulk and of a steady stream need `MacroscopicMeans`.
    """
    density, field = conditions.number_density, conditions.electric_field
    rate = means.frequency / conditions.target_density
    gain = field * means.drift_flux
    growth = means.growth * means.energy
    result = {
        "mean_energy": means.energy,
        "rate_coefficient": rate,
        "rate_coefficient_convolution": rate,
        "effective_ionization_rate_coefficient": means.growth / density,
        "reduced_energy_mobility": means.energy_flux / means.energy * density / field,
        "power_gain": gain,
        "power_loss": means.loss,
        "power_growth": growth,
        "power_balance_residual": gain - means.loss.sum(axis=1) - growth,
    }
    result |= _drift("flux", means.drift_flux, density, field)
    result |= _townsend(means, conditions)
    if conditions.extra_density.size:
        result["extra_rate_coefficient"] = means.extra_frequency / conditions.extra_density
    if isinstance(means, MacroscopicMeans):
        result |= _of_the_gradient(means, density, field)
    return result


def _drift(kind: str, drift: FloatArray, density: float, field: float) -> dict[str, FloatArray]:
    """Drift velocity and mobility of one kind, flux or bulk."""
    return {
        f"velocity_vector_{kind}": drift[:, None] * np.array([0.0, 0.0, 1.0]),
        f"drift_velocity_{kind}": drift,
        f"reduced_mobility_{kind}": drift * density / field,
    }


def _diffusion(
    kind: str, along: FloatArray, across: FloatArray, density: float
) -> dict[str, FloatArray]:
    """Diffusion coefficients of one kind, flux or bulk."""
    axial = np.diag([0.0, 0.0, 1.0])
    tensor = along[:, None, None] * axial + across[:, None, None] * (np.eye(3) - axial)
    return {
        f"reduced_diffusion_tensor_{kind}": tensor * density,
        f"reduced_diffusion_longitudinal_{kind}": along * density,
        f"reduced_diffusion_transverse_{kind}": across * density,
    }


def _of_the_gradient(
    means: MacroscopicMeans, density: float, field: float
) -> dict[str, FloatArray]:
    """Coefficients that need an expansion in the density gradient."""
    flux = _diffusion("flux", means.longitudinal_flux, means.transverse_flux, density)
    bulk = _diffusion("bulk", means.longitudinal_bulk, means.transverse_bulk, density)
    return {
        **_drift("bulk", means.drift_bulk, density, field),
        **flux,
        **bulk,
        "characteristic_energy": means.transverse_flux * field / means.drift_flux,
        "reduced_energy_diffusion": means.energy_diffusion * density,
        "reduced_townsend_effective_sst": means.spatial_growth / density,
    }


def _townsend(means: DensityMeans, conditions: Conditions) -> dict[str, FloatArray]:
    """Townsend coefficients over N: frequency over drift."""
    per_length = means.drift_flux * conditions.number_density
    ionization, attachment = (
        means.frequency[:, conditions.action == action].sum(axis=1) / per_length
        for action in (IONIZATION, ATTACHMENT)
    )
    return {
        "reduced_townsend_ionization": ionization,
        "reduced_townsend_attachment": attachment,
        "reduced_townsend_effective": ionization - attachment,
    }
