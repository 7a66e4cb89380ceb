"""Surroundings for tests of the kernels: rules of collisions around given tables."""

from swarmhydra.collisions import scattering
from swarmhydra.collisions.energy_sharing import sharing_of
from swarmhydra.config import SimConfig
from swarmhydra.gas.processes import Kind, Process
from swarmhydra.kernels.contract import Field, Surroundings, Tables


def surrounded(
    tables: Tables, field: Field | float = 0.0, sim: SimConfig | None = None, *processes: Process
) -> Surroundings:
    """Tables of any gas, with processes that are isotropic unless `sim` says otherwise."""
    plain = Process(Kind.ELASTIC, "any", "X", 0.0, 1e-4, [0.0, 1.0], [1e-20, 1e-20])
    given = processes or (plain,) * tables.action.size
    settings = sim or SimConfig()
    return Surroundings(
        tables,
        scattering.scattering_of(given, settings, look_up=False),
        sharing_of(given, settings),
        field if isinstance(field, Field) else Field(field),
    )
