"""Free flight in uniform fields, analytic; the formulas are explained in `vectorised.flight`.

A step calls one of the functions `fly_…`, which all take the same arguments: they move electrons
for the times in U1, in a field that has the phase `phase` at clock 0. `variants` chooses it.
"""

import numpy as np

from swarmhydra.kernels.arrays import FloatArray
from swarmhydra.kernels.compiled.layout import CLOCK, SPEED, U1, VX, VY, VZ, X, Y, Z
from swarmhydra.kernels.compiled.machinery.compiler import (
    compiled,
    compiled_inline,
)
from swarmhydra.kernels.contract import (
    PIECE_ACCELERATION,
    PIECE_SLOPE,
    PIECE_START,
    PIECE_VX,
    PIECE_X,
    Field,
)

_SERIES_TERMS = 18
"""Terms of the power series of a second divided difference, for arguments up to 1."""


def fly_parabola(b: FloatArray, active: int, field: Field, phase: float) -> None:
    """A constant acceleration along z."""
    acceleration = field.acceleration
    for i in range(active):
        time = b[U1 + i]
        dvz = acceleration * time
        vx, vy, vz = b[VX + i], b[VY + i], b[VZ + i]
        b[X + i] += vx * time
        b[Y + i] += vy * time
        b[Z + i] += (vz + 0.5 * dvz) * time
        b[CLOCK + i] += time
        vz += dvz
        b[VZ + i] = vz
        b[SPEED + i] = np.sqrt(vx * vx + vy * vy + vz * vz)


def fly_helix(b: FloatArray, active: int, field: Field, phase: float) -> None:
    """Steady electric and magnetic fields."""
    bx, bz = field.magnetic_x, field.magnetic_z
    along, across = field.acceleration * bz, -field.acceleration * bx
    for i in range(active):
        time = b[U1 + i]
        sine, cosine, s, c, s2, c2 = gyration_terms(field.gyration * time)
        u = b[VX + i] * bx + b[VZ + i] * bz
        w1, w2 = b[VX + i] * bz - b[VZ + i] * bx, b[VY + i]
        du = (u + 0.5 * along * time) * time
        d1 = (s * w1 - c * w2 + across * time * c2) * time
        d2 = (s * w2 + c * w1 + across * time * s2) * time
        u += along * time
        e1 = cosine * w1 - sine * w2 + across * time * s
        e2 = cosine * w2 + sine * w1 + across * time * c
        _displace(b, i, time, du * bx + d1 * bz, d2, du * bz - d1 * bx)
        _set_velocity(b, i, u * bx + e1 * bz, e2, u * bz - e1 * bx)


def fly_course(b: FloatArray, active: int, field: Field, phase: float) -> None:
    """An electric field that is linear in pieces."""
    course = field.course
    for i in range(active):
        clock = b[CLOCK + i]
        end = clock + b[U1 + i]
        first = _piece_at(course, clock, 0)
        last = _piece_at(course, end, first)
        in_first = b[U1 + i] if last == first else course[PIECE_START, first + 1] - clock
        slope = course[PIECE_SLOPE, first]
        start = course[PIECE_ACCELERATION, first] + slope * (clock - course[PIECE_START, first])
        _fly_in_piece(b, i, in_first, field, start, slope)
        if last > first:
            if last > first + 1:
                _cross_pieces(b, i, field, course, first + 1, last)
            start, slope = course[PIECE_ACCELERATION, last], course[PIECE_SLOPE, last]
            _fly_in_piece(b, i, end - course[PIECE_START, last], field, start, slope)
        b[CLOCK + i] = end
        vx, vy, vz = b[VX + i], b[VY + i], b[VZ + i]
        b[SPEED + i] = np.sqrt(vx * vx + vy * vy + vz * vz)


@compiled_inline
def _piece_at(course: FloatArray, time: float, piece: int) -> int:
    """The piece of a course that a time belongs to; `piece` is one that is not later."""
    pieces, step = course.shape[1], 1
    # Search in growing steps, then in shrinking ones, as the piece is usually close.
    while piece + step < pieces and course[PIECE_START, piece + step] <= time:
        piece += step
        step *= 2
    while step > 1:
        step //= 2
        if piece + step < pieces and course[PIECE_START, piece + step] <= time:
            piece += step
    return piece


@compiled_inline
def acceleration_at(course: FloatArray, time: float) -> float:
    """Acceleration by the electric field at a time since the start of the window (m/s2)."""
    piece = _piece_at(course, time, 0)
    since = time - course[PIECE_START, piece]
    return course[PIECE_ACCELERATION, piece] + course[PIECE_SLOPE, piece] * since


@compiled_inline
def _cross_pieces(
    b: FloatArray, i: int, field: Field, course: FloatArray, before: int, after: int
) -> None:
    """Fly from the start of a piece to that of a later one, in one go."""
    time = course[PIECE_START, after] - course[PIECE_START, before]
    vx = b[VX + i] - course[PIECE_VX, before]
    vy = b[VY + i] - course[PIECE_VX + 1, before]
    vz = b[VZ + i] - course[PIECE_VX + 2, before]
    dx, dy, dz = vx * time, vy * time, vz * time
    if field.gyration > 0.0:
        bx, bz = field.magnetic_x, field.magnetic_z
        sine, cosine, s, c, _, _ = gyration_terms(field.gyration * time)
        u, w1, w2 = vx * bx + vz * bz, vx * bz - vz * bx, vy
        d1, d2 = (s * w1 - c * w2) * time, (s * w2 + c * w1) * time
        e1, e2 = cosine * w1 - sine * w2, cosine * w2 + sine * w1
        dx, dy, dz = u * time * bx + d1 * bz, d2, u * time * bz - d1 * bx
        vx, vy, vz = u * bx + e1 * bz, e2, u * bz - e1 * bx
    b[X + i] += dx + (course[PIECE_X, after] - course[PIECE_X, before])
    b[Y + i] += dy + (course[PIECE_X + 1, after] - course[PIECE_X + 1, before])
    b[Z + i] += dz + (course[PIECE_X + 2, after] - course[PIECE_X + 2, before])
    b[VX + i] = vx + course[PIECE_VX, after]
    b[VY + i] = vy + course[PIECE_VX + 1, after]
    b[VZ + i] = vz + course[PIECE_VX + 2, after]


@compiled_inline
def _fly_in_piece(
    b: FloatArray, i: int, time: float, field: Field, start: float, slope: float
) -> None:
    """Fly in an electric field that changes linearly, from an acceleration at the start on."""
    rise = slope * time
    if field.gyration > 0.0:
        _fly_helix_in_piece(b, i, time, field, start, rise)
        return
    vz = b[VZ + i]
    b[X + i] += b[VX + i] * time
    b[Y + i] += b[VY + i] * time
    b[Z + i] += (vz + (0.5 * start + rise / 6.0) * time) * time
    b[VZ + i] = vz + (start + 0.5 * rise) * time


@compiled_inline
def _fly_helix_in_piece(
    b: FloatArray, i: int, time: float, field: Field, start: float, rise: float
) -> None:
    """The same in a steady magnetic field; the acceleration rises by `rise`."""
    bx, bz = field.magnetic_x, field.magnetic_z
    turn = field.gyration * time
    sine, cosine, s, c, s2, c2 = gyration_terms(turn)
    s3, c3 = slope_terms(turn)
    along, across = start * bz, -start * bx
    rise_along, rise_across = rise * bz, -rise * bx
    u = b[VX + i] * bx + b[VZ + i] * bz
    w1, w2 = b[VX + i] * bz - b[VZ + i] * bx, b[VY + i]
    du = (u + (0.5 * along + rise_along / 6.0) * time) * time
    d1 = (s * w1 - c * w2 + (across * c2 + rise_across * c3) * time) * time
    d2 = (s * w2 + c * w1 + (across * s2 + rise_across * s3) * time) * time
    u += (along + 0.5 * rise_along) * time
    e1 = cosine * w1 - sine * w2 + (across * s + rise_across * c2) * time
    e2 = cosine * w2 + sine * w1 + (across * c + rise_across * s2) * time
    b[X + i] += du * bx + d1 * bz
    b[Y + i] += d2
    b[Z + i] += du * bz - d1 * bx
    b[VX + i], b[VY + i], b[VZ + i] = u * bx + e1 * bz, e2, u * bz - e1 * bx


@compiled_inline
def slope_terms(turn: float) -> tuple[float, float]:
    """Imaginary and real part of (e^z - 1 - z - z^2/2) / z^3 for z = i p, by series at small p."""
    z = turn * turn
    if turn < 0.5:
        r = 1.0 - z / 20.0 * (
            1.0 - z / 42.0 * (1.0 - z / 72.0 * (1.0 - z / 110.0 * (1.0 - z / 156.0)))
        )
        i = 1.0 - z / 30.0 * (
            1.0 - z / 56.0 * (1.0 - z / 90.0 * (1.0 - z / 132.0 * (1.0 - z / 182.0)))
        )
        return turn / 24.0 * i, r / 6.0
    half = np.sin(0.5 * turn)
    cubed = turn * turn * turn
    return (0.5 * z - 2.0 * half * half) / cubed, (turn - np.sin(turn)) / cubed


@compiled_inline
def gyration_terms(turn: float) -> tuple[float, float, float, float, float, float]:
    """Functions of an angle p for the helix, by power series at small p.

    These are sin p, cos p, sin p / p, (1 - cos p) / p, (p - sin p) / p^2 and (1 - cos p) / p^2.
    """
    half = np.sin(0.5 * turn)
    sine, cosine = np.sin(turn), 1.0 - 2.0 * half * half
    if turn < 0.5:
        z = turn * turn
        s = 1.0 - z / 6.0 * (
            1.0 - z / 20.0 * (1.0 - z / 42.0 * (1.0 - z / 72.0 * (1.0 - z / 110.0)))
        )
        d = 1.0 - z / 20.0 * (
            1.0 - z / 42.0 * (1.0 - z / 72.0 * (1.0 - z / 110.0 * (1.0 - z / 156.0)))
        )
        e = 0.5 * (
            1.0
            - z / 12.0 * (1.0 - z / 30.0 * (1.0 - z / 56.0 * (1.0 - z / 90.0 * (1.0 - z / 132.0))))
        )
        return sine, cosine, s, e * turn, turn / 6.0 * d, e
    e = 2.0 * half * half / (turn * turn)
    return sine, cosine, sine / turn, e * turn, (turn - sine) / (turn * turn), e


def fly_to_and_fro(b: FloatArray, active: int, field: Field, phase: float) -> None:
    """An acceleration a cos(w t) along z."""
    acceleration, frequency = field.acceleration, field.angular_frequency
    for i in range(active):
        time = b[U1 + i]
        start = phase + frequency * b[CLOCK + i]
        _, _, s, c, s2, c2 = gyration_terms(frequency * time)
        along, across = acceleration * np.cos(start), acceleration * np.sin(start)
        vx, vy, vz = b[VX + i], b[VY + i], b[VZ + i]
        dz = (vz + (along * c2 - across * s2) * time) * time
        _displace(b, i, time, vx * time, vy * time, dz)
        _set_velocity(b, i, vx, vy, vz + (along * s - across * c) * time)


def fly_oscillating(b: FloatArray, active: int, field: Field, phase: float) -> None:
    """An electric field that alternates, and a magnetic one."""
    bx, bz = field.magnetic_x, field.magnetic_z
    along, across = field.acceleration * bz, -field.acceleration * bx
    for i in range(active):
        time = b[U1 + i]
        turn = 1j * (field.gyration * time)
        swing = 1j * (field.angular_frequency * time)
        start = np.exp(1j * (phase + field.angular_frequency * b[CLOCK + i]))
        u = b[VX + i] * bx + b[VZ + i] * bz
        w = (b[VX + i] * bz - b[VZ + i] * bx) + 1j * b[VY + i]
        impulse = time * (start * first_difference(swing, 0j)).real
        excursion = time * time * (start * second_difference(swing, 0j)).real
        back = np.conj(start)
        drive = start * first_difference(turn, swing) + back * first_difference(turn, -swing)
        drift = start * second_difference(turn, swing) + back * second_difference(turn, -swing)
        du = u * time + along * excursion
        dw = w * time * first_difference(turn, 0j) + across * 0.5 * time * time * drift
        u += along * impulse
        w = np.exp(turn) * w + across * 0.5 * time * drive
        _displace(b, i, time, du * bx + dw.real * bz, dw.imag, du * bz - dw.real * bx)
        _set_velocity(b, i, u * bx + w.real * bz, w.imag, u * bz - w.real * bx)


@compiled_inline
def _displace(b: FloatArray, i: int, time: float, dx: float, dy: float, dz: float) -> None:
    """Add a displacement to the position of an electron, and the time to its clock."""
    b[X + i] += dx
    b[Y + i] += dy
    b[Z + i] += dz
    b[CLOCK + i] += time


@compiled_inline
def _set_velocity(b: FloatArray, i: int, vx: float, vy: float, vz: float) -> None:
    """Set the velocity and the speed of an electron."""
    b[VX + i], b[VY + i], b[VZ + i] = vx, vy, vz
    b[SPEED + i] = np.sqrt(vx * vx + vy * vy + vz * vz)


@compiled_inline
def first_difference(p: complex, q: complex) -> complex:
    """Divided difference (e^p - e^q) / (p - q) for imaginary p and q."""
    half = 0.5 * (p - q).imag
    ratio = 1.0 if half == 0.0 else np.sin(half) / half
    return np.exp(0.5 * (p + q)) * ratio


@compiled
def second_difference(p: complex, q: complex) -> complex:
    """Second divided difference of the exponential function at p, q (imaginary) and 0."""
    far_p, far_q, gap = abs(p), abs(q), abs(p - q)
    longest = max(far_p, far_q, gap)
    # By power series, if the distances between the three points are small.
    if longest < 1.0:
        return _near(p, q, longest)
    if gap == longest:
        return (first_difference(p, 0j) - first_difference(q, 0j)) / (p - q)
    if far_p == longest:
        return (first_difference(p, q) - first_difference(q, 0j)) / p
    return (first_difference(p, q) - first_difference(p, 0j)) / q


@compiled_inline
def _near(p: complex, q: complex, longest: float) -> complex:
    """Power series of `second_difference`, as far as terms count for `longest`, at most 1."""
    symmetric, power, total = 1.0 + 0j, 1.0 + 0j, 0.5 + 0j
    inverse_factorial, bound = 0.5, 0.5
    for n in range(1, _SERIES_TERMS):
        bound *= longest / (n + 1)
        if bound < 1e-17:
            break
        power *= q
        symmetric = p * symmetric + power
        inverse_factorial /= n + 2
        total += symmetric * inverse_factorial
    return total
