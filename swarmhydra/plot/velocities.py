"""Figures of the distribution of the electrons over velocities."""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm

from swarmhydra.plot.distributions import group_of, seen
from swarmhydra.plot.jobs import CURVE, one_run
from swarmhydra.plot.labels import title_of
from swarmhydra.plot.legends import legend
from swarmhydra.plot.scales import map_levels
from swarmhydra.plot.style import CURVE_COLOURS, drawing, label

DECADES_OF_MAP = 4
"""Decades that a map shows."""

KILOMETRES = 1e3
"""In which velocities are drawn (m/s)."""


def legendre_coefficients(
    run: xr.DataTree,
    ax: Axes | None = None,
    *,
    time: float | None = None,
    phase: float | None = None,
    title: bool | str = False,
) -> Axes:
    """The size of the Legendre coefficients f_l of the velocity distribution over energy.

    Parameters
    ----------
    run : xarray.DataTree
        A run.
    ax, title : optional
        As for `energy_distribution`.
    time : float, optional
        Time since the start of a pass through a waveform (s); the interval around it is drawn.
    phase : float, optional
        Phase of an alternating field (degrees); the part of the period around it is drawn.

    Returns
    -------
    matplotlib Axes
        Logarithmic; a curve for each order, broken where the coefficient is negative. Values below
        three standard errors are left out.

    Raises
    ------
    ValueError
        If it is a sweep, or a run without coefficients, or without such a time or phase.
    """
    group = _group_at(run, "f_l", "legendre_coefficients", time, phase)
    energy = group["energy"].values
    with drawing(ax, title=title_of(run, title)) as axes:
        is_visible = seen(group["f_l"].values[0])
        for order, f_l in enumerate(group["f_l"].values[: len(CURVE_COLOURS)]):
            is_known = is_visible & (
                np.abs(f_l) > 3.0 * np.nan_to_num(group["f_l_stderr"].values[order])
            )
            colour = CURVE_COLOURS[order]
            positive = np.where(is_known & (f_l > 0.0), f_l, np.nan)
            axes.plot(energy, positive, color=colour, gid=CURVE, label=f"$f_{order}$")
            axes.plot(energy, np.where(is_known & (f_l < 0.0), -f_l, np.nan), ":", color=colour)
        axes.set_yscale("log")
        axes.set_xlim(0.0, energy[is_visible].max())
        axes.set_xlabel("energy (eV)")
        axes.set_ylabel("$|f_l|$ (eV$^{-3/2}$)")
        legend(axes)
    return axes


def velocity_distribution(
    run: xr.DataTree,
    ax: Axes | None = None,
    *,
    time: float | None = None,
    phase: float | None = None,
    title: bool | str = False,
) -> Axes:
    """f(v_par, v_perp) as a map with a logarithmic scale.

    Parameters
    ----------
    run : xarray.DataTree
        A run with `sim.evdf.plane=true`.
    ax, time, phase, title : optional
        As for `legendre_coefficients`.

    Returns
    -------
    matplotlib Axes
        Velocities along and across the force on the electrons. What is below the scale, or below
        two standard errors, is blank.

    Raises
    ------
    ValueError
        As for `legendre_coefficients`.
    """
    group = _group_at(run, "evdf", "velocity_distribution", time, phase)
    along, across = (group[name].values / KILOMETRES for name in ("v_along", "v_across"))
    values, errors = group["evdf"].values, np.nan_to_num(group["evdf_stderr"].values)
    levels, decades = map_levels(np.nanmax(values), DECADES_OF_MAP)
    scale = LogNorm(levels[0], levels[-1])
    is_visible = (np.nan_to_num(values) > levels[0]) & (values > 2.0 * errors)
    with drawing(ax, title=title_of(run, title)) as axes:
        masked = np.ma.masked_where(~is_visible, values)
        contours = axes.contourf(along, across, masked.T, levels=levels, norm=scale)
        reach = np.hypot(*np.meshgrid(along, across, indexing="ij"))[is_visible].max()
        axes.set_xlim(-reach, reach)
        axes.set_ylim(0.0, reach)
        axes.set_aspect("equal")
        axes.set_xlabel("velocity along the force (km/s)")
        axes.set_ylabel("across (km/s)")
        bar = axes.figure.colorbar(contours, ax=axes, ticks=decades, orientation="horizontal")
        bar.set_label(label(group["evdf"]))
    return axes


def _group_at(
    run: xr.DataTree, variable: str, caller: str, time: float | None, phase: float | None
) -> xr.Dataset:
    """The group that has a variable, at a time or phase where one is given."""
    one = one_run(run, caller)
    if time is not None and phase is not None:
        raise ValueError(f"time={time:g} and phase={phase:g}: expected one of the two")
    name = "waveform" if time is not None else "eedf" if phase is None else "phase"
    group = group_of(one, name)
    if variable not in group:
        setting = "sim.evdf.plane=true" if variable == "evdf" else "sim.evdf.l_max"
        raise ValueError(f"the result has no {variable} in its group {name!r}; expected {setting}")
    if time is not None:
        return group.isel(time=int(np.abs(group["time"].values - time).argmin()))
    if phase is not None:
        away = np.angle(np.exp(1j * (group["phase"].values - np.radians(phase))))
        return group.isel(part=int(np.abs(away).argmin()))
    return group
