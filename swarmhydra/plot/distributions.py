"""Figures of the distribution of the electrons over energy and direction."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from numpy.typing import NDArray

from swarmhydra.kernels.arrays import FloatArray
from swarmhydra.plot.jobs import CURVE, Job, Look, is_solution, jobs_of, looks_of
from swarmhydra.plot.labels import title_of
from swarmhydra.plot.legends import AT_UPPER_EDGE, MARKED, entry, legend
from swarmhydra.plot.scales import DECADES, logarithmic
from swarmhydra.plot.style import KIND_COLOURS, drawing
from swarmhydra.plot.style import label as axis_label

NOISY = 0.1
"""Relative error of f0 above which the anisotropy is not drawn."""

_THRESHOLD = f"{AT_UPPER_EDGE} threshold"
_BAND = "swarmhydra band"


def energy_distribution(
    results: xr.DataTree,
    quantity: str = "eepf",
    ax: Axes | None = None,
    *,
    label: str | None = None,
    title: bool | str = False,
) -> Axes:
    """The energy distribution on a logarithmic axis, with its standard error as a band.

    Parameters
    ----------
    results : xarray.DataTree
        A run, or a sweep: then there is a curve for each job.
    quantity : str, optional
        ``eepf`` (eV^(-3/2)) or ``eedf`` (1/eV).
    ax : matplotlib Axes, optional
        Where to draw, also over what was drawn before; default is a figure of its own.
    label : str, optional
        Entry in the legend; default is gas and fields. Of a sweep, words before those that tell its
        jobs apart.
    title : bool or str, optional
        A title, or True for one that states gas, fields and other conditions.

    Returns
    -------
    matplotlib Axes
        Ticks at the upper edge mark the thresholds of the processes, in a colour for each kind,
        where all curves are of one gas. More than seven jobs are coloured by what varies most.
    """
    jobs = jobs_of(results)
    groups = [group_of(job.run, "eedf") for job in jobs]
    with drawing(ax, title=title_of(results, title)) as axes:
        looks, scale = looks_of(jobs, axes, label)
        first = not _has_curves(axes)
        limits = [] if first else [axes.get_xlim()[1], *axes.get_ylim()]
        tops, floors, ends, starts = limits[2:], limits[1:2], limits[:1], []
        for job, group, look in zip(jobs, groups, looks, strict=True):
            value = group[quantity].values
            is_visible = seen(value)
            energy, value = group["energy"].values[is_visible], value[is_visible]
            stderr = np.nan_to_num(group[f"{quantity}_stderr"].values[is_visible])
            floor = 0.3 * value.min()
            _draw_with_band(axes, energy, value, stderr, look, _error_words(job.run), floor)
            floors.append(floor)
            tops.append(5.0 * value.max())
            ends.append(energy.max())
            starts.append(energy[energy > 0.0].min())
        axes.set_yscale("log")
        _energy_axis(axes, min(starts), ends)
        axes.set_ylim(min(floors), max(tops))
        _finish(axes, groups[0][quantity])
        _mark_thresholds(axes, jobs)
        if scale is not None:
            scale.draw(axes)
        legend(axes, few=_FEW)
    return axes


def anisotropy(
    results: xr.DataTree,
    ax: Axes | None = None,
    *,
    label: str | None = None,
    title: bool | str = False,
) -> Axes:
    """The first anisotropy over the isotropic part, f1/f0, with its standard error as a band.

    Parameters
    ----------
    results : xarray.DataTree
        A run or a sweep.
    ax, label, title : optional
        As for `energy_distribution`.

    Returns
    -------
    matplotlib Axes
        Energies at which f0 is known to no better than 10 % are left out. The band takes the errors
        of f0 and f1 as independent.
    """
    jobs = jobs_of(results)
    with drawing(ax, title=title_of(results, title)) as axes:
        looks, scale = looks_of(jobs, axes, label)
        ends: list[float] = []
        for job, look in zip(jobs, looks, strict=True):
            group = group_of(job.run, "eedf")
            f0, f1 = group["eepf"].values, group["f1"].values
            with np.errstate(divide="ignore", invalid="ignore"):
                ratio = f1 / f0
                precise = (group["eepf_stderr"].values < NOISY * f0) & seen(f0)
                error = np.hypot(
                    group["f1_stderr"].values / f0, ratio * group["eepf_stderr"].values / f0
                )
            energy = group["energy"].values[precise]
            words = _error_words(job.run)
            _draw_with_band(axes, energy, ratio[precise], error[precise], look, words)
            ends.append(max(energy, default=1.0))
        axes.axhline(0.0, color="0.5", lw=0.6, zorder=0)
        _energy_axis(axes, 1e-3, [*ends, axes.get_xlim()[1]])
        axes.margins(y=0.12)
        axes.set_xlabel("energy (eV)")
        axes.set_ylabel("anisotropy f$_1$/f$_0$")
        _mark_thresholds(axes, jobs)
        if scale is not None:
            scale.draw(axes)
        legend(axes, few=_FEW)
    return axes


def group_of(run: xr.DataTree, name: str) -> xr.Dataset:
    """A group of a run, or a refusal."""
    if name not in run.children:
        raise ValueError(f"the result has no group {name!r}: it is not that of a run")
    return run.children[name].to_dataset(inherit=False)


_FEW = 5


def seen(f0: FloatArray) -> NDArray[np.bool_]:
    """Where a distribution is large enough to be drawn, as a mask."""
    with np.errstate(invalid="ignore"):
        large: NDArray[np.bool_] = f0 > np.nanmax(f0) * 10.0**-DECADES
    return large


def _energy_axis(axes: Axes, start: float, ends: Sequence[float]) -> None:
    """Energy from zero on or, where the curves end in different decades, in logarithms."""
    if max(ends) < 10.0 * min(ends):
        axes.set_xlim(0.0, max(ends))
        return
    logarithmic(axes, "x")
    axes.set_xlim(max(start, 0.03 * min(ends)), max(ends))


def _finish(axes: Axes, variable: xr.DataArray) -> None:
    """The labels of the axes."""
    axes.set_xlabel("energy (eV)")
    axes.set_ylabel(axis_label(variable))


def _has_curves(axes: Axes) -> bool:
    """Whether anything of a run was drawn already."""
    return any(line.get_gid() == CURVE for line in axes.lines)


def _draw_with_band(
    axes: Axes,
    x: FloatArray,
    y: FloatArray,
    stderr: FloatArray,
    look: Look,
    words: str,
    floor: float = -np.inf,
) -> None:
    """A line with its error as a band, which ends at a floor."""
    axes.plot(
        x, y, color=look.colour, ls=look.linestyle, gid=CURVE, label=entry(look.label) or None
    )
    band = axes.fill_between(
        x, np.maximum(y - stderr, floor), y + stderr, color=look.colour, alpha=0.3, lw=0
    )
    has_label = any(other.get_gid() == _BAND for other in axes.collections)
    band.set_gid(_BAND)
    if not has_label:
        band.set_label(words)


def _error_words(run: xr.DataTree) -> str:
    """What the band of a curve is."""
    return "± numerical error" if is_solution(run) else "± one standard error"


def _mark_thresholds(axes: Axes, jobs: Sequence[Job]) -> None:
    """Ticks at the upper edge where processes set in, if those of all curves are the same."""
    thresholds = [_thresholds(job.run) for job in jobs]
    mark = f"{_THRESHOLD} {thresholds[0]}"
    before = [each for each in axes.collections if str(each.get_gid()).startswith(_THRESHOLD)]
    for each in before:
        each.remove()
    alone = sum(line.get_gid() == CURVE for line in axes.lines) == len(jobs)
    same = any(each.get_gid() == mark for each in before)
    if any(other != thresholds[0] for other in thresholds) or not (alone or same):
        return
    right = axes.get_xlim()[1]
    for kind, places in thresholds[0].items():
        inside = [place for place in places if 0.0 < place < right]
        if inside:
            axes.vlines(
                inside,
                MARKED,
                1.0,
                transform=axes.get_xaxis_transform(),
                color=KIND_COLOURS[kind],
                lw=1.2,
                gid=mark,
                label=f"{kind.lower()} threshold",
            )


def _thresholds(run: xr.DataTree) -> dict[str, list[float]]:
    """The thresholds (eV) of each kind of process."""
    root = run.to_dataset()
    thresholds, kinds = root["threshold"].values, root["kind"].values
    return {kind: thresholds[kinds == kind].tolist() for kind in KIND_COLOURS}
