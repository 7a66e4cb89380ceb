"""The solver: grid and number of terms are raised until the coefficients have converged."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from time import process_time

import numpy as np

from swarmhydra.boltzmann import grid, tail
from swarmhydra.boltzmann.coefficients import Coefficients, coefficients
from swarmhydra.boltzmann.collision_model import CollisionModel
from swarmhydra.boltzmann.hydrodynamic import Swarm, sampling_of, weight_from
from swarmhydra.boltzmann.numerical_error import numerical_error, numerical_errors
from swarmhydra.boltzmann.two_term import RoughDensity
from swarmhydra.kernels import contract
from swarmhydra.kernels.arrays import FloatArray
from swarmhydra.kernels.quantities import HALF_MASS

TERMS = (4, 8, 12, 16, 24, 36, 54, 72)
"""Numbers of terms that are tried, on the coarse grid."""

ASSEMBLED_TERMS = (12, 24, 72)
"""Numbers of terms for which matrices are made; those of fewer terms are parts of them."""

MOST_FINE_TERMS = 12
"""Terms on finer grids: what more of them change is added from the coarse one."""

COARSE_CELLS = 64
"""Cells of the coarse grid."""

MOST_CELLS = 1024
"""Cells of the finest grid."""

DIFFUSION_SHARE = 3.0
"""Factor on the tolerance of diffusion and steady-state Townsend coefficients."""

OF_GRADIENT = {
    "drift_velocity_bulk": 1.0,
    "reduced_diffusion_longitudinal_flux": DIFFUSION_SHARE,
    "reduced_diffusion_longitudinal_bulk": DIFFUSION_SHARE,
    "reduced_diffusion_transverse_flux": DIFFUSION_SHARE,
    "reduced_diffusion_transverse_bulk": DIFFUSION_SHARE,
    "characteristic_energy": DIFFUSION_SHARE,
    "reduced_energy_diffusion": DIFFUSION_SHARE,
    "reduced_townsend_effective_sst": DIFFUSION_SHARE,
}
"""Coefficients of a density gradient, and the factor on the tolerance of each."""

JUDGED = {
    "mean_energy": 1.0,
    "drift_velocity_flux": 1.0,
    "reduced_energy_mobility": 1.0,
    "rate_coefficient": 1.0,
    "effective_ionization_rate_coefficient": 1.0,
    **OF_GRADIENT,
}
"""Coefficients tested for convergence, and the factor on the tolerance of each. All others are
functions of them."""

SHARE = 0.34
"""Expected error of a coefficient, as a fraction of its last change with terms or cells."""

HIDDEN = 1e-12
"""Share of the total collision rate below which a process need not meet the tolerance."""

TAIL = 1e-6
"""A solution is rejected if a larger fraction of the electrons is where f0 < 0, or in the top tenth
of a speed range that ends at `REACH`."""

ROUGH_TAIL = 1e-4
"""`TAIL` for the coarse grid."""

REACH = 10.0
"""Speed up to which electrons are followed, over that at the end of the tables."""


class SolverError(ValueError):
    """The Boltzmann equation has no solution that can be trusted; the message says why."""


@dataclass(frozen=True)
class Request:
    """A swarm to solve: its gas and field, and the accuracy.

    Attributes
    ----------
    model : CollisionModel
    acceleration : float
        By the field, above 0 (m/s2).
    number_density : float
        Of the gas (1/m3).
    target_density : ndarray, shape (P,)
        Of the targets of each process (1/m3).
    energy_max : float
        Top of the tables of cross sections (eV), above which collision frequencies are held.
    terms : int or None
        Number of Legendre terms, even, at least 2; None to choose it.
    cells : int or None
        Cells of the grid; None to choose them.
    tolerance : float
        Relative error allowed for energy, drift and rates; diffusion and steady-state Townsend
        coefficients may have three times as much.
    spatial : bool
        Whether to compute bulk, diffusion and steady-state Townsend coefficients.
    order : int
        Legendre order up to which coefficients of the density are wanted, where the number of terms
        is not given.
    """

    model: CollisionModel
    acceleration: float
    number_density: float
    target_density: FloatArray
    energy_max: float
    terms: int | None = None
    cells: int | None = None
    tolerance: float = 1e-4
    spatial: bool = True
    order: int = 1

    @property
    def least_terms(self) -> int:
        """Terms that are tried at least: the last pair before the end of the series is poor."""
        return next(terms for terms in TERMS if terms >= self.order + 3)


@dataclass(frozen=True)
class Solution:
    """A solved swarm.

    Attributes
    ----------
    swarm : Swarm
        On the finest grid.
    values, errors : dict of ndarray
        Coefficients as named in a result, and their numerical errors, from grid and terms.
    terms, cells : int
        Legendre terms, of which the finest grid may have fewer, and its cells.
    converged : bool
        Whether all errors are within the tolerance.
    seconds : dict of float
        CPU time of ``assembly`` and ``solution`` (s).
    grids, orders : tuple of Swarm
        The swarm and the one on the grid before; on the coarse grid the swarm with most terms, and
        the one with the number of terms before, or the same.
    """

    swarm: Swarm
    values: Coefficients
    errors: Coefficients
    terms: int
    cells: int
    converged: bool
    seconds: dict[str, float]
    grids: tuple[Swarm, Swarm]
    orders: tuple[Swarm, Swarm]

    def error_of(self, quantity: Callable[[Swarm], FloatArray]) -> FloatArray:
        """Numerical error of any function of a swarm that has the same shape for all swarms."""
        value, coarser = (quantity(swarm) for swarm in self.grids)
        more, fewer = (quantity(swarm) for swarm in self.orders)
        by_cells, by_terms = np.abs(value - coarser), np.abs(more - fewer)
        return numerical_error(value, by_cells, by_terms)


@dataclass(frozen=True)
class _Trial:
    """A swarm, its coefficients, and their change with the number of terms."""

    swarm: Swarm
    values: Coefficients
    change: Coefficients = field(default_factory=dict)

    @property
    def terms(self) -> int:
        """Legendre terms."""
        return self.swarm.sampling.terms


def solve(request: Request) -> Solution:
    """Solve until the coefficients have converged to the tolerance.

    Raises
    ------
    SolverError
        If the number of terms is odd or below 2, nothing is elastic, there is no field, electrons
        run away, or no positive density is found.
    """
    _check_request(request)
    return _Solver(request).run()


def _check_request(request: Request) -> None:
    """Refuse what cannot be solved."""
    terms = request.terms
    if terms is not None and (terms < 2 or terms % 2):
        raise SolverError(
            f"method.terms={terms}: expected an even number of at least 2, because each even "
            "Legendre order needs the odd one above it"
        )
    if not request.acceleration > 0.0:
        raise SolverError("sim.en: expected a field above 0 for method=boltzmann")
    if not (request.model.tables.action == contract.ELASTIC).any():
        raise SolverError("gas: expected at least one elastic process for method=boltzmann")


class _Solver:
    """The course of a solution."""

    def __init__(self, request: Request) -> None:
        """Store the request; `run` solves it."""
        self._request = request
        self._seconds = {"assembly": 0.0, "solution": 0.0}

    def run(self) -> Solution:
        """Terms first, on the coarse grid; then the grid."""
        request, rough = self._request, self._locate()
        coarse, few, rough = self._coarse(rough)
        trials = self._try_terms(coarse, few)
        more, fewer = trials[-1], trials[-2:][0]
        fine = next(trial for trial in reversed(trials) if trial.terms <= self._most_fine_terms)
        finest, cells = fine, COARSE_CELLS
        while True:
            cells = request.cells or 2 * cells
            before, values = finest, finest.values
            finest = self._trial(self._guided(self._swarm(rough, cells, fine.terms), values))
            if request.cells or cells >= MOST_CELLS:
                break
            if not _unconverged(finest.values, _change(finest.values, values), request):
                break
        self._check(finest.swarm)
        by_cells = _change(finest.values, before.values)
        by_terms = more.change or _change(more.values, more.values)
        errors = numerical_errors(finest.values, by_cells, by_terms)
        # Add the change with the number of terms, found on the coarse grid. A value whose error is
        # NaN is reported as NaN.
        values = {
            name: np.where(
                np.isnan(errors[name]), np.nan, value + more.values[name] - fine.values[name]
            )
            for name, value in finest.values.items()
        }
        unconverged = _unconverged(values, errors, request)
        return Solution(
            finest.swarm,
            values,
            errors,
            more.terms,
            cells,
            not unconverged,
            self._seconds,
            (finest.swarm, before.swarm),
            (more.swarm, fewer.swarm),
        )

    @property
    def _most_fine_terms(self) -> int:
        """Terms on finer grids at most."""
        return self._request.terms or max(MOST_FINE_TERMS, self._request.least_terms)

    def _locate(self) -> RoughDensity:
        """Where the electrons are."""
        request, start = self._request, process_time()
        rough = grid.locate_electrons(request.model, request.acceleration, self._reach)
        self._seconds["solution"] += process_time() - start
        return rough

    def _swarm(self, rough: RoughDensity, cells: int, terms: int) -> Swarm:
        """A swarm on a grid, with its matrices."""
        start = process_time()
        model = self._request.model
        edges = grid.knots(model, rough, cells)
        weight = weight_from(rough, edges)
        sampling = sampling_of(model, edges, terms, weight)
        self._seconds["assembly"] += process_time() - start
        return Swarm(model, sampling, weight, self._request.acceleration, rough.growth)

    def _guided(self, swarm: Swarm, values: Coefficients) -> Swarm:
        """The swarm with the growth rates of an earlier solution to start from."""
        density = self._request.number_density
        rate = float(values["effective_ionization_rate_coefficient"]) * density
        spatial = float(values.get("reduced_townsend_effective_sst", np.nan))
        guess = None if np.isnan(spatial) else spatial * density
        return replace(swarm, rate_guess=rate, spatial_guess=guess)

    def _trial(self, swarm: Swarm, spatial: bool = True) -> _Trial:
        """A swarm with its coefficients: bulk, diffusion and SST only if `spatial`."""
        request, start = self._request, process_time()
        values = coefficients(
            swarm, request.number_density, request.target_density, request.spatial and spatial
        )
        self._seconds["solution"] += process_time() - start
        return _Trial(swarm, values)

    def _coarse(self, rough: RoughDensity) -> tuple[Swarm, Swarm, RoughDensity]:
        """A swarm on a coarse grid that fits its electrons, and the same with few terms."""
        request = self._request
        most = request.terms or ASSEMBLED_TERMS[0]
        for _ in range(3):
            swarm = self._swarm(rough, COARSE_CELLS, most)
            few = _first(swarm, min(most, TERMS[0]))
            if tail.is_close_to_rough_density(few):
                break
            rough = tail.rough_density_from_solution(request.model, rough, few, self._reach)
        self._check(few, ROUGH_TAIL)
        return swarm, few, rough

    @property
    def _reach(self) -> grid.Reach:
        """Speeds at the end of the tables, and up to which electrons are followed."""
        end_of_tables = float(np.sqrt(self._request.energy_max / HALF_MASS))
        return grid.Reach(end_of_tables, REACH * end_of_tables)

    def _try_terms(self, coarse: Swarm, few: Swarm) -> list[_Trial]:
        """Trials on the coarse grid with ever more terms, until their coefficients converge."""
        request = self._request
        if request.terms is not None:
            return [self._trial(coarse)]
        trials = [self._trial(few)]
        half = replace(request, tolerance=0.5 * request.tolerance)
        unconverged = set(JUDGED)
        for terms in TERMS[1:]:
            if terms > coarse.sampling.terms:
                most = next(number for number in ASSEMBLED_TERMS if number >= terms)
                sampling = sampling_of(
                    request.model, coarse.sampling.spaces[0].edges, most, coarse.weight
                )
                coarse = replace(coarse, sampling=sampling)
            last = trials[-1]
            swarm = self._guided(_first(coarse, terms), last.values)
            # Coefficients of a density gradient are not computed again once they have converged.
            trial = self._trial(swarm, spatial=bool(unconverged & OF_GRADIENT.keys()))
            values, change = trial.values, _change(trial.values, last.values)
            trials.append(_Trial(swarm, {**last.values, **values}, {**last.change, **change}))
            unconverged = _unconverged(trials[-1].values, trials[-1].change, half)
            if not unconverged and terms >= request.least_terms:
                break
        return trials

    def _check(self, swarm: Swarm, limit: float = TAIL) -> None:
        """Refuse electrons that run away, and densities that are negative."""
        above, negative = tail.at_the_top(swarm), swarm.negative_share()
        if swarm.sampling.spaces[0].edges[-1] > 0.95 * self._reach.highest and above > limit:
            raise SolverError(
                f"gas.energy_max={self._request.energy_max:g}: {above:.1e} of the electrons come "
                f"near {REACH**2:g} times that energy, up to which they are followed; expected "
                "tables that reach above all electrons, or a lower field"
            )
        if negative > limit:
            raise SolverError(
                "method=boltzmann: no positive energy distribution was found; expected a field and "
                "a gas in which electrons come to a steady state"
            )


def _first(swarm: Swarm, terms: int) -> Swarm:
    """The same swarm with fewer terms."""
    return replace(swarm, sampling=swarm.sampling.first(terms))


def _change(values: Coefficients, previous: Coefficients) -> Coefficients:
    """The change of all coefficients."""
    return {name: np.abs(value - previous[name]) for name, value in values.items()}


def _unconverged(values: Coefficients, changes: Coefficients, request: Request) -> set[str]:
    """Coefficients whose changes are too large."""
    rate = values["rate_coefficient"] * request.target_density
    rare = rate < HIDDEN * rate.sum()
    unconverged = set()
    for name in JUDGED.keys() & values.keys():
        allowance = JUDGED[name] * request.tolerance * np.abs(values[name])
        if name == "rate_coefficient":
            allowance = np.where(rare, np.inf, allowance)
        elif name in ("effective_ionization_rate_coefficient", "reduced_townsend_effective_sst"):
            allowance = allowance + _net_allowance(name, values, request)
        if np.any(SHARE * changes[name] > allowance):
            unconverged.add(name)
    return unconverged


def _net_allowance(name: str, values: Coefficients, request: Request) -> float:
    """Tolerance of net ionization (m3/s) or growth (m2): the sum of those of its processes."""
    rate = values["rate_coefficient"] * request.target_density
    changes = request.model.tables.action >= contract.IONIZATION
    allowance = request.tolerance * float(rate[changes].sum()) + HIDDEN * float(rate.sum())
    if name == "reduced_townsend_effective_sst":
        allowance *= DIFFUSION_SHARE / float(values["drift_velocity_bulk"])
    return allowance / request.number_density
