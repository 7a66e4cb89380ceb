"""The plan of the passes through a waveform, from what a rehearsal has measured."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from swarmhydra.collisions.bounds import CELLS
from swarmhydra.kernels.arrays import FloatArray, IntArray
from swarmhydra.swarm.moment_plan import HEADROOM, equal_bins
from swarmhydra.swarm.waveform import Waveform

ENERGY_BINS = 120
"""Bins of the energy distribution: of equal width in speed, as cold electrons come before hot
ones."""

MIN_REHEARSAL_WINDOWS = 2
"""Smallest number of windows per interval in the rehearsal, so that its growth rate is measured
before the interval ends."""

CAUTION = 1.2
"""Factor on the growth in the rehearsal; windows are made short enough for the product."""


@dataclass(frozen=True)
class PassPlan:
    """Windows, weights and bounds of a pass.

    Attributes
    ----------
    parts : ndarray of int, shape (intervals,)
        Windows of each interval.
    ln_number : ndarray, shape (intervals + 1,)
        Logarithm of the factor by which weights are divided in each interval: the growth of the
        number of electrons from the start of the pass to that of the interval; last, to the end.
    band_width : ndarray, shape (intervals,)
        Width of the majorant bands (m/s).
    cell_edges : ndarray of int, shape (bins + 1,)
        Speed cells at which the bins of the energy distribution begin and end.
    """

    parts: IntArray
    ln_number: FloatArray
    band_width: FloatArray
    cell_edges: IntArray

    @classmethod
    def blank(cls, waveform: Waveform) -> "PassPlan":
        """A plan for a rehearsal to fill."""
        intervals = waveform.intervals
        return cls(
            parts=np.ones(intervals, dtype=np.int64),
            ln_number=np.zeros(intervals + 1),
            band_width=np.full(intervals, np.inf),
            cell_edges=np.array([0, CELLS]),
        )

    def completed(self, largest_growth: float, top: int, equal: bool) -> "PassPlan":
        """The plan after a rehearsal.

        Parameters
        ----------
        largest_growth : float
            Factor by which no sub-swarm shall grow more in a window.
        top : int
            Highest speed cell with electrons.
        equal : bool
            Whether the bins of the energy distribution must have exactly the same width in speed.
        """
        growth = np.abs(np.diff(self.ln_number))
        windows = CAUTION * growth / np.log(largest_growth)
        parts = np.maximum(1, np.ceil(windows)).astype(np.int64)
        reach = min(CELLS, max(ENERGY_BINS, int(np.ceil(HEADROOM * top))))
        cell_edges = np.rint(np.linspace(0, reach, ENERGY_BINS + 1)).astype(np.int64)
        if equal:
            cell_edges = equal_bins(reach, ENERGY_BINS)
        return replace(self, parts=parts, cell_edges=cell_edges)

    def state_dict(self) -> dict[str, FloatArray | IntArray]:
        """The arrays by their names."""
        return dict(vars(self))

    @classmethod
    def from_state_dict(cls, state: Mapping[str, Any]) -> "PassPlan":
        """The plan that gave this `state_dict`."""
        return cls(**state)
