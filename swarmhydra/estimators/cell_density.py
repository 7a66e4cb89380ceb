"""The density of a solution in the speed cells of the velocity moments."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from swarmhydra.boltzmann.hydrodynamic import Swarm
from swarmhydra.estimators.moment_sums import MomentCells
from swarmhydra.kernels.arrays import FloatArray


@dataclass(frozen=True)
class CellDensity:
    """What a solution expects of the velocity moments.

    Attributes
    ----------
    solution : Swarm
        Of the multi-term expansion.
    cells : MomentCells
        Of the velocity moments.
    """

    solution: Swarm
    cells: MomentCells

    @cached_property
    def shares(self) -> FloatArray:
        """Shares of the electrons in the cells times the means of P_0, P_1 ..., (orders, cells)."""
        return self.of(self.solution.density)

    @cached_property
    def _total(self) -> float:
        """Sum of the solution's isotropic density over the cells."""
        speed = self.cells.speed
        return float((self.solution.density_at(speed)[0] * speed**2).sum())

    def of(self, density: FloatArray) -> FloatArray:
        """The same for another density of the solution's splines, shape (orders, cells)."""
        speed = self.cells.speed
        values = self.solution.density_at(speed, density) * speed**2
        return np.asarray(values / (self._total * (2.0 * np.arange(len(values))[:, None] + 1.0)))

    def mean(self, values: FloatArray) -> float:
        """Mean of a function of m = 0 given by its orders in the cells, shape (orders, cells)."""
        orders = min(len(values), len(self.shares))
        return float(np.sum(values[:orders] * self.shares[:orders]))

    def centred(self, values: FloatArray, weight: FloatArray) -> FloatArray:
        """A function less as much of a weight as makes its mean zero; shapes (orders, cells)."""
        rows = max(len(values), len(weight))
        values, weight = (
            np.pad(each, ((0, rows - len(each)), (0, 0))) for each in (values, weight)
        )
        return np.asarray(values - self.mean(values) / self.mean(weight) * weight)
