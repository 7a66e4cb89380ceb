"""Logarithmic derivatives of the coefficients with respect to what a gas and a field are.

d ln q / d ln sigma_k says by how many percent a coefficient changes if a cross section grows by one
percent at all energies; its density over the logarithm of the energy says which energies matter.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, cast

import numpy as np
from scipy.interpolate import PchipInterpolator

from swarmhydra.boltzmann import macroscopic
from swarmhydra.boltzmann.changes import Changes
from swarmhydra.boltzmann.coefficients import GasAndField, conditions_of, means_of
from swarmhydra.boltzmann.collision_model import CollisionModel
from swarmhydra.boltzmann.hydrodynamic import Swarm
from swarmhydra.boltzmann.macroscopic import MacroscopicMeans
from swarmhydra.boltzmann.responses import SCALARS
from swarmhydra.kernels.arrays import FloatArray
from swarmhydra.kernels.quantities import HALF_MASS

COEFFICIENTS = (
    "mean_energy",
    "drift_velocity_flux",
    "drift_velocity_bulk",
    "reduced_mobility_flux",
    "reduced_mobility_bulk",
    "reduced_energy_mobility",
    "reduced_diffusion_longitudinal_flux",
    "reduced_diffusion_longitudinal_bulk",
    "reduced_diffusion_transverse_flux",
    "reduced_diffusion_transverse_bulk",
    "characteristic_energy",
    "reduced_energy_diffusion",
    "effective_ionization_rate_coefficient",
    "reduced_townsend_ionization",
    "reduced_townsend_attachment",
    "reduced_townsend_effective",
    "reduced_townsend_effective_sst",
)
"""Coefficients of which derivatives are taken, before the rate coefficient of each process."""

BINS = 640
"""Intervals of the energy, as even in its logarithm as edges at all thresholds allow."""

LOWEST = 1e-3
"""Lower end of the intervals, over the mean energy: what lies below is added to the first one."""

STEP = 1e-30
"""Relative step along the imaginary axis (complex-step derivatives: Squire and Trapp, 1998)."""


@dataclass(frozen=True)
class Warmer:
    """The same gas, number density and field at a temperature that is slightly higher.

    Attributes
    ----------
    model : CollisionModel
    target_density : ndarray, shape (P,)
        Of the targets of each process (1/m3).
    step : float
        Relative step of the temperature.
    """

    model: CollisionModel
    target_density: FloatArray
    step: float


@dataclass(frozen=True)
class Species:
    """The species of a gas.

    Attributes
    ----------
    of_process : ndarray of int, shape (P,)
        Which of them each process hits.
    fraction : ndarray, shape (S,)
        Shares of them.
    """

    of_process: np.ndarray
    fraction: FloatArray


@dataclass(frozen=True)
class Sensitivity:
    """Logarithmic derivatives of C coefficients: `COEFFICIENTS`, then P rate coefficients.

    NaN where a coefficient is zero.

    Attributes
    ----------
    process : ndarray, shape (C, P)
        With respect to each cross section.
    density : ndarray, shape (C, P, BINS)
        Its density over the natural logarithm of the energy.
    energy_edges : ndarray, shape (BINS + 1,)
        Edges of the intervals (eV).
    field : ndarray, shape (C,)
        With respect to E/N.
    temperature : ndarray, shape (C,)
        With respect to the temperature of a gas of the same density; NaN for a gas at rest.
    fraction : ndarray, shape (C, S)
        With respect to the share of each species, at the cost of all others alike; NaN in a gas of
        one species.
    """

    process: FloatArray
    density: FloatArray
    energy_edges: FloatArray
    field: FloatArray
    temperature: FloatArray
    fraction: FloatArray


def sensitivity(
    swarm: Swarm,
    number_density: float,
    target_density: FloatArray,
    species: Species,
    warmer: Warmer | None = None,
) -> Sensitivity:
    """All logarithmic derivatives of a solved swarm.

    Parameters
    ----------
    swarm : Swarm
    number_density : float
        Of the gas (1/m3).
    target_density : ndarray, shape (P,)
        Of the targets of each process (1/m3).
    species : Species
    warmer : Warmer, optional
        Without it there is no derivative with respect to the temperature.
    """
    conditions = conditions_of(swarm, number_density, target_density)
    slopes = log_slopes(macroscopic_means(swarm), conditions)
    changes = Changes(swarm)
    edges = energy_edges(swarm)
    bins = [
        slopes.means @ _binned(changes.by_process(process), swarm, edges)
        for process in range(swarm.model.processes)
    ]
    shares = np.stack(bins, axis=1)
    by_process = shares.sum(axis=2)
    temperature = np.full(len(shares), np.nan)
    if warmer is not None:
        change = slopes.means @ changes.by_model(warmer.model)
        change += slopes.target @ (warmer.target_density / target_density - 1.0)
        temperature = change / warmer.step
    return Sensitivity(
        by_process,
        shares / np.diff(np.log(edges)),
        edges,
        slopes.means @ changes.by_field() + slopes.field,
        temperature,
        (by_process + slopes.target) @ at_the_cost_of_others(species).T,
    )


def energy_edges(swarm: Swarm) -> FloatArray:
    """Edges of the intervals (eV), up to the top of the grid.

    All thresholds are edges: what lies in an interval below one has nothing to do with its process.
    """
    lowest = LOWEST * swarm.mean_energy
    top = HALF_MASS * float(swarm.sampling.spaces[0].edges[-1]) ** 2
    threshold = swarm.model.tables.threshold
    inner = threshold[(lowest < threshold) & (threshold < top)]
    # Nine decimals: thresholds that differ only by rounding count as one.
    marks = np.unique(np.log([lowest, *inner, top]).round(9))
    if marks.size > BINS // 2:
        # So many thresholds are as close to each other as equal intervals would be.
        marks = marks[[0, -1]]
    length = np.diff(marks)
    # At least one interval between two marks; the others in proportion to the distances.
    until = np.round((BINS - length.size) * np.cumsum(length) / length.sum()).astype(int)
    counts = 1 + np.diff(until, prepend=0)
    parts = [
        np.linspace(start, end, count, endpoint=False)
        for start, end, count in zip(marks[:-1], marks[1:], counts, strict=True)
    ]
    return np.asarray(np.exp(np.concatenate([*parts, marks[-1:]])))


def _binned(changes: FloatArray, swarm: Swarm, edges: FloatArray) -> FloatArray:
    """Sums over the points of each interval."""
    quadrature = swarm.sampling.quadrature
    return by_interval(changes, quadrature.speed, quadrature.cells, edges)


def by_interval(
    changes: FloatArray, speed: FloatArray, cells: FloatArray, edges: FloatArray
) -> FloatArray:
    """Sums over the points in each interval of the energy, as smooth as cells of the speed allow.

    Parameters
    ----------
    changes : ndarray, shape (n, points)
    speed : ndarray, shape (points,)
        Ascending (m/s).
    cells : ndarray, shape (m + 1,)
        Edges of the cells that the points stand for (m/s).
    edges : ndarray, shape (intervals + 1,)
        Of the intervals (eV); the first and the last one take what is beyond.

    Returns
    -------
    ndarray, shape (n, intervals)
    """
    running = np.concatenate([np.zeros((len(changes), 1)), np.cumsum(changes, axis=1)], axis=1)
    there = running[:, np.searchsorted(speed, cells)]
    place = np.sqrt(edges / HALF_MASS)
    place[[0, -1]] = cells[[0, -1]]
    until = PchipInterpolator(cells, there, axis=1)(place)
    return np.asarray(np.diff(until, axis=1))


def at_the_cost_of_others(species: Species) -> FloatArray:
    """Change of the density of all targets with the logarithm of each share, shape (S, P)."""
    share = species.fraction[:, None]
    if share.size == 1:
        return np.full((1, species.of_process.size), np.nan)
    own = species.of_process == np.arange(share.size)[:, None]
    return np.where(own, 1.0, -share / (1.0 - share))


@dataclass(frozen=True)
class LogSlopes:
    """Partial derivatives of the logarithms of the coefficients by means, field and densities.

    Attributes
    ----------
    means : ndarray, shape (C, means)
        With respect to the means in the order of `Responses.all`.
    field, target : ndarray, shape (C,) and (C, P)
        With respect to the logarithms of field and target densities, all means held.
    """

    means: FloatArray
    field: FloatArray
    target: FloatArray


def log_slopes(means: MacroscopicMeans, conditions: GasAndField) -> LogSlopes:
    """Differentiate the formulas of all coefficients."""
    values = _flat(means)
    steps = [*np.eye(values.size)]
    variations = values * (1.0 + 1j * STEP * np.array(steps))
    by_mean = _logarithms(_unflat(variations), conditions)
    with np.errstate(divide="ignore", invalid="ignore"):
        by_mean = np.where(values != 0.0, by_mean / values, 0.0)
    plain = _unflat(values[None].astype(complex))
    field = complex(conditions.electric_field, conditions.electric_field * STEP)
    by_field = _logarithms(plain, _with(conditions, electric_field=field))
    processes = conditions.target_density.size
    target = conditions.target_density * (1.0 + 1j * STEP * np.eye(processes))
    copies = _unflat(np.repeat(values[None], processes, axis=0).astype(complex))
    by_target = _logarithms(copies, _with(conditions, target_density=target))
    return LogSlopes(by_mean, by_field[:, 0], by_target)


def _with(conditions: GasAndField, **changes: Any) -> GasAndField:
    """Conditions with some fields replaced, also by complex numbers."""
    current = {each.name: getattr(conditions, each.name) for each in fields(conditions)}
    return GasAndField(**{**current, **changes})


def _logarithms(means: MacroscopicMeans, conditions: GasAndField) -> FloatArray:
    """Imaginary parts of the logarithms of all coefficients over the step, shape (C, samples)."""
    values = values_of(means, conditions)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(values.imag / values.real / STEP)


def values_of(means: MacroscopicMeans, conditions: GasAndField) -> FloatArray:
    """All coefficients that have derivatives, shape (C, samples)."""
    values = macroscopic.coefficients(means, conditions)
    scalars = np.stack([values[name] for name in COEFFICIENTS])
    return np.concatenate([scalars, values["rate_coefficient"].T])


def macroscopic_means(swarm: Swarm) -> MacroscopicMeans:
    """The means of a swarm."""
    return cast(MacroscopicMeans, means_of(swarm, spatial=True))


def _flat(means: MacroscopicMeans) -> FloatArray:
    """All means of one sample in the order of `Responses.all`."""
    scalars = [getattr(means, name)[0] for name in SCALARS]
    return np.concatenate([scalars, means.frequency[0]])


def _unflat(values: np.ndarray) -> MacroscopicMeans:
    """From shape (samples, means); without losses, which no coefficient here is made of."""
    scalars: dict[str, Any] = {name: values[:, i] for i, name in enumerate(SCALARS)}
    frequency = values[:, len(SCALARS) :]
    loss = np.zeros_like(frequency)
    return MacroscopicMeans(**scalars, frequency=frequency, loss=loss, extra_frequency=loss[:, :0])


def labels(processes: Sequence[str]) -> list[str]:
    """Names of the coefficients, given those of the processes."""
    return [*COEFFICIENTS, *(f"rate_coefficient {name}" for name in processes)]
