"""Flights in electric and magnetic fields obey the equation of motion, whatever the fields."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from swarmhydra.kernels.arrays import FloatArray
from swarmhydra.kernels.contract import CLOCK, STATE_ROWS, VX, VZ, Field, X, Z
from swarmhydra.kernels.quantities import kinetic_energy
from swarmhydra.kernels.vectorised.flight import (
    acceleration_at,
    first_difference,
    fly,
    gyration_terms,
    second_difference,
    slope_terms,
)
from swarmhydra.swarm.course import with_course
from swarmhydra.swarm.waveform import Begin, Waveform

SEEDS = st.integers(0, 2**32)
END = 5e-11
"""Time up to which fields that change are known (s)."""

many = settings(derandomize=True, deadline=None, max_examples=60)


def field(
    acceleration: float,
    gyration: float = 0.0,
    angle: float = 90.0,
    frequency: float = 0.0,
) -> Field:
    """Fields at an angle (degrees)."""
    theta = np.radians(angle)
    x, z = float(np.sin(theta)), float(-np.cos(theta))
    return Field(acceleration, frequency, gyration, x, z)


RAMP = ((0.0, 1e17), (END, -3e17))
"""Times (s) and accelerations (m/s2) of a single piece."""
ZIGZAG = (
    *((0.0, 1e17), (3e-13, -2e17), (1e-12, -2e17), (1e-12, 3e17), (4e-12, 0.0)),
    *((4.1e-12, 5e17), (9e-12, -1e17), (1.1e-11, -4e17), (2e-11, 1e17), (END, 2e17)),
)
"""Pieces of all lengths, one of them constant, and a jump."""


def course(
    points: tuple[tuple[float, float], ...], gyration: float = 0.0, angle: float = 90.0
) -> Field:
    """An electric field that is linear between points, and a magnetic one."""
    times, acceleration = np.array(points).T
    waveform = Waveform(times, acceleration, times[[0, -1]], Begin.GIVEN)
    pieces = waveform.pieces(0.0, float(times[-1]))
    return with_course(field(0.0, gyration, angle), pieces, per_townsend=1.0)


def electrons(seed: int, count: int = 6) -> FloatArray:
    random = np.random.default_rng(seed)
    state = np.zeros((STATE_ROWS, count))
    state[VX : VZ + 1] = 1e6 * random.standard_normal((3, count))
    state[CLOCK] = 1e-11 * random.random(count)
    return state


def force(forces: Field, phase: float, time: FloatArray, velocity: FloatArray) -> FloatArray:
    """Acceleration: (a cos(w t + phase) or that of the course) e_z + Omega x v, shape (3, n)."""
    gyration = forces.gyration * np.array([forces.magnetic_x, 0.0, forces.magnetic_z])
    turn = forces.angular_frequency * time + phase if forces.angular_frequency else 0.0
    acceleration = np.cross(gyration, velocity, axisb=0, axisc=0)
    if forces.has_course:
        acceleration[2] += acceleration_at(forces.course, time)
    else:
        acceleration[2] += forces.acceleration * np.cos(turn)
    return acceleration


def integrated(state: FloatArray, forces: Field, phase: float, time: float) -> FloatArray:
    """Where the equation of motion takes electrons, places and velocities, by a solver."""
    start = np.concatenate([state[X : Z + 1], state[VX : VZ + 1]])
    clock = state[CLOCK]

    def motion(t: float, flat: FloatArray) -> FloatArray:
        velocity = flat.reshape(start.shape)[3:]
        return np.concatenate([velocity, force(forces, phase, clock + t, velocity)]).ravel()

    # Short enough to notice a short piece.
    most = 1e-13 if forces.has_course else time
    solved = solve_ivp(
        motion, (0.0, time), start.ravel(), method="DOP853", rtol=1e-12, atol=1e-9, max_step=most
    )
    return np.asarray(solved.y[:, -1]).reshape(start.shape)


CASES = [
    field(1e17, 1e11),
    field(1e17, 3e12, 0.0),
    field(1e17, 3e12, 37.0),
    field(0.0, 1e12, 60.0),
    field(1e17, 0.0, 90.0, 1e11),
    field(1e17, 3e12, 50.0, 1e11),
    field(1e17, 3e12, 90.0, 3e12),
    field(1e17, 3e12, 120.0, 3.0000001e12),
    field(1e17, 1e-3, 90.0, 1e12),
    course(RAMP),
    course(RAMP, 3e12, 90.0),
    course(RAMP, 1e9, 70.0),
    course(ZIGZAG),
    course(ZIGZAG, 3e12, 50.0),
    course(ZIGZAG, 1e9, 70.0),
]


@pytest.mark.parametrize("forces", CASES)
@pytest.mark.parametrize("time", [1e-14, 1e-12, 3e-11])
def test_a_helix_solves_the_equation_of_motion(forces: Field, time: float) -> None:
    state = electrons(1)
    flown = state.copy()
    fly(flown, np.full(6, time), forces, 0.7)
    expected = integrated(state, forces, 0.7, time)
    speed = np.abs(expected[3:]).max(axis=0) + 1e17 * time
    assert np.all(np.abs(flown[X : Z + 1] - expected[:3]) <= 1e-8 * speed * time)
    assert np.all(np.abs(flown[VX : VZ + 1] - expected[3:]) <= 1e-8 * speed)
    assert flown[CLOCK] == pytest.approx(state[CLOCK] + time, rel=1e-14)


@pytest.mark.parametrize("frequency", [0.0, 1e11])
@pytest.mark.parametrize("gyration", [1e-6, 1.0, 1e6])
def test_a_vanishing_magnetic_field_does_nothing_to_the_last_digits(
    gyration: float, frequency: float
) -> None:
    with_field, without = electrons(2), electrons(2)
    fly(with_field, np.full(6, 1e-12), field(1e17, gyration, 70.0, frequency), 0.0)
    fly(without, np.full(6, 1e-12), field(1e17, 0.0, 70.0, frequency), 0.0)
    scale = np.abs(without).max(axis=1, keepdims=True)
    assert np.all(np.abs(with_field - without) <= (1e-14 + 3e-12 * gyration) * scale)


def test_a_slow_alternation_is_a_steady_field() -> None:
    slow, steady = electrons(3), electrons(3)
    slow[CLOCK] = steady[CLOCK] = 0.0
    fly(slow, np.full(6, 1e-12), field(1e17, 2e12, 40.0, 1e-3), 0.0)
    fly(steady, np.full(6, 1e-12), field(1e17, 2e12, 40.0), 0.0)
    scale = np.abs(steady).max(axis=1, keepdims=True)
    assert np.all(np.abs(slow - steady) <= 1e-13 * scale)


@pytest.mark.parametrize("gyration", [0.0, 2e12])
def test_a_course_without_a_change_is_a_steady_field(gyration: float) -> None:
    steady, with_pieces = electrons(4), electrons(4)
    fly(steady, np.full(6, 1e-12), field(1e17, gyration, 40.0), 0.0)
    points = ((0.0, 1e17), (END, 1e17))
    fly(with_pieces, np.full(6, 1e-12), course(points, gyration, 40.0), 0.0)
    np.testing.assert_allclose(with_pieces, steady, rtol=1e-14)


@many
@given(seed=SEEDS, share=st.floats(0.0, 1.0), gyration=st.floats(0.0, 1e13))
def test_a_flight_in_two_parts_is_the_same_flight_in_a_field_of_pieces(
    seed: int, share: float, gyration: float
) -> None:
    once, twice = electrons(seed), electrons(seed)
    forces = course(ZIGZAG, gyration, 65.0)
    fly(once, np.full(6, 9e-12), forces, 0.0)
    fly(twice, np.full(6, share * 9e-12), forces, 0.0)
    fly(twice, np.full(6, (1.0 - share) * 9e-12), forces, 0.0)
    scale = np.abs(once).max(axis=1, keepdims=True)
    assert np.all(np.abs(once - twice) <= 1e-12 * scale)


@many
@given(seed=SEEDS, gyration=st.floats(0.0, 1e13))
def test_points_on_a_line_change_nothing(seed: int, gyration: float) -> None:
    """However many: a flight across a thousand pieces is one in a single piece."""
    few, thousand = electrons(seed), electrons(seed)
    times = np.linspace(0.0, END, 1001)
    accelerations = np.interp(times, *np.array(RAMP).T)
    points = tuple(zip(times.tolist(), accelerations.tolist(), strict=True))
    fly(few, np.full(6, 2e-11), course(RAMP, gyration, 65.0), 0.0)
    fly(thousand, np.full(6, 2e-11), course(points, gyration, 65.0), 0.0)
    scale = np.abs(few).max(axis=1, keepdims=True)
    assert np.all(np.abs(few - thousand) <= 1e-12 * scale)


@many
@given(seed=SEEDS, turn=st.floats(1e-8, 1e3), angle=st.floats(0.0, 180.0))
def test_a_magnetic_field_does_no_work(seed: int, turn: float, angle: float) -> None:
    state = electrons(seed)
    before = kinetic_energy(state[VX : VZ + 1])
    fly(state, np.full(6, 1e-12), field(0.0, turn / 1e-12, angle), 0.0)
    after = kinetic_energy(state[VX : VZ + 1])
    assert np.all(np.abs(after - before) <= 1e-13 * before)


@many
@given(
    seed=SEEDS,
    share=st.floats(0.0, 1.0),
    gyration=st.floats(0.0, 1e13),
    frequency=st.floats(0.0, 1e13),
)
def test_a_flight_in_two_parts_is_the_same_flight(
    seed: int, share: float, gyration: float, frequency: float
) -> None:
    once, twice = electrons(seed), electrons(seed)
    forces = field(1e17, gyration, 65.0, frequency)
    fly(once, np.full(6, 2e-12), forces, 1.1)
    fly(twice, np.full(6, share * 2e-12), forces, 1.1)
    fly(twice, np.full(6, (1.0 - share) * 2e-12), forces, 1.1)
    scale = np.abs(once).max(axis=1, keepdims=True)
    assert np.all(np.abs(once - twice) <= 1e-12 * scale)


@many
@given(turn=st.floats(0.0, 1e4))
def test_slope_terms_keep_their_digits(turn: float) -> None:
    p = np.longdouble(turn)
    found = [float(x[0]) for x in slope_terms(np.array([turn]))]
    if turn < 1e-2:
        expected = [p / 24 * (1 - p * p / 30), (1 - p * p / 20 * (1 - p * p / 42)) / 6]
    else:
        expected = [(p * p / 2 - 2 * np.sin(p / 2) ** 2) / p**3, (p - np.sin(p)) / p**3]
    assert found == pytest.approx([float(x) for x in expected], rel=1e-12, abs=1e-300)


@many
@given(turn=st.floats(0.0, 1e4))
def test_gyration_terms_keep_their_digits(turn: float) -> None:
    p = np.longdouble(turn)
    sine, cosine, s, c, d, e = (float(x[0]) for x in gyration_terms(np.array([turn])))
    assert sine**2 + cosine**2 == pytest.approx(1.0, rel=1e-14)
    if turn > 1e-2:
        half = np.sin(p / 2)
        exact = [np.sin(p) / p, 2 * half**2 / p, (p - np.sin(p)) / p**2, 2 * half**2 / p**2]
        assert [s, c, d, e] == pytest.approx([float(x) for x in exact], rel=1e-12, abs=1e-15)
    else:
        exact = [1 - p**2 / 6, p / 2 - p**3 / 24, p / 6 - p**3 / 120, 0.5 - p**2 / 24]
        assert [s, c, d, e] == pytest.approx([float(x) for x in exact], rel=1e-9)


@many
@given(p=st.floats(-50.0, 50.0), q=st.floats(-50.0, 50.0))
def test_divided_differences_are_integrals_of_the_exponential(p: float, q: float) -> None:
    """Hermite and Genocchi: the mean of e^x over the simplex between the points."""
    x, w = np.polynomial.legendre.leggauss(80)
    u, weight = 0.5 * (x + 1.0), 0.5 * w
    first = np.sum(weight * np.exp(1j * (u * p + (1.0 - u) * q)))
    a, b = np.meshgrid(u, u)
    area = np.outer(weight, weight) * a
    second = np.sum(area * np.exp(1j * (a * b * p + a * (1.0 - b) * q)))
    found = first_difference(np.array([1j * p]), np.array([1j * q]))[0]
    assert abs(found - first) <= 1e-12
    assert abs(second_difference(np.array([1j * p]), np.array([1j * q]))[0] - second) <= 1e-12
