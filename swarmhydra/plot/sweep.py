"""Figures of a sweep."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import AutoMinorLocator, LogLocator, NullFormatter
from numpy.typing import ArrayLike

from swarmhydra.kernels.arrays import FloatArray
from swarmhydra.plot.style import (
    COLUMN_WIDTH,
    CURVE_COLOURS,
    HEIGHT,
    MARKERS,
    drawing,
    label,
    style,
)
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

_NEVER_CURVES = ("job", "seed", "replica", "run_label", "electrons", "sub_swarms", "initial_energy")


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


@dataclass(frozen=True)
class Curve:
    """One coefficient of a sweep along one axis, all else equal.

    Parameters
    ----------
    label : str
        What distinguishes it from the other curves; empty if it is the only one.
    x, value, stderr : ndarray, shape (n,)
        In ascending order of x.
    rank : int
        Its place among those of the sweep, the same for every coefficient: so that a gas keeps its
        colour from figure to figure, also where another one has no values.
    """

    label: str
    x: FloatArray
    value: FloatArray
    stderr: FloatArray
    rank: int = 0


def curves(
    sweep: xr.DataTree | xr.Dataset,
    quantity: str,
    along: str | None = None,
    process: str | None = None,
) -> list[Curve]:
    """The curves of a coefficient: one for each gas, accel, temperature … and process.

    Parameters
    ----------
    sweep : xarray.DataTree or Dataset
        From `swarmhydra.open_sweep`, also after ``unstack``; anything in which `quantity`,
        ``<quantity>_stderr`` and the swept coordinates stand.
    quantity : str
        A coefficient, scalar or one for each process.
    along : str, optional
        The coordinate on the horizontal axis; default is ``en``, or the one that varies most.
    process : str, optional
        One process of a coefficient that each process has; default is all of them.

    Returns
    -------
    list of Curve
        Without the points at which there is no value, or one that no collision supports (no error).

    Raises
    ------
    ValueError
        If the sweep has no such coefficient, coordinate or process.
    """
    root = _root(sweep)
    if quantity not in root.data_vars:
        raise ValueError(f"{quantity!r} is not in the sweep; it has {', '.join(_estimates(root))}")
    along = along or _longest_axis(root)
    if along not in root.coords:
        raise ValueError(f"along={along!r} is not a coordinate of the sweep")
    values = xr.Dataset({"value": root[quantity], "stderr": root[f"{quantity}_stderr"]})
    if process is not None:
        if "process" not in values.dims or process not in values["process"].values:
            raise ValueError(f"process={process!r}: {quantity} has no such process")
        values = values.sel(process=process)
    frame = values.to_dataframe().reset_index()
    # What rests on collisions that never happened has no error: nothing to be shown.
    known = frame.dropna(subset=["value", "stderr", along])
    by = [name for name in _labels_of(root, along) if name in frame and frame[name].nunique() > 1]
    if "gas" in by and "process" in by and (known.groupby("process")["gas"].nunique() == 1).all():
        by.remove("gas")  # The process tells.
    groups = frame.groupby(by, sort=False) if by else [((), frame)]
    found = []
    for rank, (key, rows) in enumerate(groups):
        ordered = rows[rows.index.isin(known.index)].sort_values(along)
        if ordered.empty:
            continue
        words = [_word(name, value) for name, value in zip(by, key, strict=True)]
        x, value, stderr = (ordered[name].to_numpy(float) for name in (along, "value", "stderr"))
        found.append(Curve(", ".join(words), x, value, stderr, rank))
    return found


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
    root = _root(sweep)
    along = along or _longest_axis(root)
    kinds, common = _told_apart(quantities)
    found = [
        (curve, index)
        for index, name in enumerate(quantities)
        for curve in curves(root, name, along, process)
    ]
    shown = _largest(found)
    points = [reference] if isinstance(reference, Points) else list(reference)
    entries = len(shown) + len(points)
    with drawing(ax, HEIGHT + (0.06 * entries if entries > FEW else 0.0)) as axes:
        for curve, index, place in shown:
            _draw_curve(axes, curve, place, kinds[index], first=index == 0)
        for other in points:
            _draw_points(axes, other)
        _scale(axes, "x", [curve.x for curve, *_ in shown] + [p.x for p in points])
        _scale(axes, "y", [curve.value for curve, *_ in shown] + [p.value for p in points])
        axes.set_xlabel(label(_described(root[along], along), 60))
        described = _described(root[quantities[0]], quantities[0])
        axes.set_ylabel(label(described.assign_attrs(long_name=common) if common else described))
        if axes.get_legend_handles_labels()[1]:
            part = f"the largest {len(shown)} of {len(found)}"
            _legend(axes, part if len(shown) < len(found) else None)
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
    root = _root(sweep)
    shown = [[name for name in panel if _not_zero(root, name)] for panel in panels]
    shown = [panel for panel in shown if panel]
    if not shown:
        raise ValueError(f"the sweep has none of {', '.join(n for panel in panels for n in panel)}")
    columns = min(2, len(shown))
    lines = -(-len(shown) // columns)
    with style():
        figure, axes = plt.subplots(
            lines, columns, figsize=(columns * COLUMN_WIDTH, lines * HEIGHT), squeeze=False
        )
        for names, panel in zip(shown, axes.flat, strict=False):
            points = (references or {}).get(names[0], ())
            coefficients(root, *names, along=along, reference=points, ax=panel)
        for panel in axes.flat[len(shown) :]:
            panel.set_visible(False)
        return figure


def _root(sweep: xr.DataTree | xr.Dataset) -> xr.Dataset:
    """The coefficients of a sweep."""
    return sweep.to_dataset() if isinstance(sweep, xr.DataTree) else sweep


def _estimates(root: xr.Dataset) -> list[str]:
    """The names of the coefficients that have an error."""
    return [str(name) for name in root.data_vars if f"{name}_stderr" in root.data_vars]


def _longest_axis(root: xr.Dataset) -> str:
    """`en`, unless it does not vary and something else does."""
    distinct = {
        name: np.unique(root[name].values).size
        for name in VARIABLES
        if name in root.coords
        and VARIABLES[name].dims == ()
        and name not in _NEVER_CURVES
        and root[name].dtype.kind in "fi"
    }
    if not distinct:
        raise ValueError("the sweep has no coordinate to draw along, such as en")
    return "en" if distinct.get("en", 0) > 1 else max(distinct, key=lambda name: distinct[name])


def _labels_of(root: xr.Dataset, along: str) -> list[str]:
    """The coordinates by which curves may differ: conditions, swept settings, the process."""
    scalars = [str(n) for n in root.coords if n not in VARIABLES or VARIABLES[str(n)].dims == ()]
    named = [name for name in scalars if not name.startswith("sim.stop")]
    return [name for name in [*named, "process"] if name not in (*_NEVER_CURVES, along)]


def _word(name: str, value: Any) -> str:
    """A coordinate in the label of a curve."""
    if isinstance(value, str):
        return value
    units = VARIABLES[name].units if name in VARIABLES else "1"
    symbol = {"bn": "B/N", "en": "E/N", "temperature": "T", "pressure": "p"}.get(name, name)
    return f"{symbol.rpartition('.')[2]} = {value:g}" + ("" if units == "1" else f" {units}")


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


def _largest(found: list[tuple[Curve, int]]) -> list[tuple[Curve, int, int]]:
    """What is shown of the curves of each quantity, with places for colours and markers.

    Curves of the same label share a place; curves of one label only, as of one gas, have a place
    for each quantity. Where there are more labels than markers, those that reach highest are kept.
    """
    ranks = sorted({curve.rank for curve, _ in found})
    if len(ranks) == 1:
        return [(curve, index, (curve.rank + index) % len(MARKERS)) for curve, index in found]
    places = {rank: rank for rank in ranks}
    if ranks and ranks[-1] >= len(MARKERS):
        heights = {
            rank: max(float(c.value.max()) for c, _ in found if c.rank == rank) for rank in ranks
        }
        kept = sorted(ranks, key=lambda rank: -heights[rank])[: len(MARKERS)]
        places = {rank: place for place, rank in enumerate(sorted(kept))}
    # What belongs together stands together in the legend.
    ordered = sorted(found, key=lambda pair: pair[0].rank)
    return [(curve, index, places[curve.rank]) for curve, index in ordered if curve.rank in places]


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
        label=textwrap.shorten(words, 40, placeholder=" …") or None,
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
    known = np.concatenate([np.empty(0), *(np.ravel(np.asarray(v, float)) for v in values)])
    known = known[np.isfinite(known)]
    positive = known[known > 0.0]
    impossible = known.size > positive.size if which == "x" else (known < 0.0).any()
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
