"""Sums of Legendre polynomials by speed; a part of stage 4."""

import numpy as np

from swarmhydra.kernels.arrays import FloatArray
from swarmhydra.kernels.compiled.layout import CLOCK, MEAN_TIME, SPEED, U2, VX, VY, VZ, X, Y, Z
from swarmhydra.kernels.compiled.machinery.compiler import compiled_inline, compiled_part
from swarmhydra.kernels.contract import (
    MOMENT_ACROSS,
    MOMENT_ACROSS_SQUARED,
    MOMENT_ALONG,
    MOMENT_ALONG_SQUARED,
    MOMENT_TILTED,
    MomentSampling,
)
from swarmhydra.kernels.contract import first_moment_column as _first_moment_column
from swarmhydra.kernels.streams import first_sample as _first_sample

first_sample = compiled_inline(_first_sample)
first_moment_column = compiled_inline(_first_moment_column)


@compiled_part
def collect_velocity_moments(
    b: FloatArray,
    active: int,
    weight: float,
    tilt: float,
    sampling: MomentSampling,
    moments: FloatArray,
) -> None:
    """Add the trials of one step to the velocity moments of their sub-swarm.

    In an alternating field `collect_phases` has written the part of the period to U2.
    """
    orders, axial_orders = sampling.orders, sampling.axial_orders
    cells = moments.shape[0] // sampling.parts
    at_across = first_moment_column(MOMENT_ACROSS, orders, axial_orders)
    at_along = first_moment_column(MOMENT_ALONG, orders, axial_orders)
    at_along_squared = first_moment_column(MOMENT_ALONG_SQUARED, orders, axial_orders)
    at_across_squared = first_moment_column(MOMENT_ACROSS_SQUARED, orders, axial_orders)
    at_tilted = first_moment_column(MOMENT_TILTED, orders, axial_orders)
    growing = moments.shape[1] > at_along_squared
    for i in range(active):
        time = weight * b[MEAN_TIME + i]
        if time == 0.0:
            continue
        speed = max(b[SPEED + i], 1e-300)
        first = int(b[U2 + i]) * cells if sampling.parts > 1 else 0
        row = moments[first + min(int(speed * sampling.inverse_cell_width), cells - 1)]
        mu = b[VZ + i] / speed
        x, y, z = b[X + i], b[Y + i], b[Z + i]
        vx, vy = b[VX + i], b[VY + i]
        elapsed = sampling.elapsed + b[CLOCK + i]
        along = z - sampling.drift * elapsed
        v_across = max(np.sqrt(vx * vx + vy * vy), 1e-300)
        across = (x * vx + y * vy) / (2.0 * v_across)
        along_squared = along * along - 2.0 * sampling.diffusion_along * elapsed
        across_squared = 0.5 * (x * x + y * y) - 2.0 * sampling.diffusion_across * elapsed
        tilted = np.exp(-tilt * z) if growing else 0.0
        # P_l and P_l^1 by their recursions from l = 0 and 1; sin(theta) = v_across / v.
        before, legendre = 0.0, 1.0
        associated_before, associated = 0.0, 0.0
        for order in range(orders):
            row[order] += time * legendre
            row[at_across + order] += time * associated * across
            if order < axial_orders:
                row[at_along + order] += time * legendre * along
                if growing:
                    row[at_along_squared + order] += time * legendre * along_squared
                    row[at_across_squared + order] += time * legendre * across_squared
                    row[at_tilted + order] += time * legendre * tilted
            following = ((2 * order + 1) * mu * legendre - order * before) / (order + 1)
            before, legendre = legendre, following
            if order == 0:
                associated = v_across / speed
            else:
                following = (2 * order + 1) * mu * associated - (order + 1) * associated_before
                associated_before, associated = associated, following / order
