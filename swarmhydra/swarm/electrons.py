"""The electrons of a swarm between windows: how they start, and how they are stored."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from swarmhydra.kernels import contract, streams
from swarmhydra.kernels.arrays import FloatArray, IntArray
from swarmhydra.kernels.contract import SwarmArrays
from swarmhydra.swarm.initial_conditions import Start


class Extinct(Exception):
    """No electron is left."""


@dataclass
class Swarm:
    """A swarm of independent sub-swarms.

    Attributes
    ----------
    arrays : SwarmArrays
        The electrons as the kernels see them.
    nominal : ndarray of int, shape (S,)
        Electrons that each sub-swarm is brought back to.
    factors : ndarray, shape (S, memory)
        Real electrons per simulated one that resampling brought in each remembered window; the
        current window first.
    """

    arrays: SwarmArrays
    nominal: IntArray
    factors: FloatArray

    @property
    def memory(self) -> int:
        """Windows that a displacement is remembered over, the current one included."""
        return int(self.factors.shape[1])

    @property
    def weight_at_end(self) -> float:
        """Sum of the weights of all electrons at a window's end, before `control_population`."""
        return float(self.arrays.weight @ self.arrays.population)

    @property
    def weight_at_opening(self) -> float:
        """Sum of the weights where a window opens, after `control_population`."""
        return float(self.arrays.weight @ self.arrays.target_size)

    def elapsed(self, duration: float) -> float:
        """Mean over the electrons of the time since the start of the window that is under way (s).

        Parameters
        ----------
        duration : float
            Duration of the window (s).
        """
        active, alive = self.arrays.active, int(self.arrays.population.sum())
        clocks = self.arrays.electrons[:, contract.CLOCK]
        waiting = float(alive - active.sum()) * duration
        moving = sum(clock[:count].sum() for clock, count in zip(clocks, active, strict=True))
        return float(moving + waiting) / alive if alive else duration


def start(
    electrons: int,
    sub_swarms: int,
    initial: Start,
    states: NDArray[np.uint64],
    memory: int,
) -> Swarm:
    """Make a swarm.

    Parameters
    ----------
    electrons : int
        In all; shared out among the sub-swarms as evenly as can be.
    sub_swarms : int
    initial : Start
        What the electrons are drawn from.
    states : ndarray of uint64, shape (sub_swarms, WORDS, LANES)
        Random streams; they are drawn from.
    memory : int
        Windows that displacements are remembered over.
    """
    nominal = np.full(sub_swarms, electrons // sub_swarms, dtype=np.int64)
    nominal[: electrons % sub_swarms] += 1
    arrays = SwarmArrays(
        electrons=np.zeros((sub_swarms, contract.STATE_ROWS, contract.CAPACITY)),
        population=nominal.copy(),
        target_size=nominal.copy(),
        active=nominal.copy(),
        history=np.zeros((sub_swarms, contract.CAPACITY, memory - 1, 4)),
        weight=np.ones(sub_swarms),
        random_state=states.copy(),
        until_sample=np.zeros(sub_swarms, dtype=np.int64),
    )
    for s, count in enumerate(nominal):
        leader = streams.leader_at(arrays.random_state[s])
        columns = arrays.electrons[s]
        columns[contract.VX : contract.VZ + 1, :count] = initial.velocities(leader, int(count))
        columns[contract.X : contract.Z + 1, :count] = initial.places(leader, int(count))
        arrays.electrons[s, contract.ANCESTOR, :count] = np.arange(count)
        streams.store_leader(leader, arrays.random_state[s])
    return Swarm(arrays, nominal, np.ones((sub_swarms, memory)))


def with_memory(swarm: Swarm, memory: int) -> Swarm:
    """The same electrons with displacements of zero, to be remembered over so many windows."""
    arrays = swarm.arrays
    arrays.electrons[:, contract.X : contract.Z + 1] = 0.0
    arrays.weight[:] = 1.0
    history = np.zeros((len(swarm.nominal), contract.CAPACITY, memory - 1, 4))
    factors = np.ones((len(swarm.nominal), memory))
    return Swarm(arrays._replace(history=history), swarm.nominal, factors)


def state_dict(swarm: Swarm) -> dict[str, NDArray[Any]]:
    """Everything about a swarm, for `from_state_dict`, without the columns that are not in use."""
    arrays = swarm.arrays
    # If no electron is active the window has been closed, and all are in the first columns.
    front = np.where(arrays.active > 0, arrays.active, arrays.population)
    in_front, waiting = int(front.max()), int((arrays.population - front).max())
    ancestors = arrays.electrons[:, contract.ANCESTOR]
    at_back = ancestors[:, contract.CAPACITY - waiting :]
    last_ancestor = max(ancestors[:, :in_front].max(initial=-1), at_back.max(initial=-1))
    return {
        **arrays._asdict(),
        "electrons": arrays.electrons[:, :, :in_front],
        "waiting": arrays.electrons[:, :, contract.CAPACITY - waiting :],
        "history": arrays.history[:, : 1 + int(last_ancestor)],
        "nominal": swarm.nominal,
        "factors": swarm.factors,
    }


def from_state_dict(state: Mapping[str, NDArray[Any]]) -> Swarm:
    """The swarm that gave this `state_dict`.

    Raises
    ------
    ValueError
        If there are more electrons than places, or ancestors at places that do not exist.
    """
    fields = {name: state[name] for name in SwarmArrays._fields}
    active, waiting, past = state["electrons"], state["waiting"], state["history"]
    electrons = np.zeros((*active.shape[:2], contract.CAPACITY))
    electrons[:, :, : active.shape[2]] = active
    # The two slices may overlap; the values agree there.
    electrons[:, :, contract.CAPACITY - waiting.shape[2] :] = waiting
    history = np.zeros((len(past), contract.CAPACITY, *past.shape[2:]))
    history[:, : past.shape[1]] = past
    arrays = SwarmArrays(**{**fields, "electrons": electrons, "history": history})
    active_in_population = (arrays.active >= 0) & (arrays.active <= arrays.population)
    room = (arrays.population <= contract.CAPACITY) & (arrays.target_size <= contract.CAPACITY)
    ancestors = electrons[:, contract.ANCESTOR]
    ancestors_exist = np.all((ancestors >= 0) & (ancestors < contract.CAPACITY))
    if not (np.all(active_in_population & room & (arrays.target_size >= 0)) and ancestors_exist):
        raise ValueError("numbers of electrons, or ancestors, that cannot be")
    return Swarm(arrays, state["nominal"], state["factors"])
