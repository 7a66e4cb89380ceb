"""Populations of the levels of a species: ladders, built from the transitions between levels.

The levels of a ladder are connected by transitions, which give the differences of their energies
and the ratios of their statistical weights. A species has a ladder of rotational levels (within
each vibrational level whose rotational ones a file names) and one of all others; each adds up to
the whole species, so that transitions of one ladder hit molecules in all levels of the other.
"""

from dataclasses import dataclass, field

import numpy as np
from scipy import constants

from swarmhydra.gas.levels import is_numbered, quantum_numbers
from swarmhydra.gas.processes import Process


@dataclass(frozen=True)
class Level:
    """What a user states about a level; None where it follows from the transitions.

    Attributes
    ----------
    energy : float or None
        Above the ground state (eV).
    weight : float or None
        Statistical weight, in the scale in which the ground state has 1 unless it is given too.
    population : float or None
        Relative to the other levels of the ladder that are given one; those without are empty.
    """

    energy: float | None = None
    weight: float | None = None
    population: float | None = None


@dataclass(frozen=True)
class Temperatures:
    """What the populations follow.

    Attributes
    ----------
    gas, vibrational, rotational : float
        Temperatures (K) of the motion of the molecules, of the levels of EXCITATION processes and
        of those of ROTATION processes.
    electronic : float or None
        That of the levels of EXCITATION processes that have no vibrational number; None takes the
        vibrational one.
    treanor : bool
        Whether levels with a vibrational number follow Treanor's distribution, not Boltzmann's.
    """

    gas: float
    vibrational: float
    rotational: float
    electronic: float | None = None
    treanor: bool = False


@dataclass(frozen=True)
class Transition:
    """A transition between two levels of a ladder.

    Attributes
    ----------
    process : Process
        It goes up, or down if it gives energy.
    low, high : str
        The levels, ordered by energy.
    gap : float
        Difference of their energies (eV).
    weights : float
        Statistical weight of the upper level over that of the lower one.
    """

    process: Process
    low: str
    high: str
    gap: float
    weights: float


@dataclass(frozen=True)
class Ladder:
    """Levels that are in equilibrium with each other.

    Attributes
    ----------
    manifold : str
        ``rotational`` or ``vibrational``; the latter has the electronic levels as well.
    parent : str
        Level within which those of this ladder are; empty for the whole species.
    transitions : tuple of Transition
        Those between its levels, in the order of the processes.
    energy, weight : dict of str to float
        Energy (eV) and statistical weight of each level.
    population : dict of str to float
        Given populations; empty where a law gives them.
    warnings : tuple of str
        Contradictions between the transitions, and what was assumed.
    """

    manifold: str
    parent: str
    transitions: tuple[Transition, ...]
    energy: dict[str, float]
    weight: dict[str, float]
    population: dict[str, float] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    def relative(self, temperatures: Temperatures) -> dict[str, float]:
        """Populations of the levels relative to the lowest one.

        Boltzmann's are g exp(-E / kT); those of Treanor, Rich and Rehm (1968) for the vibrational
        number v are g exp(-v E_1 / kT_v + (v E_1 - E_v) / kT), with T the temperature of the gas.
        """
        if self.population:
            return {name: self.population.get(name, 0.0) for name in self.energy}
        occupied = [name for name, weight in self.weight.items() if weight > 0.0]
        if not occupied:
            return dict.fromkeys(self.energy, 0.0)
        lowest = min(occupied, key=self.energy.__getitem__)
        return {
            name: 1.0 if name == lowest else self._relative_to(lowest, name, temperatures)
            for name in self.energy
        }

    def _relative_to(self, lowest: str, name: str, temperatures: Temperatures) -> float:
        """The population of a level over that of the lowest one."""
        gap = self.energy[name] - self.energy[lowest]
        weights = self.weight[name] / self.weight[lowest]
        kelvin = temperatures.rotational
        if self.manifold == "vibrational":
            kelvin = temperatures.vibrational
            number = quantum_numbers([name]).get(name)
            if not is_numbered(name) and temperatures.electronic is not None:
                kelvin = temperatures.electronic
            elif number is not None and temperatures.treanor and "v=1" in self.energy:
                quanta = number * (self.energy["v=1"] - self.energy[lowest])
                pumped = _boltzmann(weights, quanta, kelvin)
                return pumped * _boltzmann(1.0, gap - quanta, temperatures.gas)
        return _boltzmann(weights, gap, kelvin)


def _boltzmann(weights: float, gap: float, kelvin: float) -> float:
    """Population of a level over that of one a gap (eV) below, by Boltzmann's law."""
    if kelvin == 0.0:
        return 0.0 if gap > 0.0 else weights
    energy = gap * constants.elementary_charge
    return float(weights * np.exp(-energy / (constants.Boltzmann * kelvin)))
