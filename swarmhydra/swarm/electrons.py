"""The swarm between windows: how it starts, what it sums, how its size is kept.

Inside a window the kernels let the swarm grow and shrink as it physically does. Between two windows
a sub-swarm that has become too large or too small is resampled to its nominal size. Each electron
then stands for more or fewer real ones: the factors of the remembered windows stay in the
sub-swarm's weight, so that a sub-swarm that multiplied counts for as much as its offspring would.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from swarmhydra.kernels import contract, streams
from swarmhydra.kernels.arrays import FloatArray, IntArray
from swarmhydra.kernels.contract import SwarmArrays, Tallies
from swarmhydra.kernels.quantities import flux_terms
from swarmhydra.swarm.initial_conditions import InitialConditions

SMALLEST_SHARE = 0.5
"""Share of its nominal size below which a sub-swarm is filled up."""


class Extinct(Exception):
    """No electron is left."""


@dataclass
class Swarm:
    """A swarm of independent sub-swarms.

    Attributes
    ----------
    arrays : SwarmArrays
        What the kernels see.
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
        """The same where a window opens, after `control_population`."""
        return float(self.arrays.weight @ self.arrays.wanted)


def start(
    electrons: int,
    sub_swarms: int,
    initial: InitialConditions,
    states: NDArray[np.uint64],
    memory: int,
) -> Swarm:
    """Make a swarm.

    Parameters
    ----------
    electrons : int
        In all; shared out among the sub-swarms as evenly as can be.
    sub_swarms : int
    initial : InitialConditions
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
        wanted=nominal.copy(),
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
    """The same swarm with all displacements forgotten and another number of windows remembered."""
    arrays = swarm.arrays
    arrays.electrons[:, contract.X : contract.Z + 1] = 0.0
    arrays.weight[:] = 1.0
    history = np.zeros((len(swarm.nominal), contract.CAPACITY, memory - 1, 4))
    factors = np.ones((len(swarm.nominal), memory))
    return Swarm(arrays._replace(history=history), swarm.nominal, factors)


def content(swarm: Swarm) -> dict[str, NDArray[Any]]:
    """Everything about a swarm, for `restored`, without the places that are not in use."""
    arrays = swarm.arrays
    # Where nobody flies any more the window is closed, and all stand at the front.
    front = np.where(arrays.active > 0, arrays.active, arrays.population)
    in_front, waiting = int(front.max()), int((arrays.population - front).max())
    standing = arrays.electrons[:, contract.ANCESTOR]
    at_back = standing[:, contract.CAPACITY - waiting :]
    remembered = 1 + int(max(standing[:, :in_front].max(initial=-1), at_back.max(initial=-1)))
    return {
        **arrays._asdict(),
        "electrons": arrays.electrons[:, :, :in_front],
        "waiting": arrays.electrons[:, :, contract.CAPACITY - waiting :],
        "history": arrays.history[:, :remembered],
        "nominal": swarm.nominal,
        "factors": swarm.factors,
    }


def restored(saved: Mapping[str, NDArray[Any]]) -> Swarm:
    """The swarm that gave this `content`."""
    fields = {name: saved[name] for name in SwarmArrays._fields}
    flying, waiting, remembered = saved["electrons"], saved["waiting"], saved["history"]
    electrons = np.zeros((*flying.shape[:2], contract.CAPACITY))
    electrons[:, :, : flying.shape[2]] = flying
    # Where they overlap, either holds the same.
    electrons[:, :, contract.CAPACITY - waiting.shape[2] :] = waiting
    history = np.zeros((len(remembered), contract.CAPACITY, *remembered.shape[2:]))
    history[:, : remembered.shape[1]] = remembered
    arrays = SwarmArrays(**{**fields, "electrons": electrons, "history": history})
    return Swarm(arrays, saved["nominal"], saved["factors"])


def new_tallies(
    sub_swarms: int,
    processes: int,
    cells: int,
    memory: int,
    phases: int = 0,
    departure_cells: int = 0,
    moments: tuple[int, int] = (0, 0),
) -> Tallies:
    """Sums at zero."""
    return Tallies(
        flux=np.zeros((sub_swarms, contract.FLUX_COLUMNS)),
        trial=np.zeros((sub_swarms, contract.TRIAL_COLUMNS)),
        speed=np.zeros((sub_swarms, cells, 2)),
        collisions=np.zeros((sub_swarms, processes)),
        energy_loss=np.zeros((sub_swarms, processes)),
        departures=np.zeros((sub_swarms, departure_cells, 2)),
        window_electrons=np.zeros((sub_swarms, 1)),
        displacement=np.zeros((sub_swarms, memory, 3)),
        displacement_product=np.zeros((sub_swarms, memory, len(contract.PAIRS))),
        tilted=np.zeros((sub_swarms, memory, 3)),
        energy_memory=np.zeros((sub_swarms, memory, 2)),
        phase=np.zeros((sub_swarms, phases, contract.PHASE_COLUMNS + processes)),
        velocity_moments=np.zeros((sub_swarms, *moments)),
        events=np.zeros((sub_swarms, contract.EVENT_COLUMNS), dtype=np.int64),
        seconds=np.zeros((sub_swarms, len(contract.STAGES))),
    )


def control_population(swarm: Swarm, largest_growth: float) -> None:
    """Have sub-swarms brought back to their nominal size where they have left its neighbourhood.

    Parameters
    ----------
    swarm : Swarm
        At the end of a window, with electrons left.
    largest_growth : float
        Multiple of the nominal size above which a sub-swarm is thinned.
    """
    arrays = swarm.arrays
    swarm.factors[:, 1:] = swarm.factors[:, :-1]
    swarm.factors[:, 0] = 1.0
    share = arrays.population / swarm.nominal
    few = (share > 0.0) & (share < SMALLEST_SHARE)
    which = np.flatnonzero(few | (share > largest_growth))
    swarm.factors[which, 0] = share[which]
    arrays.wanted[:] = arrays.population
    arrays.wanted[which] = swarm.nominal[which]
    weight = swarm.factors.prod(axis=1)
    total = float(weight @ arrays.wanted)
    arrays.weight[:] = weight * (swarm.nominal.sum() / total)


def relieve(swarm: Swarm, tallies: Tallies) -> None:
    """Halve sub-swarms that became too full for another step in the middle of a window."""
    arrays = swarm.arrays
    for s in np.flatnonzero(arrays.population + arrays.active > contract.CAPACITY).tolist():
        electrons, active = arrays.electrons[s], int(arrays.active[s])
        waiting = int(arrays.population[s]) - active
        arrived = electrons[:, contract.CAPACITY - waiting :][:, ::-1]
        everyone = np.concatenate([electrons[:, :active], arrived], axis=1)
        leader = streams.leader_at(arrays.random_state[s])
        first = int(leader.integers(2))
        streams.store_leader(leader, arrays.random_state[s])
        kept, terms = everyone[:, first::2], flux_terms(everyone)
        # Those who go are counted up to here; for those who stay twice as many are from now on.
        change = terms.sum(axis=1) - 2.0 * terms[:, first::2].sum(axis=1)
        tallies.flux[s] += arrays.weight[s] * change
        active = (active + 1 - first) // 2
        waiting = kept.shape[1] - active
        electrons[:, :active] = kept[:, :active]
        electrons[:, contract.CAPACITY - waiting :] = kept[:, active:][:, ::-1]
        arrays.active[s], arrays.population[s] = active, active + waiting
        arrays.weight[s] *= 2.0
        swarm.factors[s, 0] *= 2.0
