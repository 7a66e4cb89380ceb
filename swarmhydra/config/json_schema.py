"""A JSON schema of all settings, for editors that complete and check option files."""

from __future__ import annotations

import math
import types
import typing
from collections.abc import Iterator
from dataclasses import MISSING, Field, fields, is_dataclass
from enum import Enum
from typing import Any

from swarmhydra.config.messages import allowed_of
from swarmhydra.config.ranges import Allowed, ConfigError
from swarmhydra.config.schema import Config
from swarmhydra.config.settings import kind_of, meanings, summary

DRAFT = "https://json-schema.org/draft/2020-12/schema"
_PLAIN: dict[Any, str] = {float: "number", int: "integer", bool: "boolean", str: "string"}


def json_schema(group: str = "") -> dict[str, Any]:
    """The schema of a configuration, or of the option files of a group.

    Parameters
    ----------
    group : str, optional
        ``gas``, ``sim``, ``method`` or ``accel``; the whole configuration by default.

    Raises
    ------
    ConfigError
        If there is no such group.
    """
    groups = {each.name: kind_of(Config, each.name) for each in fields(Config)}
    groups = {name: kind for name, kind in groups.items() if is_dataclass(kind)}
    if group and group not in groups:
        raise ConfigError(f"schema {group}: expected one of {', '.join(groups)}")
    schema = groups[group] if group else Config
    assert isinstance(schema, type)
    definitions = {each.__name__: _table(each) for each in _tables(schema) if each is not schema}
    title = f"Settings of swarmhydra: {group}" if group else "Settings of swarmhydra"
    return {"$schema": DRAFT, "title": title, **_table(schema), "$defs": definitions}


def _tables(schema: type) -> Iterator[type]:
    """A dataclass, and all those within it."""
    yield schema
    for entry in fields(schema):
        kind = kind_of(schema, entry.name)
        while typing.get_args(kind):
            kind = typing.get_args(kind)[-1]
        if is_dataclass(kind) and isinstance(kind, type):
            yield from _tables(kind)


def _table(schema: type) -> dict[str, Any]:
    """The schema of a dataclass; an option file may begin with the defaults of Hydra."""
    words = meanings(schema)
    properties: dict[str, Any] = {}
    for entry in fields(schema):
        kind = typing.get_type_hints(schema)[entry.name]
        value_schema = _value(kind, allowed_of(entry))
        properties[entry.name] = value_schema | {"description": words.get(entry.name, "")}
        default = _default(entry)
        if default is not MISSING:
            properties[entry.name]["default"] = default
    properties["defaults"] = {"type": "array", "description": "Options that this file starts from."}
    return {
        "type": "object",
        "description": summary(schema),
        "properties": properties,
        "additionalProperties": False,
    }


def _value(kind: Any, allowed: Allowed) -> dict[str, Any]:
    """The schema of a value."""
    if isinstance(kind, types.UnionType):
        parts = [part for part in typing.get_args(kind) if part is not type(None)]
        return {"anyOf": [*(_value(part, allowed) for part in parts), {"type": "null"}]}
    if is_dataclass(kind) and isinstance(kind, type):
        return {"$ref": f"#/$defs/{kind.__name__}"}
    if isinstance(kind, type) and issubclass(kind, Enum):
        return {"enum": list(kind.__members__)}
    if typing.get_origin(kind) is list:
        return {"type": "array", "items": _value(typing.get_args(kind)[0], allowed)}
    if typing.get_origin(kind) is dict:
        value = _value(typing.get_args(kind)[1], allowed)
        return {"type": "object", "additionalProperties": value}
    if kind is str and allowed.choices:
        return {"enum": list(allowed.choices)}
    return {"type": _PLAIN[kind], **_bounds(allowed)}


def _bounds(allowed: Allowed) -> dict[str, Any]:
    """The range of a number."""
    bounds: dict[str, Any] = {}
    if allowed.low > -math.inf:
        bounds["exclusiveMinimum" if allowed.low_excluded else "minimum"] = allowed.low
    if allowed.high < math.inf:
        bounds["exclusiveMaximum" if allowed.high_excluded else "maximum"] = allowed.high
    return bounds


def _default(entry: Field[Any]) -> Any:
    """The default of a field that has a plain one."""
    factory = entry.default_factory
    value = entry.default if factory is MISSING else factory()
    if is_dataclass(value) or value == "???":
        return MISSING
    return value.name if isinstance(value, Enum) else value
