"""Standard output and error that end no run, and no command with a traceback.

They may be closed, full, in a poor encoding, or nobody reads on.
"""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import sys
from collections.abc import Callable, Sequence


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


def answer(text: str) -> None:
    """Write what a command was asked for to standard output.

    Where nobody reads on, as with ``| head``, the rest is lost.

    Raises
    ------
    OSError
        If it cannot be written, such as to a full disk.
    """
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        pass
    except OSError as error:
        raise OSError(error.errno, error.strerror, "standard output") from error


def carry_out(command: Callable[[Sequence[str]], int | None], words: Sequence[str]) -> int:
    """Carry out a command that runs nothing; return the status of the program.

    Parameters
    ----------
    command : callable
        Takes the words after its name; returns a status, or None for success.
    words : sequence of str
        Those words.
    """
    prepare()
    try:
        return command(words) or 0
    except KeyboardInterrupt:
        say("ended by SIGINT", error=True)
        return 128 + signal.SIGINT
    except OSError as error:
        say(str(error), error=True)
        return 1
    finally:
        finish()


def finish() -> None:
    """Write what the streams still hold; at its end Python would complain if that cannot be."""
    for stream, number in ((sys.stdout, 1), (sys.stderr, 2)):
        try:
            stream.flush()
        except (OSError, ValueError, AttributeError):
            with contextlib.suppress(OSError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), number)
