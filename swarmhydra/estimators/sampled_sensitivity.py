"""Logarithmic derivatives of the coefficients from the velocity moments of a simulation."""

from dataclasses import dataclass

import numpy as np

from swarmhydra.boltzmann.coefficients import conditions_of
from swarmhydra.boltzmann.sensitivity import (
    Species,
    Warmer,
    at_the_cost_of_others,
    by_interval,
    log_slopes,
    macroscopic_means,
    sensitivity,
)
from swarmhydra.estimators.control_variates import UNKNOWN, ControlVariates
from swarmhydra.estimators.estimate import estimates
from swarmhydra.estimators.moment_sums import MomentCells
from swarmhydra.estimators.sampled_changes import SampledChanges, SampledMoments
from swarmhydra.kernels.arrays import FloatArray
from swarmhydra.results.record import Estimate

TOGETHER = 4
"""Speed cells of the moments that are added up: four times as wide, they are fine enough for these
derivatives, and the cost is proportional to their number."""

FLOOR = 1e-3
"""Relative error of the derivatives from the finite accuracy of the solver's adjoint functions."""

LEAST = 2e-5
"""Smallest error of a derivative: positive and negative parts of many cancel only up to this."""


@dataclass(frozen=True)
class SampledSensitivity:
    """Logarithmic derivatives d ln y / d ln x of C coefficients y, with standard errors.

    Attributes
    ----------
    process : Estimate, shape (C, P)
        With respect to the cross section of each process.
    density : ndarray, shape (C, P, bins)
        The same per unit of the logarithm of the energy; without error.
    energy_edges : ndarray, shape (bins + 1,)
        Edges of the energy intervals of `density` (eV).
    field : Estimate, shape (C,)
        With respect to the electric field.
    temperature : Estimate, shape (C,)
        With respect to the gas temperature.
    fraction : Estimate, shape (C, species)
        With respect to the fraction of each species, at the cost of the others.
    """

    process: Estimate
    density: FloatArray
    energy_edges: FloatArray
    field: Estimate
    temperature: Estimate
    fraction: Estimate


def sampled_sensitivity(
    control: ControlVariates,
    moments: FloatArray,
    lag_is_long_enough: bool,
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
    lag_is_long_enough : bool
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
    sampled_moments = SampledMoments(
        solution, cells, coarse, control.orders, lag_is_long_enough, TOGETHER
    )
    changes = SampledChanges(solution, cells, sampled_moments)
    exact = sensitivity(solution, number_density, target_density, species, warmer)
    walls = np.asarray(cells.width * np.arange(cells.count + 1))
    process: list[FloatArray] = []
    density: list[FloatArray] = []
    for number in range(solution.model.processes):
        whole, local = changes.by_process(number)
        process.append(whole @ slopes.means.T)
        density.append(slopes.means @ by_interval(local, cells.speed, walls, exact.energy_edges))
    by_process = np.stack(process, axis=2)
    more = {
        "process": by_process,
        "field": changes.by_field() @ slopes.means.T,
        "fraction": by_process @ at_the_cost_of_others(species).T,
    }
    more["temperature"] = np.zeros_like(more["field"])
    if warmer is not None:
        more["temperature"] = changes.by_model(warmer.model) @ slopes.means.T / warmer.step
    with np.errstate(invalid="ignore"):
        derivatives = {name: _estimate(getattr(exact, name), each) for name, each in more.items()}
    shares = np.stack(density, axis=1) / np.diff(np.log(exact.energy_edges))
    return SampledSensitivity(
        density=exact.density + shares, energy_edges=exact.energy_edges, **derivatives
    )


def _estimate(exact: FloatArray, more: FloatArray) -> Estimate:
    """A derivative with its whole error, without what the sub-swarms add to it.

    Parameters
    ----------
    exact : ndarray
        That of the solution.
    more : ndarray
        What the simulation adds, with a first axis as `SampledChanges` has it.
    """
    estimate = estimates({"": exact + more[:-1]})[""]
    error = np.sqrt(
        estimate.stderr**2 + (FLOOR * estimate.value) ** 2 + (UNKNOWN * more[-1]) ** 2 + LEAST**2
    )
    return Estimate(estimate.value, error)
