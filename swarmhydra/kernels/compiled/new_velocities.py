"""Velocities after the collisions, of the colliding and of the freed electrons.

A step calls one of the functions `scatter_…`, which `variants` chooses. They write the velocities
to AFTER and FREED_X, FREED_Y, FREED_Z. REMAINING and FREED contain the speeds relative to the
centre of mass; U1 and U2 uniform numbers for the colliding electrons, U3 and U4 for the freed ones.
BEFORE is replaced by the velocity of the centre of mass, and LOSS is set to the energy loss of the
colliding electron (eV).
"""

import numpy as np
from numpy.typing import NDArray

from swarmhydra.kernels.arrays import FloatArray
from swarmhydra.kernels.compiled.layout import (
    AFTER_X,
    AFTER_Y,
    AFTER_Z,
    BEFORE_X,
    BEFORE_Y,
    BEFORE_Z,
    FREED,
    FREED_X,
    FREED_Y,
    FREED_Z,
    IONIZING,
    LOSS,
    PROCESS,
    RECOIL,
    RELATIVE_SPEED,
    RELATIVE_X,
    RELATIVE_Y,
    RELATIVE_Z,
    REMAINING,
    SHARE,
    U1,
    U2,
    U3,
    U4,
)
from swarmhydra.kernels.compiled.machinery.compiler import compiled_inline
from swarmhydra.kernels.compiled.machinery.elementary import sine_and_cosine_of_turn
from swarmhydra.kernels.compiled.scattering import deflection, turned
from swarmhydra.kernels.contract import Scattering
from swarmhydra.kernels.quantities import HALF_MASS


def scatter_isotropically(
    b: FloatArray,
    k: NDArray[np.uint32],
    real: int,
    ionizing: int,
    scattering: Scattering,
    momentum_conserving: bool,
) -> None:
    """Scatter isotropically in the frame of the centre of mass."""
    for c in range(real):
        dx, dy, dz = _isotropic_direction(b[U1 + c], b[U2 + c])
        _set_after(b, c, dx, dy, dz)
    for n in range(ionizing):
        dx, dy, dz = _isotropic_direction(b[U3 + n], b[U4 + n])
        _set_free(b, k, n, dx, dy, dz)


def scatter_by_model(
    b: FloatArray,
    k: NDArray[np.uint32],
    real: int,
    ionizing: int,
    scattering: Scattering,
    momentum_conserving: bool,
) -> None:
    """Scatter by the angular model of each process."""
    _find_angles(b, k, real, scattering)
    if momentum_conserving:
        for n in range(ionizing):
            b[U1 + k[IONIZING + n]] = 1.0 - np.sqrt(1.0 - b[SHARE + n])
    for c in range(real):
        dx, dy, dz = _away(b, c, b[U1 + c], b[U2 + c])
        _set_after(b, c, dx, dy, dz)
    for n in range(ionizing):
        dx, dy, dz = _direction_of_freed(b, k, n, scattering, momentum_conserving)
        _set_free(b, k, n, dx, dy, dz)


@compiled_inline
def _isotropic_direction(u: float, turn: float) -> tuple[float, float, float]:
    """Isotropic direction from two uniform numbers."""
    y = 2.0 * u
    sine = np.sqrt(max(y * (2.0 - y), 0.0))
    s, t = sine_and_cosine_of_turn(turn)
    return sine * t, sine * s, 1.0 - y


@compiled_inline
def _find_angles(b: FloatArray, k: NDArray[np.uint32], real: int, scattering: Scattering) -> None:
    """Replace the uniform numbers in U1 by 1 - cos(chi)."""
    for c in range(real):
        speed = b[RELATIVE_SPEED + c]
        b[U1 + c] = deflection(b[U1 + c], HALF_MASS * speed * speed, k[PROCESS + c], scattering)


@compiled_inline
def _away(b: FloatArray, c: int, y: float, turn: float) -> tuple[float, float, float]:
    """Direction at the angle chi, 1 - cos(chi) = y, from the relative velocity of a collision."""
    sine = np.sqrt(max(y * (2.0 - y), 0.0))
    s, t = sine_and_cosine_of_turn(turn)
    scale = 1.0 / max(b[RELATIVE_SPEED + c], 1e-300)
    gx, gy, gz = b[RELATIVE_X + c], b[RELATIVE_Y + c], b[RELATIVE_Z + c]
    return turned(sine * t, sine * s, 1.0 - y, scale * gx, scale * gy, scale * gz)


@compiled_inline
def _direction_of_freed(
    b: FloatArray,
    k: NDArray[np.uint32],
    n: int,
    scattering: Scattering,
    momentum_conserving: bool,
) -> tuple[float, float, float]:
    """Direction of the n-th freed electron in the frame of the centre of mass."""
    c = k[IONIZING + n]
    if momentum_conserving:
        # At a right angle to the other electron, which has 1 - cos(chi) = 1 - sqrt(1 - share).
        cosine = 1.0 - b[U1 + c]
        y = 1.0 - np.sqrt(max(1.0 - cosine * cosine, 0.0))
        turn = b[U2 + c] + 0.5
        return _away(b, c, y, turn - 1.0 if turn >= 1.0 else turn)
    speed = b[RELATIVE_SPEED + c]
    y = deflection(b[U3 + n], HALF_MASS * speed * speed, k[PROCESS + c], scattering)
    return _away(b, c, y, b[U4 + n])


@compiled_inline
def _set_after(b: FloatArray, c: int, dx: float, dy: float, dz: float) -> None:
    """Set the velocity of a colliding electron from its direction in the centre of mass."""
    recoil, speed = b[RECOIL + c], b[REMAINING + c]
    vx, vy, vz = b[BEFORE_X + c], b[BEFORE_Y + c], b[BEFORE_Z + c]
    cx = vx - recoil * b[RELATIVE_X + c]
    cy = vy - recoil * b[RELATIVE_Y + c]
    cz = vz - recoil * b[RELATIVE_Z + c]
    wx, wy, wz = cx + speed * dx, cy + speed * dy, cz + speed * dz
    b[LOSS + c] = HALF_MASS * (vx * vx + vy * vy + vz * vz) - HALF_MASS * (
        wx * wx + wy * wy + wz * wz
    )
    b[BEFORE_X + c], b[BEFORE_Y + c], b[BEFORE_Z + c] = cx, cy, cz
    b[AFTER_X + c], b[AFTER_Y + c], b[AFTER_Z + c] = wx, wy, wz


@compiled_inline
def _set_free(
    b: FloatArray, k: NDArray[np.uint32], n: int, dx: float, dy: float, dz: float
) -> None:
    """Set the velocity of the n-th freed electron, whose energy the colliding one has lost too."""
    c, speed = k[IONIZING + n], b[FREED + n]
    vx, vy, vz = b[BEFORE_X + c], b[BEFORE_Y + c], b[BEFORE_Z + c]
    vx, vy, vz = vx + speed * dx, vy + speed * dy, vz + speed * dz
    b[LOSS + c] -= HALF_MASS * (vx * vx + vy * vy + vz * vz)
    b[FREED_X + n], b[FREED_Y + n], b[FREED_Z + n] = vx, vy, vz
