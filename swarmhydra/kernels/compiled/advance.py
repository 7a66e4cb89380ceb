"""The loop over steps: each worker takes one sub-swarm after the other to the end of the window."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from swarmhydra.kernels.arrays import FloatArray, IntArray
from swarmhydra.kernels.compiled.collect_output_data import Trials, collect_output_data
from swarmhydra.kernels.compiled.determine_collisions import determine_collisions
from swarmhydra.kernels.compiled.determine_timestep import determine_timestep
from swarmhydra.kernels.compiled.layout import BUFFER_SIZE, CAPACITY, INTEGER_BUFFER_SIZE
from swarmhydra.kernels.compiled.machinery.by_address import call
from swarmhydra.kernels.compiled.machinery.compiler import compiled_inline, compiled_part
from swarmhydra.kernels.compiled.machinery.cycle_counter import ticks
from swarmhydra.kernels.compiled.machinery.queue import take
from swarmhydra.kernels.compiled.machinery.side_by_side import unpack
from swarmhydra.kernels.compiled.perform_collisions import perform_collisions, settle
from swarmhydra.kernels.compiled.resample import resample
from swarmhydra.kernels.compiled.variants import Variants
from swarmhydra.kernels.compiled.velocity_moments import collect_velocity_moments, first_sample
from swarmhydra.kernels.compiled.window_ends import close_window, open_window
from swarmhydra.kernels.contract import (
    ABOVE_TABLE,
    STATE_ROWS,
    STEPS,
    Field,
    Scattering,
    Sharing,
    SwarmArrays,
    Tables,
    Tallies,
    Window,
)
from swarmhydra.kernels.streams import LANES, WORDS


class Work(NamedTuple):
    """Arguments of `advance`: those of `backends.Kernels.advance`, and how to share them out."""

    variants: Variants
    swarm: SwarmArrays
    tables: Tables
    scattering: Scattering
    sharing: Sharing
    field: Field
    window: Window
    tallies: Tallies
    opening: bool
    order: IntArray
    """The sub-swarms in the order in which workers take them, the most expensive ones first."""
    queue: IntArray
    """Shape (1,): number of sub-swarms that workers have taken."""


def advance(packed_work: Any) -> None:
    """Take sub-swarms from the queue, one after the other, until none is left."""
    work = unpack(packed_work)
    place = take(work.queue)
    while place < work.order.size:
        _advance_one(work, work.order[place])
        place = take(work.queue)


@compiled_part
def _of(tallies: Tallies, s: int) -> Tallies:
    """The sums of one sub-swarm: views of the large arrays, copies of the small ones.

    Small arrays of several sub-swarms share a line of the cache, and threads that write to the same
    line wait for each other.
    """
    return Tallies(
        _copy_of(tallies.flux[s]),
        _copy_of(tallies.trial[s]),
        tallies.speed[s],
        _copy_of(tallies.collisions[s]),
        _copy_of(tallies.energy_loss[s]),
        tallies.departures[s],
        tallies.window_electrons[s],
        tallies.displacement[s],
        tallies.displacement_product[s],
        tallies.tilted[s],
        tallies.energy_memory[s],
        tallies.phase[s],
        tallies.velocity_moments[s],
        _copy_of(tallies.events[s]),
        _copy_of(tallies.seconds[s]),
    )


@compiled_part
def _put_back(sums: Tallies, tallies: Tallies, s: int) -> None:
    """Write back what `_of` copied."""
    _put(sums.flux, tallies.flux[s])
    _put(sums.trial, tallies.trial[s])
    _put(sums.collisions, tallies.collisions[s])
    _put(sums.energy_loss, tallies.energy_loss[s])
    _put(sums.events, tallies.events[s])
    _put(sums.seconds, tallies.seconds[s])


@compiled_part
def _advance_one(work: Work, s: int) -> None:
    """Open the window, take one sub-swarm through it and close it, as far as one call goes."""
    swarm, tallies = work.swarm, _of(work.tallies, s)
    if work.opening:
        _open_one(swarm, s, work.window, tallies)
    if swarm.active[s] > 0:
        _step_one(work, s, tallies)
        # All electrons have reached the end of the window.
        if swarm.active[s] == 0:
            population = swarm.population[s]
            electrons, history, weight = swarm.electrons[s], swarm.history[s], swarm.weight[s]
            close_window(electrons, population, history, weight, work.window.tilt, tallies)
    _put_back(tallies, work.tallies, s)


@compiled_part
def _open_one(swarm: SwarmArrays, s: int, window: Window, tallies: Tallies) -> None:
    """Resample one sub-swarm and start the window for every electron."""
    electrons = swarm.electrons[s]
    population, target_size = swarm.population[s], swarm.target_size[s]
    if target_size != population:
        resample(electrons, swarm.history[s], swarm.random_state[s], population, target_size)
    open_window(electrons, target_size, swarm.weight[s], tallies)
    swarm.population[s] = target_size
    swarm.active[s] = target_size
    if window.moments.every > 0:
        swarm.until_sample[s] = first_sample(swarm.random_state[s], window.moments.every)


@compiled_part
def _step_one(work: Work, s: int, tallies: Tallies) -> None:
    """Take one sub-swarm through its steps, in a buffer of its own."""
    swarm, tables, field, window = work.swarm, work.tables, work.field, work.window
    b = np.empty(BUFFER_SIZE)
    k = np.empty(INTEGER_BUFFER_SIZE, dtype=np.uint32)
    electrons, weight = swarm.electrons[s], swarm.weight[s]
    stream = np.empty((WORDS, LANES), dtype=np.uint64)
    _put_words(swarm.random_state[s], stream)
    active = swarm.active[s]
    waiting = swarm.population[s] - active
    _load(b, electrons, active)
    sampling, until_sample = window.moments, swarm.until_sample[s]
    steps = 0
    while active > 0 and steps < window.max_steps and 2 * active + waiting <= CAPACITY:
        t0 = ticks() if window.timed else 0
        tallies.events[ABOVE_TABLE] += determine_timestep(
            b, active, stream, work.variants.fly, tables, field, window
        )
        t1 = ticks() if window.timed else 0
        elastic, real = determine_collisions(b, k, active, stream, tables, tallies.events)
        t2 = ticks() if window.timed else 0
        # Before the collisions: the tallies need the velocities at the end of the flights.
        collect_output_data(b, active, weight, tallies)
        trials = Trials(b, k, active, real, weight)
        by_time = (trials, field, window.phase, tallies.phase)
        call(work.variants.collect_by_time, by_time)
        if sampling.every > 0:
            if until_sample == 0:
                moments = tallies.velocity_moments
                collect_velocity_moments(b, active, weight, window.tilt, sampling, moments)
                until_sample = sampling.every
            until_sample -= 1
        t3 = ticks() if window.timed else 0
        active = perform_collisions(
            b,
            k,
            active,
            elastic,
            real,
            stream,
            work.variants.scatter,
            tables,
            work.scattering,
            work.sharing,
            weight,
            tallies,
        )
        active, waiting = settle(b, k, active, electrons, waiting)
        if window.timed:
            # In the order of `STAGES`.
            tallies.seconds[0] += t1 - t0
            tallies.seconds[1] += t2 - t1
            tallies.seconds[2] += ticks() - t3
            tallies.seconds[3] += t3 - t2
        steps += 1
    _store(b, electrons, active)
    _put_words(stream, swarm.random_state[s])
    tallies.events[STEPS] += steps
    swarm.active[s] = active
    swarm.population[s] = active + waiting
    swarm.until_sample[s] = until_sample


@compiled_inline
def _copy_of(values: NDArray[Any]) -> NDArray[Any]:
    """Copy of a short array."""
    copy = np.empty_like(values)
    _put(values, copy)
    return copy


@compiled_inline
def _put(values: NDArray[Any], place: NDArray[Any]) -> None:
    """Copy a short array into another."""
    for i in range(values.size):
        place[i] = values[i]


@compiled_inline
def _put_words(state: NDArray[np.uint64], place: NDArray[np.uint64]) -> None:
    """Copy the state of a random stream into another."""
    for word in range(WORDS):
        for lane in range(LANES):
            place[word, lane] = state[word, lane]


@compiled_inline
def _load(b: FloatArray, electrons: FloatArray, active: int) -> None:
    """Copy the active electrons into the buffer."""
    for row in range(STATE_ROWS):
        for i in range(active):
            b[row * CAPACITY + i] = electrons[row, i]


@compiled_inline
def _store(b: FloatArray, electrons: FloatArray, active: int) -> None:
    """Copy the active electrons back."""
    for row in range(STATE_ROWS):
        for i in range(active):
            electrons[row, i] = b[row * CAPACITY + i]
