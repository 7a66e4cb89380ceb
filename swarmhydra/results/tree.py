"""The result of a run as an xarray tree.

Names, units and descriptions stand in `results.variables`; what has no row there cannot get into a
file.
"""

import platform
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib import metadata
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from swarmhydra.kernels.contract import STAGES
from swarmhydra.results.record import NUMERICAL, STATISTICAL, Estimate, RunRecord
from swarmhydra.results.result import Result
from swarmhydra.results.schema_version import SCHEMA_VERSION, SIMULATION, SOLUTION
from swarmhydra.results.variable import Variable
from swarmhydra.results.variables import AXES, GROUP_TITLES, VARIABLES

_TITLE = "Transport of an electron swarm"
_LIBRARIES = ("numpy", "numba", "xarray", "netCDF4", "hydra-core", "swarmhydra")
CONTROLLED, SAMPLED = "control variates", "sampled"
"""How a coefficient was estimated."""

BESIDE: dict[str, tuple[str, str | None]] = {
    "_sampled": ("sampled value of", None),
    "_sampled_stderr": ("standard error of the sampled value of", None),
    "_pull": ("difference from the sampled value, in its standard errors, of", "1"),
    "_from_cross_sections": ("standard error by the uncertainty of cross sections of", None),
}
"""What a coefficient may have beside its error: words, and the unit if it is another."""

_INT64 = np.iinfo(np.int64)


def build_tree(record: RunRecord) -> xr.DataTree:
    """Arrange a run as the tree that `save` writes.

    Parameters
    ----------
    record : RunRecord
        The arrays and attributes of the run.

    Returns
    -------
    xarray.DataTree
        Coefficients at the root; groups ``eedf``, ``perf`` and, as far as the method has them,
        ``time_series``, ``phase``, ``waveform``, ``rng`` and ``sub_swarms``.

    Raises
    ------
    ValueError
        If a name is not in the variable table, an array has another shape than the table
        says, a number does not fit its type, or an attribute is neither text nor number.
    """
    errors = _error_attributes(record)
    numbers = {"bin": "eedf", "edge": "energy_edges", "l": "f_l"}
    perf = {"stage": STAGES, **record.perf_stages, **record.perf}
    datasets = {
        "/": _dataset("", _root_values(record), _root_attributes(record), errors),
        "/eedf": _dataset("eedf", _numbered(_with_centres(record.eedf), numbers), {}, errors),
        "/perf": _dataset("perf", perf, _versions(), errors),
    }
    if record.time_series:
        values = _numbered(record.time_series, {"sample": "time"})
        datasets["/time_series"] = _dataset("time_series", values, {}, errors)
    if record.rng:
        values, attributes = _random_streams(record)
        datasets["/rng"] = _dataset("rng", values, attributes, errors)
    if record.phase:
        sizes = {"part": "phase", "bin": "energy", "edge": "energy_edges"}
        values = _numbered(_with_centres(record.phase), sizes)
        datasets["/phase"] = _dataset("phase", values, {}, errors)
    if record.sensitivity:
        values = _numbered(record.sensitivity, {"bin": "energy", "edge": "energy_edges"})
        datasets["/sensitivity"] = _dataset("sensitivity", values, {}, errors)
    if record.waveform:
        numbers = {"bin": "energy", "edge": "energy_edges", "time_edge": "time_edges"}
        values = _numbered(_with_centres(record.waveform), numbers)
        datasets["/waveform"] = _dataset("waveform", values, {}, errors)
    if record.electron_time is not None:
        datasets["/sub_swarms"] = _dataset("sub_swarms", _sub_swarms(record), {}, errors)
    for name, reason in record.why_unset.items():
        if name not in record.coefficients:
            raise ValueError(f"why_unset: {name} is not a coefficient of this run")
        datasets["/"][name].attrs["why_unset"] = reason
    tree = Result.from_dict(datasets)
    check_attributes(tree)
    return tree


def _error_attributes(record: RunRecord) -> dict[str, Any]:
    """Return what is said of every error: its kind, and what it comes from."""
    if record.error_kind == NUMERICAL:
        words = "from the change with a finer grid and more Legendre terms"
        return {"error_kind": NUMERICAL, "comment": words}
    if "degrees_of_freedom" not in record.attributes:
        raise ValueError("attributes: degrees_of_freedom is missing, the errors need it")
    freedom = int(record.attributes["degrees_of_freedom"])
    words = f"from the spread over the sub-swarms, {freedom} degrees of freedom"
    return {"error_kind": STATISTICAL, "comment": words, "degrees_of_freedom": freedom}


def _random_streams(record: RunRecord) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the states of the random streams, and what they were made from."""
    states = dict(record.rng)
    attributes = {
        "bit_generator": str(states.pop("bit_generator", "unknown")),
        # SeedSequence's entropy may exceed every integer type of NetCDF.
        "entropy": str(states.pop("entropy", "unknown")),
    }
    return states, attributes


def _sub_swarms(record: RunRecord) -> dict[str, Any]:
    """Return the pseudo-values of all estimates, one after the other."""
    groups: dict[str, Mapping[str, Any]] = {
        "": record.coefficients,
        "eedf/": record.eedf,
        "phase/": record.phase,
        "waveform/": record.waveform,
    }
    entries: list[str] = []
    columns = []
    for group, values in groups.items():
        for name, value in values.items():
            if isinstance(value, Estimate) and value.pseudo_values is not None:
                columns.append(value.pseudo_values.reshape(len(value.pseudo_values), -1))
                entries += [f"{group}{name}"] * columns[-1].shape[1]
    return {
        "entry": entries,
        "pseudo_value": np.concatenate(columns, axis=1),
        "electron_time": record.electron_time,
    }


def _root_values(record: RunRecord) -> dict[str, Any]:
    """Return the variables of the root group; data may not pose as a coordinate, nor vice versa."""
    processes = {**record.processes}
    if "name" in processes:
        processes["process"] = _unique(processes.pop("name"))
    extra = record.extra_processes
    if extra.get("name"):
        processes["extra_process"] = _unique(extra["name"])
        processes["extra_target"] = extra["target"]
    if record.components:
        processes["component"] = list(record.components)
        processes["fraction"] = list(record.components.values())
    coordinates = {"axis": AXES, "axis2": AXES, **processes, **record.coordinates}
    for name in coordinates:
        if not _row(name).coordinate:
            raise ValueError(f"{name} is not a coordinate in swarmhydra/variables.py")
    for name in record.coefficients:
        if _row(name).coordinate:
            raise ValueError(f"{name} is not a coefficient in swarmhydra/variables.py")
    return {**coordinates, **record.coefficients}


def _unique(names: list[Any]) -> list[str]:
    """Number repeated names (two species may share one), so that each can be selected."""
    count: Counter[str] = Counter()
    unique = []
    for name in map(str, names):
        count[name] += 1
        unique.append(name if count[name] == 1 else f"{name} #{count[name]}")
    return unique


def _root_attributes(record: RunRecord) -> dict[str, Any]:
    """Return the attributes of the file: the run's own, and where the file comes from."""
    source = SOLUTION if record.error_kind == NUMERICAL else SIMULATION
    own = {"Conventions": "CF-1.12", "schema_version": SCHEMA_VERSION, "source": source}
    for name in own:
        if name in record.attributes:
            raise ValueError(f"attributes: {name} is set by swarmhydra/results.py, not by a run")
    now = datetime.now(UTC).isoformat(timespec="seconds")
    history = f"{now}: {record.attributes.get('history', 'swarmhydra')}"
    own |= {"error_kind": record.error_kind}
    return {**own, "title": _TITLE, **record.attributes, "history": history}


def _with_centres(eedf: Mapping[str, Any]) -> dict[str, Any]:
    """Add the centres of the energy bins to their edges."""
    if "energy_edges" not in eedf:
        return dict(eedf)
    edges = np.asarray(eedf["energy_edges"])
    return {"energy": 0.5 * (edges[1:] + edges[:-1]), **eedf}


def _numbered(values: Mapping[str, Any], sizes: Mapping[str, str]) -> dict[str, Any]:
    """Add 0, 1, 2 … as the index of each dimension, so that runs of unequal length concatenate."""
    numbers = {}
    for dimension, name in sizes.items():
        if name in values:
            value = values[name]
            size = len(value.value if isinstance(value, Estimate) else value)
            numbers[dimension] = np.arange(size)
    # Of several parts or times, each has the orders.
    if "f_l" in values and "l" not in numbers:
        numbers["l"] = np.arange(np.shape(values["f_l"].value)[-2])
    return {**numbers, **values}


def _versions() -> dict[str, Any]:
    """Return the versions of what computed the result, without importing any of it."""
    versions = {"python_version": platform.python_version()}
    for library in _LIBRARIES:
        try:
            version = metadata.version(library)
        except metadata.PackageNotFoundError:
            version = "not installed"
        versions[f"{library.replace('-', '_')}_version"] = version
    return versions


def _row(path: str) -> Variable:
    """Return the row of the variable table, or refuse the name."""
    if path not in VARIABLES:
        raise ValueError(f"{path!r} is not in the variable table, swarmhydra/variables.py")
    return VARIABLES[path]


def _dataset(
    group: str, values: Mapping[str, Any], attributes: Mapping[str, Any], errors: Mapping[str, Any]
) -> xr.Dataset:
    """Return one group: each value with its row's dimensions, type and attributes."""
    variables = {}
    coordinates = []
    for name, value in values.items():
        path = f"{group}/{name}" if group else name
        row = _row(path)
        described = attributes_of(row)
        if row.coordinate:
            coordinates.append(name)
        if not isinstance(value, Estimate):
            variables[name] = (row.dims, _array(path, value, row), described)
            continue
        stderr = f"{name}_stderr"
        described["ancillary_variables"] = stderr
        variables[name] = (row.dims, _array(path, value.value, row), described)
        error_array = _array(f"{path}_stderr", value.stderr, row)
        variables[stderr] = (row.dims, error_array, {**stderr_attributes(row), **errors})
        if value.sampled is not None or value.controlled:
            described["estimator"] = CONTROLLED if value.controlled else SAMPLED
        for suffix, array in _beside(value).items():
            variables[name + suffix] = (
                row.dims,
                _array(path + suffix, array, row),
                derived_attributes(row, suffix),
            )
    titled = {"title": GROUP_TITLES[group], **attributes} if group else attributes
    return xr.Dataset(variables, attrs=titled).set_coords(coordinates)


def _beside(estimate: Estimate) -> dict[str, Any]:
    """What stands beside a value, by the suffix of its name, as far as it has it."""
    sampled = estimate.sampled
    arrays = (
        None if sampled is None else sampled.value,
        None if sampled is None else sampled.stderr,
        estimate.pull,
        estimate.from_cross_sections,
    )
    beside = zip(BESIDE, arrays, strict=True)
    return {suffix: array for suffix, array in beside if array is not None}


def attributes_of(row: Variable) -> dict[str, Any]:
    """Unit and description of a variable of the table."""
    attributes = {"units": row.units, "long_name": row.long_name}
    return attributes | ({"comment": row.comment} if row.comment else {})


def stderr_attributes(row: Variable) -> dict[str, Any]:
    """Unit and description of the standard error of a variable of the table."""
    return {"units": row.units, "long_name": f"standard error of {row.long_name}"}


def derived_attributes(row: Variable, suffix: str) -> dict[str, Any]:
    """Unit and description of what stands beside a variable, by the suffix of its name."""
    words, units = BESIDE[suffix]
    return {"units": row.units if units is None else units, "long_name": f"{words} {row.long_name}"}


def _array(path: str, value: Any, row: Variable) -> NDArray[Any]:
    """Return a value as an array of its row's shape and type, or refuse what would be lost."""
    original = np.asarray(value)
    if original.ndim != len(row.dims):
        raise ValueError(f"{path} has shape {original.shape}, its dimensions are {row.dims}")
    if row.dtype == "uint64" and original.dtype != np.uint64:
        raise ValueError(f"{path} is {original.dtype}; random states are exact only as uint64")
    try:
        with np.errstate(invalid="ignore"):
            array = original.astype(row.dtype)
    except (OverflowError, TypeError, ValueError) as error:
        raise ValueError(f"{path} does not fit {row.dtype}: {error}") from error
    if row.dtype == "int64" and not np.array_equal(array, original):
        raise ValueError(f"{path} holds numbers that are no integers of 64 bits")
    return array


def check_attributes(tree: xr.DataTree) -> None:
    """Refuse attributes that NetCDF cannot hold as one text or number."""
    for node in tree.subtree:
        places = {node.path: node.attrs}
        places |= {f"{node.path} {name}": node.variables[name].attrs for name in node.variables}
        for place, attributes in places.items():
            for name, value in attributes.items():
                plain = value.item() if isinstance(value, np.generic) else value
                fits = isinstance(plain, str | float) or (
                    isinstance(plain, int)
                    and not isinstance(plain, bool)
                    and _INT64.min <= plain <= _INT64.max
                )
                if not fits:
                    raise ValueError(
                        f"attribute {name} of {place} is {value!r}; "
                        "expected text, a float or an integer of 64 bits"
                    )
