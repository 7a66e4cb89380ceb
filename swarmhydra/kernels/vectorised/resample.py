"""Population control: sub-swarms of another size, as a systematic sample of their electrons."""

import numpy as np
from numpy.typing import NDArray

from swarmhydra.kernels.arrays import FloatArray, IntArray
from swarmhydra.kernels.contract import ANCESTOR, VX, VZ, SwarmArrays
from swarmhydra.kernels.streams import Stream


def resample(swarm: SwarmArrays) -> None:
    """Replace each sub-swarm by `swarm.target_size` of its electrons; see `backends.Kernels`."""
    for s in np.flatnonzero(swarm.target_size != swarm.population).tolist():
        electrons, history, state = swarm.electrons[s], swarm.history[s], swarm.random_state[s]
        population, target_size = int(swarm.population[s]), int(swarm.target_size[s])
        _resample_one(electrons, history, state, population, target_size)
    swarm.population[:] = swarm.target_size


def _resample_one(
    electrons: FloatArray,
    history: FloatArray,
    random_state: NDArray[np.uint64],
    population: int,
    count: int,
) -> None:
    """Replace the electrons of a sub-swarm by a sample of them.

    The electrons are sorted by energy and taken at equal distances from a random start. Every
    electron is chosen with the same probability, and the energy distribution hardly changes.
    """
    stream = Stream(random_state)
    place = (np.arange(count) + stream.random(1)[0, 0]) * (population / count)
    stream.store(random_state)
    vx, vy, vz = electrons[VX : VZ + 1, :population]
    order = _ascending(np.sqrt(vx * vx + vy * vy + vz * vz))
    sample = order[np.minimum(place.astype(np.int64), population - 1)]
    # `take` is several times faster than an index array.
    electrons[:, :count] = electrons.take(sample, axis=1)
    electrons[ANCESTOR, :count] = np.arange(count)
    history[:count] = history.take(sample, axis=0)


def _ascending(values: FloatArray) -> IntArray:
    """The order of numbers that are not negative, with a resolution of 2^-32 of the largest.

    A radix sort in two passes: NumPy sorts 16-bit integers many times faster than longer ones.
    """
    scale = (2.0**32 - 1.0) / max(float(values.max()), 1e-200)
    key = (values * scale).astype(np.uint32)
    order = np.argsort(key.astype(np.uint16), kind="stable")
    return order[np.argsort((key >> 16).astype(np.uint16)[order], kind="stable")]
