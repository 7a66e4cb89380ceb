"""Two results side by side, coefficient by coefficient, in units of their errors."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import xarray as xr
from tabulate import tabulate

from swarmhydra.results.conditions import CONDITIONS, condition_words
from swarmhydra.results.summary import rounded
from swarmhydra.results.variables import VARIABLES

SIDES = ("first", "second")


@dataclass(frozen=True)
class Comparison:
    """How far two results are apart; its text is a table.

    Attributes
    ----------
    data : xarray.Dataset
        Along the dimension ``coefficient``, and those of a sweep where both results are one:
        ``first`` and ``second`` with ``first_stderr`` and ``second_stderr``; ``difference``,
        second less first; ``relative_difference``, over the mean of both; and ``deviation``, the
        difference over the combined error, the root of the sum of the squares of both errors.
    labels : tuple of str
        The conditions in which the results differ, such as ``method boltzmann``.
    """

    data: xr.Dataset
    labels: tuple[str, str]

    @property
    def largest(self) -> float:
        """The largest deviation, in combined errors, whatever its sign; NaN without any."""
        deviations = np.abs(self.data["deviation"].values)
        return float(np.nanmax(deviations)) if np.isfinite(deviations).any() else math.nan

    def rows(self) -> Iterator[tuple[str, str, str, str, str, str]]:
        """Coefficient, both values with their errors, unit, difference (%) and deviation.

        Of a sweep there are no values, and of the differences and deviations the largest.
        """
        for name in self.data["coefficient"].values:
            one = self.data.sel(coefficient=name)
            first, second = (_with_error(one, side) for side in SIDES)
            percent = f"{100.0 * _largest(one['relative_difference']):+.2g}"
            deviation = f"{_largest(one['deviation']):+.1f}"
            yield str(name), first, second, str(one["units"].item()), percent, deviation

    def __str__(self) -> str:
        """The table, aligned, with what tells the results apart at its head."""
        text: str = tabulate(
            list(self.rows()),
            headers=("", *self.labels, "", "difference (%)", "in combined errors"),
            tablefmt="plain",
            disable_numparse=True,
            colalign=("left", "right", "right", "left", "right", "right"),
        )
        return text


def compare(a: xr.DataTree | xr.Dataset, b: xr.DataTree | xr.Dataset) -> Comparison:
    """Compare two results coefficient by coefficient, in units of their combined errors.

    The results may be of two methods, backends, versions or gases. Errors count as independent: of
    two runs that draw the same random numbers, or follow each other's electrons, differences are
    smaller than the combined error says.

    Parameters
    ----------
    a, b : xarray.DataTree or Dataset
        Runs from `open_run` or `simulate`, or sweeps from `open_sweep`, of which points with the
        same coordinates are compared.

    Returns
    -------
    Comparison
        Of every scalar and every rate that both results have; processes are matched by name.

    Raises
    ------
    ValueError
        If the results have no coefficient in common.

    Examples
    --------
    >>> import swarmhydra
    >>> runs = [
    ...     swarmhydra.simulate("sim.en=50", f"method={method}")
    ...     for method in ("monte_carlo", "boltzmann")
    ... ]  # doctest: +SKIP
    >>> print(swarmhydra.compare(*runs))  # doctest: +SKIP
    """
    first, second = xr.align(_root(a), _root(b), join="inner", exclude={"axis", "axis2"})
    entries = dict(_entries(first, second))
    if not entries:
        raise ValueError(
            "these results have no coefficient in common: expected two runs, or two sweeps over "
            "the same points"
        )
    data = xr.concat(
        entries.values(),
        xr.DataArray(list(entries), dims="coefficient", name="coefficient"),
        join="exact",
        compat="equals",
        data_vars="all",
        coords=["units"],
    )
    return Comparison(data, _labels(first, second))


def _root(result: xr.DataTree | xr.Dataset) -> xr.Dataset:
    """The coefficients of a result."""
    return result.to_dataset() if isinstance(result, xr.DataTree) else result


def _entries(first: xr.Dataset, second: xr.Dataset) -> Iterator[tuple[str, xr.Dataset]]:
    """What both results have, by the name of the coefficient and of its process."""
    for name, row in VARIABLES.items():
        there = all(f"{name}_stderr" in one.data_vars for one in (first, second))
        if "/" in name or row.coordinate or not there:
            continue
        if row.dims == ():
            pairs = {name: (first, second)}
        elif row.dims == ("process",):
            pairs = {
                f"{name} {process}": (first.sel(process=process), second.sel(process=process))
                for process in first["process"].values
            }
        else:
            continue
        for label, (one, other) in pairs.items():
            entry = _entry(name, one, other)
            if bool(entry["difference"].notnull().any()):
                yield label, entry


def _entry(name: str, first: xr.Dataset, second: xr.Dataset) -> xr.Dataset:
    """Values, errors and differences of one coefficient."""
    # Without what was set for the runs, which differs between them.
    values = [one[name].reset_coords(drop=True) for one in (first, second)]
    errors = [one[f"{name}_stderr"].reset_coords(drop=True) for one in (first, second)]
    difference = values[1] - values[0]
    # Unknown where one of them is, as of a process that was not seen once.
    error = (errors[0] ** 2 + errors[1] ** 2) ** 0.5
    scale = 0.5 * (abs(values[0]) + abs(values[1]))
    parts = {
        "first": values[0],
        "first_stderr": errors[0],
        "second": values[1],
        "second_stderr": errors[1],
        "difference": difference,
        "relative_difference": _ratio(difference, scale),
        "deviation": _ratio(difference, error),
    }
    dataset = xr.Dataset({key: part.drop_attrs() for key, part in parts.items()})
    return dataset.assign_coords(units=VARIABLES[name].units)


def _ratio(difference: xr.DataArray, unit: xr.DataArray) -> xr.DataArray:
    """The difference over a unit, NaN where this is zero but the difference is not."""
    return (difference / unit.where(unit > 0.0)).where(difference != 0.0, difference)


def _labels(first: xr.Dataset, second: xr.Dataset) -> tuple[str, str]:
    """The conditions in which the results differ."""
    values = [
        {name: one[name].item() for name in CONDITIONS if name in one.coords and not one[name].dims}
        for one in (first, second)
    ]
    differing = [name for name in CONDITIONS if values[0].get(name) != values[1].get(name)]
    words = [", ".join(condition_words(one, differing)) for one in values]
    return (words[0] or SIDES[0], words[1] or SIDES[1])


def _largest(values: xr.DataArray) -> float:
    """The value farthest from zero, NaN where there is none."""
    flat = values.values.ravel()
    flat = flat[np.isfinite(flat)]
    return float(flat[np.argmax(np.abs(flat))]) if flat.size else math.nan


def _with_error(one: xr.Dataset, side: str) -> str:
    """A value with its error and power of ten; nothing for the points of a sweep."""
    if one[side].ndim:
        return ""
    value, stderr, exponent = rounded(float(one[side]), float(one[f"{side}_stderr"]))
    text = f"{value} ± {stderr}"
    return f"({text})e{exponent}" if exponent else text
