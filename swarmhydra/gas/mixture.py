"""From the gas of a config to one list of collision processes with their shares."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import constants

from swarmhydra.config import ComponentConfig, GasConfig, ProcessConfig
from swarmhydra.gas.formulas import FORMULAS, FormulaSet
from swarmhydra.gas.processes import AngularTable, Kind, Process, Traits, from_table

FloatArray = NDArray[np.float64]

_ELECTRON_MASS_U = constants.value("electron mass in u")

# Processes without loss first, those that change the number of electrons last.
_RANK = {
    Kind.ELASTIC: 0,
    Kind.EXCITATION: 1,
    Kind.ROTATION: 1,
    Kind.IONIZATION: 2,
    Kind.ATTACHMENT: 3,
}


@dataclass(frozen=True, eq=False)
class Mixture:
    """All collision processes of a gas.

    Attributes
    ----------
    name : str
        Name of the gas.
    citation : str
        Where the cross sections come from.
    processes : tuple of Process, length P
        Elastic processes first, then excitation and rotation, ionization, attachment; within a
        kind in the order of the components. Cross sections are those of the pure species.
    fraction : ndarray, shape (P,)
        Share of all gas particles that are targets of each process.
    energy_max : float
        Top of the cross-section tables of formulas (eV); above its last point a table is held.
    extra : tuple of Process, length E
        Processes that electrons do not notice, but whose rates are wanted.
    extra_fraction : ndarray, shape (E,)
        Share of all gas particles that are targets of each of them.
    """

    name: str
    citation: str
    processes: tuple[Process, ...]
    fraction: FloatArray
    energy_max: float
    extra: tuple[Process, ...]
    extra_fraction: FloatArray


def build(gas: GasConfig) -> Mixture:
    """Assemble the processes of all components of a gas.

    Components with fraction zero are left out.

    Parameters
    ----------
    gas : GasConfig
        The gas; parameters of a component prevail over those of the gas.

    Returns
    -------
    Mixture
        The processes with their fractions.

    Raises
    ------
    ValueError
        If a formula or parameter is unknown, a table is not usable, or no process is elastic.
    """
    _check_formulas(gas)
    used = {name: each for name, each in gas.components.items() if each.fraction > 0.0}
    pairs = [
        (process, component.fraction)
        for name, component in used.items()
        for process in _processes(gas, name, component)
    ]
    pairs.sort(key=lambda pair: _RANK[pair[0].kind])
    if not pairs or pairs[0][0].kind is not Kind.ELASTIC:
        raise ValueError(
            f"gas.components={', '.join(used) or 'none'}: at least one process must be ELASTIC"
        )
    processes = tuple(process for process, _ in pairs)
    fraction = np.array([share for _, share in pairs])
    fraction.setflags(write=False)
    extra = [
        (process, component.fraction)
        for name, component in used.items()
        for process in _extra(name, component, pairs)
    ]
    citation = gas.citation or "; ".join(each.citation for each in _formulas(used))
    return Mixture(
        gas.name,
        citation,
        processes,
        fraction,
        gas.energy_max,
        tuple(process for process, _ in extra),
        np.array([share for _, share in extra]),
    )


def _check_formulas(gas: GasConfig) -> None:
    """Refuse unknown formulas, and parameters of the gas that no formula of it knows."""
    for name, component in gas.components.items():
        if component.formula is not None and component.formula not in FORMULAS:
            raise ValueError(
                f"gas.components.{name}.formula={component.formula}: "
                f"must be one of {', '.join(FORMULAS)}"
            )
    known = {key for formula in _formulas(gas.components) for key in formula.parameters}
    for key, value in gas.parameters.items():
        if key not in known:
            raise ValueError(
                f"gas.parameters.{key}={value}: the formulas of this gas know "
                f"{', '.join(sorted(known)) or 'no parameters'}"
            )


def _formulas(components: dict[str, ComponentConfig]) -> Iterator[FormulaSet]:
    """The distinct formulas of some components."""
    return (
        FORMULAS[name] for name in dict.fromkeys(c.formula for c in components.values()) if name
    )


def _processes(gas: GasConfig, name: str, component: ComponentConfig) -> tuple[Process, ...]:
    """The processes of one component, from its formula or from its tables."""
    if component.formula is None:
        return _from_tables(name, component)
    formula = FORMULAS[component.formula]
    own = formula.checked(component.parameters, f"gas.components.{name}.parameters")
    shared = {key: value for key, value in gas.parameters.items() if key in formula.parameters}
    return formula.processes(gas.energy_max, {**shared, **own}, name)


def _from_tables(name: str, component: ComponentConfig) -> tuple[Process, ...]:
    """The processes of a component whose tables stand in the config."""
    key = f"gas.components.{name}"
    if component.mass is None or not component.mass > 0.0:
        raise ValueError(f"{key}.mass={component.mass}: must be above 0 (u)")
    mass_ratio = _ELECTRON_MASS_U / component.mass
    return _typed_processes(f"{key}.processes", name, mass_ratio, component.processes)


def _extra(
    name: str, component: ComponentConfig, pairs: list[tuple[Process, float]]
) -> tuple[Process, ...]:
    """The processes of a component that electrons do not notice."""
    mass_ratio = next(process.mass_ratio for process, _ in pairs if process.target == name)
    key = f"gas.components.{name}.extra_processes"
    return _typed_processes(key, name, mass_ratio, component.extra_processes)


def _typed_processes(
    key: str, name: str, mass_ratio: float, tables: list[ProcessConfig]
) -> tuple[Process, ...]:
    """Processes whose tables stand in the config."""
    processes = []
    for index, table in enumerate(tables):
        here = f"{key}[{index}]"
        if table.kind not in _RANK:
            raise ValueError(f"{here}.kind={table.kind}: must be one of {', '.join(_RANK)}")
        try:
            process = from_table(
                Kind(table.kind),
                table.name,
                name,
                table.threshold,
                mass_ratio,
                table.energies,
                table.cross_sections,
                _traits(table),
            )
        except ValueError as error:
            raise ValueError(f"{here}: {error}") from error
        processes.append(process)
    return tuple(processes)


def _traits(table: ProcessConfig) -> Traits:
    """What a process does besides having a cross section."""
    return Traits(
        momentum_transfer=table.momentum_transfer,
        angular_model=table.angular_model or "",
        angular_parameter=table.angular_parameter,
        angular_table=_angular_table(table),
        sharing_width=table.sharing_width,
        statistical_weight_ratio=table.statistical_weight_ratio,
    )


def _angular_table(table: ProcessConfig) -> AngularTable | None:
    """The differential cross section of a process, if it has one."""
    given = table.angular_table
    if given is None:
        return None
    return AngularTable(np.array(given.energies), np.array(given.angles), np.array(given.values))
