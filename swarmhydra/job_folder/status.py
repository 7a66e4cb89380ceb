"""The status of a job, in its folder: which configuration it has, and how far it is."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from swarmhydra.config.text_files import text_of_file
from swarmhydra.config.yaml_texts import read_yaml
from swarmhydra.job_folder.atomic_file import replace_file

FILE_NAME = "results.nc"

STATUS_FILE = "job.yaml"
"""Name of the file with the status of a job, beside its result."""

CHECKPOINT = "checkpoint.npz"

REPORT = "report.html"
"""Name of the page that is made of a result, beside it."""

_LARGEST = 10_000_000
"""Size of a file beyond which it is no status (byte)."""

FINISHED, STOPPED, FAILED, UNFINISHED = "finished", "stopped", "failed", "unfinished"
NOTHING_MEASURED = "nothing measured"
"""States of a job. STOPPED: by a signal; UNFINISHED: running, or killed; NOTHING_MEASURED: ended by
a stop rule, or without electrons, before the measurement."""


@dataclass(frozen=True)
class Job:
    """One job, as its folder shows it.

    Attributes
    ----------
    folder : Path
        Where it writes.
    name : str
        The folder, seen from that of the sweep.
    file : Path
        Its result file, which need not be there yet.
    status : str
        `FINISHED`, `STOPPED`, `FAILED`, `NOTHING_MEASURED` or `UNFINISHED`.
    reason : str
        The error of a job that failed.
    overrides : tuple of str
        Its settings, as on the command line.
    fingerprint : str
        Digest of its configuration (`config.fingerprint`); empty where unknown.
    trajectory : str
        The same without stop rules: runs that agree in it can go on from each other's checkpoints.
    """

    folder: Path
    name: str
    file: Path
    status: str
    reason: str = ""
    overrides: tuple[str, ...] = ()
    fingerprint: str = ""
    trajectory: str = ""


def jobs_in(folder: str | Path) -> list[Job]:
    """Every job in a folder and the folders below it, in the order of their names.

    Parameters
    ----------
    folder : str or Path
        Folder of a sweep, or of several runs.

    Raises
    ------
    FileNotFoundError
        If there is no such folder.
    """
    top = Path(folder).absolute()
    if not top.is_dir():
        raise FileNotFoundError(f"there is no folder {top}")
    folders = []
    for path, below, files in os.walk(top):
        of_hydra = (Path(path) / ".hydra" / "overrides.yaml").is_file()
        below[:] = [name for name in below if not name.startswith(".")]
        if of_hydra or FILE_NAME in files or STATUS_FILE in files:
            folders.append(_job(Path(path), top))
    # A job that goes on in another folder leaves Hydra's files in the one with its number.
    with_status = {job.overrides for job in folders if job.fingerprint}
    jobs = [
        job
        for job in folders
        if job.fingerprint or job.file.is_file() or job.overrides not in with_status
    ]
    return sorted(jobs, key=lambda job: _natural(job.name))


def jobs_so_far(folder: Path) -> list[Job]:
    """As `jobs_in`, of a sweep that may not have begun: none where there is no folder to read."""
    try:
        return jobs_in(folder)
    except OSError:
        return []


def write_status(
    file: Path,
    fingerprint: str,
    overrides: Sequence[str],
    status: str,
    reason: str = "",
    *,
    trajectory: str = "",
) -> None:
    """Write the status of a job into its folder.

    Parameters
    ----------
    file : Path
        The result file.
    fingerprint, overrides, status, reason, trajectory : str or sequence of str
        As in `Job`.

    Raises
    ------
    OSError
        If the folder cannot be written to.
    """
    entries = {
        "status": status,
        "reason": reason,
        "output": file.name,
        "fingerprint": fingerprint,
        "trajectory": trajectory,
        "overrides": list(overrides),
    }
    text = yaml.safe_dump(entries, sort_keys=False, allow_unicode=True)
    replace_file(file.with_name(STATUS_FILE), lambda stream: stream.write(text.encode()))


def status_of(folder: Path) -> dict[str, Any]:
    """The entries of the status file of a folder; empty if there is none, or a damaged one."""
    entries = _read(folder / STATUS_FILE)
    return entries if isinstance(entries, dict) else {}


def _job(folder: Path, top: Path) -> Job:
    """A job as its folder shows it; an entry that makes no sense counts as missing."""
    entries = status_of(folder)
    output = entries.get("output")
    name = output if isinstance(output, str) and Path(output).name == output else FILE_NAME
    overrides = entries.get("overrides")
    if not isinstance(overrides, list):
        overrides = _overrides_of_hydra(folder)
    file = folder / name
    status = entries.get("status", FINISHED if file.is_file() else UNFINISHED)
    return Job(
        folder=folder,
        name=folder.relative_to(top).as_posix(),
        file=file,
        status=str(status),
        reason=str(entries.get("reason", "")),
        overrides=tuple(map(str, overrides)),
        fingerprint=str(entries.get("fingerprint", "")),
        trajectory=str(entries.get("trajectory", "")),
    )


def _overrides_of_hydra(folder: Path) -> list[Any]:
    """The overrides of a job as Hydra notes them; none where that cannot be read."""
    overrides = _read(folder / ".hydra" / "overrides.yaml")
    return overrides if isinstance(overrides, list) else []


def _read(path: Path) -> Any:
    """What a small YAML file says; None where there is none, or one that cannot be read."""
    try:
        return read_yaml(text_of_file(path, _LARGEST))
    except (OSError, ValueError, RecursionError, yaml.YAMLError):
        return None


def _natural(name: str) -> list[tuple[int, int, str]]:
    """A key that sorts 2 before 10."""
    return [
        (0, int(part), "") if part.isdigit() else (1, 0, part) for part in re.split(r"(\d+)", name)
    ]
