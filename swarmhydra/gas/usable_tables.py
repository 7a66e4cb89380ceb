"""Which of the tables of a species a run takes: each once, whole, and part of the set."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from swarmhydra.gas.checks import SourcedTable
from swarmhydra.gas.tables import LeftOut, Table, TableError, TableFile

_MOMENTUM_WORDS = ("ELASTIC", "EFFECTIVE", "MOMENTUM")


def usable(
    tables: Sequence[SourcedTable], *, outside_complete_set: bool = False
) -> tuple[list[SourcedTable], list[str]]:
    """Some tables, without those that stand twice, and without those that are of no set.

    Parameters
    ----------
    tables : sequence of (TableFile, Table)
    outside_complete_set : bool
        Whether a process is taken that says it is not part of the complete set.

    Returns
    -------
    tables : list of (TableFile, Table)
        In their order.
    warnings : list of str
        What is left out, with file and line.
    """
    selection: list[SourcedTable] = []
    warnings = []
    alike: dict[tuple[object, ...], list[SourcedTable]] = {}
    for file, table in tables:
        where = f"{file.path}, line {table.line}: {table.label}"
        if table.complete_set is False and not outside_complete_set:
            warnings.append(
                f"{where} says that it is not part of the complete set, and is left out; "
                "gas.outside_complete_set=true takes it"
            )
            continue
        rivals = alike.setdefault(_identity(table), [])
        twin = next((each for each in rivals if _have_equal_points(each[1], table)), None)
        if twin is None:
            selection.append((file, table))
            rivals.append((file, table))
            continue
        other = "" if twin[0] is file else f" of {twin[0].path}"
        warnings.append(f"{where} is the process of line {twin[1].line}{other}; it counts once")
    return selection, warnings


def _identity(table: Table) -> tuple[object, ...]:
    """What two blocks have in common that state the same process of one database."""
    product = "".join(table.product.replace("^", "").split())
    return (table.kind, table.target, product, table.threshold, table.database)


def _have_equal_points(one: Table, other: Table) -> bool:
    """Whether two tables have the same numbers."""
    return np.array_equal(one.energy, other.energy) and np.array_equal(
        one.cross_section, other.cross_section
    )


def left_out_of(files: Sequence[TableFile], target: str) -> list[tuple[TableFile, LeftOut]]:
    """The blocks of some files that are left out and hit a species, or an unknown one.

    Parameters
    ----------
    files : sequence of TableFile
    target : str
        Name of the species in the files.
    """
    return [
        (file, block) for file in files for block in file.left_out if block.target in (target, "")
    ]


def left_out_warnings(
    blocks: Sequence[tuple[TableFile, LeftOut]], is_excluded: Callable[[str], bool]
) -> Iterator[str]:
    """A warning for each block that is left out.

    Parameters
    ----------
    blocks : sequence of (TableFile, LeftOut)
        From `left_out_of`.
    is_excluded : callable
        Whether a process of a name is not wanted.

    Yields
    ------
    str
        A sentence with file and line.

    Raises
    ------
    TableError
        If the species needs a block that could not be read.
    """
    for file, block in blocks:
        if not block.is_needed:
            yield f"{file.path}, line {block.line}: {block.label} is left out: {block.reason}"
        elif not is_excluded(block.label):
            # Without an elastic process there is no species.
            is_vital = block.keyword.upper() in _MOMENTUM_WORDS
            advice = "" if is_vital else f"; gas.exclude=['{block.label}'] does without it"
            raise TableError(file.path, block.reason_line, f"{block.reason}{advice}")
        else:
            yield f"{file.path}, line {block.line}: {block.label} is excluded: {block.reason}"


def strictly_ascending(table: Table) -> Table:
    """A table in which an energy that stands twice is a step between neighbouring doubles.

    Parameters
    ----------
    table : Table
        Of several values at one energy the first and the last count; between them lies nothing.
    """
    energy, sigma = table.energy, table.cross_section
    if (np.diff(energy) > 0.0).all():
        return table
    first = np.append(True, energy[1:] > energy[:-1])
    last = np.append(energy[1:] > energy[:-1], True)
    starts, ends = energy[first], energy[last]
    before, after = sigma[first], sigma[last]
    stepped = (before != after) & (starts > 0.0)
    below = np.nextafter(starts, 0.0)
    # The left value of a step stands one double below it, unless another point does.
    room = stepped & (below > np.append(-1.0, starts[:-1]))
    points = np.concatenate([below[room], ends])
    values = np.concatenate([before[room], after])
    order = np.argsort(points, kind="stable")
    return replace(table, energy=points[order], cross_section=values[order])
