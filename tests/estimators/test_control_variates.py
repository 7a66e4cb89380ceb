"""Control variates: the identity they rest on, and what a short run gains by them."""

from functools import cache

import numpy as np
import pytest
import xarray as xr

import swarmhydra
from swarmhydra.boltzmann.adjoint import Generator, VelocityFunction
from swarmhydra.estimators.controlled_transport import disagreements
from swarmhydra.estimators.estimate import estimates
from swarmhydra.results.record import Estimate
from swarmhydra.run.controlled_start import controlled_start
from swarmhydra.run.simulation import Simulation
from tests.helpers.settings import FASTEST_ACCEL, NO_TARGETS, configured

SHORT = (
    f"accel={FASTEST_ACCEL}",
    "gas=argon",
    "sim.en=100",
    "sim.temperature=0",
    "sim.electrons=1600",
    *NO_TARGETS,
    "sim.stop.real_collisions=4e5",
    "method.control_variates=auto",
    "method.sample_every=2",
)

REFERENCE = {
    "mean_energy": (6.8104716, 5e-5),
    "drift_velocity_flux": (77940.894, 1e-4),
    "drift_velocity_bulk": (85187.087, 1e-4),
    "reduced_diffusion_longitudinal_flux": (3.2786378e24, 2e-4),
    "reduced_diffusion_longitudinal_bulk": (3.5125843e24, 2e-4),
    "reduced_diffusion_transverse_flux": (5.4587138e24, 2e-4),
    "effective_ionization_rate_coefficient": (7.9510734e-17, 1e-4),
    "reduced_townsend_effective_sst": (9.7166672e-22, 1e-4),
}
"""Multi-term values of an independent solver (argon of Phelps and Petrović, 1999; 100 Td, 0 K), and
what its recoil to first order and the tables of cross sections may be off, relative."""


@cache
def short_run() -> xr.DataTree:
    return swarmhydra.simulate(*SHORT)


@pytest.mark.parametrize("name", REFERENCE)
def test_controlled_values_are_those_of_another_solver(name: str) -> None:
    run, (value, allowance) = short_run(), REFERENCE[name]
    error = np.hypot(float(run[f"{name}_stderr"]), allowance * value)
    assert abs(float(run[name]) - value) < 4.5 * error


@pytest.mark.parametrize(("name", "gain"), [("mean_energy", 50), ("drift_velocity_flux", 50)])
def test_control_variates_take_most_of_the_noise_off(name: str, gain: float) -> None:
    run = short_run()
    assert float(run[f"{name}_stderr"]) < float(run[f"{name}_sampled_stderr"]) / gain
    assert run[name].attrs["estimator"] == "control variates"
    assert abs(float(run[f"{name}_pull"])) < 6.0


def test_the_power_balance_closes_within_its_error() -> None:
    run = short_run()
    residual, error = (float(run[f"power_balance_residual{end}"]) for end in ("", "_stderr"))
    assert abs(residual) < 4.5 * error
    assert error < 1e-3 * float(run["power_gain"])


def test_the_mean_of_the_generator_is_zero_for_any_function() -> None:
    """⟨(B - nu) g⟩ = 0 for smooth functions drawn at random, which solve no equation."""
    config = configured(*SHORT)
    controlled = controlled_start(config)
    assert controlled is not None
    simulation = Simulation(config)
    simulation.run()
    moments = simulation.ensemble.tallies.velocity_moments
    solution = controlled.control.solution
    orders = solution.sampling.terms + 1
    cells = controlled.moments.cell_width * (np.arange(controlled.moments.cells) + 0.5)
    generator = Generator(solution.model, solution.sampling.spaces, cells, solution.acceleration)
    random = np.random.default_rng(3)
    for _ in range(4):
        coefficients = random.normal(size=solution.one.size).cumsum()
        g = VelocityFunction(solution.sampling.spaces, coefficients / np.abs(coefficients).max())
        image = generator.apply(g, solution.growth.rate)
        sums = np.einsum("scl,lc->s", moments[:, :, :orders], image)
        number = moments[:, :, 0].sum(axis=1)
        mean, error = sums.sum() / number.sum(), (sums / number).std(ddof=1) / np.sqrt(len(sums))
        # Student's distribution with 15 degrees of freedom: 5.5 is passed once in 16000 times.
        assert abs(mean) < 5.5 * error


def test_values_that_disagree_are_replaced_by_the_sampled_ones() -> None:
    from swarmhydra.estimators.controlled_transport import _with_sampled

    random = np.random.default_rng(1)
    samples = 1.0 + 0.01 * random.normal(size=17)
    sampled = estimates({"x": samples})["x"]
    near, far = (
        Estimate(sampled.value + shift * sampled.stderr, sampled.stderr / 100, np.ones(16))
        for shift in (1.0, 8.0)
    )
    assert _with_sampled(near, sampled, True).controlled
    assert _with_sampled(far, sampled, False).controlled
    replaced = _with_sampled(far, sampled, True)
    assert not replaced.controlled
    assert float(replaced.value) == float(sampled.value)
    assert set(disagreements({"near": _with_sampled(near, sampled, True), "far": replaced})) == {
        "far"
    }


def test_fields_that_alternate_or_bend_are_only_sampled() -> None:
    for field in ("sim.frequency=1e10", "sim.bn=100"):
        assert controlled_start(configured(*SHORT, field)) is None
    assert controlled_start(configured("gas=argon", "method.control_variates=off")) is None
