"""Settings of others may ask for nothing outside of the configuration."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from omegaconf import DictConfig, OmegaConf

from swarmhydra.config.ranges import ConfigError

_REFERENCE = re.compile(r"\$\{[^{}:]*\}")


def refuse_resolvers(part: DictConfig, name: str = "") -> None:
    """Refuse settings of others that ask for anything outside of the configuration.

    Option files of gases are passed on, and results record them: with ``${oc.env:...}`` one could
    carry what stands in the environment of whoever runs it into a published file.

    Parameters
    ----------
    part : DictConfig
        What comes from others.
    name : str, optional
        Its dotted key.

    Raises
    ------
    ConfigError
        If there is a resolver in it.
    """
    plain = OmegaConf.to_container(part, resolve=False)
    for key, value in _texts_in(plain, name):
        if _asks_a_resolver(value):
            raise ConfigError(
                f"{key}={value}: expected a value, or ${{a.key}} of the configuration; a gas may "
                "not read the environment or call a resolver"
            )


def refuse_references(plain: Mapping[Any, Any]) -> None:
    """Refuse texts that look like references after all references have been resolved.

    They may have been put together of parts, as in ``$${a.key}``, and who reads the configuration
    next would resolve them.

    Parameters
    ----------
    plain : mapping
        Plain values of a whole configuration.

    Raises
    ------
    ConfigError
        If there is one.
    """
    for key, value in _texts_in(plain, ""):
        if "${" in value:
            raise ConfigError(f"{key}={value}: expected a text without ${{ in it")


def _asks_a_resolver(text: str) -> bool:
    """Whether anything is left in a text that begins like a reference and is none to a key.

    The name of a resolver may itself be put together of references, as in ``${${a.key}:HOME}``.
    """
    while (without := _REFERENCE.sub("", text)) != text:
        text = without
    return "${" in text


def _texts_in(value: Any, key: str) -> Iterator[tuple[str, str]]:
    """Every text in a configuration, with its dotted key."""
    if isinstance(value, str):
        yield key, value
    elif isinstance(value, dict):
        for name, entry in value.items():
            yield from _texts_in(entry, f"{key}.{name}".removeprefix("."))
    elif isinstance(value, list):
        for index, entry in enumerate(value):
            if not isinstance(entry, float):
                yield from _texts_in(entry, f"{key}[{index}]")
