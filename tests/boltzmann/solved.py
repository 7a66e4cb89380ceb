"""Swarms for tests of the solver: the gas of a configuration, at a field."""

from dataclasses import replace

import numpy as np
from scipy import constants

from swarmhydra.boltzmann.collision_model import CollisionModel
from swarmhydra.boltzmann.solve import Request
from swarmhydra.kernels.arrays import FloatArray
from swarmhydra.swarm import from_config
from tests.helpers.settings import configured

TOWNSEND = 1e-21


def request(*overrides: str, en: float, **options: object) -> Request:
    """What the solver is asked for a gas at a reduced field (Td), with all targets in motion."""
    config = configured(*overrides)
    medium = from_config.medium(configured(*overrides, "sim.thermal=true"))
    tables = medium.collision_tables.with_bands(np.inf, 1, 0.0, medium.look_ups)
    density = medium.number_density
    force = constants.elementary_charge / constants.electron_mass
    plain = Request(
        model=CollisionModel(tables, medium.scattering, medium.sharing),
        acceleration=en * TOWNSEND * density * force,
        number_density=density,
        target_density=density * np.asarray(medium.mixture.fraction),
        energy_max=config.gas.energy_max,
    )
    return replace(plain, **options)


def maxwell_gas(
    mass_ratio: float, en: float, temperature: float, k0: float
) -> dict[str, FloatArray]:
    """Coefficients where the collision frequency k0 N is constant: its moment equations close.

    Wannier, Bell Syst. Tech. J. 32 (1953) 170; isotropic in the centre of mass, any mass ratio.
    """
    mass, charge = constants.electron_mass, constants.elementary_charge
    target_mass = mass / mass_ratio
    share = mass / (mass + target_mass)
    other = 1.0 - share
    drift = charge / mass * en * TOWNSEND / (k0 * other)
    thermal = constants.Boltzmann * temperature / target_mass
    squared_speed = drift**2 / share + 3.0 * other / share * thermal
    across = other**2 * (2.0 * thermal + squared_speed / 3.0) / (1.0 - share**2)
    along = squared_speed - 2.0 * across - drift**2
    values = {
        "mean_energy": 0.5 * mass * squared_speed / charge,
        "drift_velocity_flux": drift,
        "drift_velocity_bulk": drift,
    }
    for kind in ("flux", "bulk"):
        values[f"reduced_diffusion_longitudinal_{kind}"] = along / (k0 * other)
        values[f"reduced_diffusion_transverse_{kind}"] = across / (k0 * other)
    return values
