"""What changes in the course of a waveform, or of a period, as a table against time or phase."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

import numpy as np
import xarray as xr

from swarmhydra.export.table import ExportError
from swarmhydra.kernels.arrays import FloatArray

_AXES = {"waveform": ("time", "time"), "phase": ("phase", "part")}
"""For each group that has a course: its axis, and the dimension of that."""

_ALONG_PROCESSES = ("process", "extra_process")


def to_course(results: xr.DataTree) -> str:
    """The course of time, or of the phase of an alternating field, as CSV.

    A row for each interval; each quantity with its unit, and its standard error beside it; of
    quantities that each process has, a column for each. Distributions are left out: they have axes
    of their own.

    Parameters
    ----------
    results : xarray.DataTree
        A run, or a sweep with one job, or of which one was selected.

    Raises
    ------
    ExportError
        If there is more than one run, or one in a steady field.
    """
    run = _one(results)
    name = next((name for name in _AXES if name in run.children), None)
    if name is None:
        raise ExportError(
            "the field of this run is steady; expected a run with sim.waveform or sim.frequency"
        )
    axis, dimension = _AXES[name]
    group = run.children[name].to_dataset()
    columns = dict(_columns(group, axis, dimension))
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    for row in zip(*columns.values(), strict=True):
        writer.writerow("" if np.isnan(value) else repr(float(value)) for value in row)
    return out.getvalue()


def _one(results: xr.DataTree) -> xr.DataTree:
    """A single run."""
    if "job" not in results.dims:
        return results
    if results.sizes["job"] != 1:
        raise ExportError(
            f"these are {results.sizes['job']} runs; expected one, selected such as en=100"
        )
    return results.isel(job=0)


def _columns(group: xr.Dataset, axis: str, dimension: str) -> Iterator[tuple[str, FloatArray]]:
    """The columns with their titles, the axis first."""
    is_known = group[axis].notnull().values
    yield _title(group, axis, ""), group[axis].values[is_known]
    for name in map(str, group.data_vars):
        beyond = [dim for dim in group[name].dims if dim != dimension]
        if dimension not in group[name].dims or name.endswith("_stderr"):
            continue
        pair = [each for each in (name, f"{name}_stderr") if each in group]
        if not beyond:
            for each in pair:
                yield _title(group, each, ""), group[each].values[is_known]
        elif beyond[0] in (*_ALONG_PROCESSES, "axis"):
            for number, label in enumerate(group[beyond[0]].values):
                for each in pair:
                    values = group[each].isel({beyond[0]: number}).values[is_known]
                    yield _title(group, each, str(label)), values


def _title(group: xr.Dataset, name: str, part: str) -> str:
    """Name, what part of it, and unit."""
    of = f" {part}" if part else ""
    return f"{name}{of} ({group[name].attrs['units']})"
