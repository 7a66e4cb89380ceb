"""The shares of a species in its levels, and the reverse of a transition between two of them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from swarmhydra.gas.adaptive import adaptive_grid
from swarmhydra.gas.ladders import GROUND, ladders_of, level_in
from swarmhydra.gas.level_populations import Ladder, Level, Temperatures
from swarmhydra.gas.processes import Process, cross_section_at

LOWEST_ENERGY = 1e-4
"""Energy (eV), in units of the threshold, at which the tables of superelastic processes begin."""


@dataclass(frozen=True, eq=False)
class _Shares:
    """A ladder with the shares of its levels: those of `ground` times `relative`."""

    ladder: Ladder
    ground: float
    relative: dict[str, float]

    @classmethod
    def of(cls, ladder: Ladder, temperatures: Temperatures) -> "_Shares":
        """The shares at some temperatures; they add up to 1."""
        relative = ladder.relative(temperatures)
        first, *others = relative.values()
        total = first + sum(others)
        if not total > 0.0:
            raise ValueError(
                f"gas.levels: all of {', '.join(relative)} are empty; expected a level with a "
                "weight and a population above 0"
            )
        return cls(ladder, 1.0 / total, relative)


class LevelShares:
    """Which share of a species is in the levels that its processes start from.

    Parameters
    ----------
    species : str
        Its name.
    processes : sequence of Process
        Those of the species, without transitions to another component of the gas.
    levels : mapping of str to Level
        What a user states about its levels.
    temperatures : Temperatures
        What the populations follow.

    Raises
    ------
    ValueError
        As for `ladders.ladders_of`.
    """

    def __init__(
        self,
        species: str,
        processes: Sequence[Process],
        levels: Mapping[str, Level],
        temperatures: Temperatures,
    ) -> None:
        self._species = species
        self._shares = {
            (ladder.manifold, ladder.parent): _Shares.of(ladder, temperatures)
            for ladder in ladders_of(species, processes, levels)
        }
        self._transitions = {
            transition.process: (transition, shares)
            for shares in self._shares.values()
            for transition in shares.ladder.transitions
        }
        self._downwards = {
            (transition.high, transition.low)
            for transition, _ in self._transitions.values()
            if transition.process.gives_energy
        }

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is odd about the transitions, and what was assumed."""
        return tuple(w for shares in self._shares.values() for w in shares.ladder.warnings)

    def meets(self, process: Process, fraction: float) -> Iterator[tuple[Process, float]]:
        """A process with the share of the gas that it meets.

        Parameters
        ----------
        process : Process
            Of the species.
        fraction : float
            Share of the gas that the species has.

        Yields
        ------
        (Process, float)
            Nothing if it is a transition from an empty level.

        Raises
        ------
        ValueError
            If the population of the level is not known.
        """
        if process in self._transitions:
            transition, shares = self._transitions[process]
            level = transition.high if process.gives_energy else transition.low
            share = self._share(shares, level, fraction)
            if share > 0.0:
                yield process, share
        else:
            yield process, self._share_of(process, fraction)

    def partners(self, process: Process, fraction: float) -> Iterator[tuple[Process, float]]:
        """The reverse of a transition with the share of the gas that is in its upper level.

        Parameters
        ----------
        process : Process
            Of the species.
        fraction : float
            Share of the gas that the species has.

        Yields
        ------
        (Process, float)
            Nothing if the upper level is empty, or the reverse has a table of its own.
        """
        if process not in self._transitions or process.gives_energy:
            return
        transition, shares = self._transitions[process]
        share = self._share(shares, transition.high, fraction)
        if share > 0.0 and (transition.high, transition.low) not in self._downwards:
            yield reverse_of(process, transition.weights, process.target), share

    def _share_of(self, process: Process, fraction: float) -> float:
        """Share of the gas in the level that a process starts from, which is no transition."""
        lower = process.traits.lower
        if not lower:
            return fraction
        for group, shares in self._shares.items():
            if level_in(group, lower) in shares.relative:
                return self._share(shares, level_in(group, lower), fraction)
        if lower in GROUND.values():
            return fraction
        raise ValueError(f"process {process.name!r}: {self._unknown(lower)}")

    def _unknown(self, level: str) -> str:
        """That nothing gives the population of a level."""
        return (
            f"nothing gives the population of the level {level} of {self._species}; expected a "
            "transition that leads to it, or its processes in gas.exclude"
        )

    def _share(self, shares: _Shares, level: str, fraction: float) -> float:
        """Share of the gas that is in a level of a ladder."""
        parent = shares.ladder.parent
        if parent:
            around = self._shares.get(("vibrational", ""))
            name = level_in(("vibrational", ""), parent)
            if around is not None and name in around.relative:
                fraction = self._share(around, name, fraction)
            elif name:
                raise ValueError(self._unknown(parent))
        return fraction * shares.ground * shares.relative[level]


def reverse_of(process: Process, weights: float, target: str) -> Process:
    """The reverse of an excitation, by detailed balance.

    sigma(e) = (g_lower / g_upper) (e + D) / e sigma_excitation(e + D)  (Klein and Rosseland, 1921).

    Parameters
    ----------
    process : Process
        The excitation.
    weights : float
        Statistical weight of the upper level over that of the lower one.
    target : str
        Species that the electron hits in the upper level.
    """
    gap = process.threshold
    energies = process.energy[process.energy > gap] - gap
    # By the factor (e + D) / e it is curved where the table of the excitation is linear.
    energy, sigma = adaptive_grid(
        lambda e: cross_section_at(process, e + gap) * (e + gap) / e / weights,
        energies,
        LOWEST_ENERGY * gap,
        float(energies[-1]),
    )
    # Constant below the first point: towards zero energy the cross section may grow without
    # limit, the collision frequency does not.
    energy = np.concatenate([[0.0], energy])
    sigma = np.concatenate([sigma[:1], sigma])
    traits = replace(
        process.traits,
        statistical_weight_ratio=None,
        lower=process.traits.upper if target == process.target else "",
        upper=process.traits.lower if target == process.target else process.target,
    )
    name = f"{process.name} superelastic"
    return Process(
        process.kind,
        name,
        target,
        -gap,
        process.mass_ratio,
        energy,
        sigma,
        traits,
        process.provenance,
    )
