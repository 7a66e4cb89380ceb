"""Stage 3: what the real collisions do: scatter, take energy, free and bind electrons."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from swarmhydra.kernels.arrays import FloatArray
from swarmhydra.kernels.compiled.energy_sharing import share_energies
from swarmhydra.kernels.compiled.flux import add_flux
from swarmhydra.kernels.compiled.layout import (
    AFTER_X,
    AFTER_Y,
    AFTER_Z,
    ANCESTOR,
    BEFORE_Z,
    CAPACITY,
    CLOCK,
    ELECTRON,
    FREED,
    FREED_X,
    FREED_Y,
    FREED_Z,
    IONIZING,
    KEPT,
    LEAVER,
    LOST,
    OUTCOME,
    PROCESS,
    RECOIL,
    RELATIVE_SPEED,
    SHARE,
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
from swarmhydra.kernels.compiled.machinery.by_address import call
from swarmhydra.kernels.compiled.machinery.compiler import compiled_inline, compiled_part
from swarmhydra.kernels.compiled.machinery.look_up import square_root
from swarmhydra.kernels.compiled.machinery.random import fill_uniform
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


@compiled_part
def perform_collisions(
    b: FloatArray,
    k: NDArray[np.uint32],
    active: int,
    sure: int,
    real: int,
    stream: NDArray[np.uint64],
    scatter: Any,
    tables: Tables,
    scattering: Scattering,
    sharing: Sharing,
    weight: float,
    tallies: Tallies,
) -> int:
    """Carry out the collisions; return how many electrons there are with the newborns.

    Newborns stand behind the active electrons; those who were attached are marked as dead.
    """
    ionizing = _find_kept_energies(b, k, sure, real, tables)
    share_energies(b, k, ionizing, stream, sharing)
    _find_speeds(b, k, sure, real, ionizing, tables)
    for row, count in ((U1, real), (U2, real), (U3, ionizing), (U4, ionizing)):
        fill_uniform(stream, b, row, count)
    call(scatter, (b, k, real, ionizing, scattering, sharing.momentum_conserving))
    active = _free_electrons(b, k, active, ionizing, weight, tallies)
    if tallies.departures.shape[0] > 0:
        _count_departures(b, k, sure, real, ionizing, tables, weight, tallies.departures)
    _finish_sure(b, k, sure, weight, tallies)
    _finish(b, k, sure, real, tables, weight, tallies)
    tallies.events[REAL_COLLISIONS] += real
    tallies.events[BIRTHS] += ionizing
    return active


@compiled_inline
def _find_kept_energies(
    b: FloatArray, k: NDArray[np.uint32], sure: int, real: int, tables: Tables
) -> int:
    """What energy each collision leaves that is not surely elastic; list the ionizing."""
    ionizing = 0
    for c in range(sure, real):
        process, speed = k[PROCESS + c], b[RELATIVE_SPEED + c]
        b[RECOIL + c] = tables.recoil[process]
        b[KEPT + c] = max(HALF_MASS * speed * speed - tables.threshold[process], 0.0)
        k[IONIZING + ionizing] = c
        ionizing += tables.action[process] == IONIZATION
    return ionizing


@compiled_inline
def _find_speeds(
    b: FloatArray,
    k: NDArray[np.uint32],
    sure: int,
    real: int,
    ionizing: int,
    tables: Tables,
) -> None:
    """Speeds in the centre of mass: in KEPT, in the place of the energies, and in FREED."""
    table, first_recoil = tables.square_root, tables.recoil[0]
    for c in range(sure):
        b[RECOIL + c] = first_recoil
        b[KEPT + c] = first_recoil * b[RELATIVE_SPEED + c]
    for n in range(ionizing):
        c, share = k[IONIZING + n], b[SHARE + n]
        if table.size:
            freed = square_root(b[KEPT + c] * share / HALF_MASS, table)
        else:
            freed = np.sqrt(b[KEPT + c] * share / HALF_MASS)
        b[FREED + n] = b[RECOIL + c] * freed
        b[KEPT + c] *= 1.0 - share
    if table.size:
        for c in range(sure, real):
            # An elastic collision keeps its speed: no table may add to what little it loses.
            speed = b[RELATIVE_SPEED + c]
            if tables.threshold[k[PROCESS + c]] != 0.0:
                speed = square_root(b[KEPT + c] / HALF_MASS, table)
            b[KEPT + c] = b[RECOIL + c] * speed
    else:
        for c in range(sure, real):
            b[KEPT + c] = b[RECOIL + c] * np.sqrt(b[KEPT + c] / HALF_MASS)


@compiled_inline
def _free_electrons(
    b: FloatArray,
    k: NDArray[np.uint32],
    active: int,
    ionizing: int,
    weight: float,
    tallies: Tallies,
) -> int:
    """Place the newborns of ionization behind the active electrons."""
    for n in range(ionizing):
        parent = k[ELECTRON + k[IONIZING + n]]
        b[VX + active], b[VY + active], b[VZ + active] = (
            b[FREED_X + n],
            b[FREED_Y + n],
            b[FREED_Z + n],
        )
        b[X + active], b[Y + active], b[Z + active] = b[X + parent], b[Y + parent], b[Z + parent]
        b[CLOCK + active], b[ANCESTOR + active] = b[CLOCK + parent], b[ANCESTOR + parent]
        b[OUTCOME + active] = TRIAL
        _count_flux(b, parent, -weight, tallies.flux)
        active += 1
    return active


@compiled_inline
def _count_departures(
    b: FloatArray,
    k: NDArray[np.uint32],
    sure: int,
    real: int,
    ionizing: int,
    tables: Tables,
    weight: float,
    departures: FloatArray,
) -> None:
    """Count those who leave collisions by their speed in the centre of mass."""
    inverse_width, last = tables.inverse_cell_width, float(departures.shape[0] - 1)
    for c in range(sure):
        cell = np.uint32(min(b[KEPT + c] * inverse_width, last))
        departures[cell, 0] += weight
        departures[cell, 1] += weight * b[BEFORE_Z + c]
    for c in range(sure, real):
        leaves = weight if tables.action[k[PROCESS + c]] != ATTACHMENT else 0.0
        cell = np.uint32(min(b[KEPT + c] * inverse_width, last))
        departures[cell, 0] += leaves
        departures[cell, 1] += leaves * b[BEFORE_Z + c]
    for n in range(ionizing):
        cell = np.uint32(min(b[FREED + n] * inverse_width, last))
        departures[cell, 0] += weight
        departures[cell, 1] += weight * b[BEFORE_Z + k[IONIZING + n]]


@compiled_inline
def _finish_sure(
    b: FloatArray, k: NDArray[np.uint32], sure: int, weight: float, tallies: Tallies
) -> None:
    """Give the electrons new velocities after the collisions that surely are elastic, count."""
    lost = 0.0
    for c in range(sure):
        i = k[ELECTRON + c]
        b[VX + i], b[VY + i], b[VZ + i] = b[AFTER_X + c], b[AFTER_Y + c], b[AFTER_Z + c]
        lost += b[LOST + c]
    tallies.collisions[0] += weight * sure
    tallies.energy_loss[0] += weight * lost


@compiled_inline
def _finish(
    b: FloatArray,
    k: NDArray[np.uint32],
    sure: int,
    real: int,
    tables: Tables,
    weight: float,
    tallies: Tallies,
) -> None:
    """Give the others their new velocities, bury the attached ones, count."""
    collisions, energy_loss = tallies.collisions, tallies.energy_loss
    for c in range(sure, real):
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
def _count_flux(b: FloatArray, i: int, weight: float, flux: FloatArray) -> None:
    """Add an electron's terms to the time integrals of the flux."""
    add_flux(b[X + i], b[Y + i], b[Z + i], b[CLOCK + i], weight, flux)


@compiled_inline
def settle(
    b: FloatArray,
    k: NDArray[np.uint32],
    active: int,
    electrons: FloatArray,
    waiting: int,
) -> tuple[int, int]:
    """Let those who arrived wait in the last columns of the swarm's array, and close the gaps.

    The last ones who fly on take the places of those who do not. Returns how many fly and wait.
    """
    leaving = 0
    for i in range(active):
        leaving += b[OUTCOME + i] > AT_HORIZON
    # Mostly nobody leaves.
    if leaving == 0:
        return active, waiting
    _list_leavers(b, k, active)
    staying = active - leaving
    filler = staying
    for n in range(leaving):
        i = k[LEAVER + n]
        if b[OUTCOME + i] == AT_WINDOW_END:
            waiting += 1
            for row in range(STATE_ROWS):
                electrons[row, CAPACITY - waiting] = b[row * CAPACITY + i]
        # A gap among those who stay?
        if i < staying:
            while b[OUTCOME + filler] > AT_HORIZON:
                filler += 1
            for row in range(STATE_ROWS):
                b[row * CAPACITY + i] = b[row * CAPACITY + filler]
            filler += 1
    return staying, waiting


@compiled_inline
def _list_leavers(b: FloatArray, k: NDArray[np.uint32], active: int) -> None:
    """List those who do not fly on."""
    listed = 0
    for i in range(active):
        k[LEAVER + listed] = i
        listed += b[OUTCOME + i] > AT_HORIZON
