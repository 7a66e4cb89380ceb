"""Values of a sweep that Hydra has no words for: `logspace(low,high,number)`."""

from __future__ import annotations

import re
from collections.abc import Sequence

from swarmhydra.config.ranges import ConfigError

_LOGSPACE = re.compile(r"(?P<key>[^=]+)=logspace\((?P<numbers>.*)\)")
_DIGITS = 6


def expanded(arguments: Sequence[str]) -> list[str]:
    """The arguments of the command line, with the values of each `logspace` written out.

    Raises
    ------
    ConfigError
        If one is not made of two positive numbers and how many values there shall be.

    Examples
    --------
    >>> expanded(["gas=argon", "sim.en=logspace(1,100,3)"])
    ['gas=argon', 'sim.en=1,10,100']
    """
    matches = [(argument, _LOGSPACE.fullmatch(argument.strip())) for argument in arguments]
    return [
        argument if match is None else f"{match['key']}={_logspace(argument, match['numbers'])}"
        for argument, match in matches
    ]


def _logspace(argument: str, numbers: str) -> str:
    """Values whose logarithms are equally spaced, from the first to the second number."""
    try:
        low, high, count = (float(each) for each in numbers.split(","))
        steps = int(count) - 1
        if not (low > 0.0 and high > 0.0 and steps >= 1 and steps + 1 == count):
            raise ValueError
    except (ValueError, OverflowError) as error:
        raise ConfigError(
            f"{argument}: expected logspace(low,high,number) with two numbers above 0 and at "
            "least 2 values"
        ) from error
    values = (low * (high / low) ** (step / steps) for step in range(steps + 1))
    return ",".join(f"{value:.{_DIGITS}g}" for value in values)
