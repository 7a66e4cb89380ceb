"""Figures of a sweep."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.ticker import AutoMinorLocator
from numpy.typing import ArrayLike

from swarmhydra.plot.curve_looks import CurveLook, curve_looks
from swarmhydra.plot.jobs import CURVE
from swarmhydra.plot.labels import setting_words, title_of
from swarmhydra.plot.legends import entry, legend
from swarmhydra.plot.scales import DECADES, logarithmic
from swarmhydra.plot.style import drawing
from swarmhydra.plot.style import label as axis_label
from swarmhydra.plot.sweep_curves import Curve, curves, swept
from swarmhydra.results.variables import VARIABLES

_UNITS_OF_RATES = ("m3 s-1", "m2")
"""Of rate and of Townsend coefficients."""

UNCERTAIN = "swarmhydra cross sections"
"""The `gid` of the band that shows what the uncertainty of cross sections adds."""


@dataclass(frozen=True)
class Points:
    """Values to compare with, such as measured ones.

    Parameters
    ----------
    x : array_like, shape (n,)
        Places on the horizontal axis, such as E/N (Td).
    value : array_like, shape (n,)
        In the unit of the vertical axis.
    error : array_like, shape (n,), optional
        Standard errors.
    label : str, optional
        Entry in the legend.
    """

    x: ArrayLike
    value: ArrayLike
    error: ArrayLike | None = None
    label: str = "reference"


def coefficients(
    sweep: xr.DataTree | xr.Dataset,
    *quantities: str,
    along: str | None = None,
    process: str | None = None,
    reference: Points | Sequence[Points] = (),
    ax: Axes | None = None,
    label: str | None = None,
    title: bool | str = False,
) -> Axes:
    """Coefficients of a sweep with error bars.

    Parameters
    ----------
    sweep : xarray.DataTree or Dataset
        See `curves`.
    *quantities : str
        One or more coefficients of the same unit.
    along : str, optional
        The coordinate on the horizontal axis, or the name of a component of the gas, of which that
        is the share; default is ``en``, or the one that varies most.
    process : str, optional
        One process of a coefficient that each process has; default is all of them.
    reference : Points or sequence of Points, optional
        Values to draw beside those of the sweep.
    ax : matplotlib Axes, optional
        Where to draw, also over what was drawn before; default is a figure of its own.
    label : str, optional
        Words before those that tell the curves apart.
    title : bool or str, optional
        A title, or True for one that states gas, fields and other conditions.

    Returns
    -------
    matplotlib Axes
        A curve for each gas, mixture, accel, temperature … that the sweep has, of the same
        colour in every figure. More than seven are coloured by what varies most or, if that is no
        number, the largest are drawn. Of several quantities, all but the first have open markers
        and broken lines. Axes over more than a decade are logarithmic if nothing is negative, rates
        by more than two standard errors, and then leave zeros out. Error bars are one standard
        error; a band is what the uncertainty of cross sections adds.

    Raises
    ------
    ValueError
        If it is a single run, the sweep has no such coefficient, coordinate or process, or the
        coefficients have different units.
    """
    if not quantities:
        raise ValueError("no coefficient named; expected one at least, such as 'mean_energy'")
    root, axis = swept(sweep, along)
    by_quantity = [curves(sweep, name, axis, process) for name in quantities]
    _check_units(root, quantities)
    kinds, common = _told_apart(quantities)
    points = [reference] if isinstance(reference, Points) else list(reference)
    words = [label or "", process or ""]
    with drawing(ax, title=title_of(sweep, title)) as axes:
        before = any(line.get_gid() == CURVE for line in axes.lines)
        limits = (axes.get_xlim(), axes.get_ylim()) if before else None
        looks, scale, remark = curve_looks(by_quantity, kinds, axes, words)
        for look in looks:
            _draw_curve(axes, look)
        for other in points:
            _draw_points(axes, other)
        all_curves = [look.curve for look in looks]
        _scale_x(axes, [root[axis].values, *(p.x for p in points)])
        rates = root[quantities[0]].attrs.get("units") in _UNITS_OF_RATES
        _scale_y(axes, all_curves, points, rates=rates)
        if limits is not None:
            axes.set_xlim(_both(limits[0], axes.get_xlim()))
            axes.set_ylim(_both(limits[1], axes.get_ylim()))
        described = _described(root[axis], axis)
        axes.set_xlabel(axis_label(described, 60))
        described = _described(root[quantities[0]], quantities[0])
        axes.set_ylabel(
            axis_label(described.assign_attrs(long_name=common) if common else described)
        )
        if scale is not None:
            scale.draw(axes)
        legend(axes, remark)
    return axes


def _check_units(root: xr.Dataset, quantities: Sequence[str]) -> None:
    """Refuse coefficients that cannot share an axis."""
    units = {name: _described(root[name], name).attrs.get("units", "1") for name in quantities}
    if len(set(units.values())) > 1:
        listing = ", ".join(f"{name} ({unit})" for name, unit in units.items())
        raise ValueError(f"{listing}: expected coefficients of one unit; draw the others elsewhere")


def _described(variable: xr.DataArray, name: str) -> xr.DataArray:
    """A variable with its attributes, which some operations of xarray drop."""
    row = VARIABLES.get(name)
    if row is not None and not variable.attrs.get("long_name"):
        return variable.assign_attrs(units=row.units, long_name=row.long_name)
    if variable.attrs.get("long_name", name) == name:
        return variable.assign_attrs(long_name=setting_words(name))
    return variable


def _told_apart(quantities: Sequence[str]) -> tuple[list[str], str]:
    """The words in which the names of quantities differ, and those they have in common."""
    if len(quantities) < 2:
        return [""] * len(quantities), ""
    names = [VARIABLES[name].long_name if name in VARIABLES else name for name in quantities]
    words = [name.split() for name in names]
    common = [word for word in words[0] if all(word in other for other in words[1:])]
    apart = [" ".join(w for w in name if w not in common).strip(", ") for name in words]
    return apart, " ".join(common).strip(", ")


def _draw_curve(axes: Axes, look: CurveLook) -> None:
    """A curve with its error bars, and as a band what the uncertainty of cross sections adds."""
    uncertain = look.curve.from_cross_sections
    if uncertain is not None and np.nan_to_num(uncertain).any():
        axes.fill_between(
            look.curve.x,
            look.curve.value - uncertain,
            look.curve.value + uncertain,
            color=look.colour,
            alpha=0.2,
            lw=0,
            label="error by cross sections",
        ).set_gid(UNCERTAIN)
    container = axes.errorbar(
        look.curve.x,
        look.curve.value,
        yerr=np.nan_to_num(look.curve.stderr),
        color=look.colour,
        marker=look.marker,
        mfc=look.colour if look.filled else "white",
        ls=look.linestyle,
        lw=0.8,
        label=entry(look.label) or None,
    )
    container.lines[0].set_gid(CURVE)


def _draw_points(axes: Axes, points: Points) -> None:
    """Values to compare with."""
    axes.errorbar(
        np.asarray(points.x, float),
        np.asarray(points.value, float),
        yerr=None if points.error is None else np.asarray(points.error, float),
        fmt="x",
        color="black",
        ms=5,
        mew=0.9,
        zorder=5,
        label=entry(points.label),
    )


def _both(one: tuple[float, float], other: tuple[float, float]) -> tuple[float, float]:
    """The range that covers two."""
    return min(one[0], other[0]), max(one[1], other[1])


def _scale_x(axes: Axes, values: Sequence[ArrayLike]) -> None:
    """The same horizontal axis for all coefficients of a sweep, also where some have no value."""
    numbers = np.concatenate([np.ravel(np.asarray(each, float)) for each in values])
    numbers = numbers[np.isfinite(numbers)]
    low, high = numbers.min(), numbers.max()
    if low <= 0.0 or high < 10.0 * low:
        axes.xaxis.set_minor_locator(AutoMinorLocator())
        margin = 0.05 * (high - low) or 1.0
        limits = low - margin, high + margin
    else:
        logarithmic(axes, "x")
        margin = (high / low) ** 0.05
        limits = low / margin, high * margin
    axes.set_xlim(limits)


def _scale_y(
    axes: Axes, all_curves: Sequence[Curve], points: Sequence[Points], *, rates: bool
) -> None:
    """A logarithmic axis for what covers a decade, or grows from nothing, and is not negative."""
    pairs = [(curve.value, curve.stderr) for curve in all_curves]
    pairs += [(np.asarray(p.value, float), np.zeros(np.size(p.value))) for p in points]
    if not pairs:
        return
    values = np.concatenate([np.ravel(value) for value, _ in pairs])
    errors = np.concatenate([np.ravel(error) for _, error in pairs])
    # Points that are zero within their errors do not stretch the axis.
    positive = values[values > np.minimum(errors, 0.5 * values.max())]
    # A rate is negative by noise alone, a velocity across the field may be negative.
    negative = (values < (-2.0 * errors if rates else 0.0)).any()
    from_nothing = any(curve.from_nothing for curve in all_curves)
    small = not positive.size or positive.max() < 10.0 * positive.min()
    if negative or not positive.size or (small and not from_nothing):
        axes.yaxis.set_minor_locator(AutoMinorLocator())
        return
    logarithmic(axes, "y")
    # An error bar down to zero would have no end.
    lowest = max(positive.min(), positive.max() * 10.0**-DECADES)
    axes.set_ylim(0.4 * lowest, 2.5 * positive.max())
