"""Energy distributions of a run or a sweep, for programs that compute rates from them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

import numpy as np
import xarray as xr

from swarmhydra.export.table import ExportError
from swarmhydra.kernels.arrays import FloatArray

_PER_LINE = 6


def to_eedf(results: xr.DataTree) -> str:
    """The energy distributions of all jobs as CSV, a row for each field and energy.

    Beside the distribution over energy (1/eV) stands that over velocities, divided by the root of
    the energy (eV^-3/2), which two-term solvers call EEPF.

    Parameters
    ----------
    results : xarray.DataTree
        A run, or a sweep from `swarmhydra.open_sweep` without dimensions.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["en (Td)", "energy (eV)", "eedf (eV-1)", "eepf (eV-3/2)"])
    for en, energy, eedf, eepf in _distributions(results):
        for row in zip(energy, eedf, eepf, strict=True):
            writer.writerow([repr(float(value)) for value in (en, *row)])
    return out.getvalue()


def to_cantera(results: xr.DataTree) -> str:
    """The ``electron-energy-distribution`` of a plasma phase of Cantera, of one run.

    Of type ``discretized``: energies (eV) that ascend, and the electron energy probability function
    (eV^-3/2), which Cantera normalises (Cantera YAML reference, "plasma"; Cantera 2.6 or newer). It
    belongs into the phase; rates of reactions of the type ``electron-collision-plasma`` follow.

    Parameters
    ----------
    results : xarray.DataTree
        A run, or a sweep with one job, or of which one field was selected.

    Raises
    ------
    ExportError
        If there is more than one distribution.
    """
    distributions = list(_distributions(results))
    if len(distributions) != 1:
        fields = ", ".join(f"en={en:g}" for en, *_ in distributions)
        raise ExportError(f"a phase has one distribution; select one of {fields}")
    ((en, energy, _, eepf),) = distributions
    is_known = np.isfinite(eepf)
    return "\n".join(
        [
            f"# swarmhydra, {en:g} Td",
            "electron-energy-distribution:",
            "  type: discretized",
            *_sequence("energy-levels", energy[is_known]),
            *_sequence("distribution", eepf[is_known]),
            "  normalize: true",
            "",
        ]
    )


def _sequence(name: str, values: FloatArray) -> Iterator[str]:
    """A list of numbers in YAML, some of them in each line."""
    yield f"  {name}:"
    texts = [f"{value:.6e}" for value in values]
    lines = [", ".join(texts[i : i + _PER_LINE]) for i in range(0, len(texts), _PER_LINE)]
    yield "    [" + ",\n     ".join(lines) + "]"


def _distributions(
    results: xr.DataTree,
) -> Iterator[tuple[float, FloatArray, FloatArray, FloatArray]]:
    """E/N, energies, and both forms of the distribution, in ascending order of E/N."""
    if "eedf" not in results.children:
        raise ExportError("these results hold no energy distribution")
    group = results.children["eedf"].to_dataset(inherit=False)
    fields = np.asarray(results.to_dataset()["en"].values, dtype=float)
    names = ("energy", "eedf", "eepf")
    if "job" not in group["eedf"].dims:
        energy, eedf, eepf = (group[name].values for name in names)
        yield float(fields), energy, eedf, eepf
        return
    jobs = group.sizes["job"]
    fields = np.broadcast_to(fields, jobs)
    for job in np.argsort(fields, kind="stable"):
        one = group.isel(job=job)
        energy, eedf, eepf = (one[name].values for name in names)
        inside = np.isfinite(energy) & np.isfinite(eedf)
        yield float(fields[job]), energy[inside], eedf[inside], eepf[inside]
