"""The numbers of a block beside its table: mass ratio, energy loss, statistical weights."""

from collections.abc import Sequence
from dataclasses import dataclass

from scipy import constants

from swarmhydra.gas.lxcat_notes import agrees
from swarmhydra.gas.masses import mass_of
from swarmhydra.gas.processes import Kind
from swarmhydra.gas.table_numbers import number
from swarmhydra.gas.tables import MOMENTUM_KINDS, Remark

LEVEL_WORDS = ("VIBRATIONAL", "VIBRATION", "ROTATIONAL", "ROTATION")
"""Keywords of transitions between levels, for which LXCat itself writes no third line."""

LARGEST_MASS_RATIO = 0.1
"""Electron mass over target mass above which the number must be something else."""

_LEVEL_KINDS = (Kind.EXCITATION, Kind.ROTATION)
_ELECTRON_MASS_U = constants.value("electron mass in u")


class BlockFault(ValueError):
    """A block of which no table can be made.

    Parameters
    ----------
    line : int
        Line at which the reason is, from 1 on.
    reason : str
        What is there, and what was expected.
    is_needed : bool
        Whether it is a process of electrons that a run would lack.
    """

    def __init__(self, line: int, reason: str, is_needed: bool = True) -> None:
        super().__init__(reason)
        self.line = line
        self.reason = reason if len(reason) < 300 else f"{reason[:297]}..."
        self.is_needed = is_needed


def mass_ratio_of(target: str, line: int, remarks: list[Remark]) -> float:
    """Electron mass over that of a molecule by its name, with a remark that it is taken so.

    Raises
    ------
    BlockFault
        If the name is no chemical formula.
    """
    mass = mass_of(target)
    if mass is None:
        reason = f"no mass ratio is given, and {target} is no formula; expected a mass ratio"
        raise BlockFault(line, reason)
    ratio = float(_ELECTRON_MASS_U / mass)
    remarks.append(Remark(line, f"no mass ratio is given; that of {target}, {ratio:.4g}, is taken"))
    return ratio


def is_sound(kind: Kind, value: float, reversible: bool) -> bool:
    """Whether a number can be the mass ratio or the energy loss of a process."""
    if kind in MOMENTUM_KINDS:
        return 0.0 < value < LARGEST_MASS_RATIO
    if reversible or kind is Kind.IONIZATION:
        return value > 0.0
    # A superelastic collision of an excited target gives energy.
    return value >= 0.0 or kind is not Kind.ATTACHMENT


def _range(kind: Kind, reversible: bool) -> str:
    """The end of a message about the third line."""
    if kind in MOMENTUM_KINDS:
        return f", above 0 and below {LARGEST_MASS_RATIO:g}"
    return ", above 0" if reversible or kind is Kind.IONIZATION else ", at least 0"


@dataclass(frozen=True)
class Parameters:
    """What a block says of its numbers, and where.

    Attributes
    ----------
    kind : Kind
    keyword, target : str
    is_reversible : bool
        Whether the arrow points both ways.
    words : sequence of str
        The words of the third line; empty where it is missing.
    notes : dict of str to str
        What the ``PARAM.:`` note says, as it is written, by ``m/M``, ``E`` and ``g1/g0``.
    line, third_line : int
        Lines of the keyword and of the third line, from 1 on.
    is_comsol : bool
        Whether the third line is that of the format of COMSOL.
    remarks : list of Remark
        Receives what is guessed.
    """

    kind: Kind
    keyword: str
    target: str
    is_reversible: bool
    words: Sequence[str]
    notes: dict[str, str]
    line: int
    third_line: int
    is_comsol: bool
    remarks: list[Remark]

    def values(self) -> list[float]:
        """Mass ratio, or energy loss and, for a way back, the ratio of statistical weights.

        The third line prevails over the notes; an attachment may have no number at all.

        Raises
        ------
        BlockFault
            If a number is missing, or cannot be what it stands for.
        """
        if self.is_reversible and self.kind in (Kind.IONIZATION, Kind.ATTACHMENT):
            self._remark(self.line, f"no reverse of {self.keyword} is made, in spite of the <->")
        self._check_extra()
        first = self._first()
        if first is None:
            return []
        if not is_sound(self.kind, first, self._has_way_back):
            text = " ".join(self.words) or f"{first:g}"
            raise BlockFault(
                self.third_line,
                f"{text!r}; expected {expected_numbers(self.kind, self._has_way_back)}"
                f"{_range(self.kind, self._has_way_back)}",
            )
        return [first, self._weights()] if self._has_way_back else [first]

    @property
    def _has_way_back(self) -> bool:
        """Whether a reverse process is asked for that can be made."""
        return self.is_reversible and self.kind in _LEVEL_KINDS

    def _remark(self, line: int, text: str) -> None:
        """Note what is guessed."""
        self.remarks.append(Remark(line, text))

    def _check_extra(self) -> None:
        """Say which numbers of the third line are not used."""
        extra = self.words[1 + self._has_way_back :]
        if not extra:
            return
        if self.is_comsol and self.kind is Kind.EXCITATION:
            text = f"the numbers {' '.join(extra)} of COMSOL are not used: no way back is made"
        elif len(extra) > 1:
            raise BlockFault(
                self.third_line,
                f"{' '.join(self.words)!r}; expected "
                f"{expected_numbers(self.kind, self._has_way_back)}",
            )
        elif self.kind in _LEVEL_KINDS and not self._has_way_back:
            text = f"the ratio of statistical weights {extra[0]} is not used: the arrow is not <->"
        else:
            text = f"the last number, {extra[0]}, is not used"
        self._remark(self.third_line, text)

    def _first(self) -> float | None:
        """Mass ratio or energy loss; None for an attachment without."""
        name = "m/M" if self.kind in MOMENTUM_KINDS else "E"
        note = self.notes.get(name)
        if self.words:
            return self._compared(self.words[0], name)
        if self.kind is Kind.ATTACHMENT:
            return None
        if note is not None:
            if self.keyword not in LEVEL_WORDS:
                self._remark(self.line, f"no third line; {name} = {note} is that of PARAM.")
            return self._number(name, note)
        if self.kind in MOMENTUM_KINDS:
            return mass_ratio_of(self.target, self.line, self.remarks)
        reason = "no energy loss is given, neither in a third line nor in PARAM."
        raise BlockFault(self.line, reason, is_needed=False)

    def _weights(self) -> float:
        """The ratio of statistical weights of a process that goes both ways."""
        note = self.notes.get("g1/g0")
        if len(self.words) > 1:
            weights = self._compared(self.words[1], "g1/g0")
        elif note is not None:
            weights = self._number("g1/g0", note)
            if self.keyword not in LEVEL_WORDS:
                self._remark(self.third_line, f"g1/g0 = {note} is that of PARAM.")
        else:
            weights = 1.0
            text = "no ratio of statistical weights is given for <->; 1 is taken"
            self._remark(self.line, text)
        if weights <= 0.0:
            raise BlockFault(
                self.third_line, f"{weights:g}; expected a ratio of statistical weights above 0"
            )
        return weights

    def _number(self, name: str, note: str) -> float:
        """A number that only the PARAM. line gives."""
        value = number(note)
        if value is None:
            unit = " (eV)" if name == "E" else ""
            reason = f"the PARAM. line says {name} = {note}; expected a number{unit}"
            raise BlockFault(self.line, reason)
        return value

    def _compared(self, word: str, name: str) -> float:
        """A number of the third line, compared with what the PARAM. line says."""
        value = number(word)
        assert value is not None
        note = self.notes.get(name)
        if note is not None and not agrees(value, note):
            self._remark(
                self.third_line,
                f"{value:g}, but the PARAM. line says {name} = {note}; the third line is taken",
            )
        return value


def expected_numbers(kind: Kind, has_way_back: bool) -> str:
    """What the third line of a block should hold.

    Parameters
    ----------
    kind : Kind
    has_way_back : bool
        Whether a reverse process is asked for.
    """
    first = "the mass ratio" if kind in MOMENTUM_KINDS else "the energy loss (eV)"
    return f"{first} and the ratio of statistical weights" if has_way_back else first
