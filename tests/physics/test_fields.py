"""Swarms in magnetic and alternating fields, and in no field at all, do what theory says exactly.

In a gas of constant collision frequency the velocity moments close: with the frequency of momentum
transfer nu, d<v>/dt = a(t) + Omega x <v> - nu <v>, whatever the fields.
"""

from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import constants, stats

from swarmhydra.compose import checked, composed
from swarmhydra.results.record import Estimate, RunRecord
from swarmhydra.run import simulation

FloatArray = NDArray[np.float64]

SUB_SWARMS = 32
LIMIT = float(stats.t.isf(0.5 * 1e-7, SUB_SWARMS - 1))
"""Standard errors that one comparison misses less than once in 1e7."""

CHARGE_OVER_MASS = constants.elementary_charge / constants.electron_mass
K0, MASS_RATIO = 1e-14, 1e-2
TABLES = 3e-4
"""What interpolation of the tables may change."""

NO_TARGETS = [
    f"sim.stop.rel_error.{name}=null"
    for name in (
        "mean_energy",
        "drift_velocity_flux",
        "drift_velocity_bulk",
        "diffusion_flux",
        "diffusion_bulk",
        "rates",
    )
]


pytestmark = pytest.mark.slow


@cache
def run(collisions: float, *overrides: str) -> RunRecord:
    common = [
        "accel=jit_lut",
        f"sim.sub_swarms={SUB_SWARMS}",
        "sim.electrons=3200",
        "sim.stop.wall_time=null",
    ]
    limit = f"sim.stop.real_collisions={collisions}"
    record = simulation.run(checked(composed([*common, *NO_TARGETS, limit, *overrides])))
    assert record.attributes["relaxed"] == 1
    assert record.perf["majorant_violations"] == 0
    return record


def assert_agree(found: Estimate, expected: FloatArray | float) -> None:
    """Within the standard error, and what the tables add."""
    allowed = LIMIT * found.stderr + TABLES * np.max(np.abs(expected))
    assert np.all(np.abs(found.value - expected) <= allowed), (found, expected)


def assert_balanced(record: RunRecord) -> None:
    residual = record.coefficients["power_balance_residual"]
    assert abs(residual.value) <= LIMIT * residual.stderr


def maxwell_gas(en: float, temperature: float = 300.0) -> tuple[str, ...]:
    gas = ("gas=maxwell", f"gas.parameters.mass_ratio={MASS_RATIO}", f"sim.en={en}")
    return (*gas, f"sim.temperature={temperature}", "sim.thermal=true")


def transfer_frequency(number_density: float) -> float:
    return K0 * number_density / (1.0 + MASS_RATIO)


def density(temperature: float) -> float:
    return 101325.0 / (constants.Boltzmann * temperature)


def drift(en: float, bn: float, angle: float, temperature: float = 300.0) -> FloatArray:
    """The stationary mean velocity, from its linear equation."""
    n = density(temperature)
    theta = np.radians(angle)
    gyration = CHARGE_OVER_MASS * bn * 1e-27 * n * np.array([np.sin(theta), 0.0, -np.cos(theta)])
    x, y, z = gyration
    cross = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    push = np.array([0.0, 0.0, CHARGE_OVER_MASS * en * 1e-21 * n])
    return np.linalg.solve(transfer_frequency(n) * np.eye(3) - cross, push)


@pytest.mark.parametrize("angle", [90.0, 35.0, 120.0])
def test_the_drift_in_crossed_fields_is_that_of_momentum_balance(angle: float) -> None:
    record = run(4e5, *maxwell_gas(2.0), "sim.bn=60", f"sim.eb_angle={angle}")
    expected = drift(2.0, 60.0, angle)
    assert abs(expected[1]) > 0.3 * abs(expected[2])
    for kind in ("flux", "bulk"):
        assert_agree(record.coefficients[f"velocity_vector_{kind}"], expected)
    assert_balanced(record)


def test_components_along_the_fields_are_those_of_the_vectors() -> None:
    record = run(4e5, *maxwell_gas(2.0), "sim.bn=60", "sim.eb_angle=35.0")
    found, theta = record.coefficients, np.radians(35.0)
    velocity = found["velocity_vector_flux"].value
    tensor = found["reduced_diffusion_tensor_bulk"].value
    along_b = np.array([np.sin(theta), 0.0, -np.cos(theta)])
    assert found["drift_velocity_along_E_flux"].value == pytest.approx(velocity[2])
    assert found["drift_velocity_along_ExB_flux"].value == pytest.approx(-velocity[1])
    assert found["drift_velocity_along_B_flux"].value == pytest.approx(along_b @ velocity)
    assert found["reduced_diffusion_along_B_bulk"].value == pytest.approx(
        along_b @ tensor @ along_b
    )


def test_an_alternating_field_swings_the_swarm_as_momentum_balance_says() -> None:
    n = density(300.0)
    nu = transfer_frequency(n)
    turn = 0.8 * nu
    record = run(6e5, *maxwell_gas(2.0), f"sim.frequency={turn / (2.0 * np.pi)}", "sim.phases=16")
    push = CHARGE_OVER_MASS * 2e-21 * n
    edges = 2.0 * np.pi * np.arange(17) / 16
    # The mean over each part of a (nu cos p + w sin p) / (nu^2 + w^2).
    swing = (nu * np.diff(np.sin(edges)) - turn * np.diff(np.cos(edges))) / np.diff(edges)
    drift_velocity = record.phase["drift_velocity"]
    assert isinstance(drift_velocity, Estimate)
    assert_agree(drift_velocity, push * swing / (nu**2 + turn**2))
    assert_balanced(record)
    # The mean energy is that of the effective field (Margenau and Hartman, 1948).
    heavy = constants.electron_mass * (1.0 + 1.0 / MASS_RATIO) / constants.elementary_charge
    thermal = 1.5 * constants.Boltzmann * 300.0 / constants.elementary_charge
    effective = thermal + 0.5 * heavy * 0.5 * push**2 / (nu**2 + turn**2)
    assert_agree(record.coefficients["mean_energy"], effective)
    assert np.isnan(record.coefficients["reduced_mobility_flux"].value)


def test_a_slow_field_is_followed_as_if_it_were_steady() -> None:
    n = density(300.0)
    turn = 0.02 * transfer_frequency(n)
    record = run(1e6, *maxwell_gas(2.0), f"sim.frequency={turn / (2.0 * np.pi)}", "sim.phases=16")
    assert_balanced(record)
    found = record.phase["drift_velocity"]
    assert isinstance(found, Estimate)
    middle = 2.0 * np.pi * (np.arange(16) + 0.5) / 16
    steady = drift(2.0, 0.0, 90.0)[2] * np.cos(middle)
    assert np.all(np.abs(found.value - steady) < LIMIT * found.stderr + 0.03 * steady.max())


LEVELS = (
    "+gas.components={M:{fraction:1,mass:4,processes:["
    "{kind:ELASTIC,name:e,energies:[0,1],cross_sections:[6e-20,6e-20]},"
    "{kind:EXCITATION,name:v,threshold:0.2,energies:[0.2,10],cross_sections:[0,2e-18],"
    "statistical_weight_ratio:2}]}}"
)


@pytest.mark.parametrize("model", ["isotropic", "coulomb_screened"])
@pytest.mark.parametrize("levels", [False, True])
def test_without_a_field_a_swarm_comes_to_the_temperature_of_the_gas(
    levels: bool, model: str
) -> None:
    gas = ["gas=hard_sphere", "gas.parameters.mass=0.1", "gas.energy_max=100"]
    if levels:
        gas = ["gas=argon", LEVELS, "gas.components.Ar.fraction=0"]
    start = ["sim.initial_energy=0.6", f"sim.angular_model={model}", "sim.blend_low=0"]
    conditions = ["sim.en=0", "sim.temperature=3000", *start, "sim.blend_high=0"]
    record = run(1.5e6 if levels else 3e6, *gas, *conditions)
    found = record.coefficients
    thermal = 1.5 * constants.Boltzmann * 3000.0 / constants.elementary_charge
    assert_agree(found["mean_energy"], thermal)
    assert_balanced(record)
    assert found["mean_energy"].stderr < 0.02 * thermal
    assert np.all(np.abs(found["velocity_vector_flux"].value) < LIMIT * 1e4)
    if levels:
        names = record.processes["name"]
        rates = found["rate_coefficient"]
        shares = [1.0, 1.0]
        forward, reverse = names.index("v"), names.index("v superelastic")
        # Per target of each level: the populations go as 1 to 2 exp(-D / kT).
        shares[1] = 2.0 * np.exp(-0.2 * 1.5 / thermal)
        flow = [rates.value[forward], rates.value[reverse] * shares[1]]
        error = np.hypot(rates.stderr[forward], rates.stderr[reverse] * shares[1])
        assert abs(flow[0] - flow[1]) < LIMIT * error + 2e-3 * flow[0]
        assert error < 0.05 * flow[0]


def test_whether_a_warm_gas_moves_everywhere_or_only_where_it_matters_is_all_one() -> None:
    conditions = ["gas=argon", "sim.en=300", "sim.temperature=1000"]
    auto, always = (run(4e5, *conditions, f"sim.thermal={word}") for word in ("auto", "true"))
    for name in ("mean_energy", "drift_velocity_flux"):
        a, b = auto.coefficients[name], always.coefficients[name]
        assert abs(a.value - b.value) < LIMIT * np.hypot(a.stderr, b.stderr)


def test_extra_processes_tell_their_rate_and_change_nothing() -> None:
    extra = (
        "+gas.components.Ar.extra_processes=[{kind:EXCITATION,name:line,threshold:13.0,"
        "energies:[13,20,100],cross_sections:[0,1e-21,2e-21]}]"
    )
    plain = run(3e5, "gas=argon", "sim.en=300")
    told = run(3e5, "gas=argon", "sim.en=300", extra)
    assert told.coefficients["mean_energy"].value == plain.coefficients["mean_energy"].value
    rate = told.coefficients["extra_rate_coefficient"]
    assert told.extra_processes["name"] == ["line"]
    assert 0.0 < rate.stderr[0] < 0.1 * rate.value[0]
