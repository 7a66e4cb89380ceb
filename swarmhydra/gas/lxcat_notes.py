"""What the notes of a block in the format of LXCat mean: numbers, units, three-body processes."""

import re
from decimal import Decimal

from swarmhydra.gas.processes import Kind
from swarmhydra.gas.reactions import process_of, same_species
from swarmhydra.gas.table_numbers import number
from swarmhydra.gas.tables import ThreeBody
from swarmhydra.kernels.arrays import FloatArray

THREE_BODY_LIMIT = 1e-30
"""Largest value (m²) of an attachment table that can only be per density of a third body."""

_PARAMETER = re.compile(r"(?<![\w/])(m/M|E|g1/g0)\s*=\s*([^\s,;]+?)(?:eV)?(?=[\s,;]|$)")
LARGEST_EXPONENT = 400
"""Power of ten beyond which there are no doubles."""

_FORTRAN_EXPONENT = str.maketrans("Dd", "ee")
_UNIT = re.compile(r"\(([^()]*)\)")
_AREA = re.compile(r"(?:(1e-20|10\^?-20)\s*)?(c?m|Å|angstrom)(?:\^|\*\*)?[2²]", re.IGNORECASE)
_AREAS = {"m": 1.0, "cm": 1e-4, "å": 1e-20, "angstrom": 1e-20}
_NOT_COMPLETE = re.compile(
    r"\bnot\s+(?:a\s+)?(?:part\s+of|included\s+in|in|belong\w*\s+to)\s+(?:the|a|this)\s+complete\s+set",
    re.IGNORECASE,
)
_THREE_BODY = re.compile(r"\b(?:three|3)[\s-]*body\b", re.IGNORECASE)
_NO_THREE_BODY = re.compile(
    r"\b(?:no|not|without|excluding|except)\s+(?:\w+\s+){0,2}(?:three|3)[\s-]*body\b", re.IGNORECASE
)
# What a note says of the unit of a three-body table: a fifth power of a length, or the density.
_FIFTH_POWERS = (
    (re.compile(r"\bcm\^?5\b", re.IGNORECASE), 1e-10),
    (re.compile(r"(?<!\w)m\^?5\b", re.IGNORECASE), 1.0),
)
_DENSITIES = (
    (re.compile(r"(?:\b(?:per|in|of)\s+|\()cm\^?-3\b|1/cm\^?3\b", re.IGNORECASE), 1e-6),
    (re.compile(r"(?:\b(?:per|in|of)\s+|\()m\^?-3\b|1/m\^?3\b", re.IGNORECASE), 1.0),
)


def parameters_of(notes: dict[str, str]) -> dict[str, str]:
    """The numbers of the ``PARAM.:`` note as they are written, by ``m/M``, ``E`` and ``g1/g0``."""
    pairs = _PARAMETER.findall(notes.get("PARAM.", ""))
    return {key: text for key, text in pairs if number(text) is not None}


def agrees(value: float, written: str) -> bool:
    """Whether a number, rounded to the digits of another, is that one.

    Parameters
    ----------
    value : float
    written : str
        A number as a file writes it, for which ``0.0000136`` means anything that rounds to it.
    """
    rounded = Decimal(written.translate(_FORTRAN_EXPONENT))
    exponent = rounded.as_tuple().exponent
    assert isinstance(exponent, int)
    # Half a unit of the last digit, and a little: files cut digits off as well as they round.
    half = Decimal("0.500001") * Decimal(10) ** max(
        min(exponent, LARGEST_EXPONENT), -LARGEST_EXPONENT
    )
    return abs(Decimal(value) - rounded) <= half


def unit_of(columns: str) -> float | None:
    """The unit of the cross sections (m²) that a ``COLUMNS:`` note states, None if not understood.

    Parameters
    ----------
    columns : str
        Such as ``Energy (eV) | Cross section (m2)``; without a bracket m² is meant.
    """
    units = [text.strip() for text in _UNIT.findall(columns)]
    if not units or (len(units) == 2 and units[0] == "eV" and _fifth_power(units[1])):
        return 1.0
    area = _AREA.fullmatch(units[-1])
    if len(units) != 2 or units[0] != "eV" or area is None:
        return None
    return (1e-20 if area[1] else 1.0) * _AREAS[area[2].lower()]


def _fifth_power(text: str) -> float | None:
    """The fifth power of a length (m5) that a text names, None if it names none."""
    return next((unit for pattern, unit in _FIFTH_POWERS if pattern.search(text)), None)


def complete_set_of(notes: dict[str, str]) -> bool | None:
    """Whether a process calls itself part of a complete set; None where it says nothing of it."""
    if any(_NOT_COMPLETE.search(text) for text in notes.values()):
        return False
    return True if "complete set" in notes.get("PARAM.", "") else None


def three_body_of(
    kind: Kind, target: str, notes: dict[str, str], cross_section: FloatArray, unit: float
) -> ThreeBody | None:
    """Whether a table is per density of a third body; None if it is not.

    Parameters
    ----------
    kind : Kind
    target : str
    notes : dict of str to str
    cross_section : ndarray, shape (n,)
        The table, as read with its unit.
    unit : float
        Unit with which it was read (m²).
    """
    columns = notes.get("COLUMNS", "")
    if kind is not Kind.ATTACHMENT and _fifth_power(columns) is None:
        return None
    reaction, _ = process_of(notes.get("PROCESS", ""))
    remarks = " ".join((notes.get("COMMENT", ""), notes.get("PARAM.", ""), columns))
    third_body = ""
    reason = ""
    if reaction.others:
        reason = f"PROCESS: {notes['PROCESS']}"
        other = reaction.others[0]
        third_body = "" if other == "M" else target if same_species(other, target) else other
    elif (word := _THREE_BODY.search(remarks)) and not _NO_THREE_BODY.search(remarks):
        reason = f"a note says {word[0]!r}"
    elif _fifth_power(columns) is not None:
        reason = f"COLUMNS: {columns}"
    elif 0.0 < cross_section.max() < THREE_BODY_LIMIT:
        reason = f"no value reaches {THREE_BODY_LIMIT:g} m2"
    return ThreeBody(third_body, _three_body_unit(remarks, unit), reason) if reason else None


def _three_body_unit(remarks: str, unit: float) -> float | None:
    """The unit (m5) of a table that was read in m2, None where the notes do not tell one."""
    fifth_power = _fifth_power(remarks)
    if fifth_power is not None:
        return fifth_power / unit
    densities = {factor for pattern, factor in _DENSITIES if pattern.search(remarks)}
    return densities.pop() if len(densities) == 1 else None
