"""Parts of a step that depend on fields and angular models; only those in use are compiled."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from swarmhydra.kernels.compiled import collect_output_data, flight, new_velocities
from swarmhydra.kernels.compiled.machinery.by_address import address_of
from swarmhydra.kernels.contract import Field, Surroundings


class Variants(NamedTuple):
    """Addresses of the functions that a step calls without containing them; see `by_address`."""

    fly: Any
    """A function of `flight`, which moves electrons for the times in U1."""
    collect_by_time: Any
    """A function of `collect_output_data`, for sums by the phase of an alternating field, or for
    the work of a field with a course."""
    scatter: Any
    """A function of `new_velocities`, for the velocities after the collisions."""


def chosen_variants(surroundings: Surroundings) -> Variants:
    """The variants for some fields and angular models, compiled."""
    field, scattering = surroundings.field, surroundings.scattering
    numbers, indices = np.empty(0), np.empty(0, dtype=np.uint32)
    trials = collect_output_data.Trials(numbers, indices, 0, 0, 0.0)
    by_phase = np.empty((0, 0))
    scatter = (
        new_velocities.scatter_isotropically
        if scattering.isotropic
        else new_velocities.scatter_by_model
    )
    return Variants(
        address_of(_flight_in(field), (numbers, 0, field, 0.0)),
        address_of(_sums_in(field), (trials, field, 0.0, by_phase)),
        address_of(scatter, (numbers, indices, 0, 0, scattering, False)),
    )


def _flight_in(field: Field) -> Callable[..., None]:
    """The function for flights in some fields."""
    if field.has_course:
        return flight.fly_course
    if field.angular_frequency > 0.0:
        return flight.fly_oscillating if field.gyration > 0.0 else flight.fly_to_and_fro
    return flight.fly_helix if field.gyration > 0.0 else flight.fly_parabola


def _sums_in(field: Field) -> Callable[..., None]:
    """The function for sums that a field needs which changes with time."""
    if field.has_course:
        return collect_output_data.collect_work
    if field.angular_frequency > 0.0:
        return collect_output_data.collect_phases
    return collect_output_data.collect_no_phases
