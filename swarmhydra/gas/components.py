"""Where the processes of the components of a gas come from: formulas, the config, files."""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from swarmhydra.config import ComponentConfig, GasConfig, with_rest
from swarmhydra.gas import files
from swarmhydra.gas.choice import Choice
from swarmhydra.gas.extrapolation import extended
from swarmhydra.gas.file_components import FileComponents, mass_ratio
from swarmhydra.gas.files import Species
from swarmhydra.gas.formulas import FORMULAS
from swarmhydra.gas.level_populations import Level
from swarmhydra.gas.processes import Kind, Process
from swarmhydra.gas.tables import TableError, TableFile
from swarmhydra.gas.typed_tables import below_threshold, typed_processes


class Sources:
    """The components of a gas and what they are made of; files are read once.

    Parameters
    ----------
    gas : GasConfig
        The gas.
    levels : mapping of str to mapping of str to Level
        What a user states about the levels of each component.
    """

    def __init__(self, gas: GasConfig, levels: Mapping[str, Mapping[str, Level]]) -> None:
        self._gas = gas
        self._read: dict[str, TableFile] = {}
        self.choice = Choice(gas)
        self.components = self._all_components()
        self._from_files = FileComponents(gas, self.choice, levels, self.components)

    def part(self, name: str) -> Species:
        """The processes of a component.

        Raises
        ------
        ValueError
            If they are unknown, incomplete or not usable; names the setting, or file and line.
        """
        component = self.components[name]
        if component.formula is not None:
            return self._from_formula(name, component)
        if component.processes:
            return self._from_config(name, component)
        target = component.species or name
        try:
            return self._from_files.component(name, component, self._files(component))
        except TableError:
            raise
        except ValueError as error:
            raise ValueError(f"gas.components.{name}.species={target}: {error}") from error

    def unused(self) -> Iterator[str]:
        """Processes of excited molecules, which no component takes."""
        targets = set(self._species().values()) | self._from_files.ladder_targets
        for file in self._read.values():
            others = {t.target for t in file.tables} - targets - set(file.species)
            if others:
                yield f"{file.path}: processes of {', '.join(sorted(others))} are not used"

    def _all_components(self) -> dict[str, ComponentConfig]:
        """The components that are in the gas, or those that species and fractions stand for."""
        gas = self._gas
        components = with_rest(gas)
        if not components:
            names = gas.species or self._only_species()
            shares = gas.fractions or [1.0]
            components = {
                name: ComponentConfig(fraction=share)
                for name, share in zip(names, shares, strict=True)
            }
        total = math.fsum(each.share for each in components.values()) if gas.normalise else 1.0
        return {
            name: replace(each, fraction=each.share / total)
            for name, each in components.items()
            if each.share > 0.0
        }

    def _species(self) -> dict[str, str]:
        """What the files call each component."""
        return {name: each.species or name for name, each in self.components.items()}

    def _only_species(self) -> list[str]:
        """The species of the files, if there is one."""
        every_name = [name for path in self._gas.files for name in self._file(path).species]
        names = list(dict.fromkeys(every_name))
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
        parameters = {
            key: value for key, value in gas.parameters.items() if key in formula.parameters
        }
        processes = formula.processes(gas.energy_max, {**parameters, **own}, name)
        selection = self._chosen(replace(each, provenance=formula.citation) for each in processes)
        return Species(selection, formula.citation, (), (math.inf, ""))

    def _from_config(self, name: str, component: ComponentConfig) -> Species:
        """Tables that stand in the config."""
        gas = self._gas
        ratio = mass_ratio(component)
        if ratio is None:
            raise ValueError(f"gas.components.{name}.mass={component.mass}: must be above 0 (u)")
        key = f"gas.components.{name}.processes"
        processes = self._chosen(typed_processes(key, name, ratio, component.processes))
        return Species(
            tuple(extended(process, gas.energy_max, gas.extrapolation) for process in processes),
            "",
            tuple(below_threshold(key, component.processes)),
            files.lowest_end(processes),
        )

    def _chosen(self, processes: Iterable[Process]) -> tuple[Process, ...]:
        """Those processes that the patterns of the gas let through."""
        return tuple(
            each
            for each in processes
            if self.choice.takes(each.name, "", momentum=each.kind is Kind.ELASTIC)
        )
