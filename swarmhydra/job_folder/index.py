"""Where in a sweep the job of a configuration is: one small file for each.

A search through all folders by each of a thousand jobs would read a million status files.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from swarmhydra.job_folder.atomic_file import replace_file
from swarmhydra.job_folder.status import jobs_in, status_of

INDEX = ".jobs"
"""Folder in that of the sweep; a file in it has a fingerprint as name and a folder as content."""


def note(fingerprint: str, folder: Path, sweep: Path) -> None:
    """Remember the folder of a job.

    Parameters
    ----------
    fingerprint : str
        Digest of its configuration.
    folder, sweep : Path
        The folder of the job, and that of the sweep; may be moved together later.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    index = sweep / INDEX
    index.mkdir(parents=True, exist_ok=True)
    place = os.path.relpath(folder.absolute(), sweep.absolute())
    replace_file(index / fingerprint, lambda stream: stream.write(place.encode()))


def find(fingerprint: str, sweep: Path) -> Path | None:
    """The folder of the job with a configuration, or None.

    Parameters
    ----------
    fingerprint : str
        Digest of the configuration.
    sweep : Path
        The folder of the sweep, which need not exist.
    """
    if not sweep.is_dir():
        return None
    if not (sweep / INDEX).is_dir():
        # A sweep of an earlier version, or folders collected by hand.
        for job in jobs_in(sweep):
            if job.fingerprint:
                note(job.fingerprint, job.folder, sweep)
    with contextlib.suppress(OSError, ValueError):
        folder = sweep / (sweep / INDEX / fingerprint).read_text(encoding="utf-8")
        # The folder may have been removed, or taken by another job, since.
        if status_of(folder).get("fingerprint") == fingerprint:
            return folder
    return None
