"""A run once more, from the configuration that its result holds."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from hydra.core.config_store import ConfigStore
from omegaconf import OmegaConf

from swarmhydra.config import ConfigError
from swarmhydra.config.from_python import configuration_of_text
from swarmhydra.config.option_files import config_dir

CONFIG_NAME = "rerun"
"""The name under which Hydra finds the configuration."""

_SOURCE = "SWARMHYDRA_RERUN_OF"


def offer(path: Path) -> None:
    """Give Hydra the configuration of a result, as `--config-name rerun`.

    The store of Hydra travels to all workers of a sweep; a file would have to outlive them.

    Parameters
    ----------
    path : Path
        A result file, or the folder of a run.

    Raises
    ------
    ConfigError
        If it is none, or its configuration is not one of this version.
    """
    from swarmhydra.job_folder.status import FILE_NAME
    from swarmhydra.results.files import attributes_of_file

    file = (path / FILE_NAME if path.is_dir() else path).absolute()
    if not file.is_file():
        raise ConfigError(f"rerun {path}: there is no result file {file}")
    try:
        text = str(attributes_of_file(file)["config"])
    except (OSError, ValueError, KeyError) as error:
        reason = "it holds no configuration" if isinstance(error, KeyError) else error
        raise ConfigError(f"rerun {path}: {reason}; expected a result of swarmhydra") from error
    configuration = configuration_of_text(text)
    root: Any = OmegaConf.to_container(OmegaConf.load(config_dir() / "config.yaml"))
    defaults = [each for each in root["defaults"] if isinstance(each, str) or _overrides(each)]
    hydra = root["hydra"]
    hydra["job"]["env_set"] = {_SOURCE: str(file)}
    node: Any = OmegaConf.to_container(configuration)
    node |= {"defaults": defaults, "overwrite": False, "resume": False, "hydra": hydra}
    ConfigStore.instance().store(name=CONFIG_NAME, node=node)


def command() -> list[str]:
    """The words that begin the command of this run, up to its settings."""
    source = os.environ.get(_SOURCE)
    return ["python", "-m", "swarmhydra", *(["rerun", source] if source else [])]


def _overrides(entry: dict[str, str]) -> bool:
    """Whether an entry of a defaults list is about Hydra itself, and no group of settings."""
    return next(iter(entry)).startswith("override hydra/")
