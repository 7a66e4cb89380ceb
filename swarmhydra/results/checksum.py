"""A checksum at the end of a result file, so that damage does not pass for a result.

It follows the data of HDF5, which ignores what comes after its own end. A program that changes the
file in place and makes it longer writes over the checksum; the file is then read without a check.
"""

import hashlib
from pathlib import Path

_MARK = b"\nswarmhydra checksum "
_SIZE = 16
_LENGTH = len(_MARK) + 2 * _SIZE + 1


def append_checksum(path: Path) -> None:
    """Add the checksum of a file to its end.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    with path.open("r+b") as stream:
        digest = _digest(stream.read())
        stream.write(_MARK + digest + b"\n")


def check_checksum(path: Path) -> None:
    """Refuse a file whose bytes are not those that were written.

    Files without a checksum pass.

    Raises
    ------
    ValueError
        If the checksum does not agree.
    OSError
        If the file cannot be read.
    """
    content = path.read_bytes()
    end = content[-_LENGTH:]
    if not end.startswith(_MARK):
        return
    if end[len(_MARK) : -1] != _digest(memoryview(content)[:-_LENGTH]):
        raise ValueError(f"{path} was damaged, or changed, after it was written")


def _digest(content: bytes | memoryview) -> bytes:
    """The checksum in hexadecimal digits."""
    return hashlib.blake2b(content, digest_size=_SIZE).hexdigest().encode()
