"""Commands that run nothing, with streams that are closed, full, or that nobody reads."""

import io
import os
import sys
from collections.abc import Callable, Iterator
from typing import TextIO

import pytest

from swarmhydra import __main__ as program
from swarmhydra.config import commands, console

ANSWERS = (["--version"], ["--help"], ["list"], ["schema"], ["gas", "list"], ["inspect", "argon"])

Command = Callable[..., tuple[int, str]]


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Command:
    """Carry out a command with a stream for its answer; its status and what it said of errors."""

    def carried_out(words: list[str], stdout: TextIO | None) -> tuple[int, str]:
        with monkeypatch.context() as patch:
            patch.setattr(sys, "argv", ["swarmhydra", *words])
            patch.setattr(sys, "stdout", stdout)
            with pytest.raises(SystemExit) as ended:
                program.main()
            if stdout is None:
                # Made by the program, to go with the process.
                sys.stdout.close()
        return int(ended.value.code or 0), capfd.readouterr().err

    return carried_out


@pytest.fixture(params=["a full disk", "no reader"])
def unwritable(request: pytest.FixtureRequest) -> Iterator[tuple[TextIO, str]]:
    """A stream that takes nothing, and why."""
    if request.param == "a full disk":
        number = os.open("/dev/full", os.O_WRONLY)
    else:
        reader, number = os.pipe()
        os.close(reader)
    stream = os.fdopen(number, "w", encoding="utf-8")
    yield stream, request.param
    # What it still holds could not be written where it is closed.
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    stream.close()


@pytest.mark.parametrize("words", ANSWERS)
def test_an_answer_that_is_not_read_is_lost_and_one_without_room_an_error(
    words: list[str], unwritable: tuple[TextIO, str], command: Command
) -> None:
    stream, why = unwritable
    status, told = command(words, stream)
    if why == "no reader":
        assert (status, told) == (0, "")
    else:
        assert status > 0
        assert told == "[Errno 28] No space left on device: 'standard output'\n"


@pytest.mark.parametrize("words", ANSWERS)
def test_without_a_stream_there_is_no_answer(words: list[str], command: Command) -> None:
    assert command(words, None) == (0, "")


def test_letters_that_a_terminal_lacks_are_shown_by_number(command: Command) -> None:
    written = io.BytesIO()
    stream = io.TextIOWrapper(written, encoding="ascii")
    assert command(["gas", "list"], stream) == (0, "")
    assert b"Petrovi\\u0107" in written.getvalue()


def test_ctrl_c_ends_a_command_with_a_line(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(_: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(commands, "json_schema", interrupted)
    assert command(["schema"], io.StringIO()) == (130, "ended by SIGINT\n")


def test_the_status_is_that_of_the_command() -> None:
    assert [console.carry_out(lambda _, end=end: end, []) for end in (None, 0, 2)] == [0, 0, 2]
