"""Electrons at the start of a pass through a waveform."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from swarmhydra.kernels import contract, streams
from swarmhydra.kernels.arrays import FloatArray
from swarmhydra.kernels.quantities import HALF_MASS
from swarmhydra.swarm.electrons import Swarm
from swarmhydra.swarm.initial_conditions import Start

SavedElectrons = dict[str, NDArray[Any]]


def forget_displacements(swarm: Swarm) -> None:
    """Begin the displacements of all electrons anew."""
    swarm.arrays.electrons[:, contract.X : contract.Z + 1] = 0.0
    go_on_from_origin(swarm)


def go_on_from_origin(swarm: Swarm) -> None:
    """Let displacements be since where they began, and not since some windows ago.

    At the end of a window the kernels move the origin on by what is remembered of a past window.
    """
    count = int(swarm.arrays.population.max())
    swarm.arrays.history[:, :count, :, :3] = 0.0


def keep(swarm: Swarm) -> SavedElectrons:
    """A copy of the electrons between two windows, for `restore`."""
    arrays = swarm.arrays
    count = int(arrays.population.max())
    return {
        "electrons": arrays.electrons[:, :, :count].copy(),
        "population": arrays.population.copy(),
    }


def restore(swarm: Swarm, state: SavedElectrons) -> None:
    """Put back the electrons that `keep` has copied."""
    arrays, electrons = swarm.arrays, state["electrons"]
    arrays.electrons[:, :, : electrons.shape[2]] = electrons
    arrays.population[:] = state["population"]


def draw(swarm: Swarm, start: Start) -> None:
    """Replace all electrons by new ones, drawn from a distribution."""
    arrays = swarm.arrays
    arrays.population[:] = swarm.nominal
    for s, count in enumerate(swarm.nominal.tolist()):
        leader = streams.leader_at(arrays.random_state[s])
        electrons = arrays.electrons[s, :, :count]
        electrons[contract.VX : contract.VZ + 1] = start.velocities(leader, count)
        electrons[contract.X : contract.Z + 1] = start.places(leader, count)
        electrons[contract.CLOCK] = 0.0
        streams.store_leader(leader, arrays.random_state[s])


def give_equal_weights(swarm: Swarm) -> None:
    """Let every sub-swarm with electrons count for as many as it nominally has."""
    arrays = swarm.arrays
    arrays.target_size[:] = np.where(arrays.population > 0, swarm.nominal, 0)
    arrays.weight[:] = 1.0


def energies(swarm: Swarm) -> FloatArray:
    """Energy (eV) of the simulated electrons of each sub-swarm between two windows, shape (S,)."""
    population, electrons = swarm.arrays.population, swarm.arrays.electrons
    count = int(population.max())
    velocity = electrons[:, contract.VX : contract.VZ + 1, :count]
    energy = HALF_MASS * np.einsum("sin,sin->sn", velocity, velocity)
    alive = np.arange(count) < population[:, None]
    return np.asarray(np.where(alive, energy, 0.0).sum(axis=1))
