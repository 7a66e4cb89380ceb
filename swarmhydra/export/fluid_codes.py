"""Tables as particular programs read them: afivo-streamer, COMSOL, programs that read LoKI-B."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from swarmhydra.export.formats import preamble
from swarmhydra.export.table import Table
from swarmhydra.kernels.arrays import FloatArray

_RULE = "-----------------------"
"""Above and below each table of afivo-streamer; at least five dashes."""

_LOKIB_ENERGY = {
    "RedDiffE(eV(ms)^-1)": "reduced_energy_diffusion",
    "RedMobE(eV(msV)^-1)": "reduced_energy_mobility",
}
"""Transport of energy in the order of LoKI-B."""

_AFIVO_BULK = {
    "Bulk mobility *N (1/m/V/s)": "reduced_mobility_bulk",
    "Bulk diffusion coef. *N (1/m/s)": "reduced_diffusion_transverse_bulk",
}
"""What afivo-streamer looks for with `input_data%bulk_transport`."""

_LONGEST_LINE = 99
"""Characters of a line that the oldest readers of afivo-streamer look at."""


def to_afivo(table: Table, kind: str = "flux", warnings: Sequence[str] = ()) -> str:
    """Tables against E/N (Td), as afivo-streamer reads them.

    Each has its title on a line, a line of dashes, rows of two numbers, and a line of dashes. The
    titles are those that the program looks for (`table_from_file` in `m_table_data.f90` and
    `m_transport_data.f90` of afivo-streamer; Teunissen and Ebert, J. Phys. D 50 (2017) 474001):
    those of bulk coefficients, too, beside the ones of `kind`. Rates have the title ``k <process>
    (m3/s)``, for a list of reactions.

    Parameters
    ----------
    table : Table
    kind : str, optional
        ``flux`` or ``bulk`` mobility and diffusion.
    warnings : sequence of str, optional
        Put into the header.
    """
    lines = [line[:_LONGEST_LINE] for line in preamble(table, kind, warnings)] + [""]
    for title, values in _afivo_columns(table, kind):
        is_known = np.isfinite(values)
        rows = zip(table.en[is_known], values[is_known], strict=True)
        lines += [title, _RULE, *(f"{x:.8E} {y:.8E}" for x, y in rows), _RULE, ""]
    return "\n".join(lines)


def _afivo_columns(table: Table, kind: str) -> Iterator[tuple[str, FloatArray]]:
    """Titles in the words of the program, and values."""
    yield "Mean energy (eV)", table.column("mean_energy").values
    yield "Mobility *N (1/m/V/s)", table.column(f"reduced_mobility_{kind}").values
    diffusion = table.column(f"reduced_diffusion_transverse_{kind}")
    yield "Diffusion coefficient *N (1/m/s)", diffusion.values
    yield "Townsend ioniz. coef. alpha/N (m2)", table.townsend("ionization")
    yield "Townsend attach. coef. eta/N (m2)", table.townsend("attachment")
    for title, name in _AFIVO_BULK.items():
        if table.has(name):
            yield title, table.column(name).values
    for process in table.processes:
        yield f"k {process} (m3/s)", table.rate(process).values


def to_comsol(table: Table, kind: str = "flux", warnings: Sequence[str] = ()) -> str:
    """One table against the mean energy, for an interpolation function of COMSOL Multiphysics.

    The data format is "Spreadsheet": a row for each point, the argument in the first column and
    each other one a function of it, comments behind ``%`` (COMSOL Multiphysics Programming
    Reference Manual 6.1, "File Formats: Spreadsheet Data Format"). The last comment names the
    columns. The mean energy is in V, Townsend coefficients are reduced ones (Plasma Module User's
    Guide 6.1, "The Electron Energy Distribution Function", and 6.4, "Plasma Interface"), and so are
    mobilities and diffusion coefficients, for its property "Use reduced electron transport
    properties".

    Parameters
    ----------
    table : Table
    kind : str, optional
        ``flux`` or ``bulk`` mobility and diffusion.
    warnings : sequence of str, optional
        Put into the header.
    """
    columns = dict(_comsol_columns(table, kind))
    lines = [f"% {line}" for line in preamble(table, kind, warnings)]
    lines += [f"% Column {number}: {name}" for number, name in enumerate(columns, start=1)]
    lines.append("% " + "\t".join(name.replace(" ", "_") for name in columns))
    # A function needs a value everywhere: what is unknown is zero, as of a rate never seen.
    rows = np.nan_to_num(np.array(list(columns.values())).T)
    return "\n".join([*lines, *("\t".join(f"{value:.8E}" for value in row) for row in rows), ""])


def _comsol_columns(table: Table, kind: str) -> Iterator[tuple[str, FloatArray]]:
    """Names with units, and values; the argument first."""
    yield "mean energy (V)", table.column("mean_energy").values
    yield "E/N (Td)", table.en
    yield "electron mobility N (1/(V*m*s))", table.column(f"reduced_mobility_{kind}").values
    diffusion = table.column(f"reduced_diffusion_transverse_{kind}")
    yield "electron diffusivity N (1/(m*s))", diffusion.values
    if table.has("reduced_energy_mobility"):
        mobility = table.column("reduced_energy_mobility")
        yield "electron energy mobility N (1/(V*m*s))", mobility.values
    if table.has("reduced_energy_diffusion"):
        of_energy = table.column("reduced_energy_diffusion")
        yield "electron energy diffusivity N (1/(m*s))", of_energy.values
    yield "Townsend ionization (m^2)", table.townsend("ionization")
    yield "Townsend attachment (m^2)", table.townsend("attachment")
    for process in table.processes:
        yield f"rate of {process} (m^3/s)", table.rate(process).values


def to_lokib(table: Table, kind: str = "flux", warnings: Sequence[str] = ()) -> str:
    """The look-up table of swarm parameters against E/N that LoKI-B writes, rates beside it.

    Columns parted by blanks under one line of names, comments behind ``#``: names, units and order
    are those of ``lookUpTableSwarm.txt``, and of the rates those of ``lookUpTableRateCoeff.txt``
    with the names of the processes (class ``Output`` of LoKI-B 2; Tejero-del-Caz et al., Plasma
    Sources Sci. Technol. 28 (2019) 043001). Mobility and diffusion of energy are in eV there: times
    the mean energy what Hagelaar and Pitchford (2005) define.

    Parameters
    ----------
    table : Table
    kind : str, optional
        ``flux`` or ``bulk`` mobility and diffusion.
    warnings : sequence of str, optional
        Put into the header.
    """
    columns = dict(_lokib_columns(table, kind))
    lines = [f"# {line}" for line in preamble(table, kind, warnings)]
    width = max(16, *map(len, columns)) + 1
    lines.append(" ".join(name.ljust(width) for name in columns))
    rows = np.array(list(columns.values())).T
    lines += [" ".join(f"{value:.8e}".ljust(width) for value in row) for row in rows]
    return "\n".join([*lines, ""])


def _lokib_columns(table: Table, kind: str) -> Iterator[tuple[str, FloatArray]]:
    """Names as LoKI-B has them, and values."""
    energy = table.column("mean_energy").values
    blank = np.full(energy.size, np.nan)
    yield "RedField(Td)", table.en
    yield "RedDiff((ms)^-1)", table.column(f"reduced_diffusion_transverse_{kind}").values
    yield "RedMob((msV)^-1)", table.column(f"reduced_mobility_{kind}").values
    yield "DriftVelocity(ms^-1)", table.column(f"drift_velocity_{kind}").values
    yield "RedTow(m^2)", table.townsend("ionization")
    yield "RedAtt(m^2)", table.townsend("attachment")
    for title, name in _LOKIB_ENERGY.items():
        # LoKI-B does not divide the transport of energy by the mean energy.
        yield title, energy * table.column(name).values if table.has(name) else blank
    yield "MeanE(eV)", energy
    yield "CharE(eV)", table.column("characteristic_energy").values
    yield "EleTemp(eV)", energy * 2.0 / 3.0
    for process in table.processes:
        yield f"{process.replace(' ', '_')}(m^3s^-1)", table.rate(process).values
