"""Standard output and error that never end a run: closed, full, or in a poor encoding."""

from __future__ import annotations

import contextlib
import logging
import os
import sys


def prepare() -> None:
    """Make sure that standard streams exist, and that no letter is too much for them.

    A program may be started with closed streams. Their numbers would go to the next files that are
    opened, and what libraries write to standard error would end up in those.
    """
    while (number := os.open(os.devnull, os.O_RDWR)) <= 2:
        pass
    os.close(number)
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_WRONLY), "w", encoding="utf-8"))
        with contextlib.suppress(AttributeError, ValueError, OSError):
            getattr(sys, name).reconfigure(errors="backslashreplace")
    # Else logging answers an error of its stream with a traceback.
    logging.raiseExceptions = False


def say(text: str, error: bool = False) -> None:
    """Write lines to standard output or error; where that cannot be, they are lost."""
    stream = sys.stderr if error else sys.stdout
    # ValueError: the stream has been closed.
    with contextlib.suppress(OSError, ValueError, AttributeError):
        stream.write(f"{text}\n")
        stream.flush()


def finish() -> None:
    """Write what the streams still hold; at its end Python would complain if that cannot be."""
    for stream, number in ((sys.stdout, 1), (sys.stderr, 2)):
        try:
            stream.flush()
        except (OSError, ValueError, AttributeError):
            with contextlib.suppress(OSError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), number)
