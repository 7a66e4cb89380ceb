"""Values as they stand in the tables of a page."""

from __future__ import annotations

import math
import re

import xarray as xr

from swarmhydra.results.summary import rounded
from swarmhydra.results.variables import VARIABLES

_NUMBER = re.compile(r"[-−(\d][-−+\d.e ±×()⁻⁰¹²³⁴⁵⁶⁷⁸⁹—]*(?: s| MB|%)?")
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_SPACE = "\N{NO-BREAK SPACE}"

UNKNOWN = "—"


def is_number(cell: str) -> bool:
    """Whether a cell is a number, perhaps with an error, a power of ten or a short unit."""
    return _NUMBER.fullmatch(cell) is not None


def value_error_units(one: xr.Dataset | xr.DataTree, name: str) -> tuple[str, str, str]:
    """A scalar coefficient in three cells: value, standard error, and unit with power of ten."""
    value, stderr = float(one[name].item()), float(one[f"{name}_stderr"].item())
    unit = units(VARIABLES[name].units)
    if math.isnan(value):
        return UNKNOWN, "", unit
    number, error, exponent = rounded(value, stderr)
    power = f"×{_SPACE}{_power_of_ten(exponent)}{_SPACE}" if exponent else ""
    return number, error, f"{power}{unit}"


def with_error(one: xr.Dataset, name: str) -> str:
    """A value with its error in one cell."""
    value, stderr = float(one[name].item()), float(one[f"{name}_stderr"].item())
    if math.isnan(value):
        return UNKNOWN
    number, error, exponent = rounded(value, stderr)
    if not exponent:
        return f"{number} ± {error}"
    return f"({number} ± {error}) × {_power_of_ten(exponent)}"


def titled(name: str) -> str:
    """A coefficient or a setting with its unit, for the head of a table."""
    row = VARIABLES.get(name)
    if row is None:
        return name
    return row.long_name + ("" if row.units == "1" else f" ({units(row.units)})")


def units(text: str) -> str:
    """A unit as it is printed: powers raised, in one line, nothing for no unit."""
    result = re.sub(
        r"\^\((-?[\d/]+)\)|(?<=[A-Za-z])(-?\d+)\b",
        lambda power: (power[1] or power[2]).translate(_RAISED),
        text,
    )
    return "" if text == "1" else result.replace(" ", _SPACE)


def _power_of_ten(exponent: int) -> str:
    """10 with its exponent raised."""
    return "10" + str(exponent).translate(_RAISED)
