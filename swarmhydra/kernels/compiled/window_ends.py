"""What happens to one sub-swarm at the start and at the end of a window.

The inner loops are over the electrons, and sum in local variables, so that they vectorise.
"""

import numpy as np

from swarmhydra.kernels.arrays import FloatArray
from swarmhydra.kernels.compiled.flux import sum_flux
from swarmhydra.kernels.compiled.machinery.compiler import compiled, compiled_inline, compiled_sum
from swarmhydra.kernels.contract import (
    ANCESTOR,
    CAPACITY,
    CLOCK,
    ENERGY_PRODUCT,
    ENERGY_THEN,
    TILTED_DZ,
    TILTED_DZ_SQUARED,
    TILTED_ONE,
    VX,
    VY,
    VZ,
    Tallies,
    X,
)
from swarmhydra.kernels.quantities import HALF_MASS

_DX, _DY, _DZ, _ENERGY = range(4)


@compiled
def open_window(electrons: FloatArray, population: int, weight: float, tallies: Tallies) -> None:
    """Start the time integrals of the flux; `close_window` completes them."""
    sum_flux(electrons, population, -weight, tallies.flux)


@compiled
def close_window(
    electrons: FloatArray,
    population: int,
    history: FloatArray,
    weight: float,
    tilt: float,
    tallies: Tallies,
) -> None:
    """Collect the moments; then move the origin of displacements by one window."""
    _move_to_front(electrons, population)
    sum_flux(electrons, population, weight, tallies.flux)
    past = _past(electrons, population, history)
    windows = past.shape[0]
    energy, path = np.empty(population), np.empty((4, population))
    _find_newest(electrons, population, past, energy, path)
    _remember(population, past, path, history)
    for w in range(windows + 1):
        _sum_displacements(path, energy, weight, w, tallies)
        _sum_tilted(path[_DZ], tilt, weight, tallies.tilted[w])
        if w < windows:
            _include_past(path, past[w])
    _move_origin(electrons, population, past[windows - 1])
    tallies.window_electrons[0] += weight * population


@compiled_inline
def _move_to_front(electrons: FloatArray, population: int) -> None:
    """Move all electrons from the last columns to the first ones, in the order of arrival."""
    arrived = np.empty(population)
    for row in range(electrons.shape[0]):
        for i in range(population):
            arrived[i] = electrons[row, CAPACITY - 1 - i]
        for i in range(population):
            electrons[row, i] = arrived[i]


@compiled_inline
def _past(electrons: FloatArray, population: int, history: FloatArray) -> FloatArray:
    """Displacements and energies of each electron in past windows, shape (windows, 4, n).

    An electron that was freed in this window has the past of its ancestor.
    """
    past = np.empty((history.shape[1], 4, population))
    for i in range(population):
        ancestor = np.uint32(electrons[ANCESTOR, i])
        for w in range(history.shape[1]):
            for column in range(4):
                past[w, column, i] = history[ancestor, w, column]
    return past


@compiled_inline
def _find_newest(
    electrons: FloatArray,
    population: int,
    past: FloatArray,
    energy: FloatArray,
    path: FloatArray,
) -> None:
    """Write the energy now, and to `path` the displacement in this window and again the energy."""
    for i in range(population):
        vx, vy, vz = electrons[VX, i], electrons[VY, i], electrons[VZ, i]
        energy[i] = HALF_MASS * (vx * vx + vy * vy + vz * vz)
        path[_ENERGY, i] = energy[i]
    # The displacement since the origin, less those in the past windows, is that in this window.
    for axis in range(3):
        for i in range(population):
            path[axis, i] = electrons[X + axis, i]
        for w in range(past.shape[0]):
            for i in range(population):
                path[axis, i] -= past[w, axis, i]


@compiled_inline
def _remember(
    population: int,
    past: FloatArray,
    path: FloatArray,
    history: FloatArray,
) -> None:
    """Write the history of the next window: this window first, without the oldest one."""
    for i in range(population):
        for column in range(4):
            history[i, 0, column] = path[column, i]
            for w in range(1, history.shape[1]):
                history[i, w, column] = past[w - 1, column, i]


@compiled_sum
def _sum_displacements(
    path: FloatArray,
    energy: FloatArray,
    weight: float,
    w: int,
    tallies: Tallies,
) -> None:
    """Add the moments of displacements in w + 1 windows, and of the energies before and after."""
    sx, sy, sz, product, before = 0.0, 0.0, 0.0, 0.0, 0.0
    xx, yy, zz, xy, xz, yz = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    for i in range(energy.size):
        x, y, z, earlier = path[_DX, i], path[_DY, i], path[_DZ, i], path[_ENERGY, i]
        sx, sy, sz = sx + x, sy + y, sz + z
        xx, yy, zz = xx + x * x, yy + y * y, zz + z * z
        xy, xz, yz = xy + x * y, xz + x * z, yz + y * z
        product += energy[i] * earlier
        before += earlier
    sums = (sx, sy, sz)
    for column in range(3):
        tallies.displacement[w, column] += weight * sums[column]
    products = (xx, yy, zz, xy, xz, yz)
    for pair in range(6):
        tallies.displacement_product[w, pair] += weight * products[pair]
    tallies.energy_memory[w, ENERGY_PRODUCT] += weight * product
    tallies.energy_memory[w, ENERGY_THEN] += weight * before


@compiled_inline
def _sum_tilted(dz: FloatArray, tilt: float, weight: float, tilted: FloatArray) -> None:
    """Add the moments of displacements dz with the factor exp(-tilt dz)."""
    total, first, second = 0.0, 0.0, 0.0
    for i in range(dz.size):
        share = np.exp(-tilt * dz[i]) if tilt != 0.0 else 1.0
        total += share
        first += share * dz[i]
        second += share * dz[i] * dz[i]
    tilted[TILTED_ONE] += weight * total
    tilted[TILTED_DZ] += weight * first
    tilted[TILTED_DZ_SQUARED] += weight * second


@compiled_inline
def _include_past(path: FloatArray, past: FloatArray) -> None:
    """Add the displacements of one more past window, and take the energy before it."""
    for axis in range(3):
        for i in range(path.shape[1]):
            path[axis, i] += past[axis, i]
    for i in range(path.shape[1]):
        path[_ENERGY, i] = past[_ENERGY, i]


@compiled_inline
def _move_origin(electrons: FloatArray, population: int, oldest: FloatArray) -> None:
    """Move the origin of displacements by one window, and set clocks to 0."""
    for axis in range(3):
        for i in range(population):
            electrons[X + axis, i] -= oldest[axis, i]
    for i in range(population):
        electrons[CLOCK, i] = 0.0
        electrons[ANCESTOR, i] = i
