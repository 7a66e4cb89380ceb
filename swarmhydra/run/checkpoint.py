"""Checkpoints: all that the rest of a run depends on, in one file that is whole or not there."""

from __future__ import annotations

import json
import zipfile
import zlib
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from swarmhydra.config import ConfigError
from swarmhydra.job_folder.atomic_file import replace_file

FORMAT = "swarmhydra checkpoint 6"

_NOTES = "notes"

_ZIP_ERRORS = (zipfile.BadZipFile, zlib.error, NotImplementedError)
"""Errors of Python's reader of zip files where a file is damaged."""


def write(path: Path, state: Mapping[str, Any], fingerprint: str) -> None:
    """Write a checkpoint, all of it or nothing.

    Parameters
    ----------
    path : Path
        An older checkpoint there stays as it was until the new one is complete.
    state : mapping
        Arrays, numbers, texts, lists of those, and mappings of all of them.
    fingerprint : str
        Of the configuration, from `config.trajectory_fingerprint`.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    arrays, rest = _split(state)
    head = {"format": FORMAT, "version": _version(), "fingerprint": fingerprint}
    notes = json.dumps({**head, "state": rest}).encode()
    entries: dict[str, Any] = {_NOTES: np.frombuffer(notes, dtype=np.uint8), **arrays}
    replace_file(path, lambda stream: np.savez(stream, **entries))


def read(path: Path, fingerprint: str) -> dict[str, Any]:
    """Read a checkpoint.

    Parameters
    ----------
    path : Path
    fingerprint : str
        Of the configuration that shall go on, from `config.trajectory_fingerprint`.

    Returns
    -------
    dict
        The state that was written.

    Raises
    ------
    ConfigError
        If the file is damaged, or of another configuration or version; it says what to do.
    """
    afresh = "remove it to start from the beginning"
    try:
        # Opened here: np.load leaves a damaged archive open.
        with path.open("rb") as stream:
            _require_stored(stream)
            with np.load(stream, allow_pickle=False) as file:
                arrays = {name: file[name] for name in file.files}
        notes = json.loads(arrays.pop(_NOTES).tobytes())
        kind, version, owner = (str(notes[name]) for name in ("format", "version", "fingerprint"))
        state = _joined(arrays, notes["state"] if kind == FORMAT else {})
    except PermissionError as error:
        raise ConfigError(
            f"cannot read {path} ({error.strerror}); allow it, or {afresh}"
        ) from error
    except (OSError, ValueError, KeyError, TypeError, EOFError, *_ZIP_ERRORS) as error:
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
    return state


def _require_stored(stream: BinaryIO) -> None:
    """Refuse an archive that is larger unpacked than packed: checkpoints are not compressed."""
    with zipfile.ZipFile(stream) as archive:
        if any(entry.file_size > entry.compress_size for entry in archive.infolist()):
            raise ValueError("it is compressed")
    stream.seek(0)


def _split(state: Mapping[str, Any]) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """The arrays of nested mappings, under names like ``group/name``, and all the rest."""
    arrays: dict[str, NDArray[Any]] = {}
    rest: dict[str, Any] = {}
    for name, value in state.items():
        if isinstance(value, np.ndarray):
            arrays[name] = value
        elif isinstance(value, Mapping):
            below, rest[name] = _split(value)
            arrays |= {f"{name}/{key}": array for key, array in below.items()}
        else:
            rest[name] = value
    return arrays, rest


def _joined(arrays: Mapping[str, NDArray[Any]], rest: dict[str, Any]) -> dict[str, Any]:
    """The nested mappings that `_split` took apart."""
    for name, array in arrays.items():
        *groups, last = name.split("/")
        place = rest
        for group in groups:
            place = place[group]
        place[last] = array
    return rest


def _version() -> str:
    """Version of swarmhydra."""
    return metadata.version("swarmhydra")
