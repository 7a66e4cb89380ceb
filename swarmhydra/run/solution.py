"""A run of `method=boltzmann`: the Boltzmann equation solved for one gas and field."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from swarmhydra.boltzmann.collision_model import CollisionModel
from swarmhydra.boltzmann.hydrodynamic import Swarm
from swarmhydra.boltzmann.numerical_error import LEAST_ERROR
from swarmhydra.boltzmann.solve import Request, Solution, SolverError, solve
from swarmhydra.boltzmann.tail import shares_above
from swarmhydra.config import AccelConfig, Config, ConfigError, fingerprint, inapplicable, to_yaml
from swarmhydra.estimators.from_solution import coefficients, distributions, energy_bins
from swarmhydra.gas.processes import Process
from swarmhydra.kernels.arrays import FloatArray
from swarmhydra.kernels.quantities import speed_at
from swarmhydra.results.record import NUMERICAL, Estimate, RunRecord
from swarmhydra.run.clock import Clock
from swarmhydra.run.memory import peak_memory
from swarmhydra.run.run_facts import (
    coordinates,
    extra_process_columns,
    process_columns,
    velocity_request,
)
from swarmhydra.run.sensitivities import sensitivities
from swarmhydra.run.solver_request import collision_model, solver_request
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
    exact = _exact(config)
    medium = from_config.medium(exact)
    request = _request(medium, config)
    seconds = {"collision_tables": clock.cpu()}
    try:
        solution = solve(request)
    except SolverError as error:
        raise ConfigError(str(error)) from error
    table_warnings = _beyond_tables(medium, config.gas.extrapolation, solution.swarm)
    warnings = [*medium.mixture.warnings, *_warnings(config, solution), *table_warnings]
    for warning in warnings:
        log.warning(warning)
    seconds |= solution.seconds
    values = coefficients(solution, _extra_model(medium), _extra_density(medium))
    derivatives: dict[str, Estimate | NDArray[Any]] = {}
    if config.method.sensitivity:
        start = clock.cpu()
        answers = sensitivities(exact, medium, request, solution.swarm)
        derivatives, values = answers.group, answers.added_to(values)
        seconds["sensitivity"] = clock.cpu() - start
    bins = energy_bins(float(solution.swarm.sampling.spaces[0].edges[-1]))
    return RunRecord(
        coefficients=values,
        processes=process_columns(medium.mixture),
        extra_processes=extra_process_columns(medium.mixture),
        components=dict(medium.mixture.components),
        eedf=distributions(solution, bins, velocity_request(config)),
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
            "stop_reason": "tolerance" if solution.converged else "finest grid",
            "legendre_terms": solution.terms,
            "grid_cells": solution.cells,
            "grid_top": float(bins[-1]),
            "warnings": "\n".join(warnings),
            "references": medium.mixture.citation,
            "complete": 1,
            "fingerprint": mark,
            "config": to_yaml(config),
        },
        sensitivity=derivatives,
        error_kind=NUMERICAL,
    )


def _exact(config: Config) -> Config:
    """The configuration with nothing looked up, and molecules in motion wherever they may move."""
    thermal = "true" if config.sim.thermal == "auto" else config.sim.thermal
    return replace(config, accel=AccelConfig(), sim=replace(config.sim, thermal=thermal))


def _request(medium: Medium, config: Config) -> Request:
    """Gas, field and accuracy as the solver sees them."""
    method = config.method
    request = solver_request(medium, method.terms, method.tolerance)
    return replace(request, cells=method.grid, order=config.sim.evdf.order)


def _warnings(config: Config, solution: Solution) -> list[str]:
    """Warnings for readers of the results."""
    warnings = []
    settings = ", ".join(inapplicable(config))
    if settings:
        warnings.append(f"ignored with method={config.method.name}: {settings}")
    if not solution.converged:
        warnings.append(
            f"errors are above method.tolerance={config.method.tolerance:g} with "
            f"{solution.terms} Legendre terms and {solution.cells} cells"
        )
    if np.isnan(solution.values["reduced_townsend_effective_sst"]):
        warnings.append("no steady stream was found: reduced_townsend_effective_sst is NaN")
    return warnings


def _beyond_tables(medium: Medium, policy: str, swarm: Swarm) -> Iterator[str]:
    """What comes from energies where cross sections are not known.

    Raises
    ------
    ConfigError
        If there is any of it and gas.extrapolation=error.
    """
    mixture = medium.mixture
    (end, name), top = mixture.tables_end, mixture.energy_max
    ends = {end: f"where the table of {name} ends"} if end < top else {}
    ends[top] = "gas.energy_max"
    for energy, place in ends.items():
        shares = _notable(shares_above(swarm, float(speed_at(energy))), mixture.processes)
        if not shares:
            continue
        beyond = f"above {energy:g} eV, {place}, are {shares}"
        if policy == "error":
            raise ConfigError(
                f"gas.extrapolation=error: {beyond}; expected tables that reach further, or hold, "
                "log_slope"
            )
        holds = "collision frequencies are held" if energy == top else f"gas.extrapolation={policy}"
        yield f"{beyond}: {holds} there"


def _notable(shares: dict[str, FloatArray], processes: Sequence[Process]) -> str:
    """Shares beside which the least error is small, in words; of the rates the largest."""
    shares = {name: np.abs(share) for name, share in shares.items()}
    largest = int(np.argmax(shares["rate_coefficient"]))
    share = {**shares, "rate_coefficient": shares["rate_coefficient"][largest]}
    words = {**{name: name for name in share}, "electrons": "the electrons"}
    words["rate_coefficient"] = f"rate_coefficient of {processes[largest].name}"
    if max(share.values()) < LEAST_ERROR:
        return ""
    return ", ".join(f"{100.0 * share[name]:.2g} % of {words[name]}" for name in share)


def _extra_density(medium: Medium) -> FloatArray:
    """Density of the targets of the processes that do not act on the electrons (1/m3)."""
    return np.asarray(medium.number_density * medium.mixture.extra_fraction)


def _extra_model(medium: Medium) -> CollisionModel | None:
    """The processes that do not act on the electrons."""
    tables = medium.extra_tables
    return None if tables is None else collision_model(medium, tables)


def _perf_stages(seconds: dict[str, float]) -> dict[str, NDArray[Any]]:
    """Processor time of the stages of a solution."""
    time = np.array(list(seconds.values()))
    return {"stage": np.array(list(seconds)), "seconds": time, "share": time / time.sum()}
