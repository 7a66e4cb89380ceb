"""Stage 3: what the real collisions do: scatter, take energy, free and bind electrons."""

import numpy as np
from numpy.typing import NDArray

from swarmhydra.kernels.compiled.compiler import compiled_inline
from swarmhydra.kernels.compiled.elementary import sine_and_cosine_of_turn
from swarmhydra.kernels.compiled.energy_sharing import share_energies
from swarmhydra.kernels.compiled.flux import add_flux
from swarmhydra.kernels.compiled.layout import (
    AFTER_X,
    AFTER_Y,
    AFTER_Z,
    ANCESTOR,
    BEFORE_X,
    BEFORE_Y,
    BEFORE_Z,
    CAPACITY,
    CLOCK,
    ELECTRON,
    FREED,
    IONIZING,
    KEPT,
    LOST,
    OUTCOME,
    PROCESS,
    RECOIL,
    RELATIVE_SPEED,
    RELATIVE_X,
    RELATIVE_Y,
    RELATIVE_Z,
    U1,
    U2,
    U3,
    U4,
    VX,
    VY,
    VZ,
    X,
    Y,
    Z,
)
from swarmhydra.kernels.compiled.look_up import square_root
from swarmhydra.kernels.compiled.random import fill_uniform
from swarmhydra.kernels.compiled.scattering import deflection, turned
from swarmhydra.kernels.contract import (
    AT_HORIZON,
    AT_WINDOW_END,
    ATTACHMENT,
    BIRTHS,
    DEAD,
    DEATHS,
    IONIZATION,
    REAL_COLLISIONS,
    STATE_ROWS,
    TRIAL,
    Scattering,
    Sharing,
    Tables,
    Tallies,
)
from swarmhydra.kernels.quantities import HALF_MASS


@compiled_inline
def perform_collisions(
    b: NDArray[np.float64],
    k: NDArray[np.uint32],
    active: int,
    real: int,
    stream: NDArray[np.uint64],
    tables: Tables,
    scattering: Scattering,
    sharing: Sharing,
    weight: float,
    tallies: Tallies,
) -> int:
    """Carry out the collisions; return how many electrons there are with the newborns.

    Newborns stand behind the active electrons; those who were attached are marked as dead.
    """
    ionizing = _find_kept_energies(b, k, real, tables)
    share_energies(b, k, ionizing, stream, sharing)
    fill_uniform(stream, b[U1 : U1 + real])
    fill_uniform(stream, b[U2 : U2 + real])
    _find_angles(b, k, real, ionizing, scattering, sharing)
    _find_speeds(b, k, real, ionizing, tables)
    if scattering.isotropic:
        _scatter_anywhere(b, real)
    else:
        _scatter_by_angle(b, real)
    fill_uniform(stream, b[U3 : U3 + ionizing])
    fill_uniform(stream, b[U4 : U4 + ionizing])
    active = _free_electrons(b, k, active, ionizing, scattering, sharing, weight, tallies)
    if tallies.departures.shape[0] > 0:
        _count_departures(b, k, real, ionizing, tables, weight, tallies.departures)
    _finish(b, k, real, tables, weight, tallies)
    tallies.events[REAL_COLLISIONS] += real
    tallies.events[BIRTHS] += ionizing
    return active


@compiled_inline
def _find_kept_energies(
    b: NDArray[np.float64], k: NDArray[np.uint32], real: int, tables: Tables
) -> int:
    """What energy each collision leaves; list the ionizing."""
    ionizing = 0
    for c in range(real):
        process, speed = k[PROCESS + c], b[RELATIVE_SPEED + c]
        b[RECOIL + c] = tables.recoil[process]
        b[KEPT + c] = max(HALF_MASS * speed * speed - tables.threshold[process], 0.0)
        k[IONIZING + ionizing] = c
        ionizing += tables.action[process] == IONIZATION
    return ionizing


@compiled_inline
def _find_angles(
    b: NDArray[np.float64],
    k: NDArray[np.uint32],
    real: int,
    ionizing: int,
    scattering: Scattering,
    sharing: Sharing,
) -> None:
    """1 - cos(chi) in the place of the uniform numbers in U1."""
    if scattering.isotropic:
        for c in range(real):
            b[U1 + c] *= 2.0
        return
    for c in range(real):
        speed = b[RELATIVE_SPEED + c]
        energy = HALF_MASS * speed * speed
        b[U1 + c] = deflection(b[U1 + c], energy, k[PROCESS + c], scattering)
    if sharing.momentum_conserving:
        for n in range(ionizing):
            b[U1 + k[IONIZING + n]] = 1.0 - np.sqrt(1.0 - b[FREED + n])


@compiled_inline
def _find_speeds(
    b: NDArray[np.float64],
    k: NDArray[np.uint32],
    real: int,
    ionizing: int,
    tables: Tables,
) -> None:
    """Speeds in the centre of mass, in the place of energies in KEPT and of shares in FREED."""
    table = tables.square_root
    for n in range(ionizing):
        c, share = k[IONIZING + n], b[FREED + n]
        if table.size:
            freed = square_root(b[KEPT + c] * share / HALF_MASS, table)
        else:
            freed = np.sqrt(b[KEPT + c] * share / HALF_MASS)
        b[FREED + n] = b[RECOIL + c] * freed
        b[KEPT + c] *= 1.0 - share
    if table.size:
        for c in range(real):
            # An elastic collision keeps its speed: no table may add to what little it loses.
            speed = b[RELATIVE_SPEED + c]
            if tables.threshold[k[PROCESS + c]] != 0.0:
                speed = square_root(b[KEPT + c] / HALF_MASS, table)
            b[KEPT + c] = b[RECOIL + c] * speed
    else:
        for c in range(real):
            b[KEPT + c] = b[RECOIL + c] * np.sqrt(b[KEPT + c] / HALF_MASS)


@compiled_inline
def _scatter_anywhere(b: NDArray[np.float64], real: int) -> None:
    """New velocities, isotropic in the centre of mass.

    U1 holds 1 - cos(chi), KEPT the speed in the centre of mass. BEFORE becomes the velocity of the
    centre of mass, LOST the energy that the electron lost.
    """
    for c in range(real):
        y = b[U1 + c]
        sine = np.sqrt(max(y * (2.0 - y), 0.0))
        s, t = sine_and_cosine_of_turn(b[U2 + c])
        recoil, speed = b[RECOIL + c], b[KEPT + c]
        vx, vy, vz = b[BEFORE_X + c], b[BEFORE_Y + c], b[BEFORE_Z + c]
        cx = vx - recoil * b[RELATIVE_X + c]
        cy = vy - recoil * b[RELATIVE_Y + c]
        cz = vz - recoil * b[RELATIVE_Z + c]
        wx = cx + speed * (sine * t)
        wy = cy + speed * (sine * s)
        wz = cz + speed * (1.0 - y)
        b[LOST + c] = HALF_MASS * (vx * vx + vy * vy + vz * vz) - HALF_MASS * (
            wx * wx + wy * wy + wz * wz
        )
        b[BEFORE_X + c], b[BEFORE_Y + c], b[BEFORE_Z + c] = cx, cy, cz
        b[AFTER_X + c], b[AFTER_Y + c], b[AFTER_Z + c] = wx, wy, wz


@compiled_inline
def _scatter_by_angle(b: NDArray[np.float64], real: int) -> None:
    """As `_scatter_anywhere`, with the angle counted from the relative velocity."""
    for c in range(real):
        recoil, speed = b[RECOIL + c], b[KEPT + c]
        vx, vy, vz = b[BEFORE_X + c], b[BEFORE_Y + c], b[BEFORE_Z + c]
        cx = vx - recoil * b[RELATIVE_X + c]
        cy = vy - recoil * b[RELATIVE_Y + c]
        cz = vz - recoil * b[RELATIVE_Z + c]
        dx, dy, dz = _away(b, c, b[U1 + c], b[U2 + c])
        wx, wy, wz = cx + speed * dx, cy + speed * dy, cz + speed * dz
        b[LOST + c] = HALF_MASS * (vx * vx + vy * vy + vz * vz) - HALF_MASS * (
            wx * wx + wy * wy + wz * wz
        )
        b[BEFORE_X + c], b[BEFORE_Y + c], b[BEFORE_Z + c] = cx, cy, cz
        b[AFTER_X + c], b[AFTER_Y + c], b[AFTER_Z + c] = wx, wy, wz


@compiled_inline
def _away(b: NDArray[np.float64], c: int, y: float, turn: float) -> tuple[float, float, float]:
    """The direction at 1 - cos(chi) = y from the relative velocity of a collision."""
    sine = np.sqrt(max(y * (2.0 - y), 0.0))
    s, t = sine_and_cosine_of_turn(turn)
    scale = 1.0 / max(b[RELATIVE_SPEED + c], 1e-300)
    gx, gy, gz = b[RELATIVE_X + c], b[RELATIVE_Y + c], b[RELATIVE_Z + c]
    return turned(sine * t, sine * s, 1.0 - y, scale * gx, scale * gy, scale * gz)


@compiled_inline
def _free_electrons(
    b: NDArray[np.float64],
    k: NDArray[np.uint32],
    active: int,
    ionizing: int,
    scattering: Scattering,
    sharing: Sharing,
    weight: float,
    tallies: Tallies,
) -> int:
    """Place the newborns of ionization behind the active electrons."""
    for n in range(ionizing):
        c = k[IONIZING + n]
        parent = k[ELECTRON + c]
        dx, dy, dz = _direction_of_freed(b, k, n, c, scattering, sharing)
        speed = b[FREED + n]
        vx, vy, vz = b[BEFORE_X + c], b[BEFORE_Y + c], b[BEFORE_Z + c]
        vx, vy, vz = vx + speed * dx, vy + speed * dy, vz + speed * dz
        b[LOST + c] -= HALF_MASS * (vx * vx + vy * vy + vz * vz)
        b[VX + active], b[VY + active], b[VZ + active] = vx, vy, vz
        b[X + active], b[Y + active], b[Z + active] = b[X + parent], b[Y + parent], b[Z + parent]
        b[CLOCK + active], b[ANCESTOR + active] = b[CLOCK + parent], b[ANCESTOR + parent]
        b[OUTCOME + active] = TRIAL
        _count_flux(b, parent, -weight, tallies.flux)
        active += 1
    return active


@compiled_inline
def _direction_of_freed(
    b: NDArray[np.float64],
    k: NDArray[np.uint32],
    n: int,
    c: int,
    scattering: Scattering,
    sharing: Sharing,
) -> tuple[float, float, float]:
    """Where the n-th freed electron goes."""
    if scattering.isotropic:
        y = 2.0 * b[U3 + n]
        sine = np.sqrt(max(y * (2.0 - y), 0.0))
        s, t = sine_and_cosine_of_turn(b[U4 + n])
        return sine * t, sine * s, 1.0 - y
    if sharing.momentum_conserving:
        # At a right angle to the other: its 1 - cos(chi) is 1 - sqrt(1 - share).
        cosine = 1.0 - b[U1 + c]
        y = 1.0 - np.sqrt(max(1.0 - cosine * cosine, 0.0))
        turn = b[U2 + c] + 0.5
        return _away(b, c, y, turn - 1.0 if turn >= 1.0 else turn)
    speed = b[RELATIVE_SPEED + c]
    y = deflection(b[U3 + n], HALF_MASS * speed * speed, k[PROCESS + c], scattering)
    return _away(b, c, y, b[U4 + n])


@compiled_inline
def _count_departures(
    b: NDArray[np.float64],
    k: NDArray[np.uint32],
    real: int,
    ionizing: int,
    tables: Tables,
    weight: float,
    departures: NDArray[np.float64],
) -> None:
    """Count those who leave collisions by their speed in the centre of mass."""
    inverse_width, last = tables.inverse_cell_width, float(departures.shape[0] - 1)
    for c in range(real):
        leaves = weight if tables.action[k[PROCESS + c]] != ATTACHMENT else 0.0
        cell = np.uint32(min(b[KEPT + c] * inverse_width, last))
        departures[cell, 0] += leaves
        departures[cell, 1] += leaves * b[BEFORE_Z + c]
    for n in range(ionizing):
        cell = np.uint32(min(b[FREED + n] * inverse_width, last))
        departures[cell, 0] += weight
        departures[cell, 1] += weight * b[BEFORE_Z + k[IONIZING + n]]


@compiled_inline
def _finish(
    b: NDArray[np.float64],
    k: NDArray[np.uint32],
    real: int,
    tables: Tables,
    weight: float,
    tallies: Tallies,
) -> None:
    """Give the electrons their new velocities, bury the attached ones, count."""
    collisions, energy_loss = tallies.collisions, tallies.energy_loss
    for c in range(real):
        i, process = k[ELECTRON + c], k[PROCESS + c]
        lost = b[LOST + c]
        # Attachment?
        if tables.action[process] == ATTACHMENT:
            vx, vy, vz = b[VX + i], b[VY + i], b[VZ + i]
            lost = HALF_MASS * (vx * vx + vy * vy + vz * vz)
            b[OUTCOME + i] = DEAD
            _count_flux(b, i, weight, tallies.flux)
            tallies.events[DEATHS] += 1
        b[VX + i], b[VY + i], b[VZ + i] = b[AFTER_X + c], b[AFTER_Y + c], b[AFTER_Z + c]
        collisions[process] += weight
        energy_loss[process] += weight * lost


@compiled_inline
def _count_flux(b: NDArray[np.float64], i: int, weight: float, flux: NDArray[np.float64]) -> None:
    """Add an electron's terms to the time integrals of the flux."""
    add_flux(b[X + i], b[Y + i], b[Z + i], b[CLOCK + i], weight, flux)


@compiled_inline
def settle(
    b: NDArray[np.float64], active: int, electrons: NDArray[np.float64], waiting: int
) -> tuple[int, int]:
    """Let those who arrived wait in the last columns of the swarm's array, and close the gaps.

    The last ones who fly on take the places of those who do not. Returns how many fly and wait.
    """
    staying = 0
    for i in range(active):
        staying += b[OUTCOME + i] <= AT_HORIZON
    # Mostly nobody leaves.
    if staying == active:
        return active, waiting
    for i in range(active):
        if b[OUTCOME + i] == AT_WINDOW_END:
            waiting += 1
            for row in range(STATE_ROWS):
                electrons[row, CAPACITY - waiting] = b[row * CAPACITY + i]
    filler = staying
    for hole in range(staying):
        if b[OUTCOME + hole] > AT_HORIZON:
            while b[OUTCOME + filler] > AT_HORIZON:
                filler += 1
            for row in range(STATE_ROWS):
                b[row * CAPACITY + hole] = b[row * CAPACITY + filler]
            filler += 1
    return staying, waiting
