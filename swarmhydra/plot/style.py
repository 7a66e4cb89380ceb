"""The style of all figures: sizes, colours, labels of axes."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import matplotlib as mpl
import numpy as np
import xarray as xr
from cycler import cycler
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

COLUMN_WIDTH = 3.4
"""Width of a figure (inch): one column of most journals."""

HEIGHT = 2.5
"""Height of a figure (inch)."""

PALETTE = {
    "black": "#000000",
    "orange": "#E69F00",
    "sky blue": "#56B4E9",
    "green": "#009E73",
    "blue": "#0072B2",
    "vermilion": "#D55E00",
    "purple": "#CC79A7",
}
"""Colours of Okabe and Ito, without the yellow, which is too pale for a line."""

CURVE_COLOURS = tuple(
    PALETTE[name]
    for name in ("blue", "vermilion", "green", "orange", "sky blue", "purple", "black")
)
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
KIND_COLOURS = {
    "EXCITATION": PALETTE["green"],
    "ROTATION": PALETTE["sky blue"],
    "IONIZATION": PALETTE["vermilion"],
    "ATTACHMENT": PALETTE["purple"],
}

LONGEST_LABEL = 32
"""Characters of an axis label before it goes on in a second line."""

LONGEST_TITLE = 42
"""Characters of a title before it goes on in a second line."""

LEGEND_ABOVE = "swarmhydra legend above"
"""The `gid` of a legend above its axes."""

_STYLE: Any = {
    "axes.formatter.use_mathtext": True,
    "axes.labelsize": 8,
    "axes.linewidth": 0.6,
    "axes.prop_cycle": cycler(color=CURVE_COLOURS),
    "axes.titlesize": 8,
    "errorbar.capsize": 1.5,
    "figure.constrained_layout.use": True,
    "figure.dpi": 150,
    "font.size": 8,
    "legend.fontsize": 7,
    "legend.frameon": False,
    "legend.handlelength": 1.5,
    "lines.linewidth": 1.1,
    "lines.markersize": 3.5,
    "savefig.dpi": 300,
    "svg.hashsalt": "swarmhydra",
    "xtick.direction": "in",
    "xtick.labelsize": 7,
    "xtick.major.width": 0.6,
    "xtick.minor.width": 0.4,
    "xtick.top": True,
    "ytick.direction": "in",
    "ytick.labelsize": 7,
    "ytick.major.width": 0.6,
    "ytick.minor.width": 0.4,
    "ytick.right": True,
}


@contextmanager
def style() -> Iterator[None]:
    """The style of these figures, as a context for figures of your own.

    Examples
    --------
    >>> from matplotlib import pyplot as plt
    >>> with style():
    ...     figure, axes = plt.subplots()
    >>> plt.close(figure)
    """
    # Not rc_context: it would also undo what a notebook sets when the first figure is made.
    before = {name: mpl.rcParams[name] for name in _STYLE}
    mpl.rcParams.update(_STYLE)
    try:
        yield
    finally:
        mpl.rcParams.update(before)


def label(variable: xr.DataArray, width: int = LONGEST_LABEL) -> str:
    """The label of an axis, from the attributes ``long_name`` and ``units``.

    Parameters
    ----------
    variable : xarray.DataArray
    width : int, optional
        Characters before the label goes on in a second line.

    Examples
    --------
    >>> import xarray as xr
    >>> label(xr.DataArray(1.0, attrs={"long_name": "flux drift velocity", "units": "m s-1"}))
    'flux drift velocity (m s$^{-1}$)'
    """
    name = str(variable.attrs.get("long_name", variable.name))
    units = str(variable.attrs.get("units", "1"))
    words = [(each, len(each)) for each in name.split()]
    if units != "1":
        # The markup of powers takes no room in the figure.
        powers = re.sub(r"\^\((-?[\d/]+)\)|(?<=[A-Za-z])(-?\d+)\b", r"$^{\1\2}$", units)
        words.append((f"({powers})", len(units) + 2))
    lines = _lines(words, width)
    # As few lines as can be, of about the same length.
    while len(shorter := _lines(words, width - 1)) == len(lines) and width > 1:
        lines, width = shorter, width - 1
    return "\n".join(lines)


def _lines(words: Sequence[tuple[str, int]], width: int) -> list[str]:
    """Words, each with the room it takes, in lines of a width."""
    lines: list[str] = []
    room = 0
    for word, length in words:
        if lines and length + 1 <= room:
            lines[-1] += f" {word}"
            room -= length + 1
        else:
            lines.append(word)
            room = width - length
    return lines


def literal(text: str) -> str:
    """A text of a user as it stands: a dollar sign begins no formula."""
    return text.replace("$", r"\$")


@contextmanager
def drawing(ax: Axes | None, height: float = HEIGHT, *, title: str = "") -> Iterator[Axes]:
    """The axes to draw into: those given, or new ones, both in the style of these figures.

    Parameters
    ----------
    ax : matplotlib Axes, optional
    height : float, optional
        Of a new figure (inch), which grows by what its legend takes above the panel.
    title : str, optional
    """
    with style():
        axes = plt.subplots(figsize=(COLUMN_WIDTH, height))[1] if ax is None else ax
        yield axes
        if title:
            lines = "\n".join(textwrap.wrap(literal(title), LONGEST_TITLE))
            axes.set_title(lines, pad=4.0 + 72.0 * room_above(axes), va="bottom")
        if ax is None and isinstance(axes.figure, Figure):
            grow_for_legends(axes.figure)


def height_for(lines: int) -> float:
    """Height of a figure with so many names at its side (inch)."""
    return max(HEIGHT, 0.9 + 0.17 * lines)


def room_above(axes: Axes) -> float:
    """Height of the legend above a panel (inch); 0 where there is none."""
    box = axes.get_legend()
    if box is None or box.get_gid() != LEGEND_ABOVE:
        return 0.0
    return float(box.get_window_extent().height / axes.figure.dpi)


def grow_for_legends(figure: Figure) -> None:
    """Make a figure taller by the legends above its panels, so that these keep their size.

    Parameters
    ----------
    figure : matplotlib Figure
        Its panels stand in one grid.
    """
    rows: dict[int, float] = {}
    grid = None
    for axes in figure.axes:
        place = axes.get_subplotspec()
        if place is not None:
            grid = place.get_gridspec()
            first = place.rowspan.start
            rows[first] = max(rows.get(first, 0.0), room_above(axes))
    if grid is None or not any(rows.values()):
        return
    width, height = figure.get_size_inches()
    shares = np.asarray(grid.get_height_ratios(), float)
    heights = height * shares / shares.sum()
    new_heights = [each + rows.get(row, 0.0) for row, each in enumerate(heights)]
    grid.set_height_ratios(new_heights)
    figure.set_size_inches(width, sum(new_heights))
