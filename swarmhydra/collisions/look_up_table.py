"""Collision frequencies in a table that is even in speed, right on the average.

Samples at the nodes would do where a frequency is smooth. But interpolation between them spreads
the rise at a threshold over an interval of the table, also below the threshold, and beside a kink
it always errs to the same side. Both are small, but more electrons do not make them smaller.
"""

from typing import NamedTuple

import numpy as np

from swarmhydra.kernels.arrays import BoolArray, FloatArray, IntArray
from swarmhydra.kernels.quantities import HALF_MASS, speed_at

GAUSS_POINTS = 3
"""Points between two breaks: exact for frequencies of third and weights of first order in speed."""


class _Points(NamedTuple):
    """Points of a quadrature over speed, each with the interval of the table that it lies in."""

    speed: FloatArray
    weight: FloatArray
    interval: IntArray
    place: FloatArray
    """From 0 at the lower to 1 at the upper end of the interval."""


def look_up_table(
    node: FloatArray, cross_section: FloatArray, threshold: FloatArray, size: int, top: float
) -> FloatArray:
    """Values for linear interpolation, which the kernels take as 0 below a threshold.

    To samples at the nodes is added what interpolation leaves over, on the average, each value
    taking what lies beside it in proportion to its weight there. A value at the node below a
    threshold continues the frequencies above it. Values stay between the smallest and the largest
    frequency of the two intervals beside their node, so that the bounds of the null-collision
    method hold.

    Parameters
    ----------
    node : ndarray, shape (N,)
        Energies (eV) between which cross sections are linear.
    cross_section : ndarray, shape (N, P)
        Macroscopic, that is times the density of the target (1/m).
    threshold : ndarray, shape (P,)
        Energies (eV) below which processes do not happen.
    size : int
        Number of intervals.
    top : float
        Speed (m/s) at which the table ends.

    Returns
    -------
    ndarray, shape (size + 1, P)
        (1/s)
    """
    breaks = np.concatenate([speed_at(node), speed_at(threshold[threshold > 0.0])])
    points = _points(breaks, size, top)
    at_nodes = np.linspace(0.0, top, size + 1)
    table = np.empty((size + 1, threshold.size))
    for process, (column, lowest) in enumerate(zip(cross_section.T, threshold, strict=True)):
        exact, samples = (
            np.interp(HALF_MASS * speed**2, node, column) * speed
            for speed in (points.speed, at_nodes)
        )
        table[:, process] = _fitted(samples, exact, points, lowest)
    return table


def _points(breaks: FloatArray, size: int, top: float) -> _Points:
    """Gauss points between the nodes of the table and all breaks of the frequencies."""
    edges = np.unique(np.concatenate([np.linspace(0.0, top, size + 1), breaks[breaks < top]]))
    x, w = np.polynomial.legendre.leggauss(GAUSS_POINTS)
    half, middle = 0.5 * np.diff(edges)[:, None], 0.5 * (edges[1:] + edges[:-1])[:, None]
    interval = np.repeat((middle[:, 0] * size / top).astype(int), GAUSS_POINTS)
    speed = (middle + half * x).ravel()
    return _Points(speed, (half * w).ravel(), interval, speed * size / top - interval)


def _fitted(
    samples: FloatArray, exact: FloatArray, points: _Points, threshold: float
) -> FloatArray:
    """The table of one process from its frequencies at the nodes and at the points."""
    speed, weight, interval, place = points
    happens = HALF_MASS * speed**2 >= threshold
    table = _with_threshold(samples, exact, points, happens)
    left = exact - (table[interval] * (1.0 - place) + table[interval + 1] * place)

    def hats(values: FloatArray) -> FloatArray:
        of_lower = np.bincount(interval, values * (1.0 - place), samples.size)
        of_upper = np.bincount(interval + 1, values * place, samples.size)
        return np.asarray(of_lower + of_upper, dtype=np.float64)

    # Above a threshold only part of a hat function may act: do not divide by next to nothing.
    area = np.maximum(hats(weight * happens), 0.25 * weight.sum() / (samples.size - 1))
    low, high = _range_beside(samples, exact, interval)
    fitted = np.clip(table + hats(left * weight * happens) / area, low, high)
    # The frequency is 0 at rest, and above the table its last value is held.
    fitted[[0, -1]] = samples[[0, -1]]
    return _with_threshold(fitted, exact, points, happens)


def _range_beside(
    samples: FloatArray, exact: FloatArray, interval: IntArray
) -> tuple[FloatArray, FloatArray]:
    """Smallest and largest frequency in the two intervals beside each node."""
    first = np.searchsorted(interval, np.arange(samples.size - 1))
    low, high = samples.copy(), samples.copy()
    for beside in (slice(None, -1), slice(1, None)):
        low[beside] = np.minimum(low[beside], np.minimum.reduceat(exact, first))
        high[beside] = np.maximum(high[beside], np.maximum.reduceat(exact, first))
    return low, high


def _with_threshold(
    table: FloatArray, exact: FloatArray, points: _Points, happens: BoolArray
) -> FloatArray:
    """A table with the value below the threshold that gives the right mean in its interval.

    Interpolation is not below 0 from the threshold on, nor anywhere above the largest frequency.
    """
    first = int(np.argmax(happens))
    if not happens[first] or happens[0]:
        return table
    below = int(points.interval[first])
    here = (points.interval == below) & happens
    weight, place = points.weight[here], points.place[here]
    mean = float(weight @ exact[here] / weight.sum())
    middle = float(weight @ place / weight.sum())
    above, start, highest = float(table[below + 1]), 2.0 * middle - 1.0, float(exact[here].max())
    value = (mean - above * middle) / (1.0 - middle)
    # Less by what rounding may make of it.
    least = -above * start / (1.0 - start) * (1.0 - 1e-12)
    changed = table.copy()
    changed[: below + 1] = 0.0
    changed[below] = np.clip(value, max(least, -highest), highest)
    return changed
