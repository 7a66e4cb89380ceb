"""The command ``python -m swarmhydra.export DIR``."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import swarmhydra.export
from swarmhydra.config import console
from swarmhydra.export import FORMATS, KINDS, ExportError, export
from swarmhydra.job_folder.atomic_file import write_text
from swarmhydra.sweeps.opening import open_sweep

_BAD_INPUT = 2


def main(arguments: Sequence[str] | None = None) -> None:
    """Run `python -m swarmhydra.export`; what cannot be exported ends with status 2 and a line."""
    parser = argparse.ArgumentParser(
        prog="python -m swarmhydra.export", description=swarmhydra.export.__doc__
    )
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("dir", type=Path, help="folder of a sweep (hydra.sweep.dir)")
    parser.add_argument("--format", choices=FORMATS, default="bolsig")
    parser.add_argument("--kind", choices=KINDS, default="flux", help="mobility and diffusion")
    parser.add_argument(
        "--select",
        metavar="KEY=VALUE",
        nargs="+",
        default=[],
        help="what to take of a sweep over more than E/N, such as gas=argon",
    )
    parser.add_argument("--force", action="store_true", help="write a poor table all the same")
    parser.add_argument("--output", type=Path, help="file to write; default is standard output")
    options = parser.parse_args(arguments)
    try:
        select = dict(_pair(text) for text in options.select)
        text, warnings = export(
            open_sweep(options.dir),
            options.format,
            options.kind,
            force=options.force,
            select=select,
        )
        for warning in warnings:
            console.say(f"warning: {warning}", error=True)
        if options.output is None:
            console.answer(text)
        else:
            write_text(options.output, text)
    except (ValueError, OSError) as error:
        console.say(str(error), error=True)
        sys.exit(_BAD_INPUT)


def _pair(text: str) -> tuple[str, float | str]:
    """A selection from the command line."""
    name, equals, value = text.partition("=")
    if not equals:
        raise ExportError(f"--select {text}: expected KEY=VALUE, such as gas=argon")
    try:
        return name, float(value)
    except ValueError:
        return name, value


if __name__ == "__main__":
    sys.exit(console.carry_out(main, sys.argv[1:]))
