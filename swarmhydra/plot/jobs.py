"""The runs of a result one by one, and how each is drawn."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import xarray as xr
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Colormap, ListedColormap, LogNorm, Normalize

from swarmhydra.plot.labels import (
    NUMERICAL,
    differing,
    job_dimensions,
    root_of,
    run_words,
    settings_of,
    symbol_with_unit,
    word,
)
from swarmhydra.plot.style import CURVE_COLOURS
from swarmhydra.results import record
from swarmhydra.results.mixtures import MIXTURE, with_mixture

LINE_STYLES = ("-", "--", ":", "-.")

CURVE = "swarmhydra curve"
"""The `gid` of what is drawn of a run, by which a second call knows of the first."""

Colour = str | tuple[float, ...]


@dataclass(frozen=True)
class Job:
    """A run of a result.

    Parameters
    ----------
    run : xarray.DataTree
        As `open_run` gives it, without what only other jobs have.
    words : str
        What distinguishes it from the other runs; empty if it is the only one.
    settings : dict of str to float, int or str
        The settings in which the runs differ.
    """

    run: xr.DataTree
    words: str
    settings: dict[str, Any]


@dataclass(frozen=True)
class Look:
    """How a run is drawn.

    Parameters
    ----------
    colour : colour of matplotlib
    linestyle : str
    label : str
        Entry in the legend; empty for none.
    """

    colour: Colour
    linestyle: str
    label: str


def jobs_of(results: xr.DataTree) -> list[Job]:
    """The runs of a result.

    Parameters
    ----------
    results : xarray.DataTree
        From `swarmhydra.open_run`, `swarmhydra.open_sweep` or `swarmhydra.simulate`.

    Returns
    -------
    list of Job
        In the order of the settings in which they differ.
    """
    root = with_mixture(root_of(results))
    dims = job_dimensions(root)
    if not dims:
        return [Job(_run(results, {}), "", {})]
    varied = differing(root, settings_of(root)) or differing(
        root, [name for name in NUMERICAL if name in root.coords]
    )
    jobs = []
    for place in itertools.product(*(range(root.sizes[dim]) for dim in dims)):
        index = dict(zip(dims, place, strict=True))
        one = root.isel(index)
        if "mean_energy" in one and bool(one["mean_energy"].isnull()):
            continue  # A place of the cube, or a job, without a result.
        settings = {name: one[name].item() for name in varied}
        words = ", ".join(word(name, value) for name, value in settings.items())
        jobs.append(Job(_run(results, index), words, settings))
    numbers = [name for name in varied if root[name].dtype.kind in "fi"]
    return sorted(
        jobs, key=lambda job: [*(job.settings[name] for name in numbers), *_shares(job.run)]
    )


def is_solution(run: xr.DataTree) -> bool:
    """Whether a run is a solution of the Boltzmann equation, with errors that are numerical."""
    return bool(run.attrs.get("error_kind") == record.NUMERICAL)


def one_run(results: xr.DataTree, what: str) -> xr.DataTree:
    """The run of a result that has one.

    Parameters
    ----------
    results : xarray.DataTree
    what : str
        The name of the function that asks.

    Raises
    ------
    ValueError
        If there are several.
    """
    jobs = jobs_of(results)
    if len(jobs) != 1:
        raise ValueError(
            f"{what} draws one run, this result has {len(jobs)}; "
            "expected one of them, such as swarmhydra.open_run(folder)"
        )
    return jobs[0].run


def _shares(run: xr.DataTree) -> list[float]:
    """The shares of the components of a mixture, to be ordered by."""
    root = run.to_dataset()
    return [-float(share) for share in root["fraction"]] if "fraction" in root else []


def looks_of(
    jobs: Sequence[Job], axes: Axes, label: str | None = None
) -> tuple[list[Look], Scale | None]:
    """How the runs of a result are drawn into axes, in which others may be drawn already.

    Parameters
    ----------
    jobs : sequence of Job
    axes : matplotlib Axes
    label : str, optional
        Words before those that distinguish the runs; of a single run, instead of its conditions.

    Returns
    -------
    list of Look
        Up to seven runs have colours of their own. More of them take the colour of what varies
        most, on a scale, and the style of their line from everything else.
    Scale or None
        The scale, to be drawn by its method.
    """
    before = sum(line.get_gid() == CURVE for line in axes.lines)
    if len(jobs) == 1:
        words = run_words(jobs[0].run) if label is None else label
        return [Look(CURVE_COLOURS[before % len(CURVE_COLOURS)], "-", words)], None
    scale = Scale.of(jobs) if len(jobs) > len(CURVE_COLOURS) else None
    rest = [_rest(job, scale.name if scale else None) for job in jobs]
    distinct = list(dict.fromkeys(rest))
    looks, in_legend = [], set()
    for number, (job, words) in enumerate(zip(jobs, rest, strict=True)):
        place = distinct.index(words)
        colour: Colour = CURVE_COLOURS[(before + number) % len(CURVE_COLOURS)]
        style = LINE_STYLES[(before + number) // len(CURVE_COLOURS) % len(LINE_STYLES)]
        if scale is not None:
            colour, style = scale.colour(job), LINE_STYLES[place % len(LINE_STYLES)]
        entry = ", ".join(filter(None, (label, words)))
        looks.append(Look(colour, style, "" if words in in_legend else entry))
        in_legend.add(words)
    return looks, scale


def _rest(job: Job, scale_name: str | None) -> str:
    """What distinguishes a run besides its place on the scale."""
    return ", ".join(
        word(name, value) for name, value in job.settings.items() if name != scale_name
    )


class HasSettings(Protocol):
    """What takes a colour on a scale: a run, or a curve of a sweep."""

    @property
    def settings(self) -> dict[str, Any]:
        """The settings in which it differs from others."""
        ...


@dataclass(frozen=True)
class Scale:
    """Colours for the values of a setting.

    Parameters
    ----------
    name : str
        The setting.
    norm : matplotlib Normalize
        Logarithmic for values that cover a decade.
    """

    name: str
    norm: Normalize

    @classmethod
    def of(cls, jobs: Sequence[HasSettings]) -> Scale | None:
        """The scale of the number that takes the most values; None where no number varies."""
        values = {
            name: np.array([job.settings[name] for job in jobs])
            for name in jobs[0].settings
            if name != MIXTURE
        }
        numbers = {name: value for name, value in values.items() if value.dtype.kind in "fi"}
        if not numbers:
            return None
        name = max(numbers, key=lambda each: np.unique(numbers[each]).size)
        low, high = float(numbers[name].min()), float(numbers[name].max())
        kind = LogNorm if low > 0.0 and high >= 10.0 * low else Normalize
        return cls(name, kind(low, high))

    def colour(self, job: HasSettings) -> Colour:
        """The colour of a run."""
        return tuple(_colours()(self.norm(job.settings[self.name])))

    def draw(self, axes: Axes) -> None:
        """Draw the scale beside the axes."""
        bar = axes.figure.colorbar(
            ScalarMappable(self.norm, _colours()), ax=axes, pad=0.02, aspect=30
        )
        bar.set_label(symbol_with_unit(self.name))
        if isinstance(self.norm, LogNorm):
            bar.ax.yaxis.set_major_formatter("{x:g}")
        bar.ax.tick_params(which="both", right=True, left=False)


def _colours() -> Colormap:
    """Viridis, which any colour vision can read, without its end that is too pale for a line."""
    return ListedColormap(colormaps["viridis"](np.linspace(0.0, 0.88, 256)))


def _run(results: xr.DataTree, index: dict[str, int]) -> xr.DataTree:
    """A job of a sweep as a run."""
    groups = {
        node.path: node.to_dataset(inherit=False).isel(index, missing_dims="ignore")
        for node in results.subtree
        if node.path not in ("/jobs", "/unfinished")
    }
    groups = {path: _own(group) for path, group in groups.items()}
    if "jobs" in results.children:
        one = results.children["jobs"].to_dataset(inherit=False).isel(index, missing_dims="ignore")
        groups["/"].attrs |= {str(name): value.item() for name, value in one.data_vars.items()}
    return xr.DataTree.from_dict(groups)


_PRESENT = {
    "process": "rate_coefficient",
    "component": "fraction",
    "bin": "energy",
    "edge": "energy_edges",
    "sample": "time",
    "part": "phase",
    "l": "f_l",
    "v_along": "evdf",
    "v_across": "evdf",
}
"""Of each dimension that runs share, what is a number wherever a run has anything."""


def _own(group: xr.Dataset) -> xr.Dataset:
    """A group of a job without the gaps where only other jobs have something."""
    for dim, name in _PRESENT.items():
        if dim in group.dims and name in group:
            is_known = group[name].notnull()
            others = [other for other in is_known.dims if other != dim]
            is_present = is_known.any(others)
            # What a run could not measure is no gap of the sweep.
            group = (
                group.isel({dim: np.flatnonzero(is_present.values)}) if is_present.any() else group
            )
    return group
