"""The gate before any run: settings, and a gas whose collisions can be described."""

from omegaconf import DictConfig

from swarmhydra.config import Config, ConfigError, check_waveform_in_time, typed


def checked(cfg: DictConfig) -> Config:
    """The gate before any simulation: `typed`, and what files contain can be used.

    Raises
    ------
    ConfigError
        Names, in one line, the key at fault, its value and what is expected.
    """
    from swarmhydra.collisions import scattering
    from swarmhydra.gas.mixture import build

    config = typed(cfg)
    check_waveform_in_time(config.sim)
    try:
        processes = build(config.gas).processes
        scattering.with_integral_cross_sections(processes, scattering.angular_of(config.sim))
    except ValueError as error:
        raise ConfigError(str(error)) from error
    return config
