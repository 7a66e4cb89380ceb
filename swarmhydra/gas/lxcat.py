"""Files in the text format of LXCat (www.lxcat.net): reading them, and writing them.

A process is a block of lines: a keyword in capitals; the target (``N2``, ``N2 -> N2(v1)`` or, with
a reverse process, ``N2 <-> N2(v1)``); a parameter (mass ratio, or energy loss and, after ``<->``,
the ratio of statistical weights; attachment has none); notes such as ``PARAM.:`` and ``UPDATED:``;
and a table of energies (eV) and cross sections (m²) between two lines of dashes. Between the blocks
stands free text.
"""

import re
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from swarmhydra.gas.processes import Kind, Process
from swarmhydra.gas.tables import Table, TableError, TableFile, lines_of, number, row

KEYWORDS = {
    "ELASTIC": Kind.ELASTIC,
    "EFFECTIVE": Kind.EFFECTIVE,
    "EXCITATION": Kind.EXCITATION,
    "ROTATION": Kind.ROTATION,
    "ROTATIONAL": Kind.ROTATION,
    "IONIZATION": Kind.IONIZATION,
    "ATTACHMENT": Kind.ATTACHMENT,
}

NOTES = ("SPECIES", "PROCESS", "PARAM.", "COMMENT", "UPDATED", "COLUMNS")

_DASHES = re.compile(r"-{5,}")
_NOTE = re.compile(r"(SPECIES|PROCESS|PARAM\.|COMMENT|UPDATED|COLUMNS):(.*)")
_FRAME = re.compile(r"x{20,}|\*{3,}.*")
_PARAMETER = re.compile(r"(m/M|E|g1/g0)\s*=\s*([-+.\deE]+)", re.ASCII)

LARGEST_MASS_RATIO = 0.1
"""Electron mass over target mass above which the number must be something else."""

AGREEMENT = 1e-3
"""Relative difference between a parameter and its repetition in ``PARAM.:``, which is rounded."""


def parse(data: bytes, path: str | Path) -> TableFile:
    """Read a file.

    Parameters
    ----------
    data : bytes
        The file: UTF-8, with the line ends of any system.
    path : str or Path
        Its name, for messages.

    Returns
    -------
    TableFile
        The processes; numbers are exactly those of the file.

    Raises
    ------
    TableError
        At the first line that is not what the format says, with what was expected there.
    """
    return _Reader(lines_of(data, path), path).read()


class _Reader:
    """One pass over the lines of a file."""

    def __init__(self, lines: list[str], path: str | Path) -> None:
        self._lines = [line.strip() for line in lines]
        self._path = path
        self._next = 0
        self._database = ""

    def read(self) -> TableFile:
        """All blocks, and the free text between them."""
        tables = []
        while self._next < len(self._lines):
            text = self._lines[self._next]
            if text in KEYWORDS:
                tables.append(self._block(KEYWORDS[text]))
                continue
            self._free_text(text)
            self._next += 1
        if not tables:
            raise self._fault(len(self._lines), f"no process; expected {_one_of(KEYWORDS)}")
        self._check_end()
        return TableFile(str(self._path), self._references(), tuple(tables))

    def _free_text(self, text: str) -> None:
        """Refuse what belongs into a block; remember the name of the database."""
        if text.startswith("DATABASE:"):
            self._database = text.partition(":")[2].strip()
        misplaced = _DASHES.fullmatch(text) or (text[:1] in "+-.0123456789" and _is_row(text))
        if misplaced or text.startswith(("SPECIES:", "PROCESS:", "PARAM.:", "COLUMNS:")):
            first = self._next
            while (
                first > 0
                and self._lines[first - 1]
                and not _DASHES.fullmatch(self._lines[first - 1])
            ):
                first -= 1
            raise self._fault(
                first + 1, f"{self._lines[first]!r} begins no process; expected {_one_of(KEYWORDS)}"
            )

    def _block(self, kind: Kind) -> Table:
        """The process whose keyword is the next line."""
        keyword, line = self._lines[self._next], self._next + 1
        self._next += 1
        target, product, reversible = self._species(kind, keyword)
        parameters = self._parameters(kind, reversible)
        notes = self._notes(keyword, line)
        self._compare(kind, keyword, parameters, notes, line)
        energy, cross_section = self._rows()
        momentum = kind in (Kind.ELASTIC, Kind.EFFECTIVE)
        return Table(
            kind=kind,
            target=target,
            product=product,
            threshold=0.0 if momentum or not parameters else parameters[0],
            mass_ratio=parameters[0] if momentum else None,
            statistical_weight_ratio=parameters[1] if reversible else None,
            energy=np.array(energy),
            cross_section=np.array(cross_section),
            line=line,
            database=self._database,
            notes=notes,
        )

    def _species(self, kind: Kind, keyword: str) -> tuple[str, str, bool]:
        """Target, product, and whether the reverse process is asked for."""
        text = self._take(f"the target of {keyword}")
        arrow = next((each for each in ("<->", "->") if each in text), "")
        target, _, product = (part.strip() for part in text.partition(arrow or "\n"))
        bad = not target or (arrow and not product) or _NOTE.match(text) or target in KEYWORDS
        if bad or number(target.split()[0]) is not None or _DASHES.fullmatch(target):
            raise self._fault(
                self._next, f"{text!r}; expected the target of {keyword}, such as 'N2 -> N2(v1)'"
            )
        if arrow == "<->" and kind not in (Kind.EXCITATION, Kind.ROTATION):
            raise self._fault(self._next, f"{text!r}; expected '->', as {keyword} has no reverse")
        return target, product, arrow == "<->"

    def _parameters(self, kind: Kind, reversible: bool) -> list[float]:
        """The numbers of the third line; an attachment may have none."""
        momentum = kind in (Kind.ELASTIC, Kind.EFFECTIVE)
        wanted = "the mass ratio" if momentum else "the energy loss (eV)"
        wanted += " and the ratio of statistical weights" if reversible else ""
        text = self._lines[self._next] if self._next < len(self._lines) else ""
        if kind is Kind.ATTACHMENT and number(text.partition("/")[0].strip()) is None:
            return []
        text = self._take(wanted)
        # Some files of old say after a slash what the number is.
        values = [number(word) for word in text.partition("/")[0].split()]
        found = [value for value in values if value is not None]
        if len(found) != len(values) or len(found) != 1 + reversible:
            raise self._fault(self._next, f"{text!r}; expected {wanted}")
        if not _sound(kind, reversible, found):
            raise self._fault(self._next, f"{text!r}; expected {wanted}{_range(kind, reversible)}")
        return found

    def _notes(self, keyword: str, line: int) -> dict[str, str]:
        """What stands between the parameters and the table."""
        notes: dict[str, str] = {}
        name = "COMMENT"
        while True:
            text = self._take(f"the table of the {keyword} of line {line}, between lines of dashes")
            if _DASHES.fullmatch(text):
                return notes
            if text in KEYWORDS or _FRAME.fullmatch(text) or _is_row(text):
                raise self._fault(
                    self._next,
                    f"{text!r}; expected a line of at least 5 dashes and the table of the "
                    f"{keyword} of line {line}",
                )
            note = _NOTE.match(text)
            if note:
                name, text = note[1], note[2].strip()
            notes[name] = f"{notes[name]} {text}".strip() if name in notes else text

    def _compare(
        self, kind: Kind, keyword: str, parameters: list[float], notes: dict[str, str], line: int
    ) -> None:
        """Refuse a block whose notes contradict its keyword or its parameters."""
        word = notes.get("PROCESS", "").rpartition(",")[2].strip().upper()
        if word in KEYWORDS and KEYWORDS[word] is not kind:
            raise self._fault(line, f"{keyword}, but its PROCESS line says {word.capitalize()}")
        name = "m/M" if kind in (Kind.ELASTIC, Kind.EFFECTIVE) else "E"
        given = dict(zip((name, "g1/g0"), parameters, strict=False))
        for key, text in _PARAMETER.findall(notes.get("PARAM.", "")):
            stated = number(text)
            if key in given and stated is not None and not _agree(given[key], stated):
                raise self._fault(
                    line + 2, f"{given[key]:g}, but the PARAM. line says {key} = {stated:g}"
                )
        columns = notes.get("COLUMNS", "")
        if columns and not ("(eV)" in columns and "(m2)" in columns):
            raise self._fault(
                line, f"COLUMNS: {columns}; expected Energy (eV) | Cross section (m2)"
            )

    def _rows(self) -> tuple[list[float], list[float]]:
        """The table, up to its second line of dashes."""
        energies: list[float] = []
        cross_sections: list[float] = []
        previous = None
        while True:
            text = self._take("more of the table, or the line of dashes at its end")
            if _DASHES.fullmatch(text):
                break
            values = row(text.split(), previous)
            if isinstance(values, str):
                raise self._fault(self._next, f"{values}, or a line of at least 5 dashes")
            previous = values[0]
            energies.append(values[0])
            cross_sections.append(values[1])
        if not energies:
            raise self._fault(self._next, "the end of an empty table; expected two numbers")
        return energies, cross_sections

    def _take(self, expected: str) -> str:
        """The next line."""
        if self._next >= len(self._lines):
            raise self._fault(len(self._lines), f"the file ends; expected {expected}")
        self._next += 1
        return self._lines[self._next - 1]

    def _check_end(self) -> None:
        """Refuse a file that ends in the middle of a keyword."""
        last = next(text for text in reversed(self._lines) if text)
        if any(keyword.startswith(last) for keyword in KEYWORDS):
            raise self._fault(
                len(self._lines), f"the file ends with {last!r}; expected a whole process"
            )

    def _references(self) -> tuple[str, ...]:
        """The lines that say how to cite the file."""
        try:
            first = self._lines.index("RECOMMENDED REFERENCE FORMAT") + 1
        except ValueError:
            return ()
        last = first
        while last < len(self._lines) and self._lines[last]:
            last += 1
        return tuple(text.removeprefix("- ") for text in self._lines[first:last])

    def _fault(self, line: int, fault: str) -> TableError:
        """The error at a line."""
        return TableError(self._path, line, fault if len(fault) < 300 else f"{fault[:297]}...")


def _is_row(text: str) -> bool:
    """Whether a line is two numbers."""
    words = text.split()
    return len(words) == 2 and None not in (number(words[0]), number(words[1]))


def _sound(kind: Kind, reversible: bool, parameters: list[float]) -> bool:
    """Whether the numbers of the third line can be what they stand for."""
    if kind in (Kind.ELASTIC, Kind.EFFECTIVE):
        return 0.0 < parameters[0] < LARGEST_MASS_RATIO
    if reversible or kind is Kind.IONIZATION:
        return min(parameters) > 0.0
    # A superelastic collision of an excited target gives energy.
    return parameters[0] >= 0.0 or kind is not Kind.ATTACHMENT


def _range(kind: Kind, reversible: bool) -> str:
    """The end of a message about the third line."""
    if kind in (Kind.ELASTIC, Kind.EFFECTIVE):
        return f", above 0 and below {LARGEST_MASS_RATIO:g}"
    return ", above 0" if reversible or kind is Kind.IONIZATION else ", at least 0"


def _agree(value: float, stated: float) -> bool:
    """Whether two writings of a parameter mean the same."""
    return abs(value - stated) <= AGREEMENT * max(abs(value), abs(stated))


def _one_of(words: Iterable[str]) -> str:
    """Words to choose from."""
    return f"one of {', '.join(words)}"


# --- writing ----------------------------------------------------------------------------------


def text_of(processes: Iterable[Process], citation: str = "") -> str:
    """Processes as the text of a file, from which `parse` reads the same numbers.

    Parameters
    ----------
    processes : iterable of Process
        Such as those of a mixture. The format knows nothing of fractions and angular models.
    citation : str
        Where they were published.

    Returns
    -------
    str
        The text, with every digit of the numbers.

    Raises
    ------
    ValueError
        If a name cannot be written, because it would read as something else.
    """
    head = ["RECOMMENDED REFERENCE FORMAT", f"- {' '.join(citation.split())}", ""]
    return "\n".join([*(head if citation else []), *map(_block_text, processes)])


def _block_text(process: Process) -> str:
    """One block."""
    product = process.name.rpartition("->")[2].strip()
    weights = process.traits.statistical_weight_ratio
    momentum = process.kind in (Kind.ELASTIC, Kind.EFFECTIVE)
    arrow = "->" if weights is None else "<->"
    target = process.target if momentum else f"{process.target} {arrow} {product}"
    first = float(process.mass_ratio if momentum else process.threshold)
    parameters, notes = f"{first!r}", f"m/M = {first!r}" if momentum else f"E = {first!r} eV"
    if weights is not None:
        parameters, notes = f"{first!r} {weights!r}", f"{notes}, g1/g0 = {weights!r}"
    if "\n" in target or not product or product == process.kind.value:
        raise ValueError(f"process {process.name!r} of {process.target!r}: no name for a file")
    right = process.target if momentum else product
    rows = zip(process.energy.tolist(), process.cross_section.tolist(), strict=True)
    return "\n".join(
        [
            process.kind.value,
            target,
            parameters,
            f"SPECIES: e / {process.target}",
            f"PROCESS: E + {process.target} -> E + {right}, {process.kind.capitalize()}",
            f"PARAM.:  {notes}",
            f"COMMENT: {process.name}",
            "COLUMNS: Energy (eV) | Cross section (m2)",
            "-----------------------------",
            *(f"{energy!r}\t{sigma!r}" for energy, sigma in rows),
            "-----------------------------",
            "",
        ]
    )
