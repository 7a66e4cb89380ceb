"""From the gas of a config to one list of collision processes with their shares."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from swarmhydra.config import ComponentConfig, GasConfig, files_of
from swarmhydra.gas import files
from swarmhydra.gas.components import Sources
from swarmhydra.gas.file_components import ROOM_TEMPERATURE
from swarmhydra.gas.formula_set import FormulaSet
from swarmhydra.gas.formulas import FORMULAS
from swarmhydra.gas.level_file import level_statements
from swarmhydra.gas.level_populations import Level, Temperatures
from swarmhydra.gas.level_shares import LevelShares
from swarmhydra.gas.processes import Kind, Process
from swarmhydra.gas.typed_tables import typed_processes
from swarmhydra.kernels.arrays import FloatArray

REMEMBERED = 8
"""Mixtures that are kept, for sweeps."""

_ANY_TEMPERATURES = Temperatures(ROOM_TEMPERATURE, ROOM_TEMPERATURE, ROOM_TEMPERATURE)
"""Temperatures at which levels are checked before a run."""

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
    warnings : tuple of str
        What a user must know about the cross sections.
    tables_end : tuple of (float, str)
        Lowest energy (eV) at which a table of `processes` that is no formula ends, as it was given,
        and the name of that process.
    extrapolation : str
        What holds from there up to `energy_max`, see `GasConfig`.
    levels : mapping of str to mapping of str to Level
        What a user states about the levels of each species.
    components : mapping of str to float
        Share of all gas particles of each component that is in the gas.
    """

    name: str
    citation: str
    processes: tuple[Process, ...]
    fraction: FloatArray
    energy_max: float
    extra: tuple[Process, ...]
    extra_fraction: FloatArray
    warnings: tuple[str, ...] = ()
    tables_end: tuple[float, str] = (math.inf, "")
    extrapolation: str = "hold"
    levels: Mapping[str, Mapping[str, Level]] = field(default_factory=dict)
    components: Mapping[str, float] = field(default_factory=dict)


def build(gas: GasConfig) -> Mixture:
    """Assemble the processes of all components of a gas.

    Components with fraction zero are left out. A gas that was built before, from files that have
    not changed since, is not built again.

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
        If a formula or parameter is unknown, a file or table is not usable, or no process is
        elastic.
    """
    return _built(_key(gas))


@dataclass(frozen=True)
class _Key:
    """What a mixture depends on: all settings of the gas, and the contents of its files."""

    settings: str
    contents: tuple[str, ...]
    gas: GasConfig = field(compare=False)


def _key(gas: GasConfig) -> _Key:
    """The key of a gas as it is now."""
    return _Key(repr(gas), tuple(files.stamp(path) for path in files_of(gas)), gas)


@lru_cache(maxsize=REMEMBERED)
def _built(key: _Key) -> Mixture:
    """The mixture of a gas."""
    gas = key.gas
    _check_formulas(gas)
    levels = level_statements(gas)
    sources = Sources(gas, levels)
    components = sources.components
    parts = {name: sources.part(name) for name in components}
    pairs = [
        (process, components[name].share)
        for name, part in parts.items()
        for process in part.processes
    ]
    pairs.sort(key=lambda pair: _RANK[pair[0].kind])
    if not pairs or pairs[0][0].kind is not Kind.ELASTIC:
        raise ValueError(
            f"gas.components={', '.join(components) or 'none'}: at least one process must be "
            "ELASTIC"
        )
    sources.choice.check(process.name for process, _ in pairs)
    extra = [
        (process, component.share)
        for name, component in components.items()
        for process in _extra(name, component, pairs)
    ]
    # What the gas cites may be one of several components, so each is cited, too.
    published = dict.fromkeys([gas.citation, *(part.citation for part in parts.values())])
    warnings = [warning for part in parts.values() for warning in part.warnings]
    warnings += sources.unused()
    for name, part in parts.items():
        own = [each for each in part.processes if each.traits.upper not in components]
        shares = LevelShares(name, own, levels.get(name, {}), _ANY_TEMPERATURES)
        warnings += shares.warnings
        for process in own:
            # Refuses a process from a level of which the population is not known.
            next(shares.meets(process, 1.0), None)
    return Mixture(
        name=gas.name,
        citation="; ".join(filter(None, published)),
        processes=tuple(process for process, _ in pairs),
        fraction=_shares(pairs),
        energy_max=gas.energy_max,
        extra=tuple(process for process, _ in extra),
        extra_fraction=_shares(extra),
        warnings=tuple(dict.fromkeys(warnings)),
        tables_end=min(part.tables_end for part in parts.values()),
        extrapolation=gas.extrapolation,
        levels=levels,
        components={name: component.share for name, component in components.items()},
    )


def _shares(pairs: list[tuple[Process, float]]) -> FloatArray:
    """The fractions, read-only."""
    fraction = np.array([share for _, share in pairs])
    fraction.setflags(write=False)
    return fraction


def _check_formulas(gas: GasConfig) -> None:
    """Refuse unknown formulas, and parameters of the gas that no formula of it knows."""
    for name, component in gas.components.items():
        if component.formula is not None and component.formula not in FORMULAS:
            raise ValueError(
                f"gas.components.{name}.formula={component.formula}: "
                f"must be one of {', '.join(FORMULAS)}"
            )
    names = {key for formula in _formulas(gas.components) for key in formula.parameters}
    for key, value in gas.parameters.items():
        if key not in names:
            raise ValueError(
                f"gas.parameters.{key}={value}: the formulas of this gas know "
                f"{', '.join(sorted(names)) or 'no parameters'}"
            )


def _formulas(components: dict[str, ComponentConfig]) -> Iterator[FormulaSet]:
    """The distinct formulas of some components."""
    return (
        FORMULAS[name] for name in dict.fromkeys(c.formula for c in components.values()) if name
    )


def _extra(
    name: str, component: ComponentConfig, pairs: list[tuple[Process, float]]
) -> tuple[Process, ...]:
    """The processes of a component that electrons do not notice."""
    mass_ratio = next(process.mass_ratio for process, _ in pairs if process.target == name)
    key = f"gas.components.{name}.extra_processes"
    return typed_processes(key, name, mass_ratio, component.extra_processes)
