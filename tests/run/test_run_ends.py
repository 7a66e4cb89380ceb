"""A run ends in time, says so if it has measured nothing, and goes on where it is given more."""

import time
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from swarmhydra.config import Config, ConfigError, fingerprint, trajectory_fingerprint
from swarmhydra.config.compose import composed
from swarmhydra.kernels import contract
from swarmhydra.results.record import RunRecord
from swarmhydra.run import checkpoint, memory, simulation
from swarmhydra.run.checked import checked
from swarmhydra.run.relaxation import truncation_point
from swarmhydra.run.simulation import NothingMeasured, Simulation, run
from swarmhydra.run.stages import Measurement, Relaxation
from swarmhydra.swarm.ensemble import Ensemble
from swarmhydra.swarm.moment_plan import MomentPlan
from tests.helpers.settings import FASTEST_ACCEL, NO_TARGETS, SAMPLED, configured
from tests.run.test_checkpoint import assert_same, short

SMALL = (
    SAMPLED,
    *NO_TARGETS,
    f"accel={FASTEST_ACCEL}",
    "gas=reid_ramp",
    "sim.en=12",
    "sim.temperature=0",
    "sim.electrons=160",
    "sim.sub_swarms=4",
    "sim.stop.real_collisions=1e4",
    "sim.stop.wall_time=null",
)


class Watch:
    """Writes every checkpoint that the run wants to leave, and never asks it to stop."""

    stop_requested = False

    def __init__(self, path: Path) -> None:
        self.path, self.number = path, 0

    def checkpoint_due(self) -> bool:
        return False

    def save(self, state: Mapping[str, Any]) -> None:
        self.number += 1
        checkpoint.write(self.path, state, "mark")

    def read(self) -> dict[str, Any]:
        return checkpoint.read(self.path, "mark")


# Nothing measured


def test_a_run_whose_time_is_up_before_it_can_measure_has_no_result(tmp_path: Path) -> None:
    endless = ("sim.relaxation_collisions=1e9", "sim.initial_energy=10", "sim.en=0.001")
    watch = Watch(tmp_path / "checkpoint.npz")
    with pytest.raises(NothingMeasured, match="nothing was measured") as end:
        run(configured(*SMALL, *endless, "sim.stop.wall_time=0.5"), monitor=watch)
    # How far it comes in this time depends on the machine.
    stage = watch.read()["stage"]["name"]
    assert f"sim.stop.wall_time=0.5 s ended the run during the {stage}: nothing" in str(end.value)
    assert stage in {"relaxation", "calibration", "settling"}


def test_a_swarm_of_which_nothing_is_left_has_no_result() -> None:
    attaching = ("gas=lucas_saelee", "gas.parameters.a=2", "gas.parameters.F=0", "sim.en=1")
    few = ("sim.electrons=16", "sim.sub_swarms=16")
    with pytest.raises(NothingMeasured, match=r"every electron was attached.*sim\.electrons=16"):
        run(configured(*SMALL, *attaching, *few))


def of_one_table(folder: Path, energies: str, cross_sections: str, *overrides: str) -> Config:
    """A run in a gas with one elastic cross section."""
    (folder / "gas").mkdir()
    (folder / "gas" / "own.yaml").write_text(
        "name: own\nenergy_max: 100\ncomponents:\n  X:\n    mass: 4\n    processes:\n"
        f"      - {{kind: ELASTIC, name: X, energies: {energies},\n"
        f"         cross_sections: {cross_sections}}}\n"
    )
    return checked(composed([*SMALL, "gas=own", *overrides], folder))


def test_electrons_that_never_collide_have_no_result(tmp_path: Path) -> None:
    """Without a field, in a gas that is transparent for electrons as slow as they are."""
    slow = (
        "sim.en=0",
        "sim.temperature=300",
        "sim.relaxation_collisions=100",
        "sim.initial_energy=0.1",
    )
    config = of_one_table(tmp_path, "[0, 49, 50, 100]", "[0, 0, 1e-20, 1e-20]", *slow)
    with pytest.raises(NothingMeasured, match="no electron has collided"):
        run(config)


@pytest.mark.parametrize("how", [SAMPLED, "method.control_variates=auto"])
def test_windows_too_short_for_a_trial_have_no_result(how: str) -> None:
    """They would be measured by the hundred, and nothing in them."""
    with pytest.raises(NothingMeasured, match=r"sim\.stop\.wall_time=0\.5 s ended the run"):
        run(configured(*SMALL, how, "sim.window=1e-30", "sim.stop.wall_time=0.5"))


def test_windows_without_a_trial_are_not_stationary() -> None:
    energies = np.full(32, 6.8)
    assert truncation_point(energies) == 0
    energies[[3, 17]] = np.nan
    assert truncation_point(energies) is None


# In time


@pytest.mark.parametrize(
    "endless", ["sim.frequency=1e5", pytest.param("sim.window=1e-5", marks=pytest.mark.slow)]
)
def test_a_run_ends_in_the_middle_of_a_long_window(endless: str, tmp_path: Path) -> None:
    started = time.monotonic()
    watch = Watch(tmp_path / "checkpoint.npz")
    with pytest.raises(NothingMeasured, match=r"sim\.stop\.wall_time=2 s ended the run"):
        run(configured(*SMALL, endless, "sim.stop.wall_time=2"), monitor=watch)
    assert time.monotonic() - started < 60.0
    # The checkpoint is of the middle of a window.
    assert watch.read()["ensemble"]["at_opening"]


def test_periods_that_take_too_long_end_a_run_early(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulation, "FIRST_WINDOW", 0.5)
    started = time.monotonic()
    with pytest.raises(NothingMeasured, match=r"sim\.waveform\.kind=harmonics .*frequency=100000"):
        run(configured(*SMALL, "sim.frequency=1e5", "sim.stop.wall_time=600"))
    assert time.monotonic() - started < 60.0


def test_two_long_periods_are_enough_to_relax() -> None:
    """Where the period is much longer than the energy exchange time."""
    slow = Simulation(configured(*SMALL, "sim.frequency=1e8"))
    while isinstance(slow.stage, Relaxation):
        assert slow.step() is None
    assert slow.ensemble.time == pytest.approx(2e-8)
    assert slow.stage.relaxed_at == slow.ensemble.time


def test_progress_counts_the_trials_of_the_window_that_is_under_way() -> None:
    seen: list[int] = []
    with pytest.raises(NothingMeasured):
        run(
            configured(*SMALL, "sim.frequency=1e5", "sim.stop.wall_time=1"),
            progress=lambda progress: seen.append(progress.trials),
        )
    assert len(seen) > 1
    assert 0 < seen[0] < seen[-1]


def test_compiling_uses_up_no_wall_time(monkeypatch: pytest.MonkeyPatch) -> None:
    class Slow(Ensemble):
        def __init__(self, *arguments: Any) -> None:
            super().__init__(*arguments)
            time.sleep(2.0)

    monkeypatch.setattr(simulation, "Ensemble", Slow)
    wall, _ = Simulation(configured(*SMALL)).state_dict()["seconds"]
    assert wall < 2.0


def test_a_window_that_is_dropped_leaves_the_sums_of_those_before() -> None:
    class Enough(Exception):
        pass

    def stop() -> None:
        raise Enough

    ensemble = Ensemble(configured(*SMALL, "sim.electrons=64"))
    ensemble.window(1e-11, True, lambda: None)
    before = ensemble.tallies.each(np.copy)
    with pytest.raises(Enough):
        ensemble.window(1e-6, True, stop, keep_sums=True)
    assert (
        ensemble.tallies.events[:, contract.TRIALS].sum() > before.events[:, contract.TRIALS].sum()
    )
    ensemble.drop_window()
    for name, sums in before._asdict().items():
        np.testing.assert_array_equal(getattr(ensemble.tallies, name), sums, err_msg=name)


def stop_clock(run: Simulation, monkeypatch: pytest.MonkeyPatch, in_a_window: bool) -> None:
    """Let a million seconds pass in the measurement, within a window or before one."""
    wall = run._clock.wall

    def later() -> float:
        stage = run.stage
        late = isinstance(stage, Measurement) and stage.measured >= 7
        return wall() + (1e6 if late and run.ensemble.window_is_open == in_a_window else 0.0)

    monkeypatch.setattr(run._clock, "wall", later)


def test_a_measurement_ends_in_the_middle_of_a_long_window_with_what_it_has(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(simulation, "LONG_WINDOW", 0.0)
    monkeypatch.setattr("swarmhydra.swarm.ensemble.STEPS_PER_CALL", 8)
    limits = ("sim.stop.real_collisions=1e9", "sim.stop.wall_time=1e5")
    made = Simulation(configured(*SMALL, *limits))
    stop_clock(made, monkeypatch, in_a_window=True)
    record = made.run()
    assert record.attributes["stop_reason"] == "wall_time"
    assert np.count_nonzero(record.time_series["phase"] == 1) == 7
    # All electrons of the seven windows, and nothing of the eighth.
    electron_time = float(np.sum(record.electron_time))
    expected = 7 * float(record.attributes["window"]) * 160
    assert electron_time == pytest.approx(expected, rel=1e-9, abs=0.0)


# More


@cache
def run_to_the_end() -> RunRecord:
    """The run that both have to repeat, with what they change of the program."""
    return run(short("sim.en=500"))


@pytest.mark.parametrize("in_a_window", [False, True])
def test_a_run_goes_on_to_the_bit_when_it_is_given_more_time(
    in_a_window: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("swarmhydra.swarm.ensemble.STEPS_PER_CALL", 24)
    monkeypatch.setattr(simulation, "LONG_WINDOW", 0.0)
    whole = run_to_the_end()
    watch = Watch(tmp_path / "checkpoint.npz")
    limited = Simulation(short("sim.en=500", "sim.stop.wall_time=1e5"), monitor=watch)
    stop_clock(limited, monkeypatch, in_a_window)
    first = limited.run()
    assert first.attributes["stop_reason"] == "wall_time"
    assert watch.number == 1
    more = run(short("sim.en=500"), checkpoint=watch.read())
    assert_same(more, whole)


def test_a_run_that_ended_by_its_collisions_can_be_given_more(tmp_path: Path) -> None:
    watch = Watch(tmp_path / "checkpoint.npz")
    first = run(configured(*SMALL), monitor=watch)
    assert first.attributes["stop_reason"] == "real_collisions"
    more = run(configured(*SMALL, "sim.stop.real_collisions=4e4"), checkpoint=watch.read())
    series = more.time_series
    measured = series["phase"] == 1
    counted = series["real_collisions"][measured][-1] - series["real_collisions"][~measured][-1]
    assert counted >= 4e4
    for name in ("time", "mean_energy"):
        before = first.time_series[name]
        np.testing.assert_array_equal(series[name][: before.size], before)


def test_stop_rules_are_no_part_of_the_identity_of_a_checkpoint() -> None:
    one, more = configured(*SMALL), configured(*SMALL, "sim.stop.wall_time=100")
    assert trajectory_fingerprint(one) == trajectory_fingerprint(more)
    assert fingerprint(one) != fingerprint(more)
    other = configured(*SMALL, "sim.seed=2")
    assert trajectory_fingerprint(one) != trajectory_fingerprint(other)


# Extremes


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        (["sim.temperature=1e-308"], r"sim\.temperature=1e-308.*expected between"),
        (["sim.temperature=1e-290", "sim.pressure=1e9"], r"sim\.pressure=1e\+09.*expected between"),
    ],
)
def test_extreme_densities_are_refused_in_a_line(overrides: list[str], words: str) -> None:
    with pytest.raises(ConfigError, match=words) as refused:
        run(configured(*SMALL, *overrides))
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("cross_section", "words"),
    [
        ("1e300", r"a cross section of 1e\+300 m2 .* expected between"),
        ("1e-100", r"a cross section of 1e-100 m2 .* expected between"),
        ("0", "gas=own: expected a cross section above 0"),
    ],
)
def test_extreme_cross_sections_are_refused_in_a_line(
    cross_section: str, words: str, tmp_path: Path
) -> None:
    with pytest.raises(ConfigError, match=words) as refused:
        run(of_one_table(tmp_path, "[0, 100]", f"[{cross_section}, {cross_section}]"))
    assert "\n" not in str(refused.value)


def test_a_swarm_that_does_not_fit_into_the_memory_is_refused_with_numbers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(memory, "available", lambda: 8_000_000_000)
    with pytest.raises(ConfigError, match=r"10000 sub-swarms take 2\d\.\d GB of .* 8 GB are free"):
        run(configured(*SMALL, "sim.electrons=10000000", "sim.sub_swarms=10000"))


@pytest.mark.parametrize("moments", [None, MomentPlan(2048, 1e3, 25, 13, True, 8, 0, 0, 0, 0)])
def test_the_estimate_of_the_memory_covers_the_arrays(moments: MomentPlan | None) -> None:
    config = configured(*SMALL)
    ensemble = Ensemble(config, moments=moments)
    ensemble.remember(16)
    large = (*ensemble.swarm.arrays, *ensemble.tallies)
    taken = sum(array.nbytes for array in large)
    expected = memory.needed(config, moments.shape if moments else (0, 0))
    assert 0.9 * taken < expected < 1.3 * taken
    assert memory.available() is None or memory.available() > 0  # type: ignore[operator]
