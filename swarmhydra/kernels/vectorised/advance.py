"""The loop over steps, which takes batches of sub-swarms to the end of the window."""

from time import perf_counter

import numpy as np

from swarmhydra.kernels.arrays import IntArray
from swarmhydra.kernels.contract import (
    CAPACITY,
    STEPS,
    Field,
    Scattering,
    Sharing,
    Surroundings,
    SwarmArrays,
    Tables,
    Tallies,
    Window,
)
from swarmhydra.kernels.streams import first_sample
from swarmhydra.kernels.vectorised.batch import Batch
from swarmhydra.kernels.vectorised.collect_output_data import (
    close_window,
    collect_output_data,
    collect_phases,
    collect_work,
    open_window,
)
from swarmhydra.kernels.vectorised.determine_collisions import determine_collisions
from swarmhydra.kernels.vectorised.determine_timestep import determine_timestep
from swarmhydra.kernels.vectorised.perform_collisions import perform_collisions
from swarmhydra.kernels.vectorised.resample import resample
from swarmhydra.kernels.vectorised.samples import Samples
from swarmhydra.kernels.vectorised.velocity_moments import collect_velocity_moments

BATCH_SIZE = 16384
"""Electrons in a batch: many for the overhead of a NumPy call, few enough for the cache."""


def advance(
    swarm: SwarmArrays,
    tables: Tables,
    scattering: Scattering,
    sharing: Sharing,
    field: Field,
    window: Window,
    tallies: Tallies,
    opening: bool,
) -> None:
    """Advance every sub-swarm; see `backends.Kernels`."""
    if opening:
        _open_all(swarm, window, tallies)
    flying = np.flatnonzero(swarm.active)
    for group in _groups(swarm.active):
        surroundings = Surroundings(tables, scattering, sharing, field)
        _advance_batch(Batch(swarm, group), surroundings, window, tallies.of(group))
    _close(swarm, flying[swarm.active[flying] == 0].tolist(), window.tilt, tallies)


def _open_all(swarm: SwarmArrays, window: Window, tallies: Tallies) -> None:
    """Resample all sub-swarms and start the window for every electron."""
    resample(swarm)
    for s, population in enumerate(swarm.population.tolist()):
        weight = float(swarm.weight[s])
        open_window(swarm.electrons[s, :, :population], weight, tallies.of(s))
    swarm.active[:] = swarm.population
    if window.moments.every > 0:
        for s, state in enumerate(swarm.random_state):
            swarm.until_sample[s] = first_sample(state, window.moments.every)


def _close(swarm: SwarmArrays, arrived: list[int], tilt: float, tallies: Tallies) -> None:
    """Collect the moments of sub-swarms of which all electrons have reached the end."""
    for s in arrived:
        population = int(swarm.population[s])
        electrons = swarm.electrons[s]
        # The electrons wait in the last columns, the first to arrive in the very last one.
        electrons[:, :population] = electrons[:, CAPACITY - 1 - np.arange(population)]
        weight = float(swarm.weight[s])
        close_window(electrons[:, :population], swarm.history[s], weight, tilt, tallies.of(s))


def _groups(active: IntArray) -> list[slice]:
    """Slices of neighbouring sub-swarms, each for one batch."""
    batch = (np.cumsum(active) - active) // BATCH_SIZE
    starts = np.flatnonzero(np.diff(batch, prepend=-1))
    ends = [*starts[1:], active.size]
    return [slice(int(a), int(b)) for a, b in zip(starts, ends, strict=True)]


def _advance_batch(
    batch: Batch, surroundings: Surroundings, window: Window, tallies: Tallies
) -> None:
    """Take one batch through its steps."""
    tables, field = surroundings.tables, surroundings.field
    speeds, departures = Samples(), Samples()
    steps = 0
    while batch.can_step and steps < window.max_steps:
        marks = [perf_counter()]
        flights = determine_timestep(batch, tables, field, window)
        marks.append(perf_counter())
        collisions = determine_collisions(batch, flights, tables, tallies)
        marks.append(perf_counter())
        # Before the collisions: the tallies need the velocities at the end of the flights.
        collect_output_data(batch, flights, speeds, tallies)
        if window.moments.every > 0:
            is_due = batch.takes_sample(window.moments.every)
            if is_due.any():
                moments = tallies.velocity_moments
                collect_velocity_moments(batch, flights, is_due, field, window, moments)
        if field.angular_frequency > 0.0:
            collect_phases(batch, flights, collisions, field, window, tallies)
        if field.has_course:
            collect_work(batch, flights, field.acceleration, field.course, tallies)
        marks.append(perf_counter())
        perform_collisions(batch, flights, collisions, surroundings, departures, tallies)
        marks.append(perf_counter())
        if window.timed:
            timestep, collision, collect, perform = np.diff(marks)
            tallies.seconds[0] += (timestep, collision, perform, collect)
        steps += 1
    speeds.empty_into(tallies.speed, batch.weight)
    departures.empty_into(tallies.departures, batch.weight)
    tallies.events[0, STEPS] += steps
    batch.store()
