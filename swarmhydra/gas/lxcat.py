"""Files in the text format of LXCat (www.lxcat.net) and of BOLSIG+: from lines to blocks.

A process is a block of lines: a keyword; the target (``N2``, ``N2 -> N2(v1)`` or, with a reverse
process, ``N2 <-> N2(v1)``); a parameter (mass ratio, or energy loss and, after ``<->``, the ratio
of statistical weights; attachment has none); notes such as ``PARAM.:`` and ``UPDATED:``; and a
table of energies (eV) and cross sections (m²) between two lines of dashes. Between the blocks
stands free text. A block that is not understood is left out and named, and never in part: what
stands in a file outside of its blocks must not look like one.
"""

import re
from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from swarmhydra.gas.block_parameters import BlockFault
from swarmhydra.gas.lxcat_block import (
    DASHES,
    FRAME,
    KEYWORDS,
    NOTE,
    BlockReader,
    keyword_of,
)
from swarmhydra.gas.other_formats import named
from swarmhydra.gas.reactions import is_electron, process_of, reaction_of
from swarmhydra.gas.table_numbers import is_passed_over, is_row, number
from swarmhydra.gas.tables import LeftOut, Remark, Table, TableError, TableFile

_PARTS_OF_A_BLOCK = ("SPECIES:", "PROCESS:", "PARAM.:", "COLUMNS:")
_OF_IONS = ("ISOTROPIC", "BACKSCAT", "BACKSCATTERING")


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
        The processes, with exactly the numbers of the file; and the blocks that are left out.

    Raises
    ------
    TableError
        If nothing in it looks like a block.
    """
    reader = _Reader([line.strip() for line in lines], path)
    reader.read()
    if not reader.tables and (other := named(lines)):
        raise TableError(path, *other)
    if not reader.tables and not reader.left_out:
        raise TableError(path, len(lines), f"no process; expected one of {', '.join(KEYWORDS)}")
    return TableFile(
        str(path),
        _references(reader.lines),
        tuple(reader.tables),
        tuple(reader.left_out),
        (*remarks, *reader.remarks),
    )


class _Reader:
    """One pass over the lines of a file."""

    def __init__(self, lines: list[str], path: str | Path) -> None:
        self.lines = lines
        self.tables: list[Table] = []
        self.left_out: list[LeftOut] = []
        self.remarks: list[Remark] = []
        self._path = path
        self._database = ""

    def read(self) -> None:
        """All blocks, and the free text before, between and after them."""
        starts = _starts(self.lines)
        self._free_text(0, starts[0] if starts else len(self.lines))
        for start, stop in pairwise([*starts, len(self.lines)]):
            block = BlockReader(self.lines, start, stop, self._database)
            try:
                table = block.read()
                self._check_nothing_follows(block)
            except BlockFault as fault:
                self._leave_out(block, fault)
                self._find_database(start, stop)
            else:
                self.tables.append(table)
                self._free_text(block.next, stop)
        self._check_end(starts)

    def _leave_out(self, block: BlockReader, fault: BlockFault) -> None:
        """Name a block that cannot be read."""
        keyword = self.lines[block.start]
        self.left_out.append(
            LeftOut(
                block.start + 1,
                keyword,
                block.label,
                block.target,
                fault.reason,
                fault.is_needed,
                fault.line,
            )
        )

    def _check_nothing_follows(self, block: BlockReader) -> None:
        """Refuse a table that goes on after its second line of dashes."""
        place = block.next
        while place < block.stop and (not self.lines[place] or DASHES.fullmatch(self.lines[place])):
            place += 1
        if place < block.stop and re.match(r"[-+.]?\d", self.lines[place]):
            raise BlockFault(
                place + 1,
                f"{self.lines[place]!r} after the end of the table; expected one line of dashes "
                "before and one after a table",
            )

    def _free_text(self, start: int, stop: int) -> None:
        """Find names of databases, and blocks whose keyword is not known."""
        self._find_database(start, stop)
        paragraph = place = start
        while place < stop:
            text = self.lines[place]
            if not text or FRAME.fullmatch(text):
                paragraph = place + 1
            elif self._begins_rows(place, stop):
                place = self._unknown_block(paragraph, place, stop)
                paragraph = place
                continue
            elif DASHES.fullmatch(text):
                paragraph = place + 1
            elif is_row(text):
                self.remarks.append(
                    Remark(place + 1, f"{text!r} stands outside of any block and is passed over")
                )
            place += 1

    def _find_database(self, start: int, stop: int) -> None:
        """Remember the last name of a database in some lines."""
        for text in reversed(self.lines[start:stop]):
            if text.startswith("DATABASE:"):
                self._database = text.partition(":")[2].strip()
                return

    def _begins_rows(self, place: int, stop: int) -> bool:
        """Whether a table begins at a line, or the note of a block."""
        text = self.lines[place]
        after = self.lines[place + 1] if place + 1 < stop else ""
        if text.startswith(_PARTS_OF_A_BLOCK):
            return True
        if DASHES.fullmatch(text):
            return is_row(after)
        return is_row(text) and (is_row(after) or after[:1] == "-")

    def _unknown_block(self, first: int, place: int, stop: int) -> int:
        """Name a block without a known keyword, and say where it ends."""
        head = [text for text in self.lines[first:place] if text]
        while place < stop and self.lines[place] and not is_row(self.lines[place]):
            head.append(self.lines[place])
            place += 1
        while place < stop and (is_row(self.lines[place]) or DASHES.fullmatch(self.lines[place])):
            place += 1
        target, product, projectile = _named(head)
        keyword = head[0] if head else ""
        label = f"{target} -> {product}" if product else f"{target} {keyword[:20].lower()}".strip()
        reason = (
            f"the projectile is {projectile}, not an electron"
            if projectile
            else f"{keyword[:60]!r} begins no process of electrons; expected one of "
            f"{', '.join(KEYWORDS)}"
        )
        self.left_out.append(
            LeftOut(
                first + 1,
                keyword,
                label or f"table of line {first + 1}",
                target,
                reason,
                not projectile and keyword.upper() not in _OF_IONS,
                first + 1,
            )
        )
        return max(place, first + 1)

    def _check_end(self, starts: list[int]) -> None:
        """Name the beginning of a keyword at the end of the file."""
        place = max((n for n, text in enumerate(self.lines) if text), default=0)
        last = self.lines[place] if self.lines else ""
        is_cut = any(word.startswith(last) and word != last for word in KEYWORDS)
        is_known = bool(starts and self.left_out and self.left_out[-1].line == starts[-1] + 1)
        if last and is_cut and not is_known:
            reason = f"the file ends with {last!r}; expected a whole process"
            self.left_out.append(LeftOut(place + 1, last, last, "", reason, True, place + 1))


def _starts(lines: Sequence[str]) -> list[int]:
    """Indices of the keywords; one that is not in capitals must be followed by a block."""
    dashes = [
        place for place, text in enumerate(lines) if text[:1] == "-" and DASHES.fullmatch(text)
    ]
    words = [place for place, text in enumerate(lines) if keyword_of(text)]
    starts = []
    for place, following in pairwise([*words, len(lines)]):
        index = bisect_left(dashes, place)
        opening = dashes[index] if index < len(dashes) else len(lines)
        row = opening + 1
        while row < following and is_passed_over(lines[row]):
            row += 1
        is_block = row < following and is_row(lines[row])
        if lines[place].startswith(keyword_of(lines[place])) or is_block:
            starts.append(place)
    return starts


def _named(head: Sequence[str]) -> tuple[str, str, str]:
    """Target, product, and the projectile unless it is an electron, of an unknown block."""
    notes = {match[1]: match[2] for match in map(NOTE.match, head) if match}
    projectile, slash, species = notes.get("SPECIES", "").partition("/")
    projectile = projectile.strip() if slash and not is_electron(projectile) else ""
    process, _ = process_of(notes.get("PROCESS", ""))
    plain = [reaction_of(text) for text in head[:2] if not NOTE.match(text)]
    arrow = next((each for each in plain if each.product), None)
    target = species.strip() or process.target or (arrow.target if arrow else "")
    product = process.product or (arrow.product if arrow else "")
    if not target and len(head) > 1:
        # The target of an elastic process stands alone: before or after the place of the keyword.
        target = head[0] if number(head[1].split()[0]) is not None else head[1]
    return target, product, projectile


def _references(lines: Sequence[str]) -> tuple[str, ...]:
    """The lines that say how to cite the file."""
    references: list[str] = []
    for place, text in enumerate(lines):
        if text != "RECOMMENDED REFERENCE FORMAT":
            continue
        last = place + 1
        while last < len(lines) and lines[last]:
            last += 1
        references += [line.removeprefix("- ") for line in lines[place + 1 : last]]
    return tuple(dict.fromkeys(references))
