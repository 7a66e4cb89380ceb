"""Knots of the splines that control variates are made of: close where collision frequencies bend.

The residual of the control variate for a rate is about the deviation of the collision frequency
from a straight line between knots; knots are added where this deviation is largest.
"""

from collections.abc import Iterator
from heapq import heapify, heappop, heappush
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from swarmhydra.kernels.arrays import FloatArray, IntArray

MOST_ADDED = 128
"""Knots that may be added."""

LARGEST_DEVIATION = 2e-7
"""Refinement stops when the mean square deviation between any two knots is below this fraction of
the squared rate."""

LEAST_SHARE = 1e-7
"""Share of all collisions below which a process is too rare to be worth more knots. A rate is known
by its relative error, so that the rarest process, which nobody may ever see, would get them all."""

LEAST_CELLS = 2
"""Speed cells between two knots at least."""


class Bend(NamedTuple):
    """An interval between two knots; the one with the largest deviation sorts first.

    Attributes
    ----------
    negative : float
        Minus the mean square deviation from a line, over the squared rate, of the process for
        which it is largest.
    start, end : int
        Its first speed cell, and the one after its last.
    split : int
        The cell at whose lower end a knot would serve best.
    """

    negative: float
    start: int
    end: int
    split: int


def control_knots(
    edges: FloatArray,
    thresholds: FloatArray,
    speed: FloatArray,
    frequency: FloatArray,
    share: FloatArray,
) -> FloatArray:
    """Edges of the cells of splines (m/s), double where frequencies may have steps.

    Parameters
    ----------
    edges : ndarray
        Of the solution.
    thresholds : ndarray
        Speeds (m/s) at which processes may set in with a step.
    speed : ndarray, shape (n,)
        Middles of speed cells of one width (m/s).
    frequency : ndarray, shape (n, P)
        Mean frequency of each process (1/s).
    share : ndarray, shape (n,)
        Share of the electrons in each cell.
    """
    width = speed[1] - speed[0]
    # Only between cells: what a function does within a cell, its middle does not tell.
    cells, steps = (np.unique(np.round(each / width).astype(int)) for each in (edges, thresholds))
    steps = _apart(steps[(steps >= LEAST_CELLS) & (steps <= cells[-1] - LEAST_CELLS)])
    if steps.size:
        distance = np.abs(cells[:, None] - steps).min(axis=1)
        distance[[0, -1]] = cells[-1]
        cells = np.sort(np.concatenate([cells[distance >= LEAST_CELLS], steps]))
    rate = share @ frequency
    relative = frequency / np.maximum(rate, LEAST_SHARE * rate.sum())
    new_cells = list(_added(cells, relative, np.maximum(share, 0.0)))
    return np.asarray(
        width * np.sort(np.concatenate([cells, steps, np.array(new_cells, dtype=int)]))
    )


def _apart(steps: IntArray) -> IntArray:
    """Ascending cells, without those that are next to the one before."""
    distant: list[int] = []
    for step in steps:
        if not distant or step - distant[-1] >= LEAST_CELLS:
            distant.append(int(step))
    return np.array(distant, dtype=np.int64)


def _added(cells: IntArray, relative: FloatArray, share: FloatArray) -> Iterator[int]:
    """Cells at whose lower ends knots are added, the most useful ones first."""
    bends = [_bend(int(start), int(end), relative, share) for start, end in pairwise(cells)]
    heapify(bends)
    for _ in range(MOST_ADDED):
        worst = heappop(bends)
        if -worst.negative < LARGEST_DEVIATION:
            return
        yield worst.split
        heappush(bends, _bend(worst.start, worst.split, relative, share))
        heappush(bends, _bend(worst.split, worst.end, relative, share))


def _bend(start: int, end: int, relative: FloatArray, share: FloatArray) -> Bend:
    """Deviation of frequencies from a line between two knots, and the best place for a new one."""
    if end - start < 2 * LEAST_CELLS or not relative.size:
        return Bend(0.0, start, end, start)
    values, weight = relative[start:end], share[start:end]
    place = np.linspace(-1.0, 1.0, end - start)
    line = np.polynomial.polynomial.polyfit(place, values, 1, w=np.sqrt(weight + 1e-300))
    deviation = weight @ (values - line[0] - place[:, None] * line[1]) ** 2
    worst = int(np.argmax(deviation))
    chord = np.interp(place, [-1.0, 1.0], values[[0, -1], worst])
    split = start + int(np.argmax(np.abs(values[:, worst] - chord)))
    split = min(max(split, start + LEAST_CELLS), end - LEAST_CELLS)
    return Bend(-float(deviation[worst]), start, end, split)
