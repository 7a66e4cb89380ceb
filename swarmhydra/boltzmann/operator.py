"""The generator B of an electron's motion, applied to functions of its velocity.

B g is the rate at which the expectation of g(v) changes for one electron with velocity v:

    B g = a dg/dv_z + sum_k nu_k(v) (sum over electrons that leave E[g(v')] - g(v)).

In Legendre terms, g = sum_l g_l(v) P_l(cos theta), the field takes g_l to the orders l + 1 and
l - 1, collisions keep the order (Robson, White and Hildebrandt, 2018, ch. 5). Everything here is
a sparse matrix from the coefficients of splines g_l to values of (B g)_l at any speeds; the same
matrices make the discrete operator (see `discrete`) and evaluate B g for other uses.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from swarmhydra.boltzmann.collision_model import USUAL, Average, CollisionModel, Nodes
from swarmhydra.boltzmann.gains import Landing, Leaving, landing_of, leaving_of, legendre
from swarmhydra.boltzmann.splines import RadialSpace, by_rows
from swarmhydra.kernels import contract
from swarmhydra.kernels.arrays import FloatArray
from swarmhydra.kernels.quantities import HALF_MASS

LIGHT = 3e-3
"""Mass ratio up to which an elastic collision moves an electron's speed so little that three
terms of a Taylor series describe it: what is left out is of the third order in it."""

THERMAL = (40.0, 80.0)
"""Range of E/kT over which recoil changes from the thermal to the cold-gas form."""

EXACT = Nodes(along=6, across=3, turn=3, cosine=6)
"""For targets that are not much heavier than the electron."""

INELASTIC = Nodes(across=0, turn=1, cosine=2)
"""For other collisions with heavy targets, where recoil and target motion are small beside the
loss of energy: of the targets' motion only that along the electron's matters."""

PARTS = 16
"""Parts of a cell that the frequency of a process with a threshold is averaged over."""

PARTS_AT_STEP = 4096
"""The same for cells with a step of the frequency: the part that contains the step is in error."""

STEP = 0.1
"""Change from one part to the next, relative to the largest frequency, that counts as a step."""

NEGLIGIBLE = 1e-9
"""(m/M)^l below which isotropic scattering is taken to contribute nothing to the order l."""


@dataclass(frozen=True)
class Images:
    """B, term by term, at some speeds; each entry is a matrix, shape (speeds, functions).

    Attributes
    ----------
    value, slope, over : list
        g_l, g_l' and g_l / v. A unit field takes g_l' - l g_l / v to the order l + 1, and
        g_l' + (l + 1) g_l / v to l - 1, with the factors of `streaming`. Orders with one space
        share a matrix.
    collisions : list
        The part of B g by collisions, of the same order.
    frequency : ndarray, shape (speeds, P)
        Mean frequency of each process (1/s).
    loss : ndarray, shape (speeds, P)
        Mean power that an electron and its offspring lose in each process (eV/s).
    cooling, cooling_loss
        Slowing down by elastic recoil from heavy targets at rest: its part of `collisions` of
        order 0, shape (speeds, functions), and of `loss` (eV/s), which then do not contain it. Zero
        unless `apart` was set.
    """

    value: list[sparse.csr_array]
    slope: list[sparse.csr_array]
    over: list[sparse.csr_array]
    collisions: list[sparse.csr_array]
    frequency: FloatArray
    loss: FloatArray
    cooling: sparse.csr_array
    cooling_loss: FloatArray


def images(
    model: CollisionModel,
    spaces: list[RadialSpace],
    speed: FloatArray,
    apart: bool = False,
    width: float = 0.0,
) -> Images:
    """B for functions from the spaces of the orders 0, 1, 2 ...

    Parameters
    ----------
    model : CollisionModel
    spaces : list of RadialSpace
    speed : ndarray, shape (n,)
        Above 0 (m/s).
    apart : bool
        Whether to return the slowing down by elastic collisions with heavy targets separately
        (`Images.cooling`), so that the caller can add the thermal motion of the targets.
    width : float
        Of cells about the speeds, each from one to the next, with knots of the spaces only between
        them: functions, slopes and losses then are averages over the cells. 0: values at points.
    """
    if width > 0.0:
        value, slope = _over_cells(spaces, speed, width)
    else:
        value = for_each(spaces, lambda space: space.values(speed))
        slope = for_each(spaces, lambda space: space.derivatives(speed))
    over = for_each(spaces, lambda space: by_rows(1.0 / speed, value[spaces.index(space)]))
    collisions = Collisions(spaces, speed, width)
    parts = [collisions.add_process(model, process, apart) for process in range(model.processes)]
    cooling = np.sum([part.cooling for part in parts], axis=0)
    return Images(
        value,
        slope,
        over,
        collisions.total(value),
        np.stack([part.frequency for part in parts], axis=1),
        np.stack([part.loss for part in parts], axis=1),
        by_rows(cooling, slope[0]),
        np.stack([part.cooling_loss for part in parts], axis=1),
    )


def _over_cells(
    spaces: list[RadialSpace], speed: FloatArray, width: float
) -> tuple[list[sparse.csr_array], list[sparse.csr_array]]:
    """Averages of functions and their slopes over cells, exact for the cubics that they are."""
    edges = np.append(speed - 0.5 * width, speed[-1] + 0.5 * width)
    at_edges = for_each(spaces, lambda space: space.values(edges))
    middle = for_each(spaces, lambda space: space.values(speed))

    def average(space: RadialSpace) -> sparse.csr_array:
        ends = at_edges[spaces.index(space)]
        return sparse.csr_array((ends[:-1] + 4.0 * middle[spaces.index(space)] + ends[1:]) / 6.0)

    def rise(space: RadialSpace) -> sparse.csr_array:
        ends = at_edges[spaces.index(space)]
        return sparse.csr_array((ends[1:] - ends[:-1]) / width)

    return for_each(spaces, average), for_each(spaces, rise)


def _cooling(
    model: CollisionModel, speed: FloatArray, process: int
) -> tuple[FloatArray, FloatArray]:
    """Drift (m/s2) and spread (m2/s3) of the speed by elastic collisions with heavy cold targets.

    The spread, of the second order in the mass ratio, would destroy detailed balance (a Maxwellian
    would not be stationary): in a warm gas it is dropped at thermal energies, and the drift then
    takes all of the energy.
    """
    average = model.at_rest().outcomes(speed, process, USUAL)
    shift = average.speed - speed[:, None]
    drift = np.sum(average.weight * shift, axis=1)
    spread = 0.5 * np.sum(average.weight * shift**2, axis=1)
    ratio = 0.5 * speed**2 / np.maximum(model.warmth(speed), 1e-9 * speed**2)
    hot = np.clip((ratio - THERMAL[0]) / (THERMAL[1] - THERMAL[0]), 0.0, 1.0)
    return drift + (1.0 - hot) * spread / speed, hot * spread


def _lost_power(speed: FloatArray, average: Average) -> FloatArray:
    """Energy before a collision less that of all electrons after it, times its frequency."""
    after = HALF_MASS * np.sum(average.weight * average.speed**2, axis=1)
    return np.asarray(average.frequency * HALF_MASS * speed**2 - after)


@dataclass(frozen=True)
class Part:
    """Contribution of one process to B, at the speeds; each of shape (n,).

    Attributes
    ----------
    frequency, loss, cooling_loss : ndarray
        As in `Images`.
    cooling : ndarray
        Drift of the speed (m/s2) by elastic recoil; 0 unless `apart` was set.
    """

    frequency: FloatArray
    loss: FloatArray
    cooling: FloatArray
    cooling_loss: FloatArray


class Collisions:
    """The collision part of B at some speeds, process after process.

    Attributes
    ----------
    factors : ndarray, shape (3, orders, speeds)
        Coefficients of B: what multiplies g_l, its slope and its second derivative.
    """

    def __init__(self, spaces: list[RadialSpace], speed: FloatArray, width: float = 0.0) -> None:
        """Start without a process; `width` as for `images`."""
        self._spaces, self._speed, self._width = spaces, speed, width
        self.factors = np.zeros((3, len(spaces), speed.size))
        self._leaving: list[Leaving] = []
        self._landing: dict[tuple[int, tuple[int, ...]], Landing] = {}
        self._gains: dict[int, sparse.csr_array | None] = {}

    def add_process(self, model: CollisionModel, process: int, apart: bool) -> Part:
        """Add a process; `apart` as for `images`."""
        speed = self._speed
        if self._width > 0.0 and model.tables.threshold[process] > 0.0:
            speed, active, average = _outcomes_in_cells(model, process, speed, self._width)
        else:
            active, average = _outcomes(model, process, speed)
        order = _highest_order(model, process, len(self._spaces) - 1)
        frequency, loss, cooling, cooling_loss = np.zeros((4, speed.size))
        frequency[active] = average.frequency
        little = _shifts_little(model, process)
        light = bool(model.mass_ratio[process] <= LIGHT)
        if little and apart:
            # A second derivative of an odd order may be unstable on cells as narrow as the targets
            # are fast; what it adds is of the second order in the mass ratio.
            self._add(active, average, range(1, len(self._spaces)), order, 1)
            drift, spread = _cooling(model, speed[active], process)
            cooling[active] = drift
            self.factors[2, 0, active] += spread
            cooling_loss[active] = -2.0 * HALF_MASS * speed[active] * drift
            loss[active] = -2.0 * HALF_MASS * spread
        else:
            orders = range(len(self._spaces))
            self._add(active, average, orders, order, 2 if little else None, light)
            loss[active] = _lost_power(speed[active], average)
        return Part(frequency, loss, cooling, cooling_loss)

    def total(self, value: list[sparse.csr_array]) -> list[sparse.csr_array]:
        """The matrices of all orders, from those of the functions; those alike share one."""
        result: list[sparse.csr_array] = []
        for order, space in enumerate(self._spaces):
            factors, gain = self.factors[:, order], self.gain(order)
            if order >= 4 and gain is None and np.array_equal(factors, self.factors[:, order - 2]):
                result.append(result[order - 2])
                continue
            matrix = by_rows(factors[0], value[order])
            for number in (1, 2):
                if factors[number].any():
                    derivative = space.derivatives(self._speed, number)
                    matrix = matrix + by_rows(factors[number], derivative)
            result.append(sparse.csr_array(matrix if gain is None else matrix + gain))
        return result

    def gain(self, order: int) -> sparse.csr_array | None:
        """Gain of an order that is not in `factors`, once all processes are added.

        Shape (speeds, functions); None if there is none.
        """
        if order not in self._gains:
            self._gains[order] = self._gain(order)
        return self._gains[order]

    def _gain(self, order: int) -> sparse.csr_array | None:
        """`gain`, computed anew."""
        numbers = tuple(n for n, each in enumerate(self._leaving) if len(each.weight) > order)
        if not numbers:
            return None
        space = self._spaces[order]
        key = (space.degree, numbers)
        if key not in self._landing:
            departures = [self._leaving[n] for n in numbers]
            self._landing[key] = landing_of(departures, space, self._speed.size)
        weight = np.concatenate([self._leaving[n].weight[order] for n in numbers])
        return self._landing[key].matrix(weight) @ space.constraint

    def _add(
        self,
        active: NDArray[np.int64],
        average: Average,
        orders: range,
        highest: int,
        taylor: int | None,
        narrow: bool = False,
    ) -> None:
        """Add to some orders a process that happens at some of the speeds.

        Legendre orders above `highest` have loss but no gain. `taylor`: order of the Taylor
        expansion of g(v') about v; None for none. `narrow`: the speed after the collision hardly
        depends on the direction.
        """
        self.factors[0, orders.start : orders.stop][:, active] -= average.frequency
        if not average.weight.size or highest < orders.start:
            return
        if taylor is None:
            self._leaving.append(leaving_of(average, highest, active, narrow))
            return
        shift = average.speed - self._speed[active][:, None]
        polynomials = legendre(highest, average.cosine)[orders.start :]
        for number, factor in enumerate((1.0, 1.0, 0.5)[: taylor + 1]):
            moment = factor * np.einsum("lij,ij->li", polynomials, average.weight * shift**number)
            self.factors[number, orders.start : highest + 1][:, active] += moment


def for_each(
    spaces: list[RadialSpace], function: Callable[[RadialSpace], sparse.csr_array]
) -> list[sparse.csr_array]:
    """A function of each space, computed once for those that are the same."""
    distinct = {id(space): space for space in spaces}
    results = {key: function(space) for key, space in distinct.items()}
    return [results[id(space)] for space in spaces]


def _shifts_little(model: CollisionModel, process: int) -> bool:
    """Whether the speed changes by a small part in the process."""
    elastic = model.tables.threshold[process] == 0.0
    leaves = model.tables.action[process] in (contract.ELASTIC, contract.EXCITATION)
    return bool(elastic and leaves and model.mass_ratio[process] <= LIGHT)


def _highest_order(model: CollisionModel, process: int, top: int) -> int:
    """Highest order that gains from the process."""
    if not model.isotropic(process):
        return top
    ratio = float(model.mass_ratio[process])
    # In the laboratory system isotropic scattering about a slow centre of mass is nearly so.
    orders = range(1, top + 1)
    return min(top, next((n for n in orders if ratio**n < NEGLIGIBLE), top + 1) - 1)


def _outcomes(
    model: CollisionModel, process: int, speed: FloatArray
) -> tuple[NDArray[np.int64], Average]:
    """At which speeds a process happens, and its outcomes there."""
    if model.mass_ratio[process] > LIGHT:
        nodes = EXACT
    else:
        nodes = USUAL if _shifts_little(model, process) else INELASTIC
    active = np.flatnonzero(model.mean_frequency(speed, process, nodes) > 0.0)
    return active, model.outcomes(speed[active], process, nodes)


def _outcomes_in_cells(
    model: CollisionModel, process: int, speed: FloatArray, width: float
) -> tuple[FloatArray, NDArray[np.int64], Average]:
    """As `_outcomes`, over cells, in which the frequency may have a step.

    Outcomes are those at the mean speed of the electrons that collide, as often as on average.
    """
    mean, place = _frequency_in_cells(model, process, speed, width)
    active, average = _outcomes(model, process, place)
    share = mean[active] / average.frequency
    frequency, weight = mean[active], average.weight * share[:, None]
    return place, active, average._replace(frequency=frequency, weight=weight)


def _frequency_in_cells(
    model: CollisionModel, process: int, speed: FloatArray, width: float
) -> tuple[FloatArray, FloatArray]:
    """Mean frequency (1/s) over each cell, and the mean speed (m/s) at which a process happens."""

    def averages(middle: FloatArray, count: int) -> tuple[FloatArray, FloatArray, FloatArray]:
        parts = middle[:, None] + width * ((np.arange(count) + 0.5) / count - 0.5)
        frequency = model.mean_frequency(parts.ravel(), process).reshape(parts.shape)
        mean = frequency.mean(axis=1)
        colliding = np.sum(frequency * parts, axis=1) / np.where(mean > 0.0, count * mean, 1.0)
        return mean, np.where(mean > 0.0, colliding, middle), frequency

    mean, place, frequency = averages(speed, PARTS)
    change = np.abs(np.diff(frequency.ravel(), append=0.0)).reshape(frequency.shape)
    # A step between two cells may be just inside one or the other.
    jump = np.maximum(change.max(axis=1), np.append(0.0, change[:-1, -1]))
    stepped = np.flatnonzero(jump > STEP * frequency.max(axis=1))
    mean[stepped], place[stepped], _ = averages(speed[stepped], PARTS_AT_STEP)
    return mean, place


def streaming(order: int, m: int) -> tuple[float, float]:
    """Angular factors with which a unit field takes P_l^m to P_{l+1}^m and to P_{l-1}^m."""
    return (order + 1 - m) / (2 * order + 1), (order + m) / (2 * order + 1)


def norm(order: int, m: int) -> float:
    """Mean of the square of P_l^m cos(m phi) over all directions."""
    return (0.5 * order * (order + 1) if m else 1.0) / (2 * order + 1)
