"""What is in a file of cross sections, or in a gas that is built in, in words."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from swarmhydra.config import ComponentConfig, GasConfig, check_gas_alone
from swarmhydra.gas import files
from swarmhydra.gas.formulas import FORMULAS
from swarmhydra.gas.mixture import build
from swarmhydra.gas.processes import Process
from swarmhydra.gas.tables import Table, TableFile, gathered

HEADER = ("line", "kind", "process", "threshold", "points", "from", "to", "largest", "origin")
UNITS = ("", "", "", "eV", "", "eV", "eV", "m2", "")


@dataclass(frozen=True)
class Inspection:
    """What is known of a file, or of a gas that is built in.

    Attributes
    ----------
    text : str
        Lines without a final newline: how to cite the file, a row for each process, what is left
        out, what is odd, and why a run would be refused.
    is_usable : bool
        Whether a run with each species of the file would start.
    """

    text: str
    is_usable: bool


def inspect(path: str | Path, gas: GasConfig | None = None) -> Inspection:
    """What is in a file, in a table, and whether runs can use it.

    Parameters
    ----------
    path : str or Path
        A file that `swarmhydra.gas.files.read` reads.
    gas : GasConfig, optional
        Settings with which the file would be used, such as a database, or further files; without
        species each one of the file is tried by itself.

    Raises
    ------
    ValueError
        If the file cannot be read; the message names the line and what was expected there.
    """
    file = files.read(path)
    gas = gas or GasConfig(name="inspected")
    gas = replace(gas, files=[str(path), *gas.files])
    warnings: list[str] = []
    refusals: list[str] = []
    for trial in _trials(file, gas):
        try:
            check_gas_alone(trial)
            warnings += build(trial).warnings
        except ValueError as error:
            refusals.append(f"{', '.join(trial.species) or path} is refused: {error}")
    rest = [text for text in _remarks(file) if text not in warnings]
    lines = [
        _title(file),
        *(f"reference: {text}" for text in file.references),
        *(_table([_row(table) for table in file.tables]) if file.tables else []),
        *(f"left out: line {b.line}: {b.label} ({b.keyword}): {b.reason}" for b in file.left_out),
        *_without_momentum(file),
        *(f"warning: {text}" for text in dict.fromkeys([*rest, *warnings])),
        *dict.fromkeys(refusals),
    ]
    return Inspection("\n".join(lines), not refusals)


def inspect_formula(name: str) -> Inspection:
    """What is in a gas that is built in.

    Parameters
    ----------
    name : str
        One of `swarmhydra.gas.formulas.FORMULAS`.
    """
    mixture = build(GasConfig(name=name, components={name: ComponentConfig(formula=name)}))
    lines = [
        f"{name}: {_count(len(mixture.processes))}",
        f"reference: {mixture.citation}",
        *_table([_row_of_process(process) for process in mixture.processes]),
    ]
    return Inspection("\n".join(lines), True)


def formulas() -> str:
    """The gases that are built in, with their references, a line for each."""
    width = max(map(len, FORMULAS))
    return "\n".join(f"{name.ljust(width)}  {FORMULAS[name].citation}" for name in FORMULAS)


def _trials(file: TableFile, gas: GasConfig) -> Iterator[GasConfig]:
    """The gases that a run may make of a file."""
    if gas.species or not file.species:
        yield gas
        return
    for name in file.species:
        yield replace(gas, species=[name], fractions=[1.0])


def _title(file: TableFile) -> str:
    """How much is in a file."""
    targets = ", ".join(dict.fromkeys(table.target for table in file.tables))
    left_out = f"; {len(file.left_out)} left out" if file.left_out else ""
    of = f" of {targets}" if targets else ""
    return f"{file.path}: {_count(len(file.tables))}{of}{left_out}"


def _count(number: int) -> str:
    """How many processes."""
    return f"{number} {'process' if number == 1 else 'processes'}"


def _remarks(file: TableFile) -> Iterator[str]:
    """What was guessed when the file was read."""
    yield from gathered(
        file.path, [*file.remarks, *(remark for table in file.tables for remark in table.remarks)]
    )


def _without_momentum(file: TableFile) -> Iterator[str]:
    """A note for each target that has no elastic process of its own."""
    for name in dict.fromkeys(table.target for table in file.tables):
        if name not in file.species:
            yield f"note: {name} has no ELASTIC or EFFECTIVE process of its own"


def _row(table: Table) -> tuple[str, ...]:
    """One process of a file."""
    weights = table.statistical_weight_ratio
    reverse = "" if weights is None else f" (and reverse, g ratio {weights:g})"
    third_body = "" if table.three_body is None else " (per density of a third body)"
    updated = table.notes.get("UPDATED", "").partition(" ")[0]
    return (
        str(table.line),
        table.kind.value,
        f"{table.label}{reverse}{third_body}",
        f"{table.threshold:g}" if table.threshold else "",
        str(table.energy.size),
        f"{table.energy[0]:g}",
        f"{table.energy[-1]:g}",
        f"{table.cross_section.max():.3g}",
        ", ".join(text for text in (table.database, updated) if text),
    )


def _row_of_process(process: Process) -> tuple[str, ...]:
    """One process of a gas that is built in."""
    return (
        "",
        process.kind.value,
        process.name,
        f"{process.threshold:g}" if process.threshold else "",
        str(process.energy.size),
        f"{process.energy[0]:g}",
        f"{process.energy[-1]:g}",
        f"{process.cross_section.max():.3g}",
        "",
    )


def _table(rows: Sequence[tuple[str, ...]]) -> list[str]:
    """Rows under their headings."""
    every = [HEADER, UNITS, *rows]
    widths = [max(len(row[column]) for row in every) for column in range(len(HEADER))]
    return [_aligned(row, widths) for row in every]


def _aligned(row: Sequence[str], widths: Sequence[int]) -> str:
    """A row of the table: words to the left, numbers to the right."""
    words = (1, 2, len(row) - 1)
    cells = [
        text.ljust(width) if column in words else text.rjust(width)
        for column, (text, width) in enumerate(zip(row, widths, strict=True))
    ]
    return "  ".join(cells).rstrip()
