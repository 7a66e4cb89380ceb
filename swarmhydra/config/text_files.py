"""Text files that users name."""

import errno
import os
import stat
from pathlib import Path

LARGEST_FILE = 64 * 1024 * 1024
"""Bytes; no table or option file has so many."""


def text_of_file(path: str | Path, largest: int = LARGEST_FILE) -> str:
    """The text of a file in UTF-8, with or without a byte order mark.

    Parameters
    ----------
    path : str or Path
    largest : int, optional
        Size that it may have (byte).

    Raises
    ------
    OSError
        If it cannot be read, is no file but a folder, a pipe that would be waited for, or a device
        that may have no end, or is too large to be meant.
    UnicodeDecodeError
        If it is in another encoding.
    """
    status = os.stat(path)
    if stat.S_ISDIR(status.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not stat.S_ISREG(status.st_mode):
        raise OSError(errno.EINVAL, "not a regular file", str(path))
    if status.st_size > largest:
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG), str(path))
    return Path(path).read_text(encoding="utf-8-sig")
