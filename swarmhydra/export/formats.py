"""The texts that a table is written as."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from swarmhydra.export.table import Table
from swarmhydra.kernels.arrays import FloatArray
from swarmhydra.results.conditions import condition_words
from swarmhydra.results.schema_version import __version__

_BOLSIG_KINDS = {
    "ELASTIC": "Elastic",
    "EXCITATION": "Excitation",
    "ROTATION": "Rotation",
    "IONIZATION": "Ionization",
    "ATTACHMENT": "Attachment",
}


_ENERGY_TRANSPORT = {
    "reduced_energy_mobility": "Energy mobility *N (1/m/V/s)",
    "reduced_energy_diffusion": "Energy diffusion coef. D*N (1/m/s)",
}
"""Transport of energy, in the words of BOLSIG+."""

_CONDITIONS = ("gas", "temperature", "pressure", "bn", "eb_angle", "frequency")
"""What the header of a table names."""


def to_bolsig(table: Table, kind: str = "flux", warnings: Sequence[str] = ()) -> str:
    """The tables as BOLSIG+ lays them out, first against E/N, then against mean energy.

    BOLSIG+ is that of Hagelaar and Pitchford, Plasma Sources Sci. Technol. 14 (2005) 722. ZDPlasKin
    (Pancheshnyi, Eismann, Hagelaar and Pitchford, user's guide of version 2.0, 2016), which
    contains it, reads no tables: rates in its list of reactions may be functions of the field that
    its routine ``ZDPlasKin_get_conditions`` gives.

    Each table has two columns under a line that names both with their units, and ends with an empty
    line. What BOLSIG+ calls the diffusion coefficient is the transverse one; the longitudinal one
    follows it. Frequencies over N are sums over the processes of the kind.

    Parameters
    ----------
    table : Table
    kind : str, optional
        ``flux`` or ``bulk`` mobility and diffusion.
    warnings : sequence of str, optional
        Put into the header.
    """
    lines = [*preamble(table, kind, warnings), ""]
    axes = {
        "E/N (Td)": table.en,
        "Energy (eV)": table.column("mean_energy").values,
    }
    for axis, x in axes.items():
        for title, values in _bolsig_columns(table, kind, axis):
            lines += _section(f"{axis}\t{title}", x, values)
        lines += ["Rate coefficients (m3/s)", ""]
        for number, (name, process) in enumerate(table.processes.items(), start=1):
            rate = table.rate(name)
            lines.append(_bolsig_process(number, process))
            lines += _section(f"{axis}\tRate coefficient (m3/s)", x, rate.values)
    return "\n".join([*lines, ""])


def to_csv(table: Table) -> str:
    """One row for each E/N, one line of names with units; each coefficient beside its error."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    titles = ["en (Td)"]
    for column in table.columns:
        titles += [column.title, column.title.replace(column.name, f"{column.name}_stderr", 1)]
    writer.writerow(titles)
    for row, en in enumerate(table.en):
        cells = [value for c in table.columns for value in (c.values[row], c.stderr[row])]
        writer.writerow([repr(float(en)), *("" if np.isnan(v) else repr(float(v)) for v in cells)])
    return out.getvalue()


def to_json(table: Table, warnings: Sequence[str] = ()) -> str:
    """All columns with names, units, values and errors, and where they come from."""

    def plain(values: FloatArray) -> list[float | None]:
        """NaN is no JSON."""
        return [None if np.isnan(value) else float(value) for value in values]

    columns: list[dict[str, Any]] = [{"name": "en", "units": "Td", "values": plain(table.en)}]
    for column in table.columns:
        process = {"process": column.process} if column.process else {}
        values = {"values": plain(column.values), "stderr": plain(column.stderr)}
        columns.append({"name": column.name, "units": column.units, **process, **values})
    return json.dumps(
        {
            "source": source(),
            "references": table.references,
            "conditions": table.conditions,
            "warnings": list(warnings),
            "processes": table.processes,
            "columns": columns,
        },
        indent=1,
        ensure_ascii=False,
    )


def _bolsig_columns(table: Table, kind: str, axis: str) -> Iterator[tuple[str, FloatArray]]:
    """Titles in the words of BOLSIG+, and values."""
    of = {column.name: column.values for column in table.columns if not column.process}
    if axis.startswith("E/N"):
        yield "Mean energy (eV)", of["mean_energy"]
    else:
        yield "Electric field / N (Td)", table.en
    yield "Mobility *N (1/m/V/s)", of[f"reduced_mobility_{kind}"]
    yield "Diffusion coefficient *N (1/m/s)", of[f"reduced_diffusion_transverse_{kind}"]
    name = f"{kind.capitalize()} L diffusion coef. *N (1/m/s)"
    yield name, of[f"reduced_diffusion_longitudinal_{kind}"]
    for name, title in _ENERGY_TRANSPORT.items():
        if name in of:
            yield title, of[name]
    for kind in ("ionization", "attachment"):
        total = table.total_frequency(kind)
        if total is not None:
            yield f"Total {kind} freq. /N (m3/s)", total
    yield "Townsend ioniz. coef. alpha/N (m2)", table.townsend("ionization")
    yield "Townsend attach. coef. eta/N (m2)", table.townsend("attachment")


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


def preamble(table: Table, kind: str, warnings: Sequence[str]) -> list[str]:
    """Where the tables come from."""
    lines = [source(), conditions_line(table), f"Cross sections: {table.references}"]
    lines.append(f"Mobility and diffusion: {kind}. Townsend coefficients: over the flux velocity")
    return [*lines, *(f"Warning: {warning}" for warning in warnings)]


def conditions_line(table: Table) -> str:
    """Gas, temperature, pressure and fields, in one line."""
    return ", ".join(condition_words(table.conditions, _CONDITIONS))


def source() -> str:
    """The program and its version."""
    return f"swarmhydra {__version__}"
