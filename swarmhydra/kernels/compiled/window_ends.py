"""What happens to one sub-swarm at the ends of a window."""

import numpy as np
from numpy.typing import NDArray

from swarmhydra.kernels.compiled.compiler import compiled, compiled_inline
from swarmhydra.kernels.compiled.flux import add_flux
from swarmhydra.kernels.contract import ANCESTOR, CAPACITY, CLOCK, VX, VY, VZ, Tallies, X, Y, Z
from swarmhydra.kernels.quantities import HALF_MASS


@compiled
def open_window(
    electrons: NDArray[np.float64], population: int, weight: float, tallies: Tallies
) -> None:
    """Start the time integrals of the flux."""
    for i in range(population):
        x, y, z = electrons[X, i], electrons[Y, i], electrons[Z, i]
        add_flux(x, y, z, electrons[CLOCK, i], -weight, tallies.flux)


@compiled
def close_window(
    electrons: NDArray[np.float64],
    population: int,
    history: NDArray[np.float64],
    weight: float,
    tilt: float,
    tallies: Tallies,
) -> None:
    """Add up the moments over the remembered windows, then make this end a new origin."""
    _line_up(electrons, population)
    past = np.empty((population, history.shape[1], 4))
    for i in range(population):
        ancestor = int(electrons[ANCESTOR, i])
        # Number by number: copying a part of an array takes long to compile.
        for w in range(history.shape[1]):
            for column in range(4):
                past[i, w, column] = history[ancestor, w, column]
    for i in range(population):
        _count_electron(electrons, i, past[i], history[i], weight, tilt, tallies)
    tallies.window_electrons[0] += weight * population


@compiled_inline
def _line_up(electrons: NDArray[np.float64], population: int) -> None:
    """Bring those who wait in the last columns to the front, in the order of their arrival."""
    arrived = np.empty(population)
    for row in range(electrons.shape[0]):
        for i in range(population):
            arrived[i] = electrons[row, CAPACITY - 1 - i]
        for i in range(population):
            electrons[row, i] = arrived[i]


@compiled_inline
def _count_electron(
    electrons: NDArray[np.float64],
    i: int,
    past: NDArray[np.float64],
    future: NDArray[np.float64],
    weight: float,
    tilt: float,
    tallies: Tallies,
) -> None:
    """Count one electron with its past, and write what becomes of the past."""
    x, y, z = electrons[X, i], electrons[Y, i], electrons[Z, i]
    vx, vy, vz = electrons[VX, i], electrons[VY, i], electrons[VZ, i]
    energy = HALF_MASS * (vx * vx + vy * vy + vz * vz)
    add_flux(x, y, z, electrons[CLOCK, i], weight, tallies.flux)

    # What is left of the displacement without the earlier windows is that of the last one.
    windows = past.shape[0]
    dx, dy, dz = x, y, z
    for w in range(windows):
        dx -= past[w, 0]
        dy -= past[w, 1]
        dz -= past[w, 2]
    future[0, 0], future[0, 1], future[0, 2], future[0, 3] = dx, dy, dz, energy
    memory, earlier = tallies.energy_memory, energy
    for w in range(windows + 1):
        _count_displacement(dx, dy, dz, w, weight, tilt, tallies)
        memory[w, 0] += weight * energy * earlier
        memory[w, 1] += weight * earlier
        if w < windows:
            dx += past[w, 0]
            dy += past[w, 1]
            dz += past[w, 2]
            earlier = past[w, 3]
            if w + 1 < windows:
                for column in range(4):
                    future[w + 1, column] = past[w, column]
    oldest = windows - 1
    electrons[X, i] = x - past[oldest, 0]
    electrons[Y, i] = y - past[oldest, 1]
    electrons[Z, i] = z - past[oldest, 2]
    electrons[CLOCK, i] = 0.0
    electrons[ANCESTOR, i] = i


@compiled_inline
def _count_displacement(
    dx: float, dy: float, dz: float, w: int, weight: float, tilt: float, tallies: Tallies
) -> None:
    """Add a displacement over w + 1 windows to the moments."""
    displacement, product = tallies.displacement, tallies.displacement_product
    displacement[w, 0] += weight * dx
    displacement[w, 1] += weight * dy
    displacement[w, 2] += weight * dz
    product[w, 0] += weight * dx * dx
    product[w, 1] += weight * dy * dy
    product[w, 2] += weight * dz * dz
    product[w, 3] += weight * dx * dy
    product[w, 4] += weight * dx * dz
    product[w, 5] += weight * dy * dz
    tilted, tilted_weight = tallies.tilted, weight * np.exp(-tilt * dz)
    tilted[w, 0] += tilted_weight
    tilted[w, 1] += tilted_weight * dz
    tilted[w, 2] += tilted_weight * dz * dz
