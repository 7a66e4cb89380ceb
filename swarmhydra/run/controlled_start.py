"""Start of a Monte Carlo run from the solver's steady-state f(v), with its control variates."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from swarmhydra.boltzmann.hydrodynamic import Swarm
from swarmhydra.boltzmann.solve import SolverError, solve
from swarmhydra.boltzmann.transport import Expansion
from swarmhydra.config import Config, SimConfig, sub_swarm_count
from swarmhydra.config import ControlVariates as Choice
from swarmhydra.estimators.control_variates import ControlVariates
from swarmhydra.estimators.moment_sums import MomentCells
from swarmhydra.kernels.arrays import FloatArray
from swarmhydra.kernels.quantities import HALF_MASS
from swarmhydra.run import windows
from swarmhydra.run.solver_request import solver_request
from swarmhydra.run.windows import WindowPlan
from swarmhydra.swarm import from_config
from swarmhydra.swarm.initial_conditions import LegendreStart
from swarmhydra.swarm.medium import Medium
from swarmhydra.swarm.moment_plan import MomentPlan

log = logging.getLogger(__name__)

TERMS = 12
"""Legendre terms of the solution, and of functions along the field, which are averaged over
displacements: more of these cost time at every sample."""

FUNCTION_TERMS = 24
"""Legendre terms of the other functions. Where electrons fly far between collisions, as at the
Ramsauer minimum of argon, or are close to a threshold, their direction matters: 12 terms leave two
to six times the error of transverse diffusion and of rates."""

CELLS = 256
"""Cells of the solution's grid."""

MOMENT_CELLS = 4096
"""Speed cells of the velocity moments, up to the top of the solution."""


MOST_SUB_SWARMS = 128
"""Sub-swarms at most: the velocity moments of each take 3 MB."""


@dataclass(frozen=True)
class ControlledStart:
    """What a solution gives to a simulation.

    Attributes
    ----------
    control : ControlVariates
        For the estimators.
    start : LegendreStart
        What the electrons are drawn from.
    moments : MomentPlan
        What is sampled.
    plan : WindowPlan
        The windows of the measurement.
    """

    control: ControlVariates
    start: LegendreStart
    moments: MomentPlan
    plan: WindowPlan


def controlled_start(config: Config) -> ControlledStart | None:
    """Solve for the swarm of a configuration; None where control variates do not apply.

    They do in a steady electric field without a magnetic one, unless they are turned off or the
    settings say what electrons start from.
    """
    medium = from_config.medium(config)
    if config.method.control_variates is Choice.off or not medium.drifts:
        return None
    if medium.magnetic_direction is not None or config.sim.initial_spread > 0.0:
        return None
    if sub_swarm_count(config.sim) > MOST_SUB_SWARMS:
        log.info("no control variates with more than %d sub-swarms", MOST_SUB_SWARMS)
        return None
    try:
        return _from_solution(config, medium, _solution(config, medium))
    except SolverError as error:
        log.info("no control variates: %s", error)
        return None


def _solution(config: Config, medium: Medium) -> Swarm:
    """The swarm in Legendre terms, in the gas that the kernels have."""
    request = solver_request(medium, config.method.terms or max(TERMS, _terms_of_orders(config)))
    cells = config.method.grid or CELLS
    return solve(replace(request, cells=cells, spatial=False)).swarm


def _from_solution(config: Config, medium: Medium, solution: Swarm) -> ControlledStart:
    """Control variates, start and windows."""
    edges = solution.sampling.spaces[0].edges
    cells = MomentCells(float(edges[-1]) / MOMENT_CELLS, MOMENT_CELLS)
    expansion = Expansion(solution)
    plan = _windows(config.sim, expansion)
    control = ControlVariates(
        expansion,
        config.method.terms or FUNCTION_TERMS,
        cells,
        medium.action,
        _extra_frequency(medium) if medium.mixture.extra else None,
        (plan.memory - 0.5) * plan.duration,
    )
    start_edges = np.linspace(0.0, float(edges[-1]), MOMENT_CELLS + 1)
    start = LegendreStart(start_edges, solution.density_at(cells.speed))
    moments = MomentPlan(
        MOMENT_CELLS,
        cells.width,
        *control.orders,
        control.grows,
        config.method.sample_every,
        expansion.drift_bulk,
        expansion.longitudinal_bulk,
        expansion.transverse_bulk,
        control.tilt,
    )
    return ControlledStart(control, start, moments, plan)


def _terms_of_orders(config: Config) -> int:
    """Legendre terms, an even number, that hold the orders that results shall have."""
    return 2 * (config.sim.evdf.order // 2 + 1)


def _windows(sim: SimConfig, expansion: Expansion) -> WindowPlan:
    """The windows of the measurement."""
    solution = expansion.swarm
    return windows.plan_controlled_windows(
        _energy_correlation_time(solution),
        _shortest_window(expansion),
        windows.longest_window(solution.growth.rate, sim.max_ionization_growth_factor),
        sim.window,
        sim.memory_windows,
    )


def _shortest_window(expansion: Expansion) -> float:
    """Duration (s) of windows in which electrons forget their directions."""
    for flights in windows.CONTROLLED_FLIGHTS:
        duration = flights / expansion.swarm.frequency_scale
        lacking = abs(expansion.transverse_flux_after(duration))
        if lacking < windows.REMEMBERED * expansion.transverse_flux:
            break
    return duration


def _extra_frequency(medium: Medium) -> Callable[[FloatArray], FloatArray]:
    """Frequencies of the processes that do not act on electrons, at speeds (m/s)."""
    edges = medium.collision_tables.cell_edges
    middle = 0.5 * (edges[1:] + edges[:-1])

    def frequency(speed: FloatArray) -> FloatArray:
        columns = [np.interp(speed, middle, column) for column in medium.extra_frequency.T]
        return np.stack(columns, axis=1)

    return frequency


def _energy_correlation_time(solution: Swarm) -> float:
    """Integral of the correlation of an electron's energy with its own later on (s).

    It is ⟨(energy - mean) g⟩ over the variance, with the g of the mean energy: what the energy is
    expected to exceed its mean by, summed over all later times.
    """
    speed, space = solution.sampling.quadrature.speed, solution.sampling.spaces[0]
    energy = HALF_MASS * speed**2 - solution.mean_energy
    g = solution.expected(solution.functional([energy]))
    later = solution.sampling.image.value[0] @ g[: space.size]
    return solution.mean(energy * later) / solution.mean(energy**2)
