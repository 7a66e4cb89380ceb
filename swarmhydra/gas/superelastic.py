"""Superelastic partners of the transitions of a gas."""

from dataclasses import replace

import numpy as np

from swarmhydra.gas.level_populations import Temperatures
from swarmhydra.gas.level_shares import LevelShares, reverse_of
from swarmhydra.gas.mixture import Mixture
from swarmhydra.gas.processes import Kind, Process


def with_partners(mixture: Mixture, temperatures: Temperatures) -> Mixture:
    """The mixture with a superelastic process for each transition between populated levels.

    A transition meets the molecules in the level that it starts from; other processes hit the
    species as a whole. A transition to a species that is a component of the gas itself, as from
    ``Ar`` to ``Ar*``, meets what the fractions of the two say.

    Parameters
    ----------
    mixture : Mixture
    temperatures : Temperatures
        What the populations of the levels follow.

    Returns
    -------
    Mixture
        Shares of the processes are those of the levels that they start from.

    Raises
    ------
    ValueError
        If the population of a level that a process hits is not known.
    """
    share = {p.target: f for p, f in zip(mixture.processes, mixture.fraction.tolist(), strict=True)}
    species = {
        name: LevelShares(
            name,
            [p for p in mixture.processes if p.target == name and p.traits.upper not in share],
            mixture.levels.get(name, {}),
            temperatures,
        )
        for name in share
    }
    downwards = {(p.target, p.traits.upper) for p in mixture.processes if p.gives_energy}
    encounters: list[tuple[Process, float]] = []
    partners: list[tuple[Process, float]] = []
    for process in mixture.processes:
        fraction, upper = share[process.target], process.traits.upper
        weights = process.traits.statistical_weight_ratio
        if upper not in share:
            encounters += species[process.target].meets(process, fraction)
            partners += species[process.target].partners(process, fraction)
            continue
        encounters.append((process, fraction))
        if weights is not None and (upper, process.target) not in downwards:
            partners.append((reverse_of(process, weights, upper), share[upper]))
    # Processes that change the number of electrons stay behind all others.
    pairs = sorted([*encounters, *partners], key=lambda pair: _changes_number(pair[0]))
    return replace(
        mixture,
        processes=tuple(process for process, _ in pairs),
        fraction=np.array([fraction for _, fraction in pairs]),
    )


def _changes_number(process: Process) -> bool:
    """Whether a process changes the number of electrons."""
    return process.kind in (Kind.IONIZATION, Kind.ATTACHMENT)
