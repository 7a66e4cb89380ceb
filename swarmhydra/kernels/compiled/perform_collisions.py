"""Stage 3: what the real collisions do: scatter, take energy, free and bind electrons."""

import numpy as np
from numpy.typing import NDArray

from swarmhydra.kernels.compiled.compiler import compiled
from swarmhydra.kernels.compiled.elementary import sine_and_cosine_of_turn
from swarmhydra.kernels.compiled.flux import add_flux
from swarmhydra.kernels.compiled.layout import (
    ANCESTOR,
    BEFORE_X,
    BEFORE_Y,
    BEFORE_Z,
    CAPACITY,
    CLOCK,
    ELECTRON,
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
    VX,
    VY,
    VZ,
    X,
    Y,
    Z,
)
from swarmhydra.kernels.compiled.look_up import looked_up, square_root
from swarmhydra.kernels.compiled.random import fill_uniform
from swarmhydra.kernels.contract import (
    ATTACHMENT,
    BIRTHS,
    DEAD,
    DEATHS,
    IONIZATION,
    REAL_COLLISIONS,
    STATE_ROWS,
    TRIAL,
    Tables,
    Tallies,
)
from swarmhydra.kernels.quantities import HALF_MASS


@compiled
def perform_collisions(
    b: NDArray[np.float64],
    k: NDArray[np.int64],
    active: int,
    real: int,
    stream: NDArray[np.uint64],
    tables: Tables,
    weight: float,
    tallies: Tallies,
) -> int:
    """Carry out the collisions; return how many electrons there are with the newborns.

    Newborns stand behind the active electrons; those who were attached are marked as dead.
    """
    fill_uniform(stream, b, U1, real)
    fill_uniform(stream, b, U2, real)
    ionizing = _find_kept_energies(b, k, real, tables)
    _find_cosines(b, real, tables.scattering_cosine)
    _find_square_roots(b, real, tables.square_root)
    _scatter(b, real)
    fill_uniform(stream, b, U1, ionizing)
    fill_uniform(stream, b, U2, ionizing)
    _find_cosines(b, ionizing, tables.scattering_cosine)
    active = _free_electrons(b, k, active, ionizing, weight, tallies)
    _finish(b, k, real, tables, weight, tallies)
    tallies.events[REAL_COLLISIONS] += real
    tallies.events[BIRTHS] += ionizing
    return active


@compiled
def _find_kept_energies(
    b: NDArray[np.float64], k: NDArray[np.int64], real: int, tables: Tables
) -> int:
    """What share of the relative energy each scattered electron keeps; list the ionizing."""
    ionizing = 0
    for c in range(real):
        process, speed = k[PROCESS + c], b[RELATIVE_SPEED + c]
        b[RECOIL + c] = tables.recoil[process]
        kept = 1.0
        # Inelastic?
        if tables.threshold[process] != 0.0:
            kept = max(1.0 - tables.threshold[process] / (HALF_MASS * speed * speed), 0.0)
        if tables.action[process] == IONIZATION:
            kept *= 0.5
            k[IONIZING + ionizing] = c
            ionizing += 1
        b[KEPT + c] = kept
    return ionizing


@compiled
def _find_cosines(b: NDArray[np.float64], count: int, table: NDArray[np.float64]) -> None:
    """Cosines of isotropic scattering in the place of the uniform numbers in U1."""
    if table.size == 2:
        # A single step, as for isotropic scattering: needs no gathering, so it vectorises.
        first, rise = table[0], table[1] - table[0]
        for c in range(count):
            b[U1 + c] = first + rise * b[U1 + c]
    elif table.size:
        for c in range(count):
            b[U1 + c] = looked_up(b[U1 + c], table)
    else:
        for c in range(count):
            b[U1 + c] = 1.0 - 2.0 * b[U1 + c]


@compiled
def _find_square_roots(b: NDArray[np.float64], count: int, table: NDArray[np.float64]) -> None:
    """Square roots in the place of the kept energies."""
    if table.size:
        for c in range(count):
            # Elastic collisions keep all.
            if b[KEPT + c] != 1.0:
                b[KEPT + c] = square_root(b[KEPT + c], table)
    else:
        for c in range(count):
            b[KEPT + c] = np.sqrt(b[KEPT + c])


@compiled
def _scatter(b: NDArray[np.float64], real: int) -> None:
    """New velocities, isotropic in the centre of mass, in the place of the relative ones.

    U1 holds cosines, KEPT square roots. RELATIVE becomes the velocity after the collision, BEFORE
    that of the centre of mass, KEPT the speed in it and LOST the energy that the electron lost.
    """
    for c in range(real):
        cosine = b[U1 + c]
        sine = np.sqrt(max(1.0 - cosine * cosine, 0.0))
        s, t = sine_and_cosine_of_turn(b[U2 + c])
        recoil = b[RECOIL + c]
        speed = recoil * b[RELATIVE_SPEED + c] * b[KEPT + c]
        vx, vy, vz = b[BEFORE_X + c], b[BEFORE_Y + c], b[BEFORE_Z + c]
        cx = vx - recoil * b[RELATIVE_X + c]
        cy = vy - recoil * b[RELATIVE_Y + c]
        cz = vz - recoil * b[RELATIVE_Z + c]
        wx = cx + speed * (sine * t)
        wy = cy + speed * (sine * s)
        wz = cz + speed * cosine
        b[LOST + c] = HALF_MASS * (vx * vx + vy * vy + vz * vz) - HALF_MASS * (
            wx * wx + wy * wy + wz * wz
        )
        b[BEFORE_X + c], b[BEFORE_Y + c], b[BEFORE_Z + c] = cx, cy, cz
        b[RELATIVE_X + c], b[RELATIVE_Y + c], b[RELATIVE_Z + c] = wx, wy, wz
        b[KEPT + c] = speed


@compiled
def _free_electrons(
    b: NDArray[np.float64],
    k: NDArray[np.int64],
    active: int,
    ionizing: int,
    weight: float,
    tallies: Tallies,
) -> int:
    """Place the newborns of ionization behind the active electrons."""
    for n in range(ionizing):
        c = k[IONIZING + n]
        parent = k[ELECTRON + c]
        cosine = b[U1 + n]
        sine = np.sqrt(max(1.0 - cosine * cosine, 0.0))
        s, t = sine_and_cosine_of_turn(b[U2 + n])
        speed = b[KEPT + c]
        vx = b[BEFORE_X + c] + speed * (sine * t)
        vy = b[BEFORE_Y + c] + speed * (sine * s)
        vz = b[BEFORE_Z + c] + speed * cosine
        b[LOST + c] -= HALF_MASS * (vx * vx + vy * vy + vz * vz)
        b[VX + active], b[VY + active], b[VZ + active] = vx, vy, vz
        b[X + active], b[Y + active], b[Z + active] = b[X + parent], b[Y + parent], b[Z + parent]
        b[CLOCK + active], b[ANCESTOR + active] = b[CLOCK + parent], b[ANCESTOR + parent]
        b[OUTCOME + active] = TRIAL
        _count_flux(b, parent, -weight, tallies.flux)
        active += 1
    return active


@compiled
def _finish(
    b: NDArray[np.float64],
    k: NDArray[np.int64],
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
        b[VX + i], b[VY + i], b[VZ + i] = b[RELATIVE_X + c], b[RELATIVE_Y + c], b[RELATIVE_Z + c]
        collisions[process] += weight
        energy_loss[process] += weight * lost


@compiled
def _count_flux(b: NDArray[np.float64], i: int, weight: float, flux: NDArray[np.float64]) -> None:
    """Add an electron's terms to the time integrals of the flux."""
    add_flux(b[X + i], b[Y + i], b[Z + i], b[CLOCK + i], weight, flux)


@compiled
def settle(
    b: NDArray[np.float64], active: int, electrons: NDArray[np.float64], waiting: int
) -> tuple[int, int]:
    """Let those who arrived wait in the last columns of the swarm's array, and close the gaps.

    The last ones who fly on take the places of those who do not. Returns how many fly and wait.
    """
    staying = 0
    for i in range(active):
        # At the window's end?
        if b[OUTCOME + i] > TRIAL + 1 and b[OUTCOME + i] < DEAD:
            waiting += 1
            for row in range(STATE_ROWS):
                electrons[row, CAPACITY - waiting] = b[row * CAPACITY + i]
        staying += b[OUTCOME + i] <= TRIAL + 1
    filler = staying
    for hole in range(staying):
        if b[OUTCOME + hole] > TRIAL + 1:
            while b[OUTCOME + filler] > TRIAL + 1:
                filler += 1
            for row in range(STATE_ROWS):
                b[row * CAPACITY + hole] = b[row * CAPACITY + filler]
            filler += 1
    return staying, waiting
