"""Monte Carlo simulation of electron swarms in gases."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from swarmhydra.api import simulate
    from swarmhydra.results.files import open_run
    from swarmhydra.sweeps.opening import open_sweep
    from swarmhydra.sweeps.replicas import combine_replicas

__all__ = ["combine_replicas", "open_run", "open_sweep", "simulate"]


def __getattr__(name: str) -> Any:
    """Import what is exported when it is first used: the command line starts without xarray."""
    if name == "simulate":
        from swarmhydra.api import simulate

        return simulate
    if name == "open_run":
        from swarmhydra.results.files import open_run

        return open_run
    if name == "combine_replicas":
        from swarmhydra.sweeps.replicas import combine_replicas

        return combine_replicas
    if name == "open_sweep":
        from swarmhydra.sweeps.opening import open_sweep

        return open_sweep
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
