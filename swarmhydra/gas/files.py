"""From files of cross sections to the processes of a component."""

import hashlib
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from swarmhydra.config import nearest
from swarmhydra.gas import csv_tables, json_sets, lxcat, other_formats
from swarmhydra.gas.checks import SourcedTable, check_units, momentum_table, remarks
from swarmhydra.gas.effective import elastic_from
from swarmhydra.gas.extrapolation import extended
from swarmhydra.gas.processes import Kind, Process, Traits, from_table
from swarmhydra.gas.tables import Table, TableError, TableFile, gathered
from swarmhydra.gas.text import LARGEST_FILE, lines_of
from swarmhydra.gas.usable_tables import (
    left_out_of,
    left_out_warnings,
    strictly_ascending,
    usable,
)


@dataclass(frozen=True)
class Species:
    """What files say about a species.

    Attributes
    ----------
    processes : tuple of Process
        With an elastic one, never an effective one.
    citation : str
        Where they are from.
    warnings : tuple of str
        What a user must know about them.
    tables_end : tuple of (float, str)
        Lowest energy (eV) at which one of its tables ends, and the name of that process.
    """

    processes: tuple[Process, ...]
    citation: str
    warnings: tuple[str, ...]
    tables_end: tuple[float, str]


def _nothing(_: str) -> bool:
    """Exclude no process."""
    return False


def read(path: str | Path) -> TableFile:
    """Read a file of cross sections.

    Parameters
    ----------
    path : str or Path
        A plain table if it begins with the names of columns or its name ends in ``.csv``, see
        `swarmhydra.gas.csv_tables`; JSON if it begins like that, see `swarmhydra.gas.json_sets`;
        otherwise in the format of LXCat.

    Returns
    -------
    TableFile
        What the file states, unchanged.

    Raises
    ------
    ValueError
        If the file cannot be read; the message names the line and what was expected there.
    """
    return parse(_bytes_of(Path(path)), path)


def parse(data: bytes, path: str | Path) -> TableFile:
    """Read the content of a file of cross sections.

    Parameters
    ----------
    data : bytes
        The content.
    path : str or Path
        The name of the file, for messages and for the format that its end stands for.

    Raises
    ------
    ValueError
        As for `read`.
    """
    other_formats.check_bytes(data, path)
    lines, remarks = lines_of(data, path)
    if csv_tables.is_csv(lines, path):
        return csv_tables.parse(lines, path, remarks)
    other_formats.check_text(lines, path)
    if json_sets.is_json(lines):
        return json_sets.parse(lines, path, remarks)
    return lxcat.parse(lines, path, remarks)


def _bytes_of(path: Path) -> bytes:
    """The content of a file, up to a byte more than the largest that is read."""
    try:
        if not path.is_file():
            raise ValueError(f"{path}: no such file; expected a file of cross sections")
        with path.open("rb") as file:
            return file.read(LARGEST_FILE + 1)
    except OSError as error:
        raise ValueError(f"{path}: cannot be read ({error.strerror})") from error


def stamp(path: str | Path) -> str:
    """The beginning of the SHA-256 sum of a file: what tells its versions apart."""
    return hashlib.sha256(_bytes_of(Path(path))).hexdigest()[:12]


def species_of(files: Sequence[TableFile], target: str, database: str | None) -> list[SourcedTable]:
    """All tables of a species in some files.

    Parameters
    ----------
    files : sequence of TableFile
    target : str
        What the files call it.
    database : str or None
        The database to take it from; None takes all.

    Raises
    ------
    ValueError
        If there is none; the message lists what the files hold, or says why it cannot be read.
    """
    every = [(file, table) for file in files for table in file.tables]
    of_species = [each for each in every if each[1].target == target]
    paths = ", ".join(file.path for file in files)
    if not of_species:
        list(left_out_warnings(left_out_of(files, target), _nothing))
        targets = list(dict.fromkeys(table.target for _, table in every))
        raise ValueError(f"{target} is not in {paths}{nearest(target, targets)}")
    selection = [each for each in of_species if database in (None, each[1].database)]
    if not selection:
        databases = list(dict.fromkeys(table.database for _, table in of_species))
        raise ValueError(
            f"{target} in {paths}: database {database}{nearest(str(database), databases)}"
        )
    return selection


def species(
    tables: Sequence[SourcedTable],
    name: str,
    mass_ratio: float | None,
    energy_max: float,
    policy: str,
    *,
    integral: bool = False,
    outside_complete_set: bool = False,
    is_excluded: Callable[[str], bool] = _nothing,
) -> Species:
    """The processes of a species, checked and complete.

    Parameters
    ----------
    tables : sequence of (TableFile, Table)
        All its tables, from `species_of`.
    name : str
        What it shall be called.
    mass_ratio : float or None
        Electron mass over its mass; None takes that of the files.
    energy_max : float
        Energy up to which the tables are continued (eV).
    policy : str
        How, see `extrapolation.extended`.
    integral : bool, optional
        Whether an ELASTIC table is an integral cross section, not of momentum transfer.
    outside_complete_set : bool, optional
        Whether a process is taken that says it is not part of the complete set.
    is_excluded : callable, optional
        Whether a process of a name is not wanted; without such a block that could not be read the
        species is complete.

    Raises
    ------
    ValueError
        If the tables are not complete, or cannot be what they seem; names file and line.
    """
    warnings = _warnings(tables, is_excluded)
    tables, more = usable(tables, outside_complete_set=outside_complete_set)
    file, momentum = momentum_table(tables, name)
    check_units(file, momentum)
    ratio = mass_ratio or momentum.mass_ratio
    assert ratio is not None
    warnings += [*more, *(remark for each in tables for remark in remarks(*each))]
    tabulated = [_process(each, name, ratio, integral) for each in tables]
    end = lowest_end(tabulated)
    processes = [extended(process, energy_max, policy) for process in tabulated]
    at = next(index for index, each in enumerate(tables) if each[1] is momentum)
    if momentum.kind is Kind.EFFECTIVE:
        others = [process for process in processes if process is not processes[at]]
        processes[at], warning = elastic_from(processes[at], others)
        warnings += [f"{file.path}, line {momentum.line}: {warning}"] if warning else []
    return Species(tuple(processes), _citation(tables), tuple(warnings), end)


def _warnings(tables: Sequence[SourcedTable], is_excluded: Callable[[str], bool]) -> list[str]:
    """What was guessed when the files were read, and what is left out."""
    warnings: list[str] = []
    for file in dict.fromkeys(file for file, _ in tables):
        own = [table for each, table in tables if each is file]
        guesses = [remark for table in own for remark in table.remarks]
        warnings += gathered(file.path, [*file.remarks, *guesses])
        blocks = [
            block
            for target in dict.fromkeys(table.target for table in own)
            for block in left_out_of([file], target)
        ]
        warnings += left_out_warnings(list(dict.fromkeys(blocks)), is_excluded)
    return warnings


def lowest_end(processes: Sequence[Process]) -> tuple[float, str]:
    """Where the first of some tables ends (eV), and its name; one that ends at zero does not."""
    ends = [(float(p.energy[-1]), p.name) for p in processes if p.cross_section[-1] > 0.0]
    return min(ends, default=(math.inf, ""))


def _process(source: SourcedTable, name: str, mass_ratio: float, integral: bool) -> Process:
    """A table as a process of a species."""
    file, table = source
    if table.three_body is not None:
        raise TableError(
            file.path,
            table.line,
            f"{table.label} is a three-body process ({table.three_body.reason}), whose cross "
            "section depends on the density of the gas; expected gas.three_body_unit",
        )
    table = strictly_ascending(table)
    traits = Traits(
        momentum_transfer=False if integral and table.kind is Kind.ELASTIC else None,
        statistical_weight_ratio=table.statistical_weight_ratio,
    )
    make = Process if table.threshold < 0.0 else from_table
    try:
        process = make(
            table.kind,
            replace(table, target=name).label,
            name,
            table.threshold,
            mass_ratio,
            table.energy,
            table.cross_section,
            traits,
        )
    except ValueError as error:
        raise TableError(file.path, table.line, str(error)) from error
    return replace(process, provenance=provenance(file, table))


def provenance(file: TableFile, table: Table) -> str:
    """Where a table is from, in a few words."""
    updated = table.notes.get("UPDATED", "").partition(" ")[0]
    parts = (table.database, f"updated {updated}" if updated else "", Path(file.path).name)
    return f"{', '.join(part for part in parts if part)}:{table.line}"


def _citation(tables: Sequence[SourcedTable]) -> str:
    """How to cite the files of some tables, and which versions of them were read."""
    files = {file.path: file for file, _ in tables}
    return "; ".join(
        f"{' '.join(file.references) or 'no reference given'} "
        f"[{Path(path).name}, sha256 {stamp(path)}]"
        for path, file in files.items()
    )
