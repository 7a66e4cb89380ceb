"""The course of an electric field that changes: linear pieces, and the intervals of the results."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property

import numpy as np

from swarmhydra.kernels.arrays import FloatArray, IntArray

SAME_TIME = 1e-10
"""Share of the duration by which two times must differ to be two."""


class Begin(Enum):
    """The state from which a pass through a waveform starts."""

    STEADY = "the steady state in the first field"
    GIVEN = "a given distribution"
    REPEAT = "the end of the pass before it"


@dataclass(frozen=True)
class Pieces:
    """Times in which the field is linear, and which belong to one interval of the results each.

    Attributes
    ----------
    start, end : ndarray, shape (n,)
        Times since the start of the pass (s).
    en_start, en_end : ndarray, shape (n,)
        Reduced field at both ends (Td).
    interval : ndarray of int, shape (n,)
        The interval that the piece belongs to.
    """

    start: FloatArray
    end: FloatArray
    en_start: FloatArray
    en_end: FloatArray
    interval: IntArray

    @property
    def length(self) -> FloatArray:
        """Their durations (s)."""
        return np.asarray(self.end - self.start)


@dataclass(frozen=True)
class Waveform:
    """The reduced electric field in one pass, linear between points.

    Attributes
    ----------
    times, en : ndarray, shape (n,)
        Points (s, Td), from time 0 on; two points at one time are a jump.
    edges : ndarray, shape (intervals + 1,)
        Ends of the intervals that results are resolved into (s), from 0 to the last time.
    begin : Begin
        What a pass starts from.
    """

    times: FloatArray
    en: FloatArray
    edges: FloatArray
    begin: Begin

    @property
    def duration(self) -> float:
        """Time that a pass takes (s)."""
        return float(self.edges[-1])

    @property
    def intervals(self) -> int:
        """Number of intervals of the results."""
        return self.edges.size - 1

    @cached_property
    def pieces(self) -> Pieces:
        """The linear pieces: between two neighbouring points or edges."""
        cuts = np.sort(np.concatenate([self.edges, self.times]))
        apart = np.diff(cuts, prepend=-np.inf) > SAME_TIME * self.duration
        cuts = cuts[apart]
        # The last of times that are the same, so that a pass takes its exact duration.
        cuts[-1] = self.duration
        start, end = cuts[:-1], cuts[1:]
        middle = 0.5 * (start + end)
        segment = np.searchsorted(self.times, middle, side="right") - 1
        slope = (self.en[segment + 1] - self.en[segment]) / (
            self.times[segment + 1] - self.times[segment]
        )
        at_middle = self.en[segment] + slope * (middle - self.times[segment])
        half = 0.5 * slope * (end - start)
        interval = np.searchsorted(self.edges, middle, side="right") - 1
        return Pieces(start, end, at_middle - half, at_middle + half, interval)

    @cached_property
    def mean_en(self) -> FloatArray:
        """Mean reduced field in each interval (Td)."""
        pieces = self.pieces
        weighted = 0.5 * (pieces.en_start + pieces.en_end) * pieces.length
        sums = np.bincount(pieces.interval, weighted, minlength=self.intervals)
        return np.asarray(sums / np.diff(self.edges))


def complete_edges(edges: Sequence[float] | FloatArray, duration: float) -> FloatArray:
    """Edges of intervals that reach to the end of a waveform (s)."""
    complete = np.array(edges, dtype=np.float64)
    if complete[-1] < duration * (1.0 - SAME_TIME):
        return np.append(complete, duration)
    complete[-1] = duration
    return complete
