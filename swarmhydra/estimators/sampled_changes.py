"""Changes of the means with cross sections and field, from the velocity moments of a simulation.

The adjoint functions are those of a solution, the densities they are averaged over are sampled:
delta ⟨q⟩ = ⟨(delta B) g⟩ over the electrons of the swarm, and the same over their displacements for
diffusion and bulk drift (see `boltzmann.responses`). What is summed here is by how much this
differs from the same with the densities of the solution: so cells of the speed make no error of
the first order, and at speeds that were never sampled the density is that of the solution.
"""

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from scipy import sparse

from swarmhydra.boltzmann.adjoint import VelocityFunction, times_vz
from swarmhydra.boltzmann.collision_model import CollisionModel
from swarmhydra.boltzmann.hydrodynamic import Swarm
from swarmhydra.boltzmann.operator import Collisions, for_each, norm, streaming
from swarmhydra.boltzmann.responses import SCALARS, Moment, Pair, Responses
from swarmhydra.boltzmann.transport import Expansion
from swarmhydra.estimators.estimate import with_each_left_out
from swarmhydra.estimators.moment_sums import MomentCells
from swarmhydra.kernels import contract
from swarmhydra.kernels.arrays import FloatArray
from swarmhydra.kernels.contract import first_moment_column

OF_GROWTH = (Moment.ALONG_SQUARED, Moment.ACROSS_SQUARED, Moment.STREAM)
"""Moments that enter only with the importance phi. Without ionization and attachment phi = 1 and
B phi = 0, so they are not sampled."""


class SampledMoments:
    """Densities of a swarm in cells of the speed and Legendre orders, by what they are.

    Each has the shape (S + 1, cells, orders): of all sub-swarms, then without each one of them.

    Parameters
    ----------
    solution : Swarm
    cells : MomentCells
    moments : ndarray, shape (S, cells, columns)
        Velocity moments.
    orders : tuple of int
        Legendre orders of the moments, as in `kernels.contract.MomentSampling`.
    lag_is_long_enough : bool
        Whether the lag exceeds the velocity memory, so that displacements grow at their final rate.
        If not, densities by displacements are those of the solution.
    parts : int
        Of each cell, over which the densities of the solution are averaged.
    """

    def __init__(
        self,
        solution: Swarm,
        cells: MomentCells,
        moments: FloatArray,
        orders: tuple[int, int],
        lag_is_long_enough: bool,
        parts: int,
    ) -> None:
        self._solution, self._cells, self._orders, self._parts = solution, cells, orders, parts
        self._moments = with_each_left_out(moments)
        plain = moments[:, :, first_moment_column(contract.MOMENT_PLAIN, *orders)] > 0.0
        tops = cells.count - np.argmax(plain[:, ::-1], axis=1)
        # Speeds that all sub-swarms have reached: above, their spread is no measure of the error.
        self._is_reached = (np.arange(cells.count) < tops.min())[:, None]
        self._number = self._group(contract.MOMENT_PLAIN)[:, :, 0].sum(axis=1)
        self._importance = self._values(solution.importance)
        self._made: dict[Moment, FloatArray] = {}
        self._deviations: dict[Moment, FloatArray] = {}
        self._lag_is_long_enough = lag_is_long_enough
        columns = first_moment_column(contract.CONSERVATIVE_MOMENT_GROUPS, *orders)
        self._growing = moments.shape[2] > columns

    def __getitem__(self, moment: Moment) -> FloatArray:
        """A density."""
        if moment not in self._made:
            self._made[moment] = getattr(self, f"_{moment.name.lower()}")()
        return self._made[moment]

    def deviation(self, pair: Pair) -> FloatArray:
        """Sampled density of a pair less that of the solution, shape (S + 2, cells, orders).

        Zero in cells that some sub-swarm never reached, and where displacements cannot be used; the
        last entry is the density of the solution in just these.
        """
        if pair.moment not in self._deviations:
            of_solution = self._solved(pair)
            more = np.zeros((len(self._number), *of_solution.shape))
            usable = self._is_reached & self._is_sampled(pair.moment)
            if usable.any():
                of_sample = self[pair.moment]
                of_solution = np.pad(
                    of_solution, ((0, 0), (0, of_sample.shape[2] - of_solution.shape[1]))
                )
                more = np.where(usable, of_sample - of_solution, 0.0)
            rest = np.where(usable, 0.0, of_solution)
            self._deviations[pair.moment] = np.concatenate([more, rest[None]])
        return self._deviations[pair.moment]

    def _is_sampled(self, moment: Moment) -> bool:
        """Whether a density was sampled."""
        if moment in OF_GROWTH and not self._growing:
            return False
        return self._lag_is_long_enough or moment is Moment.PLAIN

    def _solved(self, pair: Pair) -> FloatArray:
        """The density of a pair by the solution, shape (cells, orders)."""
        solution, m = self._solution, pair.m
        count = self._cells.count
        parts = MomentCells(self._cells.width / self._parts, count * self._parts)
        speed = parts.speed
        sampling = solution.sampling
        offset = (sampling.transverse if m else sampling.axial).offset
        points = sampling.quadrature
        at_points, here = solution.weight(points.speed), solution.weight(speed)
        highest = at_points.max()
        whole = np.sum(points.weight * points.speed**2 * np.exp(at_points - highest))
        measure = parts.width * speed**2 * np.exp(here - highest) / whole
        # The weight function has no meaning above the grid of the solution.
        measure[speed > sampling.spaces[0].edges[-1]] = 0.0
        density = np.zeros((speed.size, sampling.terms))
        for order in range(m, sampling.terms):
            part = pair.density[offset[order - m] : offset[order - m + 1]]
            values = sampling.spaces[order].values(speed) @ part
            density[:, order] = norm(order, m) * measure * values
        return np.asarray(density.reshape(count, self._parts, -1).sum(axis=1))

    def _plain(self) -> FloatArray:
        """The density, for one electron."""
        return self._of_one(contract.MOMENT_PLAIN)

    def _along(self) -> FloatArray:
        """Minus the displacement along the field."""
        return self._without_importance(-self._of_one(contract.MOMENT_ALONG))

    def _along_flux(self) -> FloatArray:
        """Minus the displacement along the field, about its mean."""
        along = self[Moment.ALONG]
        mean = along[:, :, 0].sum(axis=1)
        return np.asarray(along - mean[:, None, None] * self._like(along))

    def _along_squared(self) -> FloatArray:
        """Half the square of the displacement along the field."""
        half = 0.5 * self._of_one(contract.MOMENT_ALONG_SQUARED)
        along = -self._of_one(contract.MOMENT_ALONG)
        # What was added to the first order is added to the second one times the first order.
        shift = self._weighed(along) / self._weighed(self[Moment.PLAIN])
        return self._without_importance(half - shift[:, None, None] * along)

    def _across(self) -> FloatArray:
        """Minus the displacement across the field, m = 1."""
        return -self._of_one(contract.MOMENT_ACROSS)

    def _across_squared(self) -> FloatArray:
        """Half the square of the displacement across the field."""
        return self._without_importance(0.5 * self._of_one(contract.MOMENT_ACROSS_SQUARED))

    def _stream(self) -> FloatArray:
        """A steady stream, as much of it as the solution has."""
        stream = Expansion(self._solution).stream
        assert stream is not None
        tilted = self._group(contract.MOMENT_TILTED)
        speed = self._cells.speed
        flux = times_vz(self._values(stream.importance).T, speed)[:-1].T
        along = float(stream.density @ (self._solution.axial.along @ stream.importance))
        sample = np.einsum("scl,cl->s", tilted[:, :, : flux.shape[1]], flux)
        return np.asarray(tilted * (along / sample)[:, None, None])

    def _of_one(self, group: int) -> FloatArray:
        """The columns of a group, for one electron."""
        return np.asarray(self._group(group) / self._number[:, None, None])

    def _group(self, group: int) -> FloatArray:
        """The columns of a group."""
        first = first_moment_column(group, *self._orders)
        count = self._orders[0] if group <= contract.MOMENT_ACROSS else self._orders[1]
        return self._moments[:, :, first : first + count]

    def _like(self, density: FloatArray) -> FloatArray:
        """The plain density with as many orders as another one."""
        return self[Moment.PLAIN][:, :, : density.shape[2]]

    def _without_importance(self, density: FloatArray) -> FloatArray:
        """A density less a multiple of the plain one, so that ⟨phi⟩ = 0."""
        share = self._weighed(density) / self._weighed(self[Moment.PLAIN])
        return density - share[:, None, None] * self._like(density)

    def _weighed(self, density: FloatArray) -> FloatArray:
        """⟨phi⟩."""
        terms = self._importance.shape[1]
        return np.asarray(np.einsum("scl,cl->s", density[:, :, :terms], self._importance))

    def _values(self, coefficients: FloatArray) -> FloatArray:
        """A function of m = 0 in the cells, shape (cells, terms)."""
        function = VelocityFunction(self._solution.sampling.spaces, coefficients)
        return function.values(self._cells.speed).T


class SampledChanges:
    """Derivatives of the means in the order of `Responses.all`, less those of the solution.

    Each has an entry for all sub-swarms, one without each of them, and the part that comes from the
    solution alone, which is in none of these.
    """

    def __init__(self, solution: Swarm, cells: MomentCells, moments: SampledMoments) -> None:
        """Solve for all adjoint functions."""
        self._solution, self._speed, self._moments = solution, cells.speed, moments
        answers = Responses(solution).all()
        self._means = len(answers)
        # The functions, their slopes and their curvatures in the cells.
        self._derivatives: dict[tuple[Moment, int], list[FloatArray]] = {}
        self._pairs: dict[Moment, list[tuple[int, Pair]]] = {}
        for mean, answer in enumerate(answers):
            for pair in answer:
                self._pairs.setdefault(pair.moment, []).append((mean, pair))

    def by_process(self, process: int) -> tuple[FloatArray, FloatArray]:
        """With the logarithm of a cross section.

        Returns
        -------
        whole : ndarray, shape (S + 2, means)
        local : ndarray, shape (means, cells)
            That of all sub-swarms, from the electrons in each cell.
        """
        return self._by_collisions(self._solution.model, process)

    def by_model(self, other: CollisionModel) -> FloatArray:
        """By another gas with the same processes, to first order, shape (S + 2, means)."""
        changes = [
            sign * self._by_collisions(model, process)[0]
            for model, sign in ((other, 1.0), (self._solution.model, -1.0))
            for process in range(other.processes)
        ]
        return np.asarray(np.sum(changes, axis=0))

    def by_field(self) -> FloatArray:
        """With the logarithm of the field, shape (S + 2, means)."""
        result = np.zeros((len(self._plain), self._means))
        for pairs in self._pairs.values():
            density, m = self._moments.deviation(pairs[0][1]), pairs[0][1].m
            for order, functions, factor in self._by_order(pairs):
                slope = self._slope[order] @ functions
                over = self._value[order] @ functions / self._speed[:, None]
                up, down = streaming(order, m)
                images = [(order + 1, up * (slope - order * over))]
                if order > m:
                    images.append((order - 1, down * (slope + (order + 1) * over)))
                for other, values in images:
                    if other < density.shape[2]:
                        result += self._solution.acceleration * (
                            (density[:, :, other] @ values) @ factor.T
                        )
        return result

    def _by_collisions(self, model: CollisionModel, process: int) -> tuple[FloatArray, FloatArray]:
        """Changes of the means by the collisions of a process, as `by_process`."""
        collisions = Collisions(self._solution.sampling.spaces, self._speed)
        part = collisions.add_process(model, process, apart=False)
        whole = np.zeros((len(self._plain), self._means))
        local = np.zeros((self._means, self._speed.size))
        for moment, pairs in self._pairs.items():
            density = self._moments.deviation(pairs[0][1])
            for order, functions, factor in self._by_order(pairs):
                image = self._image(collisions, moment, order, functions)
                whole += density[:, :, order] @ image @ factor.T
                local += factor @ (density[0, :, order, None] * image).T
        own = len(SCALARS) + process
        whole[:, own] += self._plain @ part.frequency
        local[own] += self._plain[0] * part.frequency
        return whole, local

    @property
    def _plain(self) -> FloatArray:
        """Number of electrons in each cell, shape (S + 2, cells)."""
        _, pair = self._pairs[Moment.PLAIN][0]
        return self._moments.deviation(pair)[:, :, 0]

    def _image(
        self, collisions: Collisions, moment: Moment, order: int, functions: FloatArray
    ) -> FloatArray:
        """The collision part of B applied to functions of an order, shape (cells, functions)."""
        if (moment, order) not in self._derivatives:
            matrices = (self._value[order], self._slope[order], self._curvature[order])
            self._derivatives[moment, order] = [matrix @ functions for matrix in matrices]
        result = np.zeros((self._speed.size, functions.shape[1]))
        derivatives = self._derivatives[moment, order]
        for factor, derivative in zip(collisions.factors[:, order], derivatives, strict=True):
            if factor.any():
                result += factor[:, None] * derivative
        gain = collisions.gain(order)
        if gain is not None:
            result += gain @ functions
        return result

    def _by_order(
        self, pairs: Sequence[tuple[int, Pair]]
    ) -> list[tuple[int, FloatArray, FloatArray]]:
        """Order, coefficients of the functions, and what each mean takes of them."""
        m = pairs[0][1].m
        sampling = self._solution.sampling
        offset = (sampling.transverse if m else sampling.axial).offset
        function = np.stack([pair.function for _, pair in pairs], axis=1)
        factor = np.zeros((self._means, len(pairs)))
        for column, (mean, pair) in enumerate(pairs):
            factor[mean, column] = pair.factor
        return [
            (order, function[offset[order - m] : offset[order - m + 1]], factor)
            for order in range(m, sampling.terms)
        ]

    @cached_property
    def _value(self) -> list[sparse.csr_array]:
        """The functions of each order in the cells."""
        return for_each(self._solution.sampling.spaces, lambda space: space.values(self._speed))

    @cached_property
    def _slope(self) -> list[sparse.csr_array]:
        """Their slopes."""
        spaces = self._solution.sampling.spaces
        return for_each(spaces, lambda space: space.derivatives(self._speed))

    @cached_property
    def _curvature(self) -> list[sparse.csr_array]:
        """Their second derivatives."""
        spaces = self._solution.sampling.spaces
        return for_each(spaces, lambda space: space.derivatives(self._speed, 2))
