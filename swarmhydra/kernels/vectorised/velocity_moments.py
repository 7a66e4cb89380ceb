"""Sums of Legendre polynomials by speed; a part of stage 4."""

import numpy as np

from swarmhydra.kernels.arrays import BoolArray, FloatArray
from swarmhydra.kernels.contract import (
    CLOCK,
    MOMENT_ALONG_SQUARED,
    TRIAL,
    VX,
    VY,
    VZ,
    Field,
    MomentSampling,
    Window,
    X,
    Y,
    Z,
    first_moment_column,
)
from swarmhydra.kernels.vectorised.batch import Batch
from swarmhydra.kernels.vectorised.collect_output_data import part_of_period
from swarmhydra.kernels.vectorised.determine_timestep import Flights


def collect_velocity_moments(
    batch: Batch,
    flights: Flights,
    is_due: BoolArray,
    field: Field,
    window: Window,
    moments: FloatArray,
) -> None:
    """Add the trials of one step to the velocity moments.

    Parameters
    ----------
    batch : Batch
    flights : Flights
    is_due : ndarray of bool, shape (S,)
        The sub-swarms that take a sample in this step.
    field : Field
    window : Window
    moments : ndarray, shape (S, parts x cells, columns)
        Sums of the batch's sub-swarms.
    """
    sample = np.flatnonzero(is_due[batch.label] & (flights.outcome == TRIAL))
    label, electrons = batch.label[sample], batch.electrons[:, sample]
    time = batch.weight[label] / flights.bound[sample]
    speed = np.maximum(flights.speed[sample], 1e-300)
    sampling, rows = window.moments, moments.shape[1]
    cells = rows // sampling.parts
    row = np.minimum((speed * sampling.inverse_cell_width).astype(np.int64), cells - 1)
    if sampling.parts > 1:
        phase = window.phase + field.angular_frequency * electrons[CLOCK]
        row += cells * part_of_period(phase, sampling.parts)
    conservative = first_moment_column(MOMENT_ALONG_SQUARED, sampling.orders, sampling.axial_orders)
    growing = moments.shape[2] > conservative
    columns = _columns(electrons, speed, sampling, window.tilt, growing)
    # In the order of the electrons, as the compiled loop adds them up.
    np.add.at(moments.reshape(-1, moments.shape[2]), label * rows + row, time[:, None] * columns)


def _columns(
    electrons: FloatArray, speed: FloatArray, sampling: MomentSampling, tilt: float, growing: bool
) -> FloatArray:
    """What each electron adds per unit of time, shape (n, columns)."""
    x, y, z = electrons[X], electrons[Y], electrons[Z]
    vx, vy = electrons[VX], electrons[VY]
    mu = electrons[VZ] / speed
    elapsed = sampling.elapsed + electrons[CLOCK]
    along = z - sampling.drift * elapsed
    v_across = np.maximum(np.sqrt(vx * vx + vy * vy), 1e-300)
    across = (x * vx + y * vy) / (2.0 * v_across)
    legendre = _legendre(mu, sampling.orders)
    axial = legendre[: sampling.axial_orders]
    groups = [
        legendre,
        _associated_legendre(mu, v_across / speed, sampling.orders) * across,
        axial * along,
    ]
    if growing:
        along_squared = along * along - 2.0 * sampling.diffusion_along * elapsed
        across_squared = 0.5 * (x * x + y * y) - 2.0 * sampling.diffusion_across * elapsed
        groups += [
            axial * along_squared,
            axial * across_squared,
            axial * np.exp(-tilt * z),
        ]
    return np.concatenate(groups).T


def _legendre(mu: FloatArray, orders: int) -> FloatArray:
    """P_l(mu), shape (orders, n)."""
    values = np.empty((orders, mu.size))
    before, present = np.zeros(mu.size), np.ones(mu.size)
    for order in range(orders):
        values[order] = present
        following = ((2 * order + 1) * mu * present - order * before) / (order + 1)
        before, present = present, following
    return values


def _associated_legendre(mu: FloatArray, sine: FloatArray, orders: int) -> FloatArray:
    """P_l^1(mu) without the sign of Condon and Shortley, shape (orders, n); zero for l = 0."""
    values = np.empty((orders, mu.size))
    before, present = np.zeros(mu.size), np.zeros(mu.size)
    for order in range(orders):
        values[order] = present
        if order == 0:
            present = sine
        else:
            following = (2 * order + 1) * mu * present - (order + 1) * before
            before, present = present, following / order
    return values
