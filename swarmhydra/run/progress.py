"""Progress of a run: one live line on a terminal or in a notebook, log lines elsewhere."""

from __future__ import annotations

import contextlib
import logging
import math
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TextIO

from swarmhydra.results.record import Estimate
from swarmhydra.results.summary import rounded

log = logging.getLogger(__name__)

BAR_WIDTH = 24
NARROWEST_BAR = 8
BAR_INTERVAL = 0.2
LOG_INTERVAL = 10.0
FIRST_LINE = 2.0
"""Time after which a run logs for the first time how long it will take (s)."""

NOTEBOOK_COLUMNS = 120

SHOWN = {"mean_energy": ("energy", "eV"), "drift_velocity_flux": ("drift", "m/s")}
"""Coefficients in the line, with a short name and the unit."""


@dataclass(frozen=True)
class Progress:
    """How far a run is.

    Attributes
    ----------
    fraction : float
        Share of the whole run that is done.
    trials : int
        Trial collisions so far.
    rate : float
        Trials per second of wall time at present; NaN where unknown.
    eta : float
        Seconds to go, NaN where unknown.
    message : str
        Name of the stage.
    estimates : dict of str to Estimate
        In a measurement all coefficients, as of the last estimate of their errors; before it the
        mean energy of the last window, without an error.
    """

    fraction: float
    trials: int
    rate: float
    eta: float
    message: str
    estimates: dict[str, Estimate] = field(default_factory=dict)


@dataclass(frozen=True)
class PlaceInSweep:
    """Which of many jobs a run is.

    Attributes
    ----------
    number, count : int
        Number of the job, from 1, and of all jobs.
    elapsed : float
        Time that the jobs before it took (s).
    """

    number: int
    count: int
    elapsed: float

    def of_sweep(self, progress: Progress, seconds: float) -> Progress:
        """The progress of the whole sweep, if the jobs to come take as long as those so far.

        Parameters
        ----------
        progress : Progress
            Of the job.
        seconds : float
            For how long it has run (s).
        """
        jobs_before, eta = self.number - 1, progress.eta
        if not math.isfinite(eta) and jobs_before:
            eta = max(self.elapsed / jobs_before - seconds, 0.0)
        mean = (self.elapsed + seconds + eta) / self.number
        fraction = (jobs_before + min(max(progress.fraction, 0.0), 1.0)) / self.count
        return replace(progress, fraction=fraction, eta=eta + mean * (self.count - self.number))


def reporter(
    live: bool = True, stream: TextIO | None = None, place: PlaceInSweep | None = None
) -> Callable[[Progress], None]:
    """A function to hand to `swarmhydra.run.simulation.run`.

    Parameters
    ----------
    live : bool, optional
        Draw a bar if the stream is a terminal. False where several jobs share the terminal: then
        lines have the level DEBUG, which on the command line goes to the log file alone.
    stream : text stream, optional
        Where the bar is drawn; default is the cell of a notebook, or else standard error.
    place : PlaceInSweep, optional
        Of a job among others, whose progress is shown as that of all.

    Returns
    -------
    callable
        Takes a `Progress`; draws the bar, or logs a line after two and then every ten seconds.
    """
    target = sys.stderr if stream is None else stream
    notebook = live and stream is None and _in_notebook()
    # The program may have been started without a standard error.
    bar = notebook or (live and target is not None and target.isatty())
    draw = _notebook_line() if notebook else partial(draw_line, target)
    interval = BAR_INTERVAL if bar else LOG_INTERVAL
    level = logging.INFO if live else logging.DEBUG
    # A bar starts at once; a run that has ended by then needs no line in a log.
    began = time.monotonic()
    last = -math.inf if bar else began + FIRST_LINE - interval

    def report(progress: Progress) -> None:
        """Show the progress, unless the last one is too recent; the end of a bar always shows."""
        nonlocal last
        now = time.monotonic()
        is_last = bar and progress.fraction >= 1.0
        if now - last < interval and not is_last:
            return
        last = now
        parts = _parts(progress)
        if place is not None:
            parts = _parts(place.of_sweep(progress, now - began))
            parts = [f"job {place.number} of {place.count}, {parts[0]}", *parts[1:]]
        if bar:
            draw(parts, is_last)
        else:
            log.log(level, "%s", ", ".join(parts))

    return report


def status(progress: Progress) -> str:
    """The progress as text: share done, time left, means with their errors, rate, stage."""
    return ", ".join(_parts(progress))


def _parts(progress: Progress) -> list[str]:
    """The parts of the text; the first says how far and how long still, the last matter least."""
    parts = [in_short(progress.fraction, progress.eta), *_means(progress)]
    if math.isfinite(progress.rate):
        parts.append(f"{progress.rate:.2g} trials/s")
    return [*parts, progress.message] if progress.message else parts


def in_short(fraction: float, eta: float) -> str:
    """The share that is done, and the time left (s)."""
    # Rounded down: 100 % is the end.
    return f"{int(100 * min(max(fraction, 0.0), 1.0) + 1e-9)} %, {_duration(eta)} left"


def _means(progress: Progress) -> Iterator[str]:
    """The coefficients so far, such as "energy 6.814 ± 0.006 eV" with one standard error."""
    for name, (short, unit) in SHOWN.items():
        if name not in progress.estimates:
            continue
        estimate = progress.estimates[name]
        value, stderr = float(estimate.value), float(estimate.stderr)
        if math.isfinite(value) and math.isfinite(stderr):
            number, error, exponent = rounded(value, stderr)
            both = f"{number} ± {error}"
            yield f"{short} {f'({both})e{exponent}' if exponent else both} {unit}"
        elif math.isfinite(value):
            yield f"{short} {value:.3g} {unit}"


def _duration(seconds: float) -> str:
    """A duration to read at a glance: 42 s, 3:05, 2:03:05."""
    if not math.isfinite(seconds):
        return "unknown time"
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    hours, rest = divmod(whole, 3600)
    minutes, rest = divmod(rest, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def bar_line(parts: Sequence[str], columns: int) -> str:
    """A bar, and as many parts of the text beside it as have room.

    Parameters
    ----------
    parts : sequence of str
        The first begins with the share, or has it after a comma.
    columns : int
        Longest line.
    """
    pieces = list(parts)
    while len(pieces) > 1 and columns - len(", ".join(pieces)) - 3 < NARROWEST_BAR:
        pieces.pop()
    text = ", ".join(pieces)
    room = min(BAR_WIDTH, columns - len(text) - 3)
    if room < NARROWEST_BAR:
        return text[:columns]
    percent = next(word for word in text.split(", ") if word.endswith(" %"))
    marks = round(room * float(percent.removesuffix(" %")) / 100.0)
    return f"[{'#' * marks}{'.' * (room - marks)}] {text}"


def _in_notebook() -> bool:
    """Whether this is a kernel of Jupyter, which shows what is displayed below the cell."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return hasattr(shell, "kernel")


def _notebook_line() -> Callable[[Sequence[str], bool], None]:
    """A line below the cell of a notebook, that is drawn over; needs no widgets."""
    from IPython.display import display

    handle = None

    def draw(parts: Sequence[str], is_last: bool) -> None:
        nonlocal handle
        text = {"text/plain": bar_line(parts, NOTEBOOK_COLUMNS)}
        if handle is None:
            handle = display(text, raw=True, display_id=True)
        else:
            handle.update(text, raw=True)

    return draw


def draw_line(stream: TextIO, parts: Sequence[str], is_last: bool) -> None:
    """Overwrite the line of the bar; at the end go on to the next line."""
    text = bar_line(parts, _columns(stream) - 1)
    # A terminal that has gone away does not end the run.
    with contextlib.suppress(OSError, ValueError):
        # The escape code clears what a longer line left behind.
        stream.write(f"\r{text}\x1b[K" + ("\n" if is_last else ""))
        stream.flush()


def _columns(stream: TextIO) -> int:
    """The width of the terminal that a stream writes to; standard output may go to a file."""
    if not os.environ.get("COLUMNS"):
        with contextlib.suppress(OSError, ValueError, AttributeError):
            if columns := os.get_terminal_size(stream.fileno()).columns:
                return columns
    return shutil.get_terminal_size().columns
