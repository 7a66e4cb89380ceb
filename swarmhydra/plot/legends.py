"""Legends that hide nothing: among the curves where they are short, above the axes where not."""

from __future__ import annotations

import textwrap

import numpy as np
from matplotlib.axes import Axes
from matplotlib.container import Container
from matplotlib.legend import Legend
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

AT_UPPER_EDGE = "swarmhydra mark"
"""How the `gid` of marks at the upper edge of the axes begins."""

MARKED = 0.93
"""Height of the axes above which there may be such marks."""

_ROOM = 1.1
"""What a legend takes with the room that it needs around."""


def entry(words: str) -> str:
    """Words as an entry of a legend."""
    return literal(textwrap.shorten(words, LONGEST_ENTRY, placeholder=" …"))


def legend(axes: Axes, title: str | None = None, few: int = FEW, columns: int = 4) -> None:
    """Draw the legend of axes; none where nothing has a label.

    Parameters
    ----------
    axes : matplotlib Axes
    title : str, optional
    few : int, optional
        The most entries that go among the curves, if there is a place where they hide none.
    columns : int, optional
        The most columns of a legend above the axes.
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
    texts, artists = zip(*pairs, strict=True)
    if len(pairs) <= few:
        among = (0.0, 0.0, 1.0, MARKED) if _has_marks(axes) else (0.0, 0.0, 1.0, 1.0)
        inside = axes.legend(artists, texts, loc="best", bbox_to_anchor=among, title=title)
        if not _hides_curves(axes, inside):
            return
    longest = max(map(len, texts)) + _HANDLE
    columns = max(1, min(columns, _ROOM_FOR_COLUMNS // longest))
    above = axes.legend(
        artists,
        texts,
        loc="lower center",
        bbox_to_anchor=(0.5, 1.0),
        ncols=columns,
        columnspacing=1.0,
        borderaxespad=0.2,
        title=title,
        title_fontsize=7,
    )
    above.set_gid(LEGEND_ABOVE)


def _has_marks(axes: Axes) -> bool:
    """Whether there are marks at the upper edge."""
    return any(str(each.get_gid()).startswith(AT_UPPER_EDGE) for each in axes.collections)


def _hides_curves(axes: Axes, candidate: Legend) -> bool:
    """Whether a legend lies over a curve or a point."""
    axes.get_xlim(), axes.get_ylim()  # Brings the scales up to date.
    box = candidate.get_window_extent().expanded(_ROOM, _ROOM)
    for line in axes.lines:
        path = line.get_transform().transform_path(line.get_path()).cleaned(remove_nans=True)
        points = np.asarray(path.vertices)
        if line.get_linestyle() in ("None", "none", ""):
            overlaps = any(box.contains(x, y) for x, y in points)
        else:
            overlaps = len(points) > 1 and path.intersects_bbox(box, filled=False)
        if overlaps:
            return True
    return False


def _order(handle: object) -> int:
    """The place of what has error bars, of other lines, and of everything else."""
    return 0 if isinstance(handle, Container) else 1 if isinstance(handle, Line2D) else 2
