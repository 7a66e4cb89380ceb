"""A rough isotropic part that is positive everywhere: where the electrons are, and how f0 falls.

The two-term equation in finite volumes, with the exponential scheme of Scharfetter and Gummel
(1969) for the fluxes along the speed, as Hagelaar and Pitchford (2005) solve it. It is good to some
per cent, and over any number of decades: the weight of the splines, the grid and the top come
from it.
"""

from typing import NamedTuple

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import splu

from swarmhydra.boltzmann.collision_model import CollisionModel, Nodes
from swarmhydra.kernels import contract
from swarmhydra.kernels.arrays import FloatArray

ROUGH = Nodes(along=1, across=0, turn=1, cosine=2, model=8, share=8)
"""Cold targets: their motion is added by the diffusion along the speed."""


OUTER = 12
"""Largest number of updates of the growth rate that enters the momentum transfer."""

INNER = 40
"""Largest number of iterations for a positive density."""

ROUGH_GROWTH = 1e-4
"""Relative error allowed of the growth rate."""

NEARBY = 0.1
"""Largest relative change of the growth rate expected from a change of the grid."""

LEAST = 1e-300
"""Smallest f0, relative to its maximum."""

COUNTED = 1e-60
"""Smallest f0, relative to its maximum, of the cells that are used to bound the growth rate."""

MARGIN = 1e-9
"""Distance from a bound of the growth rate, over the largest collision frequency, that keeps
matrices regular."""


class RoughDensity(NamedTuple):
    """An estimate of the isotropic part.

    Attributes
    ----------
    speed : ndarray, shape (n,)
        Middles of cells (m/s).
    density : ndarray, shape (n,)
        f0, in any unit, above 0.
    growth : float
        Growth rate of the number of electrons (1/s).
    frequency : ndarray, shape (n, P)
        Collision frequencies (1/s).
    """

    speed: FloatArray
    density: FloatArray
    growth: float
    frequency: FloatArray

    def up_to(self, top: float) -> "RoughDensity":
        """The rough density up to a speed (m/s)."""
        inside = self.speed <= top
        return self._replace(
            speed=self.speed[inside],
            density=self.density[inside],
            frequency=self.frequency[inside],
        )


class _Coefficients(NamedTuple):
    """Coefficients of the finite-volume scheme at the middles of cells."""

    momentum: FloatArray
    friction: FloatArray
    warmth: FloatArray
    removal: FloatArray
    gain: sparse.csr_array
    source: FloatArray
    frequency: FloatArray

    @property
    def scale(self) -> float:
        """Largest frequency of momentum transfer (1/s)."""
        return float(self.momentum.max())


def rough_density(
    model: CollisionModel,
    acceleration: float,
    edges: FloatArray,
    start: RoughDensity | None = None,
) -> RoughDensity:
    """Solve the two-term equation with growth in time.

    Parameters
    ----------
    model : CollisionModel
    acceleration : float
        By the field (m/s2).
    edges : ndarray, shape (n + 1,)
        Of the cells (m/s), from 0.
    start : RoughDensity, optional
        On other cells.
    """
    middle = 0.5 * (edges[1:] + edges[:-1])
    volume = middle**2 * np.diff(edges)
    coefficients = _coefficients(model, middle)
    density, growth = np.ones(middle.size), 0.0
    # No swarm grows faster than at the largest net ionization frequency.
    bound = highest = float(coefficients.source.max())
    if start is not None:
        density, growth = (
            np.exp(np.interp(middle, start.speed, np.log(start.density))),
            start.growth,
        )
        bound = min(highest, growth + NEARBY * abs(growth))
    for _ in range(OUTER):
        matrix = _matrix(coefficients, acceleration, edges, growth)
        density, bound = _growing(matrix, volume, density, (bound, highest), coefficients.scale)
        previous, growth = (
            growth,
            float((coefficients.source * density) @ volume / (density @ volume)),
        )
        if abs(growth - previous) <= ROUGH_GROWTH * abs(growth) + 1e-12 * coefficients.scale:
            break
        # The matrix changes with the growth, but its bound by less than that.
        bound += abs(growth - previous)
    return RoughDensity(middle, density, growth, coefficients.frequency)


def _growing(
    matrix: sparse.csr_array,
    volume: FloatArray,
    density: FloatArray,
    bounds: tuple[float, float],
    scale: float,
) -> tuple[FloatArray, float]:
    """The positive density that outgrows all others, and an upper bound of its growth rate.

    Inverse iteration from above (Noda, 1971): outside the diagonal nothing is negative, so that all
    densities stay positive, and what each cell grows by bounds the rate from both sides.

    Parameters
    ----------
    matrix : csr_array
    volume, density : ndarray
        To start from.
    bounds : tuple of float
        Of the rate from above (1/s): one that probably holds, one that does.
    scale : float
        (1/s)
    """
    bound, highest = bounds
    for _ in range(INNER):
        shift = bound + MARGIN * scale
        lu = splu(
            sparse.csc_array(sparse.diags_array(shift * volume) - matrix), diag_pivot_thresh=0.0
        )
        before = lu.solve(density * volume)
        after = lu.solve(before * volume)
        if min(before.min(), after.min()) < 0.0 and bound < highest:
            bound = highest
            continue
        density = np.maximum(after / after.max(), LEAST)
        gain = before / (density * after.max())
        is_counted = density > COUNTED
        bound = shift - float(gain[is_counted].min())
        if np.ptp(gain[is_counted]) <= ROUGH_GROWTH * abs(bound) + MARGIN * scale:
            break
    return density, bound


def _coefficients(model: CollisionModel, speed: FloatArray) -> _Coefficients:
    """Averages over collisions at the middles of cells."""
    n = speed.size
    momentum, friction, warmth = np.zeros((3, n))
    removal, source = np.zeros((2, n))
    gain = sparse.csr_array((n, n))
    frequency = np.zeros((n, model.processes))
    for process in range(model.processes):
        average = model.outcomes(speed, process, ROUGH)
        frequency[:, process] = average.frequency
        departures = average.weight.sum(axis=1)
        along = np.sum(average.weight * average.cosine, axis=1)
        transfer = average.frequency * (1.0 - along / np.maximum(departures, 1e-300))
        momentum += transfer
        source += departures - average.frequency
        ratio = float(model.mass_ratio[process])
        if model.tables.action[process] == contract.ELASTIC and ratio < 0.1:
            friction += ratio * transfer * speed
            warmth += transfer * model.target_speed(speed, process) ** 2
            continue
        removal += average.frequency
        gain = gain + _shared_out(speed, average.speed, average.weight)
    return _Coefficients(momentum, friction, warmth, removal, gain, source, frequency)


def _shared_out(speed: FloatArray, out: FloatArray, weight: FloatArray) -> sparse.csr_array:
    """Matrix that gives what leaves with speeds `out` to the two nearest cells."""
    if not out.shape[1]:
        return sparse.csr_array((speed.size, speed.size))
    place = np.interp(out, speed, np.arange(speed.size))
    below = np.minimum(place.astype(np.int64), speed.size - 2)
    share = place - below
    start = np.repeat(np.arange(speed.size), out.shape[1])
    row = np.concatenate([below.ravel(), below.ravel() + 1])
    value = np.concatenate([(weight * (1.0 - share)).ravel(), (weight * share).ravel()])
    shape = (speed.size, speed.size)
    return sparse.csr_array(sparse.coo_array((value, (row, np.tile(start, 2))), shape=shape))


def _matrix(
    c: _Coefficients, acceleration: float, edges: FloatArray, growth: float
) -> sparse.csr_array:
    """Net gain of each cell, as a matrix that multiplies f0."""
    middle = 0.5 * (edges[1:] + edges[:-1])
    width = np.diff(middle)
    inner = edges[1:-1]
    volume = middle**2 * np.diff(edges)

    def at_edges(x: FloatArray) -> FloatArray:
        return 0.5 * (x[1:] + x[:-1])

    # With strong attachment the (negative) growth rate could exceed the momentum transfer.
    momentum = np.maximum(c.momentum + growth, 0.3 * c.momentum + 1e-300)
    diffusion = acceleration**2 / (3.0 * at_edges(momentum)) + at_edges(c.warmth)
    peclet = np.clip(at_edges(c.friction) * width / diffusion, 1e-12, 500.0)
    rate = inner**2 * diffusion / width
    down = rate * peclet / -np.expm1(-peclet)
    up = rate * peclet / np.expm1(peclet)
    zero = np.zeros(1)
    diagonal = -np.concatenate([up, zero]) - np.concatenate([zero, down]) - volume * c.removal
    streaming = sparse.diags_array([up, diagonal, down], offsets=[-1, 0, 1])
    return sparse.csr_array(streaming + c.gain @ sparse.diags_array(volume))
