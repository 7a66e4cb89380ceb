"""Numbers as files of cross sections write them: read exactly, or not at all."""

import math
import re
from collections.abc import Sequence

LARGEST_CROSS_SECTION = 1e-12
"""Cross section (m²) above which a number must be something else: an energy, or in another unit."""

SMALLEST_ENERGY = 1e-9
"""Energy (eV) other than zero below which a number must be something else: a cross section."""

STARTS_OF_NUMBERS = tuple("+-.0123456789")
"""Characters with which a line begins that may be a row of a table."""

_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eEdD][+-]?\d{1,9})?", re.ASCII)
_COMMENT = re.compile(r"(?:#|!|%|//|COMMENT\b).*")
_TRAILING_COMMENT = re.compile(r"\s+(?:#|!|%|//).*")
_SEPARATED = re.compile(r"([^\s,;]+)\s*[,;]\s*([^\s,;]+)\s*[,;]?")
_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+(?:[eEdD][+-]?\d+)?", re.ASCII)


def number(text: str) -> float | None:
    """A finite number as people write it; None for all else (also ``nan``, ``inf``, ``1_000``).

    Parameters
    ----------
    text : str
        Without blanks; an exponent may begin with the D of Fortran.
    """
    if not _NUMBER.fullmatch(text):
        return None
    try:
        value = float(text)
    except ValueError:
        value = float(text.replace("D", "e").replace("d", "e"))
    # What is too small for a double is not the number that was written.
    is_lost = value == 0.0 and re.search("[1-9]", re.split("[eEdD]", text)[0])
    return value if math.isfinite(value) and not is_lost else None


def row(
    words: Sequence[str], previous: float | None, unit: float = 1.0, *, steps: bool = False
) -> tuple[float, float] | str:
    """One row of a table, checked.

    Parameters
    ----------
    words : sequence of str
        What stands in the row.
    previous : float or None
        Energy of the row before (eV), None for the first one.
    unit : float
        Unit of the cross section (m²).
    steps : bool
        Whether an energy may stand twice, as the cross section has a step there.

    Returns
    -------
    (float, float) or str
        Energy (eV) and cross section (m²), or what is wrong and what was expected.
    """
    values = [number(word) for word in words]
    if len(values) != 2 or values[0] is None or values[1] is None:
        comma = len(words) > 1 and any(_DECIMAL_COMMA.fullmatch(word) for word in words)
        advice = " with decimal points, not commas" if comma else ""
        text = _shortened(" ".join(words))
        return f"{text!r}; expected two numbers, energy (eV) and cross section{advice}"
    energy, sigma = values[0], values[1] * unit
    if energy < 0.0 or sigma < 0.0:
        return f"{min(values[0], values[1])} is negative; expected numbers of at least 0"
    if 0.0 < energy < SMALLEST_ENERGY or sigma > LARGEST_CROSS_SECTION:
        return (
            f"{words[0]} {words[1]} cannot be energy (eV) and cross section; expected an energy of "
            f"0 or above {SMALLEST_ENERGY:g} eV, then at most {LARGEST_CROSS_SECTION:g} m2: are "
            "the columns swapped?"
        )
    if previous is not None and (energy < previous or (energy == previous and not steps)):
        return f"energy {energy:g} eV after {previous:g} eV; expected ascending energies"
    return energy, sigma


def without_comment(text: str) -> str:
    """A line up to the mark of a comment."""
    return _TRAILING_COMMENT.sub("", text)


def words_of(text: str) -> list[str]:
    """The columns of a row: parted by blanks, by one comma or by one semicolon."""
    words = text.split()
    if len(words) == 2 and "," not in text and ";" not in text:
        return words
    text = without_comment(text)
    separated = _SEPARATED.fullmatch(text)
    if separated:
        return [separated[1], separated[2]]
    return [word for word in re.split(r"[\s;]+", text) if word]


def is_row(text: str) -> bool:
    """Whether a line is two numbers, as in a table."""
    if text[:1] not in STARTS_OF_NUMBERS:
        return False
    words = words_of(text)
    return len(words) == 2 and None not in (number(words[0]), number(words[1]))


def is_passed_over(text: str) -> bool:
    """Whether a line within a table is blank or a comment."""
    return not text or _COMMENT.fullmatch(text) is not None


def _shortened(text: str) -> str:
    """Text that fits into a message."""
    return text if len(text) <= 60 else f"{text[:57]}..."
