"""What of a step depends on the forces and on the scattering: only what is in use is compiled."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from swarmhydra.kernels.compiled.collect_output_data import collect_no_phases, collect_phases
from swarmhydra.kernels.compiled.flight import fly_helix, fly_oscillating, fly_parabola
from swarmhydra.kernels.compiled.machinery.by_address import address_of
from swarmhydra.kernels.compiled.new_velocities import scatter_anywhere, scatter_by_model
from swarmhydra.kernels.contract import Field, Surroundings


class Variants(NamedTuple):
    """Where the functions are that a step calls without knowing which; see `by_address`."""

    fly: Any
    """Moves electrons for the times in U1: `flight`."""
    collect_phases: Any
    """Sorts trials and collisions by the phase of the field: `collect_output_data`."""
    scatter: Any
    """Finds the velocities after the collisions: `new_velocities`."""


def chosen_variants(surroundings: Surroundings) -> Variants:
    """Those that suit the forces and the scattering, compiled."""
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
    """How electrons fly."""
    if field.angular_frequency > 0.0:
        return fly_oscillating
    return fly_helix if field.gyration > 0.0 else fly_parabola
