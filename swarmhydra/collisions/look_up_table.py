"""Collision frequencies in a table that is even in speed, right on the average in every interval.

Interpolation between samples would do where a frequency is smooth. But it spreads the rise at a
threshold over an interval of the table, also below the threshold, and beside a kink it always errs
to the same side: both are small, but more electrons do not make them smaller. So every interval has
a straight line of its own, that of least squares, which need not meet that of the next one.
"""

from typing import NamedTuple

import numpy as np

from swarmhydra.kernels.arrays import FloatArray, IntArray
from swarmhydra.kernels.quantities import HALF_MASS, speed_at

GAUSS_POINTS = 3
"""Points between two breaks: exact for frequencies of third and weights of first order in speed."""

LEAST = 1e-300
"""Avoids a division by zero in intervals in which a process does not happen."""


class _Points(NamedTuple):
    """Quadrature over speed, by pieces without a break, shape (pieces, GAUSS_POINTS)."""

    speed: FloatArray
    weight: FloatArray
    ends: FloatArray
    """Shape (2, pieces): lowest and highest speed of each piece."""
    interval: IntArray
    """Shape (pieces,): the interval of the table that the piece lies in, ascending."""


def look_up_table(
    node: FloatArray, cross_section: FloatArray, threshold: FloatArray, size: int, top: float
) -> FloatArray:
    """Values at both ends of every interval, which the kernels take as 0 below a threshold.

    Between them a frequency is linear. Its mean over the part of an interval above the threshold is
    exact, and it stays between the smallest and the largest frequency there, so that the bounds of
    the null-collision method hold.

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
    ndarray, shape (2 * size, P)
        (1/s); the two ends of an interval one after the other.
    """
    breaks = np.concatenate([speed_at(node), speed_at(threshold[threshold > 0.0])])
    points = _points(breaks, size, top)
    table = np.empty((2 * size, threshold.size))
    for process, (column, lowest) in enumerate(zip(cross_section.T, threshold, strict=True)):
        inside, at_ends = (
            np.interp(HALF_MASS * speed**2, node, column) * speed
            for speed in (points.speed, points.ends)
        )
        table[:, process] = _fitted(inside, at_ends, points, lowest, size, top).ravel()
        # Above the table the value at its end is held.
        table[-1, process] = at_ends[1, -1]
    return table


def _points(breaks: FloatArray, size: int, top: float) -> _Points:
    """Gauss points between the ends of the intervals and all breaks of the frequencies."""
    edges = np.unique(np.concatenate([np.linspace(0.0, top, size + 1), breaks[breaks < top]]))
    x, w = np.polynomial.legendre.leggauss(GAUSS_POINTS)
    half, middle = 0.5 * np.diff(edges)[:, None], 0.5 * (edges[1:] + edges[:-1])[:, None]
    interval = np.minimum((middle[:, 0] * size / top).astype(int), size - 1)
    return _Points(middle + half * x, half * w, np.stack([edges[:-1], edges[1:]]), interval)


def _fitted(
    inside: FloatArray,
    at_ends: FloatArray,
    points: _Points,
    threshold: float,
    size: int,
    top: float,
) -> FloatArray:
    """Values of the lines at both ends of each interval, shape (size, 2)."""
    happens = HALF_MASS * points.speed[:, 1] ** 2 >= threshold
    interval, weight = points.interval[happens], points.weight[happens]
    speed, exact = points.speed[happens], inside[happens]

    def sums(values: FloatArray) -> FloatArray:
        return np.asarray(np.bincount(interval, (weight * values).sum(axis=1), size), dtype=float)

    # Where nothing happens all sums are zero.
    length = np.maximum(sums(np.ones_like(speed)), LEAST)
    centre, mean = sums(speed) / length, sums(exact) / length
    distance = speed - centre[interval, None]
    slope = sums(distance * (exact - mean[interval, None]))
    slope /= np.maximum(sums(distance**2), LEAST)
    start, end = _ranges(points.ends[:, happens], interval, size)
    low, high = _ranges(np.concatenate([at_ends[:, happens], exact.T]), interval, size)
    # The mean stays the same if the slope changes about the centre.
    rises = slope > 0.0
    to_lowest = np.where(rises, centre - start, end - centre)
    to_highest = np.where(rises, end - centre, centre - start)
    steepest = np.minimum(
        (mean - low) / np.maximum(to_lowest, LEAST), (high - mean) / np.maximum(to_highest, LEAST)
    )
    # Slightly less, so that rounding makes no frequency negative.
    steepest = np.maximum(steepest, 0.0) * (1.0 - 1e-12)
    slope = np.clip(slope, -steepest, steepest)
    edges = np.linspace(0.0, top, size + 1)
    return np.stack([mean + slope * (edge - centre) for edge in (edges[:-1], edges[1:])], axis=1)


def _ranges(values: FloatArray, interval: IntArray, size: int) -> tuple[FloatArray, FloatArray]:
    """Smallest and largest value in each interval, each of shape (size,); 0 where there is none."""
    first = np.flatnonzero(np.diff(interval, prepend=-1))
    low, high = np.zeros(size), np.zeros(size)
    if first.size:
        low[interval[first]] = np.minimum.reduceat(values.min(axis=0), first)
        high[interval[first]] = np.maximum.reduceat(values.max(axis=0), first)
    return low, high
