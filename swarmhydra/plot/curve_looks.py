"""How the curves of a sweep are drawn: colours, markers and lines that tell them apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from matplotlib.axes import Axes

from swarmhydra.plot.jobs import CURVE, LINE_STYLES, Colour, Scale
from swarmhydra.plot.labels import word
from swarmhydra.plot.legends import FEW
from swarmhydra.plot.style import CURVE_COLOURS, MARKERS, literal
from swarmhydra.plot.sweep_curves import Curve

_MOST = len(CURVE_COLOURS)
_PROCESS = "process"

Pair = tuple[Curve, int]
"""A curve, and the number of its quantity."""


@dataclass(frozen=True)
class CurveLook:
    """A curve and how it is drawn.

    Parameters
    ----------
    curve : Curve
    colour : colour of matplotlib
    marker, linestyle : str
    filled : bool
        Whether its markers are.
    label : str
        Entry in the legend; empty for none.
    """

    curve: Curve
    colour: Colour
    marker: str
    linestyle: str
    filled: bool
    label: str


def curve_looks(
    curves: Sequence[Sequence[Curve]], kinds: Sequence[str], axes: Axes, words: Sequence[str]
) -> tuple[list[CurveLook], Scale | None, str | None]:
    """How the curves of some quantities are drawn.

    Parameters
    ----------
    curves : sequence of sequence of Curve
        Of each quantity.
    kinds : sequence of str
        The words in which the names of the quantities differ.
    axes : matplotlib Axes
        In which others may be drawn already.
    words : sequence of str
        Words before those that tell the curves apart.

    Returns
    -------
    list of CurveLook
        In the order of the legend.
    Scale or None
        The scale of the colours, where there are too many curves for colours with names.
    str or None
        A remark, where not all are drawn.
    """
    pairs = [(curve, index) for index, each in enumerate(curves) for curve in each]
    ranks = sorted({curve.rank for curve, _ in pairs})
    settings = list(pairs[0][0].settings) if pairs else []
    many = bool(ranks) and ranks[-1] >= _MOST
    if _PROCESS in settings and len(settings) > 1 and len(ranks) > FEW:
        return _by_process(pairs, axes, kinds)
    if many and _PROCESS not in settings:
        scale = Scale.of([curve for curve, _ in pairs])
        if scale is not None:
            return _by_scale(pairs, scale, kinds, words), scale, None
    places, remark = _places(pairs, ranks)
    colours = {str(line.get_color()) for line in axes.lines if line.get_gid() == CURVE}
    split = len(curves) > 1 and len(places) > 1 and len(places) * len(curves) > FEW
    looks = []
    # What belongs together stands together in the legend.
    for curve, index in sorted(pairs, key=lambda pair: pair[0].rank):
        if curve.rank not in places:
            continue
        place = places[curve.rank] + len(colours) + (index if len(ranks) == 1 else 0)
        looks.append(
            CurveLook(
                curve,
                CURVE_COLOURS[place % _MOST],
                MARKERS[place % _MOST],
                LINE_STYLES[index % len(LINE_STYLES)],
                index == 0,
                _joined(*words, curve.label, "" if split else kinds[index]),
            )
        )
    if split:
        looks = [look if look.filled else replace(look, label="") for look in looks]
        for index, kind in enumerate(kinds):
            _explain(axes, "", LINE_STYLES[index % len(LINE_STYLES)], kind, filled=index == 0)
    return looks, None, remark


def _places(pairs: Sequence[Pair], ranks: Sequence[int]) -> tuple[dict[int, int], str | None]:
    """The place of each label among colours and markers, for those that reach highest."""
    if not ranks or ranks[-1] < _MOST:
        return {rank: rank for rank in ranks}, None
    heights = {
        rank: max(float(c.value.max()) for c, _ in pairs if c.rank == rank) for rank in ranks
    }
    tallest = sorted(ranks, key=lambda rank: -heights[rank])[:_MOST]
    places = {rank: place for place, rank in enumerate(sorted(tallest))}
    return places, f"the largest {len(tallest)} of {len(ranks)}" if len(ranks) > _MOST else None


def _by_scale(
    pairs: Sequence[Pair], scale: Scale, kinds: Sequence[str], words: Sequence[str]
) -> list[CurveLook]:
    """Colours for a number that varies, markers and lines for everything else."""
    rests = list(dict.fromkeys((_rest(curve, scale.name), index) for curve, index in pairs))
    in_legend: set[tuple[str, int]] = set()
    looks = []
    for curve, index in pairs:
        rest = (_rest(curve, scale.name), index)
        place = rests.index(rest)
        label = "" if rest in in_legend else _joined(*words, rest[0], kinds[index])
        in_legend.add(rest)
        looks.append(
            CurveLook(
                curve,
                scale.colour(curve),
                MARKERS[place % _MOST],
                LINE_STYLES[place % len(LINE_STYLES)],
                index == 0,
                label,
            )
        )
    return looks


def _by_process(
    pairs: Sequence[Pair], axes: Axes, kinds: Sequence[str]
) -> tuple[list[CurveLook], None, str | None]:
    """A colour for each process, a line for each of what else varies."""
    heights: dict[str, float] = {}
    for curve, _ in pairs:
        name = str(curve.settings[_PROCESS])
        heights[name] = max(heights.get(name, 0.0), float(curve.value.max()))
    tallest = sorted(heights, key=lambda name: -heights[name])[:_MOST]
    rests = list(dict.fromkeys(_rest(curve, _PROCESS) for curve, _ in pairs))
    in_legend: set[str] = set()
    looks = []
    for curve, index in pairs:
        name = str(curve.settings[_PROCESS])
        if name not in tallest:
            continue
        place = rests.index(_rest(curve, _PROCESS))
        label = "" if name in in_legend else _joined(name, kinds[index])
        in_legend.add(name)
        looks.append(
            CurveLook(
                curve,
                CURVE_COLOURS[tallest.index(name)],
                MARKERS[place % _MOST],
                LINE_STYLES[place % len(LINE_STYLES)],
                place == 0,
                label,
            )
        )
    looks.sort(key=lambda look: tallest.index(str(look.curve.settings[_PROCESS])))
    for place, rest in enumerate(rests):
        marker, style = MARKERS[place % _MOST], LINE_STYLES[place % len(LINE_STYLES)]
        _explain(axes, marker, style, rest, filled=place == 0)
    is_cut = len(tallest) < len(heights)
    remark = f"the largest {len(tallest)} of {len(heights)} processes" if is_cut else None
    return looks, None, remark


def _explain(axes: Axes, marker: str, style: str, words: str, *, filled: bool) -> None:
    """An entry of the legend for what curves of several colours have in common."""
    axes.plot(
        [],
        [],
        color="black",
        marker=marker,
        ls=style,
        mfc="black" if filled else "white",
        lw=0.8,
        label=literal(words),
    )


def _rest(curve: Curve, in_colour: str) -> str:
    """What distinguishes a curve besides what its colour shows."""
    return _joined(
        *(word(name, value) for name, value in curve.settings.items() if name != in_colour)
    )


def _joined(*words: str) -> str:
    """Words with commas, without the empty ones."""
    return ", ".join(filter(None, words))
