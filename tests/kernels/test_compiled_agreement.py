"""NumPy and numba take the same swarm through the same collisions, one for one."""

import logging
import os
import sys
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from numpy.typing import NDArray

import swarmhydra
from swarmhydra.collisions import bounds
from swarmhydra.collisions.bounds import CELLS
from swarmhydra.kernels import backends
from swarmhydra.kernels.arrays import FloatArray
from swarmhydra.kernels.contract import (
    ABOVE_TABLE,
    ANCESTOR,
    BIRTHS,
    CANDIDATES,
    CAPACITY,
    CLOCK,
    DEATHS,
    EVENT_COLUMNS,
    FLIGHTS,
    MOMENT_GROUPS,
    REAL_COLLISIONS,
    STEPS,
    TRIALS,
    VIOLATIONS,
    VX,
    VZ,
    Field,
    MomentSampling,
    Surroundings,
    Tables,
    Tallies,
    Window,
    X,
    Z,
    first_moment_column,
)
from swarmhydra.kernels.quantities import kinetic_energy
from swarmhydra.swarm import electrons as swarms
from swarmhydra.swarm.course import with_course
from swarmhydra.swarm.electrons import Swarm
from swarmhydra.swarm.ensemble import Ensemble
from swarmhydra.swarm.population import control_population, make_room
from swarmhydra.swarm.tallies import new_tallies
from swarmhydra.swarm.waveform import Begin, Waveform
from tests.helpers.programs import run_python
from tests.helpers.settings import BY_COLLISIONS, ROUGH, configured

numba = pytest.importorskip("numba")

ROOT = Path(__file__).parents[2]

TOLERANCE = 1e-9
"""Relative difference that rounding may grow to over a hundred collisions."""

LARGEST_GROWTH = 1.1
"""Of a sub-swarm in a window: little, so that some are resampled."""

MEMORY = 4
"""Windows remembered, so that the history has something to pass on."""


@dataclass
class Case:
    """A swarm to compare, and what must have come up for the comparison to mean anything."""

    overrides: list[str]
    comes_up: tuple[int, ...] = ()
    resampled: bool = False
    temperatures: tuple[int, ...] = (300,)
    never: tuple[int, ...] = field(default=(VIOLATIONS, ABOVE_TABLE))


ATTACHING = ["gas=lucas_saelee", "sim.en=50", "sim.initial_energy=5"]
ARGON = ["gas=argon", "sim.en=500", "sim.initial_energy=20"]
MIXTURE = [
    "gas=argon",
    "gas.components.Ar.fraction=0.4",
    "+gas.components={He:{formula:helium,fraction:0.6}}",
    "sim.en=50",
    "sim.initial_energy=5",
]

SUPERELASTIC = (
    "+gas.components={M:{fraction:1,mass:4,processes:["
    "{kind:ELASTIC,name:e,energies:[0,1],cross_sections:[6e-20,6e-20]},"
    "{kind:EXCITATION,name:v,threshold:0.05,energies:[0.05,10],cross_sections:[0,5e-19],"
    "statistical_weight_ratio:2}]}}"
)

CHANGING = ["sim.waveform.times=[0,1]", "sim.waveform.en=[500,0]"]
POINTS = np.concatenate([np.linspace(0.0, 4e-13, 5), np.linspace(5e-13, 2e-11, 1000)])
"""Times of the points of a field that changes (s): wider apart than flights last, and closer."""

ANISOTROPIC = "sim.angular_model=coulomb_screened"
EVERY_TABLE = ["accel.collision_lut=true", "accel.velocity_lut=true", "accel.scatter_lut=true"]

CASES = {
    "conservative": Case(["gas=reid_ramp", "sim.en=10"], temperatures=(0, 300)),
    "ionizing": Case(ARGON, comes_up=(BIRTHS,), resampled=True, temperatures=(0, 300)),
    "attaching": Case([*ATTACHING, "gas.parameters.a=0.002"], comes_up=(DEATHS,)),
    "shrinking": Case([*ATTACHING, "gas.parameters.a=0.1"], comes_up=(DEATHS,), resampled=True),
    "both": Case(
        [*ATTACHING, "gas.parameters.a=0.02", "gas.parameters.F=0.5"],
        comes_up=(BIRTHS, DEATHS),
        resampled=True,
    ),
    "mixture": Case(MIXTURE),
    "starting at rest": Case(["gas=helium", "sim.en=100", "sim.initial_energy=0"]),
    "only thermal motion": Case(["gas=maxwell", "sim.en=0"]),
    "every table": Case(
        [*ARGON, *EVERY_TABLE], comes_up=(BIRTHS,), resampled=True, temperatures=(0,)
    ),
    "magnetic": Case(
        ["gas=reid_ramp", "sim.en=10", "sim.bn=300", "sim.eb_angle=70"], temperatures=(0,)
    ),
    "alternating": Case([*ARGON, "sim.frequency=2e12"], comes_up=(BIRTHS,), resampled=True),
    "alternating and magnetic": Case(
        [*ARGON, "sim.frequency=2e12", "sim.bn=500", "sim.eb_angle=40"],
        comes_up=(BIRTHS,),
        resampled=True,
    ),
    "changing": Case([*ARGON, *CHANGING], comes_up=(BIRTHS,), resampled=True),
    "changing and magnetic": Case(
        [*ARGON, *CHANGING, "sim.bn=500", "sim.eb_angle=40"],
        comes_up=(BIRTHS,),
        resampled=True,
    ),
    **{
        f"{model}, {rule}": Case(
            [*ARGON, f"sim.angular_model={model}", f"sim.ionization_sharing={rule}", *more],
            comes_up=(BIRTHS,),
            resampled=True,
        )
        for model, rule, more in (
            ("vahedi_surendra", "uniform", []),
            ("coulomb_screened", "opal", ["accel.scatter_lut=true"]),
            ("okhrimovskyy", "fraction", ["sim.angular_parameter=0.5", "sim.sharing_fraction=0.2"]),
            ("born_dipole", "one_takes_all", ["sim.blend_low=0", "sim.blend_high=0"]),
            ("isotropic", "opal", ["sim.ionization_directions=momentum"]),
        )
    },
    "superelastic": Case([SUPERELASTIC, "sim.en=5", "gas.components.Ar.fraction=0"]),
    # The tables end at 2 eV, where most electrons of this swarm are beyond.
    "beyond the tables": Case(
        ["gas=hard_sphere", "gas.energy_max=2", "sim.en=50", "sim.initial_energy=4"],
        comes_up=(ABOVE_TABLE,),
        never=(),
    ),
}

LOOK_UPS = {
    "no table": ["accel.max_coll_lut=false"],
    "max_coll_lut": ["accel.max_coll_lut=true"],
    "max_coll_lut_size": ["accel.max_coll_lut=true", "accel.max_coll_lut_size=4"],
    "collision_lut": ["accel.max_coll_lut=false", "accel.collision_lut=true"],
    "coarse collision_lut": [
        "accel.max_coll_lut=false",
        "accel.collision_lut=true",
        "accel.collision_lut_size=256",
    ],
    "velocity_lut": ["accel.max_coll_lut=false", "accel.velocity_lut=true"],
    "scatter_lut": ["accel.max_coll_lut=false", "accel.scatter_lut=true", ANISOTROPIC],
    "all": [*EVERY_TABLE, ANISOTROPIC],
}


MOMENTS = MomentSampling(3, 5, 3, 1e-3, 2e-12, 1e5, 0.1, 0.2)
"""Of every third step, with numbers that leave no column zero."""
MOMENT_CELLS = 64
TILT = 1e3


@lru_cache(maxsize=8)
def ensemble(*overrides: str) -> Ensemble:
    """A swarm in a gas, not to be stepped: every run steps a copy."""
    return Ensemble(configured("sim.electrons=320", *overrides))


@cache
def flight_time(*overrides: str) -> float:
    """Mean time of the first flights (s)."""
    run = Run("jit", overrides)
    run.open_window()
    run.step(1.0, 40)
    flying = run.arrays.electrons[:, CLOCK]
    return float(flying.sum() / run.events[FLIGHTS])


def in_pieces(fields: Field) -> Field:
    """A field of its strength that changes sign again and again, up to the last point."""
    en = np.cos(1e13 * POINTS)
    waveform = Waveform(POINTS, en, POINTS[[0, -1]], Begin.GIVEN)
    return with_course(fields, waveform.pieces(0.0, POINTS[-1]), fields.acceleration)


class Run:
    """A swarm that a backend takes through windows."""

    def __init__(self, backend: str, overrides: Sequence[str], threads: int = 1) -> None:
        origin = ensemble(*overrides)
        self.kernels = backends.load(backend, threads)
        assert self.kernels.name == backend
        self.tables: Tables = origin.tables
        self.surroundings: Surroundings = origin.surroundings()
        fields = self.surroundings.field
        if fields.has_course:
            fields = in_pieces(fields)
            self.surroundings = self.surroundings._replace(field=fields)
        self.opening = False
        self.swarm: Swarm = swarms.with_memory(deepcopy(origin.swarm), MEMORY)
        self.arrays = self.swarm.arrays
        parts = 1 if fields.angular_frequency == 0.0 else origin.tallies.phase.shape[1]
        self.moments = MOMENTS._replace(parts=parts)
        self.tallies: Tallies = new_tallies(
            self.arrays.population.size,
            self.tables.action.size,
            CELLS,
            MEMORY,
            origin.tallies.phase.shape[1],
            CELLS,
            (
                parts * MOMENT_CELLS,
                first_moment_column(MOMENT_GROUPS, MOMENTS.orders, MOMENTS.axial_orders),
            ),
        )
        self.kernels.prepare(self.arrays, self.surroundings, self.tallies)

    def open_window(self) -> None:
        self.opening = True

    def step(self, duration: float, steps: int, timed: bool = False) -> None:
        window = Window(duration, 0.3, steps, timed, TILT, self.moments)
        self.kernels.advance(self.arrays, self.surroundings, window, self.tallies, self.opening)
        self.opening = False
        make_room(self.swarm, self.tallies)

    def close_window(self) -> None:
        assert not self.arrays.active.any()
        control_population(self.swarm, LARGEST_GROWTH)

    def through(self, windows: int, duration: float, timed: bool = False) -> None:
        """Take the swarm through some windows, many steps at a time."""
        for _ in range(windows):
            self.open_window()
            while self.opening or self.arrays.active.any():
                self.step(duration, 50, timed)
            self.close_window()

    @property
    def events(self) -> NDArray[np.int64]:
        return self.tallies.events.sum(axis=0)

    def flying(self) -> FloatArray:
        """Those who fly, shape (STATE_ROWS, n), one sub-swarm after the other."""
        return self._columns([slice(0, active) for active in self.arrays.active])

    def waiting(self) -> FloatArray:
        """Those who wait at the end of an open window."""
        count = self.arrays.population - self.arrays.active
        return self._columns([slice(CAPACITY - n, CAPACITY) for n in count])

    def everyone(self) -> FloatArray:
        """All, between two windows."""
        return self._columns([slice(0, population) for population in self.arrays.population])

    def _columns(self, places: list[slice]) -> FloatArray:
        pieces = zip(self.arrays.electrons, places, strict=True)
        return np.concatenate([electrons[:, place] for electrons, place in pieces], axis=1)


def assert_close(a: FloatArray, b: FloatArray) -> None:
    """Equal to rounding; where terms may cancel, to that of the largest values beside them."""
    scale = np.abs(b).max(initial=0.0)
    assert np.all(np.abs(a - b) <= TOLERANCE * scale)


def assert_same_electrons(a: FloatArray, b: FloatArray) -> None:
    """The same electrons in the same order."""
    assert np.array_equal(a[ANCESTOR], b[ANCESTOR])
    energy = kinetic_energy(b[VX : VZ + 1])
    assert np.all(np.abs(kinetic_energy(a[VX : VZ + 1]) - energy) <= TOLERANCE * energy)
    assert_close(a[VX : VZ + 1], b[VX : VZ + 1])
    assert_close(a[X : Z + 1], b[X : Z + 1])
    assert_close(a[CLOCK], b[CLOCK])


def assert_same_swarm(a: Run, b: Run) -> None:
    """As many electrons in every sub-swarm, and the same numbers to draw next."""
    for exact in ("random_state", "population", "active", "weight", "until_sample"):
        assert np.array_equal(getattr(a.arrays, exact), getattr(b.arrays, exact)), exact


def assert_same_events(a: Run, b: Run) -> None:
    """The same counts in every sub-swarm, and of every process."""
    # NumPy steps several sub-swarms at once, and counts that as one step.
    counted = [event for event in range(EVENT_COLUMNS) if event != STEPS]
    assert np.array_equal(a.tallies.events[:, counted], b.tallies.events[:, counted])
    # A collision more or less would show: there are fewer than 1e9.
    collisions = b.tallies.collisions
    assert np.all(np.abs(a.tallies.collisions - collisions) <= 1e-12 * collisions)


def assert_same_sums(a: Run, b: Run) -> None:
    """The same tallies, and the same pasts of the electrons."""
    for name, one, other in zip(Tallies._fields, a.tallies, b.tallies, strict=True):
        if name not in ("events", "seconds"):
            for column in np.ndindex(one.shape[2:]):
                assert_close(one[(..., *column)], other[(..., *column)])
    for s, population in enumerate(a.arrays.population):
        for column in range(4):
            one, other = (run.arrays.history[s, :population, :, column] for run in (a, b))
            assert_close(one, other)


def assert_agreement_step_by_step(overrides: list[str]) -> Run:
    """Compare after each step, until an electron has made 50 flights; return NumPy's run."""
    a, b = Run("jit", overrides), Run("numpy", overrides)
    duration = 10.0 * flight_time(*overrides)
    flights = 50 * b.arrays.population.sum()
    windows = 0
    while b.events[FLIGHTS] < flights or windows <= MEMORY:
        a.open_window()
        b.open_window()
        while b.opening or b.arrays.active.any():
            a.step(duration, 1)
            b.step(duration, 1)
            assert_same_events(a, b)
            assert_same_swarm(a, b)
            assert_same_electrons(a.flying(), b.flying())
        assert_same_electrons(a.waiting(), b.waiting())
        a.close_window()
        b.close_window()
        assert_same_swarm(a, b)
        assert_same_electrons(a.everyone(), b.everyone())
        windows += 1
    assert_same_sums(a, b)
    return b


@pytest.mark.parametrize(
    ("name", "temperature"),
    [(name, t) for name, case in CASES.items() for t in case.temperatures],
)
def test_collisions_agree_one_for_one(name: str, temperature: int) -> None:
    case = CASES[name]
    run = assert_agreement_step_by_step([*case.overrides, f"sim.temperature={temperature}"])
    for event in (TRIALS, CANDIDATES, REAL_COLLISIONS, *case.comes_up):
        assert run.events[event] > 0
    for event in case.never:
        assert run.events[event] == 0
    assert np.ptp(run.arrays.weight) > 0 or not case.resampled


@pytest.mark.parametrize("look_ups", LOOK_UPS)
def test_each_table_alone_gives_both_backends_the_same(look_ups: str) -> None:
    run = assert_agreement_step_by_step([*ARGON, *LOOK_UPS[look_ups]])
    assert run.events[VIOLATIONS] == 0
    assert run.events[BIRTHS] > 0


def test_bounds_that_cells_share_give_both_backends_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bounds, "SEPARATE_BOUNDS", 0)
    # A pressure of its own, so that no tables made with other bounds are at hand.
    run = assert_agreement_step_by_step(["gas=helium", "sim.en=300", "sim.pressure=99999"])
    assert run.events[VIOLATIONS] == 0
    assert run.events[BIRTHS] > 0


SWITCHES = {
    "max_coll_lut": ("accel.max_coll_lut=true",),
    "max_coll_lut_size": ("accel.max_coll_lut=true", "accel.max_coll_lut_size=4"),
    "collision_lut": ("accel.collision_lut=true",),
    "collision_lut_size": ("accel.collision_lut=true", "accel.collision_lut_size=256"),
    "velocity_lut": ("accel.velocity_lut=true",),
    "scatter_lut": ("accel.scatter_lut=true",),
}


def test_each_look_up_table_is_in_use() -> None:
    """Each switch changes the swarm, and no two of them in the same way.

    Scattering is anisotropic: isotropic directions are computed, table or not.
    """
    plain = [*ARGON, ANISOTROPIC, "accel.max_coll_lut=false"]
    runs = {name: Run("jit", [*plain, *switch]) for name, switch in SWITCHES.items()}
    runs["no table"] = Run("jit", plain)
    for run in runs.values():
        run.through(1, 40.0 * flight_time(*ARGON))
    swarms_seen = {name: run.everyone().tobytes() for name, run in runs.items()}
    assert len(set(swarms_seen.values())) == len(runs), swarms_seen.keys()


def test_how_many_steps_a_call_makes_changes_nothing() -> None:
    one, many = Run("jit", ARGON), Run("jit", ARGON)
    duration = 30.0 * flight_time(*ARGON)
    many.through(1, duration)
    one.open_window()
    while one.opening or one.arrays.active.any():
        one.step(duration, 1)
    one.close_window()
    assert_identical(one, many)


def test_sub_swarms_that_overflow_in_a_window_agree() -> None:
    """Halved in the middle of a window, at different moments in the two backends."""
    overrides = [
        *("gas=argon", "sim.en=5000", "sim.initial_energy=50"),
        *("sim.electrons=4096", "sim.sub_swarms=4"),
    ]
    a, b = Run("jit", overrides), Run("numpy", overrides)
    duration = 60.0 * flight_time(*overrides)
    for run in (a, b):
        run.open_window()
        while run.opening or run.arrays.active.any():
            run.step(duration, 50)
    assert np.any(a.arrays.weight > 1.0)
    assert_same_events(a, b)
    assert_same_swarm(a, b)
    assert_same_electrons(a.waiting(), b.waiting())
    for run in (a, b):
        run.close_window()
    assert_same_swarm(a, b)
    assert_same_electrons(a.everyone(), b.everyone())
    assert_same_sums(a, b)


# Time


def test_stages_are_timed_in_seconds_without_changing_anything() -> None:
    timed, untimed = Run("jit", ARGON), Run("jit", ARGON)
    duration = 100.0 * flight_time(*ARGON)
    untimed.through(2, duration)
    timed.through(2, duration, timed=True)
    assert np.all(untimed.tallies.seconds == 0.0)
    assert_identical(timed, untimed)
    assert np.all(timed.tallies.seconds.sum(axis=0) > 0.0)
    # Some ten nanoseconds an electron and stage on any machine, give or take a factor of thirty.
    per_flight = timed.tallies.seconds.sum() / timed.events[FLIGHTS]
    assert 1e-9 < per_flight < 3e-6


def assert_identical(a: Run, b: Run) -> None:
    for name, one, other in zip(Tallies._fields, a.tallies, b.tallies, strict=True):
        assert name == "seconds" or np.array_equal(one, other), name
    assert np.array_equal(a.arrays.random_state, b.arrays.random_state)
    assert np.array_equal(a.everyone(), b.everyone())


# Threads


def test_threads_change_no_bit_of_a_swarm() -> None:
    if numba.config.NUMBA_NUM_THREADS < 2:
        pytest.skip("one core only")
    one, two = Run("jit", ARGON), Run("jit", ARGON, threads=2)
    assert (one.kernels.threads, two.kernels.threads) == (1, 2)
    for run in (one, two):
        run.through(3, 30.0 * flight_time(*ARGON))
    assert_identical(one, two)


def test_more_threads_than_there_are_warn_and_run_on_those_there_are(
    caplog: pytest.LogCaptureFixture,
) -> None:
    available = numba.config.NUMBA_NUM_THREADS
    with caplog.at_level(logging.WARNING):
        assert backends.load("jit", available).threads == available
        assert backends.load("jit", None).threads == available
        assert not caplog.records
        assert backends.load("jit", available + 1).threads == available
    (record,) = caplog.records
    assert f"accel.threads={available + 1}" in record.getMessage()
    assert str(available) in record.getMessage().partition(":")[2]


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="no affinity to set")
def test_threads_are_the_cores_that_the_process_may_use() -> None:
    script = (
        "import os; os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})\n"
        "from swarmhydra.kernels import backends\n"
        "print(backends.load('jit', None).threads)"
    )
    environment = {k: v for k, v in os.environ.items() if k != "NUMBA_NUM_THREADS"}
    assert run_python("-c", script, env=environment).stdout.split() == ["1"]


# Whole runs

TINY = [
    *("gas=argon", "sim.en=500", "sim.electrons=320", "sim.initial_energy=5"),
    *BY_COLLISIONS,
    *ROUGH,
    "sim.stop.real_collisions=2e5",
]


@pytest.fixture(scope="module")
def compiled_run() -> xr.DataTree:
    return swarmhydra.simulate(*TINY, "accel=jit", "accel.threads=1")


def physics(run: xr.DataTree) -> dict[str, NDArray[np.generic]]:
    """All that was found, without what it cost."""
    found = {}
    for node in run.subtree:
        if node.name != "perf":
            for name, variable in node.to_dataset(inherit=False).variables.items():
                found[f"{node.path}/{name}".removeprefix("/")] = variable.values
    del found["/accel"]
    return found


def assert_bit_identical(a: xr.DataTree, b: xr.DataTree) -> None:
    one, other = physics(a), physics(b)
    assert one.keys() == other.keys()
    for name in one:
        is_text = one[name].dtype.kind in "OUST"
        assert np.array_equal(one[name], other[name], equal_nan=not is_text), name


def test_a_whole_run_repeats_bit_for_bit(compiled_run: xr.DataTree) -> None:
    again = swarmhydra.simulate(*TINY, "accel=jit", "accel.threads=1")
    assert_bit_identical(compiled_run, again)


def test_threads_change_no_bit_of_a_whole_run(compiled_run: xr.DataTree) -> None:
    if numba.config.NUMBA_NUM_THREADS < 2:
        pytest.skip("one core only")
    two = swarmhydra.simulate(*TINY, "accel=jit", "accel.threads=2")
    assert two["perf"]["threads"] == 2
    assert_bit_identical(compiled_run, two)


def test_another_seed_is_another_run(compiled_run: xr.DataTree) -> None:
    other = swarmhydra.simulate(*TINY, "accel=jit", "accel.threads=1", "sim.seed=2")
    assert float(other["mean_energy"]) != float(compiled_run["mean_energy"])


def test_whole_runs_of_both_backends_agree(compiled_run: xr.DataTree) -> None:
    one, other = physics(compiled_run), physics(swarmhydra.simulate(*TINY, "accel=numpy"))
    assert compiled_run.attrs["backend_ran"] == "jit"
    assert one.keys() == other.keys()
    for name in one:
        if one[name].dtype.kind == "f":
            scale = np.max(np.abs(other[name]), initial=0.0, where=np.isfinite(other[name]))
            wrong = np.abs(one[name] - other[name])
            assert np.array_equal(np.isnan(one[name]), np.isnan(other[name])), name
            assert np.all(np.isnan(wrong) | (wrong <= 1e-6 * scale)), name
        else:
            assert np.array_equal(one[name], other[name]), name


def test_one_compilation_serves_every_gas_field_and_table(compiled_run: xr.DataTree) -> None:
    from swarmhydra.kernels.compiled.machinery.side_by_side import enter

    Run("jit", CASES["conservative"].overrides).through(1, 1e-14)
    before = len(enter.signatures)
    for name in ("attaching", "every table", "alternating and magnetic", "changing"):
        Run("jit", CASES[name].overrides).through(1, 1e-14)
    assert len(enter.signatures) == before


def test_arguments_of_other_types_are_converted_or_refused() -> None:
    """The loop reads what lies at an address: never as what it is not."""
    runs = [Run("jit", CASES["conservative"].overrides) for _ in range(2)]
    for run, duration in zip(runs, (1, 1.0), strict=True):
        window = Window(duration, 0.3, 5, False)
        run.kernels.advance(run.arrays, run.surroundings, window, run.tallies, True)
    assert runs[0].arrays.electrons.tobytes() == runs[1].arrays.electrons.tobytes()
    assert runs[0].arrays.active.all()
    single = runs[0].arrays._replace(weight=runs[0].arrays.weight.astype(np.float32))
    with pytest.raises(TypeError):
        runs[0].kernels.advance(single, runs[0].surroundings, window, runs[0].tallies, True)


# Plain Python


def test_kernels_give_the_same_numbers_as_plain_python(tmp_path: Path) -> None:
    """The same source without numba's compiler, over a few steps of a tiny swarm."""
    output = tmp_path / "electrons.npz"
    overrides = [*ARGON, "sim.electrons=40", "sim.sub_swarms=4", "sim.temperature=300"]
    overrides += EVERY_TABLE
    env = {**os.environ, "NUMBA_DISABLE_JIT": "1"}
    run_python("-m", __name__, str(output), *overrides, cwd=ROOT, env=env)
    compiled = few_steps(overrides)
    with np.load(output) as interpreted:
        assert np.array_equal(interpreted["jit_disabled"], True)
        for name, array in compiled.items():
            scale = np.abs(array).max(initial=0.0, axis=-1, keepdims=True)
            wrong = np.abs(interpreted[name] - array) > 1e-12 * scale
            assert not wrong.any(), name
        for exact in ("random_state", "population", "events"):
            assert np.array_equal(interpreted[exact], compiled[exact]), exact
    assert compiled["events"][:, BIRTHS].sum() > 0
    assert np.all(compiled["events"][:, REAL_COLLISIONS] > 0)


def few_steps(overrides: list[str]) -> dict[str, NDArray[np.generic]]:
    """What the kernels make of a tiny swarm in a window, without the backend around them."""
    from swarmhydra.kernels.compiled.advance import Work, advance
    from swarmhydra.kernels.compiled.machinery.side_by_side import side_by_side
    from swarmhydra.kernels.compiled.variants import chosen_variants

    run = Run("numpy", overrides)
    window = Window(2e-13, 0.0, 1000, False)
    order = np.arange(run.arrays.population.size)
    queue = np.zeros(1, dtype=np.int64)
    variants, tallies = chosen_variants(run.surroundings), run.tallies
    work = Work(variants, run.arrays, *run.surroundings, window, tallies, True, order, queue)
    side_by_side(advance, work)(work, 1)
    assert not run.arrays.active.any()
    return {
        "electrons": run.everyone(),
        "population": run.arrays.population,
        "random_state": run.arrays.random_state,
        **tallies._asdict(),
    }


if __name__ == "__main__":
    # Uniform numbers come from whole numbers that overflow on purpose.
    with np.errstate(all="ignore"):
        arrays = few_steps(sys.argv[2:])
    np.savez(sys.argv[1], jit_disabled=bool(numba.config.DISABLE_JIT), **arrays)
