"""One HTML page for a run or a sweep: `python -m swarmhydra.report DIR`.

The page holds everything in itself, figures too: it opens in any browser, without a network.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import jinja2
import xarray as xr

from swarmhydra.config import console
from swarmhydra.job_folder.atomic_file import write_text
from swarmhydra.job_folder.status import FILE_NAME, REPORT
from swarmhydra.report.cells import is_number
from swarmhydra.report.of_comparison import section_of_comparison
from swarmhydra.report.of_run import page_of_run
from swarmhydra.report.of_sweep import page_of_sweep
from swarmhydra.results.compare import compare
from swarmhydra.results.files import open_run
from swarmhydra.sweeps.opening import open_sweep

_BAD_INPUT = 2


def report(results: xr.DataTree, against: xr.DataTree | None = None) -> str:
    """The page of a run or a sweep.

    Parameters
    ----------
    results : xarray.DataTree
        From `swarmhydra.open_run`, `swarmhydra.open_sweep` (without dimensions named) or
        `swarmhydra.simulate`.
    against : xarray.DataTree, optional
        Another result, that the page compares these with.

    Returns
    -------
    str
        HTML that needs nothing else.
    """
    # Escaped: names and citations are a user's, and may look like markup.
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).with_name("template")),
        autoescape=True,
        keep_trailing_newline=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.tests["number_cell"] = is_number
    page = page_of_sweep(results) if "job" in results.dims else page_of_run(results)
    if against is not None:
        section = section_of_comparison(compare(results, against))
        page = replace(page, sections=[*page.sections, section])
    return environment.get_template("page.html").render(page=page)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run `python -m swarmhydra.report`; what is no result ends with status 2 and one line."""
    parser = argparse.ArgumentParser(prog="python -m swarmhydra.report", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("dir", type=Path, help="folder of a run or a sweep, or a result file")
    parser.add_argument("--output", type=Path, help=f"file to write; default is DIR/{REPORT}")
    parser.add_argument(
        "--against", type=Path, help="another result of the same kind, to compare with"
    )
    options = parser.parse_args(arguments)
    folder = options.dir if options.dir.is_dir() else options.dir.parent
    output = options.output or folder / REPORT
    try:
        against = None if options.against is None else opened(options.against)
        write_text(output, report(opened(options.dir), against))
    except (ValueError, OSError) as error:
        console.say(str(error), error=True)
        sys.exit(_BAD_INPUT)
    console.say(str(output))


def opened(path: Path) -> xr.DataTree:
    """A result file, or the folder of one, or that of many."""
    return open_run(path) if path.is_file() or (path / FILE_NAME).is_file() else open_sweep(path)
