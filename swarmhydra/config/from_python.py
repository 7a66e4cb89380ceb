"""Configurations that Python hands over: dataclasses, mappings, texts of results, overrides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from hydra.errors import HydraException
from omegaconf import DictConfig, OmegaConf, open_dict
from omegaconf.errors import OmegaConfBaseException

from swarmhydra.config.compose import composed, file_keys, refusal
from swarmhydra.config.gas_schema import GasConfig
from swarmhydra.config.gate import typed, yaml_of_result
from swarmhydra.config.large_options import nothing_set_aside
from swarmhydra.config.messages import one_line
from swarmhydra.config.ranges import ConfigError
from swarmhydra.config.resolvers import refuse_resolvers
from swarmhydra.config.schema import Config
from swarmhydra.config.settings import kind_of

Settings = str | Config | Mapping[str, Any]


def composed_from(
    settings: Sequence[Settings], own_config_dir: str | Path | None = None
) -> DictConfig:
    """Compose a configuration from what `swarmhydra.simulate` takes.

    Parameters
    ----------
    settings : sequence of str, Config or mapping
        Overrides; the first may be a configuration that they change: a `Config`, a mapping, or the
        text that a result holds as its attribute ``config``.
    own_config_dir : str or Path, optional
        A folder with more option files.

    Raises
    ------
    ConfigError
        Names, in one line, the key at fault, its value and what is expected.
    """
    start, overrides = (settings[0], settings[1:]) if settings else (None, ())
    if start is None or (isinstance(start, str) and "\n" not in start):
        overrides, start = settings, None
    texts = [_text(each) for each in overrides]
    if start is None:
        return composed(texts, own_config_dir)
    if isinstance(start, str):
        cfg = configuration_of_text(start)
    elif isinstance(start, Mapping):
        changes = any(text.lstrip("+~").startswith("gas.") for text in texts)
        with nothing_set_aside() if changes else nullcontext():
            cfg = _from_mapping(start, own_config_dir)
    elif isinstance(start, Config):
        cfg = OmegaConf.structured(start)
    else:
        raise ConfigError(f"{start!r}: expected a text, a mapping or a swarmhydra.config.Config")
    _override(cfg, texts, own_config_dir)
    refuse_resolvers(cfg.gas, "gas")
    for key in file_keys(cfg):
        path = Path(str(OmegaConf.select(cfg, key))).expanduser()
        OmegaConf.update(cfg, key, str(path.resolve()))
    return cfg


def configuration_of_text(text: str) -> DictConfig:
    """The configuration that the attribute ``config`` of a result holds.

    Raises
    ------
    ConfigError
        If the text is no configuration of this version.
    """
    plain = yaml_of_result(text)
    if not (isinstance(plain, dict) and isinstance(plain.get("gas"), dict)):
        raise ConfigError("config: expected the attribute `config` of a result, or overrides")
    cfg = OmegaConf.create(plain)
    # Before anything is resolved: the text may be from somebody else's file.
    refuse_resolvers(cfg)
    structured: DictConfig = OmegaConf.structured(typed(cfg))
    return structured


def _text(setting: Settings) -> str:
    """An override; a configuration can only stand first."""
    if not isinstance(setting, str):
        raise ConfigError(
            f"{type(setting).__name__}: expected one configuration, and after it overrides such "
            'as "sim.en=50"'
        )
    return setting


def _from_mapping(mapping: Mapping[str, Any], own_config_dir: str | Path | None) -> DictConfig:
    """The default configuration, changed as a mapping says."""
    by_group = {key: mapping[key] for key in _groups() if isinstance(mapping.get(key), str)}
    options = [f"{key}={option}" for key, option in by_group.items()]
    # An option stands for "gas"; anything else changes it.
    changes = any(str(key).startswith("gas") and key not in by_group for key in mapping)
    with nothing_set_aside() if changes else nullcontext():
        cfg = composed(options, own_config_dir)
    for key, value in mapping.items():
        if not (key in _groups() and isinstance(value, str)):
            _set(cfg, str(key), _plain(value))
    return cfg


def _set(cfg: DictConfig, key: str, value: Any) -> None:
    """Set one key, or merge a table into what is there.

    A gas with cross sections of its own does not keep those of the option that was there before.
    """
    try:
        if key == "gas" and isinstance(value, dict) and {"components", "files"} & value.keys():
            cfg.gas = OmegaConf.merge(OmegaConf.structured(GasConfig(name="own")), value)
        else:
            OmegaConf.update(cfg, key, value, merge=True)
    except OmegaConfBaseException as error:
        culprit = value if error.full_key in (None, "", key) else None
        raise ConfigError(one_line(error, culprit)) from error


def _override(cfg: DictConfig, overrides: Sequence[str], own_config_dir: str | Path | None) -> None:
    """Change a configuration by overrides, as on the command line."""
    for text in overrides:
        override = _parsed(text)
        if override.key_or_group in _groups():
            group = override.key_or_group
            with nothing_set_aside():
                cfg[group] = composed([text], own_config_dir)[group]
        elif override.is_add():
            with open_dict(cfg):
                _set(cfg, override.key_or_group, override.value())
        else:
            _set(cfg, override.key_or_group, override.value())


def _parsed(text: str) -> Override:
    """An override, read as Hydra does."""
    try:
        (override,) = OverridesParser.create().parse_overrides([text])
    except HydraException as error:
        raise ConfigError(refusal(error, [text])) from error
    if override.is_delete() or override.is_sweep_override():
        raise ConfigError(f"{text}: expected key=value with one value")
    return override


def _groups() -> list[str]:
    """The groups of options."""
    return [each.name for each in fields(Config) if is_dataclass(kind_of(Config, each.name))]


def _plain(value: Any) -> Any:
    """A value as plain Python has it; numbers and arrays of NumPy are none."""
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if hasattr(value, "tolist"):
        return value.tolist()
    return [_plain(each) for each in value] if isinstance(value, list | tuple) else value
