"""The simulation as a Python function."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import xarray as xr

from swarmhydra.config import Config
from swarmhydra.config.from_python import composed_from
from swarmhydra.run.checked import checked
from swarmhydra.run.progress import reporter


def simulate(
    *settings: str | Config | Mapping[str, Any],
    config_dir: str | Path | None = None,
    progress: bool = False,
) -> xr.DataTree:
    """Run one simulation and return its result, without writing a file.

    Parameters
    ----------
    *settings : str, Config or mapping
        Overrides as on the command line: ``"gas=argon"``, ``"sim.en=50"``, ``"accel=jit"``. The
        first may be a configuration, which the others change: a `swarmhydra.config.Config`; the
        attribute ``config`` of a result; or a mapping such as ``{"gas": "argon", "sim": {"en":
        50}}``, with the name of an option or a table for each group, and the defaults for the rest.
    config_dir : str or Path, optional
        A folder with more option files, such as ``gas/mine.yaml`` in it.
    progress : bool, optional
        Show a bar on a terminal or in a notebook, or else log a line every ten seconds (logger
        ``swarmhydra.run.progress``, level INFO).

    Returns
    -------
    xarray.DataTree
        What the command line writes to ``results.nc``.

    Raises
    ------
    ValueError
        If an override cannot be used; the message names the key, the value and what is expected.
    RuntimeError
        If the run ended before it had measured anything, or if compiled kernels are to run in a
        process that was forked from one in which they ran (start it by ``spawn``); one line.

    Examples
    --------
    >>> import swarmhydra
    >>> run = swarmhydra.simulate("gas=argon", "sim=quick", "sim.en=50")  # doctest: +SKIP
    >>> float(run["mean_energy"])  # doctest: +SKIP
    >>> again = swarmhydra.simulate(run.attrs["config"], "sim.en=60")  # doctest: +SKIP
    """
    from swarmhydra.results.tree import build_tree
    from swarmhydra.run.methods import carry_out

    config = checked(composed_from(settings, config_dir))
    return build_tree(carry_out(config, reporter() if progress else None))
