"""All results of a sweep as one tree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from swarmhydra.config import NOT_IN_FINGERPRINT
from swarmhydra.job_folder.status import Job, jobs_in
from swarmhydra.results.result import Result
from swarmhydra.results.tree import (
    BESIDE,
    attributes_of,
    derived_attributes,
    stderr_attributes,
)
from swarmhydra.results.variables import GROUP_TITLES, VARIABLES
from swarmhydra.sweeps.reading import Array, JobResult, Values, read_all

_FILE_ATTRIBUTES = ("Conventions", "schema_version", "source", "title")


def open_sweep(folder: str | Path, *dims: str) -> xr.DataTree:
    """Read the results of all jobs of a sweep into one tree.

    Works while the sweep is still running: jobs without a result are listed in ``/unfinished``.

    Parameters
    ----------
    folder : str or Path
        Folder of the sweep (``hydra.sweep.dir``), or any folder with results in it or below it.
    *dims : str
        Swept values to spread the jobs over, such as ``"gas", "en"``; without any, the jobs stand
        along the dimension ``job``.

    Returns
    -------
    xarray.DataTree
        The groups of a single result with the dimension ``job``, or `dims`, before the others.
        Swept values are coordinates; what all jobs share is a scalar one. Runs of unequal length
        and gases with unequal processes are filled up with NaN. ``/jobs`` holds the attributes of
        each job; ``/unfinished`` lists the jobs without a result by ``name``, ``folder``,
        ``status``, ``reason`` and ``overrides``. ``/rng`` and ``/sub_swarms`` stay in the files.

    Raises
    ------
    FileNotFoundError
        If there is no such folder, or no result in it yet.
    ValueError
        If there is no value with the name of one of `dims`, or two jobs agree in all of them.

    Examples
    --------
    >>> import swarmhydra
    >>> sweep = swarmhydra.open_sweep("multirun/2026-01-31/12-00-00")  # doctest: +SKIP
    >>> sweep["drift_velocity_flux"].sel(job="3")  # doctest: +SKIP
    >>> cube = swarmhydra.open_sweep("multirun/2026-01-31", "gas", "en")  # doctest: +SKIP
    >>> cube["mean_energy"].sel(gas="argon").plot(x="en")  # doctest: +SKIP
    """
    results, missing = read_all(jobs_in(folder))
    if not results:
        words = "; ".join(f"{job.name}: {job.status} {job.reason}".strip() for job in missing)
        raise FileNotFoundError(f"there is no result in {folder} yet ({words or 'no jobs'})")
    return _tree(results, missing, dims)


@dataclass(frozen=True)
class _Layout:
    """Where each job stands: its row in the flattened dimensions `dims` of lengths `shape`."""

    dims: tuple[str, ...]
    shape: tuple[int, ...]
    rows: list[int]

    def spread(self, values: Sequence[Any] | Array, shape: tuple[int, ...]) -> Array:
        """Each job's array in its row, filled up where shorter or missing."""
        present = [np.asarray(value) for value in values if value is not None]
        gaps = len(present) < np.prod(self.shape) or any(value.shape != shape for value in present)
        kind = np.result_type(*present)
        if kind.kind in "iu" and gaps:
            kind = np.dtype(np.float64)
        out = np.full((int(np.prod(self.shape)), *shape), _gap(kind), dtype=kind)
        for row, value in zip(self.rows, values, strict=True):
            if value is not None:
                index: Any = (row, *(slice(size) for size in np.shape(value)))
                out[index] = value
        return out.reshape(*self.shape, *shape)


def _tree(results: list[JobResult], missing: list[Job], dims: tuple[str, ...]) -> xr.DataTree:
    """The tree of `open_sweep`."""
    swept, shared = _swept_values(results)
    layout, axes = _layout(results, swept, shared, dims)
    scalars: dict[str, Any] = {
        name: (name, values, _attributes(name)) for name, values in axes.items()
    }
    for name, values in swept.items():
        if name not in dims:
            scalars[name] = (layout.dims, layout.spread(values, ()), _attributes(name))
    for name, value in shared.items():
        if name not in dims:
            scalars[name] = ((), value, _attributes(name))
    for dim in ("process", "extra_process", "component"):
        _align(results, dim)
    datasets = {
        f"/{group}": _group(group, [result.groups.get(group, {}) for result in results], layout)
        for group in dict.fromkeys(group for result in results for group in result.groups)
    }
    datasets["/"] = datasets["/"].assign(scalars).set_coords(list(scalars))
    first = results[0].attributes
    datasets["/"].attrs = {name: first[name] for name in _FILE_ATTRIBUTES} | {
        "title": "Transport of electron swarms: a sweep",
        "swept": " ".join(swept),
    }
    datasets["/jobs"] = _jobs_group(results, layout)
    datasets["/unfinished"] = _unfinished_group(missing)
    return Result.from_dict(datasets)


def _layout(
    results: list[JobResult],
    swept: Mapping[str, Array],
    shared: Mapping[str, Any],
    dims: tuple[str, ...],
) -> tuple[_Layout, dict[str, Array]]:
    """Where the jobs stand, and the values along the dimensions."""
    if not dims:
        names = np.array([result.job.name for result in results])
        return _Layout(("job",), (len(results),), list(range(len(results)))), {"job": names}
    axes, places = {}, []
    for name in dims:
        if name not in swept and name not in shared:
            choices = ", ".join(swept) or "nothing"
            raise ValueError(f"{name!r} is no value of this sweep; expected one of: {choices}")
        values = swept.get(name, np.array([shared.get(name)] * len(results)))
        # Texts keep the order in which the jobs bring them, numbers ascend.
        axes[name], place = np.unique(values, return_inverse=True)
        if values.dtype.kind == "U":
            unique = list(dict.fromkeys(values.tolist()))
            axes[name], place = np.array(unique), np.array([unique.index(v) for v in values])
        places.append(place)
    shape = tuple(len(axis) for axis in axes.values())
    rows = np.ravel_multi_index(tuple(np.array(places)), shape).tolist()
    for index, row in enumerate(rows):
        if row in rows[:index]:
            raise ValueError(_clash(results, swept, dims, rows.index(row), index))
    return _Layout(dims, shape, rows), axes


def _clash(
    results: list[JobResult],
    swept: Mapping[str, Array],
    dims: tuple[str, ...],
    one: int,
    other: int,
) -> str:
    """What to say where two jobs have the same place."""
    differ = [name for name, values in swept.items() if values[one] != values[other]]
    remedy = f"they differ in {', '.join(differ)}" if differ else "they have the same settings"
    first, second = results[one].job.name, results[other].job.name
    return f"jobs {first} and {second} agree in {', '.join(dims)}: {remedy}"


def _swept_values(results: list[JobResult]) -> tuple[dict[str, Array], dict[str, Any]]:
    """Values by name: those that differ between jobs, shape (jobs,), and those that all share.

    They are the scalar coordinates of the results, and all settings that differ and do not
    follow from the name of an option file.
    """
    swept: dict[str, Array] = {}
    shared: dict[str, Any] = {}
    for name, row in VARIABLES.items():
        if not row.coordinate or row.dims or any(name not in job.groups[""] for job in results):
            continue
        values = np.array([job.groups[""][name][1].item() for job in results])
        if len(set(values.tolist())) > 1:
            swept[name] = values
        else:
            shared[name] = values[0]
    for key in dict.fromkeys(key for result in results for key in result.settings):
        name = key.removeprefix("sim.")
        is_listed = name in swept or name in shared or key in NOT_IN_FINGERPRINT
        values = _column([result.settings.get(key) for result in results])
        is_shared = len(set(map(str, values.tolist()))) == 1
        if is_listed or is_shared or _follows_from_option(key, results):
            continue
        swept[name if "." not in name else key] = values
    return swept, shared


def _follows_from_option(key: str, results: list[JobResult]) -> bool:
    """Whether jobs with the same option file of a group (gas, accel) agree in a setting of it."""
    option = f"{key.partition('.')[0]}.name"
    if option == key:
        return True
    values: dict[str, str] = {}
    return option in results[0].settings and all(
        values.setdefault(str(job.settings.get(option)), str(job.settings.get(key)))
        == str(job.settings.get(key))
        for job in results
    )


def _column(values: list[Any]) -> Array:
    """Settings as an array: numbers with NaN for null, or texts."""
    numbers = [value for value in values if value is not None]
    if all(isinstance(value, int | float) and not isinstance(value, bool) for value in numbers):
        return np.array([np.nan if value is None else value for value in values])
    return np.array(["null" if value is None else str(value) for value in values])


def _align(results: list[JobResult], dim: str) -> None:
    """Give all jobs the same processes in the same places; where one has none there are gaps."""
    own = [list(result.groups[""].get(dim, ((), np.array([])))[1]) for result in results]
    names = list(dict.fromkeys(name for names in own for name in names))
    for result, processes in zip(results, own, strict=True):
        if processes == names:
            continue
        places = [names.index(name) for name in processes]
        for values in result.groups.values():
            for name, (dims, array) in values.items():
                if dim in dims:
                    values[name] = dims, _placed(array, dims.index(dim), places, len(names))


def _placed(array: Array, axis: int, places: list[int], size: int) -> Array:
    """An array with its entries along an axis moved to their places on a longer one."""
    kind = np.result_type(array, np.float64) if array.dtype.kind in "iuf" else array.dtype
    shape = (*array.shape[:axis], size, *array.shape[axis + 1 :])
    out = np.full(shape, _gap(kind), dtype=kind)
    index: Any = (*(slice(None),) * axis, places)
    out[index] = array
    return out


def _group(group: str, values: list[Values], layout: _Layout) -> xr.Dataset:
    """One group with the arrays of all jobs."""
    variables: dict[str, Any] = {}
    coordinates = []
    for name in dict.fromkeys(name for value in values for name in value):
        path = f"{group}/{name}" if group else name
        row = VARIABLES.get(path)
        dims = next(value[name][0] for value in values if name in value)
        if row is not None and row.coordinate:
            if not dims:
                continue  # What was set for the run: see `_swept_values`.
            coordinates.append(name)
        place = name
        arrays = [value[name][1] if name in value else None for value in values]
        present = [array for array in arrays if array is not None]
        shape = tuple(int(size) for size in np.max([array.shape for array in present], axis=0))
        label = _label(present, shape) if name in coordinates else None
        if label is None:
            if dims == (name,):
                # The numbers along a dimension are those of all jobs, or have another name.
                place = f"{name}_of_job"
                coordinates[-1] = place
            dims, label = (*layout.dims, *dims), layout.spread(arrays, shape)
        variables[place] = (dims, label, _attributes(path))
    titled = {"title": GROUP_TITLES[group]} if group else {}
    return xr.Dataset(variables, attrs=titled).set_coords(coordinates)


def _label(present: list[Array], shape: tuple[int, ...]) -> Array | None:
    """A coordinate that is the same for all jobs, as far as each has it; None if there is none."""
    # Of the longest text.
    kind = np.result_type(*present)
    label = np.full(shape, _gap(kind), dtype=kind)
    has_label = np.zeros(shape, dtype=bool)
    for array in present:
        part = tuple(slice(size) for size in array.shape)
        valid = array == array if array.dtype.kind == "f" else array != _gap(array.dtype)
        if np.any(has_label[part] & valid & (label[part] != array)):
            return None
        label[part] = np.where(valid, array, label[part])
        has_label[part] |= valid
    return label


def _gap(kind: np.dtype[Any]) -> Any:
    """The value that fills gaps."""
    return {"f": np.nan, "i": -1, "u": 0}.get(kind.kind, "")


def _jobs_group(results: list[JobResult], layout: _Layout) -> xr.Dataset:
    """The attributes of each job, where it is, and whether it came to its end."""
    names = dict.fromkeys(
        name for result in results for name in result.attributes if name not in _FILE_ATTRIBUTES
    )
    rows: dict[str, list[Any]] = {
        "folder": [str(result.job.folder) for result in results],
        "complete": [int(result.attributes.get("complete", 1)) for result in results],
    }
    if layout.dims != ("job",):
        rows["job"] = [result.job.name for result in results]
    rows |= {name: [result.attributes.get(name) for result in results] for name in names}
    variables = {name: (layout.dims, layout.spread(values, ())) for name, values in rows.items()}
    return xr.Dataset(variables, attrs={"title": GROUP_TITLES["jobs"]})


def _unfinished_group(missing: list[Job]) -> xr.Dataset:
    """The jobs without a result."""

    def text(value: Any) -> str:
        return " ".join(value) if isinstance(value, tuple) else str(value)

    columns = ("name", "folder", "status", "reason", "overrides")
    variables = {
        name: ("unfinished_job", np.array([text(getattr(job, name)) for job in missing], np.str_))
        for name in columns
    }
    return xr.Dataset(variables, attrs={"title": GROUP_TITLES["unfinished"]})


def _attributes(path: str) -> dict[str, Any]:
    """Unit and words for a variable, an error, or a setting that was swept."""
    if path in VARIABLES:
        return attributes_of(VARIABLES[path])
    for suffix in BESIDE:
        plain = path.removesuffix(suffix)
        if plain in VARIABLES and plain != path:
            return derived_attributes(VARIABLES[plain], suffix)
    plain = path.removesuffix("_stderr")
    if plain in VARIABLES and plain != path:
        return stderr_attributes(VARIABLES[plain])
    return {"long_name": path}
