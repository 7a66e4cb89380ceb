"""Progress of jobs that run in other processes, as seen from the one that launched them."""

from __future__ import annotations

import logging
import math
import re
import sys
import threading
import time
from pathlib import Path

from swarmhydra.job_folder.status import UNFINISHED, Job, jobs_so_far
from swarmhydra.run.progress import LOG_INTERVAL, draw_line, in_short

log = logging.getLogger(__name__)

LOOK_EVERY = 2.0
"""Time between two looks at the folders of the jobs (s)."""

_LOG_FILE = "swarmhydra.log"
_SHARE = re.compile(r"\] (\d+) %, ")
_TAIL = 4096


class Watcher(threading.Thread):
    """Shows how far a sweep is: from the status of its jobs, and what the running ones log.

    Parameters
    ----------
    folder : Path
        Folder of the sweep.
    count : int
        Number of its jobs.
    """

    def __init__(self, folder: Path, count: int) -> None:
        super().__init__(name="progress of the sweep", daemon=True)
        self._folder, self._count = folder, count
        self._began = time.monotonic()
        self._ended = threading.Event()

    def run(self) -> None:
        """Look again and again, until the sweep has ended."""
        live = sys.stderr is not None and sys.stderr.isatty()
        interval = LOOK_EVERY if live else LOG_INTERVAL
        while not self._ended.wait(interval):
            text = self.text(time.monotonic())
            if live:
                draw_line(sys.stderr, [text], is_last=False)
            else:
                log.info("%s", text)
        if live:
            draw_line(sys.stderr, [self.text(time.monotonic())], is_last=True)

    def stop(self) -> None:
        """End the thread."""
        self._ended.set()
        self.join()

    def text(self, now: float) -> str:
        """How many jobs have ended, the share of all that is done, and the time left.

        Parameters
        ----------
        now : float
            By `time.monotonic` (s), which setting the clock does not change.
        """
        jobs = jobs_so_far(self._folder)
        number = sum(job.status != UNFINISHED for job in jobs)
        share = (number + sum(map(_share_of_running, jobs))) / self._count
        seconds = now - self._began
        eta = seconds * (1.0 / share - 1.0) if share > 0.0 else math.nan
        return f"{number} of {self._count} jobs ended, {in_short(share, eta)}"


def _share_of_running(job: Job) -> float:
    """Share of a job under way that is done: what it logged last."""
    if job.status != UNFINISHED:
        return 0.0
    try:
        with (job.folder / _LOG_FILE).open("rb") as file:
            file.seek(0, 2)
            file.seek(max(file.tell() - _TAIL, 0))
            shares = _SHARE.findall(file.read().decode("utf-8", "replace"))
    except OSError:
        return 0.0
    return float(shares[-1]) / 100.0 if shares else 0.0
