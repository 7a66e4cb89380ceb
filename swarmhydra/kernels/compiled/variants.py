"""Parts of a step that depend on fields and angular models; only those in use are compiled."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from swarmhydra.kernels.compiled.collect_output_data import collect_no_phases, collect_phases
from swarmhydra.kernels.compiled.flight import fly_helix, fly_oscillating, fly_parabola
from swarmhydra.kernels.compiled.machinery.by_address import address_of
from swarmhydra.kernels.compiled.new_velocities import scatter_anywhere, scatter_by_model
from swarmhydra.kernels.contract import Field, Surroundings


class Variants(NamedTuple):
    """Addresses of the functions that a step calls without containing them; see `by_address`."""

    fly: Any
    """A function of `flight`, which moves electrons for the times in U1."""
    collect_phases: Any
    """A function of `collect_output_data`, for sums by the phase of an alternating field."""
    scatter: Any
    """A function of `new_velocities`, for the velocities after the collisions."""


def chosen_variants(surroundings: Surroundings) -> Variants:
    """The variants for some fields and angular models, compiled."""
    field, scattering = surroundings.field, surroundings.scattering
    numbers, indices = np.empty(0), np.empty(0, dtype=np.uint32)
    collect = collect_phases if field.angular_frequency > 0.0 else collect_no_phases
    scatter = scatter_anywhere if scattering.isotropic else scatter_by_model
    return Variants(
        address_of(_flight_in(field), (numbers, 0, field, 0.0)),
        address_of(collect, (numbers, indices, 0, 0, 0.0, field, 0.0, np.empty((0, 0)))),
        address_of(scatter, (numbers, indices, 0, 0, scattering, False)),
    )


def _flight_in(field: Field) -> Callable[..., None]:
    """The function for flights in some fields."""
    if field.angular_frequency > 0.0:
        return fly_oscillating
    return fly_helix if field.gyration > 0.0 else fly_parabola
