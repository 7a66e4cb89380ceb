"""Every stage of a run can be saved and restored in the middle of any window."""

import json

import pytest

from swarmhydra.config.compose import composed
from swarmhydra.run import stages
from swarmhydra.run.checked import checked
from swarmhydra.run.simulation import Simulation
from swarmhydra.run.stages import Calibration, Measurement, Relaxation, Settling, Stage
from swarmhydra.run.windows import WindowPlan
from tests.helpers.settings import FASTEST, SAMPLED

PLAN = WindowPlan(duration=0.1, memory=3, lag=2, needed=2)


@pytest.mark.parametrize(
    "stage",
    [
        Relaxation(0.3, parts=3, window_energies=[1.0 / 3.0], energies=[0.1, 0.7]),
        Calibration(0.1, longest=float("inf"), flight_time=1e-13, number=7, relaxed_at=1e-9),
        Settling(PLAN, settled=2),
        Measurement(PLAN, began_at=1e-9, collisions_before=12, measured=5, fraction=0.3),
    ],
    ids=lambda stage: stage.name,
)
def test_a_stage_is_what_it_was_after_it_has_been_saved(stage: Stage) -> None:
    saved = json.loads(json.dumps(stages.to_dict(stage)))
    restored = stages.from_dict(saved)
    assert type(restored) is type(stage)
    assert restored == stage
    assert restored.duration == stage.duration


def test_a_run_goes_through_all_stages_in_order() -> None:
    run = Simulation(
        checked(
            composed(
                [
                    *FASTEST,
                    SAMPLED,
                    "gas=reid_ramp",
                    "sim.temperature=0",
                    "sim.electrons=160",
                    "sim.sub_swarms=4",
                    "sim.stop.real_collisions=1e4",
                ]
            )
        )
    )
    seen: list[Stage] = []
    while run.reason_to_end() is None:
        assert run.step() is None
        if not seen or type(run.stage) is not type(seen[-1]):
            seen.append(run.stage)
    assert [type(stage) for stage in seen] == [Relaxation, Calibration, Settling, Measurement]
    assert isinstance(run.stage, Measurement)
    assert run.stage.relaxed_at is not None
