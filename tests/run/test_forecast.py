"""The progress of a run: one share of the whole that only grows, with a time left early on."""

import math

import pytest

from swarmhydra.run import forecast, simulation
from swarmhydra.run.progress import Progress
from tests.helpers.settings import FASTEST_ACCEL, configured


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


def test_a_time_left_is_there_early_and_never_beyond_the_limit(shown: list[Progress]) -> None:
    known = [math.isfinite(each.eta) for each in shown]
    assert known.index(True) < len(known) / 10
    assert all(known[known.index(True) :])
    assert all(0.0 <= each.eta <= 3600.0 for each in shown if math.isfinite(each.eta))
