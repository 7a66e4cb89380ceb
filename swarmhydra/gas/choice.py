"""Which of the tables of some files a gas takes, as its settings say."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from swarmhydra.config import GasConfig
from swarmhydra.gas.checks import SourcedTable
from swarmhydra.gas.files import provenance
from swarmhydra.gas.levels import is_numbered, levels_of, split
from swarmhydra.gas.processes import Kind
from swarmhydra.gas.tables import Table, TableError, TableFile

MOMENTUM = (Kind.ELASTIC, Kind.EFFECTIVE)

THREE_BODY_UNITS = {"m5": 1.0, "m2cm3": 1e-6, "cm5": 1e-10}
"""The units of `gas.three_body_unit` in m5: m2 per number density of the third body in 1/m3."""

# What a file says of an ELASTIC process: of momentum transfer, integral, or of more than elastic
# collisions.
_SAYS = {
    "momentum_transfer": re.compile(r"momentum", re.IGNORECASE),
    "integral": re.compile(r"integral|elastic scattering|total elastic|\bICS\b", re.IGNORECASE),
    "total": re.compile(r"total scattering|grand total", re.IGNORECASE),
}


@dataclass
class Patterns:
    """Patterns on the names of processes, with ``*`` and ``?``.

    Attributes
    ----------
    key : str
        The setting that they are from.
    patterns : list of str
        Brackets stand for themselves: names of processes are full of them.
    hits : set of str
        Those that some process matched.
    """

    key: str
    patterns: list[str]
    hits: set[str] = field(default_factory=set)

    def match(self, *names: str) -> bool:
        """Whether one of the names of a process matches one of the patterns."""
        hits = [p for p in self.patterns if any(name_pattern(p).fullmatch(name) for name in names)]
        self.hits.update(hits)
        return bool(hits)

    def check(self, names: Iterable[str]) -> None:
        """Refuse patterns that no process matched; the message lists names of processes."""
        idle = [pattern for pattern in self.patterns if pattern not in self.hits]
        if idle:
            raise ValueError(
                f"{self.key}={idle}: no process has such a name; expected patterns on "
                f"{', '.join(dict.fromkeys(names))}"
            )


def name_pattern(pattern: str) -> re.Pattern[str]:
    """A pattern as a regular expression."""
    return re.compile(re.escape(pattern).replace(r"\*", ".*").replace(r"\?", "."))


class Choice:
    """What the settings of a gas say about the tables of files.

    Parameters
    ----------
    gas : GasConfig
    """

    def __init__(self, gas: GasConfig) -> None:
        self._gas = gas
        self.include = Patterns("gas.include", gas.include)
        self.exclude = Patterns("gas.exclude", gas.exclude)
        self._integral: set[tuple[str, int]] = set()

    def check(self, names: Iterable[str]) -> None:
        """Refuse patterns that no process matched.

        Parameters
        ----------
        names : iterable of str
            The processes that are taken, for the message.

        Raises
        ------
        ValueError
            Names the setting and the patterns.
        """
        for patterns in (self.include, self.exclude):
            patterns.check(names)

    def takes(self, name: str, origin: str, *, momentum: bool) -> bool:
        """Whether a process is taken.

        Parameters
        ----------
        name : str
            The process.
        origin : str
            Where it is from, ending in file and line; patterns may match it too.
        momentum : bool
            Whether it is an elastic or effective one, which `gas.include` need not mention.
        """
        if self.exclude.match(name, origin):
            return False
        return not self.include.patterns or self.include.match(name, origin) or momentum

    def of(self, tables: Sequence[SourcedTable], species: str) -> list[SourcedTable]:
        """The tables of a species that are taken, with one elastic or effective process.

        Parameters
        ----------
        tables : sequence of (TableFile, Table)
            All of the species.
        species : str
            Its name.

        Raises
        ------
        ValueError
            If several elastic processes are left, or the unit of a three-body attachment is not
            known; the message names the setting that decides.
        """
        selection = [
            (file, self._per_density(file, table))
            for file, table in tables
            if self.takes(
                replace(table, target=species).label,
                provenance(file, table),
                momentum=table.kind in MOMENTUM,
            )
        ]
        return self._with_one_elastic(selection, species)

    def is_integral(self, tables: Sequence[SourcedTable]) -> bool:
        """Whether the ELASTIC process among some tables was chosen as an integral cross section."""
        return any((file.path, table.line) in self._integral for file, table in tables)

    def _per_density(self, file: TableFile, table: Table) -> Table:
        """A table of a three-body attachment in m5; any other unchanged."""
        body = table.three_body
        if body is None:
            return table
        unit = body.unit
        if unit is None:
            unit = THREE_BODY_UNITS.get(self._gas.three_body_unit or "")
        if unit is None:
            fault = (
                f"{table.label} needs a third body ({body.reason}), and the file does not tell "
                f"the unit; expected gas.three_body_unit={'|'.join(THREE_BODY_UNITS)}, or the "
                "process in gas.exclude"
            )
            raise TableError(file.path, table.line, fault)
        return replace(table, cross_section=table.cross_section * unit, three_body=None)

    def _with_one_elastic(self, tables: list[SourcedTable], species: str) -> list[SourcedTable]:
        """The tables without those elastic ones that are not meant."""
        outside = self._gas.outside_complete_set
        momentum = [
            each
            for each in tables
            if each[1].kind in MOMENTUM and (outside or each[1].complete_set is not False)
        ]
        if len({table.database for _, table in momentum}) < 2:
            if len(_distinct(momentum)) < 2:
                return tables
            fitting = self._fitting(momentum)
            if len(_distinct(fitting)) == 1:
                if self._gas.elastic == "integral":
                    self._integral |= {(file.path, table.line) for file, table in fitting}
                return [each for each in tables if each in fitting or each[1].kind not in MOMENTUM]
        raise ValueError(self._which_elastic(momentum, species))

    def _fitting(self, momentum: Sequence[SourcedTable]) -> list[SourcedTable]:
        """The elastic processes that `gas.elastic` means: those that say so, or say nothing."""
        wish = self._gas.elastic
        if wish is None:
            return []
        pairs = [(_elastic_word(table), (file, table)) for file, table in momentum]
        return [each for word, each in pairs if word == wish] or [
            each for word, each in pairs if word == ""
        ]

    def _which_elastic(self, momentum: Sequence[SourcedTable], species: str) -> str:
        """Why no elastic process could be chosen."""
        databases = list(dict.fromkeys(table.database for _, table in momentum))
        several = len(databases) > 1
        listing = "; ".join(
            f"{file.path}, line {table.line}: {table.kind}"
            f"{f' of {table.database}' if several else ''}"
            f"{' (' + table.notes['COMMENT'][:60] + ')' if table.notes.get('COMMENT') else ''}"
            for file, table in momentum
        )
        settings = [f"gas.database={databases[0]!r}"]
        if not several:
            settings = [] if self._gas.elastic else ["gas.elastic=momentum_transfer|integral"]
        settings += [f"gas.exclude=['*:{momentum[-1][1].line}'] (the one of this line)"]
        return (
            f"{species} has several elastic processes: {listing}; expected one, by "
            f"{' or '.join(settings)}"
        )


def _elastic_word(table: Table) -> str:
    """Which kind of cross section the file says that an elastic process has; empty if nothing."""
    if table.kind is Kind.EFFECTIVE:
        return "effective"
    text = " ".join(table.notes.get(note, "") for note in ("PROCESS", "COMMENT"))
    return next((word for word, pattern in _SAYS.items() if pattern.search(text)), "")


def _distinct(tables: Sequence[SourcedTable]) -> list[SourcedTable]:
    """The tables without repetitions of the same kind and numbers."""
    by_content: dict[tuple[Kind, bytes, bytes], SourcedTable] = {}
    for file, table in tables:
        key = table.kind, table.energy.tobytes(), table.cross_section.tobytes()
        by_content.setdefault(key, (file, table))
    return list(by_content.values())


def ladder_tables(
    files: Sequence[TableFile], species: str, others: Iterable[str]
) -> Iterator[SourcedTable]:
    """Transitions between levels of a species that files have under another name.

    Parameters
    ----------
    files : sequence of TableFile
    species : str
        What the files call the species itself.
    others : iterable of str
        Names of other components, whose tables are their own.

    Yields
    ------
    (TableFile, Table)
        Those whose file names both levels, of a target without elastic process of its own; and
        those from a level as target, such as ``N2(v=1)``, to which another table leads.
    """
    names = {species, *others}
    strangers = [
        (file, table) for file, table in _without_elastic(files) if table.target not in names
    ]
    if not strangers:
        return
    own = (table for file in files for table in file.tables if split(table.target)[0] == species)
    upper_levels = {levels_of(table)[1] for table in own}
    for file, table in strangers:
        transition = table.transition
        molecule, level = split(table.target)
        by_name = transition is not None and transition.molecule in (species, split(species)[0])
        within = molecule == species and is_numbered(level) and level in upper_levels
        if by_name or within:
            yield file, table


def _without_elastic(files: Sequence[TableFile]) -> list[SourcedTable]:
    """The tables of targets that have no elastic process in any of the files."""
    elastic = {name for file in files for name in file.species}
    return [(file, t) for file in files for t in file.tables if t.target not in elastic]
