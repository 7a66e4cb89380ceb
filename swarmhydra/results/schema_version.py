"""How a result says that swarmhydra made it, and by which schema."""

from collections.abc import Mapping
from importlib import metadata
from typing import Any

__version__ = metadata.version("swarmhydra")
SIMULATION = "swarmhydra: Monte Carlo simulation of an electron swarm"
SOLUTION = "swarmhydra: solution of the Boltzmann equation of an electron swarm"
"""How a result was made."""

SCHEMA_VERSION = "1"


def check_origin(attributes: Mapping[Any, Any], what: str) -> None:
    """Refuse what swarmhydra did not make, or made by another schema.

    Parameters
    ----------
    attributes : Mapping
        Of the file or the root of the tree.
    what : str
        What to call it in the message.

    Raises
    ------
    ValueError
        Names `what` and the versions.
    """
    if attributes.get("source") not in (SIMULATION, SOLUTION):
        raise ValueError(f"{what} is not a result of swarmhydra")
    version = attributes.get("schema_version")
    if version != SCHEMA_VERSION:
        raise ValueError(
            f"{what} has schema_version {version!r}; this swarmhydra knows {SCHEMA_VERSION!r}"
        )
