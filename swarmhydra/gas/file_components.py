"""Components of a gas whose cross sections are read from files."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from scipy import constants

from swarmhydra.config import ComponentConfig, GasConfig
from swarmhydra.gas import files
from swarmhydra.gas.checks import SourcedTable
from swarmhydra.gas.choice import MOMENTUM, Choice, ladder_tables
from swarmhydra.gas.effective import without_transitions
from swarmhydra.gas.files import Species
from swarmhydra.gas.level_populations import Level, Temperatures
from swarmhydra.gas.level_shares import LevelShares
from swarmhydra.gas.levels import levels_of, split
from swarmhydra.gas.processes import Kind, Process
from swarmhydra.gas.tables import Table, TableFile, ThreeBody

_ELECTRON_MASS_U = constants.value("electron mass in u")

ROOM_TEMPERATURE = 300.0
"""Temperature (K) of the levels when an effective cross section was determined, from which their
transitions are subtracted; LoKI-B assumes the same (A. Tejero-del-Caz et al., Plasma Sources Sci.
Technol. 28 (2019) 043001)."""


def mass_ratio(component: ComponentConfig) -> float | None:
    """Electron mass over the mass (u) that the config gives a component; None if it gives none."""
    mass = component.mass
    return _ELECTRON_MASS_U / mass if mass is not None and mass > 0.0 else None


class FileComponents:
    """What the components of a gas are made of that are read from files.

    Parameters
    ----------
    gas : GasConfig
        The gas.
    choice : Choice
        Which tables it takes.
    levels : mapping of str to mapping of str to Level
        What a user states about the levels of each component.
    components : mapping of str to ComponentConfig
        All components.

    Attributes
    ----------
    joined : set of str
        Targets in the files whose processes were taken for another species.
    """

    def __init__(
        self,
        gas: GasConfig,
        choice: Choice,
        levels: Mapping[str, Mapping[str, Level]],
        components: Mapping[str, ComponentConfig],
    ) -> None:
        self._gas = gas
        self._choice = choice
        self._levels = levels
        self._shares = {each.species or name: each.share for name, each in components.items()}
        self._names = {each.species or name: name for name, each in components.items()}
        self._states = {split(species): name for species, name in self._names.items()}
        self.ladder_targets: set[str] = set()

    def component(
        self, name: str, component: ComponentConfig, sources: Sequence[TableFile]
    ) -> Species:
        """The processes of a component.

        Parameters
        ----------
        name : str
            What it is called.
        component : ComponentConfig
            Its settings.
        sources : sequence of TableFile
            The files that it may be in.

        Raises
        ------
        ValueError
            If they are not complete, or a setting must choose; names file and line, or the setting.
        """
        target = component.species or name
        database = component.database or self._gas.database
        own = files.species_of(sources, target, database)
        ladder = [
            each
            for each in ladder_tables(sources, target, self._names)
            if database in (None, each[1].database)
        ]
        self.ladder_targets |= {table.target for _, table in ladder}
        notes = [
            f"{path}: the processes of {other} are taken as transitions between levels of {target}"
            for path, other in dict.fromkeys((file.path, table.target) for file, table in ladder)
        ]
        # Under one name, equal tables of the two are recognised.
        own += [(f, replace(t, target=target) if t.transition else t) for f, t in ladder]
        tables = self._choice.of(own, name)
        ground = split(target)[0]
        lends = ground != target and any(ground in file.species for file in sources)
        if not lends or any(table.kind in MOMENTUM for _, table in tables):
            result = self._made(name, component, tables)
        else:
            ground_processes = self.component(
                ground, replace(component, species=ground), sources
            ).processes
            elastic = next(each for each in ground_processes if each.kind is Kind.ELASTIC)
            result = self._with_elastic(elastic, name, component, tables)
            notes.append(
                f"{target} has no elastic cross section; that of {ground} is taken "
                f"({elastic.provenance})"
            )
        bodies = {files.provenance(*each): each[1].three_body for each in own}
        notes += [
            f"{file.path}, line {table.line}: {table.label} is proportional to the number density "
            f"of {table.three_body.third_body or 'the gas'} ({table.three_body.reason[:80]})"
            for file, table in own
            if table.three_body is not None
        ]
        processes = tuple(
            self._with_third_body(process, bodies.get(process.provenance))
            for process in result.processes
        )
        return replace(result, processes=processes, warnings=(*notes, *result.warnings))

    def _with_elastic(
        self,
        elastic: Process,
        name: str,
        component: ComponentConfig,
        tables: Sequence[SourcedTable],
    ) -> Species:
        """A species that has no elastic process, with that of its ground state."""
        file, first = tables[0]
        place = Table(
            kind=Kind.ELASTIC,
            target=first.target,
            product="",
            threshold=0.0,
            mass_ratio=elastic.mass_ratio,
            statistical_weight_ratio=None,
            energy=elastic.energy,
            cross_section=elastic.cross_section,
            line=0,
        )
        result = self._made(name, component, [(file, place), *tables])
        processes = tuple(
            replace(elastic, name=each.name, target=name) if each.kind is Kind.ELASTIC else each
            for each in result.processes
        )
        return replace(result, processes=processes)

    def _made(
        self, name: str, component: ComponentConfig, tables: Sequence[SourcedTable]
    ) -> Species:
        """The processes of some tables, those from excited levels behind all others."""
        target = component.species or name
        usual = [each for each in tables if not self._is_excited(each[1], target)]
        excited = [each for each in tables if self._is_excited(each[1], target)]
        species = self._converted(name, component, usual)
        processes = list(species.processes)
        if excited:
            momentum = next(each for each in usual if each[1].kind in MOMENTUM)
            place = (momentum[0], replace(momentum[1], kind=Kind.ELASTIC))
            more = self._converted(name, component, [place, *excited])
            species = replace(
                species,
                warnings=tuple(dict.fromkeys((*species.warnings, *more.warnings))),
                tables_end=min(species.tables_end, more.tables_end),
            )
            processes += [each for each in more.processes if each.kind is not Kind.ELASTIC]
        by_origin = {files.provenance(*each): each[1] for each in tables}
        processes = [self._with_levels(p, target, by_origin) for p in processes]
        if excited and momentum[1].kind is Kind.EFFECTIVE:
            from_levels = processes[len(species.processes) :]
            processes = self._without_excited(name, processes, from_levels)
        return replace(species, processes=tuple(processes))

    def _converted(
        self, name: str, component: ComponentConfig, tables: Sequence[SourcedTable]
    ) -> Species:
        """The processes of tables that hit one state of a species."""
        integral = component.elastic_is_integral
        if integral is None:
            integral = self._gas.elastic_is_integral or self._choice.is_integral(tables)
        return files.species(
            tables,
            name,
            mass_ratio(component),
            self._gas.energy_max,
            self._gas.extrapolation,
            integral=integral,
            outside_complete_set=self._gas.outside_complete_set,
            is_excluded=self._choice.exclude.match,
        )

    @staticmethod
    def _is_excited(table: Table, target: str) -> bool:
        """Whether a process starts from another level than the rest of the species."""
        lower = levels_of(table)[0]
        return table.kind not in MOMENTUM and lower not in ("", "v=0", split(target)[1])

    def _with_levels(self, process: Process, target: str, tables: Mapping[str, Table]) -> Process:
        """A process that knows its levels; one of a component of the gas goes by its name."""
        table = tables.get(process.provenance)
        if table is None or process.kind in MOMENTUM:
            return process
        lower, upper = levels_of(table)
        if process.kind in (Kind.EXCITATION, Kind.ROTATION):
            product = split(table.product)
            other = self._states.get(product) if product != split(target) else None
            upper = upper if other is None else other
        traits = replace(
            process.traits, lower="" if lower == split(target)[1] else lower, upper=upper
        )
        return replace(process, traits=traits)

    def _with_third_body(self, process: Process, body: ThreeBody | None) -> Process:
        """A process that knows the share of the gas that is its third body, if it needs one."""
        if body is None:
            return process
        share = self._shares.get(body.third_body, 0.0) if body.third_body else 1.0
        return replace(process, traits=replace(process.traits, third_body=share))

    def _without_excited(
        self, name: str, processes: list[Process], excited: Sequence[Process]
    ) -> list[Process]:
        """The processes, with an elastic one from which those of excited levels are subtracted."""
        own = [each for each in processes if each.traits.upper not in self._names.values()]
        room = Temperatures(ROOM_TEMPERATURE, ROOM_TEMPERATURE, ROOM_TEMPERATURE)
        shares = LevelShares(name, own, self._levels.get(name, {}), room)
        pairs = [
            pair
            for process in excited
            for pair in (*shares.meets(process, 1.0), *shares.partners(process, 1.0))
        ]
        return [
            without_transitions(each, pairs) if each.kind is Kind.ELASTIC else each
            for each in processes
        ]
