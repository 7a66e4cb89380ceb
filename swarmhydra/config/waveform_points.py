"""The points between which a field that changes in time is linear."""

from __future__ import annotations

import csv
import math
import re
from itertools import pairwise
from pathlib import Path

from swarmhydra.config.ranges import ConfigError
from swarmhydra.config.schema import SimConfig
from swarmhydra.config.text_files import text_of_file
from swarmhydra.config.waveform_schema import WaveformConfig

MOST_POINTS = 100_000

LARGEST_EN = 1e5
"""Largest reduced field of a file (Td)."""

NUMERIC = re.compile(r"[+-]?(\.?\d|nan|inf)", re.IGNORECASE)
"""How cells begin that do not name a column."""

Points = tuple[list[float], list[float]]


def waveform_points(sim: SimConfig) -> Points:
    """The times (s), from 0 on, and reduced fields (Td) of a waveform.

    Two points at the same time are a jump. Only differences of times count: the first one, which
    may be below zero, is the start.

    Raises
    ------
    ConfigError
        If a file cannot be used; one line.
    """
    waveform = sim.waveform
    if waveform.kind is not None:
        return _shape(waveform, sim.en)
    if waveform.file is None:
        times, en = waveform.times, waveform.en
    else:
        times, en = _read(Path(waveform.file))
    return [time - times[0] for time in times], list(en)


def require_ascending(key: str, times: list[float]) -> None:
    """Refuse times of which one is not above the one before it."""
    for index, (before, time) in enumerate(pairwise(times), start=1):
        if not time > before:
            raise ConfigError(
                f"{key}[{index}]={time:g}: expected a time above the one before it, {before:g} (s)"
            )


def _shape(waveform: WaveformConfig, peak: float) -> Points:
    """The points of a shape."""
    if waveform.kind == "gaussian":
        return _gaussian(waveform, peak)
    if waveform.kind == "exponential":
        return _exponential(waveform, peak)
    if waveform.kind == "harmonics":
        return _harmonics(waveform, peak)
    top = waveform.start + waveform.rise
    corners = [(waveform.start, waveform.base), (top, peak)]
    if waveform.kind == "square":
        end = top + (waveform.width or 0.0)
        corners += [(end, peak), (end + waveform.rise, waveform.base)]
    return _cut(corners, waveform.duration or 0.0)


def _gaussian(waveform: WaveformConfig, peak: float) -> Points:
    """A maximum of a full width at half maximum."""
    duration, width = waveform.duration or 0.0, waveform.width or 1.0
    centre = 0.5 * duration if waveform.centre is None else waveform.centre
    times = _even(0.0, duration, waveform.points)
    rise = peak - waveform.base
    exponent = [4.0 * math.log(2.0) * ((time - centre) / width) ** 2 for time in times]
    return times, [waveform.base + rise * math.exp(-x) for x in exponent]


def _exponential(waveform: WaveformConfig, peak: float) -> Points:
    """A linear rise and an exponential decay."""
    duration, decay = waveform.duration or 0.0, waveform.decay or 1.0
    top = waveform.start + waveform.rise
    corners = [(waveform.start, waveform.base)]
    rise = peak - waveform.base
    for time in _even(top, max(duration, top), waveform.points):
        corners.append((time, waveform.base + rise * math.exp(-(time - top) / decay)))
    return _cut(corners, duration)


def _harmonics(waveform: WaveformConfig, peak: float) -> Points:
    """One period of a sum of cosines."""
    frequency = waveform.frequency or 1.0
    times = _even(0.0, 1.0 / frequency, waveform.points)
    phases = waveform.phases + [0.0] * (len(waveform.amplitudes) - len(waveform.phases))
    terms = list(zip(waveform.amplitudes, phases, strict=True))
    en = [
        waveform.base
        + peak
        * math.fsum(
            amplitude * math.cos(2.0 * math.pi * k * frequency * time + math.radians(phase))
            for k, (amplitude, phase) in enumerate(terms, start=1)
        )
        for time in times
    ]
    # Exactly periodic.
    return times, [*en[:-1], en[0]]


def _even(start: float, end: float, intervals: int) -> list[float]:
    """Times at equal distances, both ends included."""
    return [start + (end - start) * k / intervals for k in range(intervals)] + [end]


def _cut(corners: list[tuple[float, float]], duration: float) -> Points:
    """Corners from 0 to the duration; before the first and after the last the field is constant."""
    if corners[0][0] > 0.0:
        corners = [(0.0, corners[0][1]), *corners]
    inside = [corner for corner in corners if corner[0] <= duration]
    if inside[-1][0] < duration:
        last = inside[-1][1]
        if len(inside) < len(corners):
            (time, before), (later, after) = corners[len(inside) - 1 : len(inside) + 1]
            last = before + (after - before) * (duration - time) / (later - time)
        inside.append((duration, last))
    return [time for time, _ in inside], [en for _, en in inside]


def _read(path: Path) -> Points:
    """The points of a file."""
    key = f"sim.waveform.file={path}"
    try:
        text = text_of_file(path)
    except OSError as error:
        raise ConfigError(f"{key}: cannot be read ({error.strerror}); expected a file") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{key}: expected a text file with two columns") from error
    times: list[float] = []
    en: list[float] = []
    for line, row in enumerate(csv.reader(text.splitlines()), start=1):
        cells = [cell.strip() for cell in row]
        if not any(cells) or cells[0].startswith("#"):
            continue
        numbers = _numbers(cells)
        # Lines before the first point may name columns and units.
        if numbers is None and not times and not any(map(NUMERIC.match, cells)):
            continue
        if numbers is None:
            raise ConfigError(
                f"{key}, line {line}: {', '.join(cells)!r}; expected a time (s) and a reduced "
                f"field within {LARGEST_EN:g} Td, comma-separated"
            )
        if times and not numbers[0] > times[-1]:
            raise ConfigError(
                f"{key}, line {line}: {numbers[0]:g}; expected a time above the one before it, "
                f"{times[-1]:g} (s)"
            )
        times.append(numbers[0])
        en.append(numbers[1])
    if not 2 <= len(times) <= MOST_POINTS:
        points = "1 point" if len(times) == 1 else f"{len(times)} points"
        raise ConfigError(f"{key} has {points}: expected 2 to {MOST_POINTS}, a line for each")
    return times, en


def _numbers(cells: list[str]) -> tuple[float, float] | None:
    """Time and field of a line, or None."""
    if len(cells) != 2 or not all(map(_is_number, cells)):
        return None
    time, en = map(float, cells)
    return (time, en) if math.isfinite(time) and abs(en) <= LARGEST_EN else None


def _is_number(cell: str) -> bool:
    """Whether a cell is a number."""
    try:
        float(cell)
    except ValueError:
        return False
    return True
