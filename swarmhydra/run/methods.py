"""The two methods behind one function."""

from collections.abc import Callable

from swarmhydra.config import Config, Method
from swarmhydra.results.record import RunRecord
from swarmhydra.run import simulation, solution
from swarmhydra.run.checkpoint import Content
from swarmhydra.run.simulation import Keeper, Progress


def carry_out(
    config: Config,
    progress: Callable[[Progress], None] | None = None,
    keeper: Keeper | None = None,
    checkpoint: Content | None = None,
) -> RunRecord:
    """Solve for a swarm by the method that the configuration names.

    Parameters
    ----------
    config : Config
        Checked, as by `config.typed`.
    progress, keeper, checkpoint : optional
        As for `simulation.run`; a solution of the Boltzmann equation is too short to need them.

    Raises
    ------
    ConfigError
        If the Boltzmann equation has no solution for this gas and field, in one line.
    Interrupted
        If the keeper told a simulation to stop.
    """
    if config.method.kind is Method.boltzmann:
        return solution.run(config)
    return simulation.run(config, progress, keeper, checkpoint)
