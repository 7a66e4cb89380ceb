"""Checkpoints: all that the rest of a run depends on, in one file that is whole or not there."""

from __future__ import annotations

import json
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from swarmhydra.config import ConfigError
from swarmhydra.job_folder.atomic_file import replace_file

FORMAT = "swarmhydra checkpoint 2"

_NOTES = "notes"

_OF_ZIP = (zipfile.BadZipFile, zlib.error, NotImplementedError)
"""What Python's reader of zip files raises besides, where a file is damaged."""


@dataclass(frozen=True)
class Content:
    """What a checkpoint holds.

    Attributes
    ----------
    arrays : dict of str to ndarray
        Under names ``group/name``.
    notes : dict
        Numbers, texts and lists of them.
    """

    arrays: Mapping[str, NDArray[Any]]
    notes: Mapping[str, Any] = field(default_factory=dict)

    def with_notes(self, notes: Mapping[str, Any]) -> Content:
        """The same with more notes."""
        return Content(self.arrays, {**self.notes, **notes})

    def group(self, name: str) -> dict[str, NDArray[Any]]:
        """The arrays of a group, without its name."""
        start = f"{name}/"
        return {
            key.removeprefix(start): a for key, a in self.arrays.items() if key.startswith(start)
        }


def write(path: Path, content: Content, fingerprint: str) -> None:
    """Write a checkpoint, all of it or nothing.

    Parameters
    ----------
    path : Path
        An older checkpoint there stays as it was until the new one is complete.
    content : Content
    fingerprint : str
        Of the configuration.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    head = {"format": FORMAT, "version": _version(), "fingerprint": fingerprint}
    notes = json.dumps({**head, **content.notes}).encode()
    named: dict[str, Any] = {_NOTES: np.frombuffer(notes, dtype=np.uint8), **content.arrays}
    replace_file(path, lambda stream: np.savez(stream, **named))


def read(path: Path, fingerprint: str) -> Content:
    """Read a checkpoint.

    Parameters
    ----------
    path : Path
    fingerprint : str
        Of the configuration that shall go on.

    Raises
    ------
    ConfigError
        If the file is damaged, or of another configuration or version; it says what to do.
    """
    afresh = "remove it to start from the beginning"
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        notes = json.loads(arrays.pop(_NOTES).tobytes())
        kind, version, owner = (str(notes[name]) for name in ("format", "version", "fingerprint"))
    except PermissionError as error:
        raise ConfigError(
            f"cannot read {path} ({error.strerror}); allow it, or {afresh}"
        ) from error
    except (OSError, ValueError, KeyError, TypeError, EOFError, *_OF_ZIP) as error:
        raise ConfigError(f"{path} is damaged, or no checkpoint ({error}); {afresh}") from error
    if kind != FORMAT or version != _version():
        raise ConfigError(
            f"{path} was written by swarmhydra {version} ({kind}), this is {_version()} "
            f"({FORMAT}); go on with that version, or {afresh}"
        )
    if owner != fingerprint:
        raise ConfigError(
            f"{path} belongs to a run with other settings; go on with those, choose another folder "
            f"(hydra.run.dir, hydra.sweep.dir), or {afresh}"
        )
    return Content(arrays, notes)


def _version() -> str:
    """Of swarmhydra."""
    return metadata.version("swarmhydra")
