"""Legends that hide nothing: among the curves where they are short, above the axes where not."""

from __future__ import annotations

import textwrap

from matplotlib.axes import Axes
from matplotlib.container import Container
from matplotlib.lines import Line2D

from swarmhydra.plot.style import LEGEND_ABOVE, literal

FEW = 4
"""Entries of a legend that fit among the curves."""

LONGEST_ENTRY = 44
"""Characters of an entry."""

_ROOM_FOR_COLUMNS = 52
"""Characters, with those that the handles take, in a row of a legend above a panel."""

_HANDLE = 5
"""What a handle takes, in characters."""


def entry(words: str) -> str:
    """Words as an entry of a legend."""
    return literal(textwrap.shorten(words, LONGEST_ENTRY, placeholder=" …"))


def legend(axes: Axes, title: str | None = None, few: int = FEW) -> None:
    """Draw the legend of axes; none where nothing has a label.

    Parameters
    ----------
    axes : matplotlib Axes
    title : str, optional
    few : int, optional
        The most entries that go among the curves.
    """
    handles, labels = axes.get_legend_handles_labels()
    # Curves first; what they have beside them, such as a band, after all of them.
    pairs = sorted(zip(labels, handles, strict=True), key=lambda pair: _order(pair[1]))
    # Two curves may have one label; a band or a threshold is explained once.
    pairs = [
        pair
        for place, pair in enumerate(pairs)
        if _order(pair[1]) < 2 or pair[0] not in [text for text, _ in pairs[:place]]
    ]
    if not pairs:
        return
    texts, shown = zip(*pairs, strict=True)
    if len(pairs) <= few:
        axes.legend(shown, texts, loc="best", title=title)
        return
    longest = max(map(len, texts)) + _HANDLE
    columns = max(1, min(4, _ROOM_FOR_COLUMNS // longest))
    drawn = axes.legend(
        shown,
        texts,
        loc="lower center",
        bbox_to_anchor=(0.5, 1.0),
        ncols=columns,
        columnspacing=1.0,
        borderaxespad=0.2,
        title=title,
        title_fontsize=7,
    )
    rows = -(-len(pairs) // columns) + bool(title)
    drawn.set_gid(f"{LEGEND_ABOVE} {rows}")


def _order(handle: object) -> int:
    """The place of what has error bars, of other lines, and of everything else."""
    return 0 if isinstance(handle, Container) else 1 if isinstance(handle, Line2D) else 2
