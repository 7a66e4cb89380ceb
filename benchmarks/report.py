"""Tables on the terminal, and the same figures as NetCDF and CSV."""

import csv
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import xarray as xr
from tabulate import tabulate

from benchmarks import machine

DEFAULT_FOLDER = Path("outputs") / "benchmarks"


def say(text: str = "") -> None:
    """Write a line to the terminal at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def table(title: str, header: Sequence[str], rows: Sequence[Sequence[str | float]]) -> None:
    """Write a table to the terminal.

    Parameters
    ----------
    title : str
    header : sequence of str
    rows : sequence of sequences
        Texts as they are, numbers to four digits, a dash for what is not known.
    """
    cells = [[_cell(value) for value in row] for row in rows]
    sides = ["right"] * len(header)
    lines = tabulate(cells, header, "simple", colalign=sides, disable_numparse=True)
    say(f"\n{title}\n\n{lines}")


def _cell(value: str | float) -> str:
    """A value as it stands in a table."""
    if isinstance(value, str):
        return value
    return f"{value:.4g}" if np.isfinite(value) else "-"


def write(dataset: xr.Dataset, folder: Path, name: str) -> None:
    """Name the machine, write `<name>.nc` and `<name>.csv`, and say where.

    Parameters
    ----------
    dataset : xarray.Dataset
        Every variable has an attribute ``units``.
    folder : Path
        Is made if it does not exist.
    name : str
    """
    folder.mkdir(parents=True, exist_ok=True)
    dataset.to_netcdf(folder / f"{name}.nc", engine="netcdf4")
    dims = [str(dim) for dim in dataset.sizes]
    with (folder / f"{name}.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, ["quantity", *dims, "value", "units"])
        writer.writeheader()
        writer.writerows(_long_rows(dataset))
    say(f"\nwrote {folder / name}.nc and .csv")
    attributes = ", ".join(f"{key}: {value}" for key, value in dataset.attrs.items())
    say(f"on {attributes}")


def _long_rows(dataset: xr.Dataset) -> Iterator[dict[str, object]]:
    """One row per known value: the quantity, where it stands, value, unit."""
    for name, array in dataset.data_vars.items():
        for place in np.ndindex(array.shape):
            value = array.values[place]
            if np.isfinite(value):
                where = {
                    str(dim): array[dim].values[i] for dim, i in zip(array.dims, place, strict=True)
                }
                yield {"quantity": name, **where, "value": value, "units": array.attrs["units"]}


def attributes(**settings: str | int | float) -> dict[str, str | int | float]:
    """Attributes of a result: the machine, then the settings of the benchmark."""
    return {**machine.description(), **settings}
