"""Figures of sensitivities: which cross section matters, and at which energies."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr
from matplotlib.axes import Axes

from swarmhydra.plot.jobs import one_run
from swarmhydra.plot.legends import legend
from swarmhydra.plot.scales import logarithmic
from swarmhydra.plot.style import CURVE_COLOURS, drawing, height_for, literal
from swarmhydra.results.variables import VARIABLES

PALE = 0.6
"""Share of the colour scale from which on numbers in a map are white."""

NEGLIGIBLE = 1e-3
"""Share of the largest part below which a curve or a bar is left out."""


def sensitivity_map(
    run: xr.DataTree, coefficients: Sequence[str] | None = None, ax: Axes | None = None
) -> Axes:
    """Logarithmic derivatives of coefficients by cross sections as a map with numbers.

    Parameters
    ----------
    run : xarray.DataTree
        Of a run with `method.sensitivity`.
    coefficients : sequence of str, optional
        Their names in the group ``sensitivity``; default is all but rates that are not zero.
    ax : matplotlib.axes.Axes, optional

    Raises
    ------
    ValueError
        If the run has no sensitivities, or it is a sweep.
    """
    group = _group(run, "sensitivity_map")
    names = _listed(group) if coefficients is None else list(coefficients)
    values = group["log_derivative"].sel(coefficient=names)
    numbers = values.transpose("coefficient", "process").values
    top = float(np.nanmax(np.abs(numbers)))
    with drawing(ax, height_for(len(names))) as axes:
        image = axes.imshow(numbers, cmap="RdBu_r", vmin=-top, vmax=top, aspect="auto")
        for (row, column), number in np.ndenumerate(numbers):
            colour = "white" if abs(number) > PALE * top else "black"
            axes.text(
                column, row, f"{number:.2f}", ha="center", va="center", color=colour, fontsize=6
            )
        axes.set_yticks(range(len(names)), [words(name) for name in names])
        processes = [literal(str(name)) for name in values["process"].values]
        axes.set_xticks(range(len(processes)), processes, rotation=45, ha="right")
        axes.tick_params(length=0)
        bar = axes.figure.colorbar(image, ax=axes)
        bar.set_label(r"$\partial\ln q\,/\,\partial\ln\sigma$")
    return axes


def sensitivity_curves(
    run: xr.DataTree, coefficient: str = "drift_velocity_flux", ax: Axes | None = None
) -> Axes:
    """Density of the logarithmic derivatives of one coefficient over the energy, by process.

    The area under a curve, in natural logarithms of the energy, is the whole derivative.

    Parameters
    ----------
    run : xarray.DataTree
        Of a run with `method.sensitivity`.
    coefficient : str, optional
        Its name in the group ``sensitivity``.
    ax : matplotlib.axes.Axes, optional

    Raises
    ------
    ValueError
        If the run has no sensitivities or no such coefficient, or it is a sweep.
    """
    group = _group(run, "sensitivity_curves")
    names = group["coefficient"].values.tolist()
    if coefficient not in names:
        raise ValueError(f"coefficient={coefficient!r}: expected one of {', '.join(names)}")
    density = group["log_derivative_density"].sel(coefficient=coefficient)
    size = np.abs(density.transpose("process", "bin").values)
    area = size.sum(axis=1)
    energy = group["energy"].values
    with drawing(ax) as axes:
        processes = [
            str(name) for name in density["process"].values[area > NEGLIGIBLE * area.max()]
        ]
        for name, colour in zip(processes, _colours(len(processes)), strict=True):
            axes.plot(energy, density.sel(process=name), color=colour, label=literal(name))
        axes.axhline(0.0, color="black", linewidth=0.5)
        matters = size.max(axis=0) > NEGLIGIBLE * size.max()
        logarithmic(axes, "x")
        axes.set_xlim(energy[matters][0], energy[matters][-1])
        axes.set_xlabel("energy (eV)")
        axes.set_ylabel("sensitivity per unit of ln(energy)")
        axes.set_title(words(coefficient))
        legend(axes)
    return axes


def error_budget(
    run: xr.DataTree, coefficients: Sequence[str] | None = None, ax: Axes | None = None
) -> Axes:
    """Relative errors of coefficients by the uncertainty of each cross section, as bars.

    The length of a bar is the whole error; its parts are the shares of the processes in the square
    of it.

    Parameters
    ----------
    run : xarray.DataTree
        Of a run with `method.sensitivity` and `gas.uncertainties`.
    coefficients : sequence of str, optional
        Their names in the group ``sensitivity``; default is all but rates that are not zero.
    ax : matplotlib.axes.Axes, optional

    Raises
    ------
    ValueError
        If the run has no uncertainties of cross sections, or it is a sweep.
    """
    group = _group(run, "error_budget")
    if "error_from_cross_section" not in group:
        raise ValueError("the run has no errors from cross sections: set gas.uncertainties")
    names = _listed(group) if coefficients is None else list(coefficients)
    errors = group["error_from_cross_section"].sel(coefficient=names)
    square = errors.transpose("process", "coefficient").values ** 2
    total = np.sqrt(square.sum(axis=0))
    share = square / np.where(total > 0.0, total, 1.0)
    processes = errors["process"].values
    indices = [i for i in range(len(processes)) if share[i].max() > NEGLIGIBLE * share.max()]
    place = np.arange(len(names))
    with drawing(ax, height_for(len(names))) as axes:
        left = np.zeros(len(names))
        for i, colour in zip(indices, _colours(len(indices)), strict=True):
            label = literal(str(processes[i]))
            axes.barh(place, 100.0 * share[i], left=left, color=colour, label=label)
            left += 100.0 * share[i]
        axes.set_yticks(place, [words(name) for name in names])
        axes.invert_yaxis()
        axes.set_xlabel("error (%)")
        legend(axes, few=0, columns=1)
    return axes


def words(coefficient: str) -> str:
    """What a coefficient of the group is, for an axis."""
    name, _, process = coefficient.partition(" ")
    text = VARIABLES[name].long_name
    return f"{text}, {literal(process)}" if process else text


def _group(results: xr.DataTree, what: str) -> xr.Dataset:
    """The sensitivities of a run."""
    if "sensitivity" not in results.children:
        raise ValueError("the run has no sensitivities: set method.sensitivity=true")
    return one_run(results, what)["sensitivity"].to_dataset()


def _listed(group: xr.Dataset) -> list[str]:
    """The coefficients that have derivatives, without those of single processes."""
    is_known = group["log_derivative"].notnull().all("process")
    names = [str(name) for name in group["coefficient"].values[is_known.values]]
    return [name for name in names if " " not in name]


def _colours(count: int) -> list[str]:
    """Colours for curves, over again where there are too few."""
    return [CURVE_COLOURS[i % len(CURVE_COLOURS)] for i in range(count)]
