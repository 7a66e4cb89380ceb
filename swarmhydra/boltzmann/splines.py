"""Functions of the speed: B-splines, one space for each Legendre order.

Even orders use degree p, odd ones degree p - 1 on the same knots, so the derivative of an
even-order spline lies exactly in the odd-order space, as on a staggered grid; this suppresses the
odd-even (checkerboard) mode.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import sparse
from scipy.interpolate import BSpline

from swarmhydra.kernels.arrays import FloatArray

DEGREE = 3
"""Degree p of the even orders."""


@dataclass(frozen=True)
class RadialSpace:
    """Splines of one degree between zero and a largest speed.

    Attributes
    ----------
    edges : ndarray, shape (n + 1,)
        Ascending, the first one is 0 (m/s); at double ones the splines are less smooth.
    degree : int
    order : int
        Legendre order, 2 or 3 for all higher ones: near zero speed its functions vanish like its
        power of the speed, as far as splines can tell.
    """

    edges: FloatArray
    degree: int
    order: int

    @cached_property
    def knots(self) -> FloatArray:
        """Knots of the splines (m/s)."""
        first, last = np.full(self.degree, self.edges[0]), np.full(self.degree, self.edges[-1])
        return np.concatenate([first, self.edges, last])

    @cached_property
    def constraint(self) -> sparse.csr_array:
        """Shape (all B-splines, functions of this space): which combinations are allowed.

        At zero speed the isotropic part has no slope and the others no value. At the largest speed
        odd orders vanish: a wall turns electrons back, so that none is lost.
        """
        count = self.edges.size + self.degree - 1
        whole = sparse.eye_array(count, format="csc")
        if self.order == 0:
            first = whole[:, [0]] + whole[:, [1]]
            return sparse.csr_array(sparse.hstack([first, whole[:, 2:]]))
        if self.order % 2 == 0:
            return sparse.csr_array(whole[:, 2:])
        return sparse.csr_array(whole[:, 1:-1] if self.order == 1 else whole[:, 2:-1])

    @property
    def size(self) -> int:
        """Number of functions."""
        return int(self.constraint.shape[1])

    @property
    def middles(self) -> FloatArray:
        """Where the functions are largest, about (m/s)."""
        inner = [self.knots[i : -self.degree - 1 + i] for i in range(1, self.degree + 1)]
        start = 2 if self.order != 1 else 1
        middle = np.mean(inner, axis=0)
        if self.order == 0:
            return np.asarray(np.delete(middle, 1))
        return np.asarray(middle[start : start + self.size])

    def values(self, speed: FloatArray) -> sparse.csr_array:
        """The functions at speeds (m/s), shape (n, size); held at the ends of the range."""
        return self.unconstrained(speed) @ self.constraint

    def unconstrained(self, speed: FloatArray) -> sparse.csr_array:
        """All B-splines at speeds (m/s), degree + 1 numbers for each speed, as `values`."""
        inside = np.clip(speed, self.edges[0], self.edges[-1])
        return _design(inside, self.knots, self.degree)

    def derivatives(self, speed: FloatArray, number: int = 1) -> sparse.csr_array:
        """Their derivatives of some order, shape (n, size); zero beyond the range."""
        inside = (speed >= self.edges[0]) & (speed <= self.edges[-1])
        matrix = self._slopes(np.clip(speed, self.edges[0], self.edges[-1]), number)
        whole = matrix @ self.constraint
        return whole if inside.all() else by_rows(inside.astype(float), whole)

    def _slopes(self, speed: FloatArray, number: int) -> sparse.csr_array:
        """Derivatives of B-splines."""
        degree, knots = self.degree, self.knots
        differences = sparse.eye_array(self.edges.size + degree - 1, format="csr")
        for _ in range(number):
            # De Boor: coefficients of the derivative are divided differences.
            span = knots[degree + 1 : -1] - knots[1 : -degree - 1]
            inner = np.where(span > 0.0, degree / np.where(span > 0.0, span, 1.0), 0.0)
            size = inner.size
            step = sparse.diags_array([-inner, inner], offsets=[0, 1], shape=(size, size + 1))
            differences = step @ differences
            degree, knots = degree - 1, knots[1:-1]
        return _design(speed, knots, degree) @ differences


def _design(speed: FloatArray, knots: FloatArray, degree: int) -> sparse.csr_array:
    """B-splines at speeds, which may be none."""
    if not speed.size:
        return sparse.csr_array((0, knots.size - degree - 1))
    # All speeds are inside; SciPy looks for others one by one, unless they are allowed.
    return sparse.csr_array(BSpline.design_matrix(speed, knots, degree, extrapolate=True))


def by_rows(factor: FloatArray, matrix: sparse.csr_array) -> sparse.csr_array:
    """A matrix with each row multiplied by a factor."""
    data = matrix.data * np.repeat(factor, np.diff(matrix.indptr))
    return sparse.csr_array((data, matrix.indices, matrix.indptr), shape=matrix.shape)


def spaces(edges: FloatArray, terms: int, degree: int = DEGREE) -> list[RadialSpace]:
    """The spaces of the orders 0 to terms - 1; all even orders from 2 share one, as do odd ones.

    Parameters
    ----------
    edges : ndarray, shape (cells + 1,)
        Ascending edges of cells (m/s) from 0 on; double ones where splines shall be less smooth.
    terms : int
        Number of Legendre terms.
    degree : int
        Of the even orders.
    """
    distinct = [RadialSpace(edges, degree - order % 2, order) for order in range(4)]
    return [distinct[order if order < 4 else 2 + order % 2] for order in range(terms)]
