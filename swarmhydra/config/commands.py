"""The commands that are about settings: `list` and `schema`."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence

from swarmhydra.config import console
from swarmhydra.config.json_schema import json_schema
from swarmhydra.config.option_files import OPTION_GROUPS, options, words_of
from swarmhydra.config.ranges import ConfigError

_BAD_INPUT = 2


def list_options(arguments: Sequence[str]) -> int:
    """Name the options of each group, with what they are."""
    parser = argparse.ArgumentParser(prog="swarmhydra list", description=list_options.__doc__)
    parser.add_argument("group", nargs="?", choices=OPTION_GROUPS, help="one group only")
    only = parser.parse_args(arguments).group
    for group, names in options().items():
        if only in (None, group):
            longest = max(map(len, names))
            for name in names:
                console.answer(f"{group}={name.ljust(longest)}  {words_of(group, name)}\n")
    return 0


def print_schema(arguments: Sequence[str]) -> int:
    """Print the JSON schema of all settings, or of the option files of a group."""
    parser = argparse.ArgumentParser(prog="swarmhydra schema", description=print_schema.__doc__)
    parser.add_argument("group", nargs="?", default="", help="gas, sim, method or accel")
    try:
        schema = json_schema(parser.parse_args(arguments).group)
    except ConfigError as error:
        console.say(str(error), error=True)
        return _BAD_INPUT
    console.answer(f"{json.dumps(schema, indent=1, ensure_ascii=False)}\n")
    return 0
