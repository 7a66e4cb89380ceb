"""Whether a result can be written, asked before the computation."""

import contextlib
import errno
import os
from pathlib import Path

from swarmhydra.job_folder.atomic_file import part_name

ROOM = 2**20
"""Room that there must be at the start, for a result and its checkpoint (byte)."""


def check_writable(file: Path) -> None:
    """Refuse a place where a result could not be written in the end.

    Parameters
    ----------
    file : Path
        The result file; its folder is made if it is missing.

    Raises
    ------
    OSError
        With the reason as the system gives it: no permission, a full disk, a name that is too long
        or that NetCDF cannot represent; a folder, a pipe or a device in the place of the file.
    """
    try:
        str(file).encode("utf-8")
    except UnicodeEncodeError as error:
        raise OSError(errno.EILSEQ, "a name that is not UTF-8", ascii(str(file))) from error
    file.parent.mkdir(parents=True, exist_ok=True)
    for name in (file, part_name(file)):
        # A name that is too long is found only when it is used.
        with contextlib.suppress(FileNotFoundError):
            os.lstat(name)
    if file.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(file))
    if file.exists() and not file.is_file():
        # It would be replaced: where root works, even /dev/null.
        raise OSError(errno.EINVAL, "a pipe or a device", str(file))
    check_room(file.parent)


def check_room(folder: Path) -> None:
    """Refuse a folder in which no file of `ROOM` bytes can be written.

    Raises
    ------
    OSError
        With the reason as the system gives it, and the folder.
    """
    import tempfile  # Imported here: --help need not wait for it.

    try:
        with tempfile.TemporaryFile(dir=folder) as stream:
            if hasattr(os, "posix_fallocate"):
                os.posix_fallocate(stream.fileno(), 0, ROOM)
            else:
                stream.write(bytes(ROOM))
                stream.flush()
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(folder)) from error
