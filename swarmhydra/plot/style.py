"""The style of all figures: sizes, colours, labels of axes."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import matplotlib as mpl
import xarray as xr
from cycler import cycler
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

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

LONGEST_LABEL = 27
"""Characters of an axis label before it goes on in a second line."""

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
    with mpl.rc_context(_STYLE):
        yield


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
    if units == "1":
        return "\n".join(textwrap.wrap(name, width))
    powers = re.sub(r"\^\((-?[\d/]+)\)|(?<=[A-Za-z])(-?\d+)\b", r"$^{\1\2}$", units)
    # The markup of powers takes no room in the figure.
    if len(name) + len(units) + 3 <= width:
        return f"{name} ({powers})"
    return "\n".join([*textwrap.wrap(name, width), f"({powers})"])


def literal(text: str) -> str:
    """A text of a user as it stands: a dollar sign begins no formula."""
    return text.replace("$", r"\$")


@contextmanager
def drawing(ax: Axes | None, height: float = HEIGHT) -> Iterator[Axes]:
    """The axes to draw into: those given, or new ones, both in the style of these figures."""
    with style():
        yield plt.subplots(figsize=(COLUMN_WIDTH, height))[1] if ax is None else ax


def height_for(lines: int) -> float:
    """Height of a figure with so many names at its side (inch)."""
    return max(HEIGHT, 0.9 + 0.17 * lines)
