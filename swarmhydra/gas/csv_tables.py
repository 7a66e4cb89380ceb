"""Cross sections as a plain table, one row for each point, for data of one's own.

Lines that start with ``#`` are notes; the first other line names the columns, in any order::

    # A. Author, Journal 1 (2026) 1
    kind,target,product,threshold_eV,mass_u,energy_eV,cross_section_m2
    ELASTIC,X,,,40,0,1e-20
    ELASTIC,X,,,40,100,3e-20
    IONIZATION,X,X+,15,,15,0
    IONIZATION,X,X+,15,,100,2.5e-20

Rows of one process follow each other. ``mass_u`` is needed for ELASTIC and EFFECTIVE,
``threshold_eV`` for the others. ``statistical_weight_ratio`` (upper over lower level) may be added.
The unit of the cross section stands in the name of its column: ``cross_section_m2``,
``cross_section_cm2`` or ``cross_section_1e-20m2``.
"""

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from scipy import constants

from swarmhydra.gas.processes import Kind
from swarmhydra.gas.table_numbers import number, row
from swarmhydra.gas.tables import MOMENTUM_KINDS, Remark, Table, TableError, TableFile
from swarmhydra.kernels.arrays import FloatArray

UNITS = {"cross_section_m2": 1.0, "cross_section_cm2": 1e-4, "cross_section_1e-20m2": 1e-20}
NEEDED = ("kind", "target", "energy_eV")
OPTIONAL = ("product", "threshold_eV", "mass_u", "statistical_weight_ratio")

_ELECTRON_MASS_U = constants.value("electron mass in u")

Row = tuple[int, dict[str, str]]


def is_csv(lines: Sequence[str], path: str | Path) -> bool:
    """Whether a file is a plain table: by the names of its columns, or by its own and no block.

    Parameters
    ----------
    lines : sequence of str
        The file.
    path : str or Path
        Its name.
    """
    first = next((text for text in lines if text.strip() and not text.startswith("#")), "")
    if {name.strip() for name in first.split(",")}.issuperset(NEEDED):
        return True
    has_blocks = any(text.strip() in Kind.__members__ for text in lines)
    return Path(path).suffix.lower() == ".csv" and not has_blocks


def parse(lines: Sequence[str], path: str | Path, remarks: tuple[Remark, ...] = ()) -> TableFile:
    """Read a file.

    Parameters
    ----------
    lines : sequence of str
        The file.
    path : str or Path
        Its name, for messages.
    remarks : tuple of Remark
        About the file, from those who made lines of it.

    Returns
    -------
    TableFile
        The processes, with cross sections in m².

    Raises
    ------
    TableError
        At the first line that cannot be used, with what was expected there.
    """
    notes = tuple(text.lstrip("# \t") for text in lines if text.startswith("#"))
    rows = list(_rows(lines, path))
    blocks: list[list[Row]] = []
    for line, cells in rows:
        if blocks and _identity(blocks[-1][0][1]) == _identity(cells):
            blocks[-1].append((line, cells))
        else:
            blocks.append([(line, cells)])
    if not blocks:
        raise TableError(path, len(lines), "no row; expected a header and rows of numbers")
    tables = tuple(_table(block, path) for block in blocks)
    return TableFile(str(path), notes, tables, remarks=remarks)


def _rows(lines: Sequence[str], path: str | Path) -> Iterator[Row]:
    """Every row by the names of the columns, with its line."""
    header: list[str] = []
    for line, text in enumerate(lines, start=1):
        if not text.strip() or text.startswith("#"):
            continue
        try:
            cells = [cell.strip() for cell in next(csv.reader([text], strict=True))]
        except csv.Error as error:
            raise TableError(path, line, f"{error}; expected cells between commas") from error
        if not header:
            header = cells
            _check_header(header, line, path)
        elif len(cells) != len(header):
            fault = f"{len(cells)} cells; expected {len(header)}, one for each column"
            raise TableError(path, line, fault)
        else:
            yield line, dict(zip(header, cells, strict=True))


def _check_header(header: list[str], line: int, path: str | Path) -> None:
    """Refuse a header that lacks a column, or has an unknown one."""
    columns = (*NEEDED, *OPTIONAL, *UNITS)
    unknown = [name for name in header if name not in columns or header.count(name) > 1]
    missing = [name for name in NEEDED if name not in header]
    units = [name for name in header if name in UNITS]
    if unknown or missing or len(units) != 1:
        raise TableError(
            path,
            line,
            f"columns {', '.join(header)[:200]}; expected {', '.join(NEEDED)}, one of "
            f"{', '.join(UNITS)}, and perhaps {', '.join(OPTIONAL)}, each once",
        )


def _identity(cells: dict[str, str]) -> tuple[str, ...]:
    """What the rows of one process have in common."""
    return tuple(cells.get(name, "") for name in ("kind", "target", *OPTIONAL))


def _table(block: list[Row], path: str | Path) -> Table:
    """One process."""
    line, cells = block[0]
    kind = cells["kind"].upper()
    if kind not in Kind.__members__:
        fault = f"kind {cells['kind']!r}; expected one of {', '.join(Kind)}"
        raise TableError(path, line, fault)
    if not cells["target"]:
        raise TableError(path, line, "no target; expected the name of a species")
    momentum = kind in MOMENTUM_KINDS
    mass = _cell("mass_u", cells, line, path, is_needed=momentum)
    needs_threshold = not momentum and kind != Kind.ATTACHMENT
    threshold = _cell("threshold_eV", cells, line, path, is_needed=needs_threshold)
    weights = _cell("statistical_weight_ratio", cells, line, path, is_needed=False)
    if any(value is not None and value <= 0.0 for value in (mass, weights)):
        raise TableError(path, line, "mass or weight ratio not above 0; expected one above 0")
    if weights is not None and kind not in (Kind.EXCITATION, Kind.ROTATION):
        raise TableError(path, line, f"{kind} with a weight ratio; expected none")
    points = _points(block, path)
    return Table(
        kind=Kind(kind),
        target=cells["target"],
        product=cells.get("product", ""),
        threshold=threshold or 0.0,
        mass_ratio=None if mass is None else _ELECTRON_MASS_U / mass,
        statistical_weight_ratio=weights,
        energy=points[:, 0],
        cross_section=points[:, 1],
        line=line,
    )


def _points(block: list[Row], path: str | Path) -> FloatArray:
    """Energies and cross sections of one process, shape (n, 2)."""
    column = next(name for name in block[0][1] if name in UNITS)
    points: list[tuple[float, float]] = []
    for line, cells in block:
        words = [cells["energy_eV"], cells[column]]
        values = row(words, points[-1][0] if points else None, UNITS[column])
        if isinstance(values, str):
            raise TableError(path, line, values)
        points.append(values)
    return np.array(points)


def _cell(
    name: str, cells: dict[str, str], line: int, path: str | Path, is_needed: bool
) -> float | None:
    """The number in a cell that may be empty."""
    text = cells.get(name, "")
    if not text and not is_needed:
        return None
    value = number(text)
    if value is None:
        raise TableError(path, line, f"{name} {text!r}; expected a number")
    return value
