"""A sweep as one table against E/N."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import xarray as xr

from swarmhydra.config.yaml_texts import read_yaml
from swarmhydra.kernels.arrays import FloatArray
from swarmhydra.results.variables import VARIABLES

FEWEST = 3
"""Points that a table has at least."""

FEW = 5
"""Points below which there is a warning."""

_GROWTH = {"ionization": "IONIZATION", "attachment": "ATTACHMENT"}


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
    fractions : dict of str to float
        Shares of the targets of the processes, by number; empty where unknown.
    """

    en: FloatArray
    columns: tuple[Column, ...]
    processes: dict[str, dict[str, Any]]
    conditions: dict[str, float | str]
    references: str
    warnings: tuple[str, ...] = ()
    fractions: dict[str, float] = field(default_factory=dict)

    def rate(self, process: str) -> Column:
        """The rate coefficient of a process, by the one estimator that all tables use.

        It is the average over the energy distribution where there is one, which has the smaller
        error of the two that a run makes.
        """
        try:
            return self.column("rate_coefficient_convolution", process)
        except KeyError:
            return self.column("rate_coefficient", process)

    def total_frequency(self, kind: str) -> FloatArray | None:
        """The frequency of ionization or attachment over the gas density (m3/s).

        Parameters
        ----------
        kind : str
            ``ionization`` or ``attachment``.

        Returns
        -------
        ndarray, shape (n,), or None
            The sum of the rates of all processes of the kind, each times the share of its target;
            None where the shares of a mixture are unknown.
        """
        targets = {str(each["target"]) for each in self.processes.values()}
        shares = self.fractions if len(targets) > 1 else dict.fromkeys(targets, 1.0)
        if not targets <= shares.keys():
            return None
        total = np.zeros(self.en.size)
        for name, process in self.processes.items():
            if process["kind"] == _GROWTH[kind]:
                total = total + shares[str(process["target"])] * self.rate(name).values
        return total

    def townsend(self, kind: str) -> FloatArray:
        """The reduced Townsend coefficient of ionization or attachment (m2).

        It goes with the rates of the table: their sum over the flux drift velocity.
        """
        total = self.total_frequency(kind)
        if total is None:
            return self.column(f"reduced_townsend_{kind}").values
        drift = self.column("drift_velocity_flux").values
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(total / drift)

    def has(self, name: str) -> bool:
        """Whether there is a column of a coefficient that no process has."""
        return any((column.name, column.process) == (name, "") for column in self.columns)

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
    root = selected(sweep, ("en",), **select)
    # A coordinate that all jobs share has no dimension.
    en = np.sort(np.atleast_1d(root["en"].values).astype(float))
    if en.size < FEWEST:
        points = f"{en.size} point{'s' if en.size > 1 else ''}"
        raise ExportError(f"{points} of E/N; a table needs at least {FEWEST}")
    root = root.sortby("en")
    duplicates = np.unique(en[1:][np.diff(en) == 0.0])
    if duplicates.size:
        raise ExportError(
            f"en={duplicates[0]:g} Td occurs more than once; combine the replicas or select one"
        )
    constant = {n: root[n].values.flat[0] for n in _scalars(root) if n != "en"}
    return Table(
        en=en,
        columns=tuple(_columns(root)),
        processes=_processes(root),
        conditions={n: v.item() if isinstance(v, np.generic) else v for n, v in constant.items()},
        references="; ".join(_texts(root, "references")),
        warnings=(*_texts(root, "warnings"), *_few_points(en.size)),
        fractions=_fractions(root),
    )


def selected(
    sweep: xr.DataTree | xr.Dataset, axes: tuple[str, ...], **select: float | str
) -> xr.Dataset:
    """The jobs of a sweep along one dimension, in which only some conditions vary.

    Parameters
    ----------
    sweep : xarray.DataTree or Dataset
    axes : tuple of str
        The conditions that may vary.
    **select : float or str
        What to take where others do.

    Raises
    ------
    ExportError
        If something else varies still.
    """
    root = _jobs(sweep)
    for name, value in select.items():
        root = _selected(root, name, value)
    varying = [name for name in _scalars(root) if name not in axes and _distinct(root[name]) > 1]
    if varying:
        choices = "; ".join(
            f"{name}={', '.join(map(str, np.unique(root[name].values)))}" for name in varying
        )
        words = "E/N" if axes == ("en",) else "E/N, B/N and their angle"
        raise ExportError(f"the sweep is over more than {words}; select one of {choices}")
    return root


def selected_jobs(sweep: xr.DataTree | xr.Dataset, **select: float | str) -> xr.DataTree:
    """A run, or the jobs of a sweep in which conditions have some values, with all their groups.

    Parameters
    ----------
    sweep : xarray.DataTree
        A run, or from `swarmhydra.open_sweep` without dimensions.
    **select : float or str
        ``en=100``, ``gas="argon"``; a value of NaN stands for no condition.

    Raises
    ------
    ExportError
        If these are no results with groups, or a value does not occur.
    """
    if not isinstance(sweep, xr.DataTree) or (sweep.dims and "job" not in sweep.dims and select):
        raise ExportError("expected a run, or a sweep that was opened without names of dimensions")
    if "job" not in sweep.dims:
        return sweep
    root = sweep.to_dataset()
    jobs = root.assign_coords(number=("job", np.arange(root.sizes["job"])))
    for name, value in select.items():
        jobs = _selected(jobs, name, value)
    return sweep.isel(job=jobs["number"].values)


def shares_of(root: xr.Dataset) -> dict[str, float]:
    """The shares of the targets of the processes, by number; empty where unknown."""
    shares = _fractions(root)
    targets = dict.fromkeys(str(each) for each in np.ravel(root["target"].values) if str(each))
    return shares or (dict.fromkeys(targets, 1.0) if len(targets) == 1 else {})


def _few_points(count: int) -> list[str]:
    """The warning about a table of few points."""
    return [f"only {count} points of E/N; expected at least {FEW}"] if count < FEW else []


def _fractions(root: xr.Dataset) -> dict[str, float]:
    """The shares of the components, from the configuration of the runs."""
    texts = _texts(root, "config")
    gas = (read_yaml(texts[0]) or {}).get("gas", {}) if texts else {}
    components = gas.get("components") or {}
    fractions = {name: each.get("fraction") for name, each in components.items()}
    fractions |= dict(zip(gas.get("species") or [], gas.get("fractions") or [], strict=False))
    total = sum(share or 0.0 for share in fractions.values())
    return {name: (share or 0.0) / total for name, share in fractions.items()} if total else {}


_TEXTS = ("references", "warnings", "config")
"""What is taken of each job beside its coefficients."""


def _jobs(sweep: xr.DataTree | xr.Dataset) -> xr.Dataset:
    """The coefficients of the jobs along one dimension, with their ``references``, ``warnings``."""
    root = sweep.to_dataset() if isinstance(sweep, xr.DataTree) else sweep
    if "en" not in root.coords or "mean_energy" not in root.data_vars:
        raise ExportError("these are no results of a sweep over sim.en")
    about = sweep.children.get("jobs") if isinstance(sweep, xr.DataTree) else None
    if about is not None:
        texts = about.to_dataset(inherit=False)
        root = root.assign({n: texts[n] for n in _TEXTS if n in texts})
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
        places = np.flatnonzero(one["rate_coefficient"].notnull().values)
        if places.size:
            processes[str(process)] = {
                name: np.broadcast_to(one[name].values, root.sizes["job"])[places[0]].item()
                for name in ("kind", "target", "threshold")
            }
    return processes
