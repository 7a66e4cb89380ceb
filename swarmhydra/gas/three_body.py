"""Attachment that needs a third body: it is proportional to the density of the gas."""

from dataclasses import replace

from swarmhydra.gas.mixture import Mixture
from swarmhydra.gas.processes import Process


def has_third_body(mixture: Mixture) -> bool:
    """Whether a process of a mixture needs a third body."""
    return any(process.traits.third_body is not None for process in mixture.processes)


def at_density(mixture: Mixture, density: float) -> Mixture:
    """The mixture with three-body processes as collisions with one molecule.

    Parameters
    ----------
    mixture : Mixture
    density : float
        Number density of the gas (1/m3).

    Returns
    -------
    Mixture
        Cross sections of all processes in m2.
    """
    return replace(
        mixture, processes=tuple(_at_density(each, density) for each in mixture.processes)
    )


def _at_density(process: Process, density: float) -> Process:
    """A process with the cross section that it has at a number density of the gas (1/m3)."""
    share = process.traits.third_body
    if share is None:
        return process
    return replace(
        process,
        cross_section=process.cross_section * (share * density),
        traits=replace(process.traits, third_body=None),
    )
