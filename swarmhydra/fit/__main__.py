"""The command ``python -m swarmhydra.fit FILE``."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import swarmhydra.fit
from swarmhydra.config import console
from swarmhydra.fit import fit
from swarmhydra.fit.settings import read_settings
from swarmhydra.job_folder.writable import check_writable
from swarmhydra.results.files import write_whole

_BAD_INPUT = 2


def main(arguments: Sequence[str] | None = None) -> None:
    """Run `python -m swarmhydra.fit`; what cannot be fitted ends with status 2 and a line."""
    parser = argparse.ArgumentParser(
        prog="python -m swarmhydra.fit", description=swarmhydra.fit.__doc__
    )
    parser.add_argument("file", type=Path, help="option file: data, settings, parameters")
    parser.add_argument(
        "settings", nargs="*", metavar="KEY=VALUE", help="more settings, such as sim.temperature=77"
    )
    parser.add_argument("--output", type=Path, help="file to write; default is that of the option")
    options = parser.parse_args(arguments)
    try:
        settings = read_settings(options.file, options.settings)
        output = Path(settings.output) if options.output is None else options.output
        check_writable(output)
        result = fit(settings)
        dataset = result.dataset()
        write_whole(output, lambda part: dataset.to_netcdf(part, engine="netcdf4"))
    except (ValueError, OSError) as error:
        console.say(str(error), error=True)
        sys.exit(_BAD_INPUT)
    console.say(f"{result}\nwrote {output}")


if __name__ == "__main__":
    sys.exit(console.carry_out(main, sys.argv[1:]))
