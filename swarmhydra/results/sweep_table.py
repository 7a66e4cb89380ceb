"""The jobs of a sweep as a table for the terminal, a row for each."""

import math

import numpy as np
import xarray as xr
from tabulate import tabulate

from swarmhydra.results.conditions import condition_words, conditions_of, shown
from swarmhydra.results.mixtures import MIXTURE, with_mixture
from swarmhydra.results.printable import printable
from swarmhydra.results.variables import VARIABLES

COLUMNS = {
    "mean_energy": "energy (eV)",
    "drift_velocity_flux": "flux drift (m/s)",
    "drift_velocity_bulk": "bulk drift (m/s)",
    "effective_ionization_rate_coefficient": "ionization - attachment (m3/s)",
}
"""Coefficients in the table, as long as one of the jobs has a value that is not zero."""

_MOST_ROWS = 60
_UNKNOWN = "—"


def sweep_table(sweep: xr.DataTree) -> str:
    """A row for each job of a sweep: what was varied, the main coefficients, and warnings.

    Parameters
    ----------
    sweep : xarray.DataTree
        From `swarmhydra.open_sweep`, without dimensions named.

    Returns
    -------
    str
        Lines without a final newline. Of more than 60 jobs the first and the last 30.
    """
    root = with_mixture(sweep.to_dataset())
    settings = swept_settings(root, sweep)
    columns = [name for name in COLUMNS if name in root and _has_values(root[name])]
    warnings = warned(sweep)
    head = ["job", *(_titled(name) for name in settings), *(COLUMNS[name] for name in columns)]
    rows = [
        [
            str(root["job"].values[place]),
            *(shown(root[name].values[place].item()) for name in settings),
            *(_with_error(root.isel(job=place), name) for name in columns),
            warnings[place],
        ]
        for place in range(root.sizes["job"])
    ]
    left_out = len(rows) - _MOST_ROWS
    if left_out > 0:
        half = _MOST_ROWS // 2
        rows = [*rows[:half], [f"… {left_out} more"], *rows[-half:]]
    text = tabulate(rows, headers=[*head, ""], tablefmt="plain", disable_numparse=True)
    conditions = [f"{root.sizes['job']} jobs", *condition_words(conditions_of(sweep))]
    lines = [", ".join(conditions), *(line.rstrip() for line in text.splitlines())]
    return printable("\n".join(lines))


def swept_settings(root: xr.Dataset, sweep: xr.DataTree) -> list[str]:
    """The settings in which the jobs of a sweep differ; a mixture stands for those of its gas.

    Parameters
    ----------
    root : xarray.Dataset
        The coefficients of the sweep, from `with_mixture`.
    sweep : xarray.DataTree
    """
    varied = [name for name in str(sweep.attrs.get("swept", "")).split() if name in root.coords]
    return [MIXTURE, *varied] if MIXTURE in root.coords else varied


def warned(sweep: xr.DataTree) -> list[str]:
    """How many warnings each job has, in words; empty for none."""
    jobs = sweep.children["jobs"].to_dataset(inherit=False)
    if "warnings" not in jobs:
        return [""] * sweep.sizes["job"]
    counts = [len(str(text).splitlines()) for text in jobs["warnings"].values]
    return [f"{count} warning{'s' * (count > 1)}" if count else "" for count in counts]


def _has_values(variable: xr.DataArray) -> bool:
    """Whether anything was measured that is not zero."""
    return bool(np.any(np.nan_to_num(variable.values) != 0.0))


def _titled(name: str) -> str:
    """A setting with its unit."""
    units = VARIABLES[name].units if name in VARIABLES else "1"
    return name if units == "1" else f"{name} ({units})"


def _with_error(one: xr.Dataset, name: str) -> str:
    """A value with its error, which is relative where the value is more than that."""
    value, stderr = float(one[name].item()), float(one[f"{name}_stderr"].item())
    if math.isnan(value):
        return _UNKNOWN
    if value == 0.0 or math.isnan(stderr):
        return f"{value:.4g}"
    if stderr >= abs(value):
        return f"{value:.1g} ± {stderr:.1g}"  # Such as a drift that averages to zero.
    return f"{value:.4g} ± {100.0 * abs(stderr / value):.1g} %"
