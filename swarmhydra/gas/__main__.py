"""The commands ``python -m swarmhydra.gas``: ``list``, ``inspect`` and ``convert``."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException

from swarmhydra.config import GasConfig, console
from swarmhydra.gas import files
from swarmhydra.gas.cross_section_plot import plot
from swarmhydra.gas.formulas import FORMULAS
from swarmhydra.gas.inspection import Inspection, formulas, inspect, inspect_formula
from swarmhydra.gas.lxcat_writing import text_of_file
from swarmhydra.gas.tables import gathered
from swarmhydra.job_folder.atomic_file import write_text

BAD_INPUT = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command.

    Parameters
    ----------
    arguments : sequence of str, optional
        Those of the command line by default.

    Returns
    -------
    int
        Status of the program: 2 for a file with which a run would be refused.
    """
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except (ValueError, OSError, ImportError) as error:
        console.say(str(error), error=True)
        return BAD_INPUT


def inspect_file(arguments: Sequence[str]) -> int:
    """The command `inspect` by itself; status and arguments as those of `main`."""
    return main(["inspect", *arguments])


def _parser() -> argparse.ArgumentParser:
    """What the command line may hold."""
    parser = argparse.ArgumentParser(prog="python -m swarmhydra.gas")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    listing = commands.add_parser("list", help="name the gases that are built in, with references")
    listing.set_defaults(run=_list)
    command = commands.add_parser("inspect", help="say what is in a file of cross sections")
    command.add_argument("file", help="a file, or the name of a gas that is built in")
    command.add_argument(
        "settings", nargs="*", metavar="gas.KEY=VALUE", help="how a run would use the file"
    )
    command.add_argument("--plot", type=Path, metavar="IMAGE", help="draw it, into a .png or .pdf")
    command.set_defaults(run=_inspect)
    conversion = commands.add_parser("convert", help="write what was understood of a file as text")
    conversion.add_argument("file", help="a file of cross sections")
    conversion.add_argument("--output", type=Path, metavar="FILE", help="instead of the terminal")
    conversion.set_defaults(run=_convert)
    return parser


def _list(_: argparse.Namespace) -> int:
    """Name the gases that are built in."""
    console.answer(f"{formulas()}\n")
    return 0


def _inspect(options: argparse.Namespace) -> int:
    """Say what is in a file, or in a gas that is built in."""
    inspection = _inspected(options.file, options.settings)
    console.answer(f"{inspection.text}\n")
    if options.plot is not None:
        plot(options.file).savefig(options.plot)
        console.say(str(options.plot))
    return 0 if inspection.is_usable else BAD_INPUT


def _inspected(name: str, settings: Sequence[str]) -> Inspection:
    """What is in a file or a gas."""
    if name in FORMULAS and not Path(name).exists():
        return inspect_formula(name)
    return inspect(name, _gas(settings))


def _gas(settings: Sequence[str]) -> GasConfig:
    """The gas that settings of the command line stand for."""
    unknown = next((text for text in settings if not text.startswith("gas.")), None)
    if unknown is not None:
        raise ValueError(f"{unknown}: expected gas.KEY=VALUE")
    try:
        values = OmegaConf.from_dotlist([text.removeprefix("gas.") for text in settings])
        config = OmegaConf.merge(OmegaConf.structured(GasConfig(name="inspected")), values)
        gas = OmegaConf.to_object(config)
    except OmegaConfBaseException as error:
        raise ValueError(f"{' '.join(settings)}: {str(error).splitlines()[0]}") from error
    assert isinstance(gas, GasConfig)
    return gas


def _convert(options: argparse.Namespace) -> int:
    """Write what was understood of a file; what was guessed goes to the error stream."""
    file = files.read(options.file)
    if not file.tables:
        block = file.left_out[0]
        raise ValueError(f"{file.path}, line {block.reason_line}: {block.reason}")
    text = text_of_file(file)
    if options.output is None:
        console.answer(text)
    else:
        write_text(options.output, text)
    remarks = [*file.remarks, *(remark for table in file.tables for remark in table.remarks)]
    for each in gathered(file.path, remarks):
        console.say(f"warning: {each}", error=True)
    for block in file.left_out:
        console.say(f"left out: line {block.line}: {block.label}: {block.reason}", error=True)
    return 0


if __name__ == "__main__":
    sys.exit(console.carry_out(main, sys.argv[1:]))
