"""Plain values of the right types become the dataclasses that OmegaConf makes of them."""

from dataclasses import dataclass, field
from enum import Enum
from typing import Any

import pytest
from omegaconf import MISSING, OmegaConf

from swarmhydra.config import Config
from swarmhydra.config.compose import composed
from swarmhydra.config.exact_types import MismatchError, exactly_typed


class Choice(Enum):
    one = "first"
    two = "second"


@dataclass
class Inner:
    number: float = 1.0
    name: str = MISSING


@dataclass
class Outer:
    count: int = 0
    inner: Inner = field(default_factory=lambda: Inner(name="x"))
    parts: dict[str, Inner] = field(default_factory=dict)
    numbers: list[float] = field(default_factory=list)
    word: str | None = None
    choice: Choice = Choice.one


def by_omegaconf(kind: type, plain: object) -> Any:
    return OmegaConf.to_object(OmegaConf.merge(OmegaConf.structured(kind), plain))


@pytest.mark.parametrize(
    "plain",
    [
        {},
        {"count": 3, "word": "a", "numbers": [1, 2.5]},
        {"choice": "two"},
        {"choice": Choice.two},
        {"inner": {"number": 2, "name": "y"}, "word": None},
        {"parts": {"a": {"name": "b"}, "c": {"name": "d", "number": 0.5}}},
    ],
)
def test_plain_values_become_what_omegaconf_makes_of_them(plain):
    made = exactly_typed(Outer, plain)
    assert made == by_omegaconf(Outer, plain)
    assert all(type(number) is float for number in made.numbers)
    assert type(made.inner.number) is float


@pytest.mark.parametrize(
    "plain",
    [
        {"count": 1.5},
        {"count": True},
        {"choice": "second"},
        {"word": 5},
        {"numbers": ["1.0"]},
        {"numbers": 1.0},
        {"numbers": None},
        {"other": 1},
        {"inner": {"number": 1.0, "other": 2}},
        {"parts": {"a": {}}},
        {"parts": {1: {"name": "b"}}},
        [],
    ],
)
def test_what_is_not_exactly_of_its_type_is_left_to_omegaconf(plain):
    with pytest.raises(MismatchError):
        exactly_typed(Outer, plain)


def test_a_float_without_a_fractional_part_is_a_whole_number():
    made = exactly_typed(Outer, {"count": 1e4})
    assert made.count == 10_000
    assert type(made.count) is int


@pytest.mark.parametrize("gas", ["argon", "lucas_saelee", "lxcat", "maxwell"])
def test_shipped_options_need_no_conversion(gas):
    cfg = composed([f"gas={gas}"])
    plain = OmegaConf.to_container(cfg, resolve=True)
    assert exactly_typed(Config, plain) == by_omegaconf(Config, plain)
