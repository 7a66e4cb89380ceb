"""Estimates from a solution of the Boltzmann equation, with their numerical errors."""

import numpy as np

from swarmhydra.boltzmann.collision_model import CollisionModel
from swarmhydra.boltzmann.hydrodynamic import Swarm
from swarmhydra.boltzmann.solve import Solution
from swarmhydra.estimators.velocity_distribution import VelocityRequest, velocity_plane
from swarmhydra.kernels.arrays import FloatArray
from swarmhydra.kernels.quantities import HALF_MASS
from swarmhydra.results.record import Estimate

BINS = 250
"""Bins of the energy distribution, of equal width in speed: fine where most electrons are."""

POINTS = 4
"""Gauss points in a bin."""


def coefficients(
    solution: Solution, extra: CollisionModel | None, extra_density: FloatArray
) -> dict[str, Estimate]:
    """All coefficients of the results file.

    Parameters
    ----------
    solution : Solution
    extra : CollisionModel or None
        Processes that do not act on the electrons; None without any.
    extra_density : ndarray, shape (E,)
        Density of the species that each of them hits (1/m3).

    Returns
    -------
    dict of str to Estimate
        Names, units and meaning as in `results.variables`.
    """
    estimates = {
        name: Estimate(value, solution.errors[name]) for name, value in solution.values.items()
    }
    if extra is not None:
        estimates["extra_rate_coefficient"] = _extra_rates(solution, extra, extra_density)
    return estimates


def energy_bins(top: float) -> FloatArray:
    """Edges of the energy bins (eV) up to a speed (m/s)."""
    return np.asarray(HALF_MASS * np.linspace(0.0, top, BINS + 1) ** 2)


def distributions(
    solution: Solution, edges: FloatArray, evdf: VelocityRequest
) -> dict[str, Estimate | FloatArray]:
    """Distributions over energies and velocities, as averages over bins.

    Parameters
    ----------
    solution : Solution
    edges : ndarray, shape (n + 1,)
        Edges of the bins (eV); above the grid of the solution all functions are zero.
    evdf : VelocityRequest
        What is asked for of the distribution over velocities.

    Returns
    -------
    dict
        ``energy_edges``, and with errors ``eedf`` (1/eV), ``eepf`` and ``f1`` (eV^-3/2), each (n,),
        and ``f_l`` (orders, n), and, if asked for, f(v_par, v_perp), as by `energy_distribution`.
    """
    orders = max(solution.swarm.sampling.terms, evdf.orders)
    values = average_over_bins(solution.swarm, edges, orders)
    errors = solution.error_of(lambda swarm: average_over_bins(swarm, edges, orders))
    f0, f1 = (Estimate(values[order], errors[order]) for order in (0, 1))
    weight = share_per_energy(edges)
    return {
        "energy_edges": edges,
        "eedf": Estimate(f0.value * weight, f0.stderr * weight),
        "eepf": f0,
        "f1": f1,
        "f_l": Estimate(values, errors),
        **_plane(solution, values, edges, evdf),
    }


def _plane(
    solution: Solution, f_l: FloatArray, edges: FloatArray, evdf: VelocityRequest
) -> dict[str, Estimate | FloatArray]:
    """f(v_par, v_perp) if asked for."""
    orders = len(f_l)
    plane = velocity_plane(edges, orders, evdf)
    if plane is None:
        return {}
    errors = solution.error_of(
        lambda swarm: plane.averages(average_over_bins(swarm, edges, orders))
    )
    return {**plane.coordinates, "evdf": Estimate(plane.averages(f_l), errors)}


def share_per_energy(edges: FloatArray) -> FloatArray:
    """What an average over each bin, weighted by the root of the energy, is to be multiplied with.

    The product is the share of the electrons in the bin over its width (1/eV).
    """
    return np.asarray(2.0 / 3.0 * np.diff(edges**1.5) / np.diff(edges))


def average_over_bins(swarm: Swarm, edges: FloatArray, orders: int) -> FloatArray:
    """The first f_l, shape (orders, bins), averaged with the square root of the energy as weight.

    Those that the swarm does not have are 0. In the root of the energy all integrands are smooth.
    """
    x, w = np.polynomial.legendre.leggauss(POINTS)
    low, high = np.sqrt(edges[:-1, None]), np.sqrt(edges[1:, None])
    root = 0.5 * (high + low) + 0.5 * (high - low) * x
    f_l = swarm.density_at((root / np.sqrt(HALF_MASS)).ravel())[:orders].reshape(-1, *root.shape)
    average = np.zeros((orders, edges.size - 1))
    content = np.sum(f_l * root**2 * w, axis=-1) * (high - low)[:, 0]
    average[: len(f_l)] = content / (2.0 / 3.0 * np.diff(edges**1.5))
    return average


def _extra_rates(solution: Solution, extra: CollisionModel, density: FloatArray) -> Estimate:
    """Rate coefficients of processes that do not act on the electrons."""

    def rates(swarm: Swarm) -> FloatArray:
        speed = swarm.sampling.quadrature.speed
        frequency = [extra.mean_frequency(speed, process) for process in range(extra.processes)]
        return swarm.mean_of(np.stack(frequency, axis=1)) / density

    return Estimate(rates(solution.swarm), solution.error_of(rates))
