"""Collisions that were counted over those that control variates expect in the same time.

Both have the noise of the energy distribution in common, so that their ratio is much more exact
than either: an operator with another collision frequency than the kernels is found out soon.
"""

import numpy as np

from swarmhydra.boltzmann.hydrodynamic import Swarm
from swarmhydra.estimators.alarm import alarm_limit
from swarmhydra.estimators.estimate import estimates, with_each_left_out
from swarmhydra.estimators.inputs import EstimatorInputs
from swarmhydra.kernels.arrays import FloatArray
from swarmhydra.kernels.contract import CELL_TIME, Tallies
from swarmhydra.kernels.quantities import speed_at
from swarmhydra.results.record import Estimate

NAME = "collision_count_ratio"

GAUSS_POINTS = 4
"""Points of the quadrature over the speeds of a cell."""

MODEL_ERROR = 5e-5
"""Relative error of the expected number of collisions, from the assumption that f is exponential
within a speed cell."""

LEAST_COUNT = 100.0
"""Smallest number of collisions that is tested: its distribution is close enough to a normal
one."""


def count_ratio(tallies: Tallies, inputs: EstimatorInputs, solution: Swarm) -> Estimate:
    """Ratio for each process, shape (P,); NaN for those that are not expected at all.

    Parameters
    ----------
    tallies : Tallies
        Sums of the measurement.
    inputs : EstimatorInputs
    solution : Swarm
        With the collision frequencies of the control variates, and the shape of the distribution
        within the speed cells.
    """
    time = tallies.speed[:, :, CELL_TIME]
    cells = int(np.flatnonzero(time.any(axis=0)).max(initial=-1)) + 1
    frequency = _average_frequency(solution, inputs.cell_edges[: cells + 1])
    expectation = with_each_left_out(time[:, :cells] @ frequency)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = with_each_left_out(tallies.collisions) / expectation
    estimate = estimates({NAME: np.where(expectation > 0.0, ratio, np.nan)})[NAME]
    few = tallies.collisions.sum(axis=0) < LEAST_COUNT
    estimate.stderr[few] = np.nan
    return estimate


def significant_deviations(ratio: Estimate) -> FloatArray:
    """Distances of the ratios from 1, in standard errors, shape (P,); 0 up to `alarm_limit`."""
    with np.errstate(divide="ignore", invalid="ignore"):
        distance = (ratio.value - 1.0) / np.hypot(ratio.stderr, MODEL_ERROR)
    return np.where(np.abs(distance) > alarm_limit(ratio), distance, 0.0)


def _average_frequency(solution: Swarm, edges: FloatArray) -> FloatArray:
    """Frequencies (1/s) of all processes over the electrons of each cell, shape (cells, P)."""
    model, upper = solution.model, edges[1:]
    middle = 0.5 * (edges[1:] + edges[:-1])
    density = np.maximum(solution.density_at(middle)[0] * middle**2, 1e-300)
    steepness = np.gradient(np.log(density), middle) if middle.size > 1 else np.zeros(middle.size)
    x, w = np.polynomial.legendre.leggauss(GAUSS_POINTS)

    def over(lower: FloatArray, process: int | None) -> FloatArray:
        half = 0.5 * (upper - lower)
        total = np.zeros(middle.size)
        for offset, weight in zip(x, w, strict=True):
            speed = lower + half * (1.0 + offset)
            share = weight * half * np.exp(steepness * (speed - middle))
            total += share if process is None else share * model.mean_frequency(speed, process)
        return total

    whole = over(edges[:-1], None)
    columns = []
    for process, threshold in enumerate(np.maximum(model.tables.threshold, 0.0)):
        onset = speed_at(threshold)
        # The frequency may jump at the threshold, so that the quadrature begins there.
        within = (edges[:-1] < onset) & (onset < upper)
        columns.append(over(np.where(within, onset, edges[:-1]), process) / whole)
    return np.stack(columns, axis=1)
