"""The settings of an electric field that changes in time."""

from __future__ import annotations

from dataclasses import dataclass

from swarmhydra.config.ranges import bounded, choice

SHAPES = ("gaussian", "square", "ramp", "exponential", "harmonics")

NEEDED = {
    "gaussian": ("duration", "width"),
    "square": ("duration", "width"),
    "ramp": ("duration", "rise"),
    "exponential": ("duration", "decay"),
    "harmonics": ("frequency", "amplitudes"),
}
"""Parameters without which a shape has no meaning."""

USED = {
    "gaussian": ("base", "duration", "width", "centre"),
    "square": ("base", "duration", "start", "rise", "width"),
    "ramp": ("base", "duration", "start", "rise"),
    "exponential": ("base", "duration", "start", "rise", "decay"),
    "harmonics": ("base", "frequency", "amplitudes", "phases"),
}
"""All parameters of each shape."""


def _time(low_excluded: bool = False) -> float | None:
    """A dataclass field for a time, or None."""
    value: float | None = bounded(None, 0.0, unit="s", low_excluded=low_excluded)
    return value


@dataclass
class WaveformConfig:
    """The reduced electric field in the course of time: points, a file of points, or a shape.

    Between points the field is linear. The shapes go from `base` to `sim.en`; `harmonics` is the
    sum of `sim.en` amplitudes[k] cos(2 pi (k + 1) frequency t + phases[k]) over k, and `base`.

    Attributes
    ----------
    times : list of float, shape (n,)
        Times of points, which ascend (s); the first one, which may be below zero, is the start, and
        all other times count from it.
    en : list of float, shape (n,)
        Fields at these times (Td); negative ones push electrons along -z.
    file : str or None
        A file of such points: two columns, comma-separated.
    kind : str or None
        A shape up to `sim.en`: ``gaussian``, ``square``, ``ramp``, ``exponential`` or
        ``harmonics``.
    base : float
        Field before a shape begins, and after it ends (Td).
    duration : float or None
        How long the field of a shape is followed (s); ``harmonics`` take one period.
    start : float
        When a shape leaves `base` (s); not of ``gaussian`` and ``harmonics``.
    rise : float
        Time that ``square``, ``ramp`` and ``exponential`` take to rise, and ``square`` to fall (s);
        0 for a jump.
    width : float or None
        Full width at half maximum of a ``gaussian``, time at the top of a ``square`` (s).
    centre : float or None
        When a ``gaussian`` is highest (s); None takes the middle of `duration`.
    decay : float or None
        Time in which an ``exponential`` falls to 1/e (s).
    frequency : float or None
        Of the first of the ``harmonics`` (Hz).
    amplitudes : list of float
        Amplitudes of the ``harmonics`` over `sim.en`.
    phases : list of float
        Their phases (degrees); 0 where left out.
    points : int
        Points that a curved shape is made of.
    periodic : bool
        Whether the field repeats itself for ever; ``harmonics`` always do. Otherwise each pass
        starts afresh.
    begin : str
        What a pass starts from: ``steady``, the steady state in the first field, or ``given``, the
        distribution of `sim.initial_distribution`.
    bins : int
        Intervals of equal length that results are resolved into.
    edges : list of float
        Ends of the intervals (s), in the place of `bins`.
    quasi_steady : bool
        Whether results of the Boltzmann equation at each field stand beside, where it applies.
    """

    times: list[float] = bounded(list, unit="s")
    en: list[float] = bounded(list, -1e5, 1e5, "Td")
    file: str | None = None
    kind: str | None = choice(None, SHAPES)
    base: float = bounded(0.0, -1e5, 1e5, "Td")
    duration: float | None = _time(low_excluded=True)
    start: float = bounded(0.0, 0.0, unit="s")
    rise: float = bounded(0.0, 0.0, unit="s")
    width: float | None = _time(low_excluded=True)
    centre: float | None = _time()
    decay: float | None = _time(low_excluded=True)
    frequency: float | None = bounded(None, 0.0, 1e15, "Hz", low_excluded=True)
    amplitudes: list[float] = bounded(list, -10.0, 10.0)
    phases: list[float] = bounded(list, -360.0, 360.0, "degrees")
    points: int = bounded(200, 8, 100_000)
    periodic: bool = False
    begin: str = choice("steady", ("steady", "given"))
    bins: int = bounded(100, 2, 4096)
    edges: list[float] = bounded(list, 0.0, unit="s")
    quasi_steady: bool = True

    @property
    def is_set(self) -> bool:
        """Whether there is a waveform at all."""
        return bool(self.times or self.en) or self.file is not None or self.kind is not None

    @property
    def repeats(self) -> bool:
        """Whether the field repeats itself for ever."""
        return self.periodic or self.kind == "harmonics"
