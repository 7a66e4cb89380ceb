"""Which process owns the folder of a job: a lock that is held for the whole run."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime
from pathlib import Path

from swarmhydra.config import ConfigError
from swarmhydra.job_folder import index
from swarmhydra.job_folder.atomic_file import PARTS, replace_file
from swarmhydra.job_folder.status import CHECKPOINT, UNFINISHED, Job, status_of, write_status

log = logging.getLogger(__name__)

LOCK_FILE = ".job.lock"
"""Stays in the folder: without it two processes could lock two different files."""

OWNER_FILE = ".job.owner"
"""Which process holds the lock; there while it does."""

_FIRST_STATUS = 2.0
"""Time within which the owner of a folder has surely written whose it is (s)."""


class InUse(ConfigError):
    """Another process owns the folder; one line that says which."""


@contextmanager
def owner_of(folder: Path) -> Iterator[None]:
    """Own a folder: no other process can until the end of the context, or of this process.

    Parameters
    ----------
    folder : Path
        Made if it is missing.

    Raises
    ------
    InUse
        If another process owns it.
    ConfigError
        If the lock file cannot be written.
    """
    # Imported here, as what else is needed below: --help need not wait for it.
    import filelock

    folder.mkdir(parents=True, exist_ok=True)
    lock = filelock.FileLock(folder / LOCK_FILE)
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout:
        raise InUse(_in_use(folder)) from None
    except OSError as error:
        raise ConfigError(
            f"cannot lock {folder / LOCK_FILE} ({error.strerror}); expected a folder that can be "
            "written"
        ) from error
    except NotImplementedError:
        log.warning("%s: this file system has no locks; start no second run in it", folder)
        yield
        return
    try:
        _note_owner(folder)
        # Left by a process that was killed while it wrote; nobody else writes here now.
        for part in folder.glob(PARTS):
            with suppress(OSError):
                part.unlink()
        yield
    finally:
        with suppress(OSError):
            (folder / OWNER_FILE).unlink()
        lock.release()


@contextmanager
def claimed(job: Job, sweep: Path, *, search: bool) -> Iterator[Path]:
    """Own the folder in which a job of a sweep goes on, or begins; it then has the job's status.

    Parameters
    ----------
    job : Job
        The job, with the folder of its number.
    sweep : Path
        The folder of the sweep.
    search : bool
        Whether to look for the job in all of the sweep.

    Yields
    ------
    Path
        The folder of the job with the same configuration. Where there is none, that of the number,
        or one beside it if another job's work lies there.

    Raises
    ------
    InUse
        If another process computes the same job.
    OSError
        If the folder cannot be written to.
    """
    for folder in _places(job, sweep, search):
        with ExitStack() as lock:
            try:
                lock.enter_context(owner_of(folder))
            except InUse:
                if folder != job.folder or _fingerprint_of_owner(folder) == job.fingerprint:
                    raise
                continue
            if folder != job.folder or _is_free_for(job):
                if status_of(folder).get("fingerprint") != job.fingerprint:
                    write_status(
                        folder / job.file.name,
                        job.fingerprint,
                        job.overrides,
                        UNFINISHED,
                        trajectory=job.trajectory,
                    )
                    index.note(job.fingerprint, folder, sweep)
                yield folder
                return


def _places(job: Job, sweep: Path, search: bool) -> list[Path]:
    """The folders in which the job may go on or begin, the best one first."""
    if status_of(job.folder).get("fingerprint") == job.fingerprint:
        return [job.folder]
    earlier = index.find(job.fingerprint, sweep) if search else None
    if earlier is not None:
        return [earlier]
    return [job.folder, job.folder.with_name(f"{job.folder.name}-{job.fingerprint[:8]}")]


def _is_free_for(job: Job) -> bool:
    """Whether no other job's work lies in the folder of a job.

    A run that a stop rule ended keeps its checkpoint: with other stop rules it goes on.
    """
    status = status_of(job.folder)
    if status.get("fingerprint", "") in ("", job.fingerprint):
        return True
    goes_on = bool(job.trajectory) and status.get("trajectory") == job.trajectory
    return goes_on and (job.folder / CHECKPOINT).is_file()


def _fingerprint_of_owner(folder: Path) -> str:
    """The fingerprint of the job whose process owns a folder, as soon as its status is written."""
    deadline = time.monotonic() + _FIRST_STATUS
    while not (fingerprint := str(status_of(folder).get("fingerprint", ""))):
        if time.monotonic() > deadline:
            break
        time.sleep(0.05)
    return fingerprint


def _in_use(folder: Path) -> str:
    """The message about a folder that another process owns."""
    try:
        owner = (folder / OWNER_FILE).read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        owner = "another process"
    return (
        f"{folder} is in use by {owner}; expected a folder of its own (hydra.run.dir, "
        "hydra.sweep.dir) for each run"
    )


def _note_owner(folder: Path) -> None:
    """Leave word for other processes; the lock holds without it."""
    import platform

    now = datetime.now().astimezone().isoformat(timespec="seconds")
    text = f"process {os.getpid()} on {platform.node()} since {now}\n"
    with suppress(OSError):
        replace_file(folder / OWNER_FILE, lambda stream: stream.write(text.encode()))
