"""What is in a file of cross sections: in words, and as a figure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from swarmhydra.gas import files
from swarmhydra.gas.checks import remarks
from swarmhydra.gas.processes import Kind
from swarmhydra.gas.tables import Table, TableFile

if TYPE_CHECKING:
    from matplotlib.figure import Figure

HEADER = ("line", "kind", "process", "threshold", "points", "from", "to", "largest", "origin")
UNITS = ("", "", "", "eV", "", "eV", "eV", "m2", "")

# Colours that can be told apart by everybody: M. Okabe and K. Ito, 2008.
_COLOURS = {
    Kind.ELASTIC: "#000000",
    Kind.EFFECTIVE: "#000000",
    Kind.EXCITATION: "#0072B2",
    Kind.ROTATION: "#56B4E9",
    Kind.IONIZATION: "#D55E00",
    Kind.ATTACHMENT: "#009E73",
}


def inspect(path: str | Path) -> str:
    """What is in a file, in a table, and what is odd about it.

    Parameters
    ----------
    path : str or Path
        In the format of LXCat, or CSV.

    Returns
    -------
    str
        Lines without a final newline: how to cite the file, a row for each process, remarks.

    Raises
    ------
    ValueError
        If the file cannot be read; the message names the line and what was expected there.
    """
    file = files.read(path)
    rows = [HEADER, UNITS, *(_row(table) for table in file.tables)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADER))]
    count = len(file.tables)
    return "\n".join(
        [
            f"{path}: {count} {'process' if count == 1 else 'processes'} "
            f"of {', '.join(dict.fromkeys(t.target for t in file.tables))}",
            *(f"reference: {text}" for text in file.references),
            *(_aligned(row, widths) for row in rows),
            *_remarks(file),
        ]
    )


def _row(table: Table) -> tuple[str, ...]:
    """One process."""
    weights = table.statistical_weight_ratio
    reverse = "" if weights is None else f" (and reverse, g ratio {weights:g})"
    updated = table.notes.get("UPDATED", "").partition(" ")[0]
    return (
        str(table.line),
        table.kind.value,
        f"{table.label}{reverse}",
        f"{table.threshold:g}" if table.threshold else "",
        str(table.energy.size),
        f"{table.energy[0]:g}",
        f"{table.energy[-1]:g}",
        f"{table.cross_section.max():.3g}",
        ", ".join(text for text in (table.database, updated) if text),
    )


def _aligned(row: Sequence[str], widths: Sequence[int]) -> str:
    """A row of the table: words to the left, numbers to the right."""
    words = (1, 2, len(row) - 1)
    cells = [
        text.ljust(width) if column in words else text.rjust(width)
        for column, (text, width) in enumerate(zip(row, widths, strict=True))
    ]
    return "  ".join(cells).rstrip()


def _remarks(file: TableFile) -> Iterator[str]:
    """What is odd about the file, species by species."""
    for name in dict.fromkeys(table.target for table in file.tables):
        if name not in file.species:
            found = [remark for t in file.tables if t.target == name for remark in remarks(file, t)]
            yield f"note: {name} has no ELASTIC or EFFECTIVE process, so it is no component"
        else:
            try:
                tables = files.species_of([file], name, None)
                found = list(files.species(tables, name, None, 0.0, "hold").warnings)
            except ValueError as error:
                found = [str(error)]
        yield from (f"warning: {remark}" for remark in found)


def plot(path: str | Path) -> Figure:
    """The cross sections of a file as a figure, a panel for each target.

    Parameters
    ----------
    path : str or Path
        In the format of LXCat, or CSV.

    Returns
    -------
    matplotlib.figure.Figure
        In double logarithmic scale; kinds of processes have colours of their own.

    Raises
    ------
    ValueError
        As for `inspect`.
    ImportError
        If matplotlib is not installed.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ImportError("plots need matplotlib: pip install -e '.[analysis]'") from error
    file = files.read(path)
    targets = list(dict.fromkeys(table.target for table in file.tables))
    figure = Figure(figsize=(6.4, 4.4 * len(targets)), layout="constrained")
    panels = figure.subplots(len(targets), squeeze=False)[:, 0]
    for target, axes in zip(targets, panels, strict=True):
        tables = [table for table in file.tables if table.target == target]
        counts = {kind: sum(t.kind is kind for t in tables) for kind in _COLOURS}
        for table in tables:
            count = counts.pop(table.kind, 0)
            seen = (table.energy > 0.0) & (table.cross_section > 0.0)
            axes.plot(
                table.energy[seen],
                table.cross_section[seen],
                color=_COLOURS[table.kind],
                linestyle="--" if table.kind is Kind.EFFECTIVE else "-",
                linewidth=1.8 if table.kind in (Kind.ELASTIC, Kind.EFFECTIVE) else 0.9,
                label=f"{table.kind.lower()} ({count})"
                if count > 1
                else table.kind.lower()
                if count
                else None,
            )
        axes.set(
            xscale="log",
            yscale="log",
            xlabel="electron energy (eV)",
            ylabel="cross section (m²)",
            title=target,
        )
        largest = max(float(np.max(table.cross_section)) for table in tables)
        if largest > 0.0:
            axes.set_ylim(1e-6 * largest, 3.0 * largest)
        axes.legend(frameon=False)
    return figure
