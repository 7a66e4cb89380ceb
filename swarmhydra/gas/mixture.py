"""From the gas of a config to one list of collision processes with their shares."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np
from scipy import constants

from swarmhydra.config import ComponentConfig, GasConfig, ProcessConfig, files_of
from swarmhydra.gas import files
from swarmhydra.gas.extrapolation import extended
from swarmhydra.gas.files import Species
from swarmhydra.gas.formulas import FORMULAS, FormulaSet
from swarmhydra.gas.processes import AngularTable, Kind, Process, Traits, from_table
from swarmhydra.gas.tables import TableError, TableFile
from swarmhydra.kernels.arrays import FloatArray

_ELECTRON_MASS_U = constants.value("electron mass in u")

REMEMBERED = 8
"""Mixtures that are kept, for sweeps."""

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
    sources = _Sources(gas)
    used = {name: each for name, each in sources.components().items() if each.fraction > 0.0}
    parts = {name: sources.part(name, component) for name, component in used.items()}
    pairs = [
        (process, used[name].fraction) for name, part in parts.items() for process in part.processes
    ]
    pairs.sort(key=lambda pair: _RANK[pair[0].kind])
    if not pairs or pairs[0][0].kind is not Kind.ELASTIC:
        raise ValueError(
            f"gas.components={', '.join(used) or 'none'}: at least one process must be ELASTIC"
        )
    extra = [
        (process, component.fraction)
        for name, component in used.items()
        for process in _extra(name, component, pairs)
    ]
    published = dict.fromkeys(part.citation for part in parts.values() if part.citation)
    return Mixture(
        name=gas.name,
        citation=gas.citation or "; ".join(published),
        processes=tuple(process for process, _ in pairs),
        fraction=_shares(pairs),
        energy_max=gas.energy_max,
        extra=tuple(process for process, _ in extra),
        extra_fraction=_shares(extra),
        warnings=(*(w for part in parts.values() for w in part.warnings), *sources.unused(used)),
        tables_end=min(part.tables_end for part in parts.values()),
        extrapolation=gas.extrapolation,
    )


def _shares(pairs: list[tuple[Process, float]]) -> FloatArray:
    """The fractions, which nobody may change."""
    fraction = np.array([share for _, share in pairs])
    fraction.setflags(write=False)
    return fraction


class _Sources:
    """Where the processes of the components are from; files are read once."""

    def __init__(self, gas: GasConfig) -> None:
        self._gas = gas
        self._read: dict[str, TableFile] = {}

    def components(self) -> dict[str, ComponentConfig]:
        """The components, or those that species and fractions of files stand for."""
        gas = self._gas
        if gas.components:
            return gas.components
        names = gas.species or self._only_species()
        shares = gas.fractions or [1.0]
        return {
            name: ComponentConfig(fraction=share) for name, share in zip(names, shares, strict=True)
        }

    def part(self, name: str, component: ComponentConfig) -> Species:
        """The processes of one component."""
        if component.formula is not None:
            return self._from_formula(name, component)
        if component.processes:
            return self._from_config(name, component)
        target = component.species or name
        key = f"gas.components.{name}"
        try:
            found = files.species_of(self._files(component), target, component.database)
            ratio = _mass_ratio(component)
            integral = component.elastic_is_integral
            return files.species(
                found,
                name,
                ratio,
                self._gas.energy_max,
                self._gas.extrapolation,
                integral=self._gas.elastic_is_integral if integral is None else integral,
            )
        except TableError:
            raise
        except ValueError as error:
            raise ValueError(f"{key}.species={target}: {error}") from error

    def unused(self, used: dict[str, ComponentConfig]) -> Iterator[str]:
        """Processes of excited molecules, which no component takes."""
        taken = {component.species or name for name, component in used.items()}
        for file in self._read.values():
            left = {t.target for t in file.tables} - taken - set(file.species)
            if left:
                yield f"{file.path}: processes of {', '.join(sorted(left))} are not used"

    def _only_species(self) -> list[str]:
        """The species of the files, if there is one."""
        held = [name for path in self._gas.files for name in self._file(path).species]
        names = list(dict.fromkeys(held))
        if len(names) != 1:
            raise ValueError(
                f"gas.species=[]: the files hold {', '.join(names) or 'no elastic process'}; "
                "expected a list of them, with as many gas.fractions"
            )
        return names

    def _files(self, component: ComponentConfig) -> list[TableFile]:
        """The files that a component may be in."""
        paths = self._gas.files if component.file is None else [component.file]
        return [self._file(path) for path in paths]

    def _file(self, path: str) -> TableFile:
        """A file, read once."""
        if path not in self._read:
            self._read[path] = files.read(path)
        return self._read[path]

    def _from_formula(self, name: str, component: ComponentConfig) -> Species:
        """A published set."""
        gas = self._gas
        formula = FORMULAS[component.formula or ""]
        own = formula.checked(component.parameters, f"gas.components.{name}.parameters")
        shared = {key: value for key, value in gas.parameters.items() if key in formula.parameters}
        processes = formula.processes(gas.energy_max, {**shared, **own}, name)
        cited = tuple(replace(process, provenance=formula.citation) for process in processes)
        return Species(cited, formula.citation, (), (math.inf, ""))

    def _from_config(self, name: str, component: ComponentConfig) -> Species:
        """Tables that stand in the config."""
        gas = self._gas
        ratio = _mass_ratio(component)
        if ratio is None:
            raise ValueError(f"gas.components.{name}.mass={component.mass}: must be above 0 (u)")
        key = f"gas.components.{name}.processes"
        given = _typed_processes(key, name, ratio, component.processes)
        return Species(
            tuple(extended(process, gas.energy_max, gas.extrapolation) for process in given),
            "",
            tuple(_below_threshold(key, component.processes)),
            files.lowest_end(given),
        )


def _mass_ratio(component: ComponentConfig) -> float | None:
    """Electron mass over the mass that the config gives a component."""
    mass = component.mass
    return _ELECTRON_MASS_U / mass if mass is not None and mass > 0.0 else None


def _below_threshold(key: str, tables: list[ProcessConfig]) -> Iterator[str]:
    """Warnings about values that a threshold cuts off."""
    for index, table in enumerate(tables):
        pairs = zip(table.energies, table.cross_sections, strict=True)
        cut = sum(energy < table.threshold and value > 0.0 for energy, value in pairs)
        if cut:
            yield (
                f"{key}[{index}]: {cut} values below the threshold of {table.threshold:g} eV are "
                "set to zero"
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
