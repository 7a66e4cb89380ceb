"""A run ends when all its targets are met, or at the first of its limits."""

from dataclasses import fields

import numpy as np
import pytest

from swarmhydra.config import RelErrorConfig, StopConfig
from swarmhydra.results.record import Estimate
from swarmhydra.results.variables import VARIABLES
from swarmhydra.run.stop_rules import COEFFICIENTS_OF_TARGET, Usage, judge

NOTHING_SPENT = Usage(0.0, 0.0, 0.0)
UNLIMITED: dict[str, float | None] = {
    "real_collisions": None,
    "simulated_time": None,
    "wall_time": None,
}


def estimate(value: float | list[float], error: float | list[float]) -> Estimate:
    """A value with its relative error."""
    values = np.asarray(value, dtype=np.float64)
    return Estimate(values, np.abs(values) * np.asarray(error))


def everything(error: float) -> dict[str, Estimate]:
    """All coefficients that targets are about, with one relative error."""
    names = {name for names in COEFFICIENTS_OF_TARGET.values() for name in names}
    return {name: estimate(2.0, error) for name in names}


def test_every_target_of_the_configuration_is_about_coefficients_of_the_result() -> None:
    assert set(COEFFICIENTS_OF_TARGET) == {each.name for each in fields(RelErrorConfig)}
    for names in COEFFICIENTS_OF_TARGET.values():
        assert all(name in VARIABLES for name in names)


def test_every_limit_of_the_configuration_is_counted() -> None:
    limits = {each.name for each in fields(StopConfig)} - {"rel_error"}
    assert limits == {each.name for each in fields(Usage)}


def test_without_targets_and_limits_nothing_ends() -> None:
    verdict = judge(everything(0.0), {"mean_energy": None}, UNLIMITED, Usage(1e99, 1e99, 1e99))
    assert (verdict.fraction, verdict.reason) == (0.0, None)


@pytest.mark.parametrize(("error", "reason"), [(0.0099, "rel_error"), (0.0101, None)])
@pytest.mark.parametrize("target", COEFFICIENTS_OF_TARGET)
def test_each_target_ends_the_run_when_its_own_error_is_reached(
    target: str, error: float, reason: str | None
) -> None:
    estimates = everything(0.5) | {
        name: estimate(-3.0, error) for name in COEFFICIENTS_OF_TARGET[target]
    }
    assert judge(estimates, {target: 0.01}, UNLIMITED, NOTHING_SPENT).reason == reason


def test_all_targets_must_be_met() -> None:
    targets = {"mean_energy": 0.01, "drift_velocity_flux": 0.02, "rates": None}
    estimates = everything(0.005)
    assert judge(estimates, targets, UNLIMITED, NOTHING_SPENT).reason == "rel_error"
    estimates["drift_velocity_flux"] = estimate(1.0, 0.03)
    assert judge(estimates, targets, UNLIMITED, NOTHING_SPENT).reason is None


@pytest.mark.parametrize(
    "worse", ["reduced_diffusion_longitudinal_flux", "reduced_diffusion_transverse_flux"]
)
def test_diffusion_is_done_when_both_its_components_are(worse: str) -> None:
    estimates = everything(0.005) | {worse: estimate(1.0, 0.05)}
    assert judge(estimates, {"diffusion_flux": 0.01}, UNLIMITED, NOTHING_SPENT).reason is None


def test_rates_are_done_when_the_rarest_process_is() -> None:
    estimates = everything(0.0) | {
        "rate_coefficient": estimate([1.0, 2.0, 1e-9], [1e-4, 1e-3, 0.1])
    }
    assert judge(estimates, {"rates": 0.05}, UNLIMITED, NOTHING_SPENT).reason is None
    assert judge(estimates, {"rates": 0.2}, UNLIMITED, NOTHING_SPENT).reason == "rel_error"


@pytest.mark.parametrize(
    ("value", "stderr"), [(np.nan, 0.1), (1.0, np.nan), (0.0, 0.0), (np.inf, 1.0), (1.0, np.inf)]
)
def test_what_could_not_be_measured_never_meets_a_target(value: float, stderr: float) -> None:
    estimates = everything(1e-6) | {"mean_energy": Estimate(np.array(value), np.array(stderr))}
    verdict = judge(estimates, {"mean_energy": 0.5}, UNLIMITED, NOTHING_SPENT)
    assert (verdict.fraction, verdict.reason) == (0.0, None)


def test_progress_is_that_of_the_slowest_target_and_goes_with_the_error_squared() -> None:
    targets = {"mean_energy": 0.01, "drift_velocity_bulk": 0.01}
    estimates = everything(0.02) | {"drift_velocity_bulk": estimate(5.0, 0.04)}
    assert judge(estimates, targets, UNLIMITED, NOTHING_SPENT).fraction == pytest.approx(1 / 16)


@pytest.mark.parametrize("limit", UNLIMITED)
@pytest.mark.parametrize(("share", "reached"), [(0.999, False), (1.0, True), (7.0, True)])
def test_one_limit_is_enough(limit: str, share: float, reached: bool) -> None:
    spent = Usage(**{**dict.fromkeys(UNLIMITED, 0.0), limit: share * 30.0})
    targets: dict[str, float | None] = {"mean_energy": 1e-6}
    verdict = judge(everything(0.5), targets, {**UNLIMITED, limit: 30.0}, spent)
    assert verdict.reason == (limit if reached else None)
    assert verdict.fraction == pytest.approx(min(share, 1.0))


def test_progress_is_that_of_whatever_ends_the_run_first() -> None:
    limits = {**UNLIMITED, "wall_time": 100.0, "real_collisions": 1e6}
    verdict = judge(everything(0.02), {"mean_energy": 0.01}, limits, Usage(3e5, 1.0, 40.0))
    assert verdict.fraction == pytest.approx(0.4)
    assert verdict.reason is None
