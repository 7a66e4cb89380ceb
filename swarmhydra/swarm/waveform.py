"""The course of an electric field that changes: linear pieces, and the intervals of the results."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from itertools import pairwise

import numpy as np

from swarmhydra.kernels.arrays import FloatArray

SAME_TIME = 1e-10
"""Share of the duration by which two times must differ to be two."""


class Begin(Enum):
    """The state from which a pass through a waveform starts."""

    STEADY = "the steady state in the first field"
    GIVEN = "a given distribution"
    REPEAT = "the end of the pass before it"


@dataclass(frozen=True)
class Pieces:
    """Times in which the field is linear, one after the other without a gap.

    Attributes
    ----------
    start, end : ndarray, shape (n,)
        Times since the start of the pass (s).
    en_start, en_end : ndarray, shape (n,)
        Reduced field at both ends (Td).
    """

    start: FloatArray
    end: FloatArray
    en_start: FloatArray
    en_end: FloatArray

    @property
    def length(self) -> FloatArray:
        """Their durations (s)."""
        return np.asarray(self.end - self.start)

    @property
    def mean(self) -> float:
        """Mean field (Td)."""
        areas = 0.5 * (self.en_start + self.en_end) * self.length
        return float(areas.sum() / self.length.sum())

    @property
    def largest(self) -> float:
        """Largest magnitude of the field (Td)."""
        return float(max(np.abs(self.en_start).max(), np.abs(self.en_end).max()))


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

    @property
    def lengths(self) -> FloatArray:
        """Durations of the intervals (s), shape (intervals,)."""
        return np.diff(self.edges)

    @cached_property
    def mean_en(self) -> FloatArray:
        """Mean reduced field in each interval (Td)."""
        return np.array([self.pieces(*ends).mean for ends in pairwise(self.edges)])

    def pieces(self, start: float, end: float) -> Pieces:
        """The linear pieces between two times since the start of a pass (s)."""
        same = SAME_TIME * self.duration
        first = np.searchsorted(self.times, start + same, side="right")
        last = np.searchsorted(self.times, end - same, side="left")
        inside = self.times[first:last]
        inside = inside[np.diff(inside, prepend=-np.inf) > same]
        cuts = np.concatenate([[start], inside, [end]])
        middle, half = 0.5 * (cuts[:-1] + cuts[1:]), 0.5 * np.diff(cuts)
        segment = np.searchsorted(self.times, middle, side="right") - 1
        slope = (self.en[segment + 1] - self.en[segment]) / (
            self.times[segment + 1] - self.times[segment]
        )
        at_middle = self.en[segment] + slope * (middle - self.times[segment])
        rise = slope * half
        return Pieces(cuts[:-1], cuts[1:], at_middle - rise, at_middle + rise)


def complete_edges(edges: Sequence[float] | FloatArray, duration: float) -> FloatArray:
    """Edges of intervals that reach to the end of a waveform (s)."""
    complete = np.array(edges, dtype=np.float64)
    if complete[-1] < duration * (1.0 - SAME_TIME):
        return np.append(complete, duration)
    complete[-1] = duration
    return complete
