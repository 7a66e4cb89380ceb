"""A run of `method=boltzmann`: the Boltzmann equation solved for one gas and field."""

import logging
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from swarmhydra.boltzmann import grid, hydrodynamic
from swarmhydra.boltzmann.collision_model import CollisionModel
from swarmhydra.boltzmann.transport import Expansion
from swarmhydra.collisions import tables as collision_tables
from swarmhydra.collisions.tables import CollisionTables
from swarmhydra.config import AccelConfig, Config, ConfigError, fingerprint, inapplicable, to_yaml
from swarmhydra.estimators.boltzmann_coefficients import SolutionInputs, coefficients
from swarmhydra.estimators.solved_distribution import bin_edges, distribution
from swarmhydra.estimators.transport import DRIFT_COEFFICIENTS
from swarmhydra.kernels.arrays import FloatArray
from swarmhydra.kernels.contract import ELASTIC
from swarmhydra.kernels.quantities import HALF_MASS
from swarmhydra.results.record import NUMERICAL, Estimate, RunRecord
from swarmhydra.run.clock import Clock
from swarmhydra.run.run_facts import (
    coordinates,
    extra_process_columns,
    peak_memory,
    process_columns,
)
from swarmhydra.swarm import from_config
from swarmhydra.swarm.medium import Medium

log = logging.getLogger(__name__)


def run(config: Config) -> RunRecord:
    """Solve the Boltzmann equation until grid and Legendre terms are fine enough.

    Parameters
    ----------
    config : Config
        Checked, as by `config.typed`.

    Returns
    -------
    RunRecord
        All results; errors are numerical.

    Raises
    ------
    ConfigError
        If there is no solution; one line that says why, and what is expected.
    """
    clock = Clock()
    mark = fingerprint(config)
    medium = from_config.medium(_exact(config))
    if not np.any(medium.action == ELASTIC):
        raise ConfigError(
            f"gas={config.gas.name} has no elastic process: expected one with "
            f"method={config.method.name}"
        )
    warnings = [*_ignored(config), *medium.mixture.warnings]
    for warning in warnings:
        log.warning(warning)
    seconds = {"collision_tables": clock.cpu()}
    coarse, fine = (_solved(medium, cells, terms) for cells, terms in ((100, 6), (200, 8)))
    edges = bin_edges(float(fine.swarm.sampling.spaces[0].edges[-1]))
    inputs = _inputs(medium)
    values = _with_errors(*(coefficients(each, inputs) for each in (coarse, fine)))
    seconds["solution"] = clock.cpu() - sum(seconds.values())
    return RunRecord(
        coefficients=values,
        processes=process_columns(medium.mixture),
        extra_processes=extra_process_columns(medium.mixture),
        eedf={
            "energy_edges": edges,
            **_with_errors(*(distribution(each.swarm, edges) for each in (coarse, fine))),
        },
        time_series={},
        perf_stages=_perf_stages(seconds),
        perf={
            "threads": 1,
            "wall_seconds": clock.wall(),
            "cpu_seconds": clock.cpu(),
            "peak_rss": peak_memory(),
        },
        rng={},
        coordinates=coordinates(config),
        attributes={
            "stop_reason": "tolerance",
            "legendre_terms": fine.swarm.sampling.terms,
            "grid_cells": fine.swarm.sampling.spaces[0].edges.size - 1,
            "grid_top": float(edges[-1]),
            "warnings": "\n".join(warnings),
            "references": medium.mixture.citation,
            "complete": 1,
            "fingerprint": mark,
            "config": to_yaml(config),
        },
        why_unset={} if medium.drifts else _without_drift(),
        error_kind=NUMERICAL,
    )


def _perf_stages(seconds: dict[str, float]) -> dict[str, NDArray[Any]]:
    """Processor time of the stages of a solution."""
    time = np.array(list(seconds.values()))
    return {"stage": np.array(list(seconds)), "seconds": time, "share": time / time.sum()}


def _exact(config: Config) -> Config:
    """The configuration with nothing looked up, and molecules in motion wherever they may move."""
    thermal = "true" if config.sim.thermal == "auto" else config.sim.thermal
    return replace(config, accel=AccelConfig(), sim=replace(config.sim, thermal=thermal))


def _ignored(config: Config) -> list[str]:
    """Say which settings have no meaning for the method."""
    settings = ", ".join(inapplicable(config))
    return [f"ignored with method={config.method.name}: {settings}"] if settings else []


def _solved(medium: Medium, cells: int, terms: int) -> Expansion:
    """The expansion on one grid with one number of terms."""
    model, acceleration = _model(medium, medium.collision_tables), medium.field.acceleration
    highest = float(np.sqrt(medium.mixture.energy_max / HALF_MASS))
    rough = grid.locate_electrons(model, acceleration, highest)
    edges = grid.knots(model, rough, cells)
    weight = hydrodynamic.weight_from(rough, edges)
    sampling = hydrodynamic.sampling_of(model, edges, terms, weight)
    return Expansion(hydrodynamic.Swarm(model, sampling, weight, acceleration, rough.growth))


def _model(medium: Medium, tables: CollisionTables) -> CollisionModel:
    """What collisions do, by the kernels' own arrays; of majorants only one is made."""
    arrays = tables.with_bands(np.inf, 1, medium.field.acceleration, medium.look_ups)
    return CollisionModel(arrays, medium.scattering, medium.sharing)


def _inputs(medium: Medium) -> SolutionInputs:
    """Gas and field as the estimators see them."""
    mixture, density = medium.mixture, medium.number_density
    extra = None
    if mixture.extra:
        tables = collision_tables.build(
            mixture.extra,
            mixture.extra_fraction,
            density,
            medium.temperature,
            mixture.energy_max,
            medium.look_ups.collision,
        )
        extra = _model(medium, tables)
    return SolutionInputs(
        number_density=density,
        electric_field=medium.electric_field,
        target_density=density * mixture.fraction,
        extra=extra,
        extra_density=density * mixture.extra_fraction,
    )


def _with_errors(coarse: dict[str, FloatArray], fine: dict[str, FloatArray]) -> dict[str, Estimate]:
    """Values with the change from a coarser solution as their errors."""
    estimates = {}
    for name, value in fine.items():
        other = np.zeros_like(value)
        shared = tuple(slice(size) for size in coarse[name].shape)
        other[shared] = coarse[name]
        estimates[name] = Estimate(value, np.abs(value - other))
    return estimates


def _without_drift() -> dict[str, str]:
    """Why some coefficients have no value."""
    return dict.fromkeys(DRIFT_COEFFICIENTS, "no steady field makes the electrons drift")
