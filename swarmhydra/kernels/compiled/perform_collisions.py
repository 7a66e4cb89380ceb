"""Stage 3: the effects of the real collisions: scattering, energy loss, ionization, attachment."""

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
    LEAVER,
    LOSS,
    OUTCOME,
    PROCESS,
    RECOIL,
    RELATIVE_SPEED,
    REMAINING,
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
    DEPARTURE_CENTRE_VZ,
    DEPARTURE_NUMBER,
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
    elastic: int,
    real: int,
    stream: NDArray[np.uint64],
    scatter: Any,
    tables: Tables,
    scattering: Scattering,
    sharing: Sharing,
    weight: float,
    tallies: Tallies,
) -> int:
    """Carry out the collisions; return the number of electrons including the freed ones.

    Freed electrons are appended to the active ones; attached electrons are marked as dead.
    """
    ionizing = _find_remaining_energies(b, k, elastic, real, tables)
    share_energies(b, k, ionizing, stream, sharing)
    _find_speeds(b, k, elastic, real, ionizing, tables)
    for row, count in ((U1, real), (U2, real), (U3, ionizing), (U4, ionizing)):
        fill_uniform(stream, b, row, count)
    call(scatter, (b, k, real, ionizing, scattering, sharing.momentum_conserving))
    active = _free_electrons(b, k, active, ionizing, weight, tallies)
    if tallies.departures.shape[0] > 0:
        _count_departures(b, k, elastic, real, ionizing, tables, weight, tallies.departures)
    _finish_elastic(b, k, elastic, weight, tallies)
    _finish(b, k, elastic, real, tables, weight, tallies)
    tallies.events[REAL_COLLISIONS] += real
    tallies.events[BIRTHS] += ionizing
    return active


@compiled_inline
def _find_remaining_energies(
    b: FloatArray, k: NDArray[np.uint32], elastic: int, real: int, tables: Tables
) -> int:
    """Write the energy that remains after each collision (but the first, elastic ones).

    Lists the ionizing collisions and returns their number.
    """
    ionizing = 0
    for c in range(elastic, real):
        process, speed = k[PROCESS + c], b[RELATIVE_SPEED + c]
        b[RECOIL + c] = tables.recoil[process]
        b[REMAINING + c] = max(HALF_MASS * speed * speed - tables.threshold[process], 0.0)
        k[IONIZING + ionizing] = c
        ionizing += tables.action[process] == IONIZATION
    return ionizing


@compiled_inline
def _find_speeds(
    b: FloatArray,
    k: NDArray[np.uint32],
    elastic: int,
    real: int,
    ionizing: int,
    tables: Tables,
) -> None:
    """Write speeds relative to the centre of mass, to REMAINING (was: energies) and to FREED."""
    table, first_recoil = tables.square_root, tables.recoil[0]
    for c in range(elastic):
        b[RECOIL + c] = first_recoil
        b[REMAINING + c] = first_recoil * b[RELATIVE_SPEED + c]
    for n in range(ionizing):
        c, share = k[IONIZING + n], b[SHARE + n]
        if table.size:
            freed = square_root(b[REMAINING + c] * share / HALF_MASS, table)
        else:
            freed = np.sqrt(b[REMAINING + c] * share / HALF_MASS)
        b[FREED + n] = b[RECOIL + c] * freed
        b[REMAINING + c] *= 1.0 - share
    if table.size:
        for c in range(elastic, real):
            # Exactly the same speed after an elastic collision: an error of the table could exceed
            # the small energy loss by recoil.
            speed = b[RELATIVE_SPEED + c]
            if tables.threshold[k[PROCESS + c]] != 0.0:
                speed = square_root(b[REMAINING + c] / HALF_MASS, table)
            b[REMAINING + c] = b[RECOIL + c] * speed
    else:
        for c in range(elastic, real):
            b[REMAINING + c] = b[RECOIL + c] * np.sqrt(b[REMAINING + c] / HALF_MASS)


@compiled_inline
def _free_electrons(
    b: FloatArray,
    k: NDArray[np.uint32],
    active: int,
    ionizing: int,
    weight: float,
    tallies: Tallies,
) -> int:
    """Append the electrons freed by ionization to the active ones; returns the new number."""
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
    elastic: int,
    real: int,
    ionizing: int,
    tables: Tables,
    weight: float,
    departures: FloatArray,
) -> None:
    """Count the electrons that leave collisions, by their speed relative to the centre of mass."""
    inverse_width, last = tables.inverse_cell_width, float(departures.shape[0] - 1)
    for c in range(elastic):
        cell = np.uint32(min(b[REMAINING + c] * inverse_width, last))
        departures[cell, DEPARTURE_NUMBER] += weight
        departures[cell, DEPARTURE_CENTRE_VZ] += weight * b[BEFORE_Z + c]
    for c in range(elastic, real):
        free = weight if tables.action[k[PROCESS + c]] != ATTACHMENT else 0.0
        cell = np.uint32(min(b[REMAINING + c] * inverse_width, last))
        departures[cell, DEPARTURE_NUMBER] += free
        departures[cell, DEPARTURE_CENTRE_VZ] += free * b[BEFORE_Z + c]
    for n in range(ionizing):
        cell = np.uint32(min(b[FREED + n] * inverse_width, last))
        departures[cell, DEPARTURE_NUMBER] += weight
        departures[cell, DEPARTURE_CENTRE_VZ] += weight * b[BEFORE_Z + k[IONIZING + n]]


@compiled_inline
def _finish_elastic(
    b: FloatArray, k: NDArray[np.uint32], elastic: int, weight: float, tallies: Tallies
) -> None:
    """Write the velocities after the first, elastic collisions, and tally these."""
    loss = 0.0
    for c in range(elastic):
        i = k[ELECTRON + c]
        b[VX + i], b[VY + i], b[VZ + i] = b[AFTER_X + c], b[AFTER_Y + c], b[AFTER_Z + c]
        loss += b[LOSS + c]
    tallies.collisions[0] += weight * elastic
    tallies.energy_loss[0] += weight * loss


@compiled_inline
def _finish(
    b: FloatArray,
    k: NDArray[np.uint32],
    elastic: int,
    real: int,
    tables: Tables,
    weight: float,
    tallies: Tallies,
) -> None:
    """Write the velocities after the other collisions, mark attached electrons dead, tally."""
    collisions, energy_loss = tallies.collisions, tallies.energy_loss
    for c in range(elastic, real):
        i, process = k[ELECTRON + c], k[PROCESS + c]
        loss = b[LOSS + c]
        if tables.action[process] == ATTACHMENT:
            vx, vy, vz = b[VX + i], b[VY + i], b[VZ + i]
            loss = HALF_MASS * (vx * vx + vy * vy + vz * vz)
            b[OUTCOME + i] = DEAD
            _count_flux(b, i, weight, tallies.flux)
            tallies.events[DEATHS] += 1
        b[VX + i], b[VY + i], b[VZ + i] = b[AFTER_X + c], b[AFTER_Y + c], b[AFTER_Z + c]
        collisions[process] += weight
        energy_loss[process] += weight * loss


@compiled_inline
def _count_flux(b: FloatArray, i: int, weight: float, flux: FloatArray) -> None:
    """Add the contribution of an electron to the time integrals of the flux."""
    add_flux(b[X + i], b[Y + i], b[Z + i], b[CLOCK + i], weight, flux)


@compiled_inline
def settle(
    b: FloatArray,
    k: NDArray[np.uint32],
    active: int,
    electrons: FloatArray,
    waiting: int,
) -> tuple[int, int]:
    """Move electrons at the end of the window to the last columns, and close the gaps.

    The last active electrons take the places of those that are not active any more. Returns the
    number of active electrons and of those at the end of the window.
    """
    leavers = 0
    for i in range(active):
        leavers += b[OUTCOME + i] > AT_HORIZON
    # In most steps no electron leaves.
    if leavers == 0:
        return active, waiting
    _list_leavers(b, k, active)
    staying = active - leavers
    filler = staying
    for n in range(leavers):
        i = k[LEAVER + n]
        if b[OUTCOME + i] == AT_WINDOW_END:
            waiting += 1
            for row in range(STATE_ROWS):
                electrons[row, CAPACITY - waiting] = b[row * CAPACITY + i]
        # The place is among those of the staying electrons.
        if i < staying:
            while b[OUTCOME + filler] > AT_HORIZON:
                filler += 1
            for row in range(STATE_ROWS):
                b[row * CAPACITY + i] = b[row * CAPACITY + filler]
            filler += 1
    return staying, waiting


@compiled_inline
def _list_leavers(b: FloatArray, k: NDArray[np.uint32], active: int) -> None:
    """List the electrons that are not active any more."""
    count = 0
    for i in range(active):
        k[LEAVER + count] = i
        count += b[OUTCOME + i] > AT_HORIZON
