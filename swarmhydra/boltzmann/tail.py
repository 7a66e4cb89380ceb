"""The few fastest electrons: whether the grid reaches far enough, and does not reach too far."""

import numpy as np

from swarmhydra.boltzmann import grid
from swarmhydra.boltzmann.collision_model import CollisionModel
from swarmhydra.boltzmann.hydrodynamic import Swarm
from swarmhydra.boltzmann.operator import norm
from swarmhydra.boltzmann.two_term import RoughDensity
from swarmhydra.kernels.arrays import FloatArray

DEVIATION = 3e4
"""Factor between f0 and the rough density up to which the latter is close enough."""

WALL = 0.97
"""Fraction of the speed range on which the wall at its top has no influence."""

DECADES = 1e-6
"""Fraction of the largest f0 down to which a solution must be positive for a rough density to be
made from it."""


def is_close_to_rough_density(swarm: Swarm) -> bool:
    """Whether the solution is close to its rough density, but for the wall."""
    speed, top = swarm.sampling.quadrature.speed, swarm.sampling.spaces[0].edges[-1]
    ratio = swarm.density_ratio()[speed < WALL * top]
    return bool(ratio.max() < DEVIATION and ratio.min() > 1.0 / DEVIATION)


def at_the_top(swarm: Swarm) -> float:
    """Fraction of the electrons in the top tenth of the speed grid (v > 0.9 v_max)."""
    amount = np.abs(swarm.sampling.measure * swarm.density_ratio())
    speed, top = swarm.sampling.quadrature.speed, swarm.sampling.spaces[0].edges[-1]
    return float(amount[speed > 0.9 * top].sum())


def shares_above(swarm: Swarm, speed: float) -> dict[str, FloatArray]:
    """Shares of some coefficients that electrons above a speed (m/s) have.

    Named as in `results.variables`, and ``electrons``; a rate coefficient has one for each process.
    """
    quadrature, image = swarm.sampling.quadrature, swarm.sampling.image
    electrons = swarm.sampling.measure * swarm.density_ratio()
    first = swarm.density[swarm.axial.offset[1] : swarm.axial.offset[2]]
    along = swarm.sampling.measure * norm(1, 0) * quadrature.speed * (image.value[1] @ first)
    above = quadrature.speed > speed
    parts = {
        "electrons": electrons,
        "mean_energy": electrons * swarm.energy,
        "drift_velocity_flux": along,
        "rate_coefficient": electrons[:, None] * image.frequency,
    }
    wholes = {name: part.sum(axis=0) for name, part in parts.items()}
    return {
        name: part[above].sum(axis=0) / np.where(wholes[name] == 0.0, 1.0, wholes[name])
        for name, part in parts.items()
    }


def rough_density_from_solution(
    model: CollisionModel, rough: RoughDensity, swarm: Swarm, reach: grid.Reach
) -> RoughDensity:
    """The rough density that a solution gives, on a speed range that fits it.

    Parameters
    ----------
    model : CollisionModel
    rough : RoughDensity
        What the solution was made with; given back if the solution is of no use.
    swarm : Swarm
    reach : Reach
    """
    end = _positive_range(swarm)
    lower = 0.9 * end
    ends = swarm.density_at(np.array([0.0, lower, end]))[0]
    if not end or ends[1] > DECADES * ends[0] or not 0.0 < ends[2] < ends[1]:
        return rough
    edges = swarm.sampling.spaces[0].edges
    speed = np.linspace(0.0, min(1.5 * edges[-1], reach.highest), 2 * rough.speed.size + 1)[1:]
    # Beyond the range where f0 is positive, go on with the logarithmic slope at its end.
    slope = np.log(ends[2] / ends[1]) / (end - lower)
    logarithm = np.log(swarm.density_at(np.minimum(speed, end))[0])
    logarithm += slope * np.maximum(speed - end, 0.0)
    frequency = np.stack([model.mean_frequency(speed, p) for p in range(model.processes)], axis=1)
    density: FloatArray = np.exp(logarithm - logarithm.max())
    longer = RoughDensity(speed, density, swarm.growth.rate, frequency)
    return longer.up_to(grid.top_speed(longer, reach))


def _positive_range(swarm: Swarm) -> float:
    """Speed (m/s) up to which a density is well above zero, without the wall."""
    speed, ratio = swarm.sampling.quadrature.speed, swarm.density_ratio()
    doubtful = np.flatnonzero(ratio <= 0.0)
    end = 0.95 * speed[doubtful[0]] if doubtful.size else np.inf
    return float(min(end, WALL * swarm.sampling.spaces[0].edges[-1]))
