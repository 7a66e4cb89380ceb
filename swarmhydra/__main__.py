"""`python -m swarmhydra`, and the command `swarmhydra`: a run, a sweep, or one of the commands."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import NoReturn

from swarmhydra.run import stop_signals

COMMANDS = {
    "run": "run or sweep, as without a command",
    "rerun": "rerun results.nc [key=value ...]: a run once more, from its result",
    "report": "report DIR: one HTML page of a run or a sweep",
    "compare": "compare DIR OTHER: two results side by side, in units of their errors",
    "export": "export DIR --format NAME: tables for fluid models",
    "fit": "fit FILE [key=value ...]: cross sections from measured swarm data",
    "inspect": "inspect FILE: what a file of cross sections holds",
    "gas": "gas list, gas inspect FILE, gas convert FILE: about cross sections",
    "list": "list [GROUP]: the options of each group, with what they are",
    "schema": "schema [GROUP]: a JSON schema of the settings, for editors",
}
"""What each command does, in a line."""

_ELSEWHERE = {
    "report": "swarmhydra.report:main",
    "compare": "swarmhydra.report.compared:main",
    "export": "swarmhydra.export.__main__:main",
    "fit": "swarmhydra.fit.__main__:main",
    "inspect": "swarmhydra.gas.__main__:inspect_file",
    "gas": "swarmhydra.gas.__main__:main",
    "list": "swarmhydra.config.commands:list_options",
    "schema": "swarmhydra.config.commands:print_schema",
}
"""The functions of commands that run nothing: they take arguments and return a status, or None."""

_OWN_OPTIONS = ("--config-dir", "-cd")
"""What names a folder of a user's own option files."""


def main() -> None:
    """Carry out the command that the first word names; without one, run."""
    words = sys.argv[1:]
    if words and words[0] in _ELSEWHERE:
        _answer(_elsewhere, words)
    elif "--version" in words:
        _answer(_version, words)
    elif {"--help", "-h"} & set(words):
        _answer(_help, words)
    else:
        _complete_command(words)
        _run(words)


def _answer(command: Callable[[Sequence[str]], int | None], words: list[str]) -> NoReturn:
    """Carry out what runs nothing, and end with its status."""
    from swarmhydra.config import console

    sys.exit(console.carry_out(command, words))


def _elsewhere(words: Sequence[str]) -> int | None:
    """A command that runs nothing; its first word names it."""
    module, _, function = _ELSEWHERE[words[0]].partition(":")
    status: int | None = getattr(importlib.import_module(module), function)(words[1:])
    return status


def _version(_: Sequence[str]) -> None:
    """Print the version."""
    from swarmhydra.config import console
    from swarmhydra.results.schema_version import __version__

    console.answer(f"swarmhydra {__version__}\n")


def _run(words: list[str]) -> None:
    """Run, or repeat a run."""
    with stop_signals.listening(announce=True) as signals:
        try:
            # Imported here: it takes a second or two, in which a signal may come already.
            from swarmhydra.config import console

            console.prepare()
            from swarmhydra import app

            if words[:1] == ["rerun"]:
                app.rerun(words[1:])
            else:
                app.main(words[1:] if words[:1] == ["run"] else words)
        finally:
            # A result that is saved is a finished job, and what is left takes a second or two.
            signals.end_ignored()


def _help(words: Sequence[str]) -> int:
    """Print the page of help, with the values that overrides among the words give."""
    from swarmhydra.config import ConfigError, console
    from swarmhydra.config.compose import composed
    from swarmhydra.config.help_page import help_page

    installed = Path(sys.argv[0]).stem == "swarmhydra"
    folders = [following for word, following in pairwise(words) if word in _OWN_OPTIONS]
    try:
        config = composed([word for word in words if "=" in word], next(iter(folders), None))
    except ConfigError as error:
        console.say(str(error), error=True)
        return 2
    name = "swarmhydra" if installed else "python -m swarmhydra"
    console.answer(help_page(config, COMMANDS, name))
    return 0


def _complete_command(words: list[str]) -> None:
    """Answer a shell that completes the first word; Hydra completes settings."""
    if words[:1] != ["-sc"] or "install=" in " ".join(words):
        return
    line = os.environ.get("COMP_LINE", "").split(" ")
    if len(line) < 2:
        return
    if len(line) == 2:
        matching = [name for name in COMMANDS if name.startswith(line[1])]
        sys.stdout.write("".join(f"{name}\n" for name in matching))
    elif line[1] in _ELSEWHERE:
        # File names are the shell's own.
        sys.exit(0)
    elif line[1] == "run":
        os.environ["COMP_LINE"] = " ".join([line[0], *line[2:]])


if __name__ == "__main__":
    main()
