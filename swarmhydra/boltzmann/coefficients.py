"""The coefficients that a result holds, from a solved swarm; names and units as in its file."""

from dataclasses import dataclass

import numpy as np
from scipy import constants

from swarmhydra.boltzmann import macroscopic
from swarmhydra.boltzmann.hydrodynamic import Swarm
from swarmhydra.boltzmann.macroscopic import DensityMeans, MacroscopicMeans
from swarmhydra.boltzmann.transport import Expansion
from swarmhydra.kernels.arrays import FloatArray, IntArray
from swarmhydra.kernels.quantities import HALF_MASS

Coefficients = dict[str, FloatArray]


@dataclass(frozen=True)
class GasAndField:
    """What coefficients depend on besides the swarm; a `macroscopic.Conditions`.

    Attributes
    ----------
    number_density : float
        Number density of the gas (1/m3).
    electric_field : float
        Electric field along -z (V/m).
    action : ndarray of int, shape (P,)
        What each process does to an electron, codes of `kernels.contract`.
    target_density : ndarray, shape (P,)
        Number density of the targets of each process (1/m3).
    extra_density : ndarray, shape (E,)
        The same for processes that do not act on electrons (1/m3).
    """

    number_density: float
    electric_field: float
    action: IntArray
    target_density: FloatArray
    extra_density: FloatArray


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
    conditions = conditions_of(swarm, number_density, target_density)
    values = macroscopic.coefficients(means_of(swarm, spatial), conditions)
    return {name: value[0] for name, value in values.items()}


def conditions_of(swarm: Swarm, number_density: float, target_density: FloatArray) -> GasAndField:
    """Gas and field of a swarm, parameters as for `coefficients`."""
    action = swarm.model.tables.action
    return GasAndField(number_density, field_of(swarm), action, target_density, np.empty(0))


def field_of(swarm: Swarm) -> float:
    """Electric field (V/m) that accelerates the swarm."""
    return float(swarm.acceleration * constants.electron_mass / constants.elementary_charge)


def means_of(swarm: Swarm, spatial: bool) -> DensityMeans:
    """The means of a swarm, as one sample; `MacroscopicMeans` if spatial."""
    expansion, sampling = Expansion(swarm), swarm.sampling
    means: dict[str, float | FloatArray] = {
        "energy": swarm.mean_energy,
        "energy_flux": swarm.mean(None, HALF_MASS * sampling.quadrature.speed**3),
        "growth": swarm.growth.rate,
        "frequency": swarm.mean_of(sampling.image.frequency),
        "loss": swarm.loss(),
        "drift_flux": expansion.drift_flux,
        "extra_frequency": np.empty(0),
    }
    if not spatial:
        return DensityMeans(**_one_sample(means))
    names = (
        "drift_bulk",
        "longitudinal_flux",
        "longitudinal_bulk",
        "transverse_flux",
        "transverse_bulk",
        "energy_diffusion",
        "spatial_growth",
    )
    means |= {name: getattr(expansion, name) for name in names}
    return MacroscopicMeans(**_one_sample(means))


def _one_sample(means: dict[str, float | FloatArray]) -> dict[str, FloatArray]:
    """The same with the sample as first axis."""
    return {name: np.asarray(value)[None] for name, value in means.items()}
