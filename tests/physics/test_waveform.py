"""Swarms in fields that change do what theory says exactly, at every time.

In a gas of constant collision frequency the velocity moments close, whatever the field does.
"""

from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from scipy import constants, stats
from scipy.integrate import solve_ivp

from swarmhydra.kernels.arrays import FloatArray
from swarmhydra.results.record import Estimate, RunRecord
from swarmhydra.run import waveform_simulation
from swarmhydra.swarm import from_config
from swarmhydra.swarm.waveform import Begin
from tests.helpers.settings import BY_COLLISIONS, FASTEST_ACCEL, configured

SUB_SWARMS = 32
CHARGE_OVER_MASS = constants.elementary_charge / constants.electron_mass
HALF_MASS = 0.5 / CHARGE_OVER_MASS
K0, MASS_RATIO, TEMPERATURE = 1e-14, 0.1, 300.0
TABLES = 3e-4
"""What interpolation of the tables may change."""

N = 101325.0 / (constants.Boltzmann * TEMPERATURE)
NU = K0 * N
THERMAL = constants.Boltzmann * TEMPERATURE / constants.electron_mass * MASS_RATIO
"""Mean square of each component of the velocity of the molecules (m2/s2)."""
EXCHANGE = 2.0 * MASS_RATIO / (1.0 + MASS_RATIO) ** 2 * NU
"""Rate at which electrons exchange their energy (1/s)."""

SHAPES = {
    "step": ("kind=ramp", "base=1", "duration=40e-12", "start=8e-12", "rise=1e-16"),
    "ramp": ("times=[0,10e-12,30e-12,40e-12]", "en=[1,1,-3,-3]"),
    "gaussian": ("kind=gaussian", "duration=40e-12", "width=8e-12", "centre=16e-12", "points=60"),
    "harmonics": (
        "kind=harmonics",
        "frequency=5e10",
        "amplitudes=[1,0.7]",
        "phases=[0,60]",
        "points=40",
    ),
}
MAGNETIC = ("sim.bn=60", "sim.eb_angle=50")


@dataclass(frozen=True)
class Effort:
    """How much is spent on a run, and how precise it must be.

    Attributes
    ----------
    accel : str
    electrons : int
    collisions : float
        Real collisions of the measurement.
    precision : float
        Largest standard error of energy and velocity, over their largest values.
    """

    accel: str
    electrons: int
    collisions: float
    precision: float


BRIEF = Effort(FASTEST_ACCEL, 1920, 6e4, 0.05)
LONG = Effort("jit", 32000, 1.8e7, 0.003)
CASES = [
    pytest.param("step", MAGNETIC, BRIEF, id="step in a magnetic field, brief"),
    pytest.param("gaussian", (), BRIEF, id="gaussian, brief"),
    *(
        pytest.param(shape, magnetic, LONG, marks=pytest.mark.slow)
        for shape in SHAPES
        for magnetic in ((), MAGNETIC)
    ),
]


def settings(shape: str, magnetic: tuple[str, ...], effort: Effort) -> tuple[str, ...]:
    return (
        f"accel={effort.accel}",
        "accel.threads=1",
        "gas=maxwell",
        f"gas.parameters.mass_ratio={MASS_RATIO}",
        "sim.thermal=true",
        "sim.en=3",
        f"sim.electrons={effort.electrons}",
        f"sim.sub_swarms={SUB_SWARMS}",
        *BY_COLLISIONS,
        f"sim.stop.real_collisions={effort.collisions}",
        "sim.waveform.bins=20",
        "sim.waveform.quasi_steady=false",
        *(f"sim.waveform.{setting}" for setting in SHAPES[shape]),
        *magnetic,
    )


@cache
def run(shape: str, magnetic: tuple[str, ...], effort: Effort) -> RunRecord:
    record = waveform_simulation.run(configured(*settings(shape, magnetic, effort)))
    assert record.attributes["relaxed"] == 1
    assert record.perf["majorant_violations"] == 0
    return record


@cache
def moments(shape: str, magnetic: tuple[str, ...]) -> dict[str, FloatArray]:
    """Exact averages over the intervals: of v_x, v_y, v_z, v^2, and the flux diffusion.

    The moments are <v>, <v_z^2>, <v^2> and the covariance C of z and v_z, without a magnetic field:
    d<v>/dt = a + Omega x <v> - nu <v> / (1 + m/M), and so on, for collisions that are isotropic in
    the frame of the centre of mass.
    """
    config = configured(*settings(shape, magnetic, BRIEF))
    waveform = from_config.waveform(config.sim)
    theta = np.radians(config.sim.eb_angle)
    turn = CHARGE_OVER_MASS * config.sim.bn * 1e-27 * N
    gyration = turn * np.array([np.sin(theta), 0.0, -np.cos(theta)])
    electron, molecule = MASS_RATIO / (1.0 + MASS_RATIO), 1.0 / (1.0 + MASS_RATIO)

    def rates(push: float, y: FloatArray) -> FloatArray:
        velocity, square_z, square, covariance = y[:3], y[3], y[4], y[5]
        isotropic = molecule**2 * (square + 3.0 * THERMAL) / 3.0
        dv = np.array([0.0, 0.0, push]) + np.cross(gyration, velocity) - NU * molecule * velocity
        of_centre = electron**2 * square_z + molecule**2 * THERMAL
        dzz = 2.0 * push * velocity[2] + NU * (of_centre + isotropic - square_z)
        of_centre = electron**2 * square + 3.0 * molecule**2 * THERMAL
        d2 = 2.0 * push * velocity[2] + NU * (of_centre + 3.0 * isotropic - square)
        dc = square_z - velocity[2] ** 2 - NU * molecule * covariance
        return np.array([*dv, dzz, d2, dc, *y[:6]])

    per_td = CHARGE_OVER_MASS * 1e-21 * N

    def through(y: FloatArray, start: float, end: float, low: float, high: float) -> FloatArray:
        slope = (high - low) / (end - start)
        found = solve_ivp(
            lambda t, y: rates(per_td * (low + slope * (t - start)), y),
            (start, end),
            y,
            rtol=1e-7,
            atol=1e-12 * np.array([1.0, 1.0, 1.0, 1e5, 1e5, 1e-6] * 2),
        )
        return np.asarray(found.y[:, -1])

    y = np.zeros(12)
    y[4], y[3] = 3.0 * THERMAL / MASS_RATIO, THERMAL / MASS_RATIO
    if waveform.begin is Begin.STEADY:
        y = through(y, 0.0, 30.0 / EXCHANGE, waveform.en[0], waveform.en[0])
    passes = 1 if waveform.begin is Begin.STEADY else 1 + int(20.0 / EXCHANGE / waveform.duration)
    sums = np.zeros((waveform.intervals, 6))
    for last in [False] * (passes - 1) + [True]:
        for interval, ends in enumerate(pairwise(waveform.edges)):
            y[6:] = 0.0
            for piece in zip(*vars(waveform.pieces(*ends)).values(), strict=True):
                y = through(y, *piece)
            if last:
                sums[interval] = y[6:]
    means = sums / np.diff(waveform.edges)[:, None]
    return {
        "velocity_vector": means[:, :3],
        "mean_energy": HALF_MASS * means[:, 4],
        "reduced_diffusion_longitudinal_flux": means[:, 5] * N,
    }


def limit(comparisons: int) -> float:
    """Standard errors that this many comparisons miss less than once in 1e6 runs."""
    return float(stats.t.isf(0.5 * 1e-6 / comparisons, SUB_SWARMS - 1))


def assert_agree(found: Estimate, expected: FloatArray, precision: float) -> None:
    """Within errors and what the tables add; the errors are small enough to tell."""
    scale = np.abs(expected).max()
    allowed = limit(expected.size) * found.stderr + TABLES * scale
    assert np.all(np.abs(found.value - expected) <= allowed), (found.value - expected) / allowed
    assert np.all(found.stderr <= precision * scale), (found.stderr / scale).max()


@pytest.mark.parametrize(("shape", "magnetic", "effort"), CASES)
def test_velocity_and_energy_follow_the_moment_equations(
    shape: str, magnetic: tuple[str, ...], effort: Effort
) -> None:
    found, expected = run(shape, magnetic, effort).waveform, moments(shape, magnetic)
    for name in ("velocity_vector", "mean_energy"):
        assert_agree(found[name], expected[name], effort.precision)
    if not magnetic:
        name = "reduced_diffusion_longitudinal_flux"
        assert_agree(found[name], expected[name], 10.0 * effort.precision)


@pytest.mark.parametrize(("shape", "magnetic", "effort"), CASES)
def test_energy_balances_at_every_time(
    shape: str, magnetic: tuple[str, ...], effort: Effort
) -> None:
    found = run(shape, magnetic, effort).waveform
    residual, scale = found["power_balance_residual"], np.abs(found["power_gain"].value).max()
    # Where the field is constant the balance is exact but for rounding, also of the shortest times.
    allowed = limit(residual.value.size) * residual.stderr + 1e-10 * scale
    assert np.all(np.abs(residual.value) <= allowed)
    assert np.all(residual.stderr <= effort.precision * scale)
