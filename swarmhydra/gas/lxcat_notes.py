"""What the notes of a block in the format of LXCat mean: numbers, units, three-body processes."""

import re
from collections.abc import Sequence
from decimal import Decimal

from swarmhydra.gas.processes import Kind
from swarmhydra.gas.reactions import process_of, same_species
from swarmhydra.gas.table_numbers import number
from swarmhydra.gas.tables import ThreeBody
from swarmhydra.kernels.arrays import FloatArray

THREE_BODY_LIMIT = 1e-30
"""Largest value (m²) of an attachment table that can only be per density of a third body."""

# A word behind the number is only of interest if it can be a unit of an energy.
_PARAMETER = re.compile(
    r"(?<![\w/])(m/M|[eE]|[gG]1/[gG]0)\s*=\s*([^\s,;]+(?:\s+\(?(?:[kKmMuµ]?[eE][vV]|J|K|1/cm|"
    r"cm\^?-1|[kK]?J/mol|kcal/mol|Ry|Hartree|a\.?u\.?)\)?(?=[\s,;]|$))?)"
)
_ELECTRON_VOLTS = re.compile(r"\s*\(?(?<![A-Za-zµ])(?:eV|ev|EV)\)?$")
LARGEST_EXPONENT = 400
"""Power of ten beyond which there are no doubles."""

_FORTRAN_EXPONENT = str.maketrans("Dd", "ee")
_UNIT = re.compile(r"\(([^()]*)\)")
_UNIT_IN_ANY_BRACKETS = re.compile(r"[(\[]([^()\[\]]*)[)\]]")
_AREA_PATTERN = (
    r"(?:(?:1(?:\.0*)?e|10\s*(?:\^|\*\*)?\s*\{?)(-\d\d)\}?\s*)?"
    r"(c?m|Å|angstrom)(?:\^|\*\*)?\{?[2²]\}?"
)
_AREA = re.compile(_AREA_PATTERN, re.IGNORECASE)
_POWERS = {"m": 0, "cm": -4, "å": -20, "angstrom": -20}
_BARE_UNIT = re.compile(
    rf"(?<!\w)(?<![\s,/][a-zµ]\s)(?:{_AREA_PATTERN}|c?m\^?5|[kmM]?eV|J|Mb|barn|"
    r"a_?0(?:\^|\*\*)?[2²])(?![\w=])",
    re.IGNORECASE,
)
# What is left of a unit, as in "cm 2", and any other word that is squared.
_LENGTH = re.compile(
    r"(?<![a-z])(?:[cmnpfµ]?m|Å|angstrom)(?![a-z])|[a-zµ](?:\^|\*\*)?[2²](?!\w)", re.IGNORECASE
)
_NOT_COMPLETE = re.compile(
    r"(?:(?:\b(?:not|never)|n['’]t)\s+(?:(?!but\b|and\b)\w+\s+){0,3}(?:part\s+of|in|with|within|belong\w*\s+to)"
    r"|\b(?:exclud|remov|omit)\w*\s+from|\boutside(?:\s+of)?)"
    r"\s+(?:(?:the|a|this)\s+)?complete\s+set\b",
    re.IGNORECASE,
)
_THREE_BODY = re.compile(r"\b(?:three|3)[\s-]*body\b|\b(?:ternary|termolecular)\b", re.IGNORECASE)
_NO_THREE_BODY = re.compile(
    r"\b(?:no|not|without|excluding|except)\s+(?:\w+\s+){0,2}(?:three|3)[\s-]*body\b", re.IGNORECASE
)
# What a note says of the unit of a three-body table: a fifth power of a length, or the density.
_FIFTH_POWERS = (
    (re.compile(r"\bcm\^?5\b", re.IGNORECASE), 1e-10),
    (re.compile(r"(?<!\w)m\^?5\b", re.IGNORECASE), 1.0),
)
_DENSITIES = (
    (
        re.compile(r"(?:\b(?:per|in|of)\s+|[(\[])cm\^?-3\b|(?:/|\bper\s+)cm\^?3\b", re.IGNORECASE),
        1e-6,
    ),
    (re.compile(r"(?:\b(?:per|in|of)\s+|[(\[])m\^?-3\b|(?:/|\bper\s+)m\^?3\b", re.IGNORECASE), 1.0),
)


def parameters_of(notes: dict[str, str]) -> dict[str, str]:
    """What the ``PARAM.:`` note gives as ``m/M``, ``E`` and ``g1/g0``, as it is written.

    Energies lose their unit if that is eV; what has another one is no number, as it stands here.
    """
    pairs = _PARAMETER.findall(notes.get("PARAM.", ""))
    return {
        key if key == "m/M" else "E" if key in "eE" else "g1/g0": _ELECTRON_VOLTS.sub("", text)
        for key, text in pairs
    }


def agrees(value: float, text: str) -> bool:
    """Whether a number, rounded to the digits of another, is that one.

    Parameters
    ----------
    value : float
    text : str
        What a file writes; a number such as ``0.0000136`` means anything that rounds to it.
    """
    if number(text) is None:
        return False
    decimal = Decimal(text.translate(_FORTRAN_EXPONENT))
    exponent = decimal.as_tuple().exponent
    assert isinstance(exponent, int)
    # Half a unit of the last digit, and a little: files cut digits off as well as they round.
    half = Decimal("0.500001") * Decimal(10) ** max(
        min(exponent, LARGEST_EXPONENT), -LARGEST_EXPONENT
    )
    return abs(Decimal(value) - decimal) <= half


def unit_of(columns: str) -> float | None:
    """The unit of the cross sections (m²) that a ``COLUMNS:`` note states, None if not understood.

    Parameters
    ----------
    columns : str
        Such as ``Energy (eV) | Cross section (m2)``; without any unit m² is meant.
    """
    units = _units_of(columns)
    if not units:
        return 1.0
    is_in_ev = len(units) == 2 and units[0].lower() == "ev"
    if is_in_ev and _fifth_power(units[1]):
        return 1.0
    area = _AREA.fullmatch(units[-1])
    if not is_in_ev or area is None:
        return None
    return float(f"1e{int(area[1] or 0) + _POWERS[area[2].lower()]}")


def _units_of(columns: str) -> list[str]:
    """The units of both columns: those in round brackets, in any brackets, or among the words."""
    in_round = [text.strip() for text in _UNIT.findall(columns)]
    if len(in_round) > 1:
        # A second line of columns may contradict the first one.
        words = [match[0] for match in _BARE_UNIT.finditer(_UNIT.sub(" ", columns))]
        return in_round + [word for word in words if _AREA.fullmatch(word) and word not in in_round]
    in_any = [text.strip() for text in _UNIT_IN_ANY_BRACKETS.findall(columns)]
    bare = [match[0] for match in _BARE_UNIT.finditer(columns)]
    if in_any or len(bare) > 1:
        return in_any or bare
    # A unit that is not said is the usual one.
    if not bare or bare[0].lower() == "ev":
        return [columns] if _LENGTH.search(columns) else []
    return ["eV", *bare]


def _fifth_power(text: str) -> float | None:
    """The fifth power of a length (m5) that a text names, None if it names none."""
    return next((unit for pattern, unit in _FIFTH_POWERS if pattern.search(text)), None)


def complete_set_of(notes: dict[str, str]) -> bool | None:
    """Whether a process calls itself part of a complete set; None where it says nothing of it."""
    if any(_NOT_COMPLETE.search(text) for text in notes.values()):
        return False
    return True if "complete set" in notes.get("PARAM.", "") else None


def three_body_of(
    kind: Kind,
    target: str,
    notes: dict[str, str],
    cross_section: FloatArray,
    unit: float,
    others: Sequence[str] = (),
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
    others : sequence of str
        Molecules that stand beside the target where the file names it.
    """
    columns = notes.get("COLUMNS", "")
    if kind is not Kind.ATTACHMENT and _fifth_power(columns) is None:
        return None
    reaction, _ = process_of(notes.get("PROCESS", ""))
    others = reaction.others or others
    remarks = " ".join((notes.get("COMMENT", ""), notes.get("PARAM.", ""), columns))
    third_body = ""
    reason = ""
    if others:
        reason = f"{target} + {' + '.join(others)}"
        if reaction.others:
            reason = f"PROCESS: {notes['PROCESS']}"
        other = others[0]
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
