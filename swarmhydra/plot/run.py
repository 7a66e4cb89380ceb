"""Figures of one run."""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from swarmhydra.kernels.arrays import FloatArray
from swarmhydra.plot.style import (
    COLUMN_WIDTH,
    HEIGHT,
    KIND_COLOURS,
    PALETTE,
    drawing,
    height_for,
    label,
    literal,
    style,
)
from swarmhydra.results.record import NUMERICAL

MOST_PROCESSES = 30
"""Processes that a figure shows; of more, the largest."""

NOISY = 0.1
"""Relative error of f0 above which f1/f0 is not drawn."""

_TIME_UNITS = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns"), (1e-12, "ps"), (1e-15, "fs"))


def relaxation(run: xr.DataTree, quantity: str = "mean_energy", ax: Axes | None = None) -> Axes:
    """The swarm in the course of the simulated time, on its way to the steady state and in it.

    Parameters
    ----------
    run : xarray.DataTree
        From `swarmhydra.open_run` or `swarmhydra.simulate`.
    quantity : str, optional
        A variable of the group ``time_series``: ``mean_energy`` (eV), ``drift_velocity`` (m s-1) …
    ax : matplotlib Axes, optional
        Where to draw; default is a figure of its own.

    Returns
    -------
    matplotlib Axes
        Time on a logarithmic axis. What came before the swarm had relaxed is shaded, and the result
        with its standard error stands as a line.
    """
    if "time_series" not in run.children:
        raise ValueError("the run has no time series")
    series = _group(run, "time_series")
    with drawing(ax) as axes:
        scale, unit = _time_unit(float(series["time"].max()))
        times = series["time"].values / scale
        axes.plot(times, series[quantity].values, lw=0.8, color=PALETTE["blue"])
        relaxed = float(run.attrs.get("relaxation_time", np.nan))
        first = times[times > 0.0].min()
        if relaxed / scale > first:
            axes.axvspan(first, relaxed / scale, color="0.9", lw=0, zorder=0, label="relaxation")
        result = {"drift_velocity": "drift_velocity_flux"}.get(quantity, quantity)
        if result in run.data_vars:
            value, stderr = float(run[result]), float(run[f"{result}_stderr"])
            axes.axhline(value, color=PALETTE["vermilion"], lw=0.9, ls="--", label="result")
            axes.axhspan(
                value - stderr, value + stderr, color=PALETTE["vermilion"], alpha=0.3, lw=0
            )
        axes.set_xscale("log")
        axes.set_xlim(first, times.max())
        axes.set_xlabel(f"simulated time ({unit})")
        axes.set_ylabel(label(series[quantity]))
        axes.legend(loc="best")
    return axes


def energy_distribution(run: xr.DataTree, quantity: str = "eepf", ax: Axes | None = None) -> Axes:
    """The energy distribution on a logarithmic axis, with its standard error as a band.

    Parameters
    ----------
    run : xarray.DataTree
    quantity : str, optional
        ``eepf`` (eV^(-3/2)) or ``eedf`` (1/eV).
    ax : matplotlib Axes, optional

    Returns
    -------
    matplotlib Axes
        Ticks at the upper edge mark the thresholds of the processes, in a colour for each kind.
    """
    eedf = _group(run, "eedf")
    energy, value = eedf["energy"].values, eedf[quantity].values
    stderr = eedf[f"{quantity}_stderr"].values
    occupied = value > 0.0
    with drawing(ax) as axes:
        floor = 0.3 * value[occupied].min()
        band = np.nan_to_num(stderr[occupied])
        _draw_with_band(axes, energy[occupied], value[occupied], band, _error_words(run), floor)
        axes.set_yscale("log")
        axes.set_xlim(0.0, energy[occupied].max())
        axes.set_ylim(floor, 5.0 * value[occupied].max())
        axes.set_xlabel("energy (eV)")
        axes.set_ylabel(label(eedf[quantity]))
        _mark_thresholds(run, axes)
        axes.legend(loc="lower left")
    return axes


def _draw_with_band(
    axes: Axes,
    x: FloatArray,
    y: FloatArray,
    stderr: FloatArray,
    words: str,
    floor: float = -np.inf,
) -> None:
    """A line with its error as a band, which ends at a floor."""
    axes.plot(x, y, color=PALETTE["blue"])
    axes.fill_between(
        x,
        np.maximum(y - stderr, floor),
        y + stderr,
        color=PALETTE["blue"],
        alpha=0.3,
        lw=0,
        label=words,
    )


def _error_words(run: xr.DataTree) -> str:
    """What the band of a curve is."""
    numerical = run.attrs.get("error_kind") == NUMERICAL
    return "± numerical error" if numerical else "± one standard error"


def anisotropy(run: xr.DataTree, ax: Axes | None = None) -> Axes:
    """The first anisotropy over the isotropic part, f1/f0, with its standard error as a band.

    Parameters
    ----------
    run : xarray.DataTree
    ax : matplotlib Axes, optional

    Returns
    -------
    matplotlib Axes
        Energies at which f0 is known to no better than 10 % are left out. The band takes the errors
        of f0 and f1 as independent.
    """
    eedf = _group(run, "eedf")
    f0, f1 = eedf["eepf"].values, eedf["f1"].values
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = f1 / f0
        precise = eedf["eepf_stderr"].values < NOISY * f0
        error = np.hypot(eedf["f1_stderr"].values / f0, ratio * eedf["eepf_stderr"].values / f0)
    energy = eedf["energy"].values
    with drawing(ax) as axes:
        _draw_with_band(axes, energy[precise], ratio[precise], error[precise], _error_words(run))
        axes.axhline(0.0, color="0.5", lw=0.6, zorder=0)
        axes.set_xlim(left=0.0)
        axes.margins(y=0.12)
        axes.set_xlabel("energy (eV)")
        axes.set_ylabel("anisotropy f$_1$/f$_0$")
        _mark_thresholds(run, axes)
        axes.legend(loc="upper left", bbox_to_anchor=(0.0, 0.94))
    return axes


def power_balance(run: xr.DataTree, ax: Axes | None = None) -> Axes:
    """Where the power from the field goes (eV s-1 per electron), each with its share and error.

    Parameters
    ----------
    run : xarray.DataTree
    ax : matplotlib Axes, optional

    Returns
    -------
    matplotlib Axes
        A bar for the field, for each process, for growth, and for the residual, which is zero
        within its error in a steady swarm. What takes less than 0.05 % is left out.
    """
    rows = _power_rows(run)
    gain = abs(float(run["power_gain"]))
    rows = [row for row in rows if abs(row[1]) > 5e-4 * gain or row[0] in ("field", "residual")]
    names = [row[0] for row in rows]
    values = np.array([row[1] for row in rows])
    errors = np.nan_to_num([row[2] for row in rows])
    colours = {"field": PALETTE["blue"], "residual": "0.5"}
    with drawing(ax, height_for(len(rows))) as axes:
        places = [float(row) for row in range(len(rows))]
        axes.barh(
            places,
            values,
            xerr=errors,
            color=[colours.get(name, PALETTE["orange"]) for name in names],
            height=0.65,
            error_kw={"elinewidth": 0.7},
        )
        axes.axvline(0.0, color="black", lw=0.6)
        widest = max(np.abs(values).max(), 1e-300)
        for place, value, error in zip(places, values, errors, strict=True):
            share = f"{100 * value / gain:.2f} ± {100 * error / gain:.2f} %" if gain else ""
            share = share.replace("-", "−")
            # Beside the bar on the side of zero where nothing is drawn.
            side = -1 if value > 0 else 1
            axes.text(
                side * 0.02 * widest, place, share, va="center", fontsize=6.5,
                ha="right" if side < 0 else "left",
            )  # fmt: skip
        axes.set_yticks(places, names)
        axes.tick_params(axis="y", length=0)
        axes.invert_yaxis()
        axes.set_xlim(-1.15 * widest, 1.15 * widest)
        axes.set_xlabel("power per electron (eV s$^{-1}$)")
    return axes


def rates(run: xr.DataTree, ax: Axes | None = None) -> Axes:
    """The rate coefficient of every process (m3 s-1) on a logarithmic axis.

    Parameters
    ----------
    run : xarray.DataTree
    ax : matplotlib Axes, optional

    Returns
    -------
    matplotlib Axes
        Full circles: collisions counted. Open squares: by convolution with the energy distribution.
        Processes that never happened are left out; of more than 30, the slowest.
    """
    root = run.to_dataset()
    counted, convolved = root["rate_coefficient"], root["rate_coefficient_convolution"]
    order = np.argsort(-np.nan_to_num(counted.values), kind="stable")
    order = order[counted.values[order] > 0.0][:MOST_PROCESSES]
    names = [literal(str(name)) for name in counted["process"].values[order]]
    with drawing(ax, height_for(len(order))) as axes:
        places = [float(row) for row in range(len(order))]
        axes.errorbar(
            counted.values[order],
            places,
            xerr=np.nan_to_num(root["rate_coefficient_stderr"].values[order]),
            fmt="o",
            color=PALETTE["blue"],
            label="counted",
            elinewidth=0.7,
        )
        axes.plot(
            convolved.values[order],
            places,
            "s",
            mfc="none",
            mec=PALETTE["vermilion"],
            ms=6,
            mew=0.8,
            label="by convolution",
        )
        axes.set_xscale("log")
        axes.margins(x=0.15)
        axes.set_yticks(places, names)
        axes.set_ylim(len(order) - 0.4, -0.6)
        axes.grid(axis="y", color="0.92", lw=0.5)
        axes.tick_params(axis="y", length=0)
        axes.set_xlabel(label(counted))
        axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2)
    return axes


def run_overview(run: xr.DataTree) -> Figure:
    """All figures of one run on one page: relaxation, distribution, anisotropy, power and rates.

    Parameters
    ----------
    run : xarray.DataTree

    Returns
    -------
    matplotlib Figure
        Two columns wide.
    """
    in_time = "time_series" in run.children
    with style():
        lists = height_for(max(run.sizes["process"] + 3, 6))
        heights = [HEIGHT, HEIGHT, lists][0 if in_time else 1 :]
        figure, axes = plt.subplots(
            len(heights), 2, figsize=(2 * COLUMN_WIDTH, sum(heights)), height_ratios=heights
        )
        if in_time:
            relaxation(run, "mean_energy", axes[0, 0])
            relaxation(run, "drift_velocity", axes[0, 1])
        energy_distribution(run, "eepf", axes[-2, 0])
        anisotropy(run, axes[-2, 1])
        power_balance(run, axes[-1, 0])
        rates(run, axes[-1, 1])
        return figure


def _group(run: xr.DataTree, name: str) -> xr.Dataset:
    """A group of a run, or a refusal."""
    if name not in run.children:
        raise ValueError(f"the result has no group {name!r}: it is not that of a run")
    return run.children[name].to_dataset(inherit=False)


def _time_unit(longest: float) -> tuple[float, str]:
    """The unit in which a time is a number above one, and its size in seconds."""
    return next((unit for unit in _TIME_UNITS if longest >= unit[0]), _TIME_UNITS[-1])


def _power_rows(run: xr.DataTree) -> list[tuple[str, float, float]]:
    """Name, power and error of everything that gives or takes energy."""
    root = run.to_dataset()
    loss, error = root["power_loss"], root["power_loss_stderr"]
    order = np.argsort(-np.abs(loss.values), kind="stable")[:MOST_PROCESSES]
    names = loss["process"].values
    rows = [("field", float(run["power_gain"]), float(run["power_gain_stderr"]))]
    rows += [(literal(str(names[i])), -float(loss[i]), float(error[i])) for i in order]
    rows.append(("growth", -float(run["power_growth"]), float(run["power_growth_stderr"])))
    residual = run["power_balance_residual"], run["power_balance_residual_stderr"]
    rows.append(("residual", float(residual[0]), float(residual[1])))
    return rows


def _mark_thresholds(run: xr.DataTree, axes: Axes) -> None:
    """Ticks at the upper edge where processes set in, a colour for each kind."""
    root = run.to_dataset()
    thresholds, kinds = root["threshold"].values, root["kind"].values
    right = axes.get_xlim()[1]
    for kind, colour in KIND_COLOURS.items():
        places = thresholds[(kinds == kind) & (thresholds > 0.0) & (thresholds < right)]
        if places.size:
            axes.vlines(
                places,
                0.93,
                1.0,
                transform=axes.get_xaxis_transform(),
                color=colour,
                lw=1.2,
                label=f"{kind.lower()} threshold",
            )
