"""The time integrals of the flux, which flights telescope to."""

from swarmhydra.kernels.arrays import FloatArray
from swarmhydra.kernels.compiled.machinery.compiler import compiled_inline, compiled_sum
from swarmhydra.kernels.contract import CLOCK, X, Y, Z


@compiled_inline
def add_flux(x: float, y: float, z: float, clock: float, weight: float, flux: FloatArray) -> None:
    """Add an electron's terms to the time integrals of the flux."""
    flux[0] += weight * clock
    flux[1] += weight * x
    flux[2] += weight * y
    flux[3] += weight * z
    flux[4] += weight * 0.5 * x * x
    flux[5] += weight * 0.5 * y * y
    flux[6] += weight * 0.5 * z * z
    flux[7] += weight * 0.5 * x * y
    flux[8] += weight * 0.5 * x * z
    flux[9] += weight * 0.5 * y * z


@compiled_sum
def sum_flux(electrons: FloatArray, population: int, weight: float, flux: FloatArray) -> None:
    """Add the terms of a whole sub-swarm."""
    time, sx, sy, sz = 0.0, 0.0, 0.0, 0.0
    xx, yy, zz, xy, xz, yz = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    for i in range(population):
        x, y, z = electrons[X, i], electrons[Y, i], electrons[Z, i]
        time += electrons[CLOCK, i]
        sx, sy, sz = sx + x, sy + y, sz + z
        xx, yy, zz = xx + x * x, yy + y * y, zz + z * z
        xy, xz, yz = xy + x * y, xz + x * z, yz + y * z
    sums = (time, sx, sy, sz)
    for column in range(4):
        flux[column] += weight * sums[column]
    squares = (xx, yy, zz, xy, xz, yz)
    for column in range(6):
        flux[4 + column] += weight * 0.5 * squares[column]
