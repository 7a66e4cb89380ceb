"""The figures of a page: images within it, so that it needs no other file."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from swarmhydra import plot
from swarmhydra.plot.overviews import panels_of
from swarmhydra.plot.style import COLUMN_WIDTH, HEIGHT, grow_for_legends, height_for
from swarmhydra.report.content import Figure, Figures
from swarmhydra.results.record import NUMERICAL
from swarmhydra.results.variables import VARIABLES

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MOST_PROCESSES = 30

PHASE_CURVES = {
    "mean_energy": "The mean energy in a period of the field",
    "drift_velocity": "The drift velocity in a period of the field",
    "power_gain": "The power from the field in a period of it",
    "electrons": "The number of electrons in a period of the field",
}
"""Quantities of an alternating field, with captions."""

COURSES = {
    "mean_energy": "The mean energy; dashed: in a steady field of the same strength",
    "drift_velocity": "The drift velocity",
    "rate_coefficient": "Rate coefficients",
    "ln_number": "The number of electrons",
}
"""Quantities in the course of a waveform, with captions."""


def of_run(run: xr.DataTree) -> Figures:
    """The figures of a run."""
    tall = height_for(min(run.sizes["process"], _MOST_PROCESSES) + 3)
    in_time = [
        _figure("The mean energy on its way to the steady state", plot.relaxation, run),
        _figure("The drift velocity", partial(plot.relaxation, quantity="drift_velocity"), run),
    ]
    return Figures(
        [
            *(in_time if run.attrs.get("error_kind") != NUMERICAL else ()),
            *_in_phase(run),
            _figure("The energy distribution", plot.energy_distribution, run),
            _figure("The first anisotropy", plot.anisotropy, run),
            _figure("The Legendre coefficients", plot.legendre_coefficients, run),
            *_velocities(run),
            _figure("Where the power goes", plot.power_balance, run, tall),
            _figure("Rate coefficients", plot.rates, run, tall),
        ]
    )


def of_waveform(run: xr.DataTree) -> Figures:
    """What a run in a field that changes does in the course of time."""
    figures = [*_in_course(run, COURSES)]
    figures.append(_figure("The energy distribution", plot.waveform_distribution, run))
    group = run.children["waveform"].to_dataset()
    if "evdf" in group:
        strongest = float(group["time"][int(np.abs(group["en"].values).argmax())])
        draw = partial(plot.velocity_distribution, time=strongest)
        figures.append(_figure("The velocity distribution in the strongest field", draw, run))
    return Figures(figures)


def of_sweep(sweep: xr.DataTree) -> Figures:
    """A figure for each group of coefficients of a sweep, and the distributions of its jobs."""
    courses = [name for name in COURSES if name != "rate_coefficient"]
    in_time = _in_course(sweep, courses) if "waveform" in sweep.children else ()
    return Figures(
        [*_panels(sweep.to_dataset()), *_distributions(sweep), *_in_phase(sweep), *in_time]
    )


def _in_course(results: xr.DataTree, names: Iterable[str]) -> Iterator[Figure]:
    """Quantities in the course of a waveform."""
    for name in names:
        draw = partial(plot.waveform, quantity=name)
        yield _figure(COURSES[name], draw, results)


def _distributions(sweep: xr.DataTree) -> Iterator[Figure]:
    """The distributions of all jobs, and where their power goes."""
    if "eedf" in sweep.children:
        yield _figure("The energy distributions", plot.energy_distribution, sweep)
        yield _figure("The first anisotropies", plot.anisotropy, sweep)
        yield _figure("Where the power goes", plot.power_balance, sweep)


def _velocities(run: xr.DataTree) -> Iterator[Figure]:
    """The distribution over velocities, where it was asked for."""
    if "evdf" in run.children["eedf"]:
        yield _figure("The velocity distribution", plot.velocity_distribution, run)


def _in_phase(results: xr.DataTree) -> Iterator[Figure]:
    """The swarm in the course of a period, where the field of every run alternates."""
    if "phase" in results.children and bool((results["frequency"] > 0.0).all()):
        for name, caption in PHASE_CURVES.items():
            yield _figure(caption, partial(plot.phase_curves, quantity=name), results)


def _panels(root: xr.Dataset) -> Iterator[Figure]:
    """The coefficients of a sweep; none where nothing was swept that is a number."""
    try:
        plot.curves(root, "mean_energy")
    except ValueError:
        return
    for names in panels_of(root):
        words = "; ".join(VARIABLES[name].long_name for name in names)
        yield _figure(words[0].upper() + words[1:], partial(_coefficients, names), root)


def _coefficients(names: Sequence[str], root: xr.Dataset, ax: Axes) -> Axes:
    """A panel of a sweep."""
    return plot.coefficients(root, *names, ax=ax)


def _figure(
    caption: str, draw: Callable[..., Axes], results: Any, height: float = HEIGHT
) -> Figure:
    """A figure, or a caption that says why there is nothing to draw."""
    from matplotlib import figure as matplotlib_figure

    with plot.style():
        # Not pyplot: a page made in an interactive session must leave the figures there alone.
        canvas = matplotlib_figure.Figure(figsize=(COLUMN_WIDTH, height))
        try:
            draw(results, ax=canvas.add_subplot())
            grow_for_legends(canvas)
        except ValueError as error:
            return Figure(f"{caption}: {error}")
        image = io.BytesIO()
        canvas.savefig(image, format="svg", metadata={"Date": None})
    return Figure(caption, base64.b64encode(image.getvalue()).decode("ascii"))
