"""The one gate, `typed`, and configurations as texts."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache, reduce
from operator import getitem
from pathlib import Path
from typing import Any

from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException
from yaml import YAMLError

from swarmhydra.config.exact_types import MismatchError, exactly_typed
from swarmhydra.config.gas_schema import GasConfig, files_of, with_rest
from swarmhydra.config.large_options import restored
from swarmhydra.config.messages import keys_of, one_line
from swarmhydra.config.method_rules import check_method
from swarmhydra.config.ranges import Allowed, ConfigError
from swarmhydra.config.resolvers import refuse_references
from swarmhydra.config.rules import check_gas, check_levels, check_ranges, check_sim
from swarmhydra.config.schema import Config
from swarmhydra.config.waveform_rules import check_waveform
from swarmhydra.config.yaml_texts import read_yaml, written_yaml

NOT_IN_FINGERPRINT = ("output", "resume", "overwrite", "accel.threads", "sim.checkpoint_every")


def typed(cfg: DictConfig) -> Config:
    """The one gate: a composed configuration as checked dataclasses.

    Parameters
    ----------
    cfg : DictConfig
        A composed configuration, with or without a schema of its own.

    Returns
    -------
    Config
        Every value has the right type and is in its range, and the rules between fields hold.

    Raises
    ------
    ConfigError
        Names, in one line, the first key at fault, its value and what is expected.
    """
    try:
        # A struct accepts keys added with "+"; a merge into the bare schema refuses them.
        plain = OmegaConf.to_container(cfg, resolve=True, throw_on_missing=True)
        if isinstance(plain, dict):
            refuse_references(plain)
            if isinstance(plain.get("gas"), dict):
                restored(plain["gas"])
    except OmegaConfBaseException as error:
        value = OmegaConf.select(cfg, error.full_key or "", throw_on_resolution_failure=False)
        raise ConfigError(one_line(error, value)) from error
    return _checked(plain)


def _checked(plain: Any) -> Config:
    """Plain values as checked dataclasses."""
    try:
        config = _of_plain(plain)
    except OmegaConfBaseException as error:
        container = OmegaConf.create(plain)
        value = OmegaConf.select(container, error.full_key or "", throw_on_resolution_failure=False)
        raise ConfigError(one_line(error, value)) from error
    # An option file that says true, without quotes, means the same word.
    config.sim.thermal = config.sim.thermal.lower()
    check_ranges(config, "", Allowed())
    config.gas.components = with_rest(config.gas)
    _name_mixture(config.gas)
    check_gas(config.gas)
    check_sim(config.sim)
    check_levels(config.gas, config.sim)
    check_waveform(config)
    check_method(config)
    if not config.output.endswith(".nc") or set(config.output) & {"/", "\\"}:
        raise ConfigError(
            f"output={config.output!r}: expected a file name that ends in .nc, without a folder"
        )
    return config


def _name_mixture(gas: GasConfig) -> None:
    """Name a mixture by its components, where it still has the name and citation of one of them.

    That is so where components are added to an option such as ``gas=argon``. Without a citation of
    the gas, those of all components are given.
    """
    if len(gas.components) > 1 and gas.name in {each.formula for each in gas.components.values()}:
        gas.name, gas.citation = "+".join(gas.components), ""


def _of_plain(plain: object) -> Config:
    """A configuration of plain values; OmegaConf is slow, and only needed where types differ."""
    try:
        return exactly_typed(Config, plain)
    except MismatchError:
        config = OmegaConf.to_object(OmegaConf.merge(OmegaConf.structured(Config), plain))
        assert isinstance(config, Config)
        return config


def to_yaml(config: Config) -> str:
    """The configuration as one YAML text from which `from_yaml` makes it again, exactly."""
    return written_yaml(_plain(config))


def _plain(config: Config) -> Any:
    """A configuration as plain values, each of the type of its field."""
    plain = _without_dataclasses(config)
    try:
        return _without_dataclasses(exactly_typed(Config, plain))
    except MismatchError:
        return OmegaConf.to_container(OmegaConf.structured(config), enum_to_str=True)


def _without_dataclasses(value: Any) -> Any:
    """Dataclasses as dicts, and members of enumerations as their names."""
    if is_dataclass(value):
        return {
            entry.name: _without_dataclasses(getattr(value, entry.name)) for entry in fields(value)
        }
    if isinstance(value, dict):
        return {key: _without_dataclasses(each) for key, each in value.items()}
    if isinstance(value, list):
        return [each if type(each) is float else _without_dataclasses(each) for each in value]
    return value.name if isinstance(value, Enum) else value


def fingerprint(config: Config) -> str:
    """The identity of a result: 32 hexadecimal digits.

    Files of cross sections, of levels and of a waveform count by name and content, so that a study
    can be moved to another folder. Settings of `NOT_IN_FINGERPRINT` do not change a result, and do
    not count.
    """
    return _digest(config, NOT_IN_FINGERPRINT)


def trajectory_fingerprint(config: Config) -> str:
    """The identity of a checkpoint: as `fingerprint`, but for the rules when to stop.

    A run that was stopped by a limit can go on with a higher one.
    """
    return _digest(config, (*NOT_IN_FINGERPRINT, "sim.stop"))


def _digest(config: Config, without: Sequence[str]) -> str:
    """Digest of a configuration and the files that it names, without some settings."""
    plain = _plain(config)
    for key in without:
        *parts, name = key.split(".")
        _at(plain, parts)[name] = _at(_plain_defaults(), parts)[name]
    drop_folders(plain)
    digest = hashlib.blake2b(written_yaml(plain, sort_keys=True).encode(), digest_size=16)
    own = config.sim.waveform.file
    for path in map(Path, [*files_of(config.gas), *([own] if own else [])]):
        if path.is_file():
            digest.update(path.read_bytes())
    return digest.hexdigest()


def drop_folders(plain: dict[str, Any]) -> None:
    """Leave only the names of the files in a configuration, which may have been moved.

    Parameters
    ----------
    plain : dict
        Plain values; changed in place.
    """
    gas = plain.get("gas") or {}
    waveform = (plain.get("sim") or {}).get("waveform") or {}
    components = (gas.get("components") or {}).values()
    if gas.get("files"):
        gas["files"] = [Path(path).name for path in gas["files"]]
    for table, key in [
        *((component, "file") for component in components),
        (gas, "level_file"),
        (waveform, "file"),
    ]:
        if table and table.get(key) is not None:
            table[key] = Path(table[key]).name


@cache
def _plain_defaults() -> Any:
    """What `_digest` writes in the place of settings that do not count."""
    return OmegaConf.to_container(OmegaConf.structured(Config), enum_to_str=True)


def _at(plain: Any, parts: Sequence[str]) -> Any:
    """What stands at a dotted key."""
    return reduce(getitem, parts, plain)


def yaml_of_result(text: str) -> Any:
    """What the text says that a result holds as its configuration.

    Raises
    ------
    ConfigError
        If it is no YAML.
    """
    try:
        return read_yaml(text)
    except YAMLError as error:
        reason = " ".join(str(error).split())
        raise ConfigError(f"config: the text is no YAML ({reason})") from error


def from_yaml(text: str) -> Config:
    """The configuration written by `to_yaml`.

    Raises
    ------
    ConfigError
        If the text is no configuration, or one that `typed` refuses.
    """
    plain = yaml_of_result(text)
    if not isinstance(plain, dict):
        raise ConfigError(f"config: expected a table with the keys {', '.join(keys_of(Config))}")
    if "${" in text:
        # Before anything is resolved: the text may be from somebody else's file.
        refuse_references(plain)
    return typed(OmegaConf.create(plain)) if "???" in text else _checked(plain)
