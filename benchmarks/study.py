"""What the studies share: their command line, and the file with the machine as attributes."""

import argparse
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import xarray as xr

from benchmarks import report

Options = Mapping[str, Mapping[str, Any]]
"""Names of options, and the arguments of `argparse.ArgumentParser.add_argument`."""

Measure = Callable[[argparse.Namespace], xr.Dataset]


def main(
    module: str,
    description: str | None,
    measure: Measure,
    options: Options | None = None,
) -> xr.Dataset:
    """Read the command line, measure, and write what was measured.

    Parameters
    ----------
    module : str
        Name of the study; its files are ``<module>.nc`` and ``<module>.csv``.
    description : str or None
        What ``--help`` says of it.
    measure : callable
        Takes the options, prints its tables and returns its figures, each with an attribute
        ``units``.
    options : Options, optional
        Those besides ``--output`` and ``--quick``.

    Returns
    -------
    xarray.Dataset
        What was measured.
    """
    parser = argparse.ArgumentParser(
        prog=f"python -m benchmarks.{module}",
        description=description,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--output", type=Path, default=report.DEFAULT_FOLDER, help="folder")
    parser.add_argument("--quick", action="store_true", help="minutes, and less certain figures")
    for name, arguments in (options or {}).items():
        parser.add_argument(name, **arguments)
    chosen = parser.parse_args()
    # The load of the machine is that before the study adds its own.
    machine = report.attributes(**_settings(chosen))
    dataset = measure(chosen)
    report.write(dataset.assign_attrs({**machine, **dataset.attrs}), chosen.output, module)
    return dataset


def _settings(chosen: argparse.Namespace) -> dict[str, str | int | float]:
    """The options as attributes of a file, without where the files go."""
    return {
        name: int(value) if isinstance(value, bool) else value
        for name, value in vars(chosen).items()
        if value is not None and not isinstance(value, Path | list)
    }
