"""Files that hold no cross sections as text: what they are, and what to do with them."""

import re
from collections.abc import Sequence
from pathlib import Path

from swarmhydra.gas.tables import TableError

_MAGIC = (
    (
        b"PK\x03\x04",
        "a zip archive (or a spreadsheet); expected text: unpack it, or save it as CSV",
    ),
    (b"\x1f\x8b", "a gzip archive; expected text: unpack it"),
    (b"BZh", "a bzip2 archive; expected text: unpack it"),
    (b"7z\xbc\xaf", "a 7z archive; expected text: unpack it"),
    (b"\xfd7zXZ", "an xz archive; expected text: unpack it"),
    (b"Rar!", "a RAR archive; expected text: unpack it"),
    (b"{\\rtf", "a document in rich text; expected plain text: save it as that"),
    (
        b"\xd0\xcf\x11\xe0",
        "a document of an office program; expected plain text: save it as that, or a table as CSV",
    ),
    (b"%PDF", "a PDF document; expected the cross sections as text"),
    (b"\x89HDF", "an HDF5 or NetCDF file; expected the cross sections as text"),
    (b"CDF", "a NetCDF file; expected the cross sections as text"),
)

_FIRST_WORDS = (
    (
        re.compile(r"<!doctype html|<html", re.IGNORECASE),
        "a page of the web; expected the plain text that the page offers for download",
    ),
    (
        re.compile(r"<\?xml|<lxcat|<!--", re.IGNORECASE),
        "XML; expected the text format: download the set from www.lxcat.net as plain text",
    ),
)

# Headings of the results of BOLSIG+ and of the web version of it.
_BOLSIG_OUTPUT = re.compile(
    r"\s*(?:BOLSIG\+|EEDF|.*\bE/N\s*\(Td\)|.*\bMean energy\s*\(eV\)|.*EEDF\s*\(eV)", re.IGNORECASE
)
_NUMBER = r"[-+]?[\d.]+(?:[eEdD][-+]?\d+)?"
_COLUMNS = re.compile(rf"\s*{_NUMBER}(?:[\s,;]+{_NUMBER})+[\s,;]*")


def check_bytes(data: bytes, path: str | Path) -> None:
    """Refuse a file that is no text.

    Raises
    ------
    TableError
        Says what the file is, and what was expected.
    """
    for magic, what in _MAGIC:
        if data.startswith(magic):
            raise TableError(path, 1, what)
    if data[257:262] == b"ustar":
        raise TableError(path, 1, "a tar archive; expected text: unpack it")


def check_text(lines: Sequence[str], path: str | Path) -> None:
    """Refuse text of which it is known that it is no file of cross sections.

    Parameters
    ----------
    lines : sequence of str
        The file.
    path : str or Path
        Its name, for messages.

    Raises
    ------
    TableError
        Says what the file is, and what was expected.
    """
    first = next((n for n, text in enumerate(lines) if text.strip()), 0)
    for pattern, what in _FIRST_WORDS:
        if pattern.match(lines[first].strip()):
            raise TableError(path, first + 1, what)


def named(lines: Sequence[str]) -> tuple[int, str] | None:
    """What a file without any block is, with the line that shows it; None if that is not known.

    Parameters
    ----------
    lines : sequence of str
        The file.
    """
    output = next((n for n, text in enumerate(lines) if _BOLSIG_OUTPUT.match(text)), None)
    if output is not None:
        return output + 1, (
            "results of BOLSIG+, not its input; expected the file of cross sections that they were "
            "computed from"
        )
    data = [n for n, text in enumerate(lines) if text.strip() and text.strip()[0] not in "#!%"]
    # Above the numbers may stand a line that names the columns.
    if data[1:] and all(_COLUMNS.fullmatch(lines[n]) for n in data[1:]):
        return data[0] + 1, (
            f"{_columns_in(lines[data[-1]])} columns of numbers, without what they are; expected "
            "blocks in the format of www.lxcat.net, or a file .csv with the columns kind, target, "
            "product, threshold_eV, mass_u, energy_eV, cross_section_m2"
        )
    return None


def _columns_in(line: str) -> str:
    """How many columns a line of numbers has."""
    return "two" if len(re.split(r"[\s,;]+", line.strip(" \t,;"))) == 2 else "several"
