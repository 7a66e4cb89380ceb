"""Runs in fields that change: stages, checkpoints, stop rules, results."""

import json
from pathlib import Path

import numpy as np
import pytest

from swarmhydra.config import Config, ConfigError
from swarmhydra.run import checkpoint, stages
from swarmhydra.run.methods import carry_out as run
from swarmhydra.run.simulation import Interrupted
from swarmhydra.run.stages import Stage
from swarmhydra.run.waveform_simulation import WaveformSimulation
from swarmhydra.run.waveform_stages import Passes, Rehearsal, SteadyStart
from swarmhydra.swarm import ensemble
from tests.helpers.settings import BY_COLLISIONS, FASTEST, NO_TARGETS, configured
from tests.run.test_checkpoint import StopAt, assert_same

PULSE = (
    "gas=argon",
    "sim.en=600",
    "sim.waveform.kind=square",
    "sim.waveform.duration=12e-12",
    "sim.waveform.start=3e-12",
    "sim.waveform.rise=1e-12",
    "sim.waveform.width=4e-12",
    "sim.waveform.base=100",
    "sim.waveform.bins=6",
)
TWO_HARMONICS = (
    "gas=reid_ramp",
    "sim.en=20",
    "sim.waveform.kind=harmonics",
    "sim.waveform.frequency=2e10",
    "sim.waveform.amplitudes=[1,0.5]",
    "sim.waveform.points=16",
    "sim.waveform.bins=8",
    "sim.bn=200",
    "sim.evdf.l_max=3",
)


def small(*overrides: str) -> Config:
    """A few electrons."""
    return configured(
        *FASTEST,
        "sim.electrons=64",
        "sim.sub_swarms=4",
        *BY_COLLISIONS,
        "sim.stop.real_collisions=3e3",
        *overrides,
    )


@pytest.mark.parametrize(
    "stage",
    [
        SteadyStart(0.3, window_energies=[1.0 / 3.0], energies=[0.1], starts_steady=True),
        Rehearsal(0.1, short_lead=True, passes=3, recent=[0.3], energies=[0.1], relaxed_at=1e-9),
        Passes(0.1, False, began_at=1e-9, collisions_before=12, measured=5, between_passes=True),
    ],
    ids=lambda stage: stage.name,
)
def test_a_stage_is_what_it_was_after_it_has_been_saved(stage: Stage) -> None:
    restored = stages.from_dict(json.loads(json.dumps(stages.to_dict(stage))))
    assert type(restored) is type(stage)
    assert restored == stage
    assert restored.duration == stage.duration


def test_a_pulse_goes_through_all_stages_in_order() -> None:
    simulation = WaveformSimulation(small(*PULSE))
    seen: list[type[Stage]] = []
    while simulation.reason_to_end() is None:
        if type(simulation.stage) not in seen:
            seen.append(type(simulation.stage))
        assert simulation.step() is None
    assert seen == [SteadyStart, Rehearsal, Passes]


@pytest.mark.parametrize("overrides", [PULSE, TWO_HARMONICS], ids=["pulse", "harmonics"])
def test_a_run_goes_on_to_the_bit(
    overrides: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopped again and again, in every stage, within windows."""
    monkeypatch.setattr(ensemble, "STEPS_PER_CALL", 4)
    config = small(*overrides, "sim.waveform.quasi_steady=false")
    path = tmp_path / "checkpoint.npz"
    counter = StopAt(path, -1)
    whole = run(config, monitor=counter)
    state, seen = None, set()
    while True:
        try:
            monitor = StopAt(path, counter.chances // 6 + 1)
            found = run(config, monitor=monitor, checkpoint=state)
            break
        except Interrupted:
            state = checkpoint.read(path, "mark")
            seen.add((state["stage"]["name"], bool(state["ensemble"]["swarm"]["active"].any())))
    assert {("rehearsal", True), ("passes", True)} <= seen
    assert_same(found, whole)


def test_a_run_ends_with_the_last_complete_pass(tmp_path: Path) -> None:
    config = small(*PULSE, "sim.waveform.quasi_steady=false", "sim.stop.real_collisions=1e6")

    class InAPass(StopAt):
        def checkpoint_due(self) -> bool:
            return True

        def save(self, state: object) -> None:
            assert isinstance(state, dict)
            place = state["ensemble"]["pass"]
            if state["stage"].get("measured", 0) == 2 and place["_interval"] == 3:
                self.chances = self._number

    with pytest.raises(Interrupted) as stopped:
        run(config, monitor=InAPass(tmp_path / "checkpoint.npz", -1))
    record = stopped.value.record
    assert record is not None
    assert record.attributes["passes"] == 2
    assert record.attributes["complete"] == 0
    assert np.isfinite(record.waveform["mean_energy"].stderr).all()


def test_a_run_ends_when_errors_in_the_course_of_time_are_small() -> None:
    target = "sim.stop.rel_error.mean_energy=0.08"
    record = run(
        configured(*FASTEST, "sim.electrons=64", "sim.sub_swarms=4", *NO_TARGETS, *PULSE, target)
    )
    assert record.attributes["stop_reason"] == "rel_error"
    energy = record.waveform["mean_energy"]
    assert energy.stderr.max() <= 0.08 * energy.value.max()


STRONG = ("gas=argon", "sim.en=5000", "sim.waveform.quasi_steady=false", "sim.temperature=0")


def test_growth_that_sums_cannot_hold_is_refused_in_a_line() -> None:
    """By some 300 decades in an interval, in the first pass already."""
    course = ("sim.waveform.times=[0,4e-10]", "sim.waveform.en=[5000,5000]", "sim.waveform.bins=2")
    with pytest.raises(ConfigError, match=r"between 0 s and 2e-10 s .*sim\.waveform\.bins") as told:
        run(small(*STRONG, *course))
    assert "\n" not in str(told.value)


def test_growth_within_an_interval_is_told_of() -> None:
    course = ("sim.waveform.times=[0,1e-11]", "sim.waveform.en=[5000,5000]", "sim.waveform.bins=2")
    record = run(small(*STRONG, *course))
    assert "within an interval of time" in record.attributes["warnings"]
    assert record.waveform["ln_number"].value[-1] > 3.0


def test_a_swarm_that_dies_out_does_so_in_every_pass() -> None:
    record = run(
        small(
            "gas=lucas_saelee",
            "gas.parameters.a=0.1",
            "sim.waveform.times=[0,400e-12]",
            "sim.waveform.en=[50,60]",
            "sim.waveform.begin=given",
            "sim.waveform.bins=8",
            "sim.initial_energy=5",
            "sim.max_ionization_growth_factor=4",
            "sim.waveform.quasi_steady=false",
            "sim.stop.real_collisions=2e4",
        )
    )
    number = record.waveform["ln_number"].value
    assert np.all(np.diff(number) < 0.0)
    assert number[-1] < -2.0
