"""Sub-swarms side by side: nobody is lost, nobody is mixed up, every stream is the own one."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from swarmhydra.kernels import streams
from swarmhydra.kernels.contract import ANCESTOR, CAPACITY, STATE_ROWS, SwarmArrays
from swarmhydra.kernels.vectorised.batch import Batch
from swarmhydra.swarm import electrons as swarms
from tests.kernels.starts import maxwellian_start

NAME = 0
"""Row in which these tests keep a number that no two electrons share."""


def swarm_of(sizes: list[int], seed: int = 1) -> SwarmArrays:
    """Sub-swarms of some sizes whose electrons have names 0, 1, 2 ... 1000, 1001, ..."""
    states = streams.initial_states(seed, streams.spawn_keys("batch", 0, len(sizes)))
    arrays = SwarmArrays(
        electrons=np.zeros((len(sizes), STATE_ROWS, CAPACITY)),
        population=np.array(sizes),
        target_size=np.array(sizes),
        active=np.array(sizes),
        history=np.zeros((len(sizes), CAPACITY, 1, 4)),
        weight=np.linspace(1.0, 2.0, len(sizes)),
        random_state=states,
        until_sample=np.zeros(len(sizes), dtype=np.int64),
    )
    for s, size in enumerate(sizes):
        arrays.electrons[s, NAME, :size] = 1000.0 * s + np.arange(size)
        arrays.electrons[s, ANCESTOR, :size] = np.arange(size)
    return arrays


def everyone(arrays: SwarmArrays) -> slice:
    return slice(0, arrays.population.size)


def flying(batch: Batch, s: int) -> list[float]:
    """Names of those of a sub-swarm who fly, in their order."""
    return batch.electrons[NAME, batch.label == s].tolist()


def waiting(arrays: SwarmArrays, s: int) -> list[float]:
    """Names of those of a sub-swarm who wait, in the order in which they arrived."""
    count = int(arrays.population[s] - arrays.active[s])
    return arrays.electrons[s, NAME, CAPACITY - count :][::-1].tolist()


# In and out


@settings(derandomize=True, deadline=None)
@given(
    sizes=st.lists(st.integers(0, 9), min_size=1, max_size=6),
    first=st.integers(0, 3),
)
def test_what_is_taken_out_is_put_back_and_other_sub_swarms_are_not_touched(
    sizes: list[int], first: int
) -> None:
    arrays = swarm_of(sizes)
    before = SwarmArrays(*(array.copy() for array in arrays))
    Batch(arrays, slice(min(first, len(sizes) - 1), len(sizes))).store()
    for old, new in zip(before, arrays, strict=True):
        assert np.array_equal(old, new)


def test_the_electrons_of_a_batch_stand_by_sub_swarm() -> None:
    arrays = swarm_of([2, 0, 3])
    batch = Batch(arrays, slice(0, 3))
    assert batch.label.tolist() == [0, 0, 2, 2, 2]
    assert batch.counts.tolist() == [2, 0, 3]
    assert batch.electrons[NAME].tolist() == [0.0, 1.0, 2000.0, 2001.0, 2002.0]


def test_those_who_wait_stay_where_they_are() -> None:
    arrays = swarm_of([4])
    arrays.active[0] = 3
    arrays.electrons[0, :, CAPACITY - 1] = arrays.electrons[0, :, 3]
    batch = Batch(arrays, slice(0, 1))
    assert batch.waiting.tolist() == [1]
    assert flying(batch, 0) == [0.0, 1.0, 2.0]
    batch.store()
    assert waiting(arrays, 0) == [3.0]


# Random numbers


@settings(derandomize=True, deadline=None)
@given(sizes=st.lists(st.integers(0, 9), min_size=1, max_size=6), rows=st.integers(1, 4))
def test_every_sub_swarm_draws_from_its_own_stream_as_if_it_were_alone(
    sizes: list[int], rows: int
) -> None:
    arrays = swarm_of(sizes)
    alone = [streams.Stream(state) for state in arrays.random_state]
    batch = Batch(arrays, everyone(arrays))
    for _ in range(3):
        numbers = batch.uniform(rows=rows)
        for s, size in enumerate(sizes):
            assert np.array_equal(numbers[:, batch.label == s], alone[s].random(size, rows))
    batch.store()
    for s, stream in enumerate(alone):
        left = np.zeros_like(arrays.random_state[s])
        stream.store(left)
        assert np.array_equal(arrays.random_state[s], left)


def test_only_those_who_need_a_number_draw_one() -> None:
    arrays = swarm_of([3, 3])
    alone = streams.Stream(arrays.random_state[1])
    untouched = arrays.random_state[0].copy()
    batch = Batch(arrays, slice(0, 2))
    assert np.array_equal(batch.uniform(np.array([1, 1]))[0], alone.random(2)[0])
    batch.store()
    assert np.array_equal(arrays.random_state[0], untouched)


# Sums


@settings(derandomize=True, deadline=None)
@given(
    label=st.lists(st.integers(0, 5), max_size=20).map(sorted),
    seed=st.integers(0, 1000),
)
def test_sums_go_to_the_sub_swarms_of_their_electrons(label: list[int], seed: int) -> None:
    batch = Batch(swarm_of([1] * 6), slice(0, 6))
    values = np.random.default_rng(seed).normal(size=(2, len(label)))
    labels = np.array(label, dtype=np.int64)
    total = batch.total(values, labels)
    expected = [values[:, labels == s].sum(axis=1) for s in range(6)]
    assert total == pytest.approx(np.stack(expected, axis=1), abs=1e-12)


def test_a_mask_is_counted_by_sub_swarm() -> None:
    batch = Batch(swarm_of([3, 1, 2]), slice(0, 3))
    mask = np.array([True, False, True, False, True, True])
    assert batch.count(mask).tolist() == [2, 0, 2]


# Births, deaths, arrivals


class Fates:
    """What happens to each electron in a step: nothing, a birth, a death or the window's end."""

    NOTHING, BIRTH, DEATH, ARRIVAL = range(4)

    def __init__(self, batch: Batch, choice: NDArray[np.int64]) -> None:
        self.gone = choice == self.DEATH
        self.arrived = choice == self.ARRIVAL
        parents = np.flatnonzero(choice == self.BIRTH)
        self.newborn = batch.electrons.take(parents, axis=1)
        self.newborn[NAME] += 0.5
        self.newborn_label = batch.label[parents]


@settings(derandomize=True, deadline=None, max_examples=300)
@given(data=st.data(), sizes=st.lists(st.integers(0, 6), min_size=1, max_size=5))
def test_over_many_steps_everyone_is_accounted_for(data: st.DataObject, sizes: list[int]) -> None:
    arrays = swarm_of(sizes)
    batch = Batch(arrays, everyone(arrays))
    fly = [{1000.0 * s + i for i in range(size)} for s, size in enumerate(sizes)]
    wait: list[list[float]] = [[] for _ in sizes]
    for _ in range(data.draw(st.integers(1, 4))):
        n = batch.label.size
        choice = np.array(data.draw(st.lists(st.integers(0, 3), min_size=n, max_size=n)), int)
        fates = Fates(batch, choice)
        name = batch.electrons[NAME]
        for s in range(len(sizes)):
            here = batch.label == s
            wait[s] += name[here & fates.arrived].tolist()
            fly[s] -= set(name[here & (fates.gone | fates.arrived)].tolist())
            fly[s] |= set(fates.newborn[NAME, fates.newborn_label == s].tolist())
        batch.settle(fates.newborn, fates.newborn_label, fates.gone, fates.arrived)
        assert batch.counts.tolist() == [len(names) for names in fly]
        assert batch.waiting.tolist() == [len(names) for names in wait]
        assert np.array_equal(batch.label, np.repeat(np.arange(len(sizes)), batch.counts))
        # A second child of the same parent would have the same name: rename everyone.
        for s in range(len(sizes)):
            assert sorted(flying(batch, s)) == sorted(fly[s])
        batch.electrons[NAME] = 1000.0 * batch.label + 100.0 + np.arange(batch.label.size)
        fly = [set(flying(batch, s)) for s in range(len(sizes))]
    batch.store()
    for s in range(len(sizes)):
        assert waiting(arrays, s) == wait[s]
        assert set(arrays.electrons[s, NAME, : arrays.active[s]].tolist()) == fly[s]
        assert arrays.population[s] == len(fly[s]) + len(wait[s])


@settings(derandomize=True, deadline=None)
@given(data=st.data(), size=st.integers(1, 12))
def test_few_electrons_move_when_some_leave(data: st.DataObject, size: int) -> None:
    batch = Batch(swarm_of([size]), slice(0, 1))
    leaves = np.array(data.draw(st.lists(st.booleans(), min_size=size, max_size=size)))
    nobody = np.zeros(0, dtype=np.int64)
    before = batch.electrons[NAME].copy()
    batch.settle(batch.electrons[:, :0], nobody, leaves, np.zeros(size, dtype=bool))
    left = batch.label.size
    stays = ~leaves[:left]
    # Those among the first places stay in theirs; the last ones fill the gaps, one for one.
    assert np.array_equal(batch.electrons[NAME][stays], before[:left][stays])


def test_newborns_fly_in_the_sub_swarm_of_their_parents() -> None:
    batch = Batch(swarm_of([2, 2]), slice(0, 2))
    newborn = batch.electrons[:, [1, 2]].copy()
    newborn[NAME] = [77.0, 88.0]
    stays = np.zeros(4, dtype=bool)
    batch.settle(newborn, np.array([0, 1]), stays, stays)
    assert flying(batch, 0) == [0.0, 1.0, 77.0]
    assert flying(batch, 1) == [1000.0, 1001.0, 88.0]


@pytest.mark.parametrize(
    ("flies", "waits", "can_step"),
    [(CAPACITY // 2, 0, True), (CAPACITY // 2, 1, False), (1, CAPACITY - 2, True), (0, 9, False)],
)
def test_a_step_is_taken_where_every_electron_could_have_a_child(
    flies: int, waits: int, can_step: bool
) -> None:
    arrays = swarm_of([flies + waits])
    arrays.active[0] = flies
    assert Batch(arrays, slice(0, 1)).can_step == can_step


def test_one_sub_swarm_that_is_too_full_stops_the_batch() -> None:
    arrays = swarm_of([3, CAPACITY])
    assert not Batch(arrays, slice(0, 2)).can_step


def test_a_swarm_fresh_from_its_start_can_step() -> None:
    states = streams.initial_states(1, streams.spawn_keys("run", 0, 4))
    swarm = swarms.start(4 * 1024, 4, maxwellian_start(1.0), states, memory=2)
    assert Batch(swarm.arrays, slice(0, 4)).can_step
