"""The two methods behind one function."""

from collections.abc import Callable, Mapping
from typing import Any

from swarmhydra.config import Config, Method
from swarmhydra.results.record import RunRecord
from swarmhydra.run import simulation, solution, waveform_simulation
from swarmhydra.run.monitor import RunMonitor
from swarmhydra.run.progress import Progress


def carry_out(
    config: Config,
    progress: Callable[[Progress], None] | None = None,
    monitor: RunMonitor | None = None,
    checkpoint: Mapping[str, Any] | None = None,
) -> RunRecord:
    """Solve for a swarm by the method that the configuration names.

    Parameters
    ----------
    config : Config
        Checked, as by `config.typed`.
    progress, monitor, checkpoint : optional
        As for `simulation.run`; a solution of the Boltzmann equation is too short to need them.

    Returns
    -------
    RunRecord
        All results, with errors.

    Raises
    ------
    ConfigError
        If the Boltzmann equation has no solution for this gas and field; one line.
    Interrupted
        If the monitor asked a simulation to stop.
    """
    if config.method.kind is Method.boltzmann:
        return solution.run(config)
    if config.sim.waveform.is_set:
        return waveform_simulation.run(config, progress, monitor, checkpoint)
    return simulation.run(config, progress, monitor, checkpoint)
