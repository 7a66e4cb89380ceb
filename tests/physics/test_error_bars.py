"""Long runs of argon: errors that are true, fall with the run time and hide no bias."""

from functools import cache

import numpy as np
import pytest

from swarmhydra.config import StopConfig
from swarmhydra.config.compose import composed
from swarmhydra.results.record import Estimate, RunRecord
from swarmhydra.run import simulation
from swarmhydra.run.checked import checked
from tests.helpers.coefficients import COEFFICIENTS
from tests.helpers.settings import SAMPLED, configured

pytestmark = pytest.mark.slow

ACCEL = "jit"

# Differences of two with 15 degrees of freedom or more each: once in a million.
LIMIT = 6.1


def run(*overrides: str, real_collisions: float) -> RunRecord:
    settings = ("gas=argon", f"accel={ACCEL}", "sim.temperature=0", SAMPLED, *overrides)
    config = configured(*settings)
    config.sim.stop = StopConfig(real_collisions=real_collisions)
    return simulation.run(config)


def deviations(one: RunRecord, other: RunRecord) -> dict[str, float]:
    """Differences of the coefficients over their error."""

    def difference(a: Estimate, b: Estimate) -> float:
        return float((a.value - b.value) / np.hypot(a.stderr, b.stderr))

    return {
        name: difference(one.coefficients[name], other.coefficients[name]) for name in COEFFICIENTS
    }


# Of an independent multi-term Boltzmann solver, 1/(m s).
BULK_DIFFUSION_500 = {
    "reduced_diffusion_longitudinal_bulk": 5.2119e24,
    "reduced_diffusion_transverse_bulk": 5.1669e24,
}

# Nothing that one chooses changes what is found


@cache
def usual() -> RunRecord:
    return run("sim.en=500", "sim.electrons=4000", real_collisions=6e7)


@pytest.mark.parametrize("factor", [0.5, 2.0])
def test_the_length_of_the_windows_makes_no_bias(factor: float) -> None:
    window = factor * float(usual().attributes["window"])
    other = run(
        "sim.en=500", "sim.electrons=4000", f"sim.window={window}", "sim.seed=2",
        real_collisions=6e7,
    )  # fmt: skip
    assert max(map(abs, deviations(usual(), other).values())) < LIMIT


@pytest.mark.parametrize("choice", ["sim.sub_swarms=8", "sim.sub_swarms=64", "sim.electrons=1000"])
def test_the_number_of_sub_swarms_and_electrons_makes_no_bias(choice: str) -> None:
    other = run("sim.en=500", "sim.electrons=4000", choice, "sim.seed=3", real_collisions=6e7)
    # With 8 sub-swarms Student's t has 7 degrees of freedom.
    limit = 9.0 if choice == "sim.sub_swarms=8" else LIMIT
    assert max(map(abs, deviations(usual(), other).values())) < limit


@pytest.mark.parametrize("en", [100, 500])
def test_a_swarm_forgets_how_hot_it_started(en: int) -> None:
    settings = (f"sim.en={en}", "sim.electrons=4000")
    cold = run(*settings, "sim.initial_energy=0.01", "sim.seed=1", real_collisions=3e7)
    hot = run(*settings, "sim.initial_energy=50", "sim.seed=2", real_collisions=3e7)
    assert max(map(abs, deviations(cold, hot).values())) < LIMIT
    for record in (cold, hot):
        assert record.attributes["relaxed"] == 1
        assert deviating_start(record) < 0.5


def deviating_start(record: RunRecord) -> float:
    """Share of the relaxation that was dropped as not stationary."""
    time, phase = record.time_series["time"], record.time_series["phase"]
    began = time[phase == 1][0] - float(record.attributes["window"])
    return float(record.attributes["relaxation_time"]) / float(began)


# Small swarms, long runs


def test_bulk_diffusion_of_a_small_swarm_does_not_decay_in_a_long_run() -> None:
    small = ("sim.en=500", "sim.electrons=300")
    short, long = (
        run(*small, f"sim.seed={seed}", real_collisions=collisions)
        for seed, collisions in ((1, 1e6), (2, 5e7))
    )
    for name, reference in BULK_DIFFUSION_500.items():
        found, before = long.coefficients[name], short.coefficients[name]
        # 15 degrees of freedom: once in a million.
        assert abs(found.value - reference) < 7.9 * found.stderr, name
        assert found.stderr < 0.01 * reference, name
        # A factor 50 in time: errors fall by 7, each known to a fifth.
        assert 3.0 < before.stderr / found.stderr < 16.0, name


# The end


@pytest.mark.parametrize("en", [10, 100, 1000])
def test_a_run_ends_at_the_error_it_was_given_and_not_long_after(en: int) -> None:
    config = checked(
        composed(["gas=argon", f"accel={ACCEL}", f"sim.en={en}", "sim.electrons=2000", SAMPLED])
    )
    target = 0.02 if en == 10 else 0.005
    config.sim.stop = StopConfig()
    config.sim.stop.rel_error.drift_velocity_bulk = target
    record = simulation.run(config)
    assert record.attributes["stop_reason"] == "rel_error"
    estimate = record.coefficients["drift_velocity_bulk"]
    reached = float(estimate.stderr / estimate.value)
    windows = np.count_nonzero(record.time_series["phase"] == 1)
    # It looks after four windows at first.
    assert reached <= target
    assert reached > 0.5 * target or windows <= 5
