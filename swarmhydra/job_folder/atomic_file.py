"""Write a file whole or not at all."""

import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

PARTS = ".*.part"
"""Pattern of the names of files that are being written."""


def part_name(path: Path) -> Path:
    """A name for the new file: hidden, unlike any other, and never longer than a few words."""
    return path.with_name(f".{os.urandom(8).hex()}.part")


@contextlib.contextmanager
def replacement(path: Path) -> Iterator[Path]:
    """A new, empty file beside another one, which takes its place at the end of the context.

    Parameters
    ----------
    path : Path
        The file to replace, which need not exist. A symbolic link is replaced, not followed.

    Yields
    ------
    Path
        The new file, under a name of its own: two processes that write the same file do not
        disturb each other.

    Raises
    ------
    OSError
        If it cannot be written; an older file of that name is then as it was.
    """
    part = part_name(path)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
    os.close(os.open(part, flags, 0o666))
    try:
        yield part
        with part.open("r+b") as stream:
            os.fsync(stream.fileno())
        part.replace(path)
    finally:
        # Only a failure leaves a part file, and its cause matters more than this removal.
        with contextlib.suppress(OSError):
            part.unlink()


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
    with replacement(path) as part, part.open("r+b") as stream:
        write(stream)


def write_text(path: Path, text: str) -> None:
    """Write a text where a user wants it.

    Parameters
    ----------
    path : Path
        A file is written whole or not at all, a link followed; devices and pipes take the text.
    text : str

    Raises
    ------
    OSError
        If it cannot be written; it names the path.
    """
    try:
        if path.exists() and not path.is_file():
            path.write_text(text, encoding="utf-8")
        else:
            replace_file(path.resolve(), lambda stream: stream.write(text.encode()))
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error
