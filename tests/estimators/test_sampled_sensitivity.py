"""Derivatives from a simulation are those of the Boltzmann equation, within their errors."""

import numpy as np
import pytest
from scipy import stats

import swarmhydra
from swarmhydra.config import ConfigError
from tests.helpers.settings import FASTEST_ACCEL, NO_TARGETS

GASES = {
    "ionizing": ("gas=argon", "sim.en=150"),
    "conservative": ("gas=reid_ramp", "sim.en=12"),
    "attaching": (
        "gas=lucas_saelee", "gas.parameters.F=0", "gas.parameters.a=8e-3", "gas.parameters.p=-1",
        "sim.en=10",
    ),
}  # fmt: skip

SUB_SWARMS = 32
FALSE_ALARM = 2e-5
"""Probability with which a correct program fails for one of the kinds of derivatives."""

SHORT = (
    f"sim.sub_swarms={SUB_SWARMS}",
    f"accel={FASTEST_ACCEL}",
    "sim.electrons=1600",
    "sim.stop.real_collisions=5e5",
    *NO_TARGETS,
)


@pytest.mark.parametrize(
    "name",
    [
        "conservative",
        *(pytest.param(name, marks=pytest.mark.slow) for name in ("ionizing", "attaching")),
    ],
)
def test_a_simulation_finds_the_derivatives_within_their_errors(name: str) -> None:
    overrides = (*GASES[name], "method.sensitivity=true", "gas.uncertainties=[{relative: 0.1}]")
    sampled = swarmhydra.simulate(*overrides, *SHORT)
    solved = swarmhydra.simulate(*overrides, "method=boltzmann")
    for variable in ("log_derivative", "log_derivative_field", "log_derivative_temperature"):
        value, error = (
            sampled["sensitivity"][f"{variable}{suffix}"].values for suffix in ("", "_stderr")
        )
        exact = solved["sensitivity"][variable].values
        assert np.array_equal(np.isnan(value), np.isnan(exact))
        known = np.isfinite(exact)
        pull = np.abs(value - exact)[known] / error[known]
        assert pull.max() < stats.t.isf(0.5 * FALSE_ALARM / pull.size, SUB_SWARMS - 1)
        assert np.median(error[known]) < 0.05
    error, other = (
        float(run["drift_velocity_bulk_from_cross_sections"]) for run in (sampled, solved)
    )
    assert error == pytest.approx(other, rel=0.1)


def test_without_control_variates_there_are_no_derivatives() -> None:
    with pytest.raises(ConfigError, match="control_variates=off"):
        swarmhydra.simulate(
            "gas=argon", "method.control_variates=off", "method.sensitivity=true", *SHORT
        )
