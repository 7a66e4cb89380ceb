"""Write a file whole or not at all."""

import contextlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO


def replace_file(path: Path, write: Callable[[BinaryIO], object]) -> None:
    """Write a file, all of it or nothing.

    Parameters
    ----------
    path : Path
    write : callable
        Called with the open file.

    Raises
    ------
    OSError
        If it cannot be written; an older file of that name is then as it was.
    """
    part = path.with_name(f"{path.name}.part")
    try:
        with part.open("wb") as stream:
            write(stream)
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(path)
    finally:
        # Only a failure leaves a part file, and what caused it matters more than this removal.
        with contextlib.suppress(OSError):
            part.unlink()
