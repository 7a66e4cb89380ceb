"""The time integrals of the flux, which flights telescope to."""

import numpy as np
from numpy.typing import NDArray

from swarmhydra.kernels.compiled.compiler import compiled_inline


@compiled_inline
def add_flux(
    x: float, y: float, z: float, clock: float, weight: float, flux: NDArray[np.float64]
) -> None:
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
