"""Figures of the cross sections of a gas."""

from __future__ import annotations

import xarray as xr
from matplotlib.axes import Axes

from swarmhydra.config import GasConfig, from_yaml
from swarmhydra.gas import cross_section_plot
from swarmhydra.gas.mixture import build
from swarmhydra.plot.jobs import jobs_of
from swarmhydra.plot.labels import title_of
from swarmhydra.plot.style import drawing


def cross_sections(
    gas: xr.DataTree | GasConfig,
    component: str | None = None,
    ax: Axes | None = None,
    *,
    title: bool | str = False,
) -> Axes:
    """The cross sections of a gas (m2) against the energy of the electron, as a run uses them.

    Parameters
    ----------
    gas : xarray.DataTree or GasConfig
        A run, or a sweep with one gas, of which the configuration names the gas; files of cross
        sections have to be where they were. Or the settings of a gas, such as
        ``swarmhydra.config.GasConfig(...)``.
    component : str, optional
        One component of a mixture, such as ``"N2"``; default is all of them. Cross sections are
        those of the pure gas.
    ax, title : optional
        As for `energy_distribution`; the title is that of a run.

    Returns
    -------
    matplotlib Axes
        Logarithmic; kinds of processes have colours of their own, components of a mixture lines.

    Raises
    ------
    ValueError
        If it is a sweep over gases or shares, the gas has no such component, or a file cannot be
        used.
    """
    settings = gas if isinstance(gas, GasConfig) else _gas_of(gas)
    mixture = build(settings)
    processes = [p for p in mixture.processes if component in (None, p.target)]
    if not processes:
        names = ", ".join(dict.fromkeys(p.target for p in mixture.processes))
        raise ValueError(f"component={component!r}: expected one of {names}")
    described = gas if isinstance(gas, xr.DataTree) else xr.Dataset()
    with drawing(ax, title=title_of(described, title)) as axes:
        cross_section_plot.draw(axes, processes)
        axes.set_ylabel("cross section (m$^2$)")
    return axes


def _gas_of(results: xr.DataTree) -> GasConfig:
    """The gas of a run, or of all runs of a sweep."""
    texts = dict.fromkeys(str(job.run.attrs["config"]) for job in jobs_of(results))
    gases = [from_yaml(text).gas for text in texts]
    others = [gas for gas in gases if gas != gases[0]]
    if others:
        raise ValueError(
            f"cross_sections draws one gas, this result has {1 + len(others)}; "
            "expected one run, such as swarmhydra.open_run(folder)"
        )
    return gases[0]
