"""Plain containers as dataclasses, where every value already has exactly the type of its field.

OmegaConf checks and converts values one by one, at some 0.1 ms each; a gas may have thousands. What
is not of the right type is left to OmegaConf, which converts it or says what is wrong.
"""

from __future__ import annotations

from dataclasses import is_dataclass
from enum import Enum
from functools import cache
from types import UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from omegaconf import MISSING

T = TypeVar("T")


class MismatchError(TypeError):
    """A value that is not exactly of the type of its field."""


def exactly_typed(kind: type[T], plain: object) -> T:
    """A container of plain values as an object of a dataclass.

    Parameters
    ----------
    kind : type
        The dataclass.
    plain : object
        Dicts, lists, numbers, words and None.

    Raises
    ------
    MismatchError
        If a key is unknown or missing, or a value has another type; only an integer may stand for
        a float, and a float without a fractional part for an integer.
    """
    value: T = _converted(kind, plain)
    return value


@cache
def _hints(kind: type) -> dict[str, Any]:
    """The types of the fields of a dataclass."""
    return get_type_hints(kind)


def _converted(kind: Any, value: Any) -> Any:
    """A value of a type."""
    if kind is float and type(value) is int:
        return float(value)
    if kind is int and type(value) is float and value.is_integer():
        # 1e4 is a whole number.
        return int(value)
    if kind in (float, int, str, bool, type(None)):
        if type(value) is not kind:
            raise MismatchError(value)
        return value
    if isinstance(kind, type) and issubclass(kind, Enum):
        return _member(kind, value)
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        return _of_one(arguments, value)
    if origin is list and isinstance(value, list):
        if arguments[0] is float and set(map(type, value)) <= {float, int}:
            return list(map(float, value))
        return [_converted(arguments[0], each) for each in value]
    if origin is dict and isinstance(value, dict):
        return {
            _converted(arguments[0], key): _converted(arguments[1], value[key]) for key in value
        }
    if is_dataclass(kind) and isinstance(kind, type) and isinstance(value, dict):
        hints = _hints(kind)
        if not value.keys() <= hints.keys():
            raise MismatchError(value)
        instance = kind(**{key: _converted(hints[key], each) for key, each in value.items()})
        if any(getattr(instance, name) == MISSING for name in hints.keys() - value.keys()):
            raise MismatchError(value)
        return instance
    raise MismatchError(value)


def _member(kind: type[Enum], value: Any) -> Enum:
    """A member of an enumeration, by itself or by its name."""
    if isinstance(value, kind):
        return value
    if type(value) is not str or value not in kind.__members__:
        raise MismatchError(value)
    return kind[value]


def _of_one(kinds: tuple[Any, ...], value: Any) -> Any:
    """A value of the first type of several that takes it."""
    for kind in kinds:
        try:
            return _converted(kind, value)
        except MismatchError:
            continue
    raise MismatchError(value)
