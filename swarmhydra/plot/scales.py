"""Logarithmic axes with ticks that can be read, over a part of a decade or over thirty."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import LogFormatterSciNotation, LogLocator, NullFormatter

from swarmhydra.kernels.arrays import FloatArray

DECADES = 12.0
"""What lies so many decades below the largest value is not drawn: no method is that precise."""

LEVELS_PER_DECADE = 4
"""Colours of a decade in a map."""

_SMALL_RANGE = 2.0
"""Decades below which there are ticks with numbers at 2 and 5, too."""

_PLAIN = 1e-2, 1e4
"""Numbers that are written without a power of ten."""


class Decades(LogLocator):
    """Ticks at powers of ten, and over a small range at 2 and 5 times those, too."""

    def tick_values(self, vmin: float, vmax: float) -> Any:
        """The places of the ticks."""
        low, high = sorted((max(vmin, 1e-300), max(vmax, 1e-300)))
        small = math.log10(high / low) < _SMALL_RANGE
        self.set_params(subs=[1.0, 2.0, 5.0] if small else [1.0])
        return super().tick_values(vmin, vmax)


class Numbers(LogFormatterSciNotation):
    """Numbers as they are, unless they are very small or large."""

    def __init__(self) -> None:
        super().__init__(labelOnlyBase=False, minor_thresholds=(math.inf, math.inf))

    def __call__(self, x: float, pos: int | None = None) -> str:
        """A number of a tick."""
        if _PLAIN[0] <= x < _PLAIN[1]:
            return f"{x:g}"
        return str(super().__call__(x, pos))


def logarithmic(axes: Axes, which: str) -> None:
    """Make an axis logarithmic; what is not positive is left out.

    Parameters
    ----------
    axes : matplotlib Axes
    which : str
        ``x`` or ``y``.
    """
    getattr(axes, f"set_{which}scale")("log", nonpositive="mask")
    axis = axes.xaxis if which == "x" else axes.yaxis
    axis.set_major_locator(Decades())
    axis.set_major_formatter(Numbers())
    axis.set_minor_locator(LogLocator(subs=[float(digit) for digit in range(2, 10)]))
    axis.set_minor_formatter(NullFormatter())


def map_levels(largest: float, decades: int) -> tuple[FloatArray, FloatArray]:
    """Levels of the colours of a map with a logarithmic scale, and the powers of ten among them.

    Parameters
    ----------
    largest : float
        The largest value; the scale ends at the power of ten above it.
    decades : int
        That it has.

    Returns
    -------
    tuple of ndarray
        Ascending, with the same ends.
    """
    top = 10.0 ** np.ceil(np.log10(largest))
    floor = top * 10.0**-decades
    levels = np.geomspace(floor, top, LEVELS_PER_DECADE * decades + 1)
    return np.asarray(levels), np.asarray(floor * 10.0 ** np.arange(decades + 1))
