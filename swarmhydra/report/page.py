"""One HTML page for a run or a sweep: `python -m swarmhydra.report DIR`.

The page holds everything in itself, figures too: it opens in any browser, without a network.
"""

from __future__ import annotations

import argparse
import base64
import html
import io
import math
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from swarmhydra import plot
from swarmhydra.job_folder.status import FILE_NAME, FINISHED
from swarmhydra.plot.style import COLUMN_WIDTH, HEIGHT, height_for
from swarmhydra.results.files import open_run
from swarmhydra.results.summary import rounded
from swarmhydra.results.variables import VARIABLES
from swarmhydra.sweeps.opening import open_sweep

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FILE = "report.html"
"""Name of the page, in the folder of the run or sweep."""

COLUMNS = (
    "mean_energy",
    "drift_velocity_flux",
    "drift_velocity_bulk",
    "reduced_diffusion_longitudinal_bulk",
    "reduced_diffusion_transverse_bulk",
    "effective_ionization_rate_coefficient",
)
"""Coefficients in the table of the jobs of a sweep."""

_BAD_INPUT = 2
_NUMBER = re.compile(r"[-−(\d][-−+\d.e ±×()⁻⁰¹²³⁴⁵⁶⁷⁸⁹—]*(?: s| MB|%)?")
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; color: #222; background: #fff; max-width: 1080px;
  margin: 0 auto; padding: 1.5em; }
h1 { font-size: 1.6em; margin: 0; } h2 { font-size: 1.2em; margin: 2em 0 .5em; }
p.what { color: #555; margin: .2em 0 1em; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .93em; }
.wide { overflow-x: auto; }
th, td { padding: .2em .8em .2em 0; text-align: left; vertical-align: top;
  border-bottom: 1px solid #e3e3e3; }
th { font-weight: 600; } td.n { text-align: right; white-space: nowrap; }
table.many { font-size: .8em; }
.warning { border-left: 4px solid #D55E00; background: #fdf1e8; padding: .5em 1em; margin: .5em 0; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(420px, 1fr)); gap: 1em; }
figure { margin: 0; } figure img { width: 100%; max-width: 520px; } figcaption { color: #555; }
pre { background: #f6f6f6; padding: 1em; overflow-x: auto; font-size: .85em; }
summary { cursor: pointer; font-weight: 600; margin-top: 1em; }
"""


def report(results: xr.DataTree) -> str:
    """The page of a run or a sweep.

    Parameters
    ----------
    results : xarray.DataTree
        From `swarmhydra.open_run`, `swarmhydra.open_sweep` (without dimensions named) or
        `swarmhydra.simulate`.

    Returns
    -------
    str
        HTML that needs nothing else.
    """
    sweep = "job" in results.dims
    parts = list(_of_sweep(results) if sweep else _of_run(results))
    title = "Electron swarms: a sweep" if sweep else "Electron swarm"
    return "\n".join(
        [
            "<!DOCTYPE html>",
            '<html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<link rel="icon" href="data:,">',
            f"<title>{title} – swarmhydra</title><style>{_STYLE}</style></head><body>",
            f"<h1>{title}</h1>",
            *parts,
            "</body></html>\n",
        ]
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Run `python -m swarmhydra.report`; what is no result ends with status 2 and one line."""
    parser = argparse.ArgumentParser(prog="python -m swarmhydra.report", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("dir", type=Path, help="folder of a run or a sweep, or a result file")
    parser.add_argument("--output", type=Path, help=f"file to write; default is DIR/{FILE}")
    asked = parser.parse_args(arguments)
    folder = asked.dir if asked.dir.is_dir() else asked.dir.parent
    output = asked.output or folder / FILE
    try:
        output.write_text(report(_opened(asked.dir)), encoding="utf-8")
    except (ValueError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(_BAD_INPUT)
    sys.stdout.write(f"{output}\n")


def _opened(path: Path) -> xr.DataTree:
    """A result file, or the folder of one, or that of many."""
    return open_run(path) if path.is_file() or (path / FILE_NAME).is_file() else open_sweep(path)


def _of_run(run: xr.DataTree) -> Iterator[str]:
    """The sections of a run."""
    yield _what(_conditions(run))
    yield from _warnings(_doubts(run))
    yield "<h2>Coefficients</h2>"
    yield _table(("", "value", "± standard error", "unit", ""), _coefficients(run))
    freedom = html.escape(str(run.attrs.get("degrees_of_freedom", "?")))
    yield f"<p>One standard error, with {freedom} degrees of freedom.</p>"
    yield "<h2>Processes</h2>"
    head = ["process", "kind", "target", "threshold (eV)", "rate coefficient (m³ s⁻¹)"]
    yield _table([*head, "by convolution (m³ s⁻¹)", "power lost (eV s⁻¹)"], _processes(run))
    yield from _vectors(run)
    yield "<h2>Figures</h2>"
    processes = height_for(min(run.sizes["process"], 30) + 3)
    yield _figures(
        _figure("The mean energy on its way to the steady state", plot.relaxation, run),
        _figure("The drift velocity", lambda r, ax: plot.relaxation(r, "drift_velocity", ax), run),
        _figure("The energy distribution", plot.energy_distribution, run),
        _figure("The first anisotropy", plot.anisotropy, run),
        _figure("Where the power goes", plot.power_balance, run, processes),
        _figure("Rate coefficients", plot.rates, run, processes),
    )
    yield "<h2>The computation</h2>"
    yield _table(("", ""), _course(run))
    yield _table(("stage", "seconds", "share", "events", "ns per event"), _stages(run))
    yield "<h2>Provenance</h2>"
    yield _table(("", ""), _provenance(run))
    yield _details("Configuration", str(run.attrs.get("config", "")))


def _of_sweep(sweep: xr.DataTree) -> Iterator[str]:
    """The sections of a sweep."""
    root, jobs = sweep.to_dataset(), sweep.children["jobs"].to_dataset(inherit=False)
    yield _what([f"{root.sizes['job']} jobs", *_conditions(sweep)])
    yield from _warnings(_doubts_of_sweep(sweep))
    yield "<h2>Figures</h2>"
    yield _figures(*_panels(root))
    yield "<h2>Jobs</h2>"
    swept = [name for name in str(sweep.attrs.get("swept", "")).split() if name in root.coords]
    shown = [name for name in COLUMNS if name in root]
    head = ["job", *(_titled(name) for name in swept), *(_titled(name) for name in shown)]
    rows = []
    for index, job in enumerate(root["job"].values):
        one = root.isel(job=index)
        cells = [str(job), *(_plain(one[name].item()) for name in swept)]
        rows.append([*cells, *(_with_error(one, name) for name in shown)])
    yield _table(head, rows, "many")
    yield "<h2>Provenance</h2>"
    rows = [["Cross sections", text] for text in _distinct(jobs, "references")]
    rows += [["Made by", str(sweep.attrs.get("source", ""))]]
    rows += [["First job", text] for text in _distinct(jobs, "history")[:1]]
    yield _table(("", ""), rows)
    yield _details("Configuration of the first job", (_distinct(jobs, "config") or [""])[0])


def _panels(root: xr.Dataset) -> Iterator[str]:
    """A figure for each group of coefficients of a sweep."""
    try:
        plot.curves(root, "mean_energy")
    except ValueError:
        return  # Nothing was swept that is a number.
    for names in plot.PANELS:
        there = [n for n in names if n in root and bool((root[n].fillna(0.0) != 0.0).any())]
        if there:
            words = "; ".join(VARIABLES[name].long_name for name in there)
            # Room for a long legend above the panel.
            yield _figure(
                words[0].upper() + words[1:],
                lambda r, ax, there=there: plot.coefficients(r, *there, ax=ax),
                root,
                HEIGHT + (0.5 if there == ["rate_coefficient"] else 0.0),
            )


def _figure(caption: str, draw: Callable[..., Axes], results: Any, height: float = HEIGHT) -> str:
    """A figure as an image within the page; a word instead where there is nothing to draw."""
    from matplotlib.figure import Figure

    with plot.style():
        # Not pyplot: a page made in somebody's session leaves its figures alone.
        figure = Figure(figsize=(COLUMN_WIDTH, height))
        try:
            draw(results, ax=figure.add_subplot())
        except ValueError as error:
            return f"<figure><figcaption>{html.escape(f'{caption}: {error}')}</figcaption></figure>"
        image = io.BytesIO()
        figure.savefig(image, format="svg", metadata={"Date": None})
    data = base64.b64encode(image.getvalue()).decode("ascii")
    words = html.escape(caption)
    source = f"data:image/svg+xml;base64,{data}"
    return f'<figure><img alt="{words}" src="{source}"><figcaption>{words}</figcaption></figure>'


def _figures(*figures: str | Iterator[str]) -> str:
    """Figures side by side."""
    flat = [one for each in figures for one in ([each] if isinstance(each, str) else each)]
    return f'<div class="figures">{"".join(flat)}</div>'


def _table(head: Iterable[str], rows: Iterable[Sequence[str]], look: str = "few") -> str:
    """A table; cells that are numbers, with an error or a power of ten, stand on the right."""
    titles = "".join(f"<th>{html.escape(title)}</th>" for title in head)
    lines = []
    for row in rows:
        cells = (
            f'<td class="n">{html.escape(cell)}</td>'
            if _NUMBER.fullmatch(cell)
            else f"<td>{html.escape(cell)}</td>"
            for cell in row
        )
        lines.append(f"<tr>{''.join(cells)}</tr>")
    header = f"<thead><tr>{titles}</tr></thead>" if any(head) else ""
    table = f'<table class="{look}">{header}<tbody>{"".join(lines)}</tbody></table>'
    return f'<div class="wide">{table}</div>'


def _details(title: str, text: str) -> str:
    """A long text, folded."""
    words = html.escape(text)
    return f"<details><summary>{html.escape(title)}</summary><pre>{words}</pre></details>"


def _what(parts: Iterable[str]) -> str:
    """The line under the title."""
    return f'<p class="what">{html.escape(", ".join(parts))}</p>'


def _warnings(texts: Iterable[str]) -> Iterator[str]:
    """What makes the results doubtful, so that nobody overlooks it."""
    for text in texts:
        yield f'<p class="warning">{html.escape(text)}</p>'


def _conditions(results: xr.DataTree) -> list[str]:
    """What was set, as far as it is the same for all jobs."""
    parts = []
    for name in ("gas", "en", "bn", "frequency", "temperature", "pressure", "accel", "seed"):
        if name not in results.coords or results[name].dims:
            continue
        value = results[name].item()
        if name in ("bn", "frequency") and value == 0.0:
            continue
        units = VARIABLES[name].units
        before = f"{name} " if name in ("accel", "seed", "bn", "frequency") else ""
        parts.append(f"{before}{_plain(value)}" + ("" if units == "1" else f" {units}"))
    return parts


def _doubts(run: xr.DataTree) -> list[str]:
    """What a reader of the result of a run must know."""
    found = str(run.attrs.get("warnings", "")).splitlines()
    if run.attrs.get("relaxed", 1) == 0 and not any("relax" in text for text in found):
        found.append("The swarm did not relax before it was measured.")
    if run.attrs.get("backend_ran") != run.attrs.get("backend_asked"):
        found.append(
            f"accel asked for {run.attrs['backend_asked']}; {run.attrs['backend_ran']} ran."
        )
    return found


def _doubts_of_sweep(sweep: xr.DataTree) -> Iterator[str]:
    """What a reader of a sweep must know: jobs without results, and the warnings of the others."""
    if "unfinished" in sweep.children:
        listed = sweep.children["unfinished"].to_dataset(inherit=False)
        for index in range(listed.sizes.get("unfinished_job", 0)):
            job = listed.isel(unfinished_job=index)
            words = [str(job[name].item()) for name in ("status", "reason", "overrides")]
            yield f"Job {job['name'].item()}: {', '.join(filter(None, words))}"
    jobs = sweep.children["jobs"].to_dataset(inherit=False)
    for index, name in enumerate(sweep.to_dataset()["job"].values):
        job = jobs.isel(job=index)
        if "warnings" in job:
            yield from (f"Job {name}: {text}" for text in str(job["warnings"].item()).splitlines())
        if "status" in job and str(job["status"].item()) != FINISHED:
            yield f"Job {name}: {job['status'].item()}"


def _coefficients(run: xr.DataTree) -> Iterator[list[str]]:
    """A row for each scalar coefficient."""
    for name, row in VARIABLES.items():
        if "/" in name or row.coordinate or row.dims or name not in run.data_vars:
            continue
        value, stderr = float(run[name].item()), float(run[f"{name}_stderr"].item())
        if math.isnan(value):
            why = str(run[name].attrs.get("why_unset", "not measured"))
            yield [row.long_name, "—", "", _units(row.units), why]
            continue
        shown, error, exponent = rounded(value, stderr)
        power = (
            f"×\N{NO-BREAK SPACE}{_power_of_ten(exponent)}\N{NO-BREAK SPACE}" if exponent else ""
        )
        yield [row.long_name, shown, error, f"{power}{_units(row.units)}", row.comment]


def _processes(run: xr.DataTree) -> Iterator[list[str]]:
    """A row for each process."""
    root = run.to_dataset()
    for index, name in enumerate(root["process"].values):
        one = root.isel(process=index)
        yield [
            str(name),
            str(one["kind"].item()).lower(),
            str(one["target"].item()),
            _plain(one["threshold"].item()),
            _with_error(one, "rate_coefficient"),
            _with_error(one, "rate_coefficient_convolution"),
            _with_error(one, "power_loss"),
        ]


def _vectors(run: xr.DataTree) -> Iterator[str]:
    """Velocity and diffusion in all directions, where a magnetic field makes them matter."""
    if "bn" not in run.coords or float(run["bn"]) == 0.0:
        return
    root = run.to_dataset()
    yield "<h2>In a magnetic field</h2>"
    axes = [str(axis) for axis in root["axis"].values]
    for kind in ("flux", "bulk"):
        rows = [
            [
                axis,
                _with_error(root.isel(axis=i), f"velocity_vector_{kind}"),
                *(
                    _with_error(root.isel(axis=i, axis2=j), f"reduced_diffusion_tensor_{kind}")
                    for j in range(len(axes))
                ),
            ]
            for i, axis in enumerate(axes)
        ]
        head = [kind, "velocity (m s⁻¹)", *(f"N D to {axis} (m⁻¹ s⁻¹)" for axis in axes)]
        yield _table(head, rows)


def _course(run: xr.DataTree) -> list[list[str]]:
    """How the run went."""
    perf = run.children["perf"].to_dataset(inherit=False)
    attributes = run.attrs
    rows = [
        ["stopped by", str(attributes.get("stop_reason", ""))],
        ["relaxation time", f"{float(attributes.get('relaxation_time', np.nan)):.3g} s"],
        ["window", f"{float(attributes.get('window', np.nan)):.3g} s"],
        ["backend", str(attributes.get("backend_ran", ""))],
    ]
    for name in ("trials", "real_collisions", "null_share", "wall_seconds", "cpu_seconds"):
        row = VARIABLES[f"perf/{name}"]
        units = "" if row.units == "1" else f" {row.units}"
        rows.append([row.long_name, f"{float(perf[name]):.4g}{units}"])
    rows.append(["largest resident memory", f"{float(perf['peak_rss']) / 1e6:.0f} MB"])
    return rows


def _stages(run: xr.DataTree) -> Iterator[list[str]]:
    """The performance breakdown."""
    perf = run.children["perf"].to_dataset(inherit=False)
    for index, stage in enumerate(perf["stage"].values):
        one = perf.isel(stage=index)
        share, seconds = float(one["share"]), float(one["seconds"])
        timed = not math.isnan(seconds)
        yield [
            str(stage),
            f"{seconds:.3g}" if timed else "not timed",
            f"{share:.1%}" if timed else "",
            f"{float(one['events']):.4g}",
            f"{float(one['ns_per_event']):.3g}" if timed else "",
        ]


def _provenance(run: xr.DataTree) -> list[list[str]]:
    """Where the numbers come from."""
    perf, rng = run.children["perf"].attrs, run.children["rng"].attrs
    rows = [
        ["Cross sections", str(run.attrs.get("references", ""))],
        ["History", str(run.attrs.get("history", ""))],
        ["Random numbers", f"{rng.get('bit_generator', '?')}, entropy {rng.get('entropy', '?')}"],
    ]
    versions = (
        f"{name.removesuffix('_version')} {version}"
        for name, version in ((str(name), version) for name, version in perf.items())
        if name.endswith("_version")
    )
    return [*rows, ["Versions", ", ".join(versions)]]


def _distinct(jobs: xr.Dataset, name: str) -> list[str]:
    """The texts of the jobs, each once."""
    values: Any = np.ravel(jobs[name].values) if name in jobs else []
    return list(dict.fromkeys(str(value) for value in values))


def _titled(name: str) -> str:
    """A coefficient or a setting with its unit, for the head of a table."""
    row = VARIABLES.get(name)
    if row is None:
        return name
    return row.long_name + ("" if row.units == "1" else f" ({_units(row.units)})")


def _with_error(one: xr.Dataset, name: str) -> str:
    """A value with its error in one cell."""
    value, stderr = float(one[name].item()), float(one[f"{name}_stderr"].item())
    if math.isnan(value):
        return "—"
    shown, error, exponent = rounded(value, stderr)
    if not exponent:
        return f"{shown} ± {error}"
    return f"({shown} ± {error}) × {_power_of_ten(exponent)}"


def _power_of_ten(exponent: int) -> str:
    """10 with its exponent raised."""
    return "10" + str(exponent).translate(_RAISED)


def _units(units: str) -> str:
    """A unit as it is printed: powers raised, in one line, nothing for no unit."""
    raised = re.sub(
        r"\^\((-?[\d/]+)\)|(?<=[A-Za-z])(-?\d+)\b",
        lambda found: (found[1] or found[2]).translate(_RAISED),
        units,
    )
    return "" if units == "1" else raised.replace(" ", "\N{NO-BREAK SPACE}")


def _plain(value: Any) -> str:
    """A setting as a person writes it."""
    return f"{value:.10g}" if isinstance(value, float) else str(value)
