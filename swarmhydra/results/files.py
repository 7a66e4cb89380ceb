"""The results file: written whole or not at all, read into memory."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import netCDF4
import numpy as np
import xarray as xr

from swarmhydra.job_folder.atomic_file import replacement
from swarmhydra.job_folder.status import FILE_NAME
from swarmhydra.job_folder.writable import check_room
from swarmhydra.results.checksum import append_checksum, check_checksum
from swarmhydra.results.result import Result
from swarmhydra.results.schema_version import check_origin
from swarmhydra.results.tree import check_attributes


def save(tree: xr.DataTree, path: str | Path) -> None:
    """Write a result tree to a NetCDF-4 file, all of it or nothing.

    The tree goes to a ``.part`` file beside `path`, which then takes the name of `path`. An
    older file of that name stays as it was until the new one is complete. A checksum stands at the
    end of the file.

    Parameters
    ----------
    tree : xarray.DataTree
        From `build_tree` or `open_run`.
    path : str or Path
        The file; its folder is made if it is missing.

    Raises
    ------
    ValueError
        If `tree` is not a result tree, or an attribute is neither text nor number.
    OSError
        If the file cannot be written; the message names it.
    """
    path = Path(path).absolute()
    check_origin(tree.attrs, "the tree to save")
    check_attributes(tree)
    if path.is_dir():
        raise IsADirectoryError(f"cannot write {path}: it is a folder")

    def write(part: Path) -> None:
        tree.to_netcdf(part, mode="w", format="NETCDF4", engine="netcdf4", encoding=_encoding(tree))
        append_checksum(part)

    write_whole(path, write)


def write_whole(path: Path, write: Callable[[Path], object]) -> None:
    """Write a NetCDF file, all of it or nothing.

    Parameters
    ----------
    path : Path
        Its folder is made if it is missing.
    write : callable
        Called with the name of a new, empty file to write into.

    Raises
    ------
    OSError
        If it cannot be written; the message names it.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacement(path) as part:
            try:
                write(part)
            except (OSError, RuntimeError):
                # HDF5 calls everything "permission denied"; ask the system for the reason, while
                # the file still takes its room.
                check_room(part.parent)
                raise
    except Exception as error:
        raise OSError(
            f"cannot write {path}: {getattr(error, 'strerror', None) or error}"
        ) from error


def open_run(path: str | Path) -> xr.DataTree:
    """Read the result of a run into memory and close the file.

    Parameters
    ----------
    path : str or Path
        A result file, or the folder that holds a ``results.nc``.

    Returns
    -------
    xarray.DataTree
        The tree as `build_tree` made it.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is damaged, not a NetCDF file, not one of swarmhydra, or of another schema version.
    """
    path = Path(path).absolute()
    file = path / FILE_NAME if path.is_dir() else path
    if not file.is_file():
        raise FileNotFoundError(f"there is no result file {file}")
    try:
        check_checksum(file)
        # The root alone first: the groups of a stranger's file need not make a tree.
        with xr.open_dataset(file, engine="netcdf4", decode_cf=False) as root:
            check_origin(root.attrs, str(file))
        with xr.open_datatree(file, engine="netcdf4") as tree:
            # Not tree.load(): it leaves out variables named like a group, such as /eedf/eedf.
            return Result.from_dict(
                {node.path: node.to_dataset(inherit=False).load() for node in tree.subtree}
            )
    except PermissionError as error:
        raise PermissionError(f"cannot read {file}: {error}") from error
    except (OSError, RuntimeError) as error:
        raise ValueError(f"{file} is not a NetCDF file, or a damaged one: {error}") from error


def attributes_of_file(path: Path) -> dict[str, Any]:
    """The attributes of a result file.

    Raises
    ------
    OSError
        If it cannot be read.
    ValueError
        If it is damaged, or not a NetCDF file.
    """
    check_checksum(path)
    try:
        with netCDF4.Dataset(path) as file:
            return dict(file.__dict__)
    except (OSError, RuntimeError) as error:
        raise ValueError(f"{path} is not a NetCDF file, or a damaged one: {error}") from error


def _encoding(tree: xr.DataTree) -> dict[str, dict[Any, dict[str, Any]]]:
    """Return how each group's variables are stored: large ones packed, coordinates without fill."""
    encoding: dict[str, dict[Any, dict[str, Any]]] = {}
    for node in tree.subtree:
        dataset = node.to_dataset(inherit=False)
        encoding[node.path] = {}
        for name, variable in dataset.variables.items():
            options: dict[str, Any] = {}
            if variable.dtype.kind == "f":
                options["_FillValue"] = None if name in dataset.coords else np.nan
            if variable.dtype.kind in "iuf" and variable.size > _COMPRESS_ABOVE:
                options |= {"zlib": True, "complevel": 1, "shuffle": True}
            encoding[node.path][name] = options
    return encoding


_COMPRESS_ABOVE = 10_000
