"""Runs pyMETHES, in the environment of pyMETHES, by orders on standard input.

`peer` starts it with a configuration file, JSON, and a file of initial velocities. Each order is a
line with a number of time steps; the answer is a line of JSON. An empty line ends it.
"""

import json
import os
import sys
import time
from contextlib import redirect_stdout
from typing import Any

import numpy as np


class Conductor:
    """The program's own end condition, asked before each time step, as the place to take stock."""

    def __init__(self) -> None:
        self._answers = sys.stdout
        self._remaining = 0
        self._trials = 0
        self._before: tuple[float, ...] | None = None

    def __call__(self, simulation: Any) -> bool:
        """Count the step that comes next; between two orders, answer and wait."""
        if self._remaining == 0:
            if self._before is not None:
                self._answer(simulation, self._before)
            steps = int(sys.stdin.readline().strip() or 0)
            if steps == 0:
                return True
            self._remaining, self._trials = steps, 0
            self._before = self._state(simulation)
        self._remaining -= 1
        # Each electron has one trial in each time step.
        self._trials += simulation.electrons.num_e
        return False

    def _state(self, simulation: Any) -> tuple[float, ...]:
        """Where the run stands: processor time, steps, collisions, time."""
        series = simulation.output.time_series
        collisions = int(series.num_collisions[-1])
        return time.process_time(), series.time.size, collisions, float(series.time[-1])

    def _answer(self, simulation: Any, before: tuple[float, ...]) -> None:
        """Tell what the last order took and did."""
        seconds, steps, collisions, elapsed = (
            now - then for now, then in zip(self._state(simulation), before, strict=True)
        )
        series = simulation.output.time_series
        answer = {
            "cpu_seconds": seconds,
            "trials": self._trials,
            "real_collisions": collisions,
            "elapsed": elapsed,
            "drift_velocity": float(np.mean(series.mean_velocity[-int(steps) :, 2])),
            "mean_energy": float(np.mean(series.mean_energy[-int(steps) :])),
        }
        self._answers.write(json.dumps(answer) + "\n")
        self._answers.flush()


def main() -> None:
    """Start from given velocities, and run by orders."""
    # Here, because it is installed in its own environment alone, and the file is read in others.
    from pyMETHES import Simulation  # type: ignore[import-not-found]

    with open(sys.argv[1]) as file:
        config = json.load(file)
    config["end_conditions"]["is_done"] = Conductor()
    simulation = Simulation(config)
    velocity = np.load(sys.argv[2])
    position = np.zeros_like(velocity)
    simulation.electrons.apply_scatter(position, velocity, simulation.electric_field)
    # It prints a line for each time step.
    with open(os.devnull, "w") as nowhere, redirect_stdout(nowhere):
        simulation.run()


if __name__ == "__main__":
    main()
