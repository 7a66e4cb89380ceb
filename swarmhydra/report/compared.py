"""The command `swarmhydra compare`: two results as a table in the terminal."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from swarmhydra.config import console
from swarmhydra.report.page import opened
from swarmhydra.results.compare import compare

_BAD_INPUT = 2


def main(arguments: Sequence[str]) -> int:
    """Print two results side by side, in units of their combined errors."""
    parser = argparse.ArgumentParser(prog="swarmhydra compare", description=main.__doc__)
    for side in ("first", "second"):
        parser.add_argument(side, type=Path, help="a result file, or the folder of a run or sweep")
    options = parser.parse_args(arguments)
    try:
        console.answer(f"{compare(opened(options.first), opened(options.second))}\n")
    except (ValueError, OSError) as error:
        console.say(str(error), error=True)
        return _BAD_INPUT
    return 0
