"""Messages about settings that cannot be used: the key, the value, what is expected."""

from __future__ import annotations

import types
import typing
from collections.abc import Sequence
from dataclasses import Field, fields, is_dataclass
from difflib import get_close_matches
from enum import Enum
from typing import Any

from omegaconf.errors import (
    ConfigAttributeError,
    ConfigKeyError,
    KeyValidationError,
    MissingMandatoryValue,
    OmegaConfBaseException,
    ValidationError,
)

from swarmhydra.config.gas_schema import ProcessConfig
from swarmhydra.config.ranges import Allowed, number
from swarmhydra.config.schema import Config

_SIMILAR = 0.65
"""Similarity of a name to the one that it is meant for, between 0 and 1."""

FEW_NAMES = 12
"""As many names a message lists beside the one that is meant."""


def one_line(error: OmegaConfBaseException, value: Any = None) -> str:
    """An error of OmegaConf as one line: the key, the value, what is expected.

    Parameters
    ----------
    error : OmegaConfBaseException
        The error; it knows the key, and the value unless the key does not exist.
    value : optional
        The value given to a key that does not exist.
    """
    key = error.full_key or ""
    if isinstance(error, KeyValidationError):
        return f"{key}: the key {error.key!r} is not text; expected a name, in quotes"
    if isinstance(error, ConfigKeyError | ConfigAttributeError) and error.parent_node is not None:
        shown_value = "" if value is None else f"={value}"
        table = key.removesuffix(f".{error.key}") if key != str(error.key) else ""
        end = _key_meant(str(error.key), table, [str(name) for name in error.parent_node])
        adds = f" (+{table}={{{error.key}:...}} adds one)" if table == "gas.components" else ""
        return f"{key}{shown_value}: no such key{end}{adds}"
    if isinstance(error, MissingMandatoryValue):
        return f"{key} is not set: expected {describe(key)}"
    if isinstance(error, ValidationError) and is_key(key):
        return unusable(key, error.value)
    message = str(error).partition("\n")[0]
    return f"{key}: {message}" if key else message


def unusable(key: str, value: Any) -> str:
    """The message about a value that its key does not accept."""
    return f"{key}={shown(value)}: expected {describe(key)}"


def is_key(key: str) -> bool:
    """Whether a dotted key is one of the schema."""
    return _field_at(key)[0] is not None


def is_single(key: str) -> bool:
    """Whether a dotted key is that of one number or text, and not of a list or a table."""
    return _field_at(key)[0] in (float, int, bool, str)


def describe(key: str) -> str:
    """What a dotted key accepts, such as "a number, at least 0 and at most 100000 (Td)"."""
    kind, allowed = _field_at(key)
    kind, optional = without_none(kind)
    # A unit alone is no bound.
    between = " " if str(allowed).startswith("(") else ", "
    choices = f"{between}{allowed}" if str(allowed) else ""
    return f"{type_name(kind)}{choices}{', or null' if optional else ''}"


def _field_at(key: str) -> tuple[Any, Allowed]:
    """The type and the range at a dotted key; None as type where there is no such key."""
    names = key.replace("[", ".[").split(".")
    # OmegaConf names what stands in a list from the entry on; only processes stand in a list.
    kind: Any = Config if names[0] in keys_of(Config) else ProcessConfig
    allowed = Allowed()
    for name in names:
        kind = without_none(kind)[0]
        if is_dataclass(kind):
            by_name = {entry.name: allowed_of(entry) for entry in fields(kind)}
            allowed = by_name.get(name, Allowed())
            kind = typing.get_type_hints(kind).get(name)
        else:
            kind = (typing.get_args(kind) or (None,))[-1]
    return kind, allowed


def allowed_of(entry: Field[Any]) -> Allowed:
    """The values a field accepts."""
    allowed = entry.metadata.get("allowed", Allowed())
    assert isinstance(allowed, Allowed)
    return allowed


def without_none(kind: Any) -> tuple[Any, bool]:
    """The type without its None, and whether it had one."""
    if isinstance(kind, types.UnionType):
        # Of a number with words in its place the number comes first.
        return next(part for part in typing.get_args(kind) if part is not type(None)), True
    return kind, False


def type_name(kind: Any) -> str:
    """A type in a user's words."""
    plain = {float: "a number", int: "a whole number", bool: "true or false", str: "text"}
    if kind in plain:
        return plain[kind]
    if isinstance(kind, type) and issubclass(kind, Enum):
        return f"one of {', '.join(kind.__members__)}"
    if is_dataclass(kind):
        return f"a table with the keys {', '.join(keys_of(kind))}"
    container = "a list" if typing.get_origin(kind) is list else "a table"
    return f"{container}, each entry {type_name(typing.get_args(kind)[-1])}"


def keys_of(schema: Any) -> list[str]:
    """The names of the fields of a dataclass."""
    return [entry.name for entry in fields(schema)]


def nearest(name: str, names: Sequence[str]) -> str:
    """The end of a message about an unknown name: the one that is meant, and all if they are few.

    Examples
    --------
    >>> nearest("Ar", ["argon", "helium"])
    ', did you mean argon? expected one of: argon, helium'
    """
    suggestion = _meant(name, names)
    if suggestion is None:
        return f"; expected one of: {', '.join(names) or 'none'}"
    if len(names) > FEW_NAMES:
        return f", did you mean {suggestion}? (--help lists all)"
    return f", did you mean {suggestion}? expected one of: {', '.join(names)}"


def _meant(name: str, names: Sequence[str]) -> str | None:
    """The name that a mistyped one is meant for: the same in other letters, longer, or similar."""
    by_lower = {each.lower(): each for each in reversed(names)}
    lower = name.lower()
    longer = [each for each in by_lower if len(lower) > 1 and each.startswith(lower)]
    similar = get_close_matches(lower, by_lower, n=1, cutoff=_SIMILAR)
    matches = [lower] if lower in by_lower else longer[-1:] if len(longer) == 1 else similar
    return by_lower[matches[0]] if matches else None


def _key_meant(name: str, table: str, names: Sequence[str]) -> str:
    """The end of a message about a key that does not exist in a table."""
    ending = nearest(name, names)
    if "did you mean" in ending:
        suggestion = _meant(name, names)
        return ending.replace(
            f"mean {suggestion}", f"mean {table}.{suggestion}".replace(" .", " "), 1
        )
    if table:
        return ending
    elsewhere = _meant(name, list(_keys_by_last_word()))
    if elsewhere is None:
        return ending
    return f", did you mean {_keys_by_last_word()[elsewhere]}? (--help lists all)"


def _keys_by_last_word() -> dict[str, str]:
    """The dotted keys of single settings, by the last word of each; the first one counts."""
    keys: dict[str, str] = {}
    tables: list[tuple[str, Any]] = [("", Config)]
    for prefix, schema in tables:
        for entry in fields(schema):
            key = f"{prefix}{entry.name}"
            kind = without_none(typing.get_type_hints(schema)[entry.name])[0]
            if is_dataclass(kind):
                tables.append((f"{key}.", kind))
            else:
                keys.setdefault(entry.name, key)
    return keys


def shown(value: Any) -> str:
    """A value as a user types it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    return number(value) if isinstance(value, float) else str(value)
