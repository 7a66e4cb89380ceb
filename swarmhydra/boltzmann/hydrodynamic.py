"""A swarm in the hydrodynamic regime, solved on one grid with one number of terms."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import sparse
from scipy.interpolate import CubicSpline

from swarmhydra.boltzmann import splines
from swarmhydra.boltzmann.block_matrix import BlockMatrix
from swarmhydra.boltzmann.collision_model import CollisionModel
from swarmhydra.boltzmann.discrete import (
    SHIFT,
    Blocks,
    Growth,
    Products,
    Sampling,
    leading,
    sampled,
)
from swarmhydra.boltzmann.grid import quadrature
from swarmhydra.boltzmann.operator import norm
from swarmhydra.boltzmann.two_term import RoughDensity
from swarmhydra.kernels import contract
from swarmhydra.kernels.arrays import FloatArray
from swarmhydra.kernels.quantities import HALF_MASS

Orders = Sequence[FloatArray | None]


@dataclass(frozen=True)
class Weight:
    """The rough f0 that the splines of densities are multiplied with.

    Its logarithm is a cubic spline on the knots of the densities, so that their quotient has no
    kinks but at knots.
    """

    logarithm: CubicSpline

    def __call__(self, speed: FloatArray) -> FloatArray:
        """Logarithm of f0 at speeds (m/s), up to a constant."""
        return np.asarray(self.logarithm(speed))


def weight_from(rough: RoughDensity, edges: FloatArray) -> Weight:
    """The weight from a rough density, on the knots of the splines."""
    edges = np.unique(edges)
    logarithm = np.interp(edges, rough.speed, np.log(rough.density))
    return Weight(CubicSpline(edges, logarithm, bc_type=((1, 0.0), (2, 0.0))))


def sampling_of(model: CollisionModel, edges: FloatArray, terms: int, weight: Weight) -> Sampling:
    """All that a grid needs and that no field changes."""
    points = quadrature(model, edges)
    return sampled(model, splines.spaces(edges, terms), points, weight.logarithm)


@dataclass(frozen=True)
class Swarm:
    """The swarm at one field.

    Attributes
    ----------
    model : CollisionModel
    sampling : Sampling
    weight : Weight
    acceleration : float
        By the field, along z (m/s2).
    rate_guess : float
        Growth rate in time from which its iteration starts (1/s).
    spatial_guess : float or None
        Growth rate along z of a steady stream from which its iteration starts (1/m); None to take
        that of the first order.
    """

    model: CollisionModel
    sampling: Sampling
    weight: Weight
    acceleration: float
    rate_guess: float = 0.0
    spatial_guess: float | None = None

    @property
    def axial(self) -> Blocks:
        """The matrices of m = 0."""
        return self.sampling.axial

    @property
    def transverse(self) -> Blocks:
        """The matrices of m = 1."""
        return self.sampling.transverse

    @cached_property
    def one(self) -> FloatArray:
        """Coefficients of the function 1."""
        one = np.zeros(int(self.axial.offset[-1]))
        one[: self.axial.offset[1]] = 1.0
        return one

    @cached_property
    def generator(self) -> sparse.csr_array:
        """B between splines, m = 0."""
        return sparse.csr_array(self.axial.collisions + self.acceleration * self.axial.field)

    @property
    def frequency_scale(self) -> float:
        """Mean collision frequency of the rough density (1/s)."""
        total = self.sampling.image.frequency.sum(axis=1)
        return float(total @ self.sampling.measure)

    @cached_property
    def growth(self) -> Growth:
        """Growth rate, density and importance."""
        solution = leading(
            self.generator,
            self.axial.mass,
            self.rate_guess,
            self.one,
            self.one,
            SHIFT * self.frequency_scale,
            self.axial.elimination,
        )
        return solution.normalised(self.one, self.functional([self.net_frequency]))

    @property
    def net_frequency(self) -> FloatArray:
        """Frequency of ionization less that of attachment at the points (1/s)."""
        action = self.model.tables.action
        signs = 1.0 * (action == contract.IONIZATION) - 1.0 * (action == contract.ATTACHMENT)
        return np.asarray(self.sampling.image.frequency @ signs)

    @property
    def density(self) -> FloatArray:
        """Coefficients of f, with ⟨f, 1⟩ = 1."""
        return self.growth.density

    @property
    def importance(self) -> FloatArray:
        """Coefficients of phi, with ⟨f, phi⟩ = 1."""
        return self.growth.importance

    def functional(self, orders: Orders) -> FloatArray:
        """⟨f, q⟩ as a vector to multiply densities with.

        Parameters
        ----------
        orders : sequence of ndarray or None
            q_0, q_1 ... at the points of the quadrature; what is missing is zero.
        """
        parts = []
        for order, matrix in enumerate(self.sampling.image.value):
            values = orders[order] if order < len(orders) else None
            if values is None:
                parts.append(np.zeros(matrix.shape[1]))
            else:
                parts.append(matrix.T @ (norm(order, 0) * self.sampling.measure * values))
        return np.concatenate(parts)

    def mean(self, *orders: FloatArray | None) -> float:
        """⟨f, q⟩ of q_0, q_1 ... at the points of the quadrature."""
        return float(self.functional(orders) @ self.density)

    def density_ratio(self, density: FloatArray | None = None) -> FloatArray:
        """The isotropic part of the density, or another, over the rough one, at the points."""
        whole = self.density if density is None else density
        return np.asarray(self.sampling.image.value[0] @ whole[: self.axial.offset[1]])

    def negative_share(self, density: FloatArray | None = None) -> float:
        """Share of the electrons where the density, or another one, is negative."""
        amount = self.sampling.measure * self.density_ratio(density)
        return float(np.abs(np.minimum(amount / amount.sum(), 0.0)).sum())

    def mean_of(self, functions: FloatArray) -> FloatArray:
        """Means of isotropic functions, columns over the points of the quadrature."""
        return np.asarray((self.sampling.measure * self.density_ratio()) @ functions)

    def loss(self) -> FloatArray:
        """Mean power lost in each process (eV/s), shape (P,)."""
        sampling, isotropic = self.sampling, self.density[: self.axial.offset[1]]
        f0, warm_density = sampling.image.value[0] @ isotropic, sampling.warm_density @ isotropic
        return np.asarray(
            (sampling.measure * f0) @ sampling.image.loss
            + (sampling.measure * warm_density) @ sampling.image.cooling_loss
        )

    def expected(self, functional: FloatArray, against: FloatArray | None = None) -> FloatArray:
        """The adjoint solution g of (B - nu) g = -(q - c r), with ⟨f, g⟩ = 0.

        Parameters
        ----------
        functional : ndarray
            ⟨., q⟩.
        against : ndarray, optional
            Coefficients of r; 1 by default. c makes the equation soluble: c = ⟨q⟩ / ⟨r⟩.
        """
        other = self.axial.mass @ (self.one if against is None else against)
        ratio = (functional @ self.density) / (other @ self.density)
        return self.growth.solve(ratio * other - functional)

    @property
    def energy_function(self) -> FloatArray:
        """Coefficients of the function HALF_MASS v², which the splines hold exactly."""
        space = self.sampling.spaces[0]
        knots, size = space.knots, space.constraint.shape[0]
        # Blossom of v²: mean of the products of pairs of inner knots of each spline.
        inner = np.stack([knots[i : i + size] for i in range(1, space.degree + 1)])
        pairs = (inner.sum(axis=0) ** 2 - (inner**2).sum(axis=0)) / (
            space.degree * (space.degree - 1)
        )
        coefficients = np.zeros(self.one.size)
        coefficients[: space.size] = HALF_MASS * pairs[1:]
        return coefficients

    @cached_property
    def mean_energy(self) -> float:
        """⟨energy⟩ (eV)."""
        return float(self.density @ (self.axial.mass @ self.energy_function))

    @cached_property
    def across(self) -> sparse.csr_array:
        """⟨f, v_x g⟩ with rows for densities of m = 0 and columns for functions of m = 1."""
        products = Products(self.sampling)
        parts = BlockMatrix(self.axial.offset, self.transverse.offset)
        value = self.sampling.image.value
        for column in self.transverse.orders:
            factor = 0.5 * column * (column + 1) / (2 * column + 1)
            for row, sign in ((column - 1, 1.0), (column + 1, -1.0)):
                if row in self.axial.orders:
                    block = products.of(row, value[column], with_speed=True)
                    parts.add(row, column - 1, sign * factor * norm(row, 0), block)
        return parts.matrix()

    @property
    def energy(self) -> FloatArray:
        """Energies at the points (eV)."""
        return np.asarray(HALF_MASS * self.sampling.quadrature.speed**2)

    def density_at(self, speed: FloatArray, density: FloatArray | None = None) -> FloatArray:
        """f_l(energy) at speeds (m/s), shape (terms, n), in eV^(-3/2).

        The isotropic part is normalised to the integral of f_0 sqrt(energy) over energies, 1.
        Another density of the same splines may be given, such as a change of it.
        """
        density = self.density if density is None else density
        quadrature, offset = self.sampling.quadrature, self.axial.offset
        at_points = self.weight(quadrature.speed)
        scale = np.sum(
            quadrature.weight * quadrature.speed**2 * np.exp(at_points - at_points.max())
        )
        rough = np.exp(self.weight(speed) - at_points.max()) / scale / (2.0 * HALF_MASS**1.5)
        inside = speed <= self.sampling.spaces[0].edges[-1]
        return np.stack(
            [
                np.where(inside, rough * (space.values(speed) @ density[i:j]), 0.0)
                for space, i, j in zip(self.sampling.spaces, offset[:-1], offset[1:], strict=True)
            ]
        )
