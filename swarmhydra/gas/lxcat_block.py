"""One block of a file in the format of LXCat: keyword, target, third line, notes, table."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from swarmhydra.gas.block_parameters import LEVEL_WORDS, BlockFault, Parameters, expected_numbers
from swarmhydra.gas.lxcat_notes import complete_set_of, parameters_of, three_body_of, unit_of
from swarmhydra.gas.processes import Kind
from swarmhydra.gas.reactions import (
    Reaction,
    is_electron,
    process_of,
    reaction_of,
    same_species,
    transition_of,
)
from swarmhydra.gas.table_numbers import (
    STARTS_OF_NUMBERS,
    is_passed_over,
    is_row,
    number,
    row,
    without_comment,
    words_of,
)
from swarmhydra.gas.tables import MOMENTUM_KINDS, Remark, Table

KEYWORDS = {
    "ELASTIC": Kind.ELASTIC,
    "EFFECTIVE": Kind.EFFECTIVE,
    "MOMENTUM": Kind.EFFECTIVE,
    "EXCITATION": Kind.EXCITATION,
    "VIBRATIONAL": Kind.EXCITATION,
    "VIBRATION": Kind.EXCITATION,
    "DISSOCIATION": Kind.EXCITATION,
    "ROTATION": Kind.ROTATION,
    "ROTATIONAL": Kind.ROTATION,
    "IONIZATION": Kind.IONIZATION,
    "IONISATION": Kind.IONIZATION,
    "ATTACHMENT": Kind.ATTACHMENT,
}
"""The words that begin a block of a collision of electrons."""

_STARTS_OF_KEYWORDS = {word[:5] for word in KEYWORDS}

DASHES = re.compile(r"-{5,}")
FRAME = re.compile(r"x{20,}|\*{3,}.*")
NOTE = re.compile(r"(SPECIES|PROCESS|PARAM\.|COMMENT|UPDATED|COLUMNS):(.*)")

_ANY_NOTE = re.compile(NOTE.pattern, re.IGNORECASE)

_ROW = "two numbers, energy (eV) and cross section, or a line of at least 5 dashes"


@dataclass
class BlockReader:
    """One pass over the lines of a block.

    Attributes
    ----------
    lines : sequence of str
        All lines of the file, without blanks at their ends.
    start, stop : int
        Index of the keyword, and of the line at which the next block begins.
    database : str
        Name of the database in whose part of the file the block is.
    target, product : str
        As far as they were read; for the name of a block that is left out.
    remarks : list of Remark
        What was guessed.
    """

    lines: Sequence[str]
    start: int
    stop: int
    database: str = ""
    target: str = ""
    product: str = ""
    remarks: list[Remark] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Begin behind the keyword."""
        self.keyword = keyword_of(self.lines[self.start])
        self.kind = KEYWORDS[self.keyword]
        self.next = self.start + 1
        self.notes: dict[str, str] = {}
        self._third = self.start
        # Notes may be in small letters where the keyword is.
        is_in_capitals = self.lines[self.start].startswith(self.keyword)
        self._note = NOTE if is_in_capitals else _ANY_NOTE

    def read(self) -> Table:
        """The process; afterwards `next` is the index of the line behind it.

        Raises
        ------
        BlockFault
            If no table can be made of it.
        """
        if not self.lines[self.start].startswith(self.keyword):
            self._remark(self.start, f"{self.lines[self.start]!r} is read as {self.keyword}")
        if self.keyword == "MOMENTUM":
            self._remark(self.start, "MOMENTUM is read as EFFECTIVE: momentum transfer in total")
        reaction = self._target_line()
        words = self._third_line()
        is_comsol = self._comsol_factors(reaction)
        self._read_notes()
        self._check_projectile()
        process, word = process_of(self.notes.get("PROCESS", ""))
        self._check_word(word)
        reaction = self._completed(reaction, process)
        parameters = Parameters(
            self.kind,
            self.keyword,
            self.target,
            reaction.reversible,
            words,
            parameters_of(self.notes),
            self.start + 1,
            self._third + 1,
            is_comsol,
            self.remarks,
        ).values()
        unit = self._unit()
        points = np.array(self._rows(unit))
        three_body = three_body_of(
            self.kind, self.target, self.notes, points[:, 1], unit, reaction.others
        )
        if three_body is not None:
            self.remarks.append(three_body.remark(self.start + 1))
        return Table(
            kind=self.kind,
            target=self.target,
            product=self.product,
            threshold=0.0 if self._momentum or not parameters else parameters[0],
            mass_ratio=parameters[0] if self._momentum else None,
            statistical_weight_ratio=parameters[1] if len(parameters) > 1 else None,
            energy=points[:, 0].copy(),
            cross_section=points[:, 1].copy(),
            line=self.start + 1,
            database=self.database,
            notes=self.notes,
            keyword="" if self.keyword == self.kind.value else self.keyword,
            transition=transition_of(self.product, resolved=self.keyword in LEVEL_WORDS),
            three_body=three_body,
            complete_set=complete_set_of(self.notes),
            remarks=tuple(self.remarks),
        )

    @property
    def label(self) -> str:
        """The process, as far as it is known."""
        if self.product and self.product != self.target:
            return f"{self.target} -> {self.product}"
        return f"{self.target} {self.keyword.lower()}".strip()

    @property
    def _momentum(self) -> bool:
        """Whether the number of the third line is a mass ratio."""
        return self.kind in MOMENTUM_KINDS

    # --- lines ---------------------------------------------------------------------------------

    def _remark(self, index: int, text: str) -> None:
        """Note what was guessed at a line."""
        self.remarks.append(Remark(index + 1, text))

    def _fault(self, reason: str, is_needed: bool = True) -> BlockFault:
        """The error at the line that was taken last."""
        return BlockFault(self.next, reason, is_needed)

    def _take(self, expectation: str) -> str:
        """The next line."""
        if self.next >= self.stop:
            ends = "the file ends" if self.stop == len(self.lines) else "the next process begins"
            line = self.stop if self.stop == len(self.lines) else self.stop + 1
            raise BlockFault(line, f"{ends}; expected {expectation}")
        self.next += 1
        return self.lines[self.next - 1]

    def _peek(self) -> str:
        """The next line that is not blank; empty at the end of the block."""
        place = self.next
        while place < self.stop and not self.lines[place]:
            place += 1
        if place == self.stop:
            return ""
        self.next = place
        return self.lines[place]

    # --- target and third line ---------------------------------------------------------------

    def _target_line(self) -> Reaction | None:
        """The second line, unless the notes follow at once."""
        text = self._peek()
        if self._note.match(text):
            return None
        text = self._take(f"the target of {self.keyword}, such as 'N2 -> N2(v1)'")
        reaction = reaction_of(without_comment(text))
        starts_as_number = not text or number(text.split()[0]) is not None
        if starts_as_number or not reaction.target or DASHES.fullmatch(text):
            raise self._fault(
                f"{text!r}; expected the target of {self.keyword}, such as 'N2 -> N2(v1)'"
            )
        self.target, self.product = reaction.target, reaction.product
        if reaction.has_arrow and not reaction.product:
            raise self._fault(f"{text!r}; expected a product after the arrow")
        if reaction.ion and not reaction.has_electron:
            self.target = reaction.others[0]
            reason = f"the projectile is {reaction.ion}, not an electron"
            raise BlockFault(self.start + 1, reason, is_needed=False)
        if reaction.others and self.kind is not Kind.ATTACHMENT:
            raise self._fault(f"{text!r}; expected one target")
        return reaction

    def _third_line(self) -> list[str]:
        """The words of the third line that are numbers; none where the line is missing."""
        text = self._peek()
        self._third = self.next
        # Some old files say after a slash what the number is.
        words = without_comment(text.partition("/")[0]).split()
        if not words or not re.match(r"[-+.]?\d", words[0]) or DASHES.fullmatch(text):
            return []
        if self.kind is Kind.ATTACHMENT and any(number(word) is None for word in words):
            return []
        self.next += 1
        if words[-1].lower().endswith("ev"):
            words[-1] = words[-1][:-2]
            words = [word for word in words if word]
        if any(number(word) is None for word in words) or len(words) > 3:
            raise self._fault(f"{text!r}; expected {expected_numbers(self.kind, False)}")
        return words

    def _comsol_factors(self, reaction: Reaction | None) -> bool:
        """Whether the block has the fourth line of COMSOL: factors, which must be one."""
        text = self._peek()
        values = [number(word) for word in text.split()]
        dialect = reaction is not None and reaction.has_electron and len(values) == 2
        if not dialect or None in values:
            return False
        self.next += 1
        if values != [1.0, 1.0]:
            raise self._fault(f"{text!r}; expected the factors 1.0 1.0 of the format of COMSOL")
        return True

    # --- notes -----------------------------------------------------------------------------------

    def _read_notes(self) -> None:
        """What stands between the third line and the table."""
        name = "COMMENT"
        words: dict[str, list[str]] = {}
        while True:
            expectation = (
                f"a line of at least 5 dashes and the table of the {self.keyword} of line "
                f"{self.start + 1}"
            )
            text = self._take(expectation)
            if DASHES.fullmatch(text):
                break
            if FRAME.fullmatch(text) or is_row(text):
                raise self._fault(f"{text!r}; expected {expectation}")
            note = self._note.match(text)
            if note:
                name, text = note[1].upper(), note[2].strip()
            words.setdefault(name, []).append(text)
        self.notes = {
            name: " ".join(part for part in parts if part) for name, parts in words.items()
        }

    def _check_projectile(self) -> None:
        """Refuse a block that says that no electron hits the target."""
        projectile, slash, target = self.notes.get("SPECIES", "").partition("/")
        if slash and not is_electron(projectile):
            self.target = self.target or target.strip()
            reason = f"the projectile is {projectile.strip()}, not an electron"
            raise BlockFault(self.start + 1, reason, is_needed=False)

    def _check_word(self, word: str) -> None:
        """Compare the kind with what the PROCESS line says of it."""
        kind = KEYWORDS.get(word, self.kind)
        if kind is self.kind:
            return
        states = f"{self.keyword}, but its PROCESS line says {word.capitalize()}"
        alike = (MOMENTUM_KINDS, (Kind.EXCITATION, Kind.ROTATION))
        if not any({kind, self.kind} <= set(kinds) for kinds in alike):
            raise BlockFault(self.start + 1, f"{states}; expected one kind")
        self._remark(self.start, f"{states}; the keyword is taken")

    def _completed(self, reaction: Reaction | None, process: Reaction) -> Reaction:
        """The reaction, with what the second line lacks from SPECIES and PROCESS."""
        species = self.notes.get("SPECIES", "").partition("/")[2].strip()
        if reaction is not None:
            if species and not same_species(species, self.target):
                self._remark(
                    self.start, f"the target is {self.target}, but its SPECIES line says {species}"
                )
            if reaction.has_electron and self._momentum:
                self.product = ""
            return reaction
        self.target = species or process.target
        self.product = "" if self._momentum else process.product
        if not self.target:
            raise BlockFault(self._third + 1, f"no target; expected the target of {self.keyword}")
        # A statistical weight ratio of levels is only of use for the way back.
        both = process.reversible or (
            self.keyword in LEVEL_WORDS and "g1/g0" in parameters_of(self.notes)
        )
        return Reaction(self.target, self.product, both)

    # --- table -----------------------------------------------------------------------------------

    def _unit(self) -> float:
        """The unit of the cross sections (m²)."""
        columns = self.notes.get("COLUMNS", "")
        unit = unit_of(columns)
        if unit is None:
            raise BlockFault(
                self.start + 1, f"COLUMNS: {columns}; expected Energy (eV) | Cross section (m2)"
            )
        if unit != 1.0:
            self._remark(
                self.start, f"the cross sections are converted to m2, as COLUMNS says: {columns}"
            )
        return unit

    def _rows(self, unit: float) -> list[tuple[float, float]]:
        """The table, up to its second line of dashes."""
        points: list[tuple[float, float]] = []
        comments = 0
        while True:
            text = self._take("more of the table, or the line of dashes at its end")
            if text[:1] not in STARTS_OF_NUMBERS:
                if not is_passed_over(text):
                    raise self._fault(f"{text[:60]!r}; expected {_ROW}")
                comments += bool(text)
                continue
            if text[0] == "-" and DASHES.fullmatch(text):
                break
            values = row(words_of(text), points[-1][0] if points else None, unit, steps=True)
            if isinstance(values, str):
                raise self._fault(f"{values}, or a line of at least 5 dashes")
            points.append(values)
        if not points:
            raise self._fault("the end of an empty table; expected two numbers")
        if comments:
            self._remark(
                self.start, f"{comments} lines of comment within the table are passed over"
            )
        return points


def keyword_of(line: str) -> str:
    """The keyword that a line consists of, in capitals; empty if it is none.

    Parameters
    ----------
    line : str
        Behind the keyword may stand a comment.
    """
    word = line.upper()
    if word not in KEYWORDS:
        word = without_comment(word).rstrip() if word[:5] in _STARTS_OF_KEYWORDS else ""
    return word if word in KEYWORDS else ""
