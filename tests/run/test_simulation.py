"""A run repeats to the last bit, from its own record, and ends for the reason it gives."""

from collections.abc import Sequence

import numpy as np
import pytest
import xarray as xr

from swarmhydra.config import from_yaml
from swarmhydra.kernels import streams
from swarmhydra.results.record import RunRecord
from swarmhydra.results.tree import build_tree
from swarmhydra.run import simulation, stop_rules
from swarmhydra.run.progress import Progress
from swarmhydra.run.stop_rules import Verdict
from tests.helpers.settings import FASTEST, NO_TARGETS, SAMPLED, configured

BRIEF = (
    *FASTEST,
    *NO_TARGETS,
    "sim.temperature=0",
    "sim.stop.real_collisions=1e4",
    "sim.stop.wall_time=null",
)
# As small as can be, where no error is judged; and with errors of 15 degrees of freedom.
SMALL = (*BRIEF, "sim.electrons=160", "sim.sub_swarms=4")
LARGER = (*BRIEF, "sim.electrons=640", "sim.sub_swarms=16", "sim.stop.real_collisions=4e4")
REID = ("gas=reid_ramp", "sim.en=12", *SMALL)

# Student's t with 15 degrees of freedom, and the difference of two such: once in a million.
ONE_OF_15, TWO_OF_15 = 7.9, 6.1

PHYSICS = ("/", "eedf", "time_series", "rng")


def tree_of(*overrides: str) -> xr.DataTree:
    return build_tree(simulation.run(configured(*overrides)))


def differences(one: xr.DataTree, other: xr.DataTree) -> list[str]:
    """Variables of the physics that are not the same to the last bit."""
    found = []
    for group in PHYSICS:
        a, b = one[group].to_dataset(inherit=False), other[group].to_dataset(inherit=False)
        assert set(a.variables) == set(b.variables)
        found += [
            f"{group}/{name}"
            for name in a.variables
            if a[name].values.tobytes() != b[name].values.tobytes()
        ]
    return found


@pytest.fixture(scope="module")
def record() -> RunRecord:
    return simulation.run(configured(*REID))


@pytest.fixture(scope="module")
def tree(record: RunRecord) -> xr.DataTree:
    return build_tree(record)


# Repeatable


def test_the_same_seed_gives_the_same_bytes(tree: xr.DataTree) -> None:
    again = tree_of(*REID)
    assert differences(tree, again) == []
    for name in ("relaxation_time", "window", "memory_windows", "stop_reason"):
        assert tree.attrs[name] == again.attrs[name]
    for name in ("trials", "real_collisions", "null_share", "horizon_share"):
        assert tree["perf"][name].values.tobytes() == again["perf"][name].values.tobytes()


@pytest.mark.parametrize("other", ["sim.seed=2", "sim.run_label=other", "sim.replica=1"])
def test_another_seed_label_or_replica_gives_other_numbers(other: str, tree: xr.DataTree) -> None:
    changed = differences(tree, tree_of(*REID, other))
    assert {"//mean_energy", "eedf/eedf", "rng/initial_state", "rng/final_state"} <= set(changed)


def test_a_run_can_be_repeated_from_the_configuration_in_its_result(tree: xr.DataTree) -> None:
    again = build_tree(simulation.run(from_yaml(tree.attrs["config"])))
    assert differences(tree, again) == []
    assert again.attrs["config"] == tree.attrs["config"]


def test_streams_are_recorded_before_and_after(record: RunRecord) -> None:
    rng = record.rng
    keys = streams.spawn_keys("run", 0, 4)
    assert (rng["bit_generator"], rng["entropy"]) == ("SFC64", 1)
    assert np.array_equal(rng["spawn_keys"], keys)
    assert np.array_equal(rng["initial_state"], streams.initial_states(1, keys))
    final = rng["final_state"]
    assert final.shape == (4, 4, 4)
    # The last word of SFC64 counts the numbers drawn: every generator was used.
    drawn = final[:, 3] - rng["initial_state"][:, 3]
    assert np.all(drawn > record.perf["trials"] / 16 / 2)
    assert np.all(drawn < record.perf["trials"])


# Sound


GASES = {
    "argon, strong field": ["gas=argon", "sim.en=500"],
    "argon, moving atoms": ["gas=argon", "sim.en=100", "sim.temperature=300"],
    "helium": ["gas=helium", "sim.en=100", "sim.temperature=300"],
    "attachment": [
        "gas=lucas_saelee",
        "gas.parameters.F=0.5",
        "gas.parameters.a=2e-3",
        "sim.en=30",
    ],
    "light, hot gas": [
        "gas=maxwell",
        "gas.parameters.mass_ratio=0.3",
        "sim.en=10",
        "sim.temperature=3000",
        # The solver takes as long for so heavy a gas in motion as all others together.
        SAMPLED,
    ],
    "mixture": [
        "gas=argon",
        "gas.components.Ar.fraction=0.5",
        "+gas.components={He:{formula:helium,fraction:0.5}}",
        "sim.en=200",
    ],
    "global majorant": ["gas=argon", "sim.en=500", "accel.max_coll_lut=false"],
    "look-up tables": ["gas=argon", "sim.en=500", "accel.collision_lut=true"],
}


IN_DETAIL = ("helium", "light, hot gas", "global majorant", "argon, moving atoms")
"""Gases that only the long tests take."""


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(name, marks=[pytest.mark.slow] if name in IN_DETAIL else []) for name in GASES
    ],
)
def any_run(request: pytest.FixtureRequest) -> RunRecord:
    made: Sequence[str] = GASES[request.param]
    return simulation.run(configured(*LARGER, *made))


def test_null_collision_bounds_are_never_passed_in_a_run(any_run: RunRecord) -> None:
    assert any_run.perf["majorant_violations"] == 0


def test_the_power_balance_closes_within_its_error(any_run: RunRecord) -> None:
    residual = any_run.coefficients["power_balance_residual"]
    assert abs(residual.value) < ONE_OF_15 * residual.stderr
    assert residual.stderr < 0.1 * any_run.coefficients["power_gain"].value


def test_rates_by_count_and_by_convolution_agree(any_run: RunRecord) -> None:
    counted = any_run.coefficients["rate_coefficient"]
    convolved = any_run.coefficients["rate_coefficient_convolution"]
    error = np.hypot(counted.stderr, convolved.stderr)
    # Where a handful of collisions was counted, their spread tells no error.
    events = counted.value * any_run.perf["real_collisions"] / counted.value.sum()
    often = events > 300
    assert often[0]
    assert np.all(np.abs(counted.value - convolved.value)[often] < ONE_OF_15 * error[often])


def test_counts_add_up(any_run: RunRecord) -> None:
    perf = any_run.perf
    assert 0 < perf["real_collisions"] <= perf["trials"]
    assert perf["null_share"] == pytest.approx(1.0 - perf["real_collisions"] / perf["trials"])
    assert 0.0 <= perf["horizon_share"] < 1.0
    assert any_run.time_series["trials"][-1] == perf["trials"]
    assert np.all(np.diff(any_run.time_series["trials"]) >= 0)


def test_an_electron_beyond_the_tables_is_told_of(caplog: pytest.LogCaptureFixture) -> None:
    # Constant collision frequency: one flight in 1e5 is long enough to pass 1000 eV.
    light = ("gas=maxwell", "gas.parameters.mass_ratio=0.3", "sim.en=100")
    simulation.run(configured(*LARGER, *light))
    assert "above gas.energy_max=1000 eV" in caplog.text


# Relaxation


@pytest.mark.slow
def test_a_swarm_relaxes_to_the_same_energy_from_below_and_from_above() -> None:
    cold, hot = (
        simulation.run(configured(*REID, *LARGER, f"sim.initial_energy={energy}")).coefficients[
            "mean_energy"
        ]
        for energy in (0.05, 3.0)
    )
    assert abs(cold.value - hot.value) < TWO_OF_15 * np.hypot(cold.stderr, hot.stderr)


def test_the_time_of_the_relaxation_is_recorded(record: RunRecord) -> None:
    assert record.attributes["relaxed"] == 1
    measured = record.time_series["time"][record.time_series["phase"] == 1]
    assert 0.0 <= record.attributes["relaxation_time"] < measured[0]


def test_a_swarm_that_had_no_time_to_relax_says_so(caplog: pytest.LogCaptureFixture) -> None:
    made = simulation.run(
        configured(*REID, SAMPLED, "sim.initial_energy=10", "sim.relaxation_collisions=100")
    )
    assert made.attributes["relaxed"] == 0
    assert np.isnan(made.attributes["relaxation_time"])
    assert "sim.relaxation_collisions=100" in caplog.text


# The end


def test_a_run_ends_after_as_many_collisions_as_it_was_given(record: RunRecord) -> None:
    assert record.attributes["stop_reason"] == "real_collisions"
    series = record.time_series
    measured = series["real_collisions"][series["phase"] == 1]
    since = measured[-1] - series["real_collisions"][series["phase"] == 0][-1]
    # It looks after every window at first, later when the run has grown by a tenth.
    assert 1e4 <= since < 1.3 * 1e4 + 2 * (measured[1] - measured[0])


def test_a_run_ends_after_as_much_time_of_the_swarm_as_it_was_given() -> None:
    made = simulation.run(
        configured(*REID, "sim.stop.real_collisions=null", "sim.stop.simulated_time=2e-10")
    )
    assert made.attributes["stop_reason"] == "simulated_time"
    series = made.time_series
    since = series["time"][-1] - series["time"][series["phase"] == 0][-1]
    assert since >= 2e-10


def test_a_run_ends_when_its_wall_time_is_used_up(record: RunRecord) -> None:
    # Time enough to measure, on any machine.
    enough = 0.5 + 2.0 * float(record.perf["wall_seconds"])
    endless = (*NO_TARGETS, "sim.stop.real_collisions=null")
    made = simulation.run(configured(*REID, *endless, f"sim.stop.wall_time={enough}"))
    assert made.attributes["stop_reason"] == "wall_time"
    assert made.perf["wall_seconds"] > 0.9 * enough


@pytest.mark.parametrize("target", ["0.002", "null"])
def test_a_run_out_of_time_says_that_its_errors_are_not_as_asked(
    target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def out_of_time(*_: object) -> Verdict:
        return Verdict({stop_rules.OUT_OF_TIME: 1.0})

    monkeypatch.setattr(stop_rules, "judge", out_of_time)
    targets = [f"sim.stop.rel_error.{name}={target}" for name in stop_rules.COEFFICIENTS_OF_TARGET]
    made = simulation.run(configured(*REID, *targets, "sim.stop.wall_time=60"))
    said = "sim.stop.wall_time=60 s ended the run before its errors" in str(
        made.attributes["warnings"]
    )
    assert said == (target != "null")


def test_where_nothing_drifts_the_other_errors_end_the_run() -> None:
    still = ("gas=maxwell", "gas.parameters.mass_ratio=0.1", "sim=quick", "sim.en=0")
    made = simulation.run(configured(*still, "sim.electrons=400", "sim.initial_energy=0.04"))
    assert made.attributes["stop_reason"] == "rel_error"
    assert np.isnan(made.coefficients["reduced_mobility_flux"].value)
    assert "no steady field" in made.why_unset["reduced_mobility_flux"]


def test_diffusion_that_may_remember_its_beginning_is_told_of() -> None:
    made = simulation.run(configured(*REID, SAMPLED, "sim.window=1e-12", "sim.memory_windows=2"))
    assert "the lag of 1 windows is shorter than the velocity memory" in str(
        made.attributes["warnings"]
    )


def test_a_run_ends_when_its_errors_are_small_enough() -> None:
    made = simulation.run(
        configured(
            "gas=reid_ramp",
            "sim=quick",
            "sim.en=12",
            "sim.temperature=0",
            "sim.stop.rel_error.mean_energy=0.015",
            "sim.stop.rel_error.drift_velocity_flux=0.02",
            "sim.stop.wall_time=null",
        )
    )
    assert made.attributes["stop_reason"] == "rel_error"
    for name, target in (("mean_energy", 0.015), ("drift_velocity_flux", 0.02)):
        estimate = made.coefficients[name]
        assert estimate.stderr / estimate.value <= target


# Windows


def test_windows_can_be_set() -> None:
    made = simulation.run(configured(*REID, "sim.window=1e-11", "sim.memory_windows=5"))
    assert made.attributes["window"] == 1e-11
    assert made.attributes["memory_windows"] == 5
    series = made.time_series
    steps = np.diff(series["time"][series["phase"] == 1])
    assert steps == pytest.approx(np.full(steps.size, 1e-11), rel=1e-6, abs=0.0)


def test_every_kth_window_is_kept_and_the_result_does_not_depend_on_k(tree: xr.DataTree) -> None:
    thinned = tree_of(*REID, "sim.log_every_k=3")
    every, third = (each["time_series"]["time"].values for each in (tree, thinned))
    assert np.array_equal(third, every[::3])
    assert {name for name in differences(tree, thinned) if name.startswith("/")} == set()
    assert thinned["eedf"].to_dataset().identical(tree["eedf"].to_dataset())


def test_growth_is_logged_as_the_logarithm_of_the_number() -> None:
    made = simulation.run(
        configured(*LARGER, SAMPLED, "gas=argon", "sim.en=500", "sim.stop.real_collisions=2e5")
    )
    series = made.time_series
    late = series["phase"] == 1
    rate = np.polyfit(series["time"][late], series["ln_number"][late], 1)[0]
    net = made.coefficients["effective_ionization_rate_coefficient"]
    density = 101325.0 / (1.380649e-23 * 273.15)
    assert rate / density == pytest.approx(float(net.value), rel=0.05, abs=0.0)
    # Population control keeps what is simulated near the 640 electrons of the start.
    assert np.all(series["electrons"] < 2.0 * 2.0 * 640)
    assert series["ln_number"][-1] > np.log(100.0)


# Conditions


@pytest.mark.slow
def test_reduced_coefficients_do_not_depend_on_the_pressure() -> None:
    made = [
        simulation.run(configured(*REID, *LARGER, f"sim.pressure={pressure}")).coefficients
        for pressure in (10.0, 1e6)
    ]
    for name in ("mean_energy", "drift_velocity_flux", "reduced_diffusion_transverse_flux"):
        low, high = (each[name] for each in made)
        assert abs(low.value - high.value) < TWO_OF_15 * np.hypot(low.stderr, high.stderr)
        assert low.stderr < 0.1 * low.value


def test_conditions_are_coordinates_of_the_result(tree: xr.DataTree) -> None:
    for name, expected in (("en", 12.0), ("gas", "reid_ramp"), ("seed", 1), ("temperature", 0.0)):
        assert tree[name].values == expected


# Watching


def test_progress_is_told_through_all_phases() -> None:
    told: list[Progress] = []
    simulation.run(configured(*REID, SAMPLED), told.append)
    phases = list(dict.fromkeys(each.message for each in told))
    assert phases == ["relaxation", "calibration", "settling", "measurement"]
    fractions = [each.fraction for each in told if each.message == "measurement"]
    assert all(0.0 <= each <= 1.0 for each in fractions)
    assert fractions == sorted(fractions)
    # No pace is known at the first look.
    assert all(each.trials >= 0 and not each.rate < 0.0 for each in told)
    # Means after the first windows, their errors at the end.
    known = [each.estimates["mean_energy"] for each in told if each.estimates]
    assert known[-1].stderr < 0.1 * known[-1].value


def test_a_run_that_is_watched_is_the_same_run(tree: xr.DataTree) -> None:
    watched = build_tree(simulation.run(configured(*REID), lambda _: None))
    assert differences(tree, watched) == []


def test_the_time_of_each_stage_is_told_when_it_is_asked_for(tree: xr.DataTree) -> None:
    timed = tree_of(*REID, "sim.profile_per_step=true")
    perf = timed["perf"].to_dataset()
    assert np.all(perf["seconds"] > 0.0)
    assert perf["share"].sum() == pytest.approx(1.0)
    assert perf["seconds"].sum() < perf["wall_seconds"]
    assert np.all(perf["events"] > 0)
    expected = 1e9 * perf["seconds"] / perf["events"]
    assert perf["ns_per_event"].values == pytest.approx(expected.values)
    # The physics does not depend on being timed.
    assert differences(tree, timed) == []


# The end of all electrons


ATTACHING = (SAMPLED, "gas=lucas_saelee", "gas.parameters.a=2", "gas.parameters.F=0", "sim.en=1")


def test_sub_swarms_of_which_nothing_is_left_are_told_of() -> None:
    few = ("sim.electrons=192", "sim.sub_swarms=16", "sim.relaxation_collisions=300")
    made = simulation.run(configured(*SMALL, *ATTACHING, *few, "sim.stop.real_collisions=3000"))
    assert made.attributes["stop_reason"] == "real_collisions"
    assert "of 16 sub-swarms lost all their electrons" in str(made.attributes["warnings"])


def test_a_swarm_that_is_attached_fast_is_kept_alive() -> None:
    made = simulation.run(configured(*LARGER, *ATTACHING, "sim.relaxation_collisions=300"))
    assert made.attributes["stop_reason"] == "real_collisions"
    assert made.time_series["ln_number"][-1] < -20.0
    # Half of the nominal number are left alone, and become half of that within a window.
    assert np.all(made.time_series["electrons"] > 0.2 * 640)
