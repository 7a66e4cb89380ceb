"""Swarms in magnetic and alternating fields, and in no field at all, do what theory says exactly.

In a gas of constant collision frequency the velocity moments close: with the frequency of momentum
transfer nu, d<v>/dt = a(t) + Omega x <v> - nu <v>, whatever the fields.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
import pytest
from scipy import constants, stats

from swarmhydra.kernels.arrays import FloatArray
from swarmhydra.results.record import Estimate, RunRecord
from swarmhydra.run import simulation
from tests.helpers.settings import BY_COLLISIONS, FASTEST_ACCEL, configured

SUB_SWARMS = 32
LIMIT = float(stats.t.isf(0.5 * 1e-7, SUB_SWARMS - 1))
"""Standard errors that one comparison misses less than once in 1e7."""

CHARGE_OVER_MASS = constants.elementary_charge / constants.electron_mass
K0, MASS_RATIO = 1e-14, 0.1
TABLES = 3e-4
"""What interpolation of the tables may change."""


@dataclass(frozen=True)
class Effort:
    """How much is spent on a run, and how precise the means that are compared must be.

    Attributes
    ----------
    accel : str
    electrons : int
    collisions : float
        Real collisions of the measurement.
    precision : float
        Largest standard error of a component, as a share of the largest component.
    """

    accel: str
    electrons: int
    collisions: float
    precision: float


BRIEF = Effort(FASTEST_ACCEL, 1280, 4e5, 0.01)
LONG = Effort("jit_lut", 3200, 1e7, 0.003)
EFFORTS = [
    pytest.param(BRIEF, id="brief"),
    pytest.param(LONG, id="long", marks=pytest.mark.slow),
]


@cache
def run(effort: Effort, *overrides: str) -> RunRecord:
    settings = (
        f"accel={effort.accel}",
        "accel.threads=1",
        f"sim.sub_swarms={SUB_SWARMS}",
        f"sim.electrons={effort.electrons}",
        *BY_COLLISIONS,
        f"sim.stop.real_collisions={effort.collisions}",
    )
    record = simulation.run(configured(*settings, *overrides))
    assert record.attributes["relaxed"] == 1
    assert record.perf["majorant_violations"] == 0
    return record


def assert_agree(found: Estimate, expected: FloatArray | float, precision: float) -> None:
    """Within the standard error and what the tables add; the error is small enough to tell."""
    scale = np.max(np.abs(expected))
    allowed = LIMIT * found.stderr + TABLES * scale
    assert np.all(np.abs(found.value - expected) <= allowed), (found, expected)
    assert np.all(found.stderr <= precision * scale), (found.stderr, scale)


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


def thermal_energy(temperature: float) -> float:
    return float(1.5 * constants.Boltzmann * temperature / constants.elementary_charge)


# Magnetic fields


def drift(en: float, bn: float, angle: float, temperature: float = 300.0) -> FloatArray:
    """The stationary mean velocity, from its linear equation."""
    n = density(temperature)
    theta = np.radians(angle)
    gyration = CHARGE_OVER_MASS * bn * 1e-27 * n * np.array([np.sin(theta), 0.0, -np.cos(theta)])
    x, y, z = gyration
    cross = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    push = np.array([0.0, 0.0, CHARGE_OVER_MASS * en * 1e-21 * n])
    return np.linalg.solve(transfer_frequency(n) * np.eye(3) - cross, push)


def crossed_fields(effort: Effort, angle: float) -> RunRecord:
    return run(effort, *maxwell_gas(2.0), "sim.bn=60", f"sim.eb_angle={angle}")


@pytest.mark.parametrize(
    ("angle", "effort"),
    [
        pytest.param(35.0, BRIEF, id="35 degrees, brief"),
        *(
            pytest.param(angle, LONG, id=f"{angle:g} degrees, long", marks=pytest.mark.slow)
            for angle in (90.0, 35.0, 120.0)
        ),
    ],
)
def test_exb_drift_is_that_of_momentum_balance(angle: float, effort: Effort) -> None:
    record = crossed_fields(effort, angle)
    expected = drift(2.0, 60.0, angle)
    assert abs(expected[1]) > 0.3 * abs(expected[2])
    for kind in ("flux", "bulk"):
        estimate = record.coefficients[f"velocity_vector_{kind}"]
        assert_agree(estimate, expected, effort.precision)
    assert_balanced(record)


def test_exb_components_along_the_fields_are_those_of_the_vectors() -> None:
    found, theta = crossed_fields(BRIEF, 35.0).coefficients, np.radians(35.0)
    velocity = found["velocity_vector_flux"].value
    tensor = found["reduced_diffusion_tensor_bulk"].value
    along_b = np.array([np.sin(theta), 0.0, -np.cos(theta)])
    assert found["drift_velocity_along_E_flux"].value == pytest.approx(velocity[2])
    assert found["drift_velocity_along_ExB_flux"].value == pytest.approx(-velocity[1])
    assert found["drift_velocity_along_B_flux"].value == pytest.approx(along_b @ velocity)
    assert found["reduced_diffusion_along_B_bulk"].value == pytest.approx(
        along_b @ tensor @ along_b
    )


# Alternating fields


def alternating(effort: Effort, turn: float) -> RunRecord:
    """The swarm in a field of this angular frequency (1/s)."""
    frequency = f"sim.frequency={turn / (2.0 * np.pi)}"
    return run(effort, *maxwell_gas(2.0), frequency, "sim.phases=16")


@pytest.mark.parametrize("effort", EFFORTS)
def test_ac_field_swings_the_swarm_as_momentum_balance_says(effort: Effort) -> None:
    n = density(300.0)
    nu = transfer_frequency(n)
    turn = 0.8 * nu
    record = alternating(effort, turn)
    push = CHARGE_OVER_MASS * 2e-21 * n
    edges = 2.0 * np.pi * np.arange(17) / 16
    # The mean over each part of a (nu cos p + w sin p) / (nu^2 + w^2).
    swing = (nu * np.diff(np.sin(edges)) - turn * np.diff(np.cos(edges))) / np.diff(edges)
    drift_velocity = record.phase["drift_velocity"]
    assert isinstance(drift_velocity, Estimate)
    # Each of the 16 parts has a sixteenth of the collisions.
    assert_agree(drift_velocity, push * swing / (nu**2 + turn**2), 4.0 * effort.precision)
    assert_balanced(record)
    # The mean energy is that of the effective field (Margenau and Hartman, 1948).
    both_masses = constants.electron_mass * (1.0 + 1.0 / MASS_RATIO)
    squared_drift = 0.5 * push**2 / (nu**2 + turn**2)
    ordered = 0.5 * both_masses * squared_drift / constants.elementary_charge
    expected = thermal_energy(300.0) + ordered
    assert ordered > 0.1 * expected
    assert_agree(record.coefficients["mean_energy"], expected, effort.precision)
    assert np.isnan(record.coefficients["reduced_mobility_flux"].value)


@pytest.mark.slow
def test_ac_field_that_is_slow_is_followed_as_if_it_were_steady() -> None:
    record = alternating(LONG, 0.02 * transfer_frequency(density(300.0)))
    assert_balanced(record)
    found = record.phase["drift_velocity"]
    assert isinstance(found, Estimate)
    middle = 2.0 * np.pi * (np.arange(16) + 0.5) / 16
    steady = drift(2.0, 0.0, 90.0)[2] * np.cos(middle)
    # The drift lags behind the field by 0.02, and a part of the period is 0.4 wide.
    assert np.all(np.abs(found.value - steady) < LIMIT * found.stderr + 0.03 * steady.max())
    assert np.all(found.stderr < 4.0 * LONG.precision * steady.max())


@pytest.mark.slow
def test_power_balances_where_an_alternating_field_ionizes() -> None:
    """Electrons that a window adds have the energy of its end, not of all phases: 1 % apart."""
    argon = ("gas=argon", "sim.temperature=0", "sim.en=300", "sim.frequency=5e10")
    record = run(LONG, *argon)
    assert_balanced(record)
    found = record.coefficients
    assert found["power_balance_residual"].stderr < 2e-3 * found["power_gain"].value
    assert found["power_growth"].value > 0.05 * found["power_gain"].value


# No field: thermal equilibrium

HOT = 3000.0
"""Temperature of the gas (K)."""

GAP = 0.2
LEVELS = (
    "+gas.components={M:{fraction:1,mass:4,processes:["
    "{kind:ELASTIC,name:e,energies:[0,100],cross_sections:[6e-20,6e-20]},"
    f"{{kind:EXCITATION,name:v,threshold:{GAP},energies:[{GAP},10],cross_sections:[0,2e-18],"
    "statistical_weight_ratio:2}]}}"
)
HARD_SPHERES = ("gas=hard_sphere", "gas.parameters.mass=0.1", "gas.energy_max=100")
TWO_LEVELS = ("gas=argon", LEVELS, "gas.components.Ar.fraction=0", "gas.energy_max=100")


def in_equilibrium(effort: Effort, gas: tuple[str, ...], model: str) -> RunRecord:
    """A swarm that started hotter than the gas, and has come to its temperature."""
    scattering = (f"sim.angular_model={model}", "sim.blend_low=0", "sim.blend_high=0")
    start = f"sim.initial_energy={1.5 * thermal_energy(HOT)}"
    record = run(effort, *gas, *scattering, "sim.en=0", f"sim.temperature={HOT}", start)
    energy = record.coefficients["mean_energy"]
    # Means over a swarm that remembers its energies for long.
    assert_agree(energy, thermal_energy(HOT), 2.0 * effort.precision)
    assert_balanced(record)
    velocity = record.coefficients["velocity_vector_flux"]
    thermal_speed = np.sqrt(2.0 * CHARGE_OVER_MASS * thermal_energy(HOT))
    assert np.all(np.abs(velocity.value) < LIMIT * velocity.stderr)
    assert np.all(velocity.stderr < effort.precision * thermal_speed)
    return record


MODELS_AND_EFFORTS = [
    pytest.param("isotropic", BRIEF, id="isotropic, brief"),
    pytest.param("isotropic", LONG, id="isotropic, long", marks=pytest.mark.slow),
    pytest.param("coulomb_screened", LONG, id="screened, long", marks=pytest.mark.slow),
]


@pytest.mark.parametrize(("model", "effort"), MODELS_AND_EFFORTS)
def test_thermal_swarm_without_a_field_comes_to_the_temperature_of_the_gas(
    model: str, effort: Effort
) -> None:
    in_equilibrium(effort, HARD_SPHERES, model)


@pytest.mark.parametrize(("model", "effort"), MODELS_AND_EFFORTS)
def test_superelastic_collisions_keep_detailed_balance(model: str, effort: Effort) -> None:
    record = in_equilibrium(effort, TWO_LEVELS, model)
    names, rates = record.processes["name"], record.coefficients["rate_coefficient"]
    forward, reverse = names.index("v"), names.index("v superelastic")
    # Per target of each level: the populations go as 1 to 2 exp(-gap / kT).
    share = 2.0 * np.exp(-1.5 * GAP / thermal_energy(HOT))
    up, down = rates.value[forward], rates.value[reverse] * share
    error = np.hypot(rates.stderr[forward], rates.stderr[reverse] * share)
    # The interpolated reverse cross section is good to 2e-3.
    assert abs(up - down) < LIMIT * error + 2e-3 * up
    assert error < 2.0 * effort.precision * up


@pytest.mark.slow
def test_thermal_motion_everywhere_or_only_where_it_matters_is_all_one() -> None:
    conditions = ("gas=argon", "sim.en=300", "sim.temperature=1000")
    runs = [
        run(LONG, *conditions, f"sim.thermal={word}", f"sim.seed={seed}")
        for seed, word in enumerate(("auto", "true"), start=1)
    ]
    auto, always = (record.coefficients for record in runs)
    for name in ("mean_energy", "drift_velocity_flux", "drift_velocity_bulk"):
        a, b = auto[name], always[name]
        error = np.hypot(a.stderr, b.stderr)
        assert abs(a.value - b.value) < LIMIT * error
        assert error < LONG.precision * b.value


@pytest.mark.slow
def test_extra_processes_tell_their_rate_and_change_nothing() -> None:
    extra = (
        "+gas.components.Ar.extra_processes=[{kind:EXCITATION,name:line,threshold:13.0,"
        "energies:[13,20,100],cross_sections:[0,1e-21,2e-21]}]"
    )
    plain = run(BRIEF, "gas=argon", "sim.en=300")
    told = run(BRIEF, "gas=argon", "sim.en=300", extra)
    assert told.coefficients["mean_energy"].value == plain.coefficients["mean_energy"].value
    rate = told.coefficients["extra_rate_coefficient"]
    assert told.extra_processes["name"] == ["line"]
    assert 0.0 < rate.stderr[0] < 0.1 * rate.value[0]
