"""The command ``python -m swarmhydra.gas inspect FILE``."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from swarmhydra.gas.inspection import inspect, plot

BAD_INPUT = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Parameters
    ----------
    arguments : sequence of str, optional
        Those of the command line by default.

    Returns
    -------
    int
        Status of the program: 2 for a file that cannot be used.
    """
    parser = argparse.ArgumentParser(prog="python -m swarmhydra.gas")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    command = commands.add_parser("inspect", help="say what is in a file of cross sections")
    command.add_argument("file", type=Path, help="in the format of LXCat, or CSV")
    command.add_argument("--plot", type=Path, metavar="IMAGE", help="draw it, into a .png or .pdf")
    options = parser.parse_args(arguments)
    try:
        sys.stdout.write(f"{inspect(options.file)}\n")
        if options.plot is not None:
            plot(options.file).savefig(options.plot)
            sys.stdout.write(f"{options.plot}\n")
    except (ValueError, OSError, ImportError) as error:
        sys.stderr.write(f"{error}\n")
        return BAD_INPUT
    return 0


if __name__ == "__main__":
    sys.exit(main())
