"""Settings of runs, and the fastest backend that is installed: the tests run without numba too."""

from copy import deepcopy
from dataclasses import fields
from functools import cache
from importlib.util import find_spec

from swarmhydra.config import Config, RelErrorConfig
from swarmhydra.config.compose import composed
from swarmhydra.run.checked import checked

COMPILED = find_spec("numba") is not None

FASTEST_ACCEL = "jit" if COMPILED else "numpy"
"""In NumPy a run takes up to ten times as long."""

FASTEST = (f"accel={FASTEST_ACCEL}", "accel.threads=1", "method.grid=64", "method.terms=8")
"""The tests run side by side: a second thread of each would wait for the others. A rough solution
gives control variates that leave more noise, in a quarter of the time."""

NO_TARGETS = tuple(f"sim.stop.rel_error.{each.name}=null" for each in fields(RelErrorConfig))
"""A run that stops when its error happens to be small understates it."""

SAMPLED = "method.control_variates=off"
"""For what only a run does that has to relax first."""

BY_COLLISIONS = (*NO_TARGETS, "sim.stop.wall_time=null")
"""Nothing but the number of real collisions ends the run."""


def configured(*overrides: str) -> Config:
    """The configuration that the program makes of these overrides."""
    if any("file" in each or "lxcat" in each for each in overrides):
        return checked(composed(overrides))
    return deepcopy(_of_no_file(overrides))


@cache
def _of_no_file(overrides: tuple[str, ...]) -> Config:
    """The configuration that overrides alone make: Hydra takes longer for it than most tests."""
    return checked(composed(overrides))
