"""The coefficients of a swarm at one field, and their derivatives, as functions of factors."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from swarmhydra.boltzmann.changes import Changes
from swarmhydra.boltzmann.coefficients import conditions_of
from swarmhydra.boltzmann.discrete import sampled
from swarmhydra.boltzmann.hydrodynamic import Swarm
from swarmhydra.boltzmann.sensitivity import log_slopes, macroscopic_means, values_of
from swarmhydra.boltzmann.solve import Request, solve
from swarmhydra.fit.free_curves import Factor, changed, part
from swarmhydra.kernels.arrays import FloatArray


@dataclass(frozen=True)
class Prediction:
    """Coefficients and their derivatives by the logarithms of the factors.

    Attributes
    ----------
    value : ndarray, shape (n,)
    slope : ndarray, shape (n, factors)
    """

    value: FloatArray
    slope: FloatArray


class SwarmModel:
    """A swarm at one field, always on the same grid: what it predicts is smooth.

    Parameters
    ----------
    request : Request
        With the gas to start from.
    factors : sequence of Factor
    start : ndarray, shape (factors,)
        Logarithms of the factors for which the grid is made.
    """

    def __init__(self, request: Request, factors: Sequence[Factor], start: FloatArray) -> None:
        self._request, self._factors = request, factors
        solution = solve(replace(request, model=changed(request.model, factors, start)))
        # The one before is as exact as the tolerance asks for where the last two agree that well.
        self._swarm = solution.grids[0]

    def predict(self, logarithm: FloatArray, rows: np.ndarray) -> Prediction:
        """Solve for a swarm.

        Parameters
        ----------
        logarithm : ndarray, shape (factors,)
            Of the factors.
        rows : ndarray of int, shape (n,)
            Numbers of the coefficients, as `measurements.Measurements.rows` gives them.
        """
        request, swarm = self._request, self._changed(logarithm)
        means = macroscopic_means(swarm)
        conditions = conditions_of(swarm, request.number_density, request.target_density)
        value = values_of(means, conditions)[rows, 0]
        slopes = log_slopes(means, conditions).means[rows]
        changes = Changes(swarm, np.any(np.nan_to_num(slopes) != 0.0, axis=0))
        columns = [
            changes.by_process(factor.process, part(swarm.model, factor)).sum(axis=1)
            for factor in self._factors
        ]
        return Prediction(value, value[:, None] * (slopes @ np.stack(columns, axis=1)))

    def _changed(self, logarithm: FloatArray) -> Swarm:
        """The swarm with other factors."""
        model = changed(self._request.model, self._factors, logarithm)
        own = self._swarm
        points = own.sampling.quadrature
        sampling = sampled(model, own.sampling.spaces, points, own.weight.logarithm)
        return replace(own, model=model, sampling=sampling, rate_guess=own.growth.rate)
