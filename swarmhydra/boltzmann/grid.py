"""Where the knots of the splines lie, and where integrals over the speed are sampled."""

from typing import NamedTuple

import numpy as np

from swarmhydra.boltzmann.collision_model import CollisionModel
from swarmhydra.boltzmann.two_term import RoughDensity, rough_density
from swarmhydra.kernels.arrays import FloatArray
from swarmhydra.kernels.quantities import HALF_MASS

SCANNED_CELLS = 240
"""Cells of the search for the electrons, even in the logarithm of the speed."""

ROUGH_CELLS = 400
"""Cells of the rough density."""

WELL_FILLED = 0.85
"""If electrons fill less than this fraction of the speed grid, the rough density is recomputed on a
shorter grid."""

LOWEST = 1e-5
"""Lowest energy (eV) at which the search for the electrons is fine."""

NEGLIGIBLE_DENSITY = 1e-20
"""f0 over its largest value that ends the grid, unless a process needs more."""

LEAST_DENSITY = 1e-32
"""f0 over its largest value that ends the grid whatever process needs more."""

NEGLIGIBLE_RATE = 1e-12
"""Share of the largest contribution to the rate of each process, and to the energy, beyond which it
may end."""


STRONG_KINK = 0.02
"""Relative change of a collision frequency within a cell, due to a kink, from which on the kink
becomes a knot."""

NARROWEST = 0.03
"""Table nodes closer than this fraction of a cell are not separate quadrature boundaries."""


class Quadrature(NamedTuple):
    """A quadrature over the speed.

    Attributes
    ----------
    speed, weight : ndarray, shape (points,)
        Points in ascending order, and their weights (m/s).
    cells : ndarray, shape (m + 1,)
        Edges (m/s) of the intervals that have points of their own.
    """

    speed: FloatArray
    weight: FloatArray
    cells: FloatArray


class Reach(NamedTuple):
    """Two limits of the speed.

    Attributes
    ----------
    end_of_tables : float
        Speed (m/s) at the end of the tables; above it collision frequencies are held.
    highest : float
        Speed (m/s) up to which electrons are followed at most.
    """

    end_of_tables: float
    highest: float


def locate_electrons(model: CollisionModel, acceleration: float, reach: Reach) -> RoughDensity:
    """The rough density on a grid that ends where there are no electrons any more.

    Parameters
    ----------
    model : CollisionModel
    acceleration : float
        By the field (m/s2).
    reach : Reach
    """
    first = np.geomspace(np.sqrt(LOWEST / HALF_MASS), reach.highest, SCANNED_CELLS)
    rough = rough_density(model, acceleration, np.concatenate([[0.0], first]))
    for _ in range(2):
        top = top_speed(rough, reach)
        rough = rough_density(model, acceleration, np.linspace(0.0, top, ROUGH_CELLS + 1), rough)
        if top_speed(rough, reach) > WELL_FILLED * top:
            break
    return rough.up_to(top_speed(rough, reach))


def top_speed(rough: RoughDensity, reach: Reach) -> float:
    """Speed (m/s) above which the density and its contribution to every rate are negligible."""
    present = rough.density > NEGLIGIBLE_DENSITY * rough.density.max()
    # Beyond the tables a tail may fall slowly; it ends where it holds no energy.
    energy = rough.density * rough.speed**4
    present &= (rough.speed < reach.end_of_tables) | (energy > NEGLIGIBLE_RATE * energy.max())
    rate = rough.frequency * (rough.density * rough.speed**2)[:, None]
    possible = rough.density > LEAST_DENSITY * rough.density.max()
    counts = (rate > NEGLIGIBLE_RATE * rate.max(axis=0)) & possible[:, None]
    last = int(np.flatnonzero(present | counts.any(axis=1))[-1])
    step = rough.speed[min(last + 1, rough.speed.size - 1)]
    return float(min(1.02 * step, reach.highest))


def knots(model: CollisionModel, rough: RoughDensity, cells: int) -> FloatArray:
    """Edges of cells (m/s): even in speed, denser where f0 or the collision frequency change.

    Thresholds are edges, and strong kinks of the tables are double ones.
    """
    speed = rough.speed
    top = 0.5 * (3.0 * speed[-1] - speed[-2])
    total = rough.frequency.sum(axis=1)
    shares = [
        np.ones(speed.size) / top,
        _change(speed, np.log(rough.density)),
        _change(speed, np.log(np.maximum(total, 1e-6 * total.max()))),
    ]
    places = np.concatenate([[0.0], 0.5 * (speed[1:] + speed[:-1]), [top]])
    mean = sum(weight * share for weight, share in zip((0.5, 0.3, 0.2), shares, strict=True))
    amount = np.concatenate([[0.0], np.cumsum(mean * np.diff(places))])
    edges = np.interp(np.linspace(0.0, amount[-1], cells + 1), amount, places)
    kinks, strength = model.kinks(top)
    # Change of a collision frequency within a cell that is due to the change of its slope.
    width = np.interp(kinks, 0.5 * (edges[1:] + edges[:-1]), np.diff(edges))
    strong = strength * width > STRONG_KINK
    order = np.argsort(-(strength * width)[strong])
    edges = _snapped(edges, model.thresholds())
    return _snapped(edges, kinks[strong][order], are_knots=True)


def _snapped(edges: FloatArray, targets: FloatArray, are_knots: bool = False) -> FloatArray:
    """Edges of which the nearest one to each target is moved there.

    Where it was moved already, the target becomes one more edge, unless cells would get narrow.
    Doubled edges are knots at which splines are less smooth.
    """
    edges, knots_at_targets = edges.copy(), []
    last = edges[-1] - 0.3 * (edges[-1] - edges[-2])
    for target in targets[(targets > 0.0) & (targets < last)]:
        nearest = int(np.argmin(np.abs(edges - target)))
        nearest = min(max(nearest, 1), edges.size - 2)
        width = 0.5 * (edges[nearest + 1] - edges[nearest - 1])
        distance = abs(edges[nearest] - target)
        is_target = edges[nearest] in knots_at_targets
        if distance > 0.0 and (is_target or distance > 0.6 * width):
            if distance < 0.2 * width:
                continue
            edges = np.sort(np.append(edges, target))
        else:
            edges[nearest] = target
        knots_at_targets.append(target)
    edges = np.unique(edges)
    return np.sort(np.append(edges, knots_at_targets)) if are_knots else edges


def _change(speed: FloatArray, logarithm: FloatArray) -> FloatArray:
    """Modulus of the slope of a logarithm (s/m), smoothed and normalised to the integral 1."""
    slope = np.abs(np.gradient(logarithm, speed))
    width = max(speed.size // 40, 1)
    smooth = np.convolve(np.pad(slope, width, mode="edge"), np.ones(2 * width + 1), "valid")
    return np.asarray(smooth / np.trapezoid(smooth, speed))


def quadrature(model: CollisionModel, edges: FloatArray) -> Quadrature:
    """Gauss-Legendre points in all cells, which are cut at the nodes of the tables.

    Cells are not cut at nodes much closer to each other than cells are wide: there the tables are
    those of a smooth curve.
    """
    edges = np.unique(edges)
    steps = np.concatenate([edges, model.thresholds(), model.steps()])
    steps = np.unique(steps[steps <= edges[-1]])
    cuts = np.union1d(steps, model.breakpoints(float(edges[-1])))
    width = np.interp(cuts, 0.5 * (edges[1:] + edges[:-1]), np.diff(edges))
    is_step = np.isin(cuts, steps)
    distant = [cuts[0]]
    for cut, least, must in zip(cuts[1:], NARROWEST * width[1:], is_step[1:], strict=True):
        if must or cut - distant[-1] > least:
            distant.append(cut)
    cells = np.array(distant)
    # A cell that was cut into parts needs fewer points in each of them.
    share = np.diff(cells) / np.interp(cells[:-1], cuts, width)
    points = np.select([share > 0.6, share > 0.2], [4, 3], 2)
    half, middle = 0.5 * np.diff(cells), 0.5 * (cells[1:] + cells[:-1])
    speeds, weights = [], []
    for count in (2, 3, 4):
        x, w = np.polynomial.legendre.leggauss(count)
        at = points == count
        speeds.append((middle[at, None] + half[at, None] * x).ravel())
        weights.append((half[at, None] * w).ravel())
    speed, weight = np.concatenate(speeds), np.concatenate(weights)
    order = np.argsort(speed)
    return Quadrature(speed[order], weight[order], cells)
