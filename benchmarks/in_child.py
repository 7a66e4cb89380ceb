"""Things that need a fresh process: started by `start_up`, they answer with a line of JSON.

Usage: ``python -m benchmarks.in_child first_step|whole_run override...``
"""

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

CHECKOUT = Path(__file__).resolve().parents[1]


def ask(
    action: str, overrides: Sequence[str], environment: dict[str, str] | None = None
) -> dict[str, float]:
    """Do something in a fresh process and return its answer.

    Parameters
    ----------
    action : str
        ``first_step``: start up and take the first steps, then leave; answers ``cpu_seconds``.
        ``whole_run``: a run as short as can be; answers ``peak_rss`` in bytes.
    overrides : sequence of str
        The configuration.
    environment : dict of str to str, optional
        Additions to the environment.
    """
    command = [sys.executable, "-m", "benchmarks.in_child", action, *overrides]
    done = subprocess.run(
        command,
        env={**os.environ, **(environment or {})},
        cwd=CHECKOUT,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    answer: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return answer


def cpu_seconds(command: Sequence[str]) -> float:
    """Processor time of a command that is run to its end (s)."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, cwd=CHECKOUT, stdout=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _answer(**values: float) -> None:
    """Write the answer."""
    sys.stdout.write(f"{json.dumps(values)}\n")
    sys.stdout.flush()


def _first_step(overrides: Sequence[str]) -> None:
    """Start up, and leave as soon as the swarm has been stepped for the first time."""
    from swarmhydra.config.compose import composed
    from swarmhydra.run.checked import checked
    from swarmhydra.run.progress import Progress
    from swarmhydra.run.simulation import run

    def leave(_: Progress) -> NoReturn:
        """Answer and leave."""
        _answer(cpu_seconds=time.process_time())
        os._exit(0)

    run(checked(composed(overrides)), leave)


def _whole_run(overrides: Sequence[str]) -> None:
    """Relax, plan, and measure until the errors are looked at for the first time."""
    from swarmhydra.config.compose import composed
    from swarmhydra.run.checked import checked
    from swarmhydra.run.memory import peak_memory
    from swarmhydra.run.simulation import run

    run(checked(composed([*overrides, "sim.stop.real_collisions=1"])))
    _answer(peak_rss=peak_memory())


if __name__ == "__main__":
    {"first_step": _first_step, "whole_run": _whole_run}[sys.argv[1]](sys.argv[2:])
