"""How the means of a swarm change with each cross section, the field and the gas temperature.

B is linear in every collision frequency. So its change with the cross section of one process is
what that process itself does, and the change within an energy interval is what it does to the
electrons of these energies: nothing but sums over the points of the quadrature.
"""

import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from swarmhydra.boltzmann.collision_model import CollisionModel
from swarmhydra.boltzmann.discrete import Blocks, Sampling, sampled
from swarmhydra.boltzmann.hydrodynamic import Swarm
from swarmhydra.boltzmann.operator import Collisions, Part, for_each, norm
from swarmhydra.boltzmann.responses import SCALARS, Answer, Responses
from swarmhydra.kernels.arrays import FloatArray


@dataclass(frozen=True)
class _Stack:
    """The pairs of all answers with the same m, side by side.

    Attributes
    ----------
    m : int
    factor : ndarray, shape (means, pairs)
        What each mean takes of each pair.
    density, function : ndarray, shape (coefficients, pairs)
    """

    m: int
    factor: FloatArray
    density: FloatArray
    function: FloatArray

    def blocks(self, sampling: Sampling) -> Blocks:
        """The matrices of its m."""
        return sampling.transverse if self.m else sampling.axial

    def by_order(self, sampling: Sampling) -> list[tuple[int, FloatArray, FloatArray]]:
        """Order, coefficients of the densities, coefficients of the functions."""
        parts = itertools.pairwise(self.blocks(sampling).offset)
        return [
            (order, self.density[i:j], self.function[i:j])
            for order, (i, j) in zip(range(self.m, sampling.terms), parts, strict=True)
        ]


def _stacks(answers: list[Answer]) -> list[_Stack]:
    """All pairs, those of m = 0 and, if there are any, those of m = 1."""
    stacks = []
    for m in (0, 1):
        pairs = [(i, each) for i, answer in enumerate(answers) for each in answer if each.m == m]
        factor = np.zeros((len(answers), len(pairs)))
        for column, (mean, pair) in enumerate(pairs):
            factor[mean, column] = pair.factor
        if pairs:
            density = np.stack([pair.density for _, pair in pairs], axis=1)
            function = np.stack([pair.function for _, pair in pairs], axis=1)
            stacks.append(_Stack(m, factor, density, function))
    return stacks


class Changes:
    """Derivatives of the means in the order of `Responses.all`."""

    def __init__(self, swarm: Swarm, selection: NDArray[np.bool_] | None = None) -> None:
        """Solve for the adjoint functions of all means, or of those selected, shape (means,)."""
        self._swarm = swarm
        self._stacks = _stacks(Responses(swarm).all(selection))
        sampling = swarm.sampling
        self._isotropic = sampling.measure * swarm.density_ratio()
        self._at_points = [_at_points(stack, sampling) for stack in self._stacks]

    @property
    def means(self) -> int:
        """Number of means."""
        return int(self._stacks[0].factor.shape[0])

    def by_process(self, process: int, part: CollisionModel | None = None) -> FloatArray:
        """With the logarithm of a cross section, from the electrons at each point.

        Parameters
        ----------
        process : int
        part : CollisionModel, optional
            The same gas with another cross section of that process, which is what changes.

        Returns
        -------
        ndarray, shape (means, points)
            Its sum over the points is the whole derivative.
        """
        swarm, sampling = self._swarm, self._swarm.sampling
        collisions = Collisions(sampling.spaces, sampling.quadrature.speed)
        effect = collisions.add_process(part or swarm.model, process, apart=True)
        result = np.zeros((self.means, sampling.quadrature.speed.size))
        for stack, points in zip(self._stacks, self._at_points, strict=True):
            product = np.sum([each.product(collisions, effect) for each in points], axis=0)
            result += stack.factor @ product.T
        result *= sampling.measure
        result[len(SCALARS) + process] += self._isotropic * effect.frequency
        return result

    def by_field(self) -> FloatArray:
        """With the logarithm of the field, shape (means,)."""
        swarm = self._swarm
        change = np.zeros(self.means)
        for stack in self._stacks:
            image = swarm.acceleration * (stack.blocks(swarm.sampling).field @ stack.function)
            change += stack.factor @ np.einsum("ij,ij->j", stack.density, image)
        return change

    def by_model(self, other: CollisionModel) -> FloatArray:
        """By another gas with the same processes, to first order, shape (means,)."""
        swarm, sampling = self._swarm, self._swarm.sampling
        there = sampled(other, sampling.spaces, sampling.quadrature, swarm.weight.logarithm)
        change = np.zeros(self.means)
        for stack in self._stacks:
            new, old = stack.blocks(there), stack.blocks(sampling)
            image = (new.collisions - old.collisions) @ stack.function
            change += stack.factor @ np.einsum("ij,ij->j", stack.density, image)
        frequency = there.image.frequency - sampling.image.frequency
        change[len(SCALARS) :] += self._isotropic @ frequency
        return change


@dataclass(frozen=True)
class _OrderAtPoints:
    """The pairs of one order at the points of the quadrature, each of shape (points, pairs).

    Attributes
    ----------
    order : int
    density : ndarray
        Over the rough f0, times the mean square of the angular function.
    products : list of ndarray
        It times the function, its slope and its second derivative.
    function : ndarray, shape (coefficients, pairs)
    cooled : ndarray or None
        Order 0 only: the density by `Sampling.warm_density`, times the slope of the function.
    """

    order: int
    density: FloatArray
    products: list[FloatArray]
    function: FloatArray
    cooled: FloatArray | None

    def product(self, collisions: Collisions, part: Part) -> FloatArray:
        """Density times what collisions make of the function."""
        result = np.zeros_like(self.density)
        for factor, product in zip(collisions.factors[:, self.order], self.products, strict=True):
            if factor.any():
                result += factor[:, None] * product
        gain = collisions.gain(self.order)
        if gain is not None:
            result += self.density * (gain @ self.function)
        if self.cooled is not None:
            result += part.cooling[:, None] * self.cooled
        return result


def _at_points(stack: _Stack, sampling: Sampling) -> list[_OrderAtPoints]:
    """All orders of a stack."""
    speed = sampling.quadrature.speed
    second = for_each(sampling.spaces, lambda space: space.derivatives(speed, 2))
    result = []
    for order, density, function in stack.by_order(sampling):
        value, slope = sampling.image.value[order], sampling.image.slope[order]
        there = norm(order, stack.m) * (value @ density)
        products = [there * (matrix @ function) for matrix in (value, slope, second[order])]
        cooled = (sampling.warm_density @ density) * (slope @ function) if order == 0 else None
        result.append(_OrderAtPoints(order, there, products, function, cooled))
    return result
