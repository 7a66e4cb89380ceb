"""Functions g for which q + (B - nu) g has the least variance.

Any g leaves the mean as it is. That of the solver solves the equations with its own number of
Legendre terms, which is not the same: the residual, squared and weighted with the density of the
electrons, is least for the g of a least-squares problem (regression by control variates: Lavenberg
and Welch, 1981). Its normal equations are as sparse as the splines and the coupling of the orders
make them.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import SuperLU, splu

from swarmhydra.boltzmann.adjoint import Generator, VelocityFunction
from swarmhydra.boltzmann.operator import norm
from swarmhydra.kernels.arrays import FloatArray

RIDGE = 1e-13
"""Added to the diagonal of the scaled normal equations: they are singular without growth, because
B 1 = 0."""

REFINEMENTS = 1
"""Steps of iterative refinement, which take back most of what the ridge changes."""

LEAST_WEIGHT = 1e-40
"""Smallest density, relative to the largest, that has a weight."""


@dataclass(frozen=True)
class MinimumVariance:
    """Least squares over the functions of a generator.

    Attributes
    ----------
    generator : Generator
    matrix : csr_array
        B - nu of the generator, or what stands for it.
    density : ndarray, shape (orders, n)
        Shares of the electrons at the speeds of the generator, times the means of P_0, P_1 ...
    m : int
        0 or 1.
    """

    generator: Generator
    matrix: sparse.csr_array
    density: FloatArray
    m: int = 0

    def function(self, target: FloatArray) -> VelocityFunction:
        """The g for q, given in orders 0, 1 ...; q has the mean zero, and so has g.

        Parameters
        ----------
        target : ndarray, shape (orders, n)
            As many orders as `Generator.apply` has at most.
        """
        q = np.zeros(self._weight.shape)
        q[: len(target)] = target
        right = self.matrix.T @ (self._weight * q).ravel()
        return VelocityFunction(self.generator.spaces, -self._solved(right), self.m)

    def projected(self, moments: FloatArray, excess: float) -> FloatArray:
        """Moments of which the sum with any q is that of q + (B - nu) g.

        Parameters
        ----------
        moments : ndarray, shape (orders, n)
            Sums of P_0, P_1 ... at the speeds of the generator, in all its orders.
        excess : float
            Growth rate of the sampled electrons less nu (1/s).

        Returns
        -------
        ndarray, shape (orders, n)
        """
        flat = moments.ravel()
        right = self.matrix.T @ flat - excess * (self.generator.identity(self.m).T @ flat)
        noise = self._weight.ravel() * (self.matrix @ self._solved(right))
        return np.asarray(moments - noise.reshape(moments.shape))

    @cached_property
    def _weight(self) -> FloatArray:
        """Weight of each order in the least-squares sum, shape (orders + 1, n)."""
        isotropic = np.maximum(self.density[0], LEAST_WEIGHT * self.density[0].max())
        orders = range(len(self.generator.spaces) + 1)
        return np.stack([norm(order, self.m) * isotropic for order in orders])

    @cached_property
    def _normal(self) -> sparse.csr_array:
        """The normal equations."""
        rows = sparse.diags_array(np.sqrt(self._weight).ravel()) @ self.matrix
        return sparse.csr_array(rows.T @ rows)

    @cached_property
    def _factors(self) -> tuple[FloatArray, SuperLU]:
        """Scales of the unknowns, and factors of the scaled normal equations."""
        diagonal = self._normal.diagonal()
        # Splines that are zero at all speeds of the generator are left out.
        scale = np.where(
            diagonal > 0.0, 1.0 / np.sqrt(np.where(diagonal > 0.0, diagonal, 1.0)), 0.0
        )
        unit = sparse.diags_array(scale)
        equations = unit @ self._normal @ unit + RIDGE * sparse.eye_array(scale.size)
        factors = splu(
            sparse.csc_array(equations),
            permc_spec="MMD_AT_PLUS_A",
            diag_pivot_thresh=0.0,
            options={"SymmetricMode": True},
        )
        return scale, factors

    def _unconstrained(self, right: FloatArray) -> FloatArray:
        """Solution of the normal equations."""
        scale, factors = self._factors
        solution = scale * factors.solve(scale * right)
        for _ in range(REFINEMENTS):
            rest = right - self._normal @ solution
            solution += scale * factors.solve(scale * rest)
        return np.asarray(solution)

    @cached_property
    def _constraint(self) -> tuple[FloatArray, FloatArray]:
        """The vector m with ⟨g⟩ = m . coefficients, and that subtracted to make ⟨g⟩ = 0."""
        moments = np.zeros(self._weight.shape)
        orders = min(len(moments), len(self.density))
        moments[:orders] = self.density[:orders]
        mean = self.generator.identity(self.m).T @ moments.ravel()
        correction = self._unconstrained(mean)
        return mean, correction / (mean @ correction)

    def _solved(self, right: FloatArray) -> FloatArray:
        """Solution with ⟨g⟩ = 0, without which g = -1 would be a solution for the growth rate."""
        solution = self._unconstrained(right)
        if self.m:
            return solution
        mean, correction = self._constraint
        return solution - (mean @ solution) * correction
