"""Values of several runs as one: means and errors of coefficients, distributions, derivatives."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from swarmhydra.estimators.sampled_sensitivity import FLOOR
from swarmhydra.kernels.arrays import FloatArray
from swarmhydra.results.record import Estimate
from swarmhydra.results.tree import CONTROLLED

log = logging.getLogger(__name__)


def electron_time(run: xr.DataTree) -> FloatArray:
    """Time of the measurement, summed over electrons, of each sub-swarm (s)."""
    time: FloatArray = np.nan_to_num(values_of(run, "sub_swarms/electron_time"))
    return time


def values_of(run: xr.DataTree, path: str) -> NDArray[Any]:
    """The numbers of a variable."""
    variable = run[path]
    assert isinstance(variable, xr.DataArray)
    return variable.to_numpy()


def measured_in(group: xr.DataTree) -> list[str]:
    """The variables of a group that have errors, but for those as they were sampled."""
    names = map(str, group.data_vars)
    return [
        name for name in names if f"{name}_stderr" in group.data_vars and name[-8:] != "_sampled"
    ]


def _pseudo_values(run: xr.DataTree, path: str) -> FloatArray:
    """What each sub-swarm of a run adds to a variable, shape (S, ...)."""
    columns = values_of(run, "sub_swarms/entry") == path
    values: FloatArray = values_of(run, "sub_swarms/pseudo_value")[:, columns]
    return values.reshape(len(values), *values_of(run, path).shape)


def pooled_variable(runs: list[xr.DataTree], path: str, weights: FloatArray) -> Estimate:
    """A variable from the sub-swarms of all runs."""
    estimate = pooled([_pseudo_values(run, path) for run in runs], weights)
    # An error that no run has, such as that of a rate without a collision, stays NaN.
    available = np.any([np.isfinite(values_of(run, f"{path}_stderr")) for run in runs], axis=0)
    estimate = dataclasses.replace(estimate, stderr=np.where(available, estimate.stderr, np.nan))
    beside = f"{path}_from_cross_sections"
    if _all_have(runs, beside):
        estimate = dataclasses.replace(estimate, from_cross_sections=_mean(runs, beside))
    if _all_have(runs, f"{path}_sampled"):
        estimate = _beside_sampled(estimate, runs, path)
    return estimate


def _beside_sampled(estimate: Estimate, runs: list[xr.DataTree], path: str) -> Estimate:
    """A controlled variable with what was sampled of it, and with all of its error.

    That has a part which does not fall with the number of runs, and is not in the sub-swarms.
    """
    sampled = Estimate(_mean(runs, f"{path}_sampled"), _mean_error(runs, f"{path}_sampled_stderr"))
    spread = [_pseudo_values(run, path) for run in runs]
    own = [np.var(each, axis=0, ddof=1) / len(each) for each in spread]
    whole = np.square([values_of(run, f"{path}_stderr") for run in runs])
    common = np.max(np.maximum(whole - own, 0.0), axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        pull = (estimate.value - sampled.value) / sampled.stderr
    return dataclasses.replace(
        estimate,
        stderr=np.sqrt(estimate.stderr**2 + common),
        sampled=sampled,
        pull=np.where(np.isfinite(pull), pull, np.nan),
        controlled=all(run[path].attrs.get("estimator") == CONTROLLED for run in runs),
    )


def _mean_error(runs: list[xr.DataTree], path: str) -> FloatArray:
    """Error of the mean of a variable, of which this is the error in each run."""
    squares = np.square([values_of(run, path) for run in runs])
    return np.asarray(np.sqrt(np.tensordot(_shares(runs) ** 2, squares, 1)))


def _all_have(runs: list[xr.DataTree], path: str) -> bool:
    """Whether a variable is in all runs."""
    group, _, name = path.rpartition("/")
    return all(name in (run[group] if group else run).data_vars for run in runs)


def _shares(runs: list[xr.DataTree]) -> FloatArray:
    """Share of each run in the time of all."""
    time = np.array([electron_time(run).sum() for run in runs])
    return np.asarray(time / time.sum())


def _mean(runs: list[xr.DataTree], path: str) -> FloatArray:
    """Mean of a variable of which there are no sub-swarms."""
    return np.asarray(np.tensordot(_shares(runs), [values_of(run, path) for run in runs], 1))


def pooled_sensitivity(runs: list[xr.DataTree]) -> dict[str, Any]:
    """Logarithmic derivatives, the means over the runs.

    Their errors fall with the number of runs down to `FLOOR`, which is common to all.
    """
    groups = [run.children.get("sensitivity") for run in runs]
    first = groups[0]
    if first is None or any(group is None for group in groups):
        return {}
    edges = [values_of(run, "sensitivity/energy_edges") for run in runs]
    if not all(np.array_equal(each, edges[0]) for each in edges):
        log.warning("sensitivities are left out: the runs have them for other energies")
        return {}
    group: dict[str, Any] = {
        name: values_of(runs[0], f"sensitivity/{name}")
        for name in ("coefficient", "species", "energy", "energy_edges")
    }
    for name in map(str, first.data_vars):
        path = f"sensitivity/{name}"
        if name in group or name.endswith("_stderr"):
            continue
        mean = _mean(runs, path)
        if name not in measured_in(first):
            group[name] = mean
            continue
        floors = FLOOR * np.abs([values_of(run, path) for run in runs])
        squares = np.square([values_of(run, f"{path}_stderr") for run in runs]) - floors**2
        own = np.tensordot(_shares(runs) ** 2, np.maximum(squares, 0.0), 1)
        group[name] = Estimate(mean, np.sqrt(own + (FLOOR * mean) ** 2))
    return group


def pooled(pieces: Sequence[FloatArray], weights: FloatArray) -> Estimate:
    """Mean and standard error of pseudo-values, each with the weight of its sub-swarm."""
    values = np.concatenate(pieces)
    count = len(values)
    shares = (weights / weights.sum()).reshape(-1, *[1] * (values.ndim - 1))
    mean = np.sum(shares * values, axis=0)
    variance = count / (count - 1) * np.sum((shares * (values - mean)) ** 2, axis=0)
    return Estimate(np.asarray(mean), np.asarray(np.sqrt(variance)), values)


def pooled_plane(runs: list[xr.DataTree], weights: FloatArray) -> dict[str, Any]:
    """f(v_par, v_perp), as far as every run reaches; nothing where cells differ in their width."""
    if not _all_have(runs, "eedf/evdf"):
        return {}
    across = min((values_of(run, "eedf/v_across") for run in runs), key=len)
    count = len(across)
    if not all(np.array_equal(values_of(run, "eedf/v_across")[:count], across) for run in runs):
        log.warning("evdf is left out: the runs have cells of other widths; see sim.evdf.step")
        return {}
    planes = [_pseudo_values(run, "eedf/evdf") for run in runs]
    inner = [each[:, each.shape[2] - count : each.shape[2] + count, :count] for each in planes]
    along = np.concatenate([-across[::-1], across])
    return {"v_along": along, "v_across": across, "evdf": pooled(inner, weights)}


def on_edges(run: xr.DataTree, name: str, edges: FloatArray, power: float) -> FloatArray:
    """A distribution on the bins of one run, on those of the run that reaches furthest.

    What lies below an energy is taken as linear between the edges of the bins, in the power of the
    energy of which the distribution is a density: 1, or 3/2, the integral of the root.
    """
    values, own = _pseudo_values(run, f"eedf/{name}"), values_of(run, "eedf/energy_edges")
    if np.array_equal(own, edges):
        return values
    axis, new_axis = own**power, edges**power
    below = np.cumsum(values * np.diff(axis), axis=-1)
    below = np.concatenate([np.zeros_like(below[..., :1]), below], axis=-1)
    at_edges = np.apply_along_axis(lambda row: np.interp(new_axis, axis, row), -1, below)
    return np.diff(at_edges, axis=-1) / np.diff(new_axis)
