"""Two methods over the same cross sections: Monte Carlo and the Boltzmann equation agree."""

import pytest
from scipy import stats

import swarmhydra
from tests.helpers.settings import BY_COLLISIONS, FASTEST_ACCEL, SAMPLED

COLLISIONS = 5e7
SUB_SWARMS = 64
FALSE_ALARM = 1e-4
"""Probability with which a correct program fails any one of these tests."""

SWARMS = {
    "argon": ["gas=argon", "sim.en=100"],
    "cold argon": ["gas=argon", "sim.en=50", "sim.temperature=77"],
    "warm helium": ["gas=helium", "sim.en=10", "sim.temperature=1000"],
    "helium": ["gas=helium", "sim.en=100"],
    "Reid ramp": ["gas=reid_ramp", "sim.en=12", "sim.temperature=0"],
    "Reid ramp, anisotropic": [
        "gas=reid_ramp", "sim.en=24", "sim.temperature=0", "sim.angular_model=okhrimovskyy",
        "sim.blend_low=0", "sim.blend_high=0",
    ],
    "Lucas-Saelee with attachment": [
        "gas=lucas_saelee", "sim.en=10", "sim.temperature=0", "gas.parameters.F=0.5",
        "gas.parameters.a=2e-3",
    ],
    "Opal sharing": ["gas=argon", "sim.en=300", "sim.ionization_sharing=opal"],
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("swarm", SWARMS.values(), ids=SWARMS)
def test_every_coefficient_agrees_within_its_error(swarm: list[str]) -> None:
    solved = swarmhydra.simulate("method=boltzmann", *swarm)
    followed = swarmhydra.simulate(
        f"accel={FASTEST_ACCEL}",
        # The solver has no approximation for fast electrons.
        "sim.thermal=true",
        # What control variates leave of it has the solver in common.
        SAMPLED,
        f"sim.sub_swarms={SUB_SWARMS}",
        f"sim.stop.real_collisions={COLLISIONS}",
        *BY_COLLISIONS,
        *swarm,
    )
    # Too small an error would be no test, and too large a one would not either.
    assert float(followed["drift_velocity_flux_stderr"] / followed["drift_velocity_flux"]) < 0.005
    comparison = swarmhydra.compare(followed, solved)
    count = comparison.data.sizes["coefficient"]
    assert count > 20
    largest = stats.t.isf(0.5 * FALSE_ALARM / count / len(SWARMS), SUB_SWARMS - 1)
    assert comparison.largest < largest, str(comparison)
