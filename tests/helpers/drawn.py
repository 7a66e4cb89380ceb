"""What stands in a figure, and what lies over each other there."""

import itertools

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text


def words(axes: Axes) -> list[Text]:
    """The texts that are drawn in and around a panel."""
    found = [axes.xaxis.label, axes.yaxis.label, axes.xaxis.offsetText, axes.yaxis.offsetText]
    for axis in (axes.xaxis, axes.yaxis):
        low, high = sorted(axis.get_view_interval())
        ticks = [tick for tick in axis.get_major_ticks() if low <= tick.get_loc() <= high]
        found += [tick.label1 for tick in ticks]
    legend = axes.get_legend()
    found += [*axes.texts, *(legend.get_texts() if legend else [])]
    return [text for text in found if text.get_text()]


def misplaced(figure: Figure) -> list[str]:
    """Texts that lie over each other or leave the figure."""
    figure.canvas.draw()
    panels = [axes for axes in figure.axes if axes.get_visible()]
    boxes = [(t.get_text(), t.get_window_extent()) for axes in panels for t in words(axes)]
    found = []
    for text, box in boxes:
        if min(box.x0, box.y0) < 0.0 or box.x1 > figure.bbox.x1 or box.y1 > figure.bbox.y1:
            found.append(f"{text!r} leaves the figure")
    for (one, a), (other, b) in itertools.combinations(boxes, 2):
        if min(a.x1, b.x1) - max(a.x0, b.x0) > 1 and min(a.y1, b.y1) - max(a.y0, b.y0) > 1:
            found.append(f"{one!r} over {other!r}")
    return found


def labels(axes: Axes) -> list[str]:
    """The entries of the legend, in their order."""
    legend = axes.get_legend()
    return [text.get_text() for text in legend.get_texts()] if legend else []
