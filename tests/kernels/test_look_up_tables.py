"""Look-up tables: how far they are from what they stand for, in both backends."""

from collections.abc import Callable
from functools import cache

import numpy as np
import pytest

from swarmhydra.collisions import tables as collision_tables
from swarmhydra.collisions.tables import LUT_STEPS, CollisionTables, LookUps
from swarmhydra.gas import mixture as mixtures
from swarmhydra.kernels.arrays import FloatArray
from swarmhydra.kernels.contract import Tables
from swarmhydra.kernels.quantities import HALF_MASS, speed_at
from swarmhydra.kernels.vectorised.determine_collisions import collision_frequency
from swarmhydra.kernels.vectorised.look_up import square_root
from tests.helpers.settings import configured

pytest.importorskip("numba")

from swarmhydra.kernels.compiled import determine_collisions as compiled_collisions
from swarmhydra.kernels.compiled.machinery import look_up as compiled_look_up
from tests.kernels.from_python import from_python

compiled_square_root = from_python(compiled_look_up.square_root)
compiled_frequency = from_python(compiled_collisions.collision_frequency)

SQUARE_ROOT_ERROR = 3e-7
"""Largest relative error of a square root by table: h^2/8 max|f''|/f with h = 0.75/1024 at 1/4."""

FREQUENCY_ERROR = {"argon": (3.3e-2, 3e-4, 5e-5), "helium": (1.2e-4, 5.4e-5, 4.6e-6)}
"""Of the default table of 8192 intervals, as a share of the total frequency: largest, of all but a
hundredth, mean over the logarithm of the energy from 10 meV to 1 keV. Twice what was measured.

The largest one is where the cross section bends within a node distance: at the bottom of argon's
Ramsauer minimum (0.21 eV).
"""


@cache
def gas_tables(gas: str, lut_size: int) -> CollisionTables:
    mixture = mixtures.build(configured(f"gas={gas}").gas)
    return collision_tables.build(
        mixture.processes, mixture.fraction, 2.4e25, 0.0, mixture.energy_max, lut_size
    )


def tables(gas: str, look_ups: LookUps) -> Tables:
    return gas_tables(gas, look_ups.collision).with_bands(np.inf, 1, 0.0, look_ups)


ROOT_TABLES = {
    "numpy": lambda x, table: square_root(x, table),
    "jit": lambda x, table: np.array(
        [compiled_square_root(value, table.square_root) for value in x]
    ),
}

Function = Callable[[FloatArray, Tables], FloatArray]


# Square roots


@pytest.mark.parametrize("function", ROOT_TABLES.values(), ids=ROOT_TABLES)
def test_square_roots_are_good_to_3e_7(function: Function) -> None:
    random = np.random.default_rng(1)
    fractions = [random.random(20_000), 10.0 ** random.uniform(-30.0, 0.0, 20_000)]
    powers = 2.0 ** np.arange(-60, 1)
    edges = [powers, np.nextafter(powers, 0.0), np.nextafter(powers[:-1], 1.0)]
    x = np.concatenate([*fractions, *edges])
    error = function(x, tables("argon", LookUps(velocity=True))) / np.sqrt(x) - 1.0
    assert np.abs(error).max() <= SQUARE_ROOT_ERROR
    # The bound is no larger than it has to be.
    assert np.abs(error).max() >= 0.8 * SQUARE_ROOT_ERROR


@pytest.mark.parametrize("function", ROOT_TABLES.values(), ids=ROOT_TABLES)
def test_square_roots_at_the_nodes_are_exact(function: Function) -> None:
    """Those of 0 and 1 above all: an elastic collision keeps its energy."""
    nodes = np.linspace(0.25, 1.0, LUT_STEPS + 1)[::64]
    table = tables("argon", LookUps(velocity=True))
    assert np.array_equal(function(np.array([0.0, 1.0, 0.25]), table), [0.0, 1.0, 0.5])
    assert np.all(np.abs(function(nodes, table) - np.sqrt(nodes)) <= 1e-15)


@pytest.mark.parametrize("function", ROOT_TABLES.values(), ids=ROOT_TABLES)
def test_square_roots_grow_with_their_argument(function: Function) -> None:
    """Also where an exponent ends, and the table starts over."""
    x = np.concatenate([np.linspace(0.0, 1.0, 20_001), np.geomspace(1e-6, 1.0, 20_001)])
    root = function(np.unique(x), tables("argon", LookUps(velocity=True)))
    assert np.all(np.diff(root) >= 0.0)


def test_without_the_switches_there_is_nothing_to_look_up() -> None:
    table = tables("argon", LookUps())
    assert table.square_root.size == 0
    assert table.intervals_per_speed == 0.0


# Collision frequencies


def frequency_errors(gas: str, lut_size: int, energy: FloatArray) -> FloatArray:
    """Error of each process as a share of the total frequency, shape (P, n)."""
    speed = speed_at(energy)
    look_up, native = tables(gas, LookUps(lut_size)), tables(gas, LookUps())
    total = gas_tables(gas, 0).collision_frequency(speed).sum(axis=1)
    errors = []
    for p in range(native.action.size):
        process = np.full(speed.size, p)
        wrong = collision_frequency(speed, process, look_up)
        errors.append((wrong - collision_frequency(speed, process, native)) / total)
    return np.array(errors)


def energies(low: float, high: float) -> FloatArray:
    return np.exp(np.random.default_rng(1).uniform(np.log(low), np.log(high), 50_000))


@pytest.mark.parametrize("gas", FREQUENCY_ERROR)
def test_frequencies_by_table_are_near_the_native_ones(gas: str) -> None:
    error = np.abs(frequency_errors(gas, 8192, energies(0.01, 1000.0))).max(axis=0)
    largest, mostly, mean = FREQUENCY_ERROR[gas]
    assert error.max() <= largest
    assert np.quantile(error, 0.99) <= mostly
    assert error.mean() <= mean


@pytest.mark.parametrize("gas", FREQUENCY_ERROR)
def test_a_finer_table_is_nearer(gas: str) -> None:
    energy = energies(0.01, 1000.0)
    coarse, fine = (np.abs(frequency_errors(gas, size, energy)).mean() for size in (2048, 8192))
    assert fine < coarse / 4


@pytest.mark.parametrize("gas", FREQUENCY_ERROR)
def test_frequencies_by_table_are_right_on_the_average(gas: str) -> None:
    """In every interval, wherever kinks and thresholds lie in it, because rates are averages."""
    # Samples at the nodes would be off by 2e-4 of the total over 16 intervals at a threshold.
    points = 32
    step = gas_tables(gas, 0).cell_edges[-1] / (8192 * points)
    speed = (np.arange(2560 * points) + 0.5) * step
    elastic, *others = frequency_errors(gas, 8192, HALF_MASS * speed**2)
    # The total frequency itself varies where it is small, over more than one interval.
    assert np.abs(elastic.reshape(-1, 16 * points).mean(axis=1)).max() <= 1e-4
    # The sum over points sees a kink of a thousandth of the total to 1e-8.
    assert np.abs(np.array(others).reshape(-1, points).mean(axis=1)).max() <= 4e-8


@pytest.mark.parametrize("size", [256, 8192])
@pytest.mark.parametrize("gas", FREQUENCY_ERROR)
def test_frequencies_by_table_stay_between_floor_and_ceiling(gas: str, size: int) -> None:
    """Else collisions would be lost: what the look-up says is what must be bounded."""
    table = tables(gas, LookUps(size))
    speed = speed_at(energies(1e-4, 1000.0))
    cell = (speed * table.inverse_cell_width).astype(int)
    for p in range(table.action.size):
        frequency = collision_frequency(speed, np.full(speed.size, p), table)
        ceiling = table.process_ceiling[cell, p + 1] - table.process_ceiling[cell, p]
        assert np.all(frequency <= ceiling * (1 + 1e-9))
        assert np.all(frequency >= table.process_floor[cell, p] * (1 - 1e-9))


@pytest.mark.parametrize("gas", FREQUENCY_ERROR)
def test_compiled_kernels_look_up_the_same(gas: str) -> None:
    table = tables(gas, LookUps(8192))
    speed = speed_at(energies(1e-4, 1000.0)[:2000])
    process = np.arange(speed.size) % table.action.size
    ours = [compiled_frequency(v, int(p), table) for v, p in zip(speed, process, strict=True)]
    expected = collision_frequency(speed, process, table)
    assert np.all(np.abs(np.array(ours) - expected) <= 1e-14 * expected)
