"""What happens to one sub-swarm at the ends of a window.

Loops over the electrons are the inner ones, with sums in registers: so they vectorise.
"""

import numpy as np

from swarmhydra.kernels.arrays import FloatArray
from swarmhydra.kernels.compiled.flux import sum_flux
from swarmhydra.kernels.compiled.machinery.compiler import compiled, compiled_inline, compiled_sum
from swarmhydra.kernels.contract import ANCESTOR, CAPACITY, CLOCK, VX, VY, VZ, Tallies, X
from swarmhydra.kernels.quantities import HALF_MASS

_DX, _DY, _DZ, _ENERGY = range(4)


@compiled
def open_window(electrons: FloatArray, population: int, weight: float, tallies: Tallies) -> None:
    """Start the time integrals of the flux."""
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
    """Add up the moments over the remembered windows, then make this end a new origin."""
    _line_up(electrons, population)
    sum_flux(electrons, population, weight, tallies.flux)
    past = _past(electrons, population, history)
    windows = past.shape[0]
    energy, way = np.empty(population), np.empty((4, population))
    _find_newest(electrons, population, past, energy, way)
    _remember(population, past, way, history)
    for w in range(windows + 1):
        _sum_displacements(way, energy, weight, w, tallies)
        _sum_tilted(way[_DZ], tilt, weight, tallies.tilted[w])
        if w < windows:
            _look_further_back(way, past[w])
    _set_out(electrons, population, past[windows - 1])
    tallies.window_electrons[0] += weight * population


@compiled_inline
def _line_up(electrons: FloatArray, population: int) -> None:
    """Bring those who wait in the last columns to the front, in the order of their arrival."""
    arrived = np.empty(population)
    for row in range(electrons.shape[0]):
        for i in range(population):
            arrived[i] = electrons[row, CAPACITY - 1 - i]
        for i in range(population):
            electrons[row, i] = arrived[i]


@compiled_inline
def _past(electrons: FloatArray, population: int, history: FloatArray) -> FloatArray:
    """What each electron, or its ancestor, did in the earlier windows, shape (windows, 4, n)."""
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
    way: FloatArray,
) -> None:
    """Displacement in the last window, and energy now, of which `way` gets a copy."""
    for i in range(population):
        vx, vy, vz = electrons[VX, i], electrons[VY, i], electrons[VZ, i]
        energy[i] = HALF_MASS * (vx * vx + vy * vy + vz * vz)
        way[_ENERGY, i] = energy[i]
    # What is left of the displacement without the earlier windows is that of the last one.
    for axis in range(3):
        for i in range(population):
            way[axis, i] = electrons[X + axis, i]
        for w in range(past.shape[0]):
            for i in range(population):
                way[axis, i] -= past[w, axis, i]


@compiled_inline
def _remember(
    population: int,
    past: FloatArray,
    way: FloatArray,
    history: FloatArray,
) -> None:
    """Write the history anew: the last window first, without the oldest."""
    for i in range(population):
        for column in range(4):
            history[i, 0, column] = way[column, i]
            for w in range(1, history.shape[1]):
                history[i, w, column] = past[w - 1, column, i]


@compiled_sum
def _sum_displacements(
    way: FloatArray,
    energy: FloatArray,
    weight: float,
    w: int,
    tallies: Tallies,
) -> None:
    """Add displacements over w + 1 windows to the moments, and the energies before and after."""
    sx, sy, sz, product, before = 0.0, 0.0, 0.0, 0.0, 0.0
    xx, yy, zz, xy, xz, yz = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    for i in range(energy.size):
        x, y, z, earlier = way[_DX, i], way[_DY, i], way[_DZ, i], way[_ENERGY, i]
        sx, sy, sz = sx + x, sy + y, sz + z
        xx, yy, zz = xx + x * x, yy + y * y, zz + z * z
        xy, xz, yz = xy + x * y, xz + x * z, yz + y * z
        product += energy[i] * earlier
        before += earlier
    sums = (sx, sy, sz)
    for column in range(3):
        tallies.displacement[w, column] += weight * sums[column]
    squares = (xx, yy, zz, xy, xz, yz)
    for column in range(6):
        tallies.displacement_product[w, column] += weight * squares[column]
    tallies.energy_memory[w, 0] += weight * product
    tallies.energy_memory[w, 1] += weight * before


@compiled_inline
def _sum_tilted(dz: FloatArray, tilt: float, weight: float, tilted: FloatArray) -> None:
    """Add displacements to the moments in which those downstream count for less."""
    total, first, second = 0.0, 0.0, 0.0
    for i in range(dz.size):
        share = np.exp(-tilt * dz[i]) if tilt != 0.0 else 1.0
        total += share
        first += share * dz[i]
        second += share * dz[i] * dz[i]
    tilted[0] += weight * total
    tilted[1] += weight * first
    tilted[2] += weight * second


@compiled_inline
def _look_further_back(way: FloatArray, past: FloatArray) -> None:
    """Lengthen displacements by those of one more window, and take the energy before it."""
    for axis in range(3):
        for i in range(way.shape[1]):
            way[axis, i] += past[axis, i]
    for i in range(way.shape[1]):
        way[_ENERGY, i] = past[_ENERGY, i]


@compiled_inline
def _set_out(electrons: FloatArray, population: int, oldest: FloatArray) -> None:
    """Count displacements from an origin one window later, and time from now on."""
    for axis in range(3):
        for i in range(population):
            electrons[X + axis, i] -= oldest[axis, i]
    for i in range(population):
        electrons[CLOCK, i] = 0.0
        electrons[ANCESTOR, i] = i
