"""Figures of a run in a field that changes."""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure

from swarmhydra.plot.in_time import time_unit
from swarmhydra.plot.style import (
    COLUMN_WIDTH,
    CURVE_COLOURS,
    HEIGHT,
    drawing,
    label,
    literal,
    style,
)

MOST_CURVES = 6
"""Processes that a figure shows: the fastest ones."""

DECADES = 6
"""Decades of the energy distribution that a figure shows."""

LEVELS_PER_DECADE = 4
"""Colours of a decade."""


def waveform(run: xr.DataTree, quantity: str = "mean_energy", ax: Axes | None = None) -> Axes:
    """A quantity in the course of the waveform, beside what it would be in a steady field.

    Parameters
    ----------
    run : xarray.DataTree
        From `swarmhydra.open_run` or `swarmhydra.simulate`, with the group ``waveform``.
    quantity : str, optional
        A variable of that group: ``mean_energy`` (eV), ``drift_velocity`` (m s-1), ``ln_number`` …;
        of one with a value for each process the fastest are drawn.
    ax : matplotlib Axes, optional
        Where to draw; default is a figure of its own.

    Returns
    -------
    matplotlib Axes
        Time since the start of a pass, with one standard error as a band. Dashed: the value of a
        steady field of the same strength. The field stands behind in grey, without an axis.
    """
    group = _course(run)
    if quantity not in group:
        raise ValueError(f"{quantity} is not in the course of the waveform")
    with drawing(ax) as axes:
        times, unit = _times(group)
        _draw_field(group, times, axes)
        for number, (name, place) in enumerate(_curves(group[quantity]).items()):
            colour = CURVE_COLOURS[number]
            values = group[quantity].isel(place).values
            if place:
                # On a logarithmic axis what has not been seen leaves a gap.
                values = np.where(values > 0.0, values, np.nan)
            stderr = np.nan_to_num(group[f"{quantity}_stderr"].isel(place).values)
            axes.plot(times, values, color=colour, label=name)
            low, high = values - stderr, values + stderr
            axes.fill_between(times, low, high, color=colour, alpha=0.3, lw=0)
            if f"{quantity}_quasi_steady" in group:
                steady = group[f"{quantity}_quasi_steady"].isel(place).values
                axes.plot(times, steady, color=colour, ls="--", lw=0.9)
        if "process" in group[quantity].dims:
            axes.set_yscale("log")
            axes.legend(loc="best")
        axes.set_xlim(times[0], times[-1])
        axes.set_xlabel(f"time ({unit})")
        axes.set_ylabel(label(group[quantity]))
    return axes


def waveform_distribution(run: xr.DataTree, ax: Axes | None = None) -> Axes:
    """The energy probability function over time and energy, as a map with a logarithmic scale.

    Parameters
    ----------
    run : xarray.DataTree
    ax : matplotlib Axes, optional
    """
    group = _course(run)
    if "eepf" not in group:
        raise ValueError("the result has no energy distribution in the course of the waveform")
    with drawing(ax) as axes:
        times, unit = _times(group)
        values, energy = group["eepf"].values, group["energy"].values
        top = 10.0 ** np.ceil(np.log10(np.nanmax(values)))
        floor = top * 10.0**-DECADES
        levels = np.geomspace(floor, top, LEVELS_PER_DECADE * DECADES + 1)
        occupied = np.flatnonzero(np.nan_to_num(values).max(axis=0) > floor)
        drawn = axes.contourf(
            times, energy, np.maximum(values, floor).T, levels=levels, norm=LogNorm(floor, top)
        )
        axes.set_ylim(0.0, float(energy[occupied[-1]]))
        axes.set_xlabel(f"time ({unit})")
        axes.set_ylabel("energy (eV)")
        decades = floor * 10.0 ** np.arange(DECADES + 1)
        bar = axes.figure.colorbar(drawn, ax=axes, ticks=decades)
        bar.set_label(label(group["eepf"]))
    return axes


def waveform_overview(run: xr.DataTree) -> Figure:
    """All figures of a waveform on one page.

    Parameters
    ----------
    run : xarray.DataTree

    Returns
    -------
    matplotlib Figure
        Two columns wide.
    """
    with style():
        figure, axes = plt.subplots(3, 2, figsize=(2 * COLUMN_WIDTH, 3 * HEIGHT))
        waveform(run, "mean_energy", axes[0, 0])
        waveform(run, "drift_velocity", axes[0, 1])
        waveform(run, "rate_coefficient", axes[1, 0])
        waveform(run, "ln_number", axes[1, 1])
        waveform(run, "power_gain", axes[2, 0])
        waveform_distribution(run, axes[2, 1])
        return figure


def _course(run: xr.DataTree) -> xr.Dataset:
    """The group of a waveform, with the processes of the run, or a refusal."""
    if "waveform" not in run.children:
        raise ValueError("the result has no group 'waveform': the field did not change")
    return run.children["waveform"].to_dataset()


def _times(group: xr.Dataset) -> tuple[np.ndarray, str]:
    """Times since the start of a pass, and their unit."""
    scale, unit = time_unit(float(group["time_edges"].max()))
    return group["time"].values / scale, unit


def _draw_field(group: xr.Dataset, times: np.ndarray, axes: Axes) -> None:
    """The field as a grey area behind the curves."""
    behind = axes.twinx()
    behind.fill_between(times, group["en"].values, color="0.88", lw=0)
    behind.set_yticks([])
    behind.margins(y=0.05)
    axes.set_zorder(behind.get_zorder() + 1)
    axes.patch.set_visible(False)


def _curves(variable: xr.DataArray) -> dict[str, dict[str, int]]:
    """The curves of a quantity, by name: all of it, or the fastest processes."""
    if "process" not in variable.dims:
        return {"": {}}
    fastest = np.nan_to_num(variable.values).max(axis=0)
    order = [i for i in np.argsort(-fastest, kind="stable")[:MOST_CURVES] if fastest[i] > 0.0]
    return {literal(str(variable["process"].values[i])): {"process": int(i)} for i in order}
