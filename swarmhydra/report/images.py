"""The figures of a page: images within it, so that it needs no other file."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import xarray as xr

from swarmhydra import plot
from swarmhydra.plot.style import COLUMN_WIDTH, HEIGHT, height_for
from swarmhydra.report.content import Figure, Figures
from swarmhydra.results.record import NUMERICAL
from swarmhydra.results.variables import VARIABLES

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MOST_PROCESSES = 30
_ROOM_FOR_A_LEGEND = 0.5
"""Of a coefficient with a curve for each process, above the panel (inch)."""


def of_run(run: xr.DataTree) -> Figures:
    """The figures of a run."""
    tall = height_for(min(run.sizes["process"], _MOST_PROCESSES) + 3)

    def drift(run: xr.DataTree, ax: Axes) -> Axes:
        return plot.relaxation(run, "drift_velocity", ax)

    in_time = [
        _figure("The mean energy on its way to the steady state", plot.relaxation, run),
        _figure("The drift velocity", drift, run),
    ]
    return Figures(
        [
            *(in_time if run.attrs.get("error_kind") != NUMERICAL else ()),
            _figure("The energy distribution", plot.energy_distribution, run),
            _figure("The first anisotropy", plot.anisotropy, run),
            _figure("Where the power goes", plot.power_balance, run, tall),
            _figure("Rate coefficients", plot.rates, run, tall),
        ]
    )


def of_sweep(root: xr.Dataset) -> Figures:
    """A figure for each group of coefficients of a sweep."""
    return Figures(list(_panels(root)))


def _panels(root: xr.Dataset) -> Iterator[Figure]:
    """The figures of `of_sweep`; none where nothing was swept that is a number."""
    try:
        plot.curves(root, "mean_energy")
    except ValueError:
        return
    for names in plot.PANELS:
        present = [n for n in names if n in root and bool((root[n].fillna(0.0) != 0.0).any())]
        if present:
            words = "; ".join(VARIABLES[name].long_name for name in present)
            yield _figure(
                words[0].upper() + words[1:],
                lambda r, ax, present=present: plot.coefficients(r, *present, ax=ax),
                root,
                HEIGHT + (_ROOM_FOR_A_LEGEND if present == ["rate_coefficient"] else 0.0),
            )


def _figure(
    caption: str, draw: Callable[..., Axes], results: Any, height: float = HEIGHT
) -> Figure:
    """A figure, or a caption that says why present is nothing to draw."""
    from matplotlib import figure as matplotlib_figure

    with plot.style():
        # Not pyplot: a page made in an interactive session must leave the figures present alone.
        canvas = matplotlib_figure.Figure(figsize=(COLUMN_WIDTH, height))
        try:
            draw(results, ax=canvas.add_subplot())
        except ValueError as error:
            return Figure(f"{caption}: {error}")
        image = io.BytesIO()
        canvas.savefig(image, format="svg", metadata={"Date": None})
    return Figure(caption, base64.b64encode(image.getvalue()).decode("ascii"))
