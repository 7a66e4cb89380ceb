"""What a page holds, before it is markup."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar


@dataclass(frozen=True)
class Table:
    """A table; its cells are texts.

    Parameters
    ----------
    head : sequence of str
        Titles of the columns; without any text there is no head.
    rows : sequence of sequences of str
    many : bool, optional
        Whether it has many columns and takes small letters.
    """

    kind: ClassVar[str] = "table"
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    many: bool = False


@dataclass(frozen=True)
class Figure:
    """A figure: the caption, and the image (SVG in base64; empty where there is none to show)."""

    caption: str
    svg: str = ""


@dataclass(frozen=True)
class Figures:
    """Figures side by side."""

    kind: ClassVar[str] = "figures"
    figures: Sequence[Figure]


@dataclass(frozen=True)
class Text:
    """A paragraph."""

    kind: ClassVar[str] = "text"
    text: str


@dataclass(frozen=True)
class Folded:
    """A long text under a title, shown at a click."""

    kind: ClassVar[str] = "folded"
    title: str
    text: str


@dataclass(frozen=True)
class Section:
    """A title and what stands below it."""

    title: str
    blocks: Sequence[Table | Figures | Text | Folded]


@dataclass(frozen=True)
class Page:
    """A page: what was run, what makes its results doubtful, and the sections."""

    title: str
    conditions: Sequence[str]
    sections: Sequence[Section]
    warnings: Sequence[str] = field(default_factory=tuple)
