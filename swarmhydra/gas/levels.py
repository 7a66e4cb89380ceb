"""Names of the levels of a molecule, as files write them.

A level has one name: ``v=1``, ``J=3``, ``v=1,J=3`` (the last number counts levels within what
stands before it), or what the file puts behind the formula of the molecule, such as ``*`` or
``(A3Su+)``. The ground state is an empty name where it is not given a number.
"""

import re
from collections.abc import Iterable

from swarmhydra.gas.processes import Kind
from swarmhydra.gas.tables import Table

_NAME = re.compile(r"([A-Za-z][A-Za-z0-9]*)([*(\[].*)?")
_NUMBERED = re.compile(r"([vVJ])=?(\d+)(?:res)?")


def split(name: str) -> tuple[str, str]:
    """The molecule and the level of a name.

    Parameters
    ----------
    name : str
        Such as ``N2``, ``N2(v=1)``, ``N2 (v1)`` or ``Ar*``.

    Returns
    -------
    molecule, level : str
        The whole name and an empty text where no state stands behind a formula.
    """
    plain = "".join(name.split())
    parts = _NAME.fullmatch(plain)
    if parts is None:
        return plain, ""
    state = parts[2] or ""
    inside = state[1:-1] if state[:1] == "(" and state[-1:] == ")" else state
    numbered = canonical(inside)
    return parts[1], numbered if is_numbered(numbered) else state


def canonical(level: str) -> str:
    """A level in the one form in which levels are compared.

    Parameters
    ----------
    level : str
        Such as ``v 1``, ``V=1``, ``v1res`` (the resonant part of a cross section ends in the same
        level), ``X,v=1`` or ``v=0,J=2``; any other text only loses its blanks.
    """
    plain = "".join(level.split())
    parts = [_NUMBERED.fullmatch(part) for part in plain.removeprefix("X,").split(",")]
    if not all(parts):
        return plain
    return ",".join(f"{part[1].replace('V', 'v')}={part[2]}" for part in parts if part)


def is_numbered(level: str) -> bool:
    """Whether a level has a vibrational or rotational quantum number."""
    return all(_NUMBERED.fullmatch(part) for part in level.split(","))


def quantum_numbers(levels: Iterable[str]) -> dict[str, int]:
    """The last quantum number of each level of one kind.

    Parameters
    ----------
    levels : iterable of str
        In their canonical form.

    Returns
    -------
    dict of str to int
        Empty where the levels have no single number: those of an asymmetric top, as ``J=101``, are
        written with three digits.
    """
    digits = {level: level.rpartition("=")[2] for level in levels if is_numbered(level)}
    if any(len(text) > 1 and text[0] == "0" for text in digits.values()):
        return {}
    if digits and all(len(text) > 2 for text in digits.values()):
        return {}
    return {level: int(text) for level, text in digits.items()}


def levels_of(table: Table) -> tuple[str, str]:
    """The levels before and after a collision.

    Parameters
    ----------
    table : Table
        Only EXCITATION and ROTATION end in a level.

    Returns
    -------
    lower, upper : str
        Empty where the file names none.
    """
    molecule, lower = split(table.target)
    if table.kind not in (Kind.EXCITATION, Kind.ROTATION):
        return lower, ""
    if table.transition is not None:
        return canonical(table.transition.initial), canonical(table.transition.final)
    product, upper = split(table.product)
    return lower, upper if product == molecule else "".join(table.product.split())
