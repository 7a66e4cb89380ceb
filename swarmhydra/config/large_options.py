"""Large option files of gases, which OmegaConf does not see whole.

OmegaConf makes an object of every number, and Hydra copies it some ten times: 0.3 ms for each
number of a table. Hydra is therefore given a large file with placeholders for its tables, or for
all of its components, and `restored` puts back what they stand for. If settings reach into what was
set aside, the file is composed with less of it set aside, and at last as a whole: the configuration
is the same in any case.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache, lru_cache
from typing import Any

import yaml
from hydra._internal.config_loader_impl import ConfigLoaderImpl
from hydra._internal.sources_registry import SourcesRegistry
from hydra.errors import HydraException
from hydra.plugins.config_source import ConfigResult, ConfigSource
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from swarmhydra.config.gas_schema import PROCESS_KINDS, ProcessConfig
from swarmhydra.config.ranges import ConfigError
from swarmhydra.config.yaml_texts import UnreasonableError, read_yaml

LARGE_PART = 1000
"""Values from which a part of a file is set aside."""

WHOLE, TABLES, COMPONENTS = range(3)
"""What is set aside: nothing, tables of processes, or all components."""

_tried: ContextVar[tuple[int, ...]] = ContextVar("_tried", default=(COMPONENTS, TABLES))

_PREFIX = "set aside from "
_LISTS = ("processes", "extra_processes")

_how_much = ContextVar("_how_much", default=WHOLE)
_set_aside: ContextVar[list[str]] = ContextVar("_set_aside")

_composed_by_hydra = ConfigLoaderImpl.load_configuration
_loaded_by_hydra: Callable[[ConfigSource, str], ConfigResult] | None = None


@contextmanager
def nothing_set_aside() -> Iterator[None]:
    """Compose as a whole what is changed after it has been composed."""
    token = _tried.set(())
    try:
        yield
    finally:
        _tried.reset(token)


def _load_configuration(self: ConfigLoaderImpl, *args: Any, **kwargs: Any) -> DictConfig:
    """Compose a configuration, with as much of a large gas set aside as settings allow."""
    _read_files_here()
    for how_much in _tried.get():
        placeholders: list[str] = []
        tokens = _how_much.set(how_much), _set_aside.set(placeholders)
        try:
            cfg = _composed_by_hydra(self, *args, **kwargs)
        except (HydraException, OmegaConfBaseException) as error:
            about = f"{error} {error.__cause__} {error.__context__}"
            if not placeholders or "components" not in about:
                raise
        else:
            gas = cfg.get("gas") if placeholders else None
            if not placeholders or (gas and sorted(_untouched(gas)) == sorted(placeholders)):
                return cfg
        finally:
            _how_much.reset(tokens[0])
            _set_aside.reset(tokens[1])
    return _composed_by_hydra(self, *args, **kwargs)


def _load_config(self: ConfigSource, config_path: str) -> ConfigResult:
    """Read an option file in C, and put placeholders into a large one of a gas."""
    name = self._normalize_file_name(config_path)
    path = os.path.realpath(os.path.join(self.path, name))
    try:
        with open(path, "rb") as file:
            data = file.read()
        options = read_yaml(data.decode())
    except UnreasonableError:
        raise
    except (OSError, ValueError, yaml.YAMLError):
        # Hydra has the words for what is wrong.
        return _by_hydra(self, config_path)
    if name.startswith("gas/") and isinstance(options, dict) and "defaults" not in options:
        digest = hashlib.blake2b(data, digest_size=16).hexdigest()
        options = _with_placeholders(options, f"{_PREFIX}{digest} {path}")
    return ConfigResult(
        config=OmegaConf.create({} if options is None else options),
        path=f"{self.scheme()}://{self.path}",
        provider=self.provider,
        header=ConfigSource._get_header_dict(data[:512].decode(errors="ignore")),
    )


def _by_hydra(source: ConfigSource, config_path: str) -> ConfigResult:
    """Read an option file as Hydra does."""
    assert _loaded_by_hydra is not None
    return _loaded_by_hydra(source, config_path)


def install() -> None:
    """Let Hydra read large options so, in this process; it has no hook for that."""
    ConfigLoaderImpl.load_configuration = _load_configuration  # type: ignore[method-assign]


def _read_files_here() -> None:
    """Put `_load_config` in the place of the method of Hydra's source of files.

    Hydra imports its plugins by itself, once more: only its registry knows the class that it uses.
    """
    global _loaded_by_hydra
    source = SourcesRegistry.instance().resolve("file")
    if source.load_config is not _load_config:
        _loaded_by_hydra = source.load_config
        source.load_config = _load_config  # type: ignore[method-assign]


def restored(gas: dict[str, Any]) -> None:
    """Put back what placeholders in a composed gas stand for.

    Parameters
    ----------
    gas : dict
        Plain values; changed in place.

    Raises
    ------
    ConfigError
        If the option file was changed since the gas was composed.
    """
    components = gas.get("components") or {}
    for name in [name for name in components if str(name).startswith(_PREFIX)]:
        del components[name]
        components |= _original(name)
    for name, component in components.items():
        for key in _LISTS:
            entries = component.get(key) if isinstance(component, dict) else None
            first = entries[0] if isinstance(entries, list) and entries else None
            placeholder = str(first.get("name")) if isinstance(first, dict) else ""
            if placeholder.startswith(_PREFIX):
                component[key] = _original(placeholder)[name][key]


@lru_cache(maxsize=1)
def _contents(path: str, digest: str) -> Any:
    """What a file of this digest says."""
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError as error:
        raise ConfigError(
            f"{path}: {error.strerror}; expected the option file of the gas"
        ) from error
    if hashlib.blake2b(data, digest_size=16).hexdigest() != digest:
        raise ConfigError(f"{path}: the option file was changed while it was used; start again")
    return read_yaml(data.decode())


def _original(placeholder: str) -> Any:
    """The components of the file that a placeholder names."""
    digest, _, path = placeholder.removeprefix(_PREFIX).partition(" ")
    return _contents(path, digest)["components"]


def _with_placeholders(gas: dict[str, Any], placeholder: str) -> dict[str, Any]:
    """A gas without its large parts."""
    components = gas.get("components")
    if _how_much.get() == WHOLE or not isinstance(components, dict):
        return gas
    if _how_much.get() == COMPONENTS and _can_be_set_aside(components):
        _set_aside.get().append(placeholder)
        return gas | {"components": {placeholder: {}}}
    return gas | {"components": {n: _without_tables(e, placeholder) for n, e in components.items()}}


def _without_tables(component: Any, placeholder: str) -> Any:
    """A component without its large lists of processes."""
    if not isinstance(component, dict):
        return component
    large = [key for key in _LISTS if _can_be_set_aside(component.get(key))]
    _set_aside.get().extend(placeholder for _ in large)
    return component | {key: [_placeholder_process(placeholder)] for key in large}


def _can_be_set_aside(part: Any) -> bool:
    """Whether a part is large, and means the same wherever and whenever it is put in."""
    count = 0
    for value in _values(part):
        # Paths are seen from the file that names them; interpolations see the whole configuration.
        if value == "file" or (isinstance(value, str) and ("${" in value or value == "???")):
            return False
        count += 1
    return count > LARGE_PART


def _values(part: Any) -> Iterator[Any]:
    """All values in a part, and the keys of its tables."""
    if isinstance(part, dict):
        yield from part
        part = list(part.values())
    if not isinstance(part, list):
        yield part
        return
    for each in part:
        if isinstance(each, dict | list):
            yield from _values(each)
        else:
            yield each


def _untouched(gas: DictConfig) -> Iterator[str]:
    """The placeholders in a composed gas that no setting has changed."""
    components = gas.components
    names = list(components)
    if len(names) == 1 and names[0].startswith(_PREFIX):
        yield names[0]
        return
    for component in components.values():
        for key in _LISTS if component else ():
            entries: Any = OmegaConf.to_container(component[key])
            name = str(entries[0].get("name")) if entries else ""
            if name.startswith(_PREFIX) and entries == [_placeholder_process(name)]:
                yield name


@cache
def _placeholder_process(name: str) -> Any:
    """A process that is nothing but a placeholder, as Hydra composes it."""
    process = ProcessConfig(kind=PROCESS_KINDS[0], name=name)
    return OmegaConf.to_container(OmegaConf.structured(process))
