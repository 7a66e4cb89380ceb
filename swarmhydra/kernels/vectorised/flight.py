"""Free flight in uniform fields: analytic, so exact for flights of any duration."""

import numpy as np
from numpy.typing import NDArray

from swarmhydra.kernels.arrays import FloatArray, IntArray
from swarmhydra.kernels.contract import (
    CLOCK,
    PIECE_ACCELERATION,
    PIECE_SLOPE,
    PIECE_START,
    PIECE_VX,
    PIECE_X,
    VX,
    VY,
    VZ,
    Field,
    X,
    Y,
    Z,
)

ComplexArray = NDArray[np.complexfloating]

SERIES_TERMS = 18
"""Terms of the power series of a second divided difference, for arguments up to 1."""


def fly(electrons: FloatArray, time: FloatArray, field: Field, phase: float) -> None:
    """Move each electron for its own time (s); `phase` is that of the field at clock 0."""
    if field.has_course:
        _fly_course(electrons, time, field, field.course)
    elif field.angular_frequency > 0.0 and field.gyration > 0.0:
        _fly_oscillating(electrons, time, field, phase)
    elif field.angular_frequency > 0.0:
        _fly_to_and_fro(electrons, time, field, phase)
    elif field.gyration > 0.0:
        _fly_helix(electrons, time, field)
    else:
        _fly_parabola(electrons, time, field.acceleration)
    electrons[CLOCK] += time


def _fly_parabola(electrons: FloatArray, time: FloatArray, acceleration: float) -> None:
    """Flight with a constant acceleration along z (m/s2)."""
    dvz = acceleration * time
    electrons[X : Y + 1] += electrons[VX : VY + 1] * time
    electrons[Z] += (electrons[VZ] + 0.5 * dvz) * time
    electrons[VZ] += dvz


def _fly_course(electrons: FloatArray, time: FloatArray, field: Field, course: FloatArray) -> None:
    """Flight in an electric field that is linear in pieces: in one, or through several of them."""
    clock = electrons[CLOCK]
    end = clock + time
    first, last = _piece_at(course, clock), _piece_at(course, end)
    far = np.flatnonzero(last > first)
    in_first = time.copy()
    in_first[far] = course[PIECE_START, first[far] + 1] - clock[far]
    slope = course[PIECE_SLOPE, first]
    fly_in_piece(electrons, in_first, field, acceleration_at(course, clock), slope)
    if far.size:
        some, last = electrons[:, far], last[far]
        _cross_pieces(some, field, course[:, first[far] + 1], course[:, last])
        in_last = end[far] - course[PIECE_START, last]
        start, slope = course[PIECE_ACCELERATION, last], course[PIECE_SLOPE, last]
        fly_in_piece(some, in_last, field, start, slope)
        electrons[:, far] = some


def _piece_at(course: FloatArray, time: FloatArray) -> IntArray:
    """The piece of a course that each time since the start of the window belongs to."""
    return np.searchsorted(course[PIECE_START], time, side="right") - 1


def acceleration_at(course: FloatArray, time: FloatArray) -> FloatArray:
    """Acceleration by the electric field at times since the start of the window (m/s2)."""
    start, acceleration, slope = course[: PIECE_SLOPE + 1, _piece_at(course, time)]
    result: FloatArray = acceleration + slope * (time - start)
    return result


def _cross_pieces(
    electrons: FloatArray, field: Field, before: FloatArray, after: FloatArray
) -> None:
    """Flight from the start of a piece to that of a later one, in one go.

    The velocities of two electrons differ as without an electric field. The course knows one that
    starts at rest, so that only the difference to it remains to be flown.

    Parameters
    ----------
    electrons : ndarray, shape (STATE_ROWS, n)
    field : Field
    before, after : ndarray, shape (PIECE_ROWS, n)
        Both pieces.
    """
    time = after[PIECE_START] - before[PIECE_START]
    place, velocity = slice(PIECE_X, PIECE_X + 3), slice(PIECE_VX, PIECE_VX + 3)
    electrons[VX : VZ + 1] -= before[velocity]
    if field.gyration > 0.0:
        _fly_helix(electrons, time, field._replace(acceleration=0.0))
    else:
        _fly_parabola(electrons, time, 0.0)
    electrons[X : Z + 1] += after[place] - before[place]
    electrons[VX : VZ + 1] += after[velocity]


def fly_in_piece(
    electrons: FloatArray,
    time: FloatArray,
    field: Field,
    acceleration: FloatArray,
    slope: FloatArray,
) -> None:
    """Move each electron in an electric field that changes linearly, but for its clock.

    Parameters
    ----------
    electrons : ndarray, shape (STATE_ROWS, n)
    time : ndarray, shape (n,)
        (s)
    field : Field
        The magnetic field counts.
    acceleration, slope : ndarray, shape (n,)
        Acceleration along z at the start (m/s2), and its change (m/s3).
    """
    if field.gyration > 0.0:
        _fly_helix_with_slope(electrons, time, field, acceleration, slope)
    else:
        _fly_cubic(electrons, time, acceleration, slope)


def _fly_cubic(
    electrons: FloatArray, time: FloatArray, acceleration: FloatArray, slope: FloatArray
) -> None:
    """Flight with an acceleration along z that changes linearly, from that at its start (m/s2)."""
    electrons[X : Y + 1] += electrons[VX : VY + 1] * time
    rise = slope * time
    electrons[Z] += (electrons[VZ] + (0.5 * acceleration + rise / 6.0) * time) * time
    electrons[VZ] += (acceleration + 0.5 * rise) * time


def _fly_helix(electrons: FloatArray, time: FloatArray, field: Field) -> None:
    """Flight in steady electric and magnetic fields: a helix with a drift.

    The velocity component u along the unit vector b of the magnetic field is accelerated uniformly.
    The components w1 and w2 across it, along e1 = e_y x b and e2 = e_y, form w = w1 + i w2. With
    the angle phi = gyration * time, w(t) = e^(i phi) w(0) + a t (e^(i phi) - 1) / (i phi), where a
    is the component of the acceleration along e1. Displacements du, d1, d2 are its time integral.
    """
    turn = field.gyration * time
    sine, cosine, s, c, s2, c2 = gyration_terms(turn)
    bx, bz = field.magnetic_x, field.magnetic_z
    along, across = field.acceleration * bz, -field.acceleration * bx
    u = electrons[VX] * bx + electrons[VZ] * bz
    w1, w2 = electrons[VX] * bz - electrons[VZ] * bx, electrons[VY].copy()
    du = (u + 0.5 * along * time) * time
    d1 = (s * w1 - c * w2 + across * time * c2) * time
    d2 = (s * w2 + c * w1 + across * time * s2) * time
    u += along * time
    w1, w2 = (
        cosine * w1 - sine * w2 + across * time * s,
        cosine * w2 + sine * w1 + across * time * c,
    )
    electrons[X] += du * bx + d1 * bz
    electrons[Y] += d2
    electrons[Z] += du * bz - d1 * bx
    electrons[VX] = u * bx + w1 * bz
    electrons[VY] = w2
    electrons[VZ] = u * bz - w1 * bx


def _fly_helix_with_slope(
    electrons: FloatArray,
    time: FloatArray,
    field: Field,
    acceleration: FloatArray,
    slope: FloatArray,
) -> None:
    """Flight in a steady magnetic field and an electric one that changes linearly.

    In the coordinates of `_fly_helix`, the change adds the integrals of e^(i phi) over t^2 / 2:
    b t^2 (e^z - 1 - z) / z^2 to the velocity w and b t^3 (e^z - 1 - z - z^2/2) / z^3 to the place,
    where z = i phi and b is the component of the slope along e1.
    """
    turn = field.gyration * time
    sine, cosine, s, c, s2, c2 = gyration_terms(turn)
    s3, c3 = slope_terms(turn)
    bx, bz = field.magnetic_x, field.magnetic_z
    along, across = acceleration * bz, -acceleration * bx
    rise_along, rise_across = slope * bz * time, -slope * bx * time
    u = electrons[VX] * bx + electrons[VZ] * bz
    w1, w2 = electrons[VX] * bz - electrons[VZ] * bx, electrons[VY].copy()
    du = (u + (0.5 * along + rise_along / 6.0) * time) * time
    d1 = (s * w1 - c * w2 + (across * c2 + rise_across * c3) * time) * time
    d2 = (s * w2 + c * w1 + (across * s2 + rise_across * s3) * time) * time
    u += (along + 0.5 * rise_along) * time
    w1, w2 = (
        cosine * w1 - sine * w2 + (across * s + rise_across * c2) * time,
        cosine * w2 + sine * w1 + (across * c + rise_across * s2) * time,
    )
    electrons[X] += du * bx + d1 * bz
    electrons[Y] += d2
    electrons[Z] += du * bz - d1 * bx
    electrons[VX] = u * bx + w1 * bz
    electrons[VY] = w2
    electrons[VZ] = u * bz - w1 * bx


def gyration_terms(turn: FloatArray) -> tuple[FloatArray, ...]:
    """Functions of an angle p for the helix, by power series at small p.

    These are sin p, cos p, sin p / p, (1 - cos p) / p, (p - sin p) / p^2 and (1 - cos p) / p^2.
    """
    half = np.sin(0.5 * turn)
    sine, cosine = np.sin(turn), 1.0 - 2.0 * half * half
    small = turn < 0.5
    safe = np.where(small, 1.0, turn)
    z = turn * turn
    s_series = 1.0 - z / 6.0 * (
        1.0 - z / 20.0 * (1.0 - z / 42.0 * (1.0 - z / 72.0 * (1.0 - z / 110.0)))
    )
    d_series = (
        turn
        / 6.0
        * (
            1.0
            - z / 20.0 * (1.0 - z / 42.0 * (1.0 - z / 72.0 * (1.0 - z / 110.0 * (1.0 - z / 156.0))))
        )
    )
    e_series = 0.5 * (
        1.0 - z / 12.0 * (1.0 - z / 30.0 * (1.0 - z / 56.0 * (1.0 - z / 90.0 * (1.0 - z / 132.0))))
    )
    s = np.where(small, s_series, sine / safe)
    e = np.where(small, e_series, 2.0 * half * half / (safe * safe))
    d = np.where(small, d_series, (turn - sine) / (safe * safe))
    return sine, cosine, s, e * turn, d, e


def slope_terms(turn: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Imaginary and real part of (e^z - 1 - z - z^2/2) / z^3 for z = i p, by series at small p.

    These are (p^2/2 - 1 + cos p) / p^3 and (p - sin p) / p^3.
    """
    half = np.sin(0.5 * turn)
    small = turn < 0.5
    safe = np.where(small, 1.0, turn)
    z = turn * turn
    i_series = (
        turn
        / 24.0
        * (
            1.0
            - z / 30.0 * (1.0 - z / 56.0 * (1.0 - z / 90.0 * (1.0 - z / 132.0 * (1.0 - z / 182.0))))
        )
    )
    r_series = (
        1.0 - z / 20.0 * (1.0 - z / 42.0 * (1.0 - z / 72.0 * (1.0 - z / 110.0 * (1.0 - z / 156.0))))
    ) / 6.0
    cubed = safe * safe * safe
    imaginary = np.where(small, i_series, (0.5 * z - 2.0 * half * half) / cubed)
    return imaginary, np.where(small, r_series, (turn - np.sin(turn)) / cubed)


def _fly_to_and_fro(electrons: FloatArray, time: FloatArray, field: Field, phase: float) -> None:
    """Flight with the acceleration a cos(w t) along z.

    With p = w t and the phase q at the start, velocity and place gain the real parts of
    a t e^(i q) (e^z - 1) / z and a t^2 e^(i q) (e^z - 1 - z) / z^2, where z = i p.
    """
    _, _, s, c, s2, c2 = gyration_terms(field.angular_frequency * time)
    start = phase + field.angular_frequency * electrons[CLOCK]
    along, across = field.acceleration * np.cos(start), field.acceleration * np.sin(start)
    electrons[X : Z + 1] += electrons[VX : VZ + 1] * time
    electrons[Z] += (along * c2 - across * s2) * time * time
    electrons[VZ] += (along * s - across * c) * time


def _fly_oscillating(electrons: FloatArray, time: FloatArray, field: Field, phase: float) -> None:
    """Flight with the acceleration a cos(w t) in a magnetic field.

    In the coordinates of `_fly_helix`, velocity and displacement are divided differences of the
    exponential function at the angles of gyration and of the field. These are regular at resonance
    (both frequencies equal) and for frequencies of zero.
    """
    bx, bz = field.magnetic_x, field.magnetic_z
    turn = 1j * field.gyration * time
    swing = 1j * field.angular_frequency * time
    start = np.exp(1j * (phase + field.angular_frequency * electrons[CLOCK]))
    u = electrons[VX] * bx + electrons[VZ] * bz
    w = electrons[VX] * bz - electrons[VZ] * bx + 1j * electrons[VY]
    along, across = field.acceleration * bz, -field.acceleration * bx
    zero = np.zeros_like(swing)
    impulse = time * (start * first_difference(swing, zero)).real
    excursion = time * time * (start * second_difference(swing, zero)).real
    drive = (
        0.5
        * time
        * (start * first_difference(turn, swing) + start.conj() * first_difference(turn, -swing))
    )
    drift = (
        0.5
        * time
        * time
        * (start * second_difference(turn, swing) + start.conj() * second_difference(turn, -swing))
    )
    du = u * time + along * excursion
    dw = w * time * first_difference(turn, zero) + across * drift
    u = u + along * impulse
    w = np.exp(turn) * w + across * drive
    electrons[X] += du * bx + dw.real * bz
    electrons[Y] += dw.imag
    electrons[Z] += du * bz - dw.real * bx
    electrons[VX] = u * bx + w.real * bz
    electrons[VY] = w.imag
    electrons[VZ] = u * bz - w.real * bx


def first_difference(p: ComplexArray, q: ComplexArray) -> ComplexArray:
    """Divided difference (e^p - e^q) / (p - q) for imaginary p and q."""
    half = 0.5 * (p - q).imag
    return np.asarray(np.exp(0.5 * (p + q)) * np.sinc(half / np.pi))


def second_difference(p: ComplexArray, q: ComplexArray) -> ComplexArray:
    """Second divided difference of the exponential function at p, q and 0, with imaginary p and q.

    The difference of two first differences over the longest distance between the three points. If
    all distances are below 1, the sum of the complete symmetric polynomials h_k(p, q) / (k + 2)!.
    """
    far_p, far_q, gap = np.abs(p), np.abs(q), np.abs(p - q)
    longest = np.maximum(np.maximum(far_p, far_q), gap)
    zero = np.zeros_like(p)
    to_p, to_q, between = (
        first_difference(p, zero),
        first_difference(q, zero),
        first_difference(p, q),
    )
    by_gap, by_p = gap == longest, far_p == longest
    over = np.where(by_gap, p - q, np.where(by_p, p, q)) + (longest < 1.0)
    rise = np.where(by_gap, to_p - to_q, between - np.where(by_p, to_q, to_p))
    return np.where(longest < 1.0, _near(p, q), rise / over)


def _near(p: ComplexArray, q: ComplexArray) -> ComplexArray:
    """Power series of `second_difference`."""
    symmetric, power = np.ones_like(p), np.ones_like(q)
    total, factorial = 0.5 * symmetric, 2.0
    for k in range(1, SERIES_TERMS):
        power = power * q
        symmetric = p * symmetric + power
        factorial *= k + 2
        total = total + symmetric / factorial
    return np.asarray(total)
