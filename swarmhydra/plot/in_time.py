"""Figures of a swarm in the course of time: on its way to the steady state, and in a period."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr
from matplotlib.axes import Axes

from swarmhydra.plot.distributions import group_of
from swarmhydra.plot.jobs import CURVE, Job, jobs_of, looks_of
from swarmhydra.plot.labels import title_of
from swarmhydra.plot.legends import entry, legend
from swarmhydra.plot.scales import logarithmic
from swarmhydra.plot.style import PALETTE, drawing
from swarmhydra.plot.style import label as axis_label

TIME_UNITS = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns"), (1e-12, "ps"), (1e-15, "fs"))
"""Sizes in seconds and names of the units of time, the largest first."""
_MARK = "swarmhydra result"
_MARGIN = 1.12
"""Of the logarithmic axis, so that its first number stands beside those of the other axis."""

_TIME_LABEL = "simulated time ({})"


def relaxation(
    results: xr.DataTree,
    quantity: str = "mean_energy",
    ax: Axes | None = None,
    *,
    label: str | None = None,
    title: bool | str = False,
) -> Axes:
    """The swarm in the course of the simulated time, on its way to the steady state and in it.

    Parameters
    ----------
    results : xarray.DataTree
        A run, or a sweep: then there is a curve for each job.
    quantity : str, optional
        A variable of the group ``time_series``: ``mean_energy`` (eV), ``drift_velocity`` (m s-1) …
    ax, label, title : optional
        As for `energy_distribution`.

    Returns
    -------
    matplotlib Axes
        Time on a logarithmic axis. Of a single run, what came before the swarm had relaxed is
        shaded, and the result with its standard error stands as a line.

    Raises
    ------
    ValueError
        If a run has no time series, as one of ``method=boltzmann``.
    """
    jobs = jobs_of(results)
    for job in jobs:
        if "time_series" not in job.run.children or "time" not in job.run["time_series"].coords:
            raise ValueError("the run has no time series" + f" ({job.words})" * bool(job.words))
    with drawing(ax, title=title_of(results, title)) as axes:
        looks, colours = looks_of(jobs, axes, label)
        alone = len(jobs) == 1 and not any(line.get_gid() == CURVE for line in axes.lines)
        scale, unit, left, right = _time_axis(axes, jobs)
        for job, look in zip(jobs, looks, strict=True):
            series = group_of(job.run, "time_series")
            axes.plot(
                series["time"].values / scale,
                series[quantity].values,
                lw=0.8,
                color=look.colour,
                ls=look.linestyle,
                gid=CURVE,
                label=entry(look.label) or None,
            )
        for mark in [each for each in axes.get_children() if each.get_gid() == _MARK]:
            mark.remove()  # It is that of a single run.
        if alone:
            _mark_result(axes, jobs[0], quantity, scale, left)
        logarithmic(axes, "x")
        axes.set_xlim(left, right)
        axes.set_xlabel(_TIME_LABEL.format(unit))
        axes.set_ylabel(axis_label(series[quantity]))
        if colours is not None:
            colours.draw(axes)
        legend(axes)
    return axes


def phase_curves(
    results: xr.DataTree,
    quantity: str = "mean_energy",
    ax: Axes | None = None,
    *,
    process: str | None = None,
    label: str | None = None,
    title: bool | str = False,
) -> Axes:
    """A quantity in the course of the period of an alternating field, with its standard error.

    Parameters
    ----------
    results : xarray.DataTree
        A run, or a sweep: then there is a curve for each job.
    quantity : str, optional
        A variable of the group ``phase``: ``mean_energy``, ``drift_velocity``, ``power_gain``,
        ``electrons`` or, with `process`, ``rate_coefficient``.
    process : str, optional
        The process of a quantity that each process has.
    ax, label, title : optional
        As for `energy_distribution`.

    Returns
    -------
    matplotlib Axes
        Phase from 0 to 360 degrees; the grey curve is the field, which goes with the cosine.

    Raises
    ------
    ValueError
        If a run has no alternating field, or there is no such quantity or process.
    """
    jobs = jobs_of(results)
    with drawing(ax, title=title_of(results, title)) as axes:
        looks, colours = looks_of(jobs, axes, label)
        for job, look in zip(jobs, looks, strict=True):
            value, stderr = _in_phase(job, quantity, process)
            phase = np.degrees(value["phase"].values)
            axes.plot(
                phase,
                value.values,
                color=look.colour,
                ls=look.linestyle,
                gid=CURVE,
                label=entry(look.label) or None,
            )
            axes.fill_between(
                phase, value - stderr, value + stderr, color=look.colour, alpha=0.3, lw=0
            )
        if not any(line.get_gid() == "field" for line in axes.lines):
            _draw_field(axes)
        axes.set_xlim(0.0, 360.0)
        axes.set_xticks(range(0, 361, 90))
        axes.set_xlabel("phase of the field (degree)")
        axes.set_ylabel(axis_label(value))
        if process is not None:
            axes.set_ylabel(f"{process}: {axes.get_ylabel()}")
        if colours is not None:
            colours.draw(axes)
        legend(axes)
    return axes


def time_unit(longest: float) -> tuple[float, str]:
    """The size in seconds, and the name, of the unit in which a time is a number above one."""
    return next((unit for unit in TIME_UNITS if longest >= unit[0]), TIME_UNITS[-1])


def _time_axis(axes: Axes, jobs: list[Job]) -> tuple[float, str, float, float]:
    """The size and the name of the unit of time, and the ends of the axis in that unit."""
    times = [group_of(job.run, "time_series")["time"].values for job in jobs]
    last = max(float(each.max()) for each in times)
    first = min(float(each[each > 0.0].min()) for each in times)
    scale, unit = time_unit(last)
    # A second call goes on in the unit of the first.
    for size, name in TIME_UNITS:
        if axes.get_xlabel() == _TIME_LABEL.format(name):
            low, high = axes.get_xlim()
            return size, name, min(low, first / size), max(high, last / size)
    return scale, unit, first / scale / _MARGIN, last / scale


def _mark_result(axes: Axes, job: Job, quantity: str, scale: float, left: float) -> None:
    """Shade the relaxation, and draw the result of the run."""
    relaxed = float(job.run.attrs.get("relaxation_time", np.nan)) / scale
    if relaxed > left:
        axes.axvspan(left, relaxed, color="0.9", lw=0, zorder=0, label="relaxation", gid=_MARK)
    result = {"drift_velocity": "drift_velocity_flux"}.get(quantity, quantity)
    if result in job.run.data_vars:
        value, stderr = float(job.run[result]), float(job.run[f"{result}_stderr"])
        axes.axhline(value, color=PALETTE["vermilion"], lw=0.9, ls="--", label="result", gid=_MARK)
        axes.axhspan(
            value - stderr,
            value + stderr,
            color=PALETTE["vermilion"],
            alpha=0.3,
            lw=0,
            gid=_MARK,
        )


def process_number(process: str | None, names: Sequence[str]) -> int:
    """The number of a process that is to be drawn.

    Parameters
    ----------
    process : str or None
        As a user named it.
    names : sequence of str
        Those that there are.

    Raises
    ------
    ValueError
        If there is no such process.
    """
    if process is None or process not in names:
        raise ValueError(f"process={process!r}: expected one of {', '.join(names)}")
    return names.index(process)


def _in_phase(job: Job, quantity: str, process: str | None) -> tuple[xr.DataArray, xr.DataArray]:
    """A quantity of a run over the phase, and its standard error."""
    if "phase" not in job.run.children or "phase" not in job.run["phase"].coords:
        words = f" ({job.words})" if job.words else ""
        raise ValueError(f"the run has no alternating field{words}; expected sim.frequency > 0")
    group = group_of(job.run, "phase")
    names = [str(name) for name in group.data_vars if f"{name}_stderr" in group]
    if quantity not in names:
        raise ValueError(f"{quantity!r} is not in the phase curves; they have {', '.join(names)}")
    value, stderr = group[quantity], group[f"{quantity}_stderr"]
    if "process" in value.dims:
        place = process_number(process, job.run.to_dataset()["process"].values.tolist())
        value, stderr = value.isel(process=place), stderr.isel(process=place)
    if value.ndim != 1:
        raise ValueError(f"{quantity!r} has several components; expected drift_velocity")
    return value, stderr


def _draw_field(axes: Axes) -> None:
    """The field, between the lowest and the highest point of the axes."""
    low, high = axes.get_ylim()
    phase = np.linspace(0.0, 360.0, 181)
    wave = 0.5 * (low + high) + 0.42 * (high - low) * np.cos(np.radians(phase))
    axes.plot(phase, wave, color="0.75", lw=0.8, zorder=0, gid="field", label="field")
