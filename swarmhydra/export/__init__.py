"""Tables of a sweep for fluid models: `python -m swarmhydra.export DIR --format bolsig|csv|json`.

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

from collections.abc import Mapping

import xarray as xr

from swarmhydra.export.formats import to_bolsig, to_csv, to_json
from swarmhydra.export.quality import check, interpolation_error
from swarmhydra.export.table import Column, ExportError, Table, table

__all__ = [
    "Column",
    "ExportError",
    "Table",
    "check",
    "export",
    "interpolation_error",
    "table",
    "to_bolsig",
    "to_csv",
    "to_json",
]

FORMATS = ("bolsig", "csv", "json")
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
        raise ExportError(f"format={format}, kind={kind}: expected {FORMATS} and {KINDS}")
    content = table(sweep, **(select or {}))
    faults, warnings = check(content, kind)
    if faults and not force:
        raise ExportError("; ".join(faults))
    warnings = [*faults, *warnings]
    if format == "csv":
        return to_csv(content), warnings
    text = to_bolsig(content, kind, warnings) if format == "bolsig" else to_json(content, warnings)
    return text, warnings
