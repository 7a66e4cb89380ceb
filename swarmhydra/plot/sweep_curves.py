"""The curves of a sweep: what is drawn, and what distinguishes one from another."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from swarmhydra.kernels.arrays import FloatArray
from swarmhydra.plot.labels import (
    NUMERICAL,
    job_dimensions,
    root_of,
    settings_of,
    with_axis,
    word,
)
from swarmhydra.results.mixtures import MIXTURE, with_mixture
from swarmhydra.results.variables import VARIABLES


@dataclass(frozen=True)
class Curve:
    """One coefficient of a sweep along one axis, all else equal.

    Parameters
    ----------
    label : str
        What distinguishes it from the other curves; empty if it is the only one.
    x, value, stderr : ndarray, shape (n,)
        In ascending order of x.
    rank : int
        Its place among those of the sweep, the same for every coefficient: so that a gas keeps its
        colour from figure to figure, also where another one has no values.
    settings : dict of str to float, int or str
        The settings, with the process, by which the curves differ.
    from_nothing : bool
        Whether points were left out at which nothing had happened.
    from_cross_sections : ndarray, shape (n,), or None
        Standard error by the uncertainty of cross sections, where the sweep has it.
    """

    label: str
    x: FloatArray
    value: FloatArray
    stderr: FloatArray
    rank: int = 0
    settings: dict[str, Any] = field(default_factory=dict)
    from_nothing: bool = False
    from_cross_sections: FloatArray | None = None


def curves(
    sweep: xr.DataTree | xr.Dataset,
    quantity: str,
    along: str | None = None,
    process: str | None = None,
) -> list[Curve]:
    """The curves of a coefficient: one for each gas, accel, temperature … and process.

    Parameters
    ----------
    sweep : xarray.DataTree or Dataset
        From `swarmhydra.open_sweep`, also after ``unstack``; anything in which `quantity`,
        ``<quantity>_stderr`` and the swept coordinates stand.
    quantity : str
        A coefficient, scalar or one for each process.
    along : str, optional
        The coordinate on the horizontal axis; default is ``en``, or the one that varies most.
    process : str, optional
        One process of a coefficient that each process has; default is all of them.

    Returns
    -------
    list of Curve
        Without the points at which there is no value, or one that no collision supports (no error).

    Raises
    ------
    ValueError
        If the sweep has no such coefficient, coordinate or process, or two jobs have the same
        settings.
    """
    root, along = swept(sweep, along)
    if quantity not in root.data_vars:
        raise ValueError(f"{quantity!r} is not in the sweep; it has {', '.join(_estimates(root))}")
    beside = {"stderr": f"{quantity}_stderr", "uncertain": f"{quantity}_from_cross_sections"}
    there = {short: root[name] for short, name in beside.items() if name in root.data_vars}
    values = xr.Dataset({"value": root[quantity], **there})
    if process is not None:
        if "process" not in values.dims or process not in values["process"].values:
            raise ValueError(f"process={process!r}: {quantity} has no such process")
        values = values.sel(process=process)
    frame = values.to_dataframe().reset_index()
    # An estimate without a single event has no error, and is not drawn.
    points = frame.dropna(subset=["value", "stderr", along])
    by = [name for name in _labels_of(root, along) if name in frame and frame[name].nunique() > 1]
    by += _told_apart_by(frame.dropna(subset=[along]), [*by, along])
    if "gas" in by and "process" in by and (points.groupby("process")["gas"].nunique() == 1).all():
        by.remove("gas")  # The process implies its gas.
    groups = frame.groupby(by, sort=False) if by else [((), frame)]
    result = []
    for rank, (key, rows) in enumerate(groups):
        is_point = rows.index.isin(points.index)
        line = rows[is_point].sort_values(along)
        if line.empty:
            continue
        settings = dict(zip(by, key, strict=True))
        words = ", ".join(word(name, value) for name, value in settings.items())
        x, value, stderr = (line[name].to_numpy(float) for name in (along, "value", "stderr"))
        result.append(
            Curve(
                words,
                x,
                value,
                stderr,
                rank,
                settings,
                bool((rows[~is_point]["value"] == 0.0).any()),
                line["uncertain"].to_numpy(float) if "uncertain" in line else None,
            )
        )
    return result


def swept(sweep: xr.DataTree | xr.Dataset, along: str | None = None) -> tuple[xr.Dataset, str]:
    """The coefficients of a sweep with the coordinates of its curves, and that of the axis.

    Parameters
    ----------
    sweep : xarray.DataTree or Dataset
    along : str, optional
        The coordinate on the horizontal axis, or the name of a component of the gas.

    Raises
    ------
    ValueError
        If it is a single run, or has no such coordinate.
    """
    root = root_of(sweep)
    if not job_dimensions(root):
        raise ValueError(
            "this is the result of one run; expected a sweep, as from swarmhydra.open_sweep(folder)"
        )
    along = along or _longest_axis(root)
    root = with_axis(with_mixture(root, along), along)
    if MIXTURE in root.coords and root[MIXTURE].dims == ("job",):
        # In the legend mixtures stand in the order of their shares.
        shares = root["fraction"].transpose("component", "job")
        root = root.sortby([-share for share in shares])
    if along not in root.coords:
        raise ValueError(f"along={along!r} is not a coordinate of the sweep")
    return root, along


def _estimates(root: xr.Dataset) -> list[str]:
    """The names of the coefficients that have an error."""
    return [str(name) for name in root.data_vars if f"{name}_stderr" in root.data_vars]


def _longest_axis(root: xr.Dataset) -> str:
    """`en`, unless it does not vary and something else does, which may be a component."""
    distinct = {
        name: np.unique(root[name].values).size
        for name in VARIABLES
        if name in root.coords
        and VARIABLES[name].dims == ()
        and name not in NUMERICAL
        and root[name].dtype.kind in "fi"
    }
    for name in root.coords.get("component", xr.DataArray([])).values.tolist():
        distinct[name] = np.unique(root["fraction"].sel(component=name).fillna(0.0).values).size
    if not distinct:
        raise ValueError("the sweep has no coordinate to draw along, such as en")
    if distinct.get("en", 0) > 1 or max(distinct.values()) == 1:
        return "en" if "en" in distinct else next(iter(distinct))
    # Of the components of a mixture of two, the one that is added to the other.
    return max(reversed(distinct), key=distinct.__getitem__)


def _labels_of(root: xr.Dataset, along: str) -> list[str]:
    """The coordinates by which curves may differ: conditions, swept settings, the process."""
    names = [name for name in [*settings_of(root), "process"] if name != along]
    if not _is_share(root, along):
        return names
    # What is on the axis says what the gas is made of.
    return [name for name in names if name != MIXTURE and not name.startswith("gas.")]


def _is_share(root: xr.Dataset, along: str) -> bool:
    """Whether a coordinate is the share of a component of the gas."""
    components = root.coords.get("component", xr.DataArray([])).values
    return along in components or along.startswith("gas.")


def _told_apart_by(frame: pd.DataFrame, by: list[str]) -> list[str]:
    """The settings in which points differ that would coincide in one curve."""
    duplicates = frame[frame.duplicated(by, keep=False)]
    if duplicates.empty:
        return []
    groups = duplicates.groupby(by, dropna=False)
    settings = [name for name in frame if name not in (*by, "job", "value", "stderr")]
    apart = [name for name in settings if (groups[name].nunique(dropna=False) > 1).any()]
    same = duplicates[duplicates.duplicated([*by, *apart], keep=False)]
    if not same.empty:
        jobs = ", ".join(map(str, dict.fromkeys(same.get("job", same.index))))
        raise ValueError(f"jobs {jobs} have the same settings; expected one result for each point")
    return apart
