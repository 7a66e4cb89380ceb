"""One result from runs that differ in their random numbers only."""

from __future__ import annotations

import logging
import operator
from itertools import compress
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from swarmhydra.config import NOT_IN_FINGERPRINT, drop_folders
from swarmhydra.config.yaml_texts import read_yaml
from swarmhydra.job_folder.status import jobs_in
from swarmhydra.kernels.arrays import FloatArray
from swarmhydra.kernels.contract import STAGES
from swarmhydra.results.files import open_run
from swarmhydra.results.record import NUMERICAL, RunRecord
from swarmhydra.results.tree import build_tree
from swarmhydra.sweeps.pooling import (
    electron_time,
    measured_in,
    on_edges,
    pooled,
    pooled_plane,
    pooled_sensitivity,
    pooled_variable,
    values_of,
)
from swarmhydra.sweeps.reading import flat_settings

log = logging.getLogger(__name__)

MAY_DIFFER = (*NOT_IN_FINGERPRINT, "sim.replica", "sim.seed", "sim.run_label")
"""Settings in which replicas may differ, besides when they stop."""

_OF_PROCESSES = ("kind", "target", "threshold", "provenance")

_SUMMED = (
    "trials",
    "real_collisions",
    "majorant_violations",
    "compile_seconds",
    "wall_seconds",
    "cpu_seconds",
)


def combine_replicas(*places: str | Path) -> xr.DataTree:
    """Pool runs with the same settings and other random numbers into one result.

    The sub-swarms of all runs are pooled, each run weighted with the duration of its measurement,
    so that values and errors are those of one run as long as all together (jackknife pseudo-values;
    Tukey, 1958). Each run relaxes on its own, and may have other windows.

    Parameters
    ----------
    *places : str or Path
        Result files, folders of runs, or the folder of a sweep over ``sim.replica``. Jobs without
        a result are left out, and so are runs that ended before they measured anything, with a
        warning.

    Returns
    -------
    xarray.DataTree
        Like that of a single run: it can be written with `swarmhydra.results.save`, and combined
        again. There are no time series, no windows, and no distributions in the course of a
        waveform or a period; ``perf`` holds sums over the runs.

    Raises
    ------
    FileNotFoundError
        If there is no result.
    ValueError
        If settings differ in more than random numbers and stop rules, or two runs have drawn the
        same random numbers.

    Examples
    --------
    ``python -m swarmhydra -m 'sim.replica=range(0,16)'`` and then

    >>> import swarmhydra
    >>> run = swarmhydra.combine_replicas("multirun/2026-01-31/12-00-00")  # doctest: +SKIP
    >>> float(run["mean_energy"]), float(run["mean_energy_stderr"])  # doctest: +SKIP
    """
    files = [file for place in places for file in _files(Path(place))]
    if not files:
        raise FileNotFoundError(f"there is no result in {', '.join(map(str, places))}")
    runs = [open_run(file) for file in files]
    _check_errors(runs, files)
    runs, files = _measured_runs(runs, files)
    _check_settings(runs, files)
    _check_streams(runs, files)
    return build_tree(_pooled(runs))


def _files(place: Path) -> list[Path]:
    """The result files at a place."""
    if place.is_file():
        return [place]
    return [job.file for job in jobs_in(place) if job.file.is_file()]


def _check_errors(runs: list[xr.DataTree], files: list[Path]) -> None:
    """Refuse results without sub-swarms, which nothing random tells apart."""
    for run, file in zip(runs, files, strict=True):
        if run.attrs.get("error_kind") == NUMERICAL:
            raise ValueError(
                f"{file} is a result of method={run['method'].item()}, of which every replica is "
                "the same: expected results of method=monte_carlo"
            )


def _measured_runs(
    runs: list[xr.DataTree], files: list[Path]
) -> tuple[list[xr.DataTree], list[Path]]:
    """The runs that have measured something, and their files."""
    has_measured = [bool(electron_time(run).sum() > 0.0) for run in runs]
    if not any(has_measured):
        raise FileNotFoundError(f"{', '.join(map(str, files))}: no run has measured anything")
    for file in compress(files, map(operator.not_, has_measured)):
        log.warning("%s has measured nothing, and is left out", file)
    return list(compress(runs, has_measured)), list(compress(files, has_measured))


def _check_settings(runs: list[xr.DataTree], files: list[Path]) -> None:
    """Refuse runs of different swarms."""
    settings = [_settings(run) for run in runs]
    for other, file in zip(settings, files, strict=True):
        for key in dict.fromkeys([*settings[0], *other]):
            differs = other.get(key) != settings[0].get(key)
            if differs and key not in MAY_DIFFER and not key.startswith("sim.stop."):
                raise ValueError(
                    f"{files[0]} has {key}={settings[0].get(key)}, {file} has {other.get(key)}: "
                    "expected runs that differ in their random numbers and stop rules only"
                )


def _settings(run: xr.DataTree) -> dict[str, Any]:
    """The settings of a run by dotted keys, files by name: a study may have been moved."""
    plain = read_yaml(run.attrs["config"])
    drop_folders(plain)
    return flat_settings(plain)


def _check_streams(runs: list[xr.DataTree], files: list[Path]) -> None:
    """Refuse runs that drew the same random numbers."""
    owner: dict[bytes, Path] = {}
    for run, file in zip(runs, files, strict=True):
        for state in values_of(run, "rng/initial_state"):
            other = owner.setdefault(state.tobytes(), file)
            if other != file:
                raise ValueError(
                    f"{other} and {file} drew the same random numbers: expected runs with "
                    "different sim.replica, sim.seed or sim.run_label"
                )


def _pooled(runs: list[xr.DataTree]) -> RunRecord:
    """All runs as if they were one."""
    first = runs[0]
    weights = np.concatenate([electron_time(run) for run in runs])
    edges = max(
        (values_of(run, "eedf/energy_edges") for run in runs), key=lambda values: values[-1]
    )
    eedf: dict[str, Any] = {"energy_edges": edges}
    for name in ("eedf", "eepf", "f1", "f_l"):
        power = 1.0 if name == "eedf" else 1.5
        eedf[name] = pooled([on_edges(run, name, edges, power) for run in runs], weights)
    eedf |= pooled_plane(runs, weights)
    phase: dict[str, Any] = {}
    if "phase" in first.children:
        phase["phase"] = values_of(first, "phase/phase")
        for name in _pooled_in(first, "phase"):
            phase[name] = pooled_variable(runs, f"phase/{name}", weights)
    waveform = _waveform(runs, weights) if "waveform" in first.children else {}
    return RunRecord(
        coefficients={name: pooled_variable(runs, name, weights) for name in measured_in(first)},
        processes={
            "name": values_of(first, "process").tolist(),
            **{name: values_of(first, name).tolist() for name in _OF_PROCESSES},
        },
        extra_processes={
            "name": values_of(first, "extra_process").tolist(),
            "target": values_of(first, "extra_target").tolist(),
        }
        if "extra_process" in first.coords
        else {},
        components=dict(
            zip(
                values_of(first, "component").tolist(),
                values_of(first, "fraction").tolist(),
                strict=True,
            )
        )
        if "component" in first.coords
        else {},
        phase=phase,
        waveform=waveform,
        sensitivity=pooled_sensitivity(runs),
        eedf=eedf,
        time_series={},
        perf_stages=_perf_stages(runs),
        perf=_perf(runs),
        rng=_rng(runs),
        coordinates=_shared_coordinates(runs),
        attributes=_attributes(runs, len(weights) - 1),
        electron_time=weights,
        why_unset={
            str(name): variable.attrs["why_unset"]
            for name, variable in first.data_vars.items()
            if "why_unset" in variable.attrs
        },
    )


def _pooled_in(run: xr.DataTree, group: str) -> list[str]:
    """The variables of a group of which the sub-swarms are known."""
    entries = set(values_of(run, "sub_swarms/entry").tolist())
    return [name for name in measured_in(run.children[group]) if f"{group}/{name}" in entries]


def _waveform(runs: list[xr.DataTree], weights: FloatArray) -> dict[str, Any]:
    """The course of a waveform, but for the distributions: bins of energy are those of each run."""
    group = runs[0].children["waveform"]
    names = _pooled_in(runs[0], "waveform")
    coordinates = ["time", "time_edges", "en"]
    coordinates += [str(name) for name in group.data_vars if str(name).endswith("_quasi_steady")]
    return {
        **{name: values_of(runs[0], f"waveform/{name}") for name in coordinates},
        **{name: pooled_variable(runs, f"waveform/{name}", weights) for name in names},
    }


def _perf_stages(runs: list[xr.DataTree]) -> dict[str, NDArray[Any]]:
    """The breakdown over the four stages, summed."""
    total = {
        name: np.sum([values_of(run, f"perf/{name}") for run in runs], axis=0)
        for name in ("seconds", "calls", "events")
    }
    assert len(total["seconds"]) == len(STAGES)
    share = total["seconds"] / total["seconds"].sum()
    return {**total, "share": share, "ns_per_event": 1e9 * total["seconds"] / total["events"]}


def _perf(runs: list[xr.DataTree]) -> dict[str, float | int]:
    """Counts and costs, summed."""
    perf: dict[str, Any] = {
        name: np.sum([values_of(run, f"perf/{name}").item() for run in runs]).item()
        for name in _SUMMED
    }
    trials = np.array([values_of(run, "perf/trials").item() for run in runs])
    horizons = np.array([values_of(run, "perf/horizon_share").item() for run in runs])
    flights = trials / (1.0 - horizons)
    return perf | {
        "null_share": 1.0 - perf["real_collisions"] / perf["trials"],
        "horizon_share": float(1.0 - trials.sum() / flights.sum()),
        "threads": max(values_of(run, "perf/threads").item() for run in runs),
        "peak_rss": max(values_of(run, "perf/peak_rss").item() for run in runs),
    }


def _rng(runs: list[xr.DataTree]) -> dict[str, Any]:
    """The streams of all runs."""
    streams = {
        name: np.concatenate([values_of(run, f"rng/{name}") for run in runs])
        for name in ("spawn_keys", "initial_state", "final_state")
    }
    return {
        "bit_generator": runs[0]["rng"].attrs["bit_generator"],
        "entropy": _one_or_all([run["rng"].attrs["entropy"] for run in runs]),
        **streams,
    }


def _shared_coordinates(runs: list[xr.DataTree]) -> dict[str, float | int | str]:
    """What was set alike for all runs."""
    scalars = [str(name) for name, value in runs[0].coords.items() if value.ndim == 0]
    return {
        name: values_of(runs[0], name).item()
        for name in scalars
        if len({values_of(run, name).item() for run in runs}) == 1
    }


def _attributes(runs: list[xr.DataTree], freedom: int) -> dict[str, str | float | int]:
    """How the runs went, together; the configuration is that of the first."""
    texts = ("stop_reason", "references", "backend_asked", "backend_ran")
    return {
        **{name: _one_or_all([run.attrs[name] for run in runs]) for name in texts},
        "warnings": _one_or_all([run.attrs["warnings"] for run in runs], between="\n"),
        "relaxed": min(run.attrs["relaxed"] for run in runs),
        "complete": min(run.attrs["complete"] for run in runs),
        "replicas": len(runs),
        "degrees_of_freedom": freedom,
        "history": f"combined from {len(runs)} runs",
        "config": runs[0].attrs["config"],
    }


def _one_or_all(texts: list[str], between: str = "; ") -> str:
    """What all say, or everything that any of them says."""
    return between.join(dict.fromkeys(text for text in texts if text))
