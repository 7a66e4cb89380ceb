"""The option file of a fit."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from omegaconf import MISSING, DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException
from yaml import YAMLError

from swarmhydra.config import ConfigError
from swarmhydra.config.resolvers import refuse_resolvers
from swarmhydra.config.text_files import text_of_file
from swarmhydra.config.yaml_texts import read_yaml


@dataclass
class ParameterConfig:
    """A cross section that is free, by factors on its table.

    Attributes
    ----------
    process : str
        Name of the process.
    energies : list of float, shape (n,)
        Energies at which there is a factor each; in between, the logarithm of the factor is linear
        in that of the energy, beyond them it is constant (eV). Empty for one factor on the whole.
    prior : float or None
        Relative standard uncertainty of each factor before the fit; None if nothing is known.
    """

    process: str = MISSING
    energies: list[float] = field(default_factory=list)
    prior: float | None = None


@dataclass
class FitConfig:
    """Settings of a fit.

    Attributes
    ----------
    data : str
        CSV file of the measurements, seen from the folder of the option file.
    settings : list of str
        Gas and conditions to start from, as on the command line: ``gas=argon``,
        ``sim.temperature=77``.
    parameters : list of ParameterConfig
        What is free.
    tolerance : float
        Relative numerical error that the coefficients may have; well below those of the data.
    output : str
        NetCDF file for the result, seen from the working folder.
    """

    data: str = MISSING
    settings: list[str] = field(default_factory=list)
    parameters: list[ParameterConfig] = field(default_factory=list)
    tolerance: float = 1e-3
    output: str = "fit.nc"


def read_settings(path: Path, overrides: list[str]) -> FitConfig:
    """Read an option file.

    Parameters
    ----------
    path : Path
    overrides : list of str
        Added to `FitConfig.settings`.

    Raises
    ------
    ConfigError
        One line that names the file and the key at fault.
    """
    try:
        content = OmegaConf.create(read_yaml(text_of_file(path)) or {})
        if isinstance(content, DictConfig):
            refuse_resolvers(content)
        settings = OmegaConf.to_object(OmegaConf.merge(OmegaConf.structured(FitConfig), content))
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from error
    except (OSError, ValueError, OmegaConfBaseException, YAMLError) as error:
        raise ConfigError(f"{path}: {' '.join(str(error).split())}") from error
    assert isinstance(settings, FitConfig)
    check(settings)
    settings.data = str(path.parent / settings.data)
    settings.settings = [*settings.settings, *overrides]
    return settings


def check(settings: FitConfig) -> None:
    """Refuse settings that make no fit.

    Raises
    ------
    ConfigError
        One line that names key and value.
    """
    if not settings.parameters:
        raise ConfigError("parameters=[]: expected at least one cross section that is free")
    if not 1e-6 <= settings.tolerance <= 0.1:
        raise ConfigError(f"tolerance={settings.tolerance:g}: expected 1e-6 to 0.1")
    for index, parameter in enumerate(settings.parameters):
        key = f"parameters[{index}]"
        energies = parameter.energies
        if any(not 0.0 < a < b for a, b in pairwise([*energies, float("inf")])):
            raise ConfigError(
                f"{key}.energies={energies}: expected ascending energies above 0 (eV)"
            )
        if parameter.prior is not None and not parameter.prior > 0.0:
            raise ConfigError(
                f"{key}.prior={parameter.prior:g}: expected a number above 0, or null"
            )
