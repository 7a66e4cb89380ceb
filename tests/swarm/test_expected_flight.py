"""What flights contribute on average: closed forms, quadrature, and what a simulation samples."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import integrate

from swarmhydra.config.compose import composed
from swarmhydra.estimators import transport
from swarmhydra.estimators.estimate import jackknife
from swarmhydra.kernels.arrays import FloatArray
from swarmhydra.kernels.contract import Tallies
from swarmhydra.run import collect_results
from swarmhydra.run.checked import checked
from swarmhydra.run.simulation import Simulation
from swarmhydra.run.stages import Measurement
from swarmhydra.swarm.expected_flight import ExpectedFlights, expected_flights
from tests.helpers.settings import NO_TARGETS, SAMPLED

TOP = 1e7
EDGES = np.linspace(0.0, TOP, 2049)
MIDDLE = 0.5 * (EDGES[1:] + EDGES[:-1])
REACH = 4e6
REACHED = MIDDLE < REACH
ACCELERATION = 3e17

# Student's t with 63 degrees of freedom: once in a million.
ONE_OF_63 = 5.4


def tables(frequency: FloatArray, growth: float = 0.0) -> ExpectedFlights:
    found = expected_flights(EDGES, frequency, ACCELERATION, growth, REACH)
    assert found is not None
    return found


@pytest.mark.parametrize("growth", [0.0, 2e10, -1e10])
def test_flights_of_a_constant_frequency_are_those_of_the_closed_forms(growth: float) -> None:
    nu, ionization = 5e11, 4e10
    made = tables(np.outer([nu, ionization], np.ones(65)), growth)
    # Moments of the exponential distribution of rate k = nu + growth.
    k, a, u = nu + growth, ACCELERATION, MIDDLE[REACHED]
    one = np.ones(u.size)
    mean = [one / k, one * a / k**2, u**2 / k + 2.0 * a**2 / k**3, one * ionization / k]
    response = [0.0 * one, one / k, one * 2.0 * a / k**2, 0.0 * one]
    by_growth = [
        -one / k**2,
        -2.0 * one * a / k**3,
        -(u**2) / k**2 - 6.0 * a**2 / k**4,
        -one * ionization / k**2,
    ]
    assert made.mean[:, REACHED] == pytest.approx(np.array(mean), rel=2e-5, abs=0.0)
    assert made.mean_by_growth[:, REACHED] == pytest.approx(np.array(by_growth), rel=1e-4, abs=0.0)
    for row, expected, whole in zip(made.response[:, REACHED], response, mean, strict=True):
        # What a response amounts to is small beside the mean at any velocity of a centre of mass.
        assert row == pytest.approx(expected, rel=1e-4, abs=1e-5 * whole.max() / TOP)


@pytest.mark.parametrize("speed", [2e5, 1e6, 3e6])
def test_flights_of_a_constant_cross_section_are_those_of_quadrature(speed: float) -> None:
    density = 2e6  # N sigma (1/m): some flights gain much of their energy.

    def flight(cosine: float) -> FloatArray:
        def slope(t: float, y: FloatArray) -> list[float]:
            vz = speed * cosine + ACCELERATION * t
            v2 = speed**2 * (1.0 - cosine**2) + vz**2
            alive = np.exp(-y[0])
            return [density * np.sqrt(v2), alive, alive * vz, alive * v2]

        solution = integrate.solve_ivp(
            slope, (0.0, 3e-11), np.zeros(4), rtol=1e-9, atol=1e-30, method="DOP853"
        )
        return np.asarray(solution.y[1:, -1])

    cosines, weights = np.polynomial.legendre.leggauss(40)
    expected = 0.5 * weights @ np.array([flight(cosine) for cosine in cosines])
    made = tables(density * np.linspace(0.0, TOP, 4097)[None, :])
    found = [np.interp(speed, MIDDLE, row) for row in made.mean]
    assert found == pytest.approx(expected, rel=5e-5, abs=0.0)


def test_flights_that_never_meet_anything_are_not_followed_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("swarmhydra.swarm.expected_flight.NODES", 16)
    monkeypatch.setattr("swarmhydra.swarm.expected_flight.NODES_BEYOND", 4)
    assert expected_flights(EDGES, np.zeros((1, 65)), ACCELERATION, 0.0, REACH) is None


FAST = {"argon, 500 Td": (["gas=argon", "sim.en=500"], 1e6)}
SLOW = {
    "argon, 1 Td": (["gas=argon", "sim.en=1", "sim.initial_energy=2.4"], 1e8),
    "argon, 10 Td": (["gas=argon", "sim.en=10", "sim.initial_energy=5"], 1e8),
    "argon, 1000 Td": (["gas=argon", "sim.en=1000"], 1e8),
    "growth, heavy recoil": (["gas=lucas_saelee", "gas.parameters.F=1", "sim.en=30"], 1e8),
    "attachment": (["gas=lucas_saelee", "gas.parameters.a=8e-3", "sim.en=10"], 1e8),
    "warm helium": (["gas=helium", "sim.en=100", "sim.temperature=300"], 1e8),
}


def agreement(
    overrides: list[str], collisions: float, accel: str
) -> dict[str, tuple[float, float]]:
    """For each average: expected over sampled less one, in errors and as the error."""
    run = Simulation(
        checked(
            composed(
                [
                    "sim.electrons=6400",
                    "sim.sub_swarms=64",
                    "sim.temperature=0",
                    f"accel={accel}",
                    SAMPLED,
                    *NO_TARGETS,
                    f"sim.stop.real_collisions={collisions}",
                    *overrides,
                ]
            )
        )
    )
    run.run()
    assert isinstance(run.stage, Measurement)
    inputs = collect_results.estimator_inputs(run.ensemble, run.stage.plan)
    without = replace(inputs, flights=None)

    def ratios(sums: Tallies) -> dict[str, FloatArray]:
        known, sampled = (transport.evaluate(sums, each) for each in (inputs, without))
        assert inputs.flights is not None
        growth = sampled["effective_ionization_rate_coefficient"] * inputs.number_density
        time = inputs.flights.integrals(sums.departures, growth)[:, 0]
        names = ["mean_energy", "drift_velocity_flux"]
        if np.all(sampled["effective_ionization_rate_coefficient"] != 0.0):
            names.append("effective_ionization_rate_coefficient")
        return {"time": time / sums.flux[:, 0]} | {n: known[n] / sampled[n] for n in names}

    found = jackknife(run.ensemble.tallies, ratios)
    return {
        name: (float((each.value - 1.0) / each.stderr), float(each.stderr))
        for name, each in found.items()
    }


@pytest.mark.slow
def test_expected_flights_agree_with_sampled_ones() -> None:
    for name, (errors, error) in agreement(*FAST["argon, 500 Td"], accel="numpy").items():
        assert abs(errors) < ONE_OF_63, name
        assert error < 0.01, name


@pytest.mark.slow
@pytest.mark.parametrize("case", SLOW)
def test_no_bias_of_expected_flights_shows(case: str) -> None:
    for name, (errors, error) in agreement(*SLOW[case], accel="jit").items():
        assert abs(errors) < ONE_OF_63, name
        assert error < 0.02, name
