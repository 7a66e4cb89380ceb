"""Tables of a sweep for fluid models: `python -m swarmhydra.export DIR --format bolsig|csv|json`.

A table is only as good as its points. Two errors are estimated for each coefficient, and the same
limits hold for both (`WARN`, `REFUSE`):

- that of the points: their relative standard error;
- that of interpolating between them: each inner point is interpolated from its two neighbours,
  linearly in the logarithms. Leaving it out doubles the spacing, and the error goes with the square
  of the spacing; so a quarter of what is missed, beyond what three standard errors explain, is the
  error of the table.

Mean energy, mobility and diffusion above the upper limit are refused. Rate and Townsend
coefficients, which vary by orders of magnitude near a threshold, only lead to a warning.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from swarmhydra.sweep import open_sweep
from swarmhydra.variables import VARIABLES

FloatArray = NDArray[np.float64]

FORMATS = ("bolsig", "csv", "json")
KINDS = ("flux", "bulk")

WARN = 0.02
"""Relative error of a table above which there is a warning."""

REFUSE = 0.1
"""Relative error of mean energy, mobility or diffusion above which there is no table."""

WARN_RATE = 0.1
"""Relative error of a rate or Townsend coefficient above which there is a warning."""

FEWEST = 5
"""Points that a table has at least."""

_RATES = ("rate_coefficient", "reduced_townsend_ionization", "reduced_townsend_attachment")
_EXPLAINED = 3.0
_BAD_INPUT = 2
_BOLSIG_KINDS = {
    "ELASTIC": "Elastic",
    "EXCITATION": "Excitation",
    "ROTATION": "Rotation",
    "IONIZATION": "Ionization",
    "ATTACHMENT": "Attachment",
}


class ExportError(ValueError):
    """A sweep that makes no table; one line that says why and what to do."""


@dataclass(frozen=True)
class Column:
    """A coefficient at every point of the table.

    Parameters
    ----------
    name : str
        Name in the results, such as ``rate_coefficient``.
    units : str
    values, stderr : ndarray, shape (n,)
        NaN where there is no value; in the order of ascending E/N.
    process : str, optional
        Of a coefficient that each process has.
    """

    name: str
    units: str
    values: FloatArray
    stderr: FloatArray
    process: str = ""

    @property
    def title(self) -> str:
        """Name, process and unit, as in the header of the CSV file."""
        words = [self.name, self.process] if self.process else [self.name]
        return f"{' '.join(words)} ({self.units})"


@dataclass(frozen=True)
class Table:
    """The coefficients of one gas under one set of conditions against E/N.

    Parameters
    ----------
    en : ndarray, shape (n,)
        Strictly ascending (Td).
    columns : tuple of Column
    processes : dict of str to dict
        ``kind``, ``target`` and ``threshold`` (eV) of each process.
    conditions : dict of str to float or str
        What all points have in common: gas, temperature (K), pressure (Pa) …
    references : str
        Citation of the cross sections.
    warnings : tuple of str
        What the runs themselves warn of.
    """

    en: FloatArray
    columns: tuple[Column, ...]
    processes: dict[str, dict[str, Any]]
    conditions: dict[str, float | str]
    references: str
    warnings: tuple[str, ...] = ()

    def column(self, name: str, process: str = "") -> Column:
        """The column of a coefficient.

        Raises
        ------
        KeyError
            If the table has none of that name.
        """
        for column in self.columns:
            if (column.name, column.process) == (name, process):
                return column
        raise KeyError(name)


def table(sweep: xr.DataTree | xr.Dataset, **select: float | str) -> Table:
    """Arrange a sweep as one table against E/N.

    Parameters
    ----------
    sweep : xarray.DataTree or Dataset
        From `swarmhydra.open_sweep`.
    **select : float or str
        What to take of a sweep over more than E/N: ``gas="argon"``, ``temperature=300``.

    Raises
    ------
    ExportError
        If something else than E/N still varies, E/N repeats, or there are too few points.
    """
    root = _jobs(sweep)
    for name, wanted in select.items():
        root = _selected(root, name, wanted)
    varying = [name for name in _scalars(root) if name != "en" and _distinct(root[name]) > 1]
    if varying:
        allowed = "; ".join(
            f"{name}={', '.join(map(str, np.unique(root[name].values)))}" for name in varying
        )
        raise ExportError(f"the sweep is over more than E/N; select one of {allowed}")
    root = root.sortby("en")
    en = root["en"].values.astype(float)
    if en.size < FEWEST:
        raise ExportError(f"{en.size} points of E/N; a table needs at least {FEWEST}")
    repeated = np.unique(en[1:][np.diff(en) == 0.0])
    if repeated.size:
        raise ExportError(
            f"en={repeated[0]:g} Td stands there more than once; combine the replicas or select one"
        )
    constant = {n: root[n].values.flat[0] for n in _scalars(root) if n != "en"}
    return Table(
        en=en,
        columns=tuple(_columns(root)),
        processes=_processes(root),
        conditions={n: v.item() if isinstance(v, np.generic) else v for n, v in constant.items()},
        references="; ".join(_texts(root, "references")),
        warnings=tuple(_texts(root, "warnings")),
    )


def check(found: Table, kind: str = "flux") -> tuple[list[str], list[str]]:
    """What is wrong with a table.

    Parameters
    ----------
    found : Table
    kind : str, optional
        ``flux`` or ``bulk``: which transport coefficients must be good.

    Returns
    -------
    faults, warnings : list of str
        A table with faults is of no use; warnings say where it is poor.
    """
    faults, warnings = [], list(found.warnings)
    energy = found.column("mean_energy").values
    falls = np.flatnonzero(np.diff(energy) <= 0.0)
    if falls.size:
        first = falls[0]
        faults.append(
            f"the mean energy does not rise from {found.en[first]:g} to {found.en[first + 1]:g} "
            "Td: no table against it; smaller errors or fewer points help"
        )
    transport = set(_transport(kind))
    for column in found.columns:
        process = column.name in _RATES
        if column.name not in transport and not process:
            continue
        errors = {
            "too noisy": _noise(column),
            "too coarse": interpolation_error(found.en, column.values, column.stderr),
        }
        for what, values in errors.items():
            worst = int(np.argmax(values))
            limit = WARN_RATE if process else WARN
            words = f"{what}: {column.title} to {values[worst]:.1%} at {found.en[worst]:g} Td"
            if not process and values[worst] > REFUSE:
                faults.append(f"{words}, at most {REFUSE:.0%} is allowed")
            elif values[worst] > limit:
                warnings.append(f"{words}, more than {limit:.0%}")
    return faults, warnings


def interpolation_error(en: FloatArray, values: FloatArray, stderr: FloatArray) -> FloatArray:
    """The relative error of interpolating a table linearly in the logarithms, point by point.

    Parameters
    ----------
    en : ndarray, shape (n,)
        Strictly ascending.
    values, stderr : ndarray, shape (n,)

    Returns
    -------
    ndarray, shape (n,)
        A quarter of what each inner point differs from its neighbours' line, beyond three standard
        errors of that difference; 0 at the ends and beside values that are not positive.

    Examples
    --------
    >>> import numpy as np
    >>> en = np.array([1.0, 2.0, 4.0])
    >>> interpolation_error(en, en**0.5, np.zeros(3)).round(6)
    array([0., 0., 0.])
    """
    error = np.zeros(en.size)
    good = (values > 0.0) & np.isfinite(values)
    inner = np.flatnonzero(good[:-2] & good[1:-1] & good[2:]) + 1
    if not inner.size or en[0] < 0.0:
        return error
    x = np.log(np.maximum(en, 1e-300))
    weight = (x[inner] - x[inner - 1]) / (x[inner + 1] - x[inner - 1])
    y = np.log(np.where(good, values, 1.0))
    relative = np.nan_to_num(np.where(good, stderr / np.where(good, values, 1.0), 0.0))
    missed = np.abs((1.0 - weight) * y[inner - 1] + weight * y[inner + 1] - y[inner])
    spread = np.sqrt(
        ((1.0 - weight) * relative[inner - 1]) ** 2
        + (weight * relative[inner + 1]) ** 2
        + relative[inner] ** 2
    )
    error[inner] = np.expm1(np.maximum(missed - _EXPLAINED * spread, 0.0)) / 4.0
    return error


def to_bolsig(found: Table, kind: str = "flux", warnings: Sequence[str] = ()) -> str:
    """The tables as BOLSIG+ lays them out, first against E/N, then against mean energy.

    Each table has two columns under a line that names both with their units, and ends with an empty
    line. What BOLSIG+ calls the diffusion coefficient is the transverse one; the longitudinal one
    follows it. Frequencies over N are sums over the processes of the kind.

    Parameters
    ----------
    found : Table
    kind : str, optional
        ``flux`` or ``bulk`` mobility and diffusion.
    warnings : sequence of str, optional
        Put into the header.
    """
    lines = [*_preamble(found, kind, warnings), ""]
    axes = {
        "E/N (Td)": found.en,
        "Energy (eV)": found.column("mean_energy").values,
    }
    for axis, x in axes.items():
        for title, values in _bolsig_columns(found, kind, axis):
            lines += _section(f"{axis}\t{title}", x, values)
        lines += ["Rate coefficients (m3/s)", ""]
        for number, (name, process) in enumerate(found.processes.items(), start=1):
            rate = found.column("rate_coefficient", name)
            lines.append(_bolsig_process(number, process))
            lines += _section(f"{axis}\tRate coefficient (m3/s)", x, rate.values)
    return "\n".join([*lines, ""])


def to_csv(found: Table) -> str:
    """One row for each E/N, one line of names with units; each coefficient beside its error."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    titles = ["en (Td)"]
    for column in found.columns:
        titles += [column.title, column.title.replace(column.name, f"{column.name}_stderr", 1)]
    writer.writerow(titles)
    for row, en in enumerate(found.en):
        cells = [value for c in found.columns for value in (c.values[row], c.stderr[row])]
        writer.writerow([repr(float(en)), *("" if np.isnan(v) else repr(float(v)) for v in cells)])
    return out.getvalue()


def to_json(found: Table, warnings: Sequence[str] = ()) -> str:
    """All columns with names, units, values and errors, and where they come from."""

    def plain(values: FloatArray) -> list[float | None]:
        """NaN is no JSON."""
        return [None if np.isnan(value) else float(value) for value in values]

    columns: list[dict[str, Any]] = [{"name": "en", "units": "Td", "values": plain(found.en)}]
    for column in found.columns:
        process = {"process": column.process} if column.process else {}
        values = {"values": plain(column.values), "stderr": plain(column.stderr)}
        columns.append({"name": column.name, "units": column.units, **process, **values})
    return json.dumps(
        {
            "source": _source(),
            "references": found.references,
            "conditions": found.conditions,
            "warnings": list(warnings),
            "processes": found.processes,
            "columns": columns,
        },
        indent=1,
        ensure_ascii=False,
    )


def export(
    sweep: xr.DataTree | xr.Dataset,
    format: str = "bolsig",
    kind: str = "flux",
    *,
    force: bool = False,
    select: Mapping[str, float | str] | None = None,
) -> tuple[str, list[str]]:
    """The tables of a sweep as text, and what to beware of.

    Parameters
    ----------
    sweep : xarray.DataTree or Dataset
        From `swarmhydra.open_sweep`.
    format : str, optional
        ``bolsig``, ``csv`` or ``json``.
    kind : str, optional
        ``flux`` or ``bulk`` mobility and diffusion, where the format has only one.
    force : bool, optional
        Turn faults into warnings; a table against mean energy then may not be monotone.
    select : dict of str to float or str, optional
        What to take of a sweep over more than E/N.

    Returns
    -------
    text : str
    warnings : list of str

    Raises
    ------
    ExportError
        If the sweep is too coarse or too noisy, or makes no table at all.
    """
    if format not in FORMATS or kind not in KINDS:
        raise ExportError(f"format={format}, kind={kind}: allowed are {FORMATS} and {KINDS}")
    found = table(sweep, **(select or {}))
    faults, warnings = check(found, kind)
    if faults and not force:
        raise ExportError("; ".join(faults))
    warnings = [*faults, *warnings]
    if format == "csv":
        return to_csv(found), warnings
    text = to_bolsig(found, kind, warnings) if format == "bolsig" else to_json(found, warnings)
    return text, warnings


def main(arguments: Sequence[str] | None = None) -> None:
    """Run `python -m swarmhydra.export`; what cannot be exported ends with status 2 and a line."""
    parser = argparse.ArgumentParser(prog="python -m swarmhydra.export", description=__doc__)
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
    asked = parser.parse_args(arguments)
    try:
        select = dict(_pair(text) for text in asked.select)
        text, warnings = export(
            open_sweep(asked.dir), asked.format, asked.kind, force=asked.force, select=select
        )
        for warning in warnings:
            sys.stderr.write(f"warning: {warning}\n")
        if asked.output is None:
            sys.stdout.write(text)
        else:
            asked.output.write_text(text, encoding="utf-8")
    except (ValueError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(_BAD_INPUT)


def _pair(text: str) -> tuple[str, float | str]:
    """A selection from the command line."""
    name, equals, value = text.partition("=")
    if not equals:
        raise ExportError(f"--select {text}: allowed is KEY=VALUE, such as gas=argon")
    try:
        return name, float(value)
    except ValueError:
        return name, value


def _jobs(sweep: xr.DataTree | xr.Dataset) -> xr.Dataset:
    """The coefficients of the jobs along one dimension, with their ``references``, ``warnings``."""
    root = sweep.to_dataset() if isinstance(sweep, xr.DataTree) else sweep
    if "en" not in root.coords or "mean_energy" not in root.data_vars:
        raise ExportError("these are no results of a sweep over sim.en")
    about = sweep.children.get("jobs") if isinstance(sweep, xr.DataTree) else None
    if about is not None:
        texts = about.to_dataset(inherit=False)
        root = root.assign({n: texts[n] for n in ("references", "warnings") if n in texts})
    dims = root["mean_energy"].dims
    if not dims:
        return root.expand_dims("job")
    if dims != ("job",):
        root = root.stack(job=dims, create_index=False)
    return root.dropna("job", subset=["mean_energy"])


def _selected(root: xr.Dataset, name: str, wanted: float | str) -> xr.Dataset:
    """The jobs in which a coordinate has a value."""
    if name not in _scalars(root):
        raise ExportError(f"select {name}={wanted}: allowed is one of {', '.join(_scalars(root))}")
    values = np.broadcast_to(root[name].values, root.sizes["job"])
    chosen = values.astype(float) == wanted if values.dtype.kind in "fi" else values == wanted
    if not chosen.any():
        known = ", ".join(map(str, np.unique(values)))
        raise ExportError(f"select {name}={wanted}: the sweep has {known}")
    return root.isel(job=np.flatnonzero(chosen))


def _scalars(root: xr.Dataset) -> list[str]:
    """The coordinates that were set for each job: conditions, and settings that were swept."""
    kinds = (name for name in root.coords if VARIABLES.get(str(name), VARIABLES["en"]).dims == ())
    return [str(n) for n in kinds if n != "job" and root[n].dims in ((), ("job",))]


def _texts(root: xr.Dataset, name: str) -> list[str]:
    """The texts that jobs have under a name, each once."""
    values: Any = np.ravel(root[name].values) if name in root else []
    return list(dict.fromkeys(str(value) for value in values if str(value)))


def _distinct(values: xr.DataArray) -> int:
    """How many values a coordinate has."""
    return int(np.unique(values.values).size)


def _columns(root: xr.Dataset) -> Iterator[Column]:
    """Everything that has an error and is a number, or one for each process."""
    for name, row in VARIABLES.items():
        if "/" in name or row.coordinate or f"{name}_stderr" not in root.data_vars:
            continue
        value, stderr = root[name], root[f"{name}_stderr"]
        if value.dims == ("job",):
            yield Column(name, row.units, value.values, stderr.values)
        elif row.dims == ("process",):
            for process in root["process"].values:
                one = value.sel(process=process).values
                if not np.isnan(one).all():
                    error = stderr.sel(process=process).values
                    yield Column(name, row.units, one, error, str(process))


def _processes(root: xr.Dataset) -> dict[str, dict[str, Any]]:
    """Kind, target and threshold of the processes that the jobs have."""
    found = {}
    for process in root["process"].values:
        one = root.sel(process=process)
        here = np.flatnonzero(one["rate_coefficient"].notnull().values)
        if here.size:
            found[str(process)] = {
                name: np.broadcast_to(one[name].values, root.sizes["job"])[here[0]].item()
                for name in ("kind", "target", "threshold")
            }
    return found


def _transport(kind: str) -> tuple[str, ...]:
    """The coefficients without which a table is of no use."""
    return (
        "mean_energy",
        f"reduced_mobility_{kind}",
        f"reduced_diffusion_transverse_{kind}",
        f"reduced_diffusion_longitudinal_{kind}",
    )


def _noise(column: Column) -> FloatArray:
    """Relative standard errors; 0 where there is nothing to be relative to."""
    positive = np.abs(np.nan_to_num(column.values)) > 0.0
    relative = column.stderr / np.where(positive, np.abs(column.values), 1.0)
    return np.where(positive, np.nan_to_num(relative, nan=0.0), 0.0)


def _bolsig_columns(found: Table, kind: str, axis: str) -> Iterator[tuple[str, FloatArray]]:
    """Titles in the words of BOLSIG+, and values."""
    of = {column.name: column.values for column in found.columns if not column.process}
    drift = of["drift_velocity_flux"]
    ionization, attachment = of["reduced_townsend_ionization"], of["reduced_townsend_attachment"]
    if axis.startswith("E/N"):
        yield "Mean energy (eV)", of["mean_energy"]
    else:
        yield "Electric field / N (Td)", found.en
    yield "Mobility *N (1/m/V/s)", of[f"reduced_mobility_{kind}"]
    yield "Diffusion coefficient *N (1/m/s)", of[f"reduced_diffusion_transverse_{kind}"]
    name = f"{kind.capitalize()} L diffusion coef. *N (1/m/s)"
    yield name, of[f"reduced_diffusion_longitudinal_{kind}"]
    yield "Total ionization freq. /N (m3/s)", ionization * drift
    yield "Total attachment freq. /N (m3/s)", attachment * drift
    yield "Townsend ioniz. coef. alpha/N (m2)", ionization
    yield "Townsend attach. coef. eta/N (m2)", attachment


def _bolsig_process(number: int, process: dict[str, Any]) -> str:
    """The line that names a process, as ``C3    Ar    Ionization    15.80 eV``."""
    kind = _BOLSIG_KINDS.get(process["kind"], str(process["kind"]).capitalize())
    words = [f"C{number}", process["target"], kind]
    if process["threshold"] != 0.0:
        words.append(f"{process['threshold']:.2f} eV")
    return "    ".join(words)


def _section(title: str, x: FloatArray, y: FloatArray) -> list[str]:
    """A table of two columns under its title; what is unknown has no row."""
    rows = [f"{a:.6E}\t{b:.6E}" for a, b in zip(x, y, strict=True) if not np.isnan(b)]
    return [title, *rows, ""]


def _preamble(found: Table, kind: str, warnings: Sequence[str]) -> list[str]:
    """Where the tables come from."""
    conditions = ", ".join(
        f"{name} {value:g} {VARIABLES[name].units}" if isinstance(value, float) else f"{value}"
        for name, value in found.conditions.items()
        if name in ("gas", "temperature", "pressure", "bn", "eb_angle", "frequency")
        and value != 0.0
    )
    lines = [_source(), conditions, f"Cross sections: {found.references}"]
    lines.append(f"Mobility and diffusion: {kind}. Townsend coefficients: over the flux velocity")
    return [*lines, *(f"Warning: {warning}" for warning in warnings)]


def _source() -> str:
    """The program and its version."""
    return f"swarmhydra {metadata.version('swarmhydra')}"


if __name__ == "__main__":
    main()
