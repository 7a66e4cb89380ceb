"""The vectorised stages: flights, choices and collisions obey mechanics, exactly or in the mean."""

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from swarmhydra.collisions import tables as collision_tables
from swarmhydra.collisions.tables import LookUps
from swarmhydra.config import SimConfig
from swarmhydra.gas.processes import Kind, Process, cross_section_at
from swarmhydra.kernels import contract, streams
from swarmhydra.kernels.arrays import FloatArray
from swarmhydra.kernels.contract import (
    ANCESTOR,
    AT_HORIZON,
    AT_WINDOW_END,
    CAPACITY,
    CLOCK,
    PAIRS,
    STATE_ROWS,
    TRIAL,
    VX,
    VZ,
    Field,
    SwarmArrays,
    Tables,
    Tallies,
    Window,
    X,
    Z,
)
from swarmhydra.kernels.quantities import HALF_MASS, flux_terms, kinetic_energy, speed_at
from swarmhydra.kernels.vectorised import advance as stepping
from swarmhydra.kernels.vectorised.backend import VectorisedKernels
from swarmhydra.kernels.vectorised.batch import Batch
from swarmhydra.kernels.vectorised.collect_output_data import close_window
from swarmhydra.kernels.vectorised.determine_collisions import (
    Collisions,
    collision_frequency,
    determine_collisions,
    maxwellian,
)
from swarmhydra.kernels.vectorised.determine_timestep import (
    Flights,
    determine_timestep,
    speed_of,
)
from swarmhydra.kernels.vectorised.flight import fly
from swarmhydra.kernels.vectorised.perform_collisions import perform_collisions
from swarmhydra.kernels.vectorised.samples import Samples
from swarmhydra.kernels.vectorised.scattering import direction as direction_of
from swarmhydra.swarm import electrons as swarms
from swarmhydra.swarm.tallies import new_tallies
from tests.helpers.near import near
from tests.kernels.starts import maxwellian_start
from tests.kernels.surrounded import surrounded

KERNELS = VectorisedKernels()
DENSITY = 2.4e25
PLAIN = LookUps()

# Collisions one by one: any mass, threshold and speed, with the electrons and targets from a seed.
MASS_RATIOS = st.floats(-6.0, 0.0).map(lambda power: 10.0**power)
THRESHOLDS = st.floats(0.01, 30.0)
SPEEDS = st.floats(3.0, 7.3).map(lambda power: 10.0**power)
SEEDS = st.integers(0, 2**32)
every_collision = settings(derandomize=True, deadline=None, max_examples=60)


def process(
    kind: Kind, threshold: float = 0.0, mass_ratio: float = 1e-4, sigma: float = 1e-19
) -> Process:
    """A cross section that is the same at all energies above the threshold."""
    if threshold == 0.0:
        return Process(kind, kind.value, "X", 0.0, mass_ratio, [0.0, 100.0], [sigma, sigma])
    energy = [np.nextafter(threshold, 0.0), threshold, 1000.0]
    return Process(kind, kind.value, "X", threshold, mass_ratio, energy, [0.0, sigma, sigma])


def tables_of(
    *processes: Process,
    temperature: float = 0.0,
    energy_max: float = 1000.0,
    look_ups: LookUps = PLAIN,
) -> Tables:
    gas = collision_tables.build(
        processes, np.ones(len(processes)), DENSITY, temperature, energy_max, look_ups.collision
    )
    return gas.with_bands(np.inf, 1, 0.0, look_ups)


def swarm_of(velocity: FloatArray, sub_swarms: int = 1, seed: int = 1) -> SwarmArrays:
    """Sub-swarms of equal size at the origin, with velocities of shape (3, n)."""
    count = velocity.shape[1] // sub_swarms
    arrays = SwarmArrays(
        electrons=np.zeros((sub_swarms, STATE_ROWS, CAPACITY)),
        population=np.full(sub_swarms, count),
        target_size=np.full(sub_swarms, count),
        active=np.full(sub_swarms, count),
        history=np.zeros((sub_swarms, CAPACITY, 1, 4)),
        weight=np.linspace(1.0, 2.0, sub_swarms),
        random_state=streams.initial_states(seed, streams.spawn_keys("stages", 0, sub_swarms)),
        until_sample=np.zeros(sub_swarms, dtype=np.int64),
    )
    for s in range(sub_swarms):
        arrays.electrons[s, VX : VZ + 1, :count] = velocity[:, s * count : (s + 1) * count]
        arrays.electrons[s, ANCESTOR, :count] = np.arange(count)
    return arrays


def vectors(speed: float, count: int, seed: int) -> FloatArray:
    """Velocities around a speed, in all directions."""
    return speed * np.random.default_rng(seed).standard_normal((3, count))


def isotropic_direction(u: FloatArray) -> FloatArray:
    """Directions about the z axis from uniform numbers, shape (2, n)."""
    nobody = np.zeros((3, u.shape[1]))
    isotropic = surrounded(tables_of(process(Kind.ELASTIC))).scattering
    return direction_of(2.0 * u[0], u[1], nobody, nobody[0], isotropic)


def no_tallies(sub_swarms: int, tables: Tables, memory: int = 2) -> Tallies:
    return new_tallies(sub_swarms, tables.action.size, tables.ceiling.size, memory)


# Free flight


@settings(derandomize=True, deadline=None)
@given(seed=SEEDS, acceleration=st.floats(0.0, 1e18), time=st.floats(0.0, 1e-9))
def test_a_flight_is_a_parabola_to_the_last_digits(
    seed: int, acceleration: float, time: float
) -> None:
    electrons = np.random.default_rng(seed).normal(size=(STATE_ROWS, 5))
    electrons[VX : VZ + 1] *= 1e6
    start = electrons.astype(np.longdouble)
    fly(electrons, np.full(5, time), Field(acceleration), 0.0)
    t, a = np.longdouble(time), np.longdouble(acceleration)
    along_z = np.array([[0.0], [0.0], [1.0]])
    coast, fall = start[VX : VZ + 1] * t, along_z * 0.5 * a * t * t
    wrong = np.abs(electrons[X : Z + 1] - (start[X : Z + 1] + coast + fall))
    assert np.all(wrong <= 1e-15 * (np.abs(start[X : Z + 1]) + np.abs(coast) + fall))
    gain = along_z * a * t
    wrong = np.abs(electrons[VX : VZ + 1] - (start[VX : VZ + 1] + gain))
    assert np.all(wrong <= 1e-15 * (np.abs(start[VX : VZ + 1]) + gain))
    assert electrons[CLOCK] == pytest.approx(start[CLOCK].astype(float) + time, rel=1e-15, abs=0.0)
    assert np.array_equal(electrons[ANCESTOR], start[ANCESTOR])


@settings(derandomize=True, deadline=None)
@given(seed=SEEDS, acceleration=st.floats(1e10, 1e18), time=st.floats(1e-13, 1e-10))
def test_a_flight_gains_the_energy_of_the_potential_it_falls_through(
    seed: int, acceleration: float, time: float
) -> None:
    electrons = np.zeros((STATE_ROWS, 8))
    electrons[VX : VZ + 1] = vectors(1e6, 8, seed)
    before = kinetic_energy(electrons[VX : VZ + 1])
    fly(electrons, np.full(8, time), Field(acceleration), 0.0)
    after = kinetic_energy(electrons[VX : VZ + 1])
    gained = 2.0 * HALF_MASS * acceleration * electrons[Z]
    assert np.all(np.abs(after - before - gained) <= 1e-12 * (before + after))


@settings(derandomize=True, deadline=None)
@given(seed=SEEDS, share=st.floats(0.0, 1.0))
def test_a_flight_in_two_parts_is_the_same_flight(seed: int, share: float) -> None:
    once = np.zeros((STATE_ROWS, 8))
    once[VX : VZ + 1] = vectors(1e6, 8, seed)
    twice = once.copy()
    fly(once, np.full(8, 1e-11), Field(1e17), 0.0)
    fly(twice, np.full(8, share * 1e-11), Field(1e17), 0.0)
    fly(twice, np.full(8, (1.0 - share) * 1e-11), Field(1e17), 0.0)
    scale = np.abs(once).max(axis=1, keepdims=True)
    assert np.all(np.abs(once - twice) <= 1e-14 * scale)


# How a flight ends


def one_bound(bound: float, horizon: float) -> Tables:
    """The same majorant everywhere, with a horizon of choice."""
    base = tables_of(process(Kind.ELASTIC))
    return base._replace(majorant=np.array([bound]), horizon=horizon)


def flights_of(
    clock: FloatArray, bound: float, horizon: float, duration: float
) -> tuple[Batch, Flights]:
    """One step of electrons whose clocks show different times."""
    arrays = swarm_of(vectors(1e6, clock.size, seed=1))
    arrays.electrons[0, CLOCK, : clock.size] = clock
    batch = Batch(arrays, slice(0, 1))
    return batch, determine_timestep(
        batch, one_bound(bound, horizon), Field(1e17), Window(duration, 0.0, 1, False)
    )


def test_no_flight_leaves_the_window() -> None:
    clock = np.linspace(0.0, 1e-12, 400)
    batch, flights = flights_of(clock, bound=1e-30, horizon=1e300, duration=1e-12)
    assert np.all(flights.outcome == AT_WINDOW_END)
    assert batch.electrons[CLOCK] == pytest.approx(np.full(400, 1e-12), rel=1e-15, abs=0.0)


def test_no_flight_passes_its_horizon() -> None:
    clock = np.linspace(0.0, 0.89e-12, 400)
    batch, flights = flights_of(clock, bound=1e-30, horizon=1e-13, duration=1e-12)
    assert np.all(flights.outcome == AT_HORIZON)
    assert batch.electrons[CLOCK] == pytest.approx(clock + 1e-13, rel=1e-15, abs=0.0)


def test_the_window_ends_a_flight_whose_horizon_lies_beyond() -> None:
    clock = np.linspace(0.9e-12 + 1e-18, 1e-12, 400)
    batch, flights = flights_of(clock, bound=1e-30, horizon=1e-13, duration=1e-12)
    assert np.all(flights.outcome == AT_WINDOW_END)
    assert batch.electrons[CLOCK] == pytest.approx(np.full(400, 1e-12), rel=1e-15, abs=0.0)


def test_a_trial_comes_before_horizon_and_window_end_and_carries_its_bound() -> None:
    batch, flights = flights_of(np.zeros(400), bound=1e18, horizon=1e-13, duration=1e-12)
    assert np.all(flights.outcome == TRIAL)
    assert np.all(batch.electrons[CLOCK] < 1e-13)
    assert np.all(flights.bound == 1e18)


def test_speed_and_cell_are_those_at_the_end_of_the_flight() -> None:
    batch, flights = flights_of(np.zeros(400), bound=1e12, horizon=1e300, duration=1e-11)
    tables = one_bound(1e12, 1e300)
    speed = speed_of(batch.electrons)
    assert np.array_equal(flights.speed, speed)
    cells = np.minimum((speed * tables.inverse_cell_width).astype(int), tables.ceiling.size - 1)
    assert np.array_equal(flights.cell, cells)


def test_speeds_beyond_the_tables_count_in_their_last_cell() -> None:
    tables = tables_of(process(Kind.ELASTIC), energy_max=1.0)
    top = tables.ceiling.size / tables.inverse_cell_width
    velocity = np.array([[0.0, 0.0], [0.0, 0.0], [0.99 * top, 1.5 * top]])
    batch = Batch(swarm_of(velocity), slice(0, 1))
    flights = determine_timestep(batch, tables, Field(0.0), Window(1e-30, 0.0, 1, False))
    assert flights.above_table.tolist() == [False, True]
    assert flights.cell[1] == tables.ceiling.size - 1


@pytest.mark.parametrize("look_ups", [LookUps(), LookUps(collision=4096)])
def test_above_the_tables_the_collision_frequency_stays_below_its_bounds(look_ups: LookUps) -> None:
    tables = tables_of(process(Kind.ELASTIC), energy_max=1.0, look_ups=look_ups)
    top = tables.ceiling.size / tables.inverse_cell_width
    speed = top * np.array([1.0, 1.0 + 1e-6, 1.5, 40.0])
    frequency = collision_frequency(speed, np.zeros(4, dtype=np.int64), tables)
    assert frequency == pytest.approx(np.full(4, frequency[0]), rel=1e-12, abs=0.0)
    assert np.all(frequency <= tables.ceiling[-1])
    assert tables.ceiling[-1] <= tables.majorant[-1]


@pytest.mark.parametrize("horizon", [1e300, 0.3e-12])
def test_null_collision_time_to_a_trial_is_exponential_whatever_interrupts_it(
    horizon: float,
) -> None:
    tables = one_bound(1e12, horizon)
    batch = Batch(swarm_of(vectors(1e6, 64_000, seed=1), sub_swarms=16), slice(0, 16))
    times = []
    while batch.label.size:
        flights = determine_timestep(batch, tables, Field(1e17), Window(1e-6, 0.0, 1, False))
        trial = flights.outcome == TRIAL
        times.append(batch.electrons[CLOCK, trial])
        batch.settle(batch.electrons[:, :0], np.zeros(0, int), trial, np.zeros(trial.size, bool))
    found = stats.kstest(np.concatenate(times), stats.expon(scale=1e-12).cdf)
    assert found.pvalue > 1e-6


@every_collision
@given(seed=SEEDS, speed=SPEEDS, bands=st.integers(2, 300), acceleration=st.floats(1e14, 1e18))
def test_the_bound_of_a_flight_holds_for_every_speed_it_may_end_with(
    seed: int, speed: float, bands: int, acceleration: float
) -> None:
    # A ramp above a threshold: the steepest there is.
    ramp = Process(Kind.EXCITATION, "ramp", "X", 1.0, 1e-4, [1.0, 1000.0], [0.0, 1e-18])
    gas = collision_tables.build([process(Kind.ELASTIC), ramp], np.ones(2), DENSITY, 0, 1000.0, 0)
    tables = gas.with_bands(gas.cell_edges[-1] / bands, bands, acceleration, PLAIN)
    batch = Batch(swarm_of(vectors(speed, 500, seed)), slice(0, 1))
    flights = determine_timestep(batch, tables, Field(acceleration), Window(1e-6, 0.0, 1, False))
    assert np.all(flights.bound >= tables.ceiling[flights.cell])


# Which collision


@dataclass(frozen=True)
class Trials:
    """Trials of electrons of one speed, and what became of them."""

    tables: Tables
    collisions: Collisions
    tallies: Tallies
    bound: float
    count: int


def trials(
    gas: list[Process],
    energy: float,
    temperature: float = 0.0,
    lut_size: int = 0,
    bound_over_ceiling: float = 1.3,
) -> Trials:
    """64000 trials of electrons with one energy."""
    tables = tables_of(*gas, temperature=temperature, look_ups=LookUps(lut_size))
    speed = float(speed_at(energy))
    count = 64_000
    direction = isotropic_direction(np.random.default_rng(2).random((2, count)))
    batch = Batch(swarm_of(speed * direction, sub_swarms=16), slice(0, 16))
    cell = int(speed * tables.inverse_cell_width)
    bound = bound_over_ceiling * float(tables.ceiling[cell])
    flights = Flights(
        outcome=np.full(count, TRIAL),
        bound=np.full(count, bound),
        speed=speed_of(batch.electrons),
        cell=np.full(count, cell),
        above_table=np.zeros(count, dtype=bool),
    )
    tallies = no_tallies(16, tables)
    return Trials(
        tables, determine_collisions(batch, flights, tables, tallies), tallies, bound, count
    )


# With a step, a slope and a kink, so that ceilings, floors and frequencies all differ.
STRUCTURED = [
    Process(Kind.ELASTIC, "elastic", "X", 0.0, 1e-3, [0, 1, 2, 9, 99], [9e-20, 1e-20, 9e-20, 0, 0]),
    Process(Kind.EXCITATION, "exc", "X", 1.5, 1e-3, [1.5, 4.0, 99.0], [0.0, 8e-20, 1e-20]),
    process(Kind.IONIZATION, 3.0, 1e-3, 2e-20),
    Process(Kind.ATTACHMENT, "att", "X", 0.0, 1e-3, [0, 0.9, 1.1, 99], [0, 4e-20, 0, 0]),
]


def frequencies(gas: list[Process], speed: FloatArray) -> FloatArray:
    """Collision frequencies (1/s), shape (P, n), straight from the cross sections."""
    energy = HALF_MASS * speed**2
    return np.stack([DENSITY * cross_section_at(each, energy) * speed for each in gas])


def relative_speed_density(speed: float, thermal: float) -> tuple[FloatArray, FloatArray]:
    """Relative speeds on a fine grid, and their weights for a Maxwellian gas."""
    width = 9.0 * thermal
    edges = np.linspace(max(speed - width, 0.0), speed + width, 400_001)
    g = 0.5 * (edges[1:] + edges[:-1])
    near, far = (np.exp(-0.5 * ((g + sign * speed) / thermal) ** 2) for sign in (-1.0, 1.0))
    weight = g / (speed * thermal * np.sqrt(2.0 * np.pi)) * (near - far) * (edges[1] - edges[0])
    assert weight.sum() == pytest.approx(1.0, abs=1e-8)
    return g, weight


@pytest.mark.parametrize("lut_size", [0, 4096])
@pytest.mark.parametrize("energy", [0.3, 0.97, 1.6, 2.6, 3.03, 20.0])
def test_null_collision_decision_gives_each_process_its_own_rate_against_targets_at_rest(
    energy: float, lut_size: int
) -> None:
    made = trials(STRUCTURED, energy, lut_size=lut_size)
    found = np.bincount(made.collisions.process, minlength=4) / made.count
    expected = frequencies(STRUCTURED, speed_at([energy]))[:, 0] / made.bound
    error = np.sqrt(expected * (1.0 - expected) / made.count)
    # A look-up table blurs the corners of the curves, by less than one in a thousand here.
    assert np.all(np.abs(found - expected) <= 5.0 * error + (1e-3 if lut_size else 0.0) * expected)
    assert np.all(found[expected == 0.0] == 0.0)


@pytest.mark.parametrize("lut_size", [0, 4096])
@pytest.mark.parametrize("energy", [0.02, 0.3, 1.6, 20.0])
def test_null_collision_decision_gives_each_process_its_thermal_average_in_a_warm_gas(
    energy: float, lut_size: int
) -> None:
    # Hot and light targets: their thermal speed is that of an electron of 0.05 eV.
    temperature = 1.2e6
    made = trials(STRUCTURED, energy, temperature=temperature, lut_size=lut_size)
    speed = float(speed_at(energy))
    g, weight = relative_speed_density(speed, float(made.tables.target_speed[0]))
    rate = frequencies(STRUCTURED, g) * weight
    expected = rate.sum(axis=1) / made.bound
    found = np.bincount(made.collisions.process, minlength=4) / made.count
    error = np.sqrt(expected * (1.0 - expected) / made.count)
    assert np.all(np.abs(found - expected) <= 5.0 * error + (1e-3 if lut_size else 0.0) * expected)
    # And the faster a target comes, the more often it is hit.
    mean_speed = (rate * g).sum() / rate.sum()
    spread = np.sqrt((rate * (g - mean_speed) ** 2).sum() / rate.sum())
    hit = made.collisions.relative_speed
    assert abs(hit.mean() - mean_speed) <= 5.0 * spread / np.sqrt(hit.size)


@pytest.mark.parametrize("temperature", [0.0, 1.2e6])
def test_sound_tables_are_never_violated(temperature: float) -> None:
    for energy in (0.02, 0.97, 3.0, 20.0):
        made = trials(STRUCTURED, energy, temperature, bound_over_ceiling=1.0)
        assert made.tallies.events[:, contract.VIOLATIONS].sum() == 0


def test_a_bound_below_the_ceiling_is_counted_for_every_trial() -> None:
    made = trials(STRUCTURED, 2.6, bound_over_ceiling=0.9)
    assert made.tallies.events[:, contract.VIOLATIONS].sum() == made.count


def test_null_collision_bound_that_is_passed_is_counted() -> None:
    sound = tables_of(*STRUCTURED)
    tables = sound._replace(
        process_ceiling=0.5 * sound.process_ceiling,
        ceiling=0.5 * sound.ceiling,
        process_floor=np.zeros_like(sound.process_floor),
        sure_level=np.zeros_like(sound.sure_level),
    )
    batch = Batch(swarm_of(np.full((3, 100), 4e5)), slice(0, 1))
    speed = speed_of(batch.electrons)
    cell = (speed * tables.inverse_cell_width).astype(int)
    flights = Flights(np.full(100, TRIAL), tables.ceiling[cell], speed, cell, speed < 0.0)
    tallies = no_tallies(1, tables)
    determine_collisions(batch, flights, tables, tallies)
    assert tallies.events[0, contract.VIOLATIONS] == tallies.events[0, contract.CANDIDATES] == 100


@pytest.mark.parametrize("outcome", [AT_HORIZON, AT_WINDOW_END])
def test_only_trials_collide(outcome: int) -> None:
    tables = tables_of(*STRUCTURED)
    batch = Batch(swarm_of(np.full((3, 100), 4e5)), slice(0, 1))
    speed = speed_of(batch.electrons)
    cell = (speed * tables.inverse_cell_width).astype(int)
    flights = Flights(np.full(100, outcome), tables.ceiling[cell], speed, cell, speed < 0.0)
    tallies = no_tallies(1, tables)
    assert determine_collisions(batch, flights, tables, tallies).electron.size == 0
    assert tallies.events[0, contract.CANDIDATES] == 0


# Directions


def test_directions_are_unit_vectors_with_the_moments_of_a_sphere() -> None:
    # Midpoints of a fine grid stand for all random numbers.
    middle = (np.arange(1000) + 0.5) / 1000
    direction = isotropic_direction(np.stack(np.meshgrid(middle, middle)).reshape(2, -1))
    assert near(np.einsum("ij,ij->j", direction, direction), 1.0, abs=1e-14)
    assert direction.mean(axis=1) == pytest.approx(np.zeros(3), abs=1e-12)
    second = direction @ direction.T / direction.shape[1]
    assert second == pytest.approx(np.eye(3) / 3.0, abs=1e-6)
    fourth = np.mean(direction**4, axis=1)
    assert fourth == pytest.approx(np.full(3, 1.0 / 5.0), abs=1e-6)
    assert np.mean(direction[0] ** 2 * direction[2] ** 2) == pytest.approx(1.0 / 15.0, abs=1e-6)


def test_the_ends_of_the_random_numbers_give_directions_too() -> None:
    last = np.nextafter(1.0, 0.0)
    u = np.array([[0.0, last, 0.5, 0.5], [0.0, last, 0.0, last]])
    direction = isotropic_direction(u)
    assert near(np.einsum("ij,ij->j", direction, direction), 1.0, abs=1e-14)


def test_thermal_targets_are_maxwellian_in_every_component() -> None:
    u = np.random.default_rng(4).random((4, 400_000))
    velocity = maxwellian(np.full(400_000, 300.0), u)
    for component in velocity:
        assert stats.kstest(component, stats.norm(scale=300.0).cdf).pvalue > 1e-6
    correlation = np.corrcoef(velocity) - np.eye(3)
    assert np.abs(correlation).max() < 5.0 / np.sqrt(400_000)


def test_targets_of_thermal_speed_zero_rest_whatever_the_random_numbers() -> None:
    u = np.array([[0.0, np.nextafter(1.0, 0.0)]] * 4)
    assert np.all(maxwellian(np.zeros(2), u) == 0.0)


# What a collision does


@dataclass(frozen=True)
class Collided:
    """Electrons before and after a collision each with their targets."""

    before: FloatArray
    target: FloatArray
    after: FloatArray
    newborn: FloatArray
    tallies: Tallies
    batch: Batch

    @property
    def relative(self) -> FloatArray:
        return self.before - self.target


def collide(
    what: Process,
    speed: float,
    target_speed: float,
    seed: int,
    weight: float = 1.0,
    look_ups: LookUps = PLAIN,
    sim: SimConfig | None = None,
) -> Collided:
    """Let 40 electrons collide, all of them."""
    tables = tables_of(what, look_ups=look_ups)
    before, target = vectors(speed, 40, seed), vectors(target_speed, 40, seed + 1)
    arrays = swarm_of(before, seed=seed)
    arrays.electrons[0, X : Z + 1, :40] = vectors(1e-3, 40, seed + 2)
    arrays.electrons[0, CLOCK, :40] = np.linspace(0.0, 1e-9, 40)
    arrays.weight[0] = weight
    batch = Batch(arrays, slice(0, 1))
    nothing = np.zeros(40)
    flights = Flights(np.full(40, TRIAL), nothing, nothing, nothing.astype(int), nothing > 0.0)
    relative = before - target
    collisions = Collisions(
        np.arange(40),
        np.zeros(40, dtype=int),
        relative,
        np.sqrt(np.einsum("ij,ij->j", relative, relative)),
    )
    cells = tables.ceiling.size
    tallies = new_tallies(1, 1, cells, 2, departure_cells=cells)
    around = surrounded(tables, 0.0, sim, what)
    departures = Samples()
    perform_collisions(batch, flights, collisions, around, departures, tallies)
    departures.empty_into(tallies.departures, batch.weight)
    velocity = batch.electrons[VX : VZ + 1]
    return Collided(before, target, velocity[:, :40], velocity[:, 40:], tallies, batch)


def squared(velocity: FloatArray) -> FloatArray:
    return np.einsum("ij,ij->j", velocity, velocity)


# A table of square roots is good to 3e-7.
EXACTNESS = [(PLAIN, 1e-12), (LookUps(velocity=True), 1e-6)]


@pytest.mark.parametrize(("look_ups", "tolerance"), EXACTNESS)
@every_collision
@given(
    mass_ratio=MASS_RATIOS,
    threshold=st.one_of(st.just(0.0), THRESHOLDS),
    speed=SPEEDS,
    target_speed=st.floats(0.0, 1e5),
    seed=SEEDS,
)
def test_momentum_and_energy_of_electron_and_moving_target_are_conserved(
    look_ups: LookUps,
    tolerance: float,
    mass_ratio: float,
    threshold: float,
    speed: float,
    target_speed: float,
    seed: int,
) -> None:
    kind = Kind.EXCITATION if threshold else Kind.ELASTIC
    what = process(kind, threshold, mass_ratio)
    made = collide(what, speed, target_speed, seed, look_ups=look_ups)
    # The target takes the momentum that the electron gives.
    target_after = made.target + mass_ratio * (made.before - made.after)

    def total(electron: FloatArray, target: FloatArray) -> FloatArray:
        return HALF_MASS * (squared(electron) + squared(target) / mass_ratio)

    before, after = total(made.before, made.target), total(made.after, target_after)
    # A threshold is the energy of an electron against a target at rest: of it, M / (m + M) is
    # energy in the centre of mass. An electron that has less loses all that it has there.
    available = HALF_MASS * squared(made.relative)
    lost = np.minimum(threshold, available) / (1.0 + mass_ratio)
    # Without a loss no root is looked up but that of 1.
    assert np.all(np.abs(before - after - lost) <= (tolerance if threshold else 1e-12) * before)


@pytest.mark.parametrize(
    "model", ["forward", "vahedi_surendra", "okhrimovskyy", "coulomb_screened", "born_dipole"]
)
@every_collision
@given(mass_ratio=MASS_RATIOS, threshold=THRESHOLDS, speed=SPEEDS, seed=SEEDS)
def test_no_angular_model_makes_or_loses_energy(
    model: str, mass_ratio: float, threshold: float, speed: float, seed: int
) -> None:
    sim = SimConfig(angular_model=model)
    made = collide(process(Kind.EXCITATION, threshold, mass_ratio), speed, 1e4, seed, sim=sim)
    recoil = 1.0 / (1.0 + mass_ratio)
    centre = made.before - recoil * made.relative
    left = np.maximum(HALF_MASS * squared(made.relative) - threshold, 0.0) * recoil**2
    found = HALF_MASS * squared(made.after - centre)
    scale = HALF_MASS * (squared(made.before) + squared(made.target))
    assert np.all(np.abs(found - left) <= 1e-12 * scale)


@pytest.mark.parametrize("directions", ["model", "momentum"])
@pytest.mark.parametrize("rule", ["equal", "fraction", "uniform", "one_takes_all", "opal"])
@every_collision
@given(mass_ratio=MASS_RATIOS, threshold=THRESHOLDS, seed=SEEDS)
def test_an_ionization_leaves_both_electrons_together_what_it_does_not_take(
    rule: str, directions: str, mass_ratio: float, threshold: float, seed: int
) -> None:
    sim = SimConfig(ionization_sharing=rule, ionization_directions=directions, sharing_fraction=0.3)
    made = collide(process(Kind.IONIZATION, threshold, mass_ratio), 5e6, 1e4, seed, sim=sim)
    recoil = 1.0 / (1.0 + mass_ratio)
    centre = made.before - recoil * made.relative
    left = np.maximum(HALF_MASS * squared(made.relative) - threshold, 0.0) * recoil**2
    primary, freed = (HALF_MASS * squared(v - centre) for v in (made.after, made.newborn))
    scale = HALF_MASS * (squared(made.before) + squared(made.target))
    assert np.all(np.abs(primary + freed - left) <= 1e-12 * scale)
    shares = freed[left > 1e-3] / left[left > 1e-3]
    if rule == "opal":
        assert np.all((shares >= 0.0) & (shares <= 0.5 + 1e-9))
    elif rule != "uniform":
        expected = {"equal": 0.5, "fraction": 0.3, "one_takes_all": 0.0}[rule]
        assert shares == pytest.approx(np.full(shares.size, expected), abs=1e-6)
    if directions == "momentum":
        product = np.einsum("ij,ij->j", made.after - centre, made.newborn - centre)
        assert np.all(np.abs(HALF_MASS * product) <= 1e-7 * scale)


def test_opal_sharing_gives_the_energies_of_opal_peterson_and_beaty() -> None:
    sim = SimConfig(ionization_sharing="opal", opal_width=10.0)
    energies = []
    for seed in range(250):
        made = collide(process(Kind.IONIZATION, 15.0, 1e-9), 2e6, 0.0, seed, sim=sim)
        left = HALF_MASS * squared(made.relative) - 15.0
        largest = np.arctan(0.5 * left / 10.0)
        freed = HALF_MASS * squared(made.newborn)
        energies.append((np.arctan(freed / 10.0) / largest)[left > 0.1])
    # The distribution function at each electron's own energy is uniform.
    assert stats.kstest(np.concatenate(energies), stats.uniform().cdf).pvalue > 1e-6


@pytest.mark.parametrize(("look_ups", "tolerance"), EXACTNESS)
@every_collision
@given(mass_ratio=MASS_RATIOS, threshold=THRESHOLDS, target_speed=st.floats(0.0, 1e5), seed=SEEDS)
def test_both_electrons_of_an_ionization_leave_the_centre_of_mass_with_the_same_energy(
    look_ups: LookUps,
    tolerance: float,
    mass_ratio: float,
    threshold: float,
    target_speed: float,
    seed: int,
) -> None:
    what = process(Kind.IONIZATION, threshold, mass_ratio)
    made = collide(what, 4e6, target_speed, seed, look_ups=look_ups)
    recoil = 1.0 / (1.0 + mass_ratio)
    centre = made.before - recoil * made.relative
    available = np.maximum(HALF_MASS * squared(made.relative) - threshold, 0.0)
    share = 0.5 * recoil**2 * available
    scale = HALF_MASS * (squared(made.before) + squared(made.target))
    for electrons in (made.after, made.newborn):
        assert np.all(np.abs(HALF_MASS * squared(electrons - centre) - share) <= tolerance * scale)
    # They go their own ways.
    cosine = np.einsum("ij,ij->j", made.after - centre, made.newborn - centre)
    assert np.unique(np.round(cosine[share > 0.0] / (2.0 * share[share > 0.0]), 6)).size > 1


@every_collision
@given(threshold=THRESHOLDS, seed=SEEDS)
def test_an_ionization_of_a_target_too_heavy_to_recoil_costs_the_threshold_and_no_more(
    threshold: float, seed: int
) -> None:
    made = collide(process(Kind.IONIZATION, threshold, mass_ratio=1e-14), 6e6, 0.0, seed)
    before = HALF_MASS * squared(made.before)
    after = HALF_MASS * (squared(made.after) + squared(made.newborn))
    lost = np.minimum(threshold, before)
    assert np.all(np.abs(before - after - lost) <= 1e-12 * before)


@every_collision
@given(seed=SEEDS, mass_ratio=MASS_RATIOS)
def test_attachment_takes_the_electron_and_all_its_energy(seed: int, mass_ratio: float) -> None:
    made = collide(process(Kind.ATTACHMENT, 0.0, mass_ratio), 1e6, 300.0, seed, weight=3.0)
    assert made.batch.counts.tolist() == [0]
    lost = 3.0 * HALF_MASS * squared(made.before).sum()
    assert made.tallies.energy_loss[0, 0] == pytest.approx(lost, rel=1e-12, abs=0.0)
    assert made.tallies.events[0, contract.DEATHS] == 40


@pytest.mark.parametrize(
    ("kind", "threshold"),
    [(Kind.ELASTIC, 0.0), (Kind.EXCITATION, 2.0), (Kind.ROTATION, 0.1), (Kind.IONIZATION, 5.0)],
)
def test_the_energy_that_is_tallied_is_the_energy_that_the_electrons_lost(
    kind: Kind, threshold: float
) -> None:
    made = collide(process(kind, threshold, 1e-3), 2e6, 5e4, seed=3, weight=2.5)
    lost = squared(made.before).sum() - squared(made.batch.electrons[VX : VZ + 1]).sum()
    assert made.tallies.energy_loss[0, 0] == pytest.approx(
        2.5 * HALF_MASS * lost, rel=1e-12, abs=0.0
    )
    assert made.tallies.collisions[0, 0] == 2.5 * 40
    assert made.tallies.events[0, contract.REAL_COLLISIONS] == 40


def test_scattering_is_isotropic_in_the_centre_of_mass() -> None:
    what = process(Kind.ELASTIC, 0.0, mass_ratio=0.5)
    directions = []
    for seed in range(500):
        made = collide(what, 1e6, 1e6, seed)
        centre = made.before - made.relative / 1.5
        unit = (made.after - centre) * 1.5 / np.sqrt(squared(made.relative))
        directions.append(unit)
    unit = np.concatenate(directions, axis=1)
    error = 1.0 / np.sqrt(unit.shape[1])
    assert np.abs(unit.mean(axis=1)).max() < 5.0 * error / np.sqrt(3.0)
    second = unit @ unit.T / unit.shape[1] - np.eye(3) / 3.0
    assert np.abs(second).max() < 5.0 * error * np.sqrt(4.0 / 45.0)


def test_a_newborn_starts_where_and_when_its_parent_is_and_has_the_same_ancestor() -> None:
    made = collide(process(Kind.IONIZATION, 5.0), 6e6, 0.0, seed=1)
    parents, newborn = made.batch.electrons[:, :40], made.batch.electrons[:, 40:]
    for row in (*range(X, Z + 1), CLOCK, ANCESTOR):
        assert np.array_equal(parents[row], newborn[row])
    assert made.tallies.events[0, contract.BIRTHS] == 40


@pytest.mark.parametrize(
    ("kind", "threshold", "sign"), [(Kind.IONIZATION, 5.0, -1.0), (Kind.ATTACHMENT, 0.0, 1.0)]
)
def test_time_integrals_are_opened_where_an_electron_comes_and_closed_where_it_goes(
    kind: Kind, threshold: float, sign: float
) -> None:
    made = collide(process(kind, threshold), 6e6, 0.0, seed=1, weight=2.0)
    place = vectors(1e-3, 40, seed=3)
    products = [np.sum(place[i] * place[j]) / 2.0 for i, j in PAIRS]
    terms = [np.linspace(0.0, 1e-9, 40).sum(), *place.sum(axis=1), *products]
    assert made.tallies.flux[0] == pytest.approx(2.0 * sign * np.array(terms), rel=1e-12, abs=0.0)


@pytest.mark.parametrize(
    ("kind", "threshold", "leave"),
    [
        (Kind.ELASTIC, 0.0, 1),
        (Kind.EXCITATION, 5.0, 1),
        (Kind.IONIZATION, 5.0, 2),
        (Kind.ATTACHMENT, 0.0, 0),
    ],
)
def test_departures_are_counted_by_speed_and_drift_in_the_centre_of_mass(
    kind: Kind, threshold: float, leave: int
) -> None:
    made = collide(process(kind, threshold, mass_ratio=0.1), 6e6, 1e5, seed=1, weight=2.0)
    centre = (0.1 * made.before + made.target) / 1.1
    number, centre_vz = made.tallies.departures[0].T
    assert number.sum() == pytest.approx(2.0 * 40 * leave)
    assert centre_vz.sum() == pytest.approx(2.0 * leave * centre[2].sum(), rel=1e-12, abs=0.0)
    after = [made.after, made.newborn][:leave]
    speeds = [np.sqrt(squared(velocity - centre)) for velocity in after]
    top = np.sqrt(1000.0 / HALF_MASS)
    expected, _ = np.histogram(np.concatenate([[], *speeds]), number.size, (0.0, top))
    # Rounding may put a speed at an edge into the next cell.
    assert np.abs(np.cumsum(number - 2.0 * expected)).max() <= 2.0 * 2


@pytest.mark.parametrize("kind", [Kind.ELASTIC, Kind.EXCITATION])
def test_time_integrals_know_nothing_of_collisions_that_keep_the_number(kind: Kind) -> None:
    made = collide(process(kind, 0.0 if kind is Kind.ELASTIC else 1.0), 6e6, 0.0, seed=1)
    assert np.all(made.tallies.flux == 0.0)


def test_an_electron_at_the_threshold_is_left_with_nothing_but_never_less() -> None:
    speed = np.sqrt(5.0 / HALF_MASS)
    tables = tables_of(process(Kind.EXCITATION, 5.0, mass_ratio=1e-14))
    batch = Batch(swarm_of(np.array([[0.0], [0.0], [speed]])), slice(0, 1))
    one = np.zeros(1, dtype=int)
    flights = Flights(one + TRIAL, one * 1.0, one * 1.0, one, one > 0)
    velocity = batch.electrons[VX : VZ + 1].copy()
    collisions = Collisions(one, one, velocity, np.array([np.nextafter(speed, 0.0)]))
    perform_collisions(
        batch, flights, collisions, surrounded(tables), Samples(), no_tallies(1, tables)
    )
    assert np.all(np.abs(batch.electrons[VX : VZ + 1]) <= 1e-6 * speed)


# Whole windows


def test_an_open_window_lets_everyone_fly_and_starts_their_time_integrals() -> None:
    arrays = swarm_of(vectors(1e6, 60, seed=1), sub_swarms=2)
    arrays.active[:] = 0
    arrays.electrons[:, X : CLOCK + 1] = np.random.default_rng(1).normal(size=(2, 7, CAPACITY))
    tables = tables_of(process(Kind.ELASTIC))
    tallies = no_tallies(2, tables)
    KERNELS.advance(arrays, surrounded(tables), Window(1.0, 0.0, 0, False), tallies, opening=True)
    assert arrays.active.tolist() == [30, 30]
    for s, weight in enumerate(arrays.weight):
        terms = flux_terms(arrays.electrons[s, :, :30]).sum(axis=1)
        assert tallies.flux[s] == pytest.approx(-weight * terms, rel=1e-12, abs=0.0)


GROWING = [
    process(Kind.ELASTIC, 0.0, 1e-3, 6e-20),
    process(Kind.EXCITATION, 2.0, 1e-3, 4e-20),
    process(Kind.IONIZATION, 5.0, 1e-3, 5e-20),
    Process(Kind.ATTACHMENT, "att", "X", 0.0, 1e-3, [0.0, 3.0, 9.0], [3e-20, 3e-20, 0.0]),
]
ACCELERATION = 2e17
SUB_SWARMS = 16


@dataclass
class Run:
    """A swarm in the gas of all kinds of processes."""

    swarm: swarms.Swarm
    tables: Tables
    tallies: Tallies
    before: SwarmArrays

    def advance(self, duration: float, max_steps: int = 10**9, timed: bool = False) -> None:
        window = Window(duration, 0.0, max_steps, timed)
        around = surrounded(self.tables, ACCELERATION)
        KERNELS.advance(self.swarm.arrays, around, window, self.tallies, opening=False)


def run(temperature: float = 3e4, memory: int = 3, size: int = 60) -> Run:
    """A swarm of sub-swarms of 60 electrons or another number, at the start of a window."""
    gas = collision_tables.build(GROWING, np.ones(4), DENSITY, temperature, 1000.0, 0)
    tables = gas.with_bands(float(gas.cell_edges[-1]) / 64, 64, ACCELERATION, PLAIN)
    states = streams.initial_states(5, streams.spawn_keys("windows", 0, SUB_SWARMS))
    swarm = swarms.start(size * SUB_SWARMS, SUB_SWARMS, maxwellian_start(4.0), states, memory)
    swarm.arrays.weight[:] = np.linspace(0.5, 2.0, SUB_SWARMS)
    tallies = no_tallies(SUB_SWARMS, tables, memory)
    not_yet = Window(1.0, 0.0, 0, False)
    KERNELS.advance(swarm.arrays, surrounded(tables), not_yet, tallies, opening=True)
    return Run(swarm, tables, tallies, SwarmArrays(*(each.copy() for each in swarm.arrays)))


def energy_of(arrays: SwarmArrays) -> FloatArray:
    """Energy in each sub-swarm whose electrons stand in the first columns (eV)."""
    return np.array(
        [
            kinetic_energy(electrons[VX : VZ + 1, :n]).sum()
            for electrons, n in zip(arrays.electrons, arrays.population, strict=True)
        ]
    )


def test_those_who_have_come_to_the_windows_end_wait_for_the_others() -> None:
    made = run()
    arrays = made.swarm.arrays
    while not np.any(arrays.population > arrays.active):
        made.advance(1e-12, max_steps=1)
    waiting = arrays.population - arrays.active
    assert np.all(arrays.active > 0)
    for electrons, n in zip(arrays.electrons, waiting, strict=True):
        assert electrons[CLOCK, CAPACITY - n :] == pytest.approx(
            np.full(n, 1e-12), rel=1e-14, abs=0.0
        )


def test_a_sub_swarm_ends_its_window_when_all_have_come_to_its_end() -> None:
    made = run()
    made.advance(3e-12)
    arrays = made.swarm.arrays
    assert np.all(arrays.active == 0)
    assert made.tallies.window_electrons[:, 0] == pytest.approx(
        arrays.weight * arrays.population, rel=1e-12
    )
    for electrons, n in zip(arrays.electrons, arrays.population, strict=True):
        assert np.all(electrons[CLOCK, :n] == 0.0)


def test_every_sub_swarm_ends_with_those_it_had_and_its_births_without_its_deaths() -> None:
    made = run()
    made.advance(3e-12)
    events = made.tallies.events
    births, deaths = events[:, contract.BIRTHS], events[:, contract.DEATHS]
    assert births.min() > 0
    assert deaths.min() > 0
    assert np.array_equal(made.swarm.arrays.population, made.before.population + births - deaths)


@pytest.mark.parametrize("temperature", [0.0, 3e4])
def test_field_work_and_collisions_account_for_every_electronvolt(temperature: float) -> None:
    made = run(temperature)
    made.advance(3e-12)
    weight = made.before.weight
    work = 2.0 * HALF_MASS * ACCELERATION * made.tallies.flux[:, 3]
    lost = made.tallies.energy_loss.sum(axis=1)
    change = weight * (energy_of(made.swarm.arrays) - energy_of(made.before))
    assert np.abs(lost).min() > 0.1 * np.abs(change).min()
    assert np.all(np.abs(change - (work - lost)) <= 1e-12 * np.abs(work + lost).max())


def test_trials_sample_the_time_integrals_that_the_flights_telescope_to() -> None:
    made = run()
    made.advance(2e-11)
    tallies, weight = made.tallies, made.before.weight[:, None]
    middles = (np.arange(tallies.speed.shape[1]) + 0.5) / made.tables.inverse_cell_width
    sampled = np.stack([tallies.trial[:, 0], tallies.speed[:, :, 1] @ middles], axis=1)
    exact = tallies.flux[:, [0, 3]]
    # The sub-swarms are independent: what they differ by must be 0 in the mean.
    difference = (sampled - exact) / weight
    error = difference.std(axis=0, ddof=1) / np.sqrt(SUB_SWARMS)
    assert np.all(np.abs(difference.mean(axis=0)) < stats.t.isf(1e-6, SUB_SWARMS - 1) * error)
    # An error that is no excuse: the time to a few percent, the drift to a tenth.
    assert np.all(error < [0.02, 0.1] * np.abs(exact / weight).mean(axis=0))
    time = tallies.speed[:, :, 0].sum(axis=1)
    assert time == pytest.approx(tallies.trial[:, 0], rel=1e-12, abs=0.0)


def test_a_gas_of_constant_collision_frequency_counts_like_a_poisson_clock() -> None:
    curve = np.geomspace(1e-6, 1000.0, 20_000)
    maxwell = Process(Kind.ELASTIC, "maxwell", "X", 0.0, 1e-3, curve, 5e-20 / np.sqrt(curve))
    tables = tables_of(maxwell)
    # Bands would hide a wrong rejection: with the ceiling doubled, half of the trials are null.
    tables = tables._replace(majorant=2.0 * tables.majorant)
    arrays = swarm_of(vectors(1e6, 16_000, seed=1), sub_swarms=16)
    tallies = no_tallies(16, tables)
    around, window = surrounded(tables, ACCELERATION), Window(3e-11, 0.0, 10**9, False)
    KERNELS.advance(arrays, around, window, tallies, opening=True)
    frequency = DENSITY * 5e-20 / np.sqrt(HALF_MASS)
    expected = 16_000 * frequency * 3e-11
    found = tallies.events[:, contract.REAL_COLLISIONS].sum()
    trials_expected = 16_000 * float(tables.majorant[0]) * 3e-11
    assert abs(found - expected) < 5.0 * np.sqrt(expected)
    assert abs(tallies.events[:, contract.TRIALS].sum() - trials_expected) < 5.0 * np.sqrt(
        trials_expected
    )


def state_of(made: Run) -> list[bytes]:
    """All that the next step depends on."""
    arrays = made.swarm.arrays
    electrons = [
        arrays.electrons[s][:, [*range(a), *range(CAPACITY - (n - a), CAPACITY)]].tobytes()
        for s, (a, n) in enumerate(zip(arrays.active, arrays.population, strict=True))
    ]
    return [*electrons, arrays.random_state.tobytes(), arrays.population.tobytes()]


def assert_same_sums(one: Tallies, other: Tallies) -> None:
    """Sums agree to rounding; counts exactly, except that of batches."""
    for name, a, b in zip(Tallies._fields, one, other, strict=True):
        if name == "events":
            assert np.array_equal(a[:, contract.STEPS + 1 :], b[:, contract.STEPS + 1 :])
        elif name != "seconds" and a.size:
            scale = np.abs(a).max()
            assert np.all(np.abs(a - b) <= 1e-12 * scale), name


@pytest.mark.parametrize("steps", [1, 7])
def test_a_window_taken_in_pieces_is_the_same_window(steps: int) -> None:
    whole, pieces = run(), run()
    whole.advance(3e-12)
    calls = 0
    while pieces.swarm.arrays.active.any():
        pieces.advance(3e-12, max_steps=steps)
        calls += 1
    assert calls > 2
    assert state_of(whole) == state_of(pieces)
    assert_same_sums(whole.tallies, pieces.tallies)


@pytest.mark.parametrize("size", [1, 130, 400])
def test_it_does_not_matter_which_sub_swarms_share_a_batch(
    size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    together, apart = run(), run()
    together.advance(3e-12)
    monkeypatch.setattr(stepping, "BATCH_SIZE", size)
    apart.advance(3e-12)
    assert state_of(together) == state_of(apart)
    assert_same_sums(together.tallies, apart.tallies)


def test_a_sub_swarm_that_could_overflow_waits_for_relief() -> None:
    made = run(size=2000)
    # Attachment turned into excitation: the swarm multiplies without end.
    made.tables = made.tables._replace(action=np.array([0, 1, 2, 1]))
    arrays = made.swarm.arrays
    made.advance(2e-10)
    full = arrays.population + arrays.active > CAPACITY
    assert full.any()
    assert np.all(arrays.active[full] > 0)
    assert np.all(arrays.population <= CAPACITY)
    before = arrays.population.copy()
    made.advance(2e-10)
    assert np.array_equal(arrays.population[full], before[full])


def test_time_is_told_by_stage_when_it_is_asked_for() -> None:
    made = run()
    made.advance(1e-12, timed=True)
    assert np.all(made.tallies.seconds.sum(axis=0) > 0.0)


# The end of a window


def test_displacements_are_remembered_over_the_last_windows_along_every_line_of_descent() -> None:
    memory, windows, weight = 4, 7, 1.7
    random = np.random.default_rng(6)
    electrons = np.zeros((STATE_ROWS, CAPACITY))
    history = np.zeros((CAPACITY, memory - 1, 4))
    count = 30
    electrons[ANCESTOR, :count] = np.arange(count)
    lines: list[list[FloatArray]] = [[] for _ in range(count)]
    energies: list[list[float]] = [[] for _ in range(count)]
    tallies = no_tallies(1, tables_of(process(Kind.ELASTIC)), memory)
    expected = no_tallies(1, tables_of(process(Kind.ELASTIC)), memory)
    for _ in range(windows):
        # Some electrons of the start of the window have children, some have gone.
        survivors = random.integers(0, count, size=random.integers(20, 40))
        new_count = survivors.size
        step = random.normal(size=(3, new_count))
        place = electrons[X : Z + 1, survivors] + step
        electrons[X : Z + 1, :new_count] = place
        electrons[VX : VZ + 1, :new_count] = vectors(1e6, new_count, int(place.size))
        electrons[ANCESTOR, :new_count] = survivors
        electrons[CLOCK, :new_count] = 1e-12
        energy = kinetic_energy(electrons[VX : VZ + 1, :new_count])
        lines = [[step[:, i], *lines[a]] for i, a in enumerate(survivors)]
        energies = [[float(energy[i]), *energies[a]] for i, a in enumerate(survivors)]
        count = new_count
        close_window(electrons[:, :count], history, weight, 0.3, tallies.of(0))
        for line, energy_line in zip(lines, energies, strict=True):
            for k in range(memory):
                moved = np.sum(line[: k + 1], axis=0)
                expected.displacement[0, k] += weight * moved
                for column, (i, j) in enumerate(PAIRS):
                    expected.displacement_product[0, k, column] += weight * moved[i] * moved[j]
                tilted = np.exp(-0.3 * moved[2]) * moved[2] ** np.arange(3)
                expected.tilted[0, k] += weight * tilted
                past = energy_line[k] if k < len(energy_line) else 0.0
                expected.energy_memory[0, k] += weight * np.array([energy_line[0] * past, past])
        expected.window_electrons[0] += weight * count
        assert np.all(electrons[CLOCK, :count] == 0.0)
        assert np.array_equal(electrons[ANCESTOR, :count], np.arange(count))
    sums = ("displacement", "displacement_product", "tilted", "energy_memory", "window_electrons")
    for name in sums:
        a, b = getattr(tallies, name), getattr(expected, name)
        assert a == pytest.approx(b, rel=1e-12, abs=1e-12 * np.abs(b).max()), name


def test_the_end_of_a_window_closes_the_time_integrals_of_everyone() -> None:
    made = run()
    made.tables = made.tables._replace(majorant=np.full(64, 1e-30))
    made.advance(1e-12)
    # Nobody collided: everyone flew on a parabola all the time.
    assert made.tallies.events[:, contract.TRIALS].sum() == 0
    velocity = made.before.electrons[:, VX : VZ + 1, :60]
    middle = velocity + np.array([0.0, 0.0, 0.5e-12 * ACCELERATION])[:, None]
    weight = made.before.weight
    assert made.tallies.flux[:, 0] == pytest.approx(60 * 1e-12 * weight, rel=1e-12, abs=0.0)
    moved = 1e-12 * middle
    assert made.tallies.flux[:, 1:4] == pytest.approx(
        weight[:, None] * moved.sum(axis=2), rel=1e-9, abs=1e-12 * np.abs(moved).max()
    )
    for column, (i, j) in enumerate(PAIRS, start=4):
        product = 0.5 * np.sum(moved[:, i] * moved[:, j], axis=1)
        assert made.tallies.flux[:, column] == pytest.approx(
            weight * product, rel=1e-9, abs=1e-12 * moved.max() ** 2
        )
