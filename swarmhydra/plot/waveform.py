"""Figures of runs in a field that changes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure

from swarmhydra.kernels.arrays import FloatArray
from swarmhydra.plot.in_time import TIME_UNITS, process_number, time_unit
from swarmhydra.plot.jobs import CURVE, Colour, Job, jobs_of, looks_of, one_run
from swarmhydra.plot.labels import title_of
from swarmhydra.plot.legends import entry, legend
from swarmhydra.plot.overviews import finished
from swarmhydra.plot.scales import logarithmic, map_levels
from swarmhydra.plot.style import COLUMN_WIDTH, CURVE_COLOURS, HEIGHT, drawing, literal, style
from swarmhydra.plot.style import label as axis_label

MOST_CURVES = 6
"""Processes that a figure shows: the fastest ones."""

DECADES_OF_MAP = 6
"""Decades of the energy distribution that a map shows."""

_PANELS = ("mean_energy", "drift_velocity", "ln_number", "power_gain")
_TIME_LABEL = "time ({})"
_STEADY = "swarmhydra steady field"
_BESIDE = ("in a steady field", "field")
"""What stands in the legend beside the curves."""

_PRECISE = 0.3
"""Relative error of a distribution above which its value is no guide for the scale."""


def waveform(
    results: xr.DataTree,
    quantity: str = "mean_energy",
    ax: Axes | None = None,
    *,
    process: str | None = None,
    label: str | None = None,
    title: bool | str = False,
) -> Axes:
    """A quantity in the course of the waveform, beside what it would be in a steady field.

    Parameters
    ----------
    results : xarray.DataTree
        A run, with the group ``waveform``, or a sweep: then there is a curve for each job.
    quantity : str, optional
        A variable of that group: ``mean_energy`` (eV), ``drift_velocity`` (m s-1), ``ln_number`` …
    ax : matplotlib Axes, optional
        Where to draw, also over what was drawn before; default is a figure of its own.
    process : str, optional
        The process of a quantity that each process has; default is the fastest ones of a run.
    label, title : optional
        As for `energy_distribution`.

    Returns
    -------
    matplotlib Axes
        Time since the start of a pass, with one standard error as a band. Dashed: the value of a
        steady field of the same strength. The fields stand behind in grey, without an axis.

    Raises
    ------
    ValueError
        If a run has no waveform, or there is no such quantity or process.
    """
    jobs = jobs_of(results)
    groups = [_course(job) for job in jobs]
    courses = [_courses(group, quantity, process, len(jobs)) for group in groups]
    with drawing(ax, title=title_of(results, title)) as axes:
        looks, scale = looks_of(jobs, axes, label)
        size, unit = _time_unit(axes, groups)
        for group, look, course in zip(groups, looks, courses, strict=True):
            _draw_field(group, group["time"].values / size, axes)
            for number, (name, place) in enumerate(course.items()):
                several = len(course) > 1
                colour = CURVE_COLOURS[number] if several else look.colour
                words = name if several else look.label
                _draw_course(axes, group.isel(place), quantity, size, colour, words)
        for each in [line for line in axes.lines if line.get_label() == _BESIDE[0]]:
            each.remove()  # It is explained after all curves.
        if any(line.get_gid() == _STEADY for line in axes.lines):
            axes.plot([], [], color="0.4", ls="--", lw=0.9, label=_BESIDE[0])
        if "process" in groups[0][quantity].dims:
            logarithmic(axes, "y")
        ends = [float(end) / size for group in groups for end in group["time"].values[[0, -1]]]
        # A second call goes on where the first one ended.
        before = axes.get_xlim() if axes.get_xlabel() else (ends[0], ends[-1])
        axes.set_xlim(min(*ends, before[0]), max(*ends, before[1]))
        axes.set_xlabel(_TIME_LABEL.format(unit))
        words = axis_label(groups[0][quantity])
        axes.set_ylabel(words if process is None else f"{literal(process)}: {words}")
        if scale is not None:
            scale.draw(axes)
        legend(axes, few=MOST_CURVES + len(_BESIDE))
    return axes


def _draw_course(
    axes: Axes, group: xr.Dataset, quantity: str, size: float, colour: Colour, words: str
) -> None:
    """A curve with its error as a band, and that of steady fields as a broken line."""
    times, values = group["time"].values / size, group[quantity].values
    if "process" in group[quantity].coords:
        # On a logarithmic axis what has not been seen leaves a gap.
        values = np.where(values > 0.0, values, np.nan)
    stderr = np.nan_to_num(group[f"{quantity}_stderr"].values)
    axes.plot(times, values, color=colour, gid=CURVE, label=entry(words) or None)
    axes.fill_between(times, values - stderr, values + stderr, color=colour, alpha=0.3, lw=0)
    if f"{quantity}_quasi_steady" in group:
        steady = group[f"{quantity}_quasi_steady"].values
        axes.plot(times, steady, color=colour, ls="--", lw=0.9, gid=_STEADY)


def waveform_distribution(run: xr.DataTree, ax: Axes | None = None) -> Axes:
    """The energy probability function over time and energy, as a map with a logarithmic scale.

    Parameters
    ----------
    run : xarray.DataTree
        A run.
    ax : matplotlib Axes, optional

    Raises
    ------
    ValueError
        If it is a sweep, or has no such distribution.
    """
    group = _course(Job(one_run(run, "waveform_distribution"), "", {}))
    if "eepf" not in group:
        raise ValueError("the result has no energy distribution in the course of the waveform")
    with drawing(ax) as axes:
        size, unit = _time_unit(axes, [group])
        times = group["time"].values / size
        values, energy = group["eepf"].values, group["energy"].values
        # Hardly any electrons are close to zero energy, and the largest values noise.
        is_known = group["eepf_stderr"].values < _PRECISE * values
        largest = np.nanmax(values[is_known] if is_known.any() else values)
        levels, decades = map_levels(largest, DECADES_OF_MAP)
        occupied = np.flatnonzero(np.nan_to_num(values).max(axis=0) > levels[0])
        densities = np.clip(values, levels[0], levels[-1])
        scale = LogNorm(levels[0], levels[-1])
        contours = axes.contourf(times, energy, densities.T, levels=levels, norm=scale)
        axes.set_ylim(0.0, float(energy[occupied[-1]]))
        axes.set_xlabel(_TIME_LABEL.format(unit))
        axes.set_ylabel("energy (eV)")
        bar = axes.figure.colorbar(contours, ax=axes, ticks=decades)
        bar.ax.set_yticks(decades, [f"$10^{{{round(np.log10(each))}}}$" for each in decades])
        bar.set_label(axis_label(group["eepf"]))
    return axes


def waveform_overview(results: xr.DataTree) -> Figure:
    """All figures of a waveform on one page.

    Parameters
    ----------
    results : xarray.DataTree
        A run, or a sweep: then each panel has a curve for each job, and there are no panels of
        rates and distribution.

    Returns
    -------
    matplotlib Figure
        Two columns wide.
    """
    single = len(jobs_of(results)) == 1
    lines = 3 if single else 2
    with style():
        figure, axes = plt.subplots(
            lines, 2, figsize=(2 * COLUMN_WIDTH, lines * HEIGHT), squeeze=False
        )
        for name, panel in zip(_PANELS, axes.flat, strict=False):
            waveform(results, name, panel)
        if single:
            waveform(results, "rate_coefficient", axes[2, 0])
            waveform_distribution(results, axes[2, 1])
        return finished(figure, results)


def _course(job: Job) -> xr.Dataset:
    """The group of a waveform, with the processes of the run, or a refusal."""
    if "waveform" not in job.run.children:
        words = f" ({job.words})" if job.words else ""
        raise ValueError(f"the result has no group 'waveform'{words}: the field did not change")
    return job.run.children["waveform"].to_dataset()


def _time_unit(axes: Axes, groups: Sequence[xr.Dataset]) -> tuple[float, str]:
    """The size and the name of the unit of time, which a second call takes from the first."""
    for size, name in TIME_UNITS:
        if axes.get_xlabel() == _TIME_LABEL.format(name):
            return size, name
    return time_unit(max(float(group["time_edges"].max()) for group in groups))


def _draw_field(group: xr.Dataset, times: FloatArray, axes: Axes) -> None:
    """The field as a grey area behind the curves; those of several runs share their scale."""
    behind = next((each for each in axes.figure.axes if each.get_gid() == _behind(axes)), None)
    if behind is None:
        behind = axes.twinx()
        behind.set_gid(_behind(axes))
        behind.set_yticks([])
        behind.margins(y=0.05)
        axes.set_zorder(behind.get_zorder() + 1)
        axes.patch.set_visible(False)
        axes.fill_between([], [], color="0.88", lw=0, label=_BESIDE[1])
    behind.fill_between(times, group["en"].values, color="0.6", alpha=0.33, lw=0)


def _courses(
    group: xr.Dataset, quantity: str, process: str | None, jobs: int
) -> dict[str, dict[str, int]]:
    """The curves of a quantity, by name: all of it, one process, or the fastest ones."""
    names = [str(name) for name in group.data_vars if f"{name}_stderr" in group]
    if quantity not in names:
        raise ValueError(
            f"{quantity} is not in the course of the waveform; it has {', '.join(names)}"
        )
    variable = group[quantity]
    if "process" not in variable.dims:
        return {"": {}}
    processes = variable["process"].values.tolist()
    if process is None and jobs == 1:
        fastest = np.nan_to_num(variable.values).max(axis=0)
        order = [i for i in np.argsort(-fastest, kind="stable")[:MOST_CURVES] if fastest[i] > 0.0]
        return {str(processes[i]): {"process": int(i)} for i in order}
    return {str(process): {"process": process_number(process, processes)}}


def _behind(axes: Axes) -> str:
    """The `gid` of the axes of the fields behind some others."""
    return f"swarmhydra field {id(axes)}"
