"""Both implementations choose the same electrons; what the choice does is in `test_swarm`."""

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from swarmhydra.collisions.bounds import CELLS
from swarmhydra.kernels import backends
from swarmhydra.kernels.contract import (
    CAPACITY,
    STATE_ROWS,
    VX,
    VZ,
    Surroundings,
    SwarmArrays,
    Window,
)
from swarmhydra.kernels.streams import LANES, WORDS
from swarmhydra.swarm.ensemble import Ensemble
from swarmhydra.swarm.tallies import new_tallies
from tests.helpers.settings import configured

pytest.importorskip("numba")


@settings(derandomize=True, deadline=None, max_examples=60)
@given(
    population=st.integers(1, 300),
    target_size=st.integers(1, 300),
    seed=st.integers(0, 10**6),
    equal=st.booleans(),
    memory=st.integers(1, 3),
)
def test_numpy_and_numba_choose_the_same_electrons(
    population: int, target_size: int, seed: int, equal: bool, memory: int
) -> None:
    random = np.random.default_rng(seed)
    electrons = random.standard_normal((1, STATE_ROWS, CAPACITY))
    # At equal speeds the order is that of the places.
    electrons[:, VX : VZ + 1] *= 0.0 if equal else 1e6
    history = random.standard_normal((1, CAPACITY, memory - 1, 4))
    state = random.integers(0, 2**63, (1, WORDS, LANES), dtype=np.uint64)
    results = []
    for name in ("numpy", "jit"):
        swarm = SwarmArrays(
            electrons=electrons.copy(),
            population=np.array([population]),
            target_size=np.array([target_size]),
            active=np.zeros(1, dtype=np.int64),
            history=history.copy(),
            weight=np.ones(1),
            random_state=state.copy(),
            until_sample=np.zeros(1, dtype=np.int64),
        )
        open_only(name, swarm, memory)
        results.append(swarm)
    for one, other in zip(*results, strict=True):
        assert np.array_equal(one, other)
    assert results[0].population[0] == target_size
    assert np.array_equal(results[0].random_state, state) == (target_size == population)


def open_only(backend: str, swarm: SwarmArrays, memory: int) -> None:
    """Open a window in which nobody takes a step."""
    surroundings = some_surroundings()
    tallies = new_tallies(1, surroundings.tables.action.size, CELLS, memory)
    window = Window(duration=1.0, phase=0.0, max_steps=0, timed=False)
    backends.load(backend, 1).advance(swarm, surroundings, window, tallies, opening=True)


@cache
def some_surroundings() -> Surroundings:
    """A gas: nobody notices it."""
    return Ensemble(configured("gas=argon", "sim.electrons=16")).surroundings()
