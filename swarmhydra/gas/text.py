"""From the bytes of a file to lines of text, whatever the system and the editor that wrote it."""

import codecs
import re
from pathlib import Path

from swarmhydra.gas.tables import Remark, TableError

LARGEST_FILE = 64 * 1024 * 1024
"""Bytes; ten times a download of a whole database."""

LONGEST_LINE = 20_000
"""Characters."""

SHOWN = 64
"""Bytes by which UTF-16 without a byte order mark is recognised."""

_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# A form feed and a vertical tab are blanks; DOS editors end a file with Control-Z.
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f]")


def lines_of(data: bytes, path: str | Path) -> tuple[list[str], tuple[Remark, ...]]:
    """The lines of a text file.

    Parameters
    ----------
    data : bytes
        The file: in UTF-8, in UTF-16, or in Latin-1.
    path : str or Path
        Its name, for messages.

    Returns
    -------
    lines : list of str
        Without their ends.
    remarks : tuple of Remark
        That another encoding than UTF-8 was assumed.

    Raises
    ------
    TableError
        If it has control characters, or is too long to be meant.
    """
    if len(data) > LARGEST_FILE:
        line = data.count(b"\n", 0, LARGEST_FILE) + 1
        raise TableError(
            path, line, f"the file goes on after {LARGEST_FILE >> 20} MiB; expected less"
        )
    text, remarks = _decoded(data, path)
    lines = text.rstrip("\x1a").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for number, line_text in enumerate(lines, start=1):
        if len(line_text) > LONGEST_LINE:
            fault = f"{len(line_text)} characters; expected at most {LONGEST_LINE}"
            raise TableError(path, number, fault)
        if _CONTROL.search(line_text):
            raise TableError(path, number, "a control character; expected plain text")
    return lines, remarks


def _decoded(data: bytes, path: str | Path) -> tuple[str, tuple[Remark, ...]]:
    """The text, and in which encoding it was read unless that is UTF-8."""
    utf_16 = _utf_16(data)
    if utf_16:
        try:
            return data.decode(utf_16), (Remark(1, "the file is in UTF-16, not in UTF-8"),)
        except UnicodeDecodeError as error:
            raise TableError(path, 1, "broken UTF-16; expected text in UTF-8") from error
    try:
        return data.decode("utf-8-sig"), ()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        text = f"the byte 0x{data[error.start]:02x} is not UTF-8; the file is read as Latin-1"
        return data.decode("latin-1"), (Remark(line, text),)


def _utf_16(data: bytes) -> str:
    """Which UTF-16 a file is in; empty if in none. Without a mark, each other byte of 0 tells."""
    if data.startswith(_UTF_16):
        return "utf-16"
    low, high = data[0:SHOWN:2], data[1:SHOWN:2]
    if len(high) < 2 or len(data) % 2:
        return ""
    if all(low) and not any(high):
        return "utf-16-le"
    return "utf-16-be" if all(high) and not any(low) else ""
