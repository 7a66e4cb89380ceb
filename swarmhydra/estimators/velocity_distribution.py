"""The distribution over velocities: f(v_par, v_perp) from Legendre coefficients, with errors."""

import logging
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array, hstack
from scipy.special import eval_legendre

from swarmhydra.estimators.estimate import estimates, with_each_left_out
from swarmhydra.kernels.arrays import FloatArray, IntArray
from swarmhydra.kernels.quantities import HALF_MASS, speed_at
from swarmhydra.results.record import Estimate

log = logging.getLogger(__name__)

FEWEST_CELLS = 30
"""Cells from rest to the fastest electrons, at least, where their width is not set."""

MOST_CELLS = 400
"""Cells from rest to the fastest electrons, at most."""

POINTS_PER_BIN = 2
"""Points at which averages are taken, in the width of a bin of speed."""


@dataclass(frozen=True)
class VelocityRequest:
    """What is asked for of the distribution over velocities.

    Attributes
    ----------
    orders : int
        Legendre orders, from 0 on.
    plane : bool
        Whether f(v_par, v_perp) is asked for.
    step : float or None
        Width of its cells (m/s); None for a round number.
    """

    orders: int
    plane: bool
    step: float | None


NOTHING_MORE = VelocityRequest(2, False, None)
"""What every result has: f_0 and f_1."""


@dataclass(frozen=True)
class VelocityPlane:
    """Averages of f over cells of velocities along and across the force on the electrons.

    Attributes
    ----------
    step : float
        Width of the cells (m/s).
    cells : int
        Cells across, from rest on; along there are twice as many.
    matrix : sparse array, shape (cells along x cells across, orders x bins)
        Makes averages (s3/m3) of Legendre coefficients in bins of energy (eV^-3/2).
    """

    step: float
    cells: int
    matrix: csr_array

    @property
    def coordinates(self) -> dict[str, FloatArray]:
        """Velocities at the middles of the cells (m/s)."""
        along = np.asarray(self.step * (np.arange(-self.cells, self.cells) + 0.5), dtype=np.float64)
        return {"v_along": along, "v_across": along[self.cells :]}

    def averages(self, f_l: FloatArray) -> FloatArray:
        """Averages of sum f_l P_l over the cells, shape (..., 2 cells, cells).

        Parameters
        ----------
        f_l : ndarray, shape (..., orders, bins)
        """
        leading = f_l.shape[:-2]
        flat = f_l.reshape(-1, self.matrix.shape[1])
        return np.asarray((self.matrix @ flat.T).T.reshape(*leading, 2 * self.cells, self.cells))

    def estimate(self, f_l: FloatArray) -> Estimate:
        """The averages with their errors, as by `with_errors`."""
        return with_errors(self.averages(f_l))


def velocity_plane(
    energy_edges: FloatArray, orders: int, request: VelocityRequest
) -> VelocityPlane | None:
    """The cells for a distribution, and what makes averages over them; None if not asked for.

    Between the middles of the bins f_l is linear in the speed. The average over a cell is that over
    the volume that it sweeps out around the direction of the force. Normalised so that the integral
    of f over all velocities, 2 pi v_perp dv_perp dv_par, is 1.

    Parameters
    ----------
    energy_edges : ndarray, shape (bins + 1,)
        Edges of the bins (eV).
    orders : int
        Legendre orders of the distribution, of which those asked for are summed.
    request : VelocityRequest
    """
    if not request.plane:
        return None
    speeds = speed_at(energy_edges)
    count = speeds.size - 1
    step, cells = _cells(float(speeds[-1]), request.step)
    points = max(2, int(np.ceil(POINTS_PER_BIN * count / cells)))
    fine = step * (np.arange(cells * points) + 0.5) / points
    along, across = np.meshgrid(np.concatenate([-fine[::-1], fine]), fine, indexing="ij")
    speed = np.hypot(along, across).ravel()
    inside = speed < speeds[-1]
    speed, mu = speed[inside], along.ravel()[inside] / speed[inside]
    i, j = np.indices(along.shape) // points
    row = (i * cells + j).ravel()[inside]
    bins, share = _between_bins(speed, speeds)
    # The volume of a ring around the direction of the force is proportional to its radius. The
    # volumes are scaled to add up to that of each bin of speed, so that no electron is lost.
    volume = across.ravel()[inside] * 2.0 * np.pi * (step / points) ** 2
    parts = volume * share
    volume_sum = np.bincount(bins.ravel(), parts.ravel(), minlength=count)
    whole = 4.0 / 3.0 * np.pi * np.diff(speeds**3)
    parts *= (whole / np.where(volume_sum > 0.0, volume_sum, np.inf))[bins]
    parts *= HALF_MASS**1.5 / (2.0 * np.pi) / (2.0 * np.pi * step**3 * (row % cells + 0.5))
    place = (np.tile(row, 2), bins.ravel())
    shape = (2 * cells * cells, count)
    blocks = []
    for order in range(orders):
        entries = (parts * eval_legendre(order, mu)).ravel()
        is_included = order < request.orders
        blocks.append(csr_array((entries, place), shape=shape) if is_included else csr_array(shape))
    return VelocityPlane(step, cells, csr_array(hstack(blocks, format="csr")))


def _between_bins(speed: FloatArray, edges: FloatArray) -> tuple[IntArray, FloatArray]:
    """The two bins between whose middles each speed is, and the share of each, shape (2, n)."""
    middle = 0.5 * (edges[1:] + edges[:-1])
    last = middle.size - 1
    lower = np.clip(np.searchsorted(middle, speed, side="right") - 1, 0, max(last - 1, 0))
    upper = np.minimum(lower + 1, last)
    distance = np.where(upper > lower, middle[upper] - middle[lower], 1.0)
    share = np.clip((speed - middle[lower]) / distance, 0.0, 1.0)
    return np.stack([lower, upper]), np.stack([1.0 - share, share])


def _cells(top: float, step: float | None) -> tuple[float, int]:
    """Width (m/s) and number of the cells up to a speed (m/s)."""
    if step is None:
        largest = top / FEWEST_CELLS
        decade = 10.0 ** np.floor(np.log10(largest))
        step = float(decade * max(digit for digit in (1.0, 2.0, 5.0) if digit * decade <= largest))
    times = int(np.ceil(top / (step * MOST_CELLS)))
    if times > 1:
        log.warning(
            "sim.evdf.step=%g: more than %d cells up to the fastest electrons; cells are %d times "
            "as wide",
            step,
            MOST_CELLS,
            times,
        )
    step *= times
    return step, int(np.ceil(top / step))


def sampled_orders(moments: FloatArray, energy_edges: FloatArray) -> FloatArray:
    """Legendre coefficients (eV^-3/2) of sums, shape (n, orders, bins).

    Parameters
    ----------
    moments : ndarray, shape (n, bins, orders)
        Times in the bins, multiplied by P_l(v_z / v).
    energy_edges : ndarray, shape (bins + 1,)
        Edges of the bins (eV).
    """
    total = moments[:, :, :1].sum(axis=1, keepdims=True)
    root_integral = 2.0 / 3.0 * np.diff(energy_edges**1.5)
    weight = 2.0 * np.arange(moments.shape[2]) + 1.0
    with np.errstate(divide="ignore", invalid="ignore"):
        f_l = np.swapaxes(moments / total * weight, 1, 2) / root_integral
    return np.asarray(f_l)


def left_out_orders(
    moments: FloatArray, energy_edges: FloatArray, speeds: FloatArray | None = None
) -> FloatArray:
    """Legendre coefficients (eV^-3/2), shape (S + 1, orders, bins): of all, then without each one.

    Parameters
    ----------
    moments : ndarray, shape (S, bins, orders)
        Times in the bins of each sub-swarm, multiplied by P_l(v_z / v).
    energy_edges : ndarray, shape (bins + 1,)
        Edges of the bins (eV).
    speeds : ndarray, shape (S, bins, 2), optional
        The same of the first two orders, from all trials and not only the samples.
    """
    f_l = sampled_orders(with_each_left_out(moments), energy_edges)
    if speeds is not None:
        f_l[:, :2] = sampled_orders(with_each_left_out(speeds), energy_edges)
    return f_l


def with_errors(values: FloatArray) -> Estimate:
    """An estimate of a distribution, first axis as `estimates` has it.

    Where no electron has come to it is zero, and has no error: NaN.
    """
    estimate = estimates({"": values})[""]
    estimate.stderr[estimate.stderr == 0.0] = np.nan
    return estimate


def on_plane(
    f_l: FloatArray, energy_edges: FloatArray, request: VelocityRequest
) -> dict[str, Estimate | FloatArray]:
    """f(v_par, v_perp) if asked for: ``v_along``, ``v_across`` (m/s) and ``evdf`` (s3/m3).

    Parameters
    ----------
    f_l : ndarray, shape (n, orders, bins)
        Legendre coefficients (eV^-3/2), first axis as `estimates` has it.
    energy_edges : ndarray, shape (bins + 1,)
    request : VelocityRequest
    """
    plane = velocity_plane(energy_edges, f_l.shape[1], request)
    return {} if plane is None else {**plane.coordinates, "evdf": plane.estimate(f_l)}


def in_each(
    moments: FloatArray,
    energy_edges: FloatArray,
    request: VelocityRequest,
    speeds: FloatArray | None = None,
) -> dict[str, Estimate | FloatArray]:
    """Velocity distributions in each part of a period, or interval of time.

    Without pseudo-values, of which there would be too many.

    Parameters
    ----------
    moments : ndarray, shape (S, n, bins, orders)
        As of `left_out_orders`.
    energy_edges : ndarray, shape (bins + 1,)
    request : VelocityRequest
    speeds : ndarray, shape (S, n, bins, 2), optional
        As of `left_out_orders`.

    Returns
    -------
    dict
        ``f_l`` (n, orders, bins) and, if asked for, ``v_along``, ``v_across`` (m/s) and ``evdf``
        (n, cells along, cells across).
    """
    plane = velocity_plane(energy_edges, moments.shape[3], request)
    orders, planes = [], []
    for number in range(moments.shape[1]):
        of_all = None if speeds is None else speeds[:, number]
        f_l = left_out_orders(moments[:, number], energy_edges, of_all)
        orders.append(with_errors(f_l))
        if plane is not None:
            planes.append(plane.estimate(f_l))
    distribution: dict[str, Estimate | FloatArray] = {"f_l": _stacked(orders)}
    if plane is not None:
        distribution |= {**plane.coordinates, "evdf": _stacked(planes)}
    return distribution


def _stacked(parts: list[Estimate]) -> Estimate:
    """Estimates of one shape as one, along a new first axis, without pseudo-values."""
    values, errors = (
        np.stack([getattr(one, name) for one in parts]) for name in ("value", "stderr")
    )
    return Estimate(values, errors)
