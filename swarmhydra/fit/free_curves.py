"""Multiplicative corrections of cross sections: the unknowns of a fit."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from swarmhydra.boltzmann.collision_model import CollisionModel
from swarmhydra.config import ConfigError
from swarmhydra.fit.settings import ParameterConfig
from swarmhydra.kernels.arrays import FloatArray

STEPS = 8
"""Nodes that a table gets between two energies with a factor, at least."""


@dataclass(frozen=True)
class Factor:
    """One unknown: the factor of a cross section, at all energies or at one of several.

    Attributes
    ----------
    name : str
        Of the process, with the energy where there are several.
    process : int
    energies : ndarray, shape (n,)
        All energies of this cross section at which there are factors (eV); empty for one factor.
    number : int
        Which of them it is.
    prior : float or None
        Standard uncertainty of its logarithm.
    """

    name: str
    process: int
    energies: FloatArray
    number: int
    prior: float | None

    def share(self, energy: FloatArray) -> FloatArray:
        """Derivative of the logarithm of the cross section by that of the factor."""
        if not self.energies.size:
            return np.ones(energy.shape)
        place = np.log(np.maximum(energy, 1e-300))
        peak = np.eye(self.energies.size)[self.number]
        return np.asarray(np.interp(place, np.log(self.energies), peak))


def factors_of(parameters: Sequence[ParameterConfig], processes: Sequence[str]) -> list[Factor]:
    """All unknowns.

    Raises
    ------
    ConfigError
        If there is no process with a name, or it is named twice.
    """
    factors: list[Factor] = []
    for index, parameter in enumerate(parameters):
        if parameter.process not in processes:
            raise ConfigError(
                f"parameters[{index}].process={parameter.process}: expected one of "
                f"{', '.join(processes)}"
            )
        process = processes.index(parameter.process)
        if any(each.process == process for each in factors):
            raise ConfigError(
                f"parameters[{index}].process={parameter.process}: expected each process once"
            )
        energies = np.array(parameter.energies)
        names = [f"{parameter.process} at {energy:g} eV" for energy in energies]
        factors += [
            Factor(name, process, energies, number, parameter.prior)
            for number, name in enumerate(names or [parameter.process])
        ]
    return factors


def refined(model: CollisionModel, factors: Sequence[Factor]) -> CollisionModel:
    """The same gas, with nodes at and between the energies that have factors."""
    node, table = model.tables.node, model.tables.table
    energies = [node]
    for factor in factors:
        place = np.log(factor.energies)
        steps = np.arange(STEPS * max(place.size - 1, 0) + 1) / STEPS
        if place.size:
            energies.append(np.exp(np.interp(steps, np.arange(place.size), place)))
    nodes = np.unique(np.concatenate(energies))
    nodes = nodes[nodes <= node[-1]]
    columns = [np.interp(nodes, node, column) for column in table.T]
    return replace(model, tables=model.tables._replace(node=nodes, table=np.stack(columns, axis=1)))


def changed(
    model: CollisionModel, factors: Sequence[Factor], logarithm: FloatArray
) -> CollisionModel:
    """The gas with factors, given their logarithms, on its cross sections."""
    table = model.tables.table.copy()
    for factor, value in zip(factors, logarithm, strict=True):
        table[:, factor.process] *= np.exp(value * factor.share(model.tables.node))
    return replace(model, tables=model.tables._replace(table=table))


def part(model: CollisionModel, factor: Factor) -> CollisionModel:
    """Change of the gas with a factor: d(sigma)/d(ln factor) in place of its cross section."""
    table = model.tables.table.copy()
    table[:, factor.process] *= factor.share(model.tables.node)
    return replace(model, tables=model.tables._replace(table=table))
