"""Tables of a sweep for other programs: `python -m swarmhydra.export DIR --format NAME`.

A table is only as good as its points. Two errors are estimated for each coefficient, and the same
limits hold for both (`quality.WARN`, `quality.REFUSE`):

- that of the points: their relative standard error;
- that of interpolating between them: each inner point is interpolated from its two neighbours,
  linearly in the logarithms. Leaving it out doubles the spacing, and the error goes with the square
  of the spacing; so a quarter of what is missed, beyond what three standard errors explain, is the
  error of the table.

Mean energy, mobility and diffusion above the upper limit are refused. Rate and Townsend
coefficients, which vary by orders of magnitude near a threshold, only lead to a warning.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import xarray as xr

from swarmhydra.export.course import to_course
from swarmhydra.export.distributions import to_cantera, to_eedf
from swarmhydra.export.fluid_codes import to_afivo, to_comsol, to_lokib
from swarmhydra.export.formats import to_bolsig, to_csv, to_json
from swarmhydra.export.garfield import to_garfield
from swarmhydra.export.quality import check, interpolation_error
from swarmhydra.export.reading import read_tables
from swarmhydra.export.table import Column, ExportError, Table, selected_jobs, table

__all__ = [
    "Column",
    "ExportError",
    "Table",
    "check",
    "export",
    "interpolation_error",
    "read_tables",
    "table",
    "to_afivo",
    "to_bolsig",
    "to_cantera",
    "to_comsol",
    "to_course",
    "to_csv",
    "to_eedf",
    "to_garfield",
    "to_json",
    "to_lokib",
]

_OF_TABLE: dict[str, Callable[[Table, str, Sequence[str]], str]] = {
    "bolsig": to_bolsig,
    "afivo": to_afivo,
    "comsol": to_comsol,
    "lokib": to_lokib,
    "csv": lambda table, kind, warnings: to_csv(table),
    "json": lambda table, kind, warnings: to_json(table, warnings),
}
"""What writes a table against E/N, by the name of the format."""

_OF_RUNS: dict[str, Callable[[xr.DataTree], str]] = {
    "eedf": to_eedf,
    "cantera": to_cantera,
    "course": to_course,
}
"""What writes distributions, or the course of a run, by the name of the format."""

FORMATS = (*_OF_TABLE, "garfield", *_OF_RUNS)
KINDS = ("flux", "bulk")


def export(
    sweep: xr.DataTree | xr.Dataset,
    format: str = "bolsig",
    kind: str = "flux",
    *,
    force: bool = False,
    select: Mapping[str, float | str] | None = None,
) -> tuple[str, list[str]]:
    """The tables of a sweep as text, and warnings about their quality.

    Parameters
    ----------
    sweep : xarray.DataTree or Dataset
        From `swarmhydra.open_sweep`.
    format : str, optional
        ``bolsig``, ``afivo``, ``comsol``, ``lokib``, ``csv`` or ``json`` for tables against E/N;
        ``garfield`` for one over E/N, B/N and their angle; ``eedf`` for the energy distributions,
        ``cantera`` for one of them; ``course`` for a run against time or phase.
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
        raise ExportError(f"format={format}, kind={kind}: expected {FORMATS} and {KINDS}")
    if format == "garfield":
        return to_garfield(sweep, kind, **(select or {})), []
    if format in _OF_RUNS:
        return _OF_RUNS[format](selected_jobs(sweep, **(select or {}))), []
    content = table(sweep, **(select or {}))
    faults, warnings = check(content, kind)
    if faults and not force:
        raise ExportError("; ".join(faults))
    warnings = [*faults, *warnings]
    return _OF_TABLE[format](content, kind, warnings), warnings
