"""What distinguishes the runs of a sweep, in the words of a legend."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr

from swarmhydra.config import Method
from swarmhydra.results.conditions import (
    CONDITIONS,
    condition_words,
    conditions_of,
)
from swarmhydra.results.variables import VARIABLES

NUMERICAL = ("seed", "replica", "run_label", "electrons", "sub_swarms", "initial_energy")
"""Settings that change no expected value: curves differ by them only where points repeat."""

_SYMBOLS = {"bn": "B/N", "en": "E/N", "temperature": "T", "pressure": "p", "eb_angle": "angle"}
_OF_A_COMPUTATION = ("accel", "seed")


def root_of(results: xr.DataTree | xr.Dataset) -> xr.Dataset:
    """The coefficients of a run or a sweep."""
    return results.to_dataset() if isinstance(results, xr.DataTree) else results


def job_dimensions(root: xr.Dataset) -> tuple[str, ...]:
    """The dimensions along which the runs of a sweep stand; none for a single run."""
    inner = {dim for row in VARIABLES.values() for dim in row.dims}
    return tuple(
        dict.fromkeys(
            str(dim)
            for variable in root.data_vars.values()
            for dim in variable.dims
            if dim not in inner
        )
    )


def title_of(results: xr.DataTree | xr.Dataset, title: bool | str = True) -> str:
    """The title of a figure.

    Parameters
    ----------
    results : xarray.DataTree or Dataset
        A run or a sweep.
    title : bool or str, optional
        The title, or True for gas, fields and other conditions that all runs of the result share,
        or False for none.
    """
    if not isinstance(title, bool):
        return title
    return ", ".join(_shared_words(results, CONDITIONS)) if title else ""


def run_words(run: xr.DataTree | xr.Dataset) -> str:
    """A run as an entry of a legend: its gas and fields."""
    return ", ".join(_shared_words(run, ("gas", "en", "bn", "frequency", "method")))


def _shared_words(results: xr.DataTree | xr.Dataset, names: Sequence[str]) -> list[str]:
    """Conditions that all runs share; the method where electrons are not followed."""
    conditions = conditions_of(results)
    left_out = [*_OF_A_COMPUTATION]
    if conditions.get("method") == Method.monte_carlo.value:
        left_out.append("method")
    return condition_words(conditions, [name for name in names if name not in left_out])


def with_axis(root: xr.Dataset, along: str) -> xr.Dataset:
    """A sweep with the coordinate of the horizontal axis, which may be the name of a component."""
    if along in root.coords or along not in root.coords.get("component", xr.DataArray([])).values:
        return root
    share = root["fraction"].sel(component=along).fillna(0.0)
    attributes = {"long_name": f"share of {along} in the gas", "units": "1"}
    return root.assign_coords({along: (share.dims, share.values, attributes)})


def setting_words(name: str) -> str:
    """A swept setting as the label of an axis."""
    parts = name.split(".")
    if parts[:2] == ["gas", "components"] and parts[-1] == "fraction":
        return f"fraction of {'.'.join(parts[2:-1])}"
    return name


def word(name: str, value: Any) -> str:
    """A setting in the label of a curve."""
    if isinstance(value, str):
        return value
    return f"{_symbol(name)} = {value:g}" + (f" {_unit(name)}" if _unit(name) else "")


def symbol_with_unit(name: str) -> str:
    """A setting beside a scale of colours."""
    return _symbol(name) + (f" ({_unit(name)})" if _unit(name) else "")


def _symbol(name: str) -> str:
    """A setting in short."""
    symbol = _SYMBOLS.get(name, setting_words(name))
    return symbol if " " in symbol else symbol.rpartition(".")[2]


def _unit(name: str) -> str:
    """The unit of a setting; empty for none."""
    units = VARIABLES[name].units if name in VARIABLES else "1"
    return "" if units == "1" else units


def differing(root: xr.Dataset, names: Sequence[str]) -> list[str]:
    """Those of some coordinates in which the runs differ."""
    return [name for name in names if len(set(map(str, np.ravel(root[name].values)))) > 1]


def settings_of(root: xr.Dataset) -> list[str]:
    """The coordinates by which runs may differ: conditions and swept settings."""
    scalars = [str(n) for n in root.coords if n not in VARIABLES or VARIABLES[str(n)].dims == ()]
    return [
        name
        for name in scalars
        if name not in (*NUMERICAL, "job") and not name.startswith("sim.stop")
    ]
