"""The electric field of a waveform as the kernels see it in a window: linear pieces, its course."""

import numpy as np

from swarmhydra.kernels import contract
from swarmhydra.kernels.arrays import FloatArray
from swarmhydra.kernels.contract import Field
from swarmhydra.kernels.vectorised.flight import fly_in_piece
from swarmhydra.swarm.waveform import Pieces


def unchanging(acceleration: float) -> FloatArray:
    """The course of a field that does not change, shape (PIECE_ROWS, 1)."""
    course = np.zeros((contract.PIECE_ROWS, 1))
    course[contract.PIECE_ACCELERATION] = acceleration
    return course


def with_course(field: Field, pieces: Pieces, per_townsend: float) -> Field:
    """The fields in a window.

    Parameters
    ----------
    field : Field
        Its magnetic field counts.
    pieces : Pieces
        Of the electric field in the window, from its start to its end.
    per_townsend : float
        Acceleration of an electron in a field of 1 Td (m/s2).
    """
    course = np.zeros((contract.PIECE_ROWS, pieces.start.size))
    course[contract.PIECE_START] = pieces.start - pieces.start[0]
    course[contract.PIECE_ACCELERATION] = pieces.en_start * per_townsend
    rise = (pieces.en_end - pieces.en_start) * per_townsend
    course[contract.PIECE_SLOPE] = rise / pieces.length
    _add_motion(course, pieces.length, field)
    return field._replace(acceleration=pieces.mean * per_townsend, course=course)


def _add_motion(course: FloatArray, length: FloatArray, field: Field) -> None:
    """Write where an electron is at the start of each piece that starts the first one at rest.

    Within a piece it moves as one that starts that piece at rest, plus what its velocity at the
    start of the piece becomes without an electric field. The latter is a rotation, so that
    velocities add up once they are turned back to the start of the window.
    """
    from_rest = _flown(np.zeros((3, length.size)), length, field, course)
    end = course[contract.PIECE_START] + length
    turned_back = _turned(from_rest[3:], -end, field)
    total = np.cumsum(turned_back, axis=1)
    velocity = np.zeros_like(total)
    velocity[:, 1:] = _turned(total[:, :-1], end[:-1], field)
    displacement = _flown(velocity, length, field, course)[:3]
    course[contract.PIECE_X + np.arange(3), 1:] = np.cumsum(displacement, axis=1)[:, :-1]
    course[contract.PIECE_VX + np.arange(3)] = velocity


def _flown(
    velocity: FloatArray, length: FloatArray, field: Field, course: FloatArray
) -> FloatArray:
    """Displacement (m) and final velocity (m/s) in each piece, shape (6, pieces)."""
    electrons = np.zeros((contract.STATE_ROWS, length.size))
    electrons[contract.VX : contract.VZ + 1] = velocity
    acceleration, slope = course[contract.PIECE_ACCELERATION], course[contract.PIECE_SLOPE]
    fly_in_piece(electrons, length, field, acceleration, slope)
    return electrons[[*range(contract.X, contract.Z + 1), *range(contract.VX, contract.VZ + 1)]]


def _turned(velocity: FloatArray, time: FloatArray, field: Field) -> FloatArray:
    """Velocities after times (s) in the magnetic field alone, shape (3, n)."""
    axis = np.array([field.magnetic_x, 0.0, field.magnetic_z])[:, None]
    along = axis * (axis * velocity).sum(axis=0)
    angle = field.gyration * time
    sidewards = np.cross(axis, velocity, axis=0)
    return np.asarray(along + (velocity - along) * np.cos(angle) + sidewards * np.sin(angle))
