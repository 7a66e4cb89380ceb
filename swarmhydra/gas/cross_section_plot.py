"""The cross sections of a file as a figure."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from swarmhydra.config import ComponentConfig, GasConfig
from swarmhydra.gas import files
from swarmhydra.gas.formulas import FORMULAS
from swarmhydra.gas.mixture import build
from swarmhydra.gas.processes import Kind, Process
from swarmhydra.gas.tables import MOMENTUM_KINDS, Table
from swarmhydra.kernels.arrays import FloatArray

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Colours that colour-blind readers can tell apart, too: M. Okabe and K. Ito, 2008.
_COLOURS = {
    Kind.ELASTIC: "#000000",
    Kind.EFFECTIVE: "#000000",
    Kind.EXCITATION: "#0072B2",
    Kind.ROTATION: "#56B4E9",
    Kind.IONIZATION: "#D55E00",
    Kind.ATTACHMENT: "#009E73",
}

_STYLES = ("-", "--", ":", "-.")

Drawable = Table | Process

POINTS = 300
"""Energies at which a curve is drawn besides those of its table."""

PANEL_HEIGHT = 4.4
"""Height of the panel of a target (inches)."""

LARGEST_HEIGHT = 600.0
"""Height of a figure (inches) above which images cannot be written."""

LEAST_ENERGY = 1e-3
"""Energy (eV) at which an axis begins, unless a process has a lower threshold."""


def plot(path: str | Path) -> Figure:
    """The cross sections of a file, or of a gas that is built in, a panel for each target.

    Parameters
    ----------
    path : str or Path
        A file that `swarmhydra.gas.files.read` reads, or one of `swarmhydra.gas.formulas.FORMULAS`.

    Returns
    -------
    matplotlib.figure.Figure
        In double logarithmic scale; kinds of processes have colours of their own. A zero is drawn
        at the lower end of the axis, so that a process begins at its threshold. Tables per density
        of a third body have panels of their own.

    Raises
    ------
    ValueError
        If the file cannot be read, or has no table.
    ImportError
        If matplotlib is not installed.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ImportError("plots need matplotlib: pip install -e '.[analysis]'") from error
    panels: dict[tuple[str, bool], list[Drawable]] = {}
    for table in _tables(path):
        is_three_body = isinstance(table, Table) and table.three_body is not None
        panels.setdefault((table.target, is_three_body), []).append(table)
    if not panels:
        raise ValueError(f"{path}: no table to draw; expected one at least")
    height = min(PANEL_HEIGHT * len(panels), LARGEST_HEIGHT)
    figure = Figure(figsize=(6.4, height), layout="constrained")
    for axes, ((target, is_three_body), tables) in zip(
        figure.subplots(len(panels), squeeze=False)[:, 0], panels.items(), strict=True
    ):
        draw(axes, tables)
        unit = "per density of a third body" if is_three_body else "(m²)"
        axes.set(title=target, ylabel=f"cross section {unit}")
    return figure


def _tables(path: str | Path) -> Sequence[Drawable]:
    """The tables of a file, or the processes of a gas that is built in."""
    name = str(path)
    if name in FORMULAS and not Path(path).exists():
        return build(GasConfig(name, components={name: ComponentConfig(formula=name)})).processes
    return files.read(path).tables


def draw(axes: Axes, tables: Sequence[Drawable]) -> None:
    """Draw some processes into axes, and a legend: kinds have colours, several gases line styles.

    Parameters
    ----------
    axes : matplotlib Axes
    tables : sequence of Table or Process
    """
    left, low, high = _limits(tables)
    counts = {kind: sum(table.kind is kind for table in tables) for kind in _COLOURS}
    targets = list(dict.fromkeys(table.target for table in tables))
    styles = {target: _STYLES[i % len(_STYLES)] for i, target in enumerate(targets)}
    for table in tables:
        # Only the first of a kind has an entry in the legend.
        count = counts.pop(table.kind, 0)
        name = table.kind.lower() + (f" ({count})" if count > 1 else "")
        axes.plot(
            *_curve(table, left, low),
            color=_COLOURS[table.kind],
            linestyle="--" if table.kind is Kind.EFFECTIVE else styles[table.target],
            linewidth=1.8 if table.kind in MOMENTUM_KINDS else 0.9,
            label=name if count else None,
        )
    for target, style in styles.items() if len(targets) > 1 else ():
        axes.plot([], [], color=_COLOURS[Kind.ELASTIC], ls=style, lw=0.9, label=target)
    axes.set(xscale="log", yscale="log", xlabel="electron energy (eV)")
    axes.set_xlim(left=left)
    axes.set_ylim(low, high)
    axes.legend(frameon=False)


def _limits(tables: Sequence[Drawable]) -> tuple[float, float, float]:
    """The least energy, and the least and the largest cross section, of a panel."""
    energies = np.concatenate([table.energy[table.energy > 0.0] for table in tables])
    tops = [float(table.cross_section.max()) for table in tables if table.cross_section.any()]
    thresholds = [table.threshold for table in tables if table.threshold > 0.0]
    left = float(energies.min()) if energies.size else LEAST_ENERGY
    # Elastic tables that go on below it have nothing to show there.
    left = max(left, min([LEAST_ENERGY, *thresholds]))
    left = min(left, LEAST_ENERGY) if any(table.energy[0] == 0.0 for table in tables) else left
    # Every process rises above the lower end.
    return left, min(tops, default=1e-24) / 30.0, 3.0 * max(tops, default=1e-20)


def _curve(table: Drawable, left: float, low: float) -> tuple[FloatArray, FloatArray]:
    """A process as it is used: linear between its points, from its threshold on."""
    energy, sigma = table.energy, table.cross_section
    start = max(table.threshold, left)
    if not table.kind.held_at_low_energy and energy[0] > start:
        energy, sigma = np.append(start, energy), np.append(0.0, sigma)
    # On logarithmic axes what is linear bends.
    between = np.geomspace(start, max(energy[-1], start), POINTS)
    every = np.union1d(energy[energy >= start], between)
    return every, np.maximum(np.interp(every, energy, sigma), low)
