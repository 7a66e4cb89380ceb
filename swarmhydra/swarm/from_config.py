"""What a configuration asks for: the gas and its tables, the fields, what the electrons start from.

Made of arrays and scalars: tables, fields and kernels know no configuration.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import constants

from swarmhydra.collisions import scattering
from swarmhydra.collisions import tables as collision_tables
from swarmhydra.collisions.scattering import Angular
from swarmhydra.collisions.tables import CollisionTables, LookUps
from swarmhydra.config import AccelConfig, Config, SimConfig
from swarmhydra.gas import mixture as mixtures
from swarmhydra.gas.mixture import Mixture
from swarmhydra.gas.populations import Temperatures
from swarmhydra.gas.superelastic import with_partners
from swarmhydra.gas.three_body import at_density, has_third_body
from swarmhydra.kernels.contract import Field
from swarmhydra.swarm.initial_conditions import InitialConditions

TOWNSEND = 1e-21
"""V m2"""

HUXLEY = 1e-27
"""T m3"""

STANDARD_TEMPERATURE = 273.15
"""Temperature (K) that gives a gas at rest (0 K) its density at a pressure."""

REMEMBERED = 4
"""Tables of gases that are kept, for sweeps."""


def collision_partners(config: Config) -> Mixture:
    """The gas with its superelastic processes, and three-body ones at the density of the gas."""
    sim = config.sim
    temperatures = Temperatures(
        gas=sim.temperature,
        vibrational=sim.vibrational_temperature or sim.temperature,
        rotational=sim.rotational_temperature or sim.temperature,
        electronic=sim.electronic_temperature,
        treanor=config.gas.vibrational_distribution == "treanor",
    )
    mixture = _with_partners(mixtures.build(config.gas), temperatures)
    return _at_density(mixture, number_density(sim)) if has_third_body(mixture) else mixture


def number_density(sim: SimConfig) -> float:
    """Number density of the gas (1/m3)."""
    temperature = sim.temperature or STANDARD_TEMPERATURE
    return float(sim.pressure / (constants.Boltzmann * temperature))


@lru_cache(maxsize=REMEMBERED)
def _with_partners(mixture: Mixture, temperatures: Temperatures) -> Mixture:
    """The gas with its superelastic processes, built once for a sweep."""
    return with_partners(mixture, temperatures)


@lru_cache(maxsize=REMEMBERED)
def _at_density(mixture: Mixture, density: float) -> Mixture:
    """The gas with three-body processes at a number density (1/m3), built once for a sweep."""
    return at_density(mixture, density)


def tables_of(mixture: Mixture, density: float, config: Config) -> CollisionTables:
    """The tables of a gas of a number density (1/m3)."""
    sim = config.sim
    return _cached_tables(
        _Conditions(
            mixture,
            density,
            0.0 if sim.thermal == "false" else sim.temperature,
            look_ups(config.accel).collision,
            sim.thermal == "true",
            scattering.angular_of(sim),
        )
    )


@dataclass(frozen=True)
class _Conditions:
    """All that the tables of a gas depend on; nothing that a sweep over the field changes."""

    mixture: Mixture
    number_density: float
    temperature: float
    look_up_size: int
    everywhere: bool
    angular: Angular


@lru_cache(maxsize=REMEMBERED)
def _cached_tables(conditions: _Conditions) -> CollisionTables:
    """The tables of a gas, built once for a sweep."""
    mixture = conditions.mixture
    return collision_tables.build(
        scattering.with_integral_cross_sections(mixture.processes, conditions.angular),
        mixture.fraction,
        conditions.number_density,
        conditions.temperature,
        mixture.energy_max,
        conditions.look_up_size,
        everywhere=conditions.everywhere,
    )


def forces(sim: SimConfig, field: float, density: float) -> Field:
    """What an electric field (V/m) and the magnetic one do to an electron."""
    charge_over_mass = constants.elementary_charge / constants.electron_mass
    angle = np.radians(sim.eb_angle)
    return Field(
        acceleration=field * charge_over_mass,
        angular_frequency=2.0 * np.pi * sim.frequency,
        gyration=sim.bn * HUXLEY * density * charge_over_mass,
        # The electric field is along -z.
        magnetic_x=float(np.sin(angle)),
        magnetic_z=float(-np.cos(angle)),
    )


def initial_conditions(sim: SimConfig) -> InitialConditions:
    """What the electrons start from."""
    direction = sim.initial_direction
    return InitialConditions(
        sim.initial_distribution,
        sim.initial_energy,
        np.array(sim.initial_eedf_energies),
        np.array(sim.initial_eedf),
        None if direction is None else np.array(direction),
        sim.initial_spread,
    )


def look_ups(accel: AccelConfig) -> LookUps:
    """What the kernels shall look up."""
    collision = accel.collision_lut_size if accel.collision_lut else 0
    return LookUps(collision, accel.velocity_lut)
