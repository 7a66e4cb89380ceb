"""Functions g of the velocity, and (B - nu) g, at given speeds.

In a swarm that grows as exp(nu t), ⟨(B - nu) g⟩ = 0 for every function g. So g from the solver may
be rough; what is evaluated here must be B exactly as implemented in the kernels. Nothing of the
matrices of the solver is used: the splines of g are differentiated, and averaged over collisions,
at the speeds given.
"""

from copy import copy
from dataclasses import dataclass

import numpy as np
from scipy import sparse

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
    """B in a uniform field at fixed speeds, for functions from fixed spaces.

    Parameters
    ----------
    model : CollisionModel
    spaces : list of RadialSpace
        Of the orders 0, 1, 2 ...
    speed : ndarray, shape (n,)
        Above 0 (m/s).
    acceleration : float
        By the field, along z (m/s2).
    width : float
        Of cells about the speeds (m/s) over which to average; 0 for values at points.
    """

    def __init__(
        self,
        model: CollisionModel,
        spaces: list[RadialSpace],
        speed: FloatArray,
        acceleration: float,
        width: float = 0.0,
    ) -> None:
        self.spaces = spaces
        self.speed = speed
        self.acceleration = acceleration
        self.image = images(model, spaces, speed, width=width)
        self._matrices: dict[int, sparse.csr_array] = {}
        self._identities: dict[int, sparse.csr_array] = {}

    def of_fewer(self, terms: int) -> "Generator":
        """The generator for the first orders only."""
        fewer = copy(self)
        fewer.spaces = self.spaces[:terms]
        fewer._matrices, fewer._identities = {}, {}
        return fewer

    def matrix(self, m: int = 0) -> sparse.csr_array:
        """B, from the coefficients of functions to values, order after order.

        Shape ((orders + 1) n, functions): the field takes the last order to the next one.
        """
        if m not in self._matrices:
            image, orders = self.image, range(m, len(self.spaces))
            blocks = self._no_blocks(m)
            for column, order in enumerate(orders):
                up, down = streaming(order, m)
                slope, over = image.slope[order], image.over[order]
                blocks[order][column] = image.collisions[order]
                blocks[order + 1][column] = self.acceleration * up * (slope - order * over)
                if order > m:
                    lower = self.acceleration * down * (slope + (order + 1) * over)
                    blocks[order - 1][column] = lower
            self._matrices[m] = sparse.block_array(blocks, format="csr")
        return self._matrices[m]

    def identity(self, m: int = 0) -> sparse.csr_array:
        """The values themselves, in the shape of `matrix`; the last order is zero."""
        if m not in self._identities:
            blocks = self._no_blocks(m)
            for column, order in enumerate(range(m, len(self.spaces))):
                blocks[order][column] = self.image.value[order]
            self._identities[m] = sparse.block_array(blocks, format="csr")
        return self._identities[m]

    @property
    def one(self) -> FloatArray:
        """Coefficients of the function 1."""
        one = np.zeros(self.identity().shape[1])
        one[: self.spaces[0].size] = 1.0
        return one

    def along(self) -> sparse.csr_array:
        """v_z times the functions with m = 0, in the shape of `matrix`."""
        blocks, speed = self._no_blocks(0), sparse.diags_array(self.speed)
        for order in range(len(self.spaces)):
            up, down = streaming(order, 0)
            product = speed @ self.image.value[order]
            blocks[order + 1][order] = up * product
            if order:
                blocks[order - 1][order] = down * product
        return sparse.block_array(blocks, format="csr")

    def values(self, g: VelocityFunction) -> FloatArray:
        """Values of g_0, g_1 ..., shape (orders + 1, n), as in `apply`; the last order is zero."""
        return np.asarray(self.identity(g.m) @ g.coefficients).reshape(-1, self.speed.size)

    def apply(self, g: VelocityFunction, rate: float = 0.0) -> FloatArray:
        """(B - rate) g, shape (orders + 1, n).

        Parameters
        ----------
        g : VelocityFunction
            From the spaces of the generator.
        rate : float
            (1/s)
        """
        image = np.asarray(self.matrix(g.m) @ g.coefficients).reshape(-1, self.speed.size)
        return image - rate * self.values(g) if rate else image

    def _no_blocks(self, m: int) -> list[list[sparse.csr_array | None]]:
        """Blocks of zeros: rows for all orders and one more, columns for the orders from m on."""
        orders = len(self.spaces)
        blocks: list[list[sparse.csr_array | None]] = [
            [None] * (orders - m) for _ in range(orders + 1)
        ]
        if m:
            blocks[0][0] = sparse.csr_array((self.speed.size, self.spaces[m].size))
        blocks[orders][-1] = sparse.csr_array((self.speed.size, self.spaces[-1].size))
        return blocks


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
