"""Logarithmic derivatives of the coefficients from the velocity moments of a simulation."""

from dataclasses import dataclass

import numpy as np

from swarmhydra.boltzmann.coefficients import conditions_of
from swarmhydra.boltzmann.sensitivity import (
    Species,
    Warmer,
    at_the_cost_of_others,
    by_interval,
    energy_edges,
    log_slopes,
    macroscopic_means,
)
from swarmhydra.estimators.control_variates import ControlVariates
from swarmhydra.estimators.estimate import estimates
from swarmhydra.estimators.moment_sums import MomentCells
from swarmhydra.estimators.sampled_changes import SampledChanges, SampledMoments
from swarmhydra.kernels.arrays import FloatArray
from swarmhydra.results.record import Estimate

TOGETHER = 4
"""Speed cells of the moments that are taken together: for these derivatives they are fine enough,
and the time that is taken is that of one cell."""

FLOOR = 1e-3
"""Relative error of the derivatives that the adjoint functions of the solution leave over."""


@dataclass(frozen=True)
class SampledSensitivity:
    """As `boltzmann.sensitivity.Sensitivity`, with standard errors but for the density."""

    process: Estimate
    density: FloatArray
    energy_edges: FloatArray
    field: Estimate
    temperature: Estimate
    fraction: Estimate


def sampled_sensitivity(
    control: ControlVariates,
    moments: FloatArray,
    forgotten: bool,
    number_density: float,
    target_density: FloatArray,
    species: Species,
    warmer: Warmer | None,
) -> SampledSensitivity:
    """All logarithmic derivatives of a simulated swarm.

    Parameters
    ----------
    control : ControlVariates
        With the solution that the adjoint functions are taken from.
    moments : ndarray, shape (S, cells, columns)
        Velocity moments.
    forgotten : bool
        As for `SampledMoments`.
    number_density, target_density, species, warmer
        As for `boltzmann.sensitivity.sensitivity`.
    """
    solution, fine = control.solution, control.cells
    cells = MomentCells(TOGETHER * fine.width, fine.count // TOGETHER)
    shape = (len(moments), cells.count, TOGETHER, moments.shape[2])
    coarse = moments[:, : cells.count * TOGETHER].reshape(shape).sum(axis=2)
    conditions = conditions_of(solution, number_density, target_density)
    slopes = log_slopes(macroscopic_means(solution), conditions)
    sampled = SampledMoments(solution, cells, coarse, control.orders, forgotten)
    changes = SampledChanges(solution, cells, sampled)
    edges = energy_edges(solution)
    walls = np.asarray(cells.width * np.arange(cells.count + 1))
    process: list[FloatArray] = []
    density: list[FloatArray] = []
    for number in range(solution.model.processes):
        whole, local = changes.by_process(number)
        process.append(whole @ slopes.means.T)
        density.append(slopes.means @ by_interval(local, cells.speed, walls, edges))
    by_process = np.stack(process, axis=2)
    found = {
        "process": by_process,
        "field": changes.by_field() @ slopes.means.T + slopes.field,
        "temperature": np.full(by_process.shape[:2], np.nan),
        "fraction": (by_process + slopes.target) @ at_the_cost_of_others(species).T,
    }
    if warmer is not None:
        moved = changes.by_model(warmer.model) @ slopes.means.T
        moved += slopes.target @ (warmer.target_density / target_density - 1.0)
        found["temperature"] = moved / warmer.step
    with np.errstate(invalid="ignore"):
        made = {name: _with_floor(each) for name, each in estimates(found).items()}
    shares = np.stack(density, axis=1) / np.diff(np.log(edges))
    return SampledSensitivity(density=shares, energy_edges=edges, **made)


def _with_floor(estimate: Estimate) -> Estimate:
    """An estimate with its whole error; without what the sub-swarms add to it."""
    error = np.hypot(estimate.stderr, FLOOR * np.abs(estimate.value))
    return Estimate(estimate.value, error)
