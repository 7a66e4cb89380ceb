"""Progress of a run: one live line on a terminal, a log line now and then everywhere else."""

from __future__ import annotations

import logging
import math
import shutil
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from swarmhydra.simulation import Progress

log = logging.getLogger(__name__)

BAR_WIDTH = 24
BAR_INTERVAL = 0.2
LOG_INTERVAL = 10.0


def reporter(live: bool = True, stream: TextIO | None = None) -> Callable[[Progress], None]:
    """A function to hand to `swarmhydra.simulation.run`.

    Parameters
    ----------
    live : bool, optional
        Draw a bar if the stream is a terminal. False where several jobs share the terminal.
    stream : text stream, optional
        Where the bar is drawn; default is standard error.

    Returns
    -------
    callable
        Takes a `swarmhydra.simulation.Progress`; draws the bar, or logs a line every ten seconds.
    """
    target = sys.stderr if stream is None else stream
    bar = live and target.isatty()
    interval = BAR_INTERVAL if bar else LOG_INTERVAL
    # A bar starts at once; the first log line says something only after an interval.
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
            log.info("%s", status(progress))

    return report


def status(progress: Progress) -> str:
    """The progress as text: share done, trials, rate, time left, what the run is doing."""
    percent = f"{100 * min(max(progress.fraction, 0.0), 1.0):.0f} %"
    parts = [
        percent,
        f"{progress.trials:.2e} trials",
        f"{progress.rate:.2e} trials/s",
        f"{_duration(progress.eta)} left",
    ]
    return ", ".join([*parts, progress.message] if progress.message else parts)


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
    """Overwrite the line of the bar; leave it standing at the end."""
    filled = round(BAR_WIDTH * min(max(progress.fraction, 0.0), 1.0))
    line = f"[{'#' * filled}{'.' * (BAR_WIDTH - filled)}] {status(progress)}"
    width = shutil.get_terminal_size().columns - 1
    # The escape code clears what a longer line left behind.
    stream.write(f"\r{line[:width]}\x1b[K" + ("\n" if finished else ""))
    stream.flush()
