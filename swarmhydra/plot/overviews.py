"""All figures of a run or a sweep on one page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib as mpl
import xarray as xr
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from swarmhydra.plot.distributions import anisotropy, energy_distribution
from swarmhydra.plot.in_time import relaxation
from swarmhydra.plot.jobs import jobs_of
from swarmhydra.plot.labels import root_of, title_of
from swarmhydra.plot.processes import power_balance, rates
from swarmhydra.plot.style import COLUMN_WIDTH, HEIGHT, grow_for_legends, height_for, literal, style
from swarmhydra.plot.sweep import Points, coefficients
from swarmhydra.plot.sweep_curves import swept

PANELS = (
    ("mean_energy",),
    ("drift_velocity_flux", "drift_velocity_bulk"),
    ("reduced_mobility_flux", "reduced_mobility_bulk"),
    ("reduced_diffusion_longitudinal_flux", "reduced_diffusion_longitudinal_bulk"),
    ("reduced_diffusion_transverse_flux", "reduced_diffusion_transverse_bulk"),
    ("characteristic_energy",),
    ("drift_velocity_along_E_flux", "drift_velocity_along_ExB_flux", "drift_velocity_along_B_flux"),
    ("drift_velocity_along_E_bulk", "drift_velocity_along_ExB_bulk", "drift_velocity_along_B_bulk"),
    tuple(f"reduced_diffusion_along_{axis}_flux" for axis in ("E", "ExB", "B")),
    tuple(f"reduced_diffusion_along_{axis}_bulk" for axis in ("E", "ExB", "B")),
    ("rate_coefficient",),
    ("effective_ionization_rate_coefficient",),
    ("reduced_townsend_ionization", "reduced_townsend_attachment"),
    ("reduced_townsend_effective", "reduced_townsend_effective_sst"),
)
"""What `sweep_overview` shows of a sweep, in one panel each, where it is not zero everywhere."""


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
    swept(sweep, along)  # Refuses a run, and an unknown coordinate.
    root = root_of(sweep)
    present = panels_of(root, panels)
    if not present:
        raise ValueError(f"the sweep has none of {', '.join(n for panel in panels for n in panel)}")
    columns = min(2, len(present))
    lines = -(-len(present) // columns)
    with style():
        figure, axes = plt.subplots(
            lines, columns, figsize=(columns * COLUMN_WIDTH, lines * HEIGHT), squeeze=False
        )
        for names, panel in zip(present, axes.flat, strict=False):
            points = (references or {}).get(names[0], ())
            coefficients(root, *names, along=along, reference=points, ax=panel)
        for panel in axes.flat[len(present) :]:
            panel.set_visible(False)
        return finished(figure, sweep)


def panels_of(root: xr.Dataset, panels: Sequence[Sequence[str]] = PANELS) -> list[tuple[str, ...]]:
    """The coefficients of each panel that a sweep has, and that are not zero everywhere."""
    present = [tuple(name for name in panel if _not_zero(root, name)) for panel in panels]
    return [panel for panel in present if panel]


def run_overview(results: xr.DataTree) -> Figure:
    """All figures of a run on one page: relaxation, distribution, anisotropy, power and rates.

    Parameters
    ----------
    results : xarray.DataTree
        A run, or a sweep: then each panel has a curve for each job.

    Returns
    -------
    matplotlib Figure
        Two columns wide. A notebook shows it where it is the last value of a cell.
    """
    jobs = jobs_of(results)
    in_time = all("time_series" in job.run.children for job in jobs)
    with style():
        lists = height_for(max(*(min(job.run.sizes["process"], 30) + 3 for job in jobs), 6))
        heights = [HEIGHT, HEIGHT, lists][0 if in_time else 1 :]
        figure, axes = plt.subplots(
            len(heights), 2, figsize=(2 * COLUMN_WIDTH, sum(heights)), height_ratios=heights
        )
        if in_time:
            relaxation(results, "mean_energy", axes[0, 0])
            relaxation(results, "drift_velocity", axes[0, 1])
        energy_distribution(results, "eepf", axes[-2, 0])
        anisotropy(results, axes[-2, 1])
        power_balance(results, axes[-1, 0])
        rates(results, axes[-1, 1])
        return finished(figure, results)


def finished(figure: Figure, results: xr.DataTree | xr.Dataset) -> Figure:
    """Give a figure its title, and room for its legends; a notebook then shows it once.

    Parameters
    ----------
    figure : matplotlib Figure
    results : xarray.DataTree or Dataset
        What it shows.
    """
    grow_for_legends(figure)
    figure.suptitle(literal(title_of(results)), fontsize=9)
    if "inline" in mpl.get_backend():
        # There a cell shows what pyplot has open, and then the value of its last line.
        plt.close(figure)
    return figure


def _not_zero(root: xr.Dataset, name: str) -> bool:
    """Whether a coefficient is there and anything but zero."""
    return name in root and bool((root[name].fillna(0.0) != 0.0).any())
