"""Reactions as files write them: ``N2 <-> N2(v1)``, ``E + N2 -> E + N2(v1)``, ``e+X=>2e+X+``."""

import re
from dataclasses import dataclass

from swarmhydra.gas.tables import Transition

# Longer arrows only after a blank, because the minus of an ion may stand before the arrow.
_BOTH_WAYS = re.compile(r"<-+>|<=+>|[↔⟷⇔⇄⇌]")
_ONE_WAY = re.compile(r"\s-+>|->|=+>|[→⟶⇒]")
_ELECTRON = re.compile(r"(\d*)\s*[eE](?:\^?[-−])?\s*(?:\+\s*|$)")
_PROJECTILE = re.compile(r"(?:e|electrons?)(?:\^?[-−])?", re.IGNORECASE)
_ION = re.compile(r".*[+\-]")
_BRACKET = re.compile(r"(.*?)\s*\(([^()]*)\)")
_LEVELS = re.compile(
    r"([A-Za-z]+)\s*=?\s*(\d[^\s,;-]*)\s*-+>?\s*(?:([A-Za-z]+)\s*=?\s*)?(\d[^\s,;-]*)"
)


@dataclass(frozen=True)
class Reaction:
    """A collision of one electron.

    Attributes
    ----------
    target : str
        Species that the electron hits.
    product : str
        What becomes of it, without free electrons; empty where that is not said.
    reversible : bool
        Whether the arrow points both ways.
    others : tuple of str
        Further molecules that take part.
    has_electron : bool
        Whether the electron itself is written.
    has_arrow : bool
        Whether the product should be written, too.
    """

    target: str
    product: str
    reversible: bool
    others: tuple[str, ...] = ()
    has_electron: bool = False
    has_arrow: bool = False

    @property
    def ion(self) -> str:
        """The ion that hits the target in the place of an electron; empty if none does."""
        return self.target if self.others and _ION.fullmatch(self.target) else ""


def reaction_of(text: str) -> Reaction:
    """Take a reaction apart; what is not said is empty.

    Parameters
    ----------
    text : str
        A target, or a target and a product with an arrow between them, with or without electrons.
    """
    both = _BOTH_WAYS.search(text)
    arrow = both or _ONE_WAY.search(text)
    left, right = (text[: arrow.start()], text[arrow.end() :]) if arrow else (text, "")
    left, right = left.strip(), right.strip()
    molecules, has_electron = _hit(left)
    return Reaction(
        molecules[0],
        _without_electrons(right) if has_electron else right,
        both is not None,
        tuple(molecules[1:]),
        has_electron,
        arrow is not None,
    )


def process_of(note: str) -> tuple[Reaction, str]:
    """The reaction of a ``PROCESS:`` note, and the word after its last comma in capitals.

    Parameters
    ----------
    note : str
        Such as ``E + N2 -> E + E + N2+, Ionization``.
    """
    reaction, _, word = note.rpartition(",")
    return reaction_of(reaction or note), word.strip().upper()


def _hit(left: str) -> tuple[list[str], bool]:
    """The molecules on the left side, and whether an electron stands there, too."""
    electron = _ELECTRON.match(left)
    bodies = _bodies(left[electron.end() :] if electron and left[electron.end() :] else left)
    molecules = [body for body in bodies if not _is_electron(body)]
    if molecules and (electron or len(molecules) < len(bodies)):
        return molecules, True
    return re.split(r"\s+\+\s+", left), False


def _bodies(text: str) -> list[str]:
    """The species of one side: a plus between blanks, or before a letter, parts them."""
    bodies, depth, start = [], 0, 0
    for place, character in enumerate(text):
        depth += (character in "([{") - (character in ")]}")
        parts = text[place + 1 : place + 2].isalpha() or text[place - 1 : place + 2] == " + "
        if character == "+" and depth == 0 and place > 0 and parts:
            bodies.append(text[start:place].strip())
            start = place + 1
    return [*bodies, text[start:].strip()]


def _is_electron(body: str) -> bool:
    """Whether one of the bodies of a side is electrons."""
    return bool(body) and _ELECTRON.fullmatch(body) is not None


def _without_electrons(text: str) -> str:
    """The right side of a reaction without its electrons."""
    while electron := _ELECTRON.match(text):
        text = text[electron.end() :]
    bodies = _bodies(text)
    others = [body for body in bodies if not _is_electron(body)]
    return text if len(others) == len(bodies) else " + ".join(others)


def transition_of(product: str, *, resolved: bool) -> Transition | None:
    """The levels in the name of a product, such as ``N2 (J=0-J=2)``; None if there are no two.

    Parameters
    ----------
    product : str
    resolved : bool
        Whether the file calls the process vibrational or rotational: then ``(v=0-1)`` names two
        levels, and not a band of them.
    """
    bracket = _BRACKET.fullmatch(product)
    levels = _LEVELS.fullmatch(bracket[2].strip()) if bracket else None
    if not bracket or not levels:
        return None
    letter, initial, other, final = levels.groups()
    if other not in (None, letter) or (other is None and not resolved):
        return None
    return Transition(bracket[1].rstrip("*"), f"{letter}={initial}", f"{letter}={final}")


def is_electron(name: str) -> bool:
    """Whether a name of a projectile, such as ``e``, ``E^-`` or ``Electron``, is the electron's."""
    return _PROJECTILE.fullmatch(name.strip()) is not None


def same_species(one: str, other: str) -> bool:
    """Whether two names mean one species, as ``O2^+`` and ``O2+`` do."""
    plain = str.maketrans("", "", "^ ")
    return one.translate(plain) == other.translate(plain)
