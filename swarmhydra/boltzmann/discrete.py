"""The discrete operator: B between splines, its growing solution and its inverse.

A density f (per velocity space) is tested by all functions g of the splines: ⟨f, (B - nu) g⟩ = 0.
So densities are solutions on the left, expected values and importances g on the right of one
matrix (a Petrov-Galerkin scheme). The splines of the densities are multiplied with a rough f0: the
solution then is of order one over any number of decades. Since 1 and v² are among the test
functions, the numbers of electrons and energies balance exactly.
"""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.interpolate import CubicSpline
from scipy.sparse.linalg import SuperLU, splu

from swarmhydra.boltzmann.block_matrix import BlockMatrix
from swarmhydra.boltzmann.collision_model import CollisionModel
from swarmhydra.boltzmann.grid import Quadrature
from swarmhydra.boltzmann.operator import Images, images, norm, streaming
from swarmhydra.boltzmann.splines import RadialSpace, by_rows
from swarmhydra.kernels.arrays import FloatArray

SHIFT = 1e-10
"""Distance from the growth rate, over the mean collision frequency, at which matrices are factored:
they must not be singular, and every solution is refined."""

PIVOT = 0.01
"""Share of the largest number in a column that one on the diagonal must have to be the pivot."""

ITERATIONS = 5
"""Inverse iterations at most until a matrix is factored nearer to the growth rate."""

REFINEMENTS = 8
"""Refinements at most."""


@dataclass(frozen=True)
class Sampling:
    """Splines and everything that does not depend on the field, at the points of the integrals.

    Attributes
    ----------
    spaces : list of RadialSpace
        Of the orders 0, 1, 2 ...
    quadrature : Quadrature
    image : Images
        Of all functions, at the points.
    measure : ndarray, shape (points,)
        v² dv times the rough f0, normalised to the sum 1.
    warm_density : csr_array, shape (points, functions)
        From the coefficients of f0 to f0 + (kT/mv) f0', divided by the rough f0. Replacing f0 by it
        turns the cold-gas recoil term into that of a gas at T (first order in m/M); a Maxwellian is
        then an exact equilibrium.
    whole : Sampling or None
        The `Sampling` with more terms that this is a truncation of; None if not truncated.
    """

    spaces: list[RadialSpace]
    quadrature: Quadrature
    image: Images
    measure: FloatArray
    warm_density: sparse.csr_array
    whole: "Sampling | None" = None

    @property
    def terms(self) -> int:
        """Number of Legendre terms."""
        return len(self.spaces)

    def first(self, terms: int) -> "Sampling":
        """Truncate to the first terms."""
        image = self.image
        lists = {
            name: getattr(image, name)[:terms] for name in ("value", "slope", "over", "collisions")
        }
        return replace(
            self,
            spaces=self.spaces[:terms],
            image=replace(image, **lists),
            whole=self.whole or self,
        )

    @cached_property
    def axial(self) -> "Blocks":
        """The matrices of m = 0."""
        return self._blocks(0) if self.whole is None else self.whole.axial.first(self.terms)

    @cached_property
    def transverse(self) -> "Blocks":
        """The matrices of m = 1."""
        return self._blocks(1) if self.whole is None else self.whole.transverse.first(self.terms)

    def _blocks(self, m: int) -> "Blocks":
        """The matrices of m."""
        return blocks(self, m)


def sampled(
    model: CollisionModel,
    spaces: list[RadialSpace],
    quadrature: Quadrature,
    rough_log: CubicSpline,
) -> Sampling:
    """Evaluate splines and collisions at the points of a quadrature.

    Parameters
    ----------
    model : CollisionModel
    spaces : list of RadialSpace
        Of the orders 0, 1, 2 ...
    quadrature : Quadrature
    rough_log : CubicSpline
        Logarithm of the rough f0, up to a constant, over the speed (m/s).
    """
    speed = quadrature.speed
    logarithm = rough_log(speed)
    measure = quadrature.weight * speed**2 * np.exp(logarithm - logarithm.max())
    image = images(model, spaces, speed, apart=True)
    warmth = model.warmth(speed) / speed
    warm_density = by_rows(1.0 + warmth * rough_log(speed, 1), image.value[0])
    warm_density = warm_density + by_rows(warmth, image.slope[0])
    return Sampling(
        spaces, quadrature, image, measure / measure.sum(), sparse.csr_array(warm_density)
    )


@dataclass(frozen=True)
class Blocks:
    """Matrices with rows for the splines of a density and columns for those of a function g.

    Attributes
    ----------
    orders : range
        Legendre orders, from m on.
    offset : ndarray
        Where each order starts among rows and columns.
    collisions, field, mass, along : csr_array
        ⟨f, C g⟩, ⟨f, dg/dv_z⟩, ⟨f, g⟩, ⟨f, v_z g⟩.
    middle : ndarray
        Speeds (m/s) where the functions are largest.
    """

    orders: range
    offset: NDArray[np.int64]
    collisions: sparse.csr_array
    field: sparse.csr_array
    mass: sparse.csr_array
    along: sparse.csr_array
    middle: FloatArray

    @cached_property
    def elimination(self) -> NDArray[np.int64]:
        """Rows from the highest speed on, of each speed odd orders before even ones."""
        odd = np.repeat([order % 2 for order in self.orders], np.diff(self.offset))
        return np.lexsort((-odd, -self.middle))

    def first(self, terms: int) -> "Blocks":
        """The matrices of the orders below a number of terms."""
        orders = range(self.orders.start, terms)
        size = int(self.offset[len(orders)])
        names = ("collisions", "field", "mass", "along")
        corners = {name: getattr(self, name)[:size, :size] for name in names}
        return Blocks(orders, self.offset[: len(orders) + 1], middle=self.middle[:size], **corners)


class Products:
    """Products of test functions with matrices at the points, each computed once."""

    def __init__(self, sampling: Sampling) -> None:
        """Start without a product."""
        self._sampling = sampling
        self._tests: dict[tuple[int, bool], sparse.csr_array] = {}
        self._cache: dict[tuple[int, int, bool], sparse.coo_array] = {}

    def of(
        self, order: int, matrix: sparse.csr_array, with_speed: bool = False
    ) -> sparse.coo_array:
        """⟨., matrix⟩ for the densities of an order, with a factor v if asked."""
        test = self._sampling.image.value[order]
        key = (id(test), id(matrix), with_speed)
        if key not in self._cache:
            self._cache[key] = sparse.coo_array(self._weighted(test, with_speed) @ matrix)
        return self._cache[key]

    def _weighted(self, test: sparse.csr_array, with_speed: bool) -> sparse.csr_array:
        """Test functions with the weights of the points, transposed."""
        key = (id(test), with_speed)
        if key not in self._tests:
            weight = self._sampling.measure
            if with_speed:
                weight = weight * self._sampling.quadrature.speed
            self._tests[key] = sparse.csr_array(by_rows(weight, test).T)
        return self._tests[key]


def blocks(sampling: Sampling, m: int) -> Blocks:
    """The matrices for functions P_l^m."""
    orders = range(m, sampling.terms)
    size = [sampling.spaces[order].size for order in orders]
    offset = np.concatenate([[0], np.cumsum(size)])
    image, products = sampling.image, Products(sampling)
    collisions, field, mass, along = (BlockMatrix(offset, offset) for _ in range(4))
    for j, order in enumerate(orders):
        scale = norm(order, m)
        collisions.add(j, j, scale, products.of(order, image.collisions[order]))
        mass.add(j, j, scale, products.of(order, image.value[order]))
        if order == 0:
            warm = by_rows(sampling.measure, image.cooling)
            collisions.add(j, j, scale, sparse.coo_array(sampling.warm_density.T @ warm))
        for other, factor, power in zip(
            (order + 1, order - 1), streaming(order, m), (-order, order + 1), strict=True
        ):
            if other in orders:
                i, scale = other - m, factor * norm(other, m)
                field.add(i, j, scale, products.of(other, image.slope[order]))
                field.add(i, j, scale * power, products.of(other, image.over[order]))
                along.add(i, j, scale, products.of(other, image.value[order], True))
    middle = np.concatenate([sampling.spaces[order].middles for order in orders])
    return Blocks(
        orders,
        offset,
        collisions.matrix(),
        field.matrix(),
        mass.matrix(),
        along.matrix(),
        middle,
    )


class Factors:
    """A factored matrix, balanced before.

    Elimination runs from high to low speed: f0 falls by many decades with speed, and in the
    opposite order rounding errors of the bulk would swamp the tail.
    """

    def __init__(self, matrix: sparse.csr_array, order: NDArray[np.int64]) -> None:
        """Balance and factor.

        Parameters
        ----------
        matrix : csr_array, shape (n, n)
        order : ndarray, shape (n,)
            In which rows and columns are eliminated.
        """
        matrix = sparse.csr_array(matrix[order][:, order])
        self._order = order
        self._row = 1.0 / abs(matrix).max(axis=1).toarray().ravel()
        scaled_rows = sparse.diags_array(self._row) @ matrix
        self._column = 1.0 / abs(scaled_rows).max(axis=0).toarray().ravel()
        balanced = sparse.csc_array(scaled_rows @ sparse.diags_array(self._column))
        self._lu: SuperLU = splu(balanced, permc_spec="NATURAL", diag_pivot_thresh=PIVOT)

    def solve(self, right: FloatArray) -> FloatArray:
        """The x of A x = right."""
        result = np.empty_like(right)
        result[self._order] = self._column * self._lu.solve(self._row * right[self._order])
        return result

    def solve_transposed(self, right: FloatArray) -> FloatArray:
        """The x of A' x = right."""
        result = np.empty_like(right)
        scaled_right = self._column * right[self._order]
        result[self._order] = self._row * self._lu.solve(scaled_right, trans="T")
        return result


@dataclass(frozen=True)
class Growth:
    """The leading solution of a generator A: growth rate, density (left), importance (right).

    The density is normalised to ⟨f, 1⟩ = 1, the importance to ⟨f, phi⟩ = 1. A steady
    stream grows along z: its `mass` has a factor v_z, and its rate is in 1/m.

    Attributes
    ----------
    matrix, mass : csr_array, shape (n, n)
        ⟨f, A g⟩ (1/s), and ⟨f, g⟩ or, for a steady stream, ⟨f, v_z g⟩ (m/s).
    rate : float
        Growth rate (1/s, or 1/m of a steady stream).
    density, importance : ndarray, shape (n,)
        Coefficients of f and of phi.
    shift : float
        Distance from the rate at which matrices are factored, in its unit.
    order : ndarray of int, shape (n,)
        In which unknowns are eliminated.
    near : Factors or None
        Factors of A less about the growth rate, where there are any.
    """

    matrix: sparse.csr_array
    mass: sparse.csr_array
    rate: float
    density: FloatArray
    importance: FloatArray
    shift: float
    order: NDArray[np.int64]
    near: Factors | None = None

    @cached_property
    def factors(self) -> Factors:
        """A less the growth rate, factored next to it."""
        if self.near is not None:
            return self.near
        near = self.matrix - (self.rate + self.shift) * self.mass
        return Factors(sparse.csr_array(near), self.order)

    @cached_property
    def shifted(self) -> sparse.csr_array:
        """A less the growth rate."""
        return sparse.csr_array(self.matrix - self.rate * self.mass)

    def normalised(self, one: FloatArray, net: FloatArray) -> "Growth":
        """Normalise to ⟨f, 1⟩ = 1 and ⟨f, phi⟩ = 1.

        Parameters
        ----------
        one, net : ndarray
            The function 1, and ⟨., A 1⟩, the net ionization frequency. The growth rate is computed
            from it because in ⟨f, A phi⟩ the large field and elastic terms cancel only up to
            rounding.
        """
        density = self.density / (self.density @ (self.mass @ one))
        importance = self.importance / (density @ (self.mass @ self.importance))
        rate = float(density @ net)
        return replace(self, rate=rate, density=density, importance=importance)

    def solve(self, right: FloatArray) -> FloatArray:
        """Solve (A - rate) g = right, which the density must be orthogonal to; ⟨f, g⟩ = 0."""
        value = np.zeros_like(right)
        functional = self.mass.T @ self.density
        for _ in range(REFINEMENTS):
            residual = right - self.shifted @ value
            step = self.factors.solve(residual)
            step -= self.importance * (functional @ step)
            value += step
            if np.abs(step).max() <= 1e-11 * np.abs(value).max():
                break
        return value

    def solve_transposed(self, right: FloatArray, functional: FloatArray) -> FloatArray:
        """Solve (A' - rate) f = right, orthogonal to the importance, with functional @ f = 0."""
        value = np.zeros_like(right)
        moment = self.mass @ self.importance
        for _ in range(REFINEMENTS):
            residual = right - self.shifted.T @ value
            step = self.factors.solve_transposed(residual)
            step -= self.density * (moment @ step)
            value += step
            if np.abs(step).max() <= 1e-11 * np.abs(value).max():
                break
        return np.asarray(value - self.density * (functional @ value) / (functional @ self.density))


def leading(
    matrix: sparse.csr_array,
    mass: sparse.csr_array,
    guess: float,
    density: FloatArray,
    importance: FloatArray,
    shift: float,
    order: NDArray[np.int64],
) -> Growth:
    """The solution that outgrows all others, by Rayleigh quotients from a guess of its rate.

    Parameters
    ----------
    matrix, mass : csr_array
    guess : float
        Growth rate (1/s).
    density, importance : ndarray
        To start from.
    shift : float
        Distance from the rate at which matrices are factored, and error of the rate.
    order : ndarray
        In which unknowns are eliminated.
    """
    rate = guess
    for _ in range(20):
        factored = rate + shift
        factors = Factors(sparse.csr_array(matrix - factored * mass), order)
        for _ in range(ITERATIONS):
            density = factors.solve_transposed(mass.T @ density)
            importance = factors.solve(mass @ importance)
            density /= np.abs(density).max()
            importance /= np.abs(importance).max()
            previous, rate = (
                rate,
                float(density @ (matrix @ importance) / (density @ (mass @ importance))),
            )
            if abs(rate - previous) <= shift:
                break
        else:
            continue
        break
    exact = abs(rate - factored) <= 2.0 * shift
    return Growth(matrix, mass, rate, density, importance, shift, order, factors if exact else None)
