"""A sweep as one table against E/N."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

from swarmhydra.kernels.arrays import FloatArray
from swarmhydra.results.variables import VARIABLES

FEWEST = 5
"""Points that a table has at least."""


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
    for name, value in select.items():
        root = _selected(root, name, value)
    varying = [name for name in _scalars(root) if name != "en" and _distinct(root[name]) > 1]
    if varying:
        allowed = "; ".join(
            f"{name}={', '.join(map(str, np.unique(root[name].values)))}" for name in varying
        )
        raise ExportError(f"the sweep is over more than E/N; select one of {allowed}")
    # A coordinate that all jobs share has no dimension.
    en = np.sort(np.atleast_1d(root["en"].values).astype(float))
    if en.size < FEWEST:
        points = f"{en.size} point{'s' if en.size > 1 else ''}"
        raise ExportError(f"{points} of E/N; a table needs at least {FEWEST}")
    root = root.sortby("en")
    repeated = np.unique(en[1:][np.diff(en) == 0.0])
    if repeated.size:
        raise ExportError(
            f"en={repeated[0]:g} Td occurs more than once; combine the replicas or select one"
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


def _selected(root: xr.Dataset, name: str, value: float | str) -> xr.Dataset:
    """The jobs in which a coordinate has a value."""
    if name not in _scalars(root):
        raise ExportError(f"select {name}={value}: expected one of {', '.join(_scalars(root))}")
    values = np.broadcast_to(root[name].values, root.sizes["job"])
    matches = values.astype(float) == value if values.dtype.kind in "fi" else values == value
    if not matches.any():
        present = ", ".join(map(str, np.unique(values)))
        raise ExportError(f"select {name}={value}: the sweep has {present}")
    return root.isel(job=np.flatnonzero(matches))


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
    processes = {}
    for process in root["process"].values:
        one = root.sel(process=process)
        measured = np.flatnonzero(one["rate_coefficient"].notnull().values)
        if measured.size:
            processes[str(process)] = {
                name: np.broadcast_to(one[name].values, root.sizes["job"])[measured[0]].item()
                for name in ("kind", "target", "threshold")
            }
    return processes
