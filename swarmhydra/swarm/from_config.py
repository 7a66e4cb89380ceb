"""From a configuration to gas, tables, fields and start of a swarm, made of arrays and scalars.

What stands below this module knows no configuration.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import constants

from swarmhydra.collisions import scattering
from swarmhydra.collisions import tables as collision_tables
from swarmhydra.collisions.energy_sharing import sharing_of
from swarmhydra.collisions.scattering import Angular
from swarmhydra.collisions.tables import CollisionTables, LookUps
from swarmhydra.config import AccelConfig, Config, ConfigError, SimConfig, waveform_points
from swarmhydra.gas import mixture as mixtures
from swarmhydra.gas.level_populations import Temperatures
from swarmhydra.gas.mixture import Mixture
from swarmhydra.gas.number_density import number_density
from swarmhydra.gas.superelastic import with_partners
from swarmhydra.gas.three_body import at_density, has_third_body
from swarmhydra.kernels.contract import Field
from swarmhydra.kernels.quantities import HUXLEY, TOWNSEND, speed_at
from swarmhydra.swarm.course import unchanging
from swarmhydra.swarm.initial_conditions import InitialConditions
from swarmhydra.swarm.medium import Medium
from swarmhydra.swarm.moment_plan import OrderSampling
from swarmhydra.swarm.waveform import Begin, Waveform, complete_edges

LOWEST_FREQUENCY, HIGHEST_FREQUENCY = 1e-20, 1e30
"""Collision frequencies (1/s) between which the squares of times and distances are far from the
limits of floating-point numbers."""

REMEMBERED = 4
"""Gases whose tables stay in memory, for sweeps."""


def medium(config: Config) -> Medium:
    """Gas and fields."""
    sim, accel = config.sim, config.accel
    mixture = collision_partners(config)
    density = number_density(sim.pressure, sim.temperature)
    _check_collision_frequency(mixture, density, config)
    en = waveform_points(sim)[1][0] if sim.waveform.is_set else sim.en
    electric_field = en * TOWNSEND * density
    return Medium(
        mixture=mixture,
        number_density=density,
        temperature=sim.temperature,
        electric_field=electric_field,
        field=forces(sim, electric_field, density),
        frequency=sim.frequency,
        scattering=scattering.scattering_of(mixture.processes, sim, accel.scatter_lut),
        sharing=sharing_of(mixture.processes, sim),
        collision_tables=tables_of(mixture, density, config),
        bands=accel.max_coll_lut_size if accel.max_coll_lut else 1,
        look_ups=look_ups(accel),
    )


def _check_collision_frequency(mixture: Mixture, density: float, config: Config) -> None:
    """Refuse a gas in which electrons never collide, or so often that numbers overflow."""
    largest = [float(process.cross_section.max()) for process in mixture.processes]
    top = float(speed_at(mixture.energy_max))
    with np.errstate(over="ignore", invalid="ignore"):
        frequency = density * np.array(mixture.fraction) * np.array(largest) * top
    place = int(np.argmax(frequency))
    most = float(frequency[place])
    if LOWEST_FREQUENCY < most < HIGHEST_FREQUENCY:
        return
    if most == 0.0:
        raise ConfigError(f"gas={config.gas.name}: expected a cross section above 0")
    sim = config.sim
    raise ConfigError(
        f"sim.pressure={sim.pressure:g}, sim.temperature={sim.temperature:g}: collisions "
        f"{mixture.processes[place].name!r} of a cross section of {largest[place]:g} m2 are up to "
        f"{most:g} 1/s; expected between {LOWEST_FREQUENCY:g} and {HIGHEST_FREQUENCY:g} 1/s"
    )


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
    if not has_third_body(mixture):
        return mixture
    return _at_density(mixture, number_density(sim.pressure, sim.temperature))


@lru_cache(maxsize=REMEMBERED)
def _with_partners(mixture: Mixture, temperatures: Temperatures) -> Mixture:
    """The gas with its superelastic processes, built once for a sweep."""
    return with_partners(mixture, temperatures)


@lru_cache(maxsize=REMEMBERED)
def _at_density(mixture: Mixture, density: float) -> Mixture:
    """The gas with three-body processes at a number density (1/m3), built once for a sweep."""
    return at_density(mixture, density)


def tables_of(mixture: Mixture, density: float, config: Config) -> CollisionTables:
    """Collision tables of a gas of a number density (1/m3)."""
    sim = config.sim
    return _cached_tables(
        _TableInputs(
            mixture,
            density,
            0.0 if sim.thermal == "false" else sim.temperature,
            look_ups(config.accel).collision,
            sim.thermal == "true",
            scattering.angular_of(sim),
        )
    )


@dataclass(frozen=True)
class _TableInputs:
    """All that the tables of a gas depend on; nothing of the fields, so that sweeps share them."""

    mixture: Mixture
    number_density: float
    temperature: float
    look_up_size: int
    everywhere: bool
    angular: Angular


@lru_cache(maxsize=REMEMBERED)
def _cached_tables(inputs: _TableInputs) -> CollisionTables:
    """Collision tables of a gas, built once for a sweep."""
    mixture = inputs.mixture
    return collision_tables.build(
        scattering.with_integral_cross_sections(mixture.processes, inputs.angular),
        mixture.fraction,
        inputs.number_density,
        inputs.temperature,
        mixture.energy_max,
        inputs.look_up_size,
        everywhere=inputs.everywhere,
    )


def forces(sim: SimConfig, field: float, density: float) -> Field:
    """Forces of the fields on an electron.

    Parameters
    ----------
    sim : SimConfig
    field : float
        Electric field, its amplitude, or its first value (V/m).
    density : float
        Number density of the gas (1/m3).
    """
    charge_over_mass = constants.elementary_charge / constants.electron_mass
    angle = np.radians(sim.eb_angle)
    acceleration = field * charge_over_mass
    fields = Field(
        acceleration=acceleration,
        angular_frequency=2.0 * np.pi * sim.frequency,
        gyration=sim.bn * HUXLEY * density * charge_over_mass,
        # The electric field is along -z.
        magnetic_x=float(np.sin(angle)),
        magnetic_z=float(-np.cos(angle)),
    )
    if sim.waveform.is_set:
        return fields._replace(course=unchanging(acceleration))
    return fields


def waveform(sim: SimConfig) -> Waveform:
    """The course of a field that changes."""
    times, en = waveform_points(sim)
    settings = sim.waveform
    edges = settings.edges or np.linspace(0.0, times[-1], settings.bins + 1)
    begin = Begin.REPEAT if settings.repeats else Begin.STEADY
    if settings.begin == "given":
        begin = Begin.GIVEN
    return Waveform(np.array(times), np.array(en), complete_edges(edges, times[-1]), begin)


def order_sampling(config: Config) -> OrderSampling | None:
    """Legendre orders that are sampled for their own sake; None where none are asked for."""
    sim = config.sim
    if not sim.evdf.is_sampled:
        return None
    parts = sim.phases if sim.frequency > 0.0 else 1
    return OrderSampling(sim.evdf.order + 1, config.method.sample_every, parts)


def initial_conditions(sim: SimConfig) -> InitialConditions:
    """Energies, directions and places that the electrons start with."""
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
    """What the kernels look up instead of computing it."""
    collision = accel.collision_lut_size if accel.collision_lut else 0
    return LookUps(collision, accel.velocity_lut)
