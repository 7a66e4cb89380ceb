"""Progress of a run: one live line on a terminal, a log line every ten seconds elsewhere."""

from __future__ import annotations

import contextlib
import logging
import math
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TextIO

from swarmhydra.results.record import Estimate
from swarmhydra.results.summary import rounded

log = logging.getLogger(__name__)

BAR_WIDTH = 24
NARROWEST_BAR = 8
BAR_INTERVAL = 0.2
LOG_INTERVAL = 10.0

SHOWN = {"mean_energy": ("energy", "eV"), "drift_velocity_flux": ("drift", "m/s")}
"""Coefficients in the line, with a short name and the unit."""


@dataclass(frozen=True)
class Progress:
    """How far a run is.

    Attributes
    ----------
    fraction : float
        Share of the present stage that is done; 0 where it cannot be known.
    trials : int
        Trial collisions so far.
    rate : float
        Trials per second of wall time.
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


def reporter(live: bool = True, stream: TextIO | None = None) -> Callable[[Progress], None]:
    """A function to hand to `swarmhydra.run.simulation.run`.

    Parameters
    ----------
    live : bool, optional
        Draw a bar if the stream is a terminal. False where several jobs share the terminal: then
        lines have the level DEBUG, which on the command line goes to the log file alone.
    stream : text stream, optional
        Where the bar is drawn; default is standard error.

    Returns
    -------
    callable
        Takes a `Progress`; draws the bar, or logs a line every ten seconds.
    """
    target = sys.stderr if stream is None else stream
    # The program may have been started without a standard error.
    bar = live and target is not None and target.isatty()
    interval = BAR_INTERVAL if bar else LOG_INTERVAL
    level = logging.INFO if live else logging.DEBUG
    # A bar starts at once; there is nothing to log before the first interval has passed.
    last = -math.inf if bar else time.monotonic()

    def report(progress: Progress) -> None:
        """Show the progress, unless the last one is too recent; the end of a bar always shows."""
        nonlocal last
        now = time.monotonic()
        finished = bar and progress.fraction >= 1.0
        if now - last < interval and not finished:
            return
        last = now
        if bar:
            _draw(target, progress, finished)
        else:
            log.log(level, "%s", status(progress))

    return report


def status(progress: Progress) -> str:
    """The progress as text: share done, time left, means with their errors, rate, stage."""
    parts = [
        f"{100 * min(max(progress.fraction, 0.0), 1.0):.0f} %",
        f"{_duration(progress.eta)} left",
        *_means(progress),
        f"{progress.rate:.2g} trials/s",
    ]
    return ", ".join([*parts, progress.message] if progress.message else parts)


def _means(progress: Progress) -> Iterator[str]:
    """The coefficients so far, such as "energy 6.814 ± 0.006 eV" with one standard error."""
    for name, (short, unit) in SHOWN.items():
        if name not in progress.estimates:
            continue
        estimate = progress.estimates[name]
        value, stderr = float(estimate.value), float(estimate.stderr)
        if math.isfinite(value) and math.isfinite(stderr):
            shown, error, exponent = rounded(value, stderr)
            both = f"{shown} ± {error}"
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


def _draw(stream: TextIO, progress: Progress, finished: bool) -> None:
    """Overwrite the line of the bar; at the end go on to the next line."""
    text = status(progress)
    columns = shutil.get_terminal_size().columns - 1
    # A narrow terminal has room for the numbers, or for a bar.
    room = min(BAR_WIDTH, columns - len(text) - 3)
    if room >= NARROWEST_BAR:
        filled = round(room * min(max(progress.fraction, 0.0), 1.0))
        text = f"[{'#' * filled}{'.' * (room - filled)}] {text}"
    # A terminal that has gone away does not end the run.
    with contextlib.suppress(OSError, ValueError):
        # The escape code clears what a longer line left behind.
        stream.write(f"\r{text[:columns]}\x1b[K" + ("\n" if finished else ""))
        stream.flush()
