"""Figures of a sweep."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import AutoMinorLocator, LogLocator, NullFormatter
from numpy.typing import ArrayLike

from swarmhydra.plot.style import (
    COLUMN_WIDTH,
    CURVE_COLOURS,
    HEIGHT,
    MARKERS,
    drawing,
    label,
    literal,
    style,
)
from swarmhydra.plot.sweep_curves import Curve, curves, largest, longest_axis, root_of
from swarmhydra.results.variables import VARIABLES

PANELS = (
    ("mean_energy",),
    ("drift_velocity_flux", "drift_velocity_bulk"),
    ("reduced_mobility_flux", "reduced_mobility_bulk"),
    ("reduced_diffusion_longitudinal_flux", "reduced_diffusion_longitudinal_bulk"),
    ("reduced_diffusion_transverse_flux", "reduced_diffusion_transverse_bulk"),
    ("characteristic_energy",),
    ("rate_coefficient",),
    ("effective_ionization_rate_coefficient",),
    ("reduced_townsend_ionization", "reduced_townsend_attachment"),
    ("reduced_townsend_effective", "reduced_townsend_effective_sst"),
)
"""What `sweep_overview` shows of a sweep, in one panel each, where it is not zero everywhere."""

FEW = 4
"""Entries of a legend that fit among the curves."""


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
) -> Axes:
    """Coefficients of a sweep against E/N, or whatever was swept, with error bars.

    Parameters
    ----------
    sweep : xarray.DataTree or Dataset
        See `curves`.
    *quantities : str
        One coefficient, such as ``drift_velocity_flux``, or several of the same unit.
    along : str, optional
        The coordinate on the horizontal axis; default is ``en``, or the one that varies most.
    process : str, optional
        One process of a coefficient that each process has; default is all of them.
    reference : Points or sequence of Points, optional
        Values to draw beside those of the sweep.
    ax : matplotlib Axes, optional
        Where to draw; default is a figure of its own.

    Returns
    -------
    matplotlib Axes
        A curve for each gas, accel, temperature … that the sweep has, of the same colour in every
        figure; of more than seven, the largest. Of several quantities, all but the first have open
        markers and broken lines. Axes over more than a decade are logarithmic if nothing is
        negative, and then leave zeros out. Error bars are one standard error.

    Raises
    ------
    ValueError
        If the sweep has no such coefficient, coordinate or process.
    """
    root = root_of(sweep)
    along = along or longest_axis(root)
    kinds, common = _told_apart(quantities)
    all_curves = [
        (curve, index)
        for index, name in enumerate(quantities)
        for curve in curves(root, name, along, process)
    ]
    selected = largest(all_curves)
    points = [reference] if isinstance(reference, Points) else list(reference)
    entries = len(selected) + len(points)
    with drawing(ax, HEIGHT + (0.06 * entries if entries > FEW else 0.0)) as axes:
        for curve, index, place in selected:
            _draw_curve(axes, curve, place, kinds[index], first=index == 0)
        for other in points:
            _draw_points(axes, other)
        _scale(axes, "x", [curve.x for curve, *_ in selected] + [p.x for p in points])
        _scale(axes, "y", [curve.value for curve, *_ in selected] + [p.value for p in points])
        axes.set_xlabel(label(_described(root[along], along), 60))
        described = _described(root[quantities[0]], quantities[0])
        axes.set_ylabel(label(described.assign_attrs(long_name=common) if common else described))
        if axes.get_legend_handles_labels()[1]:
            part = f"the largest {len(selected)} of {len(all_curves)}"
            _legend(axes, part if len(selected) < len(all_curves) else None)
    return axes


def sweep_overview(
    sweep: xr.DataTree | xr.Dataset,
    panels: Sequence[Sequence[str]] = PANELS,
    *,
    along: str | None = None,
    references: Mapping[str, Points | Sequence[Points]] | None = None,
) -> Figure:
    """Every coefficient of a sweep on one page, with error bars.

    Parameters
    ----------
    sweep : xarray.DataTree or Dataset
        See `curves`.
    panels : sequence of sequence of str, optional
        The coefficients of each panel; those that the sweep lacks, or that are zero everywhere, are
        left out.
    along : str, optional
        The coordinate on the horizontal axis; default is ``en``, or the one that varies most.
    references : dict of str to Points, optional
        Values to draw beside those of the sweep, by the first coefficient of a panel.

    Returns
    -------
    matplotlib Figure
        Two columns wide.

    Raises
    ------
    ValueError
        If nothing is left to draw.
    """
    root = root_of(sweep)
    present = [[name for name in panel if _not_zero(root, name)] for panel in panels]
    present = [panel for panel in present if panel]
    if not present:
        raise ValueError(f"the sweep has none of {', '.join(n for panel in panels for n in panel)}")
    columns = min(2, len(present))
    lines = -(-len(present) // columns)
    with style():
        figure, axes = plt.subplots(
            lines, columns, figsize=(columns * COLUMN_WIDTH, lines * HEIGHT), squeeze=False
        )
        for names, panel in zip(present, axes.flat, strict=False):
            points = (references or {}).get(names[0], ())
            coefficients(root, *names, along=along, reference=points, ax=panel)
        for panel in axes.flat[len(present) :]:
            panel.set_visible(False)
        return figure


def _described(variable: xr.DataArray, name: str) -> xr.DataArray:
    """A variable with its attributes, which some operations of xarray drop."""
    row = VARIABLES.get(name)
    if row is None or variable.attrs.get("long_name"):
        return variable
    return variable.assign_attrs(units=row.units, long_name=row.long_name)


def _told_apart(quantities: Sequence[str]) -> tuple[list[str], str]:
    """The words in which the names of quantities differ, and those they have in common."""
    if len(quantities) < 2:
        return [""] * len(quantities), ""
    names = [VARIABLES[name].long_name if name in VARIABLES else name for name in quantities]
    words = [name.split() for name in names]
    common = [word for word in words[0] if all(word in other for other in words[1:])]
    apart = [" ".join(w for w in name if w not in common).strip(", ") for name in words]
    return apart, " ".join(common).strip(", ")


def _not_zero(root: xr.Dataset, name: str) -> bool:
    """Whether a coefficient is there and anything but zero."""
    return name in root and bool((root[name].fillna(0.0) != 0.0).any())


def _draw_curve(axes: Axes, curve: Curve, place: int, kind: str, *, first: bool) -> None:
    """A curve with its error bars: filled markers for the first quantity, open ones for others."""
    words = ", ".join(filter(None, (curve.label, kind)))
    axes.errorbar(
        curve.x,
        curve.value,
        yerr=np.nan_to_num(curve.stderr),
        color=CURVE_COLOURS[place],
        marker=MARKERS[place],
        mfc=CURVE_COLOURS[place] if first else "white",
        ls="-" if first else "--",
        lw=0.8,
        label=literal(textwrap.shorten(words, 40, placeholder=" …")) or None,
    )


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
        label=points.label,
    )


def _legend(axes: Axes, title: str | None) -> None:
    """The legend inside where it is short, above where it is not."""
    entries = len(axes.get_legend_handles_labels()[1])
    if entries <= FEW:
        axes.legend(loc="best", title=title)
    else:
        axes.legend(
            loc="lower center",
            bbox_to_anchor=(0.5, 1.0),
            ncols=2,
            columnspacing=1.0,
            title=title,
            title_fontsize=7,
        )


def _scale(axes: Axes, which: str, values: Sequence[ArrayLike]) -> None:
    """A logarithmic axis for what covers a decade and, but for zeros up the page, is positive."""
    axis = axes.xaxis if which == "x" else axes.yaxis
    numbers = np.concatenate([np.empty(0), *(np.ravel(np.asarray(v, float)) for v in values)])
    numbers = numbers[np.isfinite(numbers)]
    positive = numbers[numbers > 0.0]
    impossible = numbers.size > positive.size if which == "x" else (numbers < 0.0).any()
    if positive.size < 2 or impossible or positive.max() < 10.0 * positive.min():
        axis.set_minor_locator(AutoMinorLocator())
        return
    if which == "x":
        axes.set_xscale("log", nonpositive="mask")
        if positive.min() >= 1e-2 and positive.max() < 1e5:
            axis.set_major_formatter("{x:g}")
    else:
        axes.set_yscale("log", nonpositive="mask")
        # An error bar down to zero would have no end.
        axes.set_ylim(0.4 * positive.min(), 2.5 * positive.max())
    axis.set_minor_locator(LogLocator(subs=[float(digit) for digit in range(2, 10)]))
    axis.set_minor_formatter(NullFormatter())
