"""The gain term of B: splines at the speeds after a collision, by Legendre order."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from swarmhydra.boltzmann.collision_model import Average
from swarmhydra.boltzmann.splines import RadialSpace
from swarmhydra.kernels.arrays import FloatArray

CHEBYSHEV = (-np.sqrt(0.75), 0.0, np.sqrt(0.75))
"""Chebyshev nodes on [-1, 1], for quadratic interpolation in v²."""


def legendre(order: int, cosine: FloatArray) -> FloatArray:
    """Legendre polynomials 0 to an order, shape (order + 1, ...)."""
    table = np.empty((order + 1, *np.shape(cosine)))
    table[0] = 1.0
    if order > 0:
        table[1] = cosine
    for n in range(2, order + 1):
        table[n] = ((2 * n - 1) * cosine * table[n - 1] - (n - 1) * table[n - 2]) / n
    return table


@dataclass(frozen=True)
class Leaving:
    """Electrons after a process.

    Attributes
    ----------
    row : ndarray of int, shape (n,)
        Index of the speed before the collision.
    speed : ndarray, shape (n,)
        Speed after it (m/s).
    weight : ndarray, shape (orders, n)
        Frequency (1/s) times the Legendre polynomials.
    """

    row: NDArray[np.int64]
    speed: FloatArray
    weight: FloatArray


def leaving_of(average: Average, highest: int, active: NDArray[np.int64], narrow: bool) -> Leaving:
    """All electrons that leave a process, with the orders up to the highest one that gains."""
    speed, weight = _by_order(average, highest, narrow)
    row = np.repeat(active, speed.shape[1])
    return Leaving(row, speed.ravel(), weight.reshape(highest + 1, -1))


@dataclass(frozen=True)
class Landing:
    """B-splines at the post-collision speeds, to be summed per pre-collision speed.

    Attributes
    ----------
    splines : csr_array, shape (n, B-splines)
        At the speeds after the collision, one row for each entry of `Leaving`.
    place : ndarray of int
        Of each number in `splines`, where it belongs in `pattern`.
    pattern : csr_array, shape (speeds, B-splines)
        Which numbers there are.
    """

    splines: sparse.csr_array
    place: NDArray[np.int64]
    pattern: sparse.csr_array

    def matrix(self, weight: FloatArray) -> sparse.csr_array:
        """Sums of weights, shape (n,), times splines: shape (speeds, B-splines)."""
        pattern = self.pattern
        each = self.splines.data.size // weight.size
        data = np.repeat(weight, each) * self.splines.data
        data = np.bincount(self.place, data, pattern.indices.size)
        return sparse.csr_array((data, pattern.indices, pattern.indptr), shape=pattern.shape)


def landing_of(departures: list[Leaving], space: RadialSpace, rows: int) -> Landing:
    """B-splines at the speeds after collisions, for `rows` speeds before them."""
    splines = space.unconstrained(np.concatenate([each.speed for each in departures]))
    row = np.repeat(np.concatenate([each.row for each in departures]), space.degree + 1)
    shape = (rows, splines.shape[1])
    flat = row * shape[1] + splines.indices
    there = np.zeros(rows * shape[1], dtype=bool)
    there[flat] = True
    entries = np.flatnonzero(there)
    place = np.cumsum(there)[flat] - 1
    start = np.searchsorted(entries, shape[1] * np.arange(rows + 1))
    pattern = sparse.csr_array((np.ones(entries.size), entries % shape[1], start), shape=shape)
    return Landing(splines, place, pattern)


def _by_order(average: Average, order: int, narrow: bool) -> tuple[FloatArray, FloatArray]:
    """Speeds after a process, shape (speeds, n), and weights of each order, (orders, speeds, n).

    Where the direction hardly changes the speed, all directions are replaced by three speeds, as a
    function of the square of the speed is by a parabola.
    """
    if not narrow or average.directions <= len(CHEBYSHEV):
        return average.speed, average.weight * legendre(order, average.cosine)
    shape = (average.speed.shape[0], -1, average.directions)
    square = average.speed.reshape(shape) ** 2
    low, high = square.min(axis=2, keepdims=True), square.max(axis=2, keepdims=True)
    half = np.maximum(0.5 * (high - low), 1e-300)
    place = (square - 0.5 * (high + low)) / half
    parabolas = np.stack(
        [
            np.prod([(place - other) / (node - other) for other in CHEBYSHEV if other != node], 0)
            for node in CHEBYSHEV
        ],
        axis=-1,
    )
    weight = average.weight.reshape(shape)[..., None] * parabolas
    polynomials = legendre(order, average.cosine.reshape(shape))
    weights = np.einsum("lijk,ijkn->lijn", polynomials, weight)
    speed = np.sqrt(np.maximum(0.5 * (high + low) + half * np.array(CHEBYSHEV), 0.0))
    flat = (average.speed.shape[0], speed.shape[1] * len(CHEBYSHEV))
    return speed.reshape(flat), weights.reshape(order + 1, *flat)
