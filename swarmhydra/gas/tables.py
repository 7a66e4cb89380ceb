"""What a file of cross sections holds, before a gas is made of it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from swarmhydra.gas.processes import Kind
from swarmhydra.kernels.arrays import FloatArray

LARGEST_FILE = 64 * 1024 * 1024
"""Bytes; ten times a download of a whole database."""

LONGEST_LINE = 20_000
"""Characters."""

LARGEST_CROSS_SECTION = 1e-12
"""Cross section (m²) above which a number must be something else: an energy, or in another unit."""

SMALLEST_ENERGY = 1e-9
"""Energy (eV) other than zero below which a number must be something else: a cross section."""

_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f]")


class TableError(ValueError):
    """A file of cross sections that cannot be used: file, line, what is there, what was expected.

    Parameters
    ----------
    path : str or Path
        The file.
    line : int
        Its line, from 1 on.
    fault : str
        What is wrong, and what was expected.

    Attributes
    ----------
    line : int
        The line.
    """

    def __init__(self, path: str | Path, line: int, fault: str) -> None:
        super().__init__(f"{path}, line {line}: {fault}")
        self.line = line


@dataclass(frozen=True)
class Transition:
    """A transition between two levels that a file names.

    Attributes
    ----------
    molecule : str
        Chemical name in front of the bracket; the target may be called otherwise.
    initial, final : str
        Levels before and after the collision.
    """

    molecule: str
    initial: str
    final: str


@dataclass(frozen=True)
class ThreeBody:
    """What a file says of an attachment that needs a third body.

    Attributes
    ----------
    third_body : str
        Species of the third body; empty for any molecule of the gas.
    unit : float or None
        Cross section (m2) over the number in the table and the density of the third body (1/m3);
        None where the file does not tell.
    reason : str
        What says so.
    """

    third_body: str
    unit: float | None
    reason: str


@dataclass(frozen=True, eq=False)
class Table:
    """One process as a file states it.

    Attributes
    ----------
    kind : Kind
        What the collision does.
    target, product : str
        Species that the electron hits, and what it becomes; the product may be empty.
    threshold : float
        Energy that the electron loses (eV).
    mass_ratio : float or None
        Electron mass over target mass, where the file gives it.
    statistical_weight_ratio : float or None
        Statistical weight of the product over that of the target; None where the file does not ask
        for the reverse process.
    energy, cross_section : ndarray, shape (n,)
        The table (eV, m²).
    line : int
        First line of the process in the file.
    database : str
        Name of the database that the process is from.
    notes : dict of str to str
        What the file says about it: ``SPECIES``, ``PROCESS``, ``PARAM.``, ``COMMENT``, ``UPDATED``,
        ``COLUMNS``; the text of several lines is joined.
    """

    kind: Kind
    target: str
    product: str
    threshold: float
    mass_ratio: float | None
    statistical_weight_ratio: float | None
    energy: FloatArray
    cross_section: FloatArray
    line: int
    database: str = ""
    notes: dict[str, str] = field(default_factory=dict)
    transition: Transition | None = None
    three_body: ThreeBody | None = None
    complete_set: bool | None = None
    remarks: tuple[str, ...] = ()
    keyword: str = ""

    @property
    def label(self) -> str:
        """The process in a few words."""
        if self.product and self.product != self.target:
            return f"{self.target} -> {self.product}"
        loss = f" {self.threshold:g} eV" if self.threshold else ""
        return f"{self.target} {self.kind.lower()}{loss}"


@dataclass(frozen=True, eq=False)
class TableFile:
    """All processes of a file.

    Attributes
    ----------
    path : str
        The file.
    references : tuple of str
        How the file asks to be cited.
    tables : tuple of Table
        In the order of the file.
    """

    path: str
    references: tuple[str, ...]
    tables: tuple[Table, ...]

    @property
    def species(self) -> tuple[str, ...]:
        """The targets with an elastic or effective cross section, in the order of the file."""
        momentum = (t.target for t in self.tables if t.kind in (Kind.ELASTIC, Kind.EFFECTIVE))
        return tuple(dict.fromkeys(momentum))


def lines_of(data: bytes, path: str | Path) -> list[str]:
    """The lines of a text file, whatever the system that wrote it.

    Parameters
    ----------
    data : bytes
        The file, in UTF-8.
    path : str or Path
        Its name, for messages.

    Raises
    ------
    TableError
        If it is not UTF-8, has control characters, or is too long to be meant.
    """
    if len(data) > LARGEST_FILE:
        line = data.count(b"\n", 0, LARGEST_FILE) + 1
        raise TableError(
            path, line, f"the file goes on after {LARGEST_FILE >> 20} MiB; expected less"
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        fault = f"the byte 0x{data[error.start]:02x} is not UTF-8; expected text in UTF-8"
        raise TableError(path, line, fault) from error
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for number, line_text in enumerate(lines, start=1):
        if len(line_text) > LONGEST_LINE:
            fault = f"{len(line_text)} characters; expected at most {LONGEST_LINE}"
            raise TableError(path, number, fault)
        if _CONTROL.search(line_text):
            raise TableError(path, number, "a control character; expected plain text")
    return lines


def number(text: str) -> float | None:
    """A finite number as people write it; None for all else (also ``nan``, ``inf``, ``1_000``)."""
    if not _NUMBER.fullmatch(text):
        return None
    value = float(text)
    return value if np.isfinite(value) else None


def row(
    words: Sequence[str], previous: float | None, unit: float = 1.0
) -> tuple[float, float] | str:
    """One row of a table, checked.

    Parameters
    ----------
    words : sequence of str
        What stands in the row.
    previous : float or None
        Energy of the row before (eV), None for the first one.
    unit : float
        Of the cross section (m²).

    Returns
    -------
    (float, float) or str
        Energy (eV) and cross section (m²), or what is wrong and what was expected.
    """
    values = [number(word) for word in words]
    if len(values) != 2 or values[0] is None or values[1] is None:
        shown = _shortened(" ".join(words))
        return f"{shown!r}; expected two numbers, energy (eV) and cross section"
    energy, sigma = values[0], values[1] * unit
    if energy < 0.0 or sigma < 0.0:
        return f"{min(values[0], values[1])} is negative; expected numbers of at least 0"
    if 0.0 < energy < SMALLEST_ENERGY or sigma > LARGEST_CROSS_SECTION:
        return (
            f"{words[0]} {words[1]} cannot be energy (eV) and cross section; expected an energy of "
            f"0 or above {SMALLEST_ENERGY:g} eV, then at most {LARGEST_CROSS_SECTION:g} m2: are "
            "the columns swapped?"
        )
    if previous is not None and energy <= previous:
        return f"energy {energy:g} eV after {previous:g} eV; expected ascending energies"
    return energy, sigma


def _shortened(text: str) -> str:
    """Text that fits into a message."""
    return text if len(text) <= 60 else f"{text[:57]}..."
