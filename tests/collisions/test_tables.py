"""Ceilings, floors and majorants are bounds without exception; averages are those of the gas."""

from collections.abc import Sequence
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import constants
from scipy.special import erf

from swarmhydra.collisions import bounds
from swarmhydra.collisions import tables as collision_tables
from swarmhydra.collisions.bounds import CELLS, cell_bounds
from swarmhydra.collisions.tables import CollisionTables, LookUps
from swarmhydra.gas import mixture as mixtures
from swarmhydra.gas.mixture import Mixture
from swarmhydra.gas.processes import Kind, Process, cross_section_at
from swarmhydra.kernels import contract
from swarmhydra.kernels.arrays import FloatArray
from swarmhydra.kernels.contract import Tables
from swarmhydra.kernels.quantities import HALF_MASS, speed_at
from swarmhydra.kernels.vectorised.determine_collisions import collision_frequency
from tests.helpers.near import near
from tests.helpers.settings import configured

DENSITY = 2.4e25
GASES = {
    "argon": ["gas=argon"],
    "helium": ["gas=helium"],
    "reid_ramp": ["gas=reid_ramp"],
    "attaching": ["gas=lucas_saelee", "gas.parameters.F=0.5", "gas.parameters.a=0.1"],
    "maxwell": ["gas=maxwell"],
    "mixture": [
        "gas=argon",
        "gas.components.Ar.fraction=0.7",
        "+gas.components={He:{formula:helium,fraction:0.3}}",
    ],
}


def mixture_of(name: str) -> Mixture:
    return mixtures.build(configured(*GASES[name]).gas)


def build(gas: Mixture, temperature: float = 0.0, lut_size: int = 0) -> CollisionTables:
    return collision_tables.build(
        gas.processes, gas.fraction, DENSITY, temperature, gas.energy_max, lut_size
    )


def build_from(processes: Sequence[Process], temperature: float = 0.0) -> CollisionTables:
    fraction = np.ones(len(processes))
    return collision_tables.build(processes, fraction, DENSITY, temperature, 1000.0, 0)


def frequency_of(gas: Mixture, p: int, speed: FloatArray) -> FloatArray:
    """Frequency (1/s) of one process, straight from its cross section."""
    energy = np.minimum(HALF_MASS * speed**2, gas.energy_max)
    density = DENSITY * float(gas.fraction[p])
    return density * cross_section_at(gas.processes[p], energy) * speed


def frequencies(gas: Mixture, speed: FloatArray) -> FloatArray:
    """Frequencies (1/s) of all processes, shape (n, P)."""
    return np.stack([frequency_of(gas, p, speed) for p in range(len(gas.processes))], axis=1)


def speeds_of_electrons(tables: CollisionTables, count: int) -> FloatArray:
    """Speeds up to the top: evenly, evenly over the logarithm, and near every node and edge."""
    random = np.random.default_rng(7)
    top = tables.cell_edges[-1]
    even = top * random.random(count)
    logarithmic = top * 10.0 ** (-4.0 * random.random(count))
    at_nodes = speed_at(tables.node)
    at_edges = tables.cell_edges
    near = [x * (1 + d) for x in (at_nodes, at_edges) for d in (-1e-9, 0.0, 1e-9)]
    speed = np.concatenate([even, logarithmic, *near])
    return speed[speed < top]


def cell_of(tables: CollisionTables, speed: FloatArray) -> NDArray[np.int64]:
    """The cell that the kernels would find."""
    return np.minimum((speed * (CELLS / tables.cell_edges[-1])).astype(np.int64), CELLS - 1)


# Bounds of the frequencies


def test_bounds_that_cells_share_hold_in_all_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "SEPARATE_BOUNDS", 0)
    assert len(build(mixture_of("mixture")).process_ceiling) < CELLS / 20
    test_null_collision_bounds_hold_for_every_relative_speed("mixture", 300.0)


def test_the_guide_encloses_the_process_of_every_level() -> None:
    tables = build(mixture_of("mixture"))
    guide, ceilings = tables.process_guide, tables.process_ceiling
    steps = guide.shape[1] - 1
    assert steps > 1
    random = np.random.default_rng(5)
    for row in random.integers(0, len(ceilings), 300):
        # Levels at random, and those at steps and at ceilings, where rounding might mislead.
        inner = ceilings[row, 1:-1]
        level = np.concatenate(
            [random.uniform(0.0, 1.0, 50), np.arange(steps) / steps, inner / ceilings[row, -1]]
        )
        level = level[level < 1.0] * ceilings[row, -1]
        process = np.searchsorted(inner, level, side="right")
        step = np.minimum((level / ceilings[row, -1] * steps).astype(int), steps - 1)
        assert np.all(guide[row, step] <= process)
        assert np.all(process <= guide[row, step + 1])


@pytest.mark.parametrize("temperature", [0.0, 300.0, 1e5])
@pytest.mark.parametrize("name", GASES)
def test_null_collision_bounds_hold_for_every_relative_speed(name: str, temperature: float) -> None:
    gas = mixture_of(name)
    tables = build(gas, temperature)
    speed = speeds_of_electrons(tables, 30_000)
    row = tables.row_of_cell[cell_of(tables, speed)]
    ceiling = np.diff(tables.process_ceiling, axis=1)[row]
    floor = tables.process_floor[row]
    # Ceilings are stored as running sums, good to the last digits of the sum.
    slack = 4.0 * np.finfo(float).eps * tables.process_ceiling[row, -1]
    random = np.random.default_rng(8)
    # A target moves at nine thermal speeds at most; the ends of that range are tried as well.
    for share in (-1.0, 0.0, 1.0, random.uniform(-1.0, 1.0, speed.size)):
        for p, each in enumerate(gas.processes):
            relative = np.abs(speed + 9.0 * share * tables.target_speed[p])
            found = frequency_of(gas, p, relative)
            assert np.all(found <= ceiling[:, p] + slack), each.name
            assert np.all(found >= floor[:, p]), each.name


@pytest.mark.parametrize("name", GASES)
def test_null_collision_level_below_which_only_an_elastic_collision_can_be(name: str) -> None:
    gas = mixture_of(name)
    tables = build(gas)
    kernel = tables.with_bands(np.inf, 1, 0.0, LookUps())
    assert gas.processes[0].kind is Kind.ELASTIC
    speed = speeds_of_electrons(tables, 30_000)
    cell = cell_of(tables, speed)
    assert np.all(kernel.sure_level[cell] <= frequency_of(gas, 0, speed))
    # The levels of the first process are the lowest ones.
    assert np.all(kernel.sure_level <= tables.process_ceiling[tables.row_of_cell, 1])
    assert kernel.sure_level.sum() > 0.9 * tables.process_floor[tables.row_of_cell, 0].sum()


def test_nothing_is_sure_where_the_target_moves_or_the_first_process_is_another() -> None:
    gas = mixture_of("argon")
    tables = collision_tables.build(
        gas.processes, gas.fraction, DENSITY, 300.0, gas.energy_max, 0, everywhere=False
    )
    sure = tables.with_bands(np.inf, 1, 0.0, LookUps()).sure_level
    assert 0 < tables.rest_cell < CELLS
    assert np.all(sure[: tables.rest_cell] == 0.0)
    assert np.any(sure[tables.rest_cell :] > 0.0)
    turned = build_from(gas.processes[::-1])
    assert np.all(turned.with_bands(np.inf, 1, 0.0, LookUps()).sure_level == 0.0)


@pytest.mark.parametrize("lut_size", [256, 8192])
@pytest.mark.parametrize("name", ["argon", "mixture"])
def test_a_look_up_table_stays_within_the_same_bounds(name: str, lut_size: int) -> None:
    gas = mixture_of(name)
    tables = build(gas, 300.0, lut_size)
    kernel = tables.with_bands(np.inf, 1, 0.0, LookUps(lut_size))
    speed = speeds_of_electrons(tables, 30_000)
    cell = cell_of(tables, speed)
    ceiling = np.diff(tables.process_ceiling, axis=1)[cell]
    slack = 4.0 * np.finfo(float).eps * tables.process_ceiling[cell, -1]
    for share in (-1.0, 0.0, 1.0):
        for p in range(len(gas.processes)):
            relative = np.abs(speed + 9.0 * share * tables.target_speed[p])
            found = collision_frequency(relative, np.full(speed.size, p), kernel)
            assert np.all(found <= ceiling[:, p] + slack)
            assert np.all(found >= tables.process_floor[cell, p] * (1 - 1e-12))


@pytest.mark.parametrize("name", GASES)
def test_bounds_against_targets_at_rest_are_attained(name: str) -> None:
    gas = mixture_of(name)
    tables = build(gas)
    random = np.random.default_rng(9)
    for cell in [0, 1, CELLS - 1, *random.integers(0, CELLS, 60)]:
        low, high = tables.cell_edges[cell : cell + 2]
        nodes = speed_at(tables.node)
        # The slowest cell has most of the nodes: also between each two of them.
        points = (nodes[:-1] + np.linspace(0.0, 1.0, 65)[:-1, None] * np.diff(nodes)).ravel()
        inside = points[(points > low) & (points < high)]
        found = frequencies(gas, np.concatenate([np.linspace(low, high, 2001), inside]))
        ceiling, floor = np.diff(tables.process_ceiling[cell]), tables.process_floor[cell]
        # The running sums of the ceilings are good to the last digits of the sum.
        slack = 4.0 * np.finfo(float).eps * ceiling.sum()
        assert ceiling == pytest.approx(found.max(axis=0), rel=1e-6, abs=slack)
        assert floor == pytest.approx(found.min(axis=0), rel=1e-6, abs=0.0)


def test_a_maximum_between_two_nodes_is_found() -> None:
    # sigma = 1 - e between 0 and 1 eV: sigma v is largest at 1/3 eV, far from both nodes.
    falling = Process(Kind.ELASTIC, "f", "X", 0.0, 1e-4, [0.0, 1.0, 1000.0], [1e-19, 0.0, 0.0])
    tables = build_from([falling])
    third = float(speed_at(1.0 / 3.0))
    ceiling = tables.process_ceiling[int(third * CELLS / tables.cell_edges[-1]), 1]
    assert ceiling == pytest.approx(DENSITY * 1e-19 * 2.0 / 3.0 * third, rel=1e-9, abs=0.0)


def test_bounds_see_the_top_and_the_foot_of_a_step_whatever_rounding_does() -> None:
    edges = np.linspace(0.0, speed_at(100.0), 101)
    for energy in np.random.default_rng(3).uniform(1.0, 99.0, 300):
        node = np.array([0.0, np.nextafter(energy, 0.0), energy, 100.0])
        beside = speed_at(energy) * np.array([1.0 - 1e-9, 1.0 + 1e-9])
        below, above = np.searchsorted(edges, beside, side="right") - 1
        # Upwards, then falling: the top of the step is the largest value near it.
        _, ceiling = cell_bounds(node, np.array([0.0, 0.0, 1.0, 0.0]), edges, 0.0)
        assert ceiling[above] >= beside[1] * (1.0 - 1e-7)
        # Downwards after a rise: the top is just below the step.
        _, ceiling = cell_bounds(node, np.array([0.0, 1.0, 0.0, 0.0]), edges, 0.0)
        assert ceiling[below] >= beside[0] * (1.0 - 1e-7)


def test_the_ceiling_of_a_cell_is_the_sum_of_those_of_its_processes() -> None:
    tables = build(mixture_of("helium"), 300.0)
    kernel = tables.with_bands(np.inf, 1, 0.0, LookUps())
    assert np.array_equal(kernel.ceiling, kernel.process_ceiling[:, -1])
    assert np.all(kernel.process_ceiling[:, 0] == 0.0)
    assert np.all(np.diff(kernel.process_ceiling, axis=1) >= 0.0)


def test_frequencies_go_with_density_and_share() -> None:
    gas = mixture_of("mixture")
    once = build(gas)
    densely = collision_tables.build(gas.processes, gas.fraction, 3 * DENSITY, 0.0, 1000.0, 0)
    pure = collision_tables.build(gas.processes, np.ones(gas.fraction.size), DENSITY, 0, 1000.0, 0)
    speed = speed_at(np.geomspace(0.01, 999.0, 200))
    found = once.collision_frequency(speed)
    assert densely.collision_frequency(speed) == pytest.approx(3.0 * found, rel=1e-12, abs=0.0)
    assert pure.collision_frequency(speed) * gas.fraction == pytest.approx(
        found, rel=1e-12, abs=0.0
    )


# Majorants


@settings(derandomize=True, deadline=None, max_examples=100)
@given(
    bands=st.integers(1, 512),
    width_share=st.floats(1e-4, 1.5),
    seed=st.integers(0, 10**6),
    gas=st.sampled_from(["argon", "rising"]),
)
def test_a_majorant_bounds_every_speed_within_a_band_width_of_its_band(
    bands: int, width_share: float, seed: int, gas: str
) -> None:
    tables = ARGON if gas == "argon" else RISING
    top = tables.cell_edges[-1]
    width = width_share * top
    kernel = tables.with_bands(width, bands, 1e17, LookUps())
    assert kernel.majorant.size <= bands
    random = np.random.default_rng(seed)
    # Also electrons beyond the tables, who count in the last band and the last cell.
    start = np.concatenate([1.2 * top * random.random(5000), width * np.arange(1, 100)])
    band = np.minimum((start * kernel.inverse_band_width).astype(int), kernel.majorant.size - 1)
    # One band means no horizon: any speed may follow.
    reach = width if kernel.majorant.size > 1 else top
    change = np.concatenate([random.uniform(-1.0, 1.0, start.size - 200), np.ones(200)])
    end = np.abs(start + reach * random.permutation(change))
    assert np.all(kernel.majorant[band] >= kernel.ceiling[cell_of(tables, end)])


def test_an_electron_stays_within_a_band_width_until_its_horizon() -> None:
    kernel = ARGON.with_bands(1e5, 256, 2.5e17, LookUps())
    assert kernel.horizon * 2.5e17 == pytest.approx(1e5, rel=1e-12, abs=0.0)


@pytest.mark.parametrize(
    ("width", "bands", "acceleration"), [(np.inf, 256, 1e17), (1e5, 1, 1e17), (1e5, 256, 0.0)]
)
def test_without_bands_or_without_a_field_nothing_ends_a_flight(
    width: float, bands: int, acceleration: float
) -> None:
    kernel = ARGON.with_bands(width, bands, acceleration, LookUps())
    assert kernel.horizon > 1e300
    if kernel.majorant.size == 1:
        assert kernel.majorant[0] == kernel.ceiling.max()


def swarm_around(energy: float, tables: CollisionTables) -> FloatArray:
    """Time in each cell of electrons with a Maxwellian distribution of some mean energy."""
    e = HALF_MASS * tables.cell_speed**2
    time = e * np.exp(-1.5 * e / energy)
    return np.where(e < 12.0 * energy, time, 0.0)


# Argon at 10, 100 and 500 Td: mean energies (eV), and accelerations at this density (m/s2).
FIELDS = [(5.3, 4.2e16), (6.8, 4.2e17), (10.2, 2.1e18)]


def flights_per_time(
    width: float, time: FloatArray, acceleration: float, tables: CollisionTables
) -> float:
    """Mean number of flights in a second of the electrons of `time`, played out."""
    kernel = tables.with_bands(width, 256, acceleration, LookUps())
    random = np.random.default_rng(3)
    speed = random.choice(tables.cell_speed, 50_000, p=time / time.sum())
    band = (speed * kernel.inverse_band_width).astype(int)
    bound = kernel.majorant[np.minimum(band, kernel.majorant.size - 1)]
    duration = np.minimum(random.exponential(1.0 / bound), kernel.horizon)
    # A flight that short stands for a share of the time: mean over time of flights per second.
    mean_duration = np.bincount(band, duration) / np.maximum(np.bincount(band), 1)
    return float(np.mean(1.0 / mean_duration[band]))


def test_bands_are_the_wider_the_stronger_the_field() -> None:
    widths = [
        ARGON.best_band_width(swarm_around(energy, ARGON), acceleration, 256)
        for energy, acceleration in FIELDS
    ]
    assert widths[0] < widths[1] < widths[2]


@pytest.mark.parametrize(("energy", "acceleration"), FIELDS)
def test_the_best_band_width_takes_fewer_flights_than_others(
    energy: float, acceleration: float
) -> None:
    time = swarm_around(energy, ARGON)
    best = ARGON.best_band_width(time, acceleration, 256)
    fewest = flights_per_time(best, time, acceleration, ARGON)
    for factor in (0.1, 0.3, 3.0, 10.0, 1000.0):
        # The played-out numbers have an error of about one percent.
        assert fewest < 1.03 * flights_per_time(factor * best, time, acceleration, ARGON)
    assert fewest < 1.03 * flights_per_time(np.inf, time, acceleration, ARGON)


def test_bands_spare_most_of_the_flights_where_the_field_is_weak() -> None:
    energy, acceleration = FIELDS[0]
    time = swarm_around(energy, ARGON)
    best = ARGON.best_band_width(time, acceleration, 256)
    with_bands = flights_per_time(best, time, acceleration, ARGON)
    assert with_bands < 0.5 * flights_per_time(np.inf, time, acceleration, ARGON)


@pytest.mark.parametrize("max_bands", [2, 16, 256])
@pytest.mark.parametrize(("energy", "acceleration"), FIELDS)
def test_the_bands_reach_as_far_as_the_electrons_do(
    energy: float, acceleration: float, max_bands: int
) -> None:
    time = swarm_around(energy, ARGON)
    fastest = ARGON.cell_edges[np.flatnonzero(time)[-1] + 1]
    width = ARGON.best_band_width(time, acceleration, max_bands)
    assert width * max_bands >= fastest * (1 - 1e-12)


def test_band_width_without_a_field_or_without_electrons_is_usable() -> None:
    for acceleration in (0.0, 1e17):
        width = ARGON.best_band_width(np.zeros(CELLS), acceleration, 256)
        assert 0.0 < width <= ARGON.cell_edges[-1]


# What the kernels read


@cache
def tables_for_kernels(lut_size: int = 0) -> Tables:
    return ARGON.with_bands(1e5, 256, 1e17, LookUps(lut_size))


def test_the_native_table_gives_the_cross_sections() -> None:
    gas = mixture_of("argon")
    speed = speeds_of_electrons(ARGON, 20_000)
    expected = frequencies(gas, speed)
    for p in range(expected.shape[1]):
        found = collision_frequency(speed, np.full(speed.size, p), tables_for_kernels())
        assert near(found, expected[:, p], rel=1e-9, abs=1e-9 * expected[:, p].max())


@pytest.mark.parametrize("lut_size", [0, 8192])
def test_above_the_top_of_its_table_a_collision_frequency_keeps_its_value(lut_size: int) -> None:
    gas = mixture_of("argon")
    beyond = speed_at([1000.0, 1500.0, 4000.0])
    at_the_top = frequencies(gas, beyond[:1])[0]
    for p, expected in enumerate(at_the_top):
        found = collision_frequency(beyond, np.full(3, p), tables_for_kernels(lut_size))
        assert found == pytest.approx(np.full(3, expected), rel=1e-12, abs=0.0)


@pytest.mark.parametrize("name", ["argon", "helium", "mixture"])
def test_a_look_up_table_knows_no_collision_below_its_threshold(name: str) -> None:
    gas = mixture_of(name)
    kernel = build(gas, 0.0, 8192).with_bands(np.inf, 1, 0.0, LookUps(8192))
    for p, each in enumerate(gas.processes):
        if each.threshold > 0.0:
            just_below, just_above = speed_at(each.threshold * (1.0 + np.array([-1e-9, 1e-3])))
            assert collision_frequency(np.array([just_below]), np.array([p]), kernel) == 0.0
            exact = frequencies(gas, np.array([just_above]))[:, p]
            found = collision_frequency(np.array([just_above]), np.array([p]), kernel)
            assert found == pytest.approx(exact, rel=0.03, abs=0.0), each.name


def test_a_look_up_table_is_near_at_its_nodes_and_in_between() -> None:
    gas = mixture_of("argon")
    lut_size = 8192
    kernel = tables_for_kernels(lut_size)
    # The Ramsauer minimum is the sharpest corner; thresholds start from zero.
    speed = np.linspace(0.0, 1.0, 2 * lut_size + 1) * lut_size / kernel.intervals_per_speed
    expected = frequencies(gas, speed)
    for p in range(expected.shape[1]):
        found = collision_frequency(speed, np.full(speed.size, p), kernel)
        assert np.abs(found - expected[:, p]).max() < 1e-3 * expected[:, p].max()


def test_each_cell_knows_the_last_node_at_or_below_its_lower_edge() -> None:
    kernel = tables_for_kernels()
    edges = HALF_MASS * ARGON.cell_edges**2
    first = kernel.first_node
    assert np.all(kernel.node[first] <= edges)
    inner = first < kernel.node.size - 1
    assert np.all(kernel.node[first[inner] + 1] > edges[inner])


def test_processes_keep_their_order_action_threshold_mass_and_temperature() -> None:
    gas = mixture_of("mixture")
    kernel = build(gas, 400.0).with_bands(np.inf, 1, 0.0, LookUps())
    action = {
        Kind.ELASTIC: contract.ELASTIC,
        Kind.EXCITATION: contract.EXCITATION,
        Kind.IONIZATION: contract.IONIZATION,
    }
    assert kernel.action.tolist() == [action[p.kind] for p in gas.processes]
    assert kernel.threshold.tolist() == [p.threshold for p in gas.processes]
    for p, recoil, speed in zip(gas.processes, kernel.recoil, kernel.target_speed, strict=True):
        mass = constants.m_e / p.mass_ratio
        assert recoil == pytest.approx(mass / (mass + constants.m_e), rel=1e-14, abs=0.0)
        assert speed == pytest.approx(np.sqrt(constants.k * 400.0 / mass), rel=1e-12, abs=0.0)
    assert kernel.rest_cell == kernel.ceiling.size
    assert build(gas, 0.0).with_bands(np.inf, 1, 0.0, LookUps()).rest_cell == 0


# Averages over the motion of the targets


def thermal_average(gas: Mixture, p: int, speed: float, thermal: float) -> float:
    """Mean frequency of a process over a Maxwellian gas, by a sum over a fine grid."""
    edges = np.linspace(max(speed - 9.0 * thermal, 0.0), speed + 9.0 * thermal, 20_001)
    g = 0.5 * (edges[1:] + edges[:-1])
    near, far = (np.exp(-0.5 * ((g + sign * speed) / thermal) ** 2) for sign in (-1.0, 1.0))
    weight = g / (speed * thermal * np.sqrt(2.0 * np.pi)) * (near - far) * (edges[1] - edges[0])
    # Above the top of the table the frequency is held.
    return float(frequency_of(gas, p, np.minimum(g, speed_at(gas.energy_max))) @ weight)


@pytest.mark.parametrize("temperature", [300.0, 1e5])
@pytest.mark.parametrize("name", ["argon", "helium", "reid_ramp"])
def test_thermal_average_of_a_cell_is_that_over_the_cell_and_the_gas(
    name: str, temperature: float
) -> None:
    gas = mixture_of(name)
    tables = build(gas, temperature)
    average = tables.cell_average_frequency
    # From electrons on that are clearly faster than the gas.
    first = 1 + int(8.0 * tables.target_speed.max() / tables.cell_edges[1])
    cells = np.unique(np.geomspace(first, CELLS - 1, 7).astype(int))
    for p in range(min(3, len(gas.processes))):
        largest = average[:, p].max()
        for cell in cells:
            low, high = tables.cell_edges[cell : cell + 2]
            inside = low + (high - low) * (np.arange(5) + 0.5) / 5
            expected = np.mean(
                [thermal_average(gas, p, v, float(tables.target_speed[p])) for v in inside]
            )
            # A corner in a cell costs the quadrature a little, a threshold most of all.
            assert average[cell, p] == pytest.approx(expected, rel=1e-3, abs=1e-6 * largest)


def test_a_constant_collision_frequency_stays_what_it_is_whatever_the_temperature() -> None:
    gas = mixture_of("maxwell")
    average = build(gas, 3000.0).cell_average_frequency[:, 0]
    assert near(average, 1e-14 * DENSITY, rel=2e-4)


def test_thermal_average_of_hard_spheres_is_that_of_kinetic_theory() -> None:
    gas = mixtures.build(configured("gas=hard_sphere").gas)
    tables = build(gas, 1e5)
    speed = tables.cell_speed
    # Mean relative speed of a particle in a Maxwellian gas (Chapman and Cowling, 1970).
    thermal = tables.target_speed[0]
    x = speed / (np.sqrt(2.0) * thermal)
    mean = np.sqrt(2.0) * thermal * (np.exp(-x * x) / np.sqrt(np.pi) + (x + 0.5 / x) * erf(x))
    average = tables.cell_average_frequency[:, 0]
    slow = speed < 8.0 * thermal
    # Near the top of the table some of the relative speeds lie beyond, where frequencies are held.
    inside = ~slow & (speed < tables.cell_edges[-1] - 8.0 * thermal)
    assert near(average[inside], DENSITY * 6e-20 * mean[inside], rel=1e-6)
    # An electron that is no faster than the gas: the kink of |g| costs the quadrature more.
    assert near(average[slow], DENSITY * 6e-20 * mean[slow], rel=2e-2)
    assert np.count_nonzero(inside) > 0.9 * CELLS


ARGON = build(mixture_of("argon"), 300.0)
# Most frequent at the very top, where the last band is open.
RISING = build(mixture_of("reid_ramp"), 300.0)
