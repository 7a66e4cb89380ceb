"""The result files of jobs as plain arrays, many files by several processes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import joblib
import netCDF4
import numpy as np
from numpy.typing import NDArray

from swarmhydra.config.yaml_texts import read_yaml
from swarmhydra.job_folder.status import FAILED, Job
from swarmhydra.results.checksum import check_checksum
from swarmhydra.results.schema_version import check_origin

Array = NDArray[Any]
Values = dict[str, tuple[tuple[str, ...], Array]]

_NOT_READ = ("rng", "sub_swarms")
_FILES_PER_WORKER = 50
"""Reading so many takes longer than it takes a worker to start."""


@dataclass
class JobResult:
    """What the file of one job holds: attributes, settings, and groups of arrays.

    Attributes
    ----------
    job : Job
        The job that wrote it.
    attributes : dict
        Attributes of the file.
    settings : dict
        The configuration by dotted keys.
    groups : dict
        For each group (the root is ``""``) the dimensions and the array of each variable; without
        ``rng`` and ``sub_swarms``.
    """

    job: Job
    attributes: dict[str, Any]
    settings: dict[str, Any]
    groups: dict[str, Values]


def read_all(jobs: list[Job]) -> tuple[list[JobResult], list[Job]]:
    """Read the results of jobs.

    Parameters
    ----------
    jobs : list of Job
        With or without results.

    Returns
    -------
    results : list of JobResult
        In the order of `jobs`.
    missing : list of Job
        The jobs without a result of their own; with the reason, if it cannot be read.
    """
    # HDF5 lets no two threads of a process read, hence processes.
    workers = min(joblib.cpu_count(), len(jobs) // _FILES_PER_WORKER)
    if workers > 1:
        outcomes = joblib.Parallel(workers)(joblib.delayed(_outcome)(job) for job in jobs)
    else:
        outcomes = [_outcome(job) for job in jobs]
    results = [outcome for outcome in outcomes if isinstance(outcome, JobResult)]
    return results, [outcome for outcome in outcomes if isinstance(outcome, Job)]


def flat_settings(settings: Mapping[Any, Any], key: str = "") -> dict[str, Any]:
    """Settings by their dotted keys."""
    flat: dict[str, Any] = {}
    for name, value in settings.items():
        inner = f"{key}{name}"
        flat |= flat_settings(value, f"{inner}.") if isinstance(value, Mapping) else {inner: value}
    return flat


def _outcome(job: Job) -> JobResult | Job:
    """The result of a job, or the job if it has none of its own."""
    if not job.file.is_file():
        return job
    try:
        result = _read(job)
    except Exception as error:
        # Whatever a damaged or foreign file makes the reader raise, the other jobs are read.
        reason = " ".join(str(error).split()) or type(error).__name__
        return replace(job, status=FAILED, reason=reason)
    # Otherwise it is the result of an earlier job in the same folder.
    own = job.fingerprint in ("", result.attributes.get("fingerprint"))
    return result if own else job


def _read(job: Job) -> JobResult:
    """Read a file; much faster than by xarray, which looks at every attribute."""
    check_checksum(job.file)
    with netCDF4.Dataset(job.file) as file:
        file.set_auto_maskandscale(False)
        attributes = dict(file.__dict__)
        # How xarray notes what is a coordinate; no attribute of the run.
        attributes.pop("coordinates", None)
        check_origin(attributes, str(job.file))
        groups = {"": _arrays(file)}
        groups |= {
            name: _arrays(group) for name, group in file.groups.items() if name not in _NOT_READ
        }
    settings = flat_settings(_table(str(attributes["config"])))
    return JobResult(job, attributes, settings, groups)


def _table(text: str) -> dict[str, Any]:
    """The configuration that a result holds."""
    plain = read_yaml(text) or {}
    if not isinstance(plain, dict):
        raise ValueError("its configuration is no table of settings")
    return plain


def _arrays(group: Any) -> Values:
    """The variables of an open group."""
    return {
        name: (variable.dimensions, _plain(variable[...]))
        for name, variable in group.variables.items()
    }


def _plain(value: Any) -> Array:
    """An array, with texts of a fixed length."""
    array = np.asarray(value)
    return array.astype(np.str_) if array.dtype.kind == "O" else array
