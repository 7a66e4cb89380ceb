"""YAML as OmegaConf reads and writes it, by the parser and the emitter in C."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import yaml
from omegaconf._utils import get_omega_conf_dumper, get_yaml_loader

_SAME_IN_C = re.compile(r"(?:[!-~¡-\u2027\u2030-\ud7ff]+ ?)*(?<! )")
"""Texts that both emitters write alike: without control characters, breaks, two blanks, emoji."""


_DEEPEST = 50
"""Tables in tables; a configuration has some six."""

_MOST_VALUES = 20_000_000
"""More than the largest file of cross sections has."""


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Reads numbers as OmegaConf does, such as 1e5, and refuses a key that stands twice."""

    yaml_implicit_resolvers = get_yaml_loader().yaml_implicit_resolvers

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [key.value for key, _ in node.value if key.tag == "tag:yaml.org,2002:str"]
        if len(set(keys)) != len(keys):
            twice = next(key for key in keys if keys.count(key) > 1)
            raise yaml.constructor.ConstructorError(
                "while constructing a mapping", node.start_mark, f"found duplicate key {twice}"
            )
        mapping: dict[Any, Any] = super().construct_mapping(node, deep=deep)
        return mapping


class _Dumper(getattr(yaml, "CDumper", yaml.Dumper)):  # type: ignore[misc]
    """Quotes texts that look like numbers or truth values, as OmegaConf does."""


_Dumper.add_representer(str, get_omega_conf_dumper().str_representer)


class UnreasonableError(yaml.YAMLError):  # type: ignore[misc]
    """A YAML text that says more than any configuration does."""


def read_yaml(text: str) -> Any:
    """What a YAML text says: dicts, lists, numbers, texts, true, false and None.

    Raises
    ------
    yaml.YAMLError
        If it is none, or a key stands twice in a table.
    UnreasonableError
        If it is nested too deeply, or a few aliases in it stand for too many values.
    """
    value = yaml.load(text, Loader=_Loader)
    _size_and_height(value, {}, 0)
    return value


def _size_and_height(value: Any, cache: dict[int, tuple[int, int]], depth: int) -> tuple[int, int]:
    """How many values a value holds, aliases counted as what they stand for, and how deep."""
    if not isinstance(value, dict | list):
        return 1, 0
    if id(value) in cache:
        return cache[id(value)]
    if depth > _DEEPEST:
        raise UnreasonableError(f"nested more than {_DEEPEST} levels deep; expected fewer")
    parts = value.values() if isinstance(value, dict) else value
    size, height = 1 + len(value), 0
    for part in parts:
        if isinstance(part, dict | list):
            inner, below = _size_and_height(part, cache, depth + 1)
            size, height = size + inner, max(height, below + 1)
    if height > _DEEPEST or size > _MOST_VALUES:
        raise UnreasonableError(f"{size} values in {height} levels; expected fewer")
    cache[id(value)] = size, height
    return size, height


def written_yaml(plain: Any, sort_keys: bool = False) -> str:
    """The YAML text of plain values, to the byte that of `OmegaConf.to_yaml`.

    Parameters
    ----------
    plain : dict or list
        Plain values.
    sort_keys : bool
        Whether tables are in the order of their keys.
    """
    alike = all(_SAME_IN_C.fullmatch(text) for text in _texts(plain))
    text: str = yaml.dump(
        plain,
        Dumper=_Dumper if alike else get_omega_conf_dumper(),
        default_flow_style=False,
        allow_unicode=True,
        sort_keys=sort_keys,
    )
    return text


def _texts(plain: Any) -> Iterator[str]:
    """Every text in plain values, keys included."""
    if isinstance(plain, str):
        yield plain
    elif isinstance(plain, dict):
        for key, value in plain.items():
            yield str(key)
            yield from _texts(value)
    elif isinstance(plain, list):
        for value in plain:
            if not isinstance(value, float):
                yield from _texts(value)
