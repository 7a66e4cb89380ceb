"""Which velocity moments a swarm samples."""

from dataclasses import dataclass

from swarmhydra.kernels.contract import (
    CONSERVATIVE_MOMENT_GROUPS,
    MOMENT_GROUPS,
    NO_MOMENTS,
    MomentSampling,
    first_moment_column,
)


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

    @property
    def shape(self) -> tuple[int, int]:
        """Cells and columns of the moments of a sub-swarm."""
        groups = MOMENT_GROUPS if self.growing else CONSERVATIVE_MOMENT_GROUPS
        return self.cells, first_moment_column(groups, self.orders, self.axial_orders)

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
        )


def sampling_of(plan: MomentPlan | None, elapsed: float) -> MomentSampling:
    """What the kernels need to know of a plan; without one nothing is sampled."""
    return NO_MOMENTS if plan is None else plan.sampling(elapsed)
