"""Figures of the collision processes: where the power goes, and how often each happens."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import xarray as xr
from matplotlib.axes import Axes

from swarmhydra.kernels.arrays import FloatArray
from swarmhydra.plot.jobs import CURVE, LINE_STYLES, Job, Look, is_solution, jobs_of, looks_of
from swarmhydra.plot.labels import title_of
from swarmhydra.plot.legends import entry, legend
from swarmhydra.plot.scales import DECADES, logarithmic
from swarmhydra.plot.style import MARKERS, PALETTE, drawing, height_for, literal
from swarmhydra.plot.style import label as axis_label
from swarmhydra.plot.sweep import coefficients

MOST_PROCESSES = 30
"""Processes that a figure shows; of more, the largest."""

_CONVOLVED = "swarmhydra convolution"
_OF_PROCESSES = ("kind", "target", "threshold", "provenance")

_LEAST_SHARE = 5e-4
"""Share of the power below which a process is left out."""

_LEAST_ERROR = 0.005
"""Error of a share (%) below which it is not written."""


class _Bar(NamedTuple):
    """What gives or takes energy: name, power and its error (eV/s)."""

    name: str
    value: float
    error: float


def power_balance(
    results: xr.DataTree, ax: Axes | None = None, *, title: bool | str = False
) -> Axes:
    """Where the power from the field goes (eV s-1 per electron), each with its share and error.

    Parameters
    ----------
    results : xarray.DataTree
        A run; or a sweep, of which the share of each process is drawn over what varies.
    ax : matplotlib Axes, optional
        Where to draw; default is a figure of its own.
    title : bool or str, optional
        A title, or True for one that states gas, fields and other conditions.

    Returns
    -------
    matplotlib Axes
        Of a run a bar for the field, for each process, for growth, and for the residual, which is
        zero within its error in a steady swarm. What takes less than 0.05 % is left out.
    """
    jobs = jobs_of(results)
    if len(jobs) > 1:
        return coefficients(_shares(results), "power_share", ax=ax, title=title)
    run = jobs[0].run
    bars = _bars(run)
    gain = abs(float(run["power_gain"]))
    bars = [
        bar
        for bar in bars
        if abs(bar.value) > _LEAST_SHARE * gain or bar.name in ("field", "residual")
    ]
    colours = {"field": PALETTE["blue"], "residual": "0.5"}
    with drawing(ax, height_for(len(bars)), title=title_of(results, title)) as axes:
        axes.barh(
            range(len(bars)),
            [bar.value for bar in bars],
            xerr=np.nan_to_num([bar.error for bar in bars]),
            color=[colours.get(bar.name, PALETTE["orange"]) for bar in bars],
            height=0.65,
            error_kw={"elinewidth": 0.7},
        )
        axes.axvline(0.0, color="black", lw=0.6)
        widest = max(*(abs(bar.value) for bar in bars), 1e-300)
        for place, bar in enumerate(bars):
            _write_share(axes, place, bar, gain, widest)
        axes.set_yticks(range(len(bars)), [bar.name for bar in bars])
        axes.tick_params(axis="y", length=0)
        axes.invert_yaxis()
        axes.set_xlim(-1.15 * widest, 1.15 * widest)
        axes.set_xlabel("power per electron (eV s$^{-1}$)")
    return axes


def rates(
    results: xr.DataTree,
    ax: Axes | None = None,
    *,
    label: str | None = None,
    title: bool | str = False,
) -> Axes:
    """The rate coefficient of every process (m3 s-1) on a logarithmic axis.

    Parameters
    ----------
    results : xarray.DataTree
        A run, or a sweep: then there are points for each job.
    ax, title : optional
        As for `power_balance`.
    label : str, optional
        Entry in the legend; default is gas and fields where several runs are drawn.

    Returns
    -------
    matplotlib Axes
        Full circles: collisions counted, or as the Boltzmann equation gives them. Open squares, of
        a single simulation: by convolution with the energy distribution. Processes that never
        happened are left out; of more than 30, the slowest.
    """
    jobs = jobs_of(results)
    names = _largest(jobs)
    if not names:
        raise ValueError("no process has happened; there is no rate to draw")
    with drawing(ax, height_for(len(names)), title=title_of(results, title)) as axes:
        looks, scale = looks_of(jobs, axes, label)
        highest = max(job.run["rate_coefficient"].max().item() for job in jobs)
        alone = len(jobs) == 1 and not any(line.get_gid() == CURVE for line in axes.lines)
        squares = alone and not is_solution(jobs[0].run)
        rows = _rows(axes, names)
        for job, look in zip(jobs, looks, strict=True):
            words = "counted" if squares and label is None else look.label
            _draw_rates(axes, job, rows, look, words)
        for before in [line for line in axes.lines if line.get_gid() == _CONVOLVED]:
            before.remove()  # They are those of a single run.
        if squares:
            _draw_convolved(axes, jobs[0], rows)
        logarithmic(axes, "x")
        _limit(axes, highest)
        axes.set_yticks(list(rows.values()), list(rows))
        axes.set_ylim(len(rows) - 0.4, -0.6)
        axes.grid(axis="y", color="0.92", lw=0.5)
        axes.tick_params(axis="y", which="both", length=0)
        axes.set_xlabel(axis_label(jobs[0].run.to_dataset()["rate_coefficient"]))
        if scale is not None:
            scale.draw(axes)
        legend(axes, few=0)
    return axes


def _largest(jobs: Sequence[Job]) -> list[str]:
    """The names of the processes with the largest rates, the largest first."""
    highest: dict[str, float] = {}
    for job in jobs:
        root = job.run.to_dataset()
        names = root["process"].values.tolist()
        values = np.nan_to_num(root["rate_coefficient"].values)
        for name, value in zip(names, values, strict=True):
            highest[name] = max(highest.get(name, 0.0), float(value))
    ranking = sorted(highest, key=lambda name: -highest[name])
    return [name for name in ranking if highest[name] > 0.0][:MOST_PROCESSES]


def _rows(axes: Axes, names: Sequence[str]) -> dict[str, int]:
    """The row of each process, below those of what was drawn before."""
    has_curves = any(line.get_gid() == CURVE for line in axes.lines)
    before = [text.get_text() for text in axes.get_yticklabels()] if has_curves else []
    every = dict.fromkeys([*before, *map(literal, names)])
    return {name: row for row, name in enumerate(every)}


def _draw_rates(axes: Axes, job: Job, rows: dict[str, int], look: Look, words: str) -> None:
    """The rates of a run as counted, or as its method gives them."""
    value, places, error = _in_rows(job, "rate_coefficient", rows)
    container = axes.errorbar(
        value,
        places,
        xerr=error,
        fmt=MARKERS[LINE_STYLES.index(look.linestyle)],
        color=look.colour,
        elinewidth=0.7,
        mfc=look.colour if look.linestyle == "-" else "white",
        label=entry(words) or None,
    )
    container.lines[0].set_gid(CURVE)


def _limit(axes: Axes, highest: float) -> None:
    """Let the axis reach over all rates that are not negligible, and over a decade at least."""
    values = np.concatenate([np.ravel(line.get_xdata()) for line in axes.lines])
    visible = values[values > highest * 10.0**-DECADES]
    low, high = np.log10([visible.min(), visible.max()])
    margin = max(0.08 * (high - low), 0.5 - 0.5 * (high - low))
    axes.set_xlim(10.0 ** (low - margin), 10.0 ** (high + margin))


def _draw_convolved(axes: Axes, job: Job, rows: dict[str, int]) -> None:
    """The rates of a run by convolution with its energy distribution."""
    value, places, _ = _in_rows(job, "rate_coefficient_convolution", rows)
    axes.plot(
        value,
        places,
        "s",
        mfc="none",
        mec=PALETTE["vermilion"],
        ms=6,
        mew=0.8,
        label="by convolution",
        gid=_CONVOLVED,
    )


def _in_rows(job: Job, name: str, rows: dict[str, int]) -> tuple[FloatArray, list[int], FloatArray]:
    """A coefficient of each process that has a row: values, rows and errors."""
    root = job.run.to_dataset()
    value, error = root[name].values, root["rate_coefficient_stderr"].values
    names = [literal(each) for each in root["process"].values.tolist()]
    indices = [i for i, each in enumerate(names) if each in rows and value[i] > 0.0]
    return value[indices], [rows[names[i]] for i in indices], np.nan_to_num(error[indices])


def _bars(run: xr.DataTree) -> list[_Bar]:
    """Everything that gives or takes energy."""
    root = run.to_dataset()
    loss, error = root["power_loss"], root["power_loss_stderr"]
    order = np.argsort(-np.abs(loss.values), kind="stable")[:MOST_PROCESSES]
    names = loss["process"].values
    bars = [_Bar("field", float(run["power_gain"]), float(run["power_gain_stderr"]))]
    bars += [_Bar(literal(str(names[i])), -float(loss[i]), float(error[i])) for i in order]
    for name, variable, sign in (
        ("growth", "power_growth", -1.0),
        ("residual", "power_balance_residual", 1.0),
    ):
        bars.append(_Bar(name, sign * float(run[variable]), float(run[f"{variable}_stderr"])))
    return bars


def _write_share(axes: Axes, place: int, bar: _Bar, gain: float, widest: float) -> None:
    """The share of a bar in the power, on the side of zero where nothing is drawn."""
    if not gain:
        return
    share, error = 100.0 * bar.value / gain, 100.0 * np.nan_to_num(bar.error) / gain
    # An error that would be rounded to 0.00 is not written.
    text = f"{share:.2f}" + (f" ± {error:.2f}" if error >= _LEAST_ERROR else "")
    text = f"{text} %".replace("-0.00", "0.00").replace("-", "−")
    side = -1 if bar.value > 0 else 1
    axes.text(
        side * 0.02 * widest,
        place,
        text,
        va="center",
        ha="right" if side < 0 else "left",
        fontsize=6.5,
    )


def _shares(sweep: xr.DataTree) -> xr.Dataset:
    """The share of each process, and of growth, in the power that the field gives."""
    root = sweep.to_dataset()
    gain = np.abs(root["power_gain"])
    parts = {"": root["power_loss"], "_stderr": root["power_loss_stderr"]}
    growth = {"": root["power_growth"], "_stderr": root["power_growth_stderr"]}
    attributes = {"long_name": "share of the power", "units": "%"}
    shares = {}
    for suffix, values in parts.items():
        extra = growth[suffix].expand_dims(process=["growth"])
        every = xr.concat(
            [values.drop_vars(_OF_PROCESSES, errors="ignore"), extra],
            "process",
            coords="minimal",
            compat="override",
            join="outer",
        )
        shares[f"power_share{suffix}"] = (100.0 * every / gain).assign_attrs(attributes)
    is_visible = shares["power_share"] > 100.0 * _LEAST_SHARE
    shares = {name: share.where(is_visible) for name, share in shares.items()}
    largest = shares["power_share"].max([d for d in every.dims if d != "process"])
    names = largest["process"].values[(largest > 100.0 * _LEAST_SHARE).values]
    conditions = root.drop_dims("process").coords
    return xr.Dataset(shares).assign_coords(conditions).sel(process=names)
