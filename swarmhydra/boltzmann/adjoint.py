"""Expected values: functions g of the velocity and (B - nu) g at any speeds.

In a swarm that grows as exp(nu t), ⟨(B - nu) g⟩ = 0 for every function g. So g from the solver may
be rough; what is evaluated here must be B as the kernels carry it out. Nothing of the matrices of
the solver is used: the splines of g are differentiated, and averaged over collisions, where asked.
"""

from dataclasses import dataclass

import numpy as np

from swarmhydra.boltzmann.collision_model import CollisionModel
from swarmhydra.boltzmann.operator import images, streaming
from swarmhydra.boltzmann.splines import RadialSpace
from swarmhydra.kernels.arrays import FloatArray


@dataclass(frozen=True)
class VelocityFunction:
    """A function sum_l g_l(v) P_l^m(cos theta) cos(m phi).

    Attributes
    ----------
    spaces : list of RadialSpace
        Of the orders 0, 1, 2 ...
    coefficients : ndarray
        Of the splines, order after order from order m on.
    m : int
        0 or 1.
    """

    spaces: list[RadialSpace]
    coefficients: FloatArray
    m: int = 0

    def by_order(self) -> dict[int, FloatArray]:
        """The coefficients of each order."""
        orders = range(self.m, len(self.spaces))
        ends = np.cumsum([self.spaces[order].size for order in orders])
        return dict(zip(orders, np.split(self.coefficients, ends[:-1]), strict=True))

    def values(self, speed: FloatArray) -> FloatArray:
        """g_0, g_1 ... at speeds (m/s), shape (orders, n); zero below order m."""
        result = np.zeros((len(self.spaces), speed.size))
        for order, coefficients in self.by_order().items():
            result[order] = self.spaces[order].values(speed) @ coefficients
        return result


class Generator:
    """B at fixed speeds, for functions from fixed spaces."""

    def __init__(self, model: CollisionModel, spaces: list[RadialSpace], speed: FloatArray) -> None:
        """Prepare.

        Parameters
        ----------
        model : CollisionModel
        spaces : list of RadialSpace
            Of the orders 0, 1, 2 ...
        speed : ndarray, shape (n,)
            Above 0 (m/s).
        """
        self.spaces = spaces
        self.speed = speed
        self.image = images(model, spaces, speed)

    def values(self, g: VelocityFunction) -> FloatArray:
        """Values of g_0, g_1 ..., shape (orders + 1, n), as in `apply`; the last order is zero."""
        result = np.zeros((len(self.spaces) + 1, self.speed.size))
        for order, coefficients in g.by_order().items():
            result[order] = self.image.value[order] @ coefficients
        return result

    def apply(self, g: VelocityFunction, acceleration: float, rate: float = 0.0) -> FloatArray:
        """(B - rate) g, shape (orders + 1, n): the field takes the last order to the next one.

        Parameters
        ----------
        g : VelocityFunction
            From the spaces of the generator.
        acceleration : float
            By the field, along z (m/s2).
        rate : float
            (1/s)
        """
        result = -rate * self.values(g)
        for order, coefficients in g.by_order().items():
            up, down = streaming(order, g.m)
            slope = acceleration * (self.image.slope[order] @ coefficients)
            over = acceleration * (self.image.over[order] @ coefficients)
            result[order] += self.image.collisions[order] @ coefficients
            result[order + 1] += up * (slope - order * over)
            if order > g.m:
                result[order - 1] += down * (slope + (order + 1) * over)
        return result

    def transposed(self, moments: FloatArray, acceleration: float, rate: float) -> FloatArray:
        """Sums of (B - rate) g over moments, for each of the functions g with m = 0.

        Parameters
        ----------
        moments : ndarray, shape (S, n, orders)
            Sums of P_0, P_1 ... at the speeds; as many orders as there are spaces.
        acceleration, rate : float
            As in `apply`.

        Returns
        -------
        ndarray, shape (S, functions)
        """
        image, last = self.image, len(self.spaces) - 1
        parts = []
        for order in range(last + 1):
            own = moments[:, :, order]
            part = own @ image.collisions[order] - rate * (own @ image.value[order])
            up, down = streaming(order, 0)
            for other, factor, share in ((order + 1, up, -order), (order - 1, down, order + 1)):
                if 0 <= other <= last:
                    moved = acceleration * factor * moments[:, :, other]
                    part += moved @ image.slope[order] + share * (moved @ image.over[order])
            parts.append(part)
        return np.concatenate(parts, axis=1)


def times_vz(orders: FloatArray, speed: FloatArray, m: int = 0) -> FloatArray:
    """v_z g of g_0, g_1 ..., shape (orders, n): the same and one order more."""
    result = np.zeros((orders.shape[0] + 1, speed.size))
    for order in range(m, orders.shape[0]):
        up, down = streaming(order, m)
        result[order + 1] += up * speed * orders[order]
        if order > m:
            result[order - 1] += down * speed * orders[order]
    return result


def times_vx(orders: FloatArray, speed: FloatArray, m: int = 0) -> FloatArray:
    """v_x g, one order more: of m = 0 its m = 1, of m = 1 the part of it that has m = 0."""
    result = np.zeros((orders.shape[0] + 1, speed.size))
    for order in range(m, orders.shape[0]):
        over = speed * orders[order] / (2 * order + 1)
        if m == 0:
            result[order + 1] += over
            # P_0^1 does not exist.
            if order >= 2:
                result[order - 1] -= over
        else:
            half = 0.5 * order * (order + 1) * over
            result[order - 1] += half
            result[order + 1] -= half
    return result
