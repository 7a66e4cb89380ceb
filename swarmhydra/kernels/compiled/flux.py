"""The time integrals of the flux: see `quantities.flux_terms`."""

from swarmhydra.kernels.arrays import FloatArray
from swarmhydra.kernels.compiled.machinery.compiler import compiled_inline, compiled_sum
from swarmhydra.kernels.contract import (
    CLOCK,
    FLUX_RV,
    FLUX_TIME,
    FLUX_VX,
    FLUX_VY,
    FLUX_VZ,
    X,
    Y,
    Z,
)


@compiled_inline
def add_flux(x: float, y: float, z: float, clock: float, weight: float, flux: FloatArray) -> None:
    """Add the contribution of one electron to the time integrals of the flux."""
    flux[FLUX_TIME] += weight * clock
    flux[FLUX_VX] += weight * x
    flux[FLUX_VY] += weight * y
    flux[FLUX_VZ] += weight * z
    # In the order of `PAIRS`.
    flux[FLUX_RV] += weight * 0.5 * x * x
    flux[FLUX_RV + 1] += weight * 0.5 * y * y
    flux[FLUX_RV + 2] += weight * 0.5 * z * z
    flux[FLUX_RV + 3] += weight * 0.5 * x * y
    flux[FLUX_RV + 4] += weight * 0.5 * x * z
    flux[FLUX_RV + 5] += weight * 0.5 * y * z


@compiled_sum
def sum_flux(electrons: FloatArray, population: int, weight: float, flux: FloatArray) -> None:
    """Add the contributions of all electrons of a sub-swarm."""
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
        flux[FLUX_TIME + column] += weight * sums[column]
    products = (xx, yy, zz, xy, xz, yz)
    for pair in range(6):
        flux[FLUX_RV + pair] += weight * 0.5 * products[pair]
