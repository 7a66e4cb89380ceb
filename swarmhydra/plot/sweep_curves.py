"""The curves of a sweep: what is drawn, and what distinguishes one from another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from swarmhydra.kernels.arrays import FloatArray
from swarmhydra.plot.style import MARKERS
from swarmhydra.results.variables import VARIABLES

_NUMERICAL = ("seed", "replica", "run_label", "electrons", "sub_swarms", "initial_energy")
"""Settings that change no expected value: curves differ by them only where points repeat."""


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
    """

    label: str
    x: FloatArray
    value: FloatArray
    stderr: FloatArray
    rank: int = 0


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
    root = root_of(sweep)
    if quantity not in root.data_vars:
        raise ValueError(f"{quantity!r} is not in the sweep; it has {', '.join(_estimates(root))}")
    along = along or longest_axis(root)
    if along not in root.coords:
        raise ValueError(f"along={along!r} is not a coordinate of the sweep")
    values = xr.Dataset({"value": root[quantity], "stderr": root[f"{quantity}_stderr"]})
    if process is not None:
        if "process" not in values.dims or process not in values["process"].values:
            raise ValueError(f"process={process!r}: {quantity} has no such process")
        values = values.sel(process=process)
    frame = values.to_dataframe().reset_index()
    # An estimate without a single event has no error, and is not drawn.
    measured = frame.dropna(subset=["value", "stderr", along])
    by = [name for name in _labels_of(root, along) if name in frame and frame[name].nunique() > 1]
    by += _told_apart_by(frame.dropna(subset=[along]), [*by, along])
    if (
        "gas" in by
        and "process" in by
        and (measured.groupby("process")["gas"].nunique() == 1).all()
    ):
        by.remove("gas")  # The process implies its gas.
    groups = frame.groupby(by, sort=False) if by else [((), frame)]
    result = []
    for rank, (key, rows) in enumerate(groups):
        ordered = rows[rows.index.isin(measured.index)].sort_values(along)
        if ordered.empty:
            continue
        words = [_word(name, value) for name, value in zip(by, key, strict=True)]
        x, value, stderr = (ordered[name].to_numpy(float) for name in (along, "value", "stderr"))
        result.append(Curve(", ".join(words), x, value, stderr, rank))
    return result


def root_of(sweep: xr.DataTree | xr.Dataset) -> xr.Dataset:
    """The coefficients of a sweep."""
    return sweep.to_dataset() if isinstance(sweep, xr.DataTree) else sweep


def _estimates(root: xr.Dataset) -> list[str]:
    """The names of the coefficients that have an error."""
    return [str(name) for name in root.data_vars if f"{name}_stderr" in root.data_vars]


def longest_axis(root: xr.Dataset) -> str:
    """`en`, unless it does not vary and something else does."""
    distinct = {
        name: np.unique(root[name].values).size
        for name in VARIABLES
        if name in root.coords
        and VARIABLES[name].dims == ()
        and name not in _NUMERICAL
        and root[name].dtype.kind in "fi"
    }
    if not distinct:
        raise ValueError("the sweep has no coordinate to draw along, such as en")
    return "en" if distinct.get("en", 0) > 1 else max(distinct, key=lambda name: distinct[name])


def _labels_of(root: xr.Dataset, along: str) -> list[str]:
    """The coordinates by which curves may differ: conditions, swept settings, the process."""
    scalars = [str(n) for n in root.coords if n not in VARIABLES or VARIABLES[str(n)].dims == ()]
    named = [name for name in scalars if not name.startswith("sim.stop")]
    return [name for name in [*named, "process"] if name not in (*_NUMERICAL, "job", along)]


def _told_apart_by(frame: pd.DataFrame, by: list[str]) -> list[str]:
    """The settings in which points differ that would coincide in one curve."""
    repeated = frame[frame.duplicated(by, keep=False)]
    if repeated.empty:
        return []
    groups = repeated.groupby(by, dropna=False)
    settings = [name for name in frame if name not in (*by, "job", "value", "stderr")]
    apart = [name for name in settings if (groups[name].nunique(dropna=False) > 1).any()]
    same = repeated[repeated.duplicated([*by, *apart], keep=False)]
    if not same.empty:
        jobs = ", ".join(map(str, dict.fromkeys(same.get("job", same.index))))
        raise ValueError(f"jobs {jobs} have the same settings; expected one result for each point")
    return apart


def _word(name: str, value: Any) -> str:
    """A coordinate in the label of a curve."""
    if isinstance(value, str):
        return value
    units = VARIABLES[name].units if name in VARIABLES else "1"
    symbol = {"bn": "B/N", "en": "E/N", "temperature": "T", "pressure": "p"}.get(name, name)
    return f"{symbol.rpartition('.')[2]} = {value:g}" + ("" if units == "1" else f" {units}")


def largest(pairs: list[tuple[Curve, int]]) -> list[tuple[Curve, int, int]]:
    """What is shown of the curves of each quantity, with places for colours and markers.

    Curves of the same label share a place; curves of one label only, as of one gas, have a place
    for each quantity. Of more labels than markers, those that reach highest are drawn.
    """
    ranks = sorted({curve.rank for curve, _ in pairs})
    if len(ranks) == 1:
        return [(curve, index, (curve.rank + index) % len(MARKERS)) for curve, index in pairs]
    places = {rank: rank for rank in ranks}
    if ranks and ranks[-1] >= len(MARKERS):
        heights = {
            rank: max(float(c.value.max()) for c, _ in pairs if c.rank == rank) for rank in ranks
        }
        tallest = sorted(ranks, key=lambda rank: -heights[rank])[: len(MARKERS)]
        places = {rank: place for place, rank in enumerate(sorted(tallest))}
    # What belongs together stands together in the legend.
    ordered = sorted(pairs, key=lambda pair: pair[0].rank)
    return [(curve, index, places[curve.rank]) for curve, index in ordered if curve.rank in places]
