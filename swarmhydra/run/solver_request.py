"""Gas and field of a run as the Boltzmann solver sees them."""

import numpy as np

from swarmhydra.boltzmann.collision_model import CollisionModel
from swarmhydra.boltzmann.solve import Request
from swarmhydra.collisions.tables import CollisionTables
from swarmhydra.swarm.medium import Medium


def solver_request(
    medium: Medium,
    terms: int | None,
    tolerance: float = 1e-4,
    acceleration: float | None = None,
) -> Request:
    """What to solve, by the kernels' own arrays.

    Parameters
    ----------
    medium : Medium
        Gas and field.
    terms, tolerance : int or None, float
        As of `Request`.
    acceleration : float, optional
        By the field (m/s2); default is that of the medium.
    """
    return Request(
        collision_model(medium, medium.collision_tables),
        medium.field.acceleration if acceleration is None else acceleration,
        medium.number_density,
        medium.number_density * medium.mixture.fraction,
        medium.mixture.energy_max,
        terms=terms,
        tolerance=tolerance,
    )


def collision_model(medium: Medium, tables: CollisionTables) -> CollisionModel:
    """Collision model of a medium; the majorant in the tables is not read."""
    arrays = tables.with_bands(np.inf, 1, medium.field.acceleration, medium.look_ups)
    return CollisionModel(arrays, medium.scattering, medium.sharing)
