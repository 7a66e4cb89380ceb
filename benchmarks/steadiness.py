"""Whether a step costs as much late in a long run as early in it."""

import time

from benchmarks.stepping import ACCELS, conditions, configured
from swarmhydra.kernels.contract import TRIALS
from swarmhydra.swarm.ensemble import Ensemble

WINDOW = 1.2e-11
"""About a hundred flights of an electron (s)."""

WINDOWS = 200
PARTS = 10


class LongRun:
    """Argon at 100 Td for 200 windows."""

    params = ACCELS
    param_names = ("accel",)
    timeout = 900.0

    def track_last_over_first(self, accel: str) -> float:
        """Processor time of a trial in the last tenth of the run over that in the first."""
        config = configured(*conditions(100.0, 0.0), f"accel={accel}", "accel.threads=1")
        ensemble = Ensemble(config)
        relax(ensemble)
        costs = [cost_per_trial(ensemble, WINDOWS // PARTS) for _ in range(PARTS)]
        return costs[-1] / costs[0]

    track_last_over_first.unit = "1"  # type: ignore[attr-defined]


def relax(ensemble: Ensemble) -> None:
    """Take the swarm to its final energies, and fit the majorant to them."""
    for _ in range(10):
        ensemble.window(WINDOW, False, lambda: None)
    ensemble.start_afresh()


def cost_per_trial(ensemble: Ensemble, windows: int) -> float:
    """Processor time per trial over some windows (s)."""
    trials, started = int(ensemble.events[TRIALS]), time.process_time()
    for _ in range(windows):
        ensemble.window(WINDOW, True, lambda: None)
    return (time.process_time() - started) / (int(ensemble.events[TRIALS]) - trials)
