"""Both implementations choose the same electrons; what the choice does is in `test_swarm`."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from swarmhydra.kernels import backends
from swarmhydra.kernels.contract import STATE_ROWS, VX, VZ, SwarmArrays

pytest.importorskip("numba")


@settings(derandomize=True, deadline=None, max_examples=60)
@given(
    population=st.integers(1, 300),
    count=st.integers(1, 300),
    seed=st.integers(0, 10**6),
    equal=st.booleans(),
    memory=st.integers(1, 3),
)
def test_numpy_and_numba_choose_the_same_electrons(
    population: int, count: int, seed: int, equal: bool, memory: int
) -> None:
    random = np.random.default_rng(seed)
    electrons = random.standard_normal((STATE_ROWS, 320))
    # At equal speeds the order is that of the places.
    electrons[VX : VZ + 1] *= 0.0 if equal else 1e6
    history = random.standard_normal((320, memory - 1, 4))
    state = random.integers(0, 2**63, (4, 4), dtype=np.uint64)
    results = []
    for name in ("numpy", "jit"):
        swarm = SwarmArrays(
            electrons=electrons[None].copy(),
            population=np.array([population]),
            active=np.zeros(1, dtype=np.int64),
            history=history[None].copy(),
            weight=np.ones(1),
            random_state=state[None].copy(),
        )
        backends.load(name, 1).resample(swarm, np.array([0]), np.array([count]))
        results.append(swarm)
    for one, other in zip(*results, strict=True):
        assert np.array_equal(one, other)
    assert results[0].population[0] == count
    assert not np.array_equal(results[0].random_state[0], state)
