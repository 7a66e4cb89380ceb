"""The progress of a run: one share of the whole that only grows, with a time left early on."""

import math

import pytest

from swarmhydra.run import forecast, simulation, waveform_simulation
from swarmhydra.run.progress import Progress
from tests.helpers.settings import FASTEST, FASTEST_ACCEL, configured


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[Progress]:
    """What a run of a few seconds shows, as often as it can."""
    monkeypatch.setattr(forecast, "REFRESH", 0.0)
    config = configured(
        "gas=argon",
        f"accel={FASTEST_ACCEL}",
        "sim=quick",
        "sim.en=300",
        "method.control_variates=off",
        "sim.stop.rel_error.mean_energy=0.01",
        "sim.stop.wall_time=3600",
    )
    found: list[Progress] = []
    simulation.run(config, found.append)
    return found


def test_the_share_grows_over_all_stages_and_ends_at_one(shown: list[Progress]) -> None:
    shares = [each.fraction for each in shown]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert max(shares[:-1]) <= forecast.MOST
    assert shown[-1].eta == 0.0
    of_stage = {each.message: each.fraction for each in shown}
    assert list(of_stage) == ["relaxation", "calibration", "settling", "measurement"]
    assert 0.0 < of_stage["relaxation"] < of_stage["settling"] < 1.0


def test_a_time_left_is_there_from_the_first_and_never_beyond_the_limit(
    shown: list[Progress],
) -> None:
    assert all(0.0 <= each.eta <= 3600.0 for each in shown)
    # Before the first window has shown how fast energy is exchanged, it is that up to the limit.
    foreseen = [each.eta < 3590.0 for each in shown]
    assert foreseen.index(True) < len(foreseen) / 10


def test_with_control_variates_it_is_foreseen_in_the_first_window() -> None:
    found: list[Progress] = []
    simulation.run(configured(*FASTEST, "sim=quick", "sim.stop.wall_time=null"), found.append)
    assert all(math.isfinite(each.eta) for each in found)


def test_a_rehearsal_and_passes_have_a_time_left() -> None:
    small = ("gas=reid_ramp", "sim.en=20", "sim.electrons=64", "sim.sub_swarms=4")
    field = ("sim.waveform.kind=harmonics", "sim.waveform.frequency=2e10")
    course = ("sim.waveform.amplitudes=[1]", "sim.waveform.bins=4", "sim.waveform.points=8")
    errors = ("sim.stop.rel_error.mean_energy=0.03", "sim.stop.rel_error.drift_velocity_flux=null")
    found: list[Progress] = []
    waveform_simulation.run(
        configured(
            *FASTEST,
            "sim=quick",
            *small,
            *field,
            *course,
            *errors,
            "sim.waveform.quasi_steady=false",
        ),
        found.append,
    )
    assert {each.message for each in found} == {"rehearsal", "passes"}
    of_rehearsal = [each.eta for each in found if each.message == "rehearsal"]
    # Foreseen after the first window, and not that nothing is left.
    assert all(0.0 < eta < 59.0 for eta in of_rehearsal[len(of_rehearsal) // 2 :])
