"""Electron swarms in gases: Monte Carlo and a multi-term Boltzmann solver, with errors.

What users call is imported when it is first used: the command line starts without xarray, and
``import swarmhydra`` suffices for ``swarmhydra.plot``.
"""

import typing as _typing

import lazy_loader as _lazy_loader

# Underscores: completion offers what users call, and nothing else.
if _typing.TYPE_CHECKING:
    from swarmhydra import config, export, fit, plot, report, results
    from swarmhydra.api import simulate
    from swarmhydra.results.compare import compare
    from swarmhydra.results.files import open_run
    from swarmhydra.results.schema_version import __version__
    from swarmhydra.sweeps.opening import open_sweep
    from swarmhydra.sweeps.replicas import combine_replicas

__getattr__, __dir__, _ = _lazy_loader.attach(
    __name__,
    submodules=["config", "export", "fit", "plot", "report", "results"],
    submod_attrs={
        "api": ["simulate"],
        "results.compare": ["compare"],
        "results.files": ["open_run"],
        "results.schema_version": ["__version__"],
        "sweeps.opening": ["open_sweep"],
        "sweeps.replicas": ["combine_replicas"],
    },
)

__all__ = [
    "__version__",
    "combine_replicas",
    "compare",
    "config",
    "export",
    "fit",
    "open_run",
    "open_sweep",
    "plot",
    "report",
    "results",
    "simulate",
]
