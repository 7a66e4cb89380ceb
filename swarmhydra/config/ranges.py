"""Fields of dataclasses that carry the range of their values."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any


class ConfigError(ValueError):
    """A setting that cannot be used; one line that names the key, the value, what is expected."""


@dataclass(frozen=True)
class Allowed:
    """The values a field accepts: bounds for numbers, also those in a list, or choices for text.

    A field of numbers may take words in their place.
    """

    low: float = -math.inf
    high: float = math.inf
    low_excluded: bool = False
    high_excluded: bool = False
    unit: str = ""
    choices: tuple[str, ...] = ()
    words: tuple[str, ...] = ()

    def accepts(self, value: float | str) -> bool:
        """Whether the value, a number or a text, is one of those allowed; NaN and inf never are."""
        if isinstance(value, str):
            texts = self.choices or self.words
            return not texts or value in texts
        if not math.isfinite(value):
            return False
        above = value > self.low if self.low_excluded else value >= self.low
        below = value < self.high if self.high_excluded else value <= self.high
        return above and below

    def __str__(self) -> str:
        """Bounds, unit and choices as the end of a sentence that starts with the type."""
        low = f"{'above' if self.low_excluded else 'at least'} {number(self.low)}"
        high = f"{'below' if self.high_excluded else 'at most'} {number(self.high)}"
        parts = [f"one of {', '.join(self.choices)}"] if self.choices else []
        parts += [low] if self.low > -math.inf else []
        parts += [high] if self.high < math.inf else []
        unit = f"({self.unit})" if self.unit else ""
        text = " ".join(filter(None, (" and ".join(parts), unit)))
        return ", or ".join([text, *self.words])


def number(value: float) -> str:
    """A bound as a person writes it, without losing a digit."""
    short = f"{value:g}"
    # Compared as exact numbers: 2**63 - 1 is not 9.22337e18.
    text = short if math.isfinite(value) and Fraction(short) == value else str(value)
    return text.replace("e+0", "e").replace("e+", "e")


def bounded(
    default: Any,
    low: float = -math.inf,
    high: float = math.inf,
    unit: str = "",
    *,
    low_excluded: bool = False,
    high_excluded: bool = False,
    words: tuple[str, ...] = (),
) -> Any:
    """A dataclass field that carries its range; a class as default is called for each instance."""
    allowed = Allowed(low, high, low_excluded, high_excluded, unit, words=words)
    if isinstance(default, type):
        return field(default_factory=default, metadata={"allowed": allowed})
    return field(default=default, metadata={"allowed": allowed})


def choice(default: str | None, choices: tuple[str, ...]) -> Any:
    """A dataclass field for one of some words."""
    return field(default=default, metadata={"allowed": Allowed(choices=choices)})
