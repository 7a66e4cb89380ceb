"""The expected contribution of a free flight to a time integral, from the speed it starts with.

After a collision that scatters isotropically in the centre of mass, an electron leaves with a speed
u in any direction n, so that its velocity is c + u n, where c is that of the centre of mass. What
its flight adds to the integral of a quantity q is then, on average over directions and free times,

    F(u) + c_z G'(u),    F(u) = <f(u, mu)>,    G'(u) = u^-2 d/du (u^2 <mu f(u, mu)>),

    f(u, mu) = integral of q(t) exp(-growth t - optical depth(t)) dt,

to first order in c, which is smaller than u by the ratio of the masses; mu is the cosine between n
and the field. A mean over the electrons is the ratio of two such sums over the collisions, the
second one with q = 1. In a growing swarm flights that began earlier are fewer, hence the factor
exp(-growth t). (An expected-value or next-flight estimator; compare the collision and track-length
estimators of Spanier and Gelbard, Monte Carlo Principles and Neutron Transport Problems, 1969.)
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from swarmhydra.kernels import contract
from swarmhydra.kernels.arrays import FloatArray
from swarmhydra.swarm.medium import Medium

NODES = 768
"""Speeds at which flights are followed, up to the reach of the swarm."""

NODES_BEYOND = 128
"""Speeds from there to the top of the tables."""

DIRECTIONS = 32
"""Points of the Gauss-Legendre quadrature over the cosine of the direction."""

FREQUENCY_STEPS = 65536
"""Steps of the speed in which collision frequencies are tabled."""

REACH_MARGIN = 1.25
"""Factor above the highest speed after a collision so far up to which the nodes are dense."""

DEEPEST = 32.0
"""Optical depth to which a flight is followed: one in 1e14 has no collision until then."""

DEPTH_STEP = 0.2
"""Optical depth of a step of the quadrature along the flight."""

SPEED_STEP = 0.04
"""Largest change of speed in a step of the quadrature, over the speed."""

MOST_STEPS = 1000
"""Steps after which a flight is given up: its electron runs away without a collision."""

SIMPSON = np.array([1.0, 4.0, 1.0]) / 6.0

QUANTITIES = 3
"""Quantities 1, v_z and v^2; the frequencies of groups of collisions follow them."""


@dataclass(frozen=True)
class ExpectedFlights:
    """Expected contributions of flights to the time integrals of Q quantities.

    The quantities are 1, v_z, v^2 and, of some groups of processes, the collision frequency.

    Attributes
    ----------
    growth : float
        Growth rate of the swarm that they hold for (1/s).
    mean : ndarray, shape (Q, cells)
        F by the cell of the speed after a collision (s, m, m2/s, 1).
    response : ndarray, shape (Q, cells)
        G' there: contribution per velocity of the centre of mass along z (m/s).
    mean_by_growth, response_by_growth : ndarray, shape (Q, cells)
        Their derivatives with respect to the growth rate.
    """

    growth: float
    mean: FloatArray
    response: FloatArray
    mean_by_growth: FloatArray
    response_by_growth: FloatArray

    def integrals(self, departures: FloatArray, growth: FloatArray) -> FloatArray:
        """Time integrals of the quantities, shape (n, Q), from departures.

        Parameters
        ----------
        departures : ndarray, shape (n, cells, 2)
            Electrons that left collisions, and the sum of the velocities along z of their centres
            of mass (m/s), by the speed in the centre of mass.
        growth : ndarray, shape (n,)
            Growth rate now (1/s), near the one of the tables.
        """
        count = departures[..., contract.DEPARTURE_NUMBER]
        centre = departures[..., contract.DEPARTURE_CENTRE_VZ]
        at_reference = count @ self.mean.T + centre @ self.response.T
        changing = count @ self.mean_by_growth.T + centre @ self.response_by_growth.T
        result: FloatArray = at_reference + (growth - self.growth)[:, None] * changing
        return result


def flights_of_swarm(
    medium: Medium, departures: FloatArray, growth: float
) -> ExpectedFlights | None:
    """Expected flights in a medium, for all collisions, ionizations and attachments.

    Parameters
    ----------
    medium : Medium
        One in which flights are predictable.
    departures : ndarray, shape (S, cells, 2)
        As `Tallies.departures`: they tell how fast the electrons are.
    growth : float
        Growth rate of the swarm (1/s).

    Returns
    -------
    ExpectedFlights or None
        None if there was no collision yet, or where some flights would never end.
    """
    occupied = np.flatnonzero(departures[:, :, contract.DEPARTURE_NUMBER].any(axis=0))
    if not occupied.size:
        return None
    tables = medium.collision_tables
    everything = np.ones(medium.action.size, dtype=bool)
    groups = np.array([everything, medium.ionizing, medium.attaching])
    return expected_flights(
        tables.cell_edges,
        tables.summed_frequency(groups, FREQUENCY_STEPS),
        medium.field.acceleration,
        growth,
        REACH_MARGIN * tables.cell_edges[occupied[-1] + 1],
    )


def expected_flights(
    cell_edges: FloatArray,
    frequency: FloatArray,
    acceleration: float,
    growth: float,
    reach: float,
) -> ExpectedFlights | None:
    """Follow flights from all speeds in all directions.

    Parameters
    ----------
    cell_edges : ndarray, shape (cells + 1,)
        Speed cells, from zero in even steps (m/s).
    frequency : ndarray, shape (1 + groups, n)
        Collision frequency (1/s), of all processes and of groups of them, at even steps of the
        speed from zero to the last edge; above it is constant.
    acceleration : float
        Along z, above zero (m/s2).
    growth : float
        Growth rate of the swarm (1/s).
    reach : float
        Speed up to which the nodes are dense (m/s).

    Returns
    -------
    ExpectedFlights or None
        None where some flights would never end.
    """
    top = float(cell_edges[-1])
    reach = min(reach, top)
    beyond = np.linspace(reach, top, NODES_BEYOND + 1)[1:] if reach < top else np.empty(0)
    speed = np.concatenate([np.linspace(0.0, reach, NODES + 1), beyond])
    cosine, weight = np.polynomial.legendre.leggauss(DIRECTIONS)
    start = np.repeat(speed, DIRECTIONS), np.tile(cosine, speed.size)
    integrals = _follow(*start, _Frequency(frequency, top), acceleration, growth)
    if integrals is None:
        return None
    integrals = integrals.reshape(2, -1, speed.size, DIRECTIONS)
    mean = integrals @ (0.5 * weight)
    response = _divergence(speed, integrals @ (0.5 * weight * cosine))
    middle = 0.5 * (cell_edges[1:] + cell_edges[:-1])
    over_cells = [[np.interp(middle, speed, row) for row in rows] for rows in (*mean, *response)]
    mean_0, mean_1, response_0, response_1 = np.array(over_cells)
    return ExpectedFlights(growth, mean_0, response_0, -mean_1, -response_1)


class _Frequency:
    """Collision frequencies at any speed, linear between even steps of it."""

    def __init__(self, values: FloatArray, top: float) -> None:
        self._values = values
        self._inverse_step = (values.shape[1] - 1) / top

    def __call__(self, speed: FloatArray) -> FloatArray:
        """Shape (1 + groups, n) at speeds of shape (n,) (1/s)."""
        place = speed * self._inverse_step
        last = self._values.shape[1] - 2
        index = np.minimum(place, last).astype(np.int64)
        lower, upper = self._values.take(index, axis=1), self._values.take(index + 1, axis=1)
        result: FloatArray = lower + np.minimum(place - index, 1.0) * (upper - lower)
        return result


def _follow(
    speed: FloatArray,
    cosine: FloatArray,
    frequency: Callable[[FloatArray], FloatArray],
    acceleration: float,
    growth: float,
) -> FloatArray | None:
    """Integrals along flights, shape (2, Q, n): of the quantities, and of those times t.

    Simpson's rule, with the optical depth from the same parabola through three points.
    """
    across, along = speed**2 * (1.0 - cosine**2), speed * cosine
    slow = 1e-3 * float(speed.max())
    rates = frequency(speed)
    integrals = np.zeros((2, QUANTITIES + len(rates) - 1, speed.size))
    flight, sums = np.arange(speed.size), integrals.copy()
    time, depth, square = np.zeros(speed.size), np.zeros(speed.size), speed**2
    for step in range(MOST_STEPS):
        length = np.minimum(
            SPEED_STEP * np.maximum(np.sqrt(square), slow) / acceleration,
            # Few electrons get deep: longer steps will do there.
            DEPTH_STEP * (1.0 + 0.25 * depth) / np.maximum(rates[0], 1e-300),
        )
        times = np.array([time, time + 0.5 * length, time + length])
        vz = along + acceleration * times
        squares = np.array([square, *(across + vz[1:] ** 2)])
        middle, end = frequency(np.sqrt(squares[1])), frequency(np.sqrt(squares[2]))
        depths = np.array([depth, depth, depth])
        depths[1] += length / 24.0 * (5.0 * rates[0] + 8.0 * middle[0] - end[0])
        depths[2] += length / 6.0 * (rates[0] + 4.0 * middle[0] + end[0])
        share = SIMPSON[:, None] * length * np.exp(-growth * times - depths)
        for weight, into in ((share, sums[0]), (share * times, sums[1])):
            _add_step(into, weight, vz, squares, (rates[1:], middle[1:], end[1:]))
        time, depth, square, rates = times[2], depths[2], squares[2], end
        if step % 8 == 7:
            unfinished = depth + growth * time < DEEPEST
            integrals[:, :, flight[~unfinished]] = sums[:, :, ~unfinished]
            if not unfinished.any():
                return integrals
            rest = np.flatnonzero(unfinished)
            flight, time, depth, square = flight[rest], time[rest], depth[rest], square[rest]
            rates, across, along = rates[:, rest], across[rest], along[rest]
            sums = sums[:, :, rest]
    return None


def _add_step(
    sums: FloatArray,
    weight: FloatArray,
    vz: FloatArray,
    square: FloatArray,
    groups: tuple[FloatArray, FloatArray, FloatArray],
) -> None:
    """Add a step to integrals, shape (Q, n), by what its three points weigh, shape (3, n)."""
    sums[0] += weight.sum(axis=0)
    sums[1] += np.einsum("pn,pn->n", vz, weight)
    sums[2] += np.einsum("pn,pn->n", square, weight)
    sums[QUANTITIES:] += sum(each * share for each, share in zip(groups, weight, strict=True))


def _divergence(speed: FloatArray, tilted: FloatArray) -> FloatArray:
    """u^-2 d/du (u^2 g) = g' + 2 g / u of rows over speeds u; at u = 0 it is 3 g'."""
    slope = np.gradient(tilted, speed, axis=-1)
    ratio = np.divide(tilted, speed, out=slope.copy(), where=speed > 0.0)
    result: FloatArray = slope + 2.0 * ratio
    return result
