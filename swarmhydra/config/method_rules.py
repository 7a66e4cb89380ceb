"""What a method can do, and which settings do not matter to it."""

from __future__ import annotations

from dataclasses import is_dataclass
from functools import lru_cache
from operator import attrgetter

from omegaconf import OmegaConf

from swarmhydra.config.messages import shown
from swarmhydra.config.option_files import config_dir
from swarmhydra.config.ranges import ConfigError
from swarmhydra.config.schema import Config, ControlVariates, Method

MONTE_CARLO_ONLY = (
    "accel.name",
    "sim.electrons",
    "sim.sub_swarms",
    "sim.seed",
    "sim.run_label",
    "sim.replica",
    "sim.initial_energy",
    "sim.initial_distribution",
    "sim.initial_direction",
    "sim.initial_spread",
    "sim.window",
    "sim.memory_windows",
    "sim.max_ionization_growth_factor",
    "sim.relaxation_collisions",
    "sim.log_every_k",
    "sim.profile_per_step",
    "sim.stop",
)
"""Settings that mean nothing to the Boltzmann equation: it has no electrons to follow."""


def check_method(config: Config) -> None:
    """Refuse fields that the method cannot do.

    Raises
    ------
    ConfigError
        Names, in one line, the key at fault and the method that can do it.
    """
    if config.method.sensitivity:
        _check_sensitivity(config)
    if config.method.kind is not Method.boltzmann:
        return
    terms = config.method.terms
    if terms is not None and terms % 2:
        raise ConfigError(
            f"method.terms={terms}: expected an even number, as even and odd Legendre orders go in "
            "pairs"
        )
    if config.sim.en == 0.0:
        raise ConfigError(
            f"sim.en=0 with method={config.method.name}: expected a field, however small, or "
            "method=monte_carlo"
        )
    for key, value, field in (
        ("sim.bn", config.sim.bn, "no magnetic field"),
        ("sim.frequency", config.sim.frequency, "a steady electric field"),
    ):
        if value > 0.0:
            raise ConfigError(
                f"{key}={shown(value)} with method={config.method.name}: expected {field}, or "
                "method=monte_carlo"
            )


def _check_sensitivity(config: Config) -> None:
    """Derivatives need the adjoint functions that only the Boltzmann equation gives."""
    method, sim = config.method, config.sim
    if method.kind is Method.monte_carlo and method.control_variates is ControlVariates.off:
        raise ConfigError(
            f"method.sensitivity=true with method={method.name} and control_variates=off: expected "
            "method.control_variates=auto, or method=boltzmann"
        )
    for key, value in (("sim.bn", sim.bn), ("sim.frequency", sim.frequency)):
        if value > 0.0:
            raise ConfigError(
                f"method.sensitivity=true with {key}={shown(value)}: expected a steady electric "
                "field without a magnetic one"
            )


def inapplicable(config: Config) -> list[str]:
    """The settings that were changed but mean nothing to the method, each with its value."""
    if config.method.kind is not Method.boltzmann:
        return []
    defaults = _defaults()
    changes = []
    for key in MONTE_CARLO_ONLY:
        value, default = (attrgetter(key)(settings) for settings in (config, defaults))
        if is_dataclass(value) and value != default:
            changes.append(key)
        elif value != default:
            changes.append(f"{key.removesuffix('.name')}={shown(value)}")
    return changes


@lru_cache(maxsize=1)
def _defaults() -> Config:
    """The settings as they are when no option is chosen, without a gas."""
    config = Config()
    for group, name in (("sim", "default"), ("accel", "numpy")):
        schema = OmegaConf.structured(getattr(config, group))
        option = OmegaConf.load(config_dir() / group / f"{name}.yaml")
        setattr(config, group, OmegaConf.to_object(OmegaConf.merge(schema, option)))
    return config
