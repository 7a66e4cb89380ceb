"""Whether a step costs as much late in a long run as early in it.

`python -m benchmarks.steadiness [--accel numpy] [--windows 200]` prints the processor time per
trial in each tenth of a run of argon at 100 Td.
"""

import argparse
import sys
import time

from swarmhydra.compose import checked, composed
from swarmhydra.kernels.contract import TRIALS
from swarmhydra.swarm.ensemble import Ensemble

WINDOW = 1.2e-11
"""About a hundred flights of an electron (s)."""

PARTS = 10


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accel", default="numpy", help="the backend")
    parser.add_argument("--windows", type=int, default=200, help="length of the run")
    arguments = parser.parse_args()
    config = checked(composed([f"accel={arguments.accel}", "sim.en=100", "sim.temperature=0"]))
    ensemble = Ensemble(config)
    relax(ensemble)
    costs = [cost_per_trial(ensemble, arguments.windows // PARTS) for _ in range(PARTS)]
    row = " ".join(f"{1e9 * cost:.0f}" for cost in costs)
    sys.stdout.write(f"ns of processor time per trial, by tenths of the run: {row}\n")
    sys.stdout.write(f"last over first: {costs[-1] / costs[0]:.3f}\n")


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


if __name__ == "__main__":
    main()
