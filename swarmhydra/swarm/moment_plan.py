"""Which velocity moments a swarm samples."""

from dataclasses import dataclass

import numpy as np

from swarmhydra.collisions.bounds import CELLS
from swarmhydra.kernels.arrays import FloatArray, IntArray
from swarmhydra.kernels.contract import (
    CONSERVATIVE_MOMENT_GROUPS,
    MOMENT_GROUPS,
    NO_MOMENTS,
    MomentSampling,
    first_moment_column,
)

ORDER_BINS = 240
"""Approximate number of bins of speed in which Legendre orders are sampled."""

HEADROOM = 1.15
"""Highest speed of the bins over the highest one before the measurement."""


@dataclass(frozen=True)
class MomentPlan:
    """Speed cells, Legendre orders and reference values of the velocity moments.

    Attributes
    ----------
    cells : int
        Number of speed cells.
    cell_width : float
        Their width (m/s).
    orders, axial_orders : int
        Legendre orders from 0 on, as in `kernels.contract.MomentSampling`.
    growing : bool
        Whether electrons are born or lost, which needs more groups of moments.
    every : int
        Steps from one sample to the next.
    drift, diffusion_along, diffusion_across : float
        Bulk drift velocity (m/s) and diffusion coefficients (m2/s) about which displacements are
        centred.
    tilt : float
        Growth rate in space (1/m) of the tilted moments.
    parts : int
        Parts of the period of an alternating field that are told apart.
    """

    cells: int
    cell_width: float
    orders: int
    axial_orders: int
    growing: bool
    every: int
    drift: float
    diffusion_along: float
    diffusion_across: float
    tilt: float
    parts: int = 1

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of the moments of a sub-swarm."""
        groups = MOMENT_GROUPS if self.growing else CONSERVATIVE_MOMENT_GROUPS
        return self.parts * self.cells, first_moment_column(groups, self.orders, self.axial_orders)

    def sampling(self, elapsed: float) -> MomentSampling:
        """What the kernels need, with the time (s) from the origin to the start of the window."""
        return MomentSampling(
            self.every,
            self.orders,
            self.axial_orders,
            1.0 / self.cell_width,
            elapsed,
            self.drift,
            self.diffusion_along,
            self.diffusion_across,
            self.parts,
        )


@dataclass(frozen=True)
class OrderSampling:
    """Legendre orders that a swarm samples for its own sake, without control variates.

    Attributes
    ----------
    orders : int
        Legendre orders, from 0 on.
    every : int
        Steps from one sample to the next.
    parts : int
        Parts of the period of an alternating field that are told apart.
    """

    orders: int
    every: int
    parts: int = 1

    def plan(self, cell_edges: IntArray, speeds: FloatArray) -> MomentPlan:
        """What is sampled in bins of so many speed cells; `speeds` are the edges of all cells."""
        width = float(speeds[cell_edges[1]])
        bins = cell_edges.size - 1
        return MomentPlan(
            bins, width, self.orders, 0, False, self.every, 0.0, 0.0, 0.0, 0.0, self.parts
        )


def order_bins(time_in_cell: FloatArray) -> IntArray:
    """Bins for electrons that have been in these speed cells so long, as by `equal_bins`."""
    top = int(np.flatnonzero(time_in_cell)[-1]) + 1
    return equal_bins(int(np.ceil(HEADROOM * top)), ORDER_BINS)


def equal_bins(top: int, bins: int) -> IntArray:
    """Speed cells at which bins of the same width begin and end, up to a cell or a little beyond.

    Parameters
    ----------
    top : int
        Speed cell that they shall reach.
    bins : int
        About so many.
    """
    width = max(1, round(min(top, CELLS) / bins))
    count = min(max(1, -(-top // width)), CELLS // width)
    return np.asarray(width * np.arange(count + 1))


def sampling_of(plan: MomentPlan | None, elapsed: float) -> MomentSampling:
    """What the kernels need to know of a plan; without one nothing is sampled."""
    return NO_MOMENTS if plan is None else plan.sampling(elapsed)
