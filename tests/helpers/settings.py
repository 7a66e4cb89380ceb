"""Settings of runs, and the fastest backend that is installed: the tests run without numba too."""

from copy import deepcopy
from dataclasses import fields
from functools import cache
from importlib.util import find_spec

from hydra._internal.config_loader_impl import ConfigLoaderImpl
from hydra.core.override_parser.overrides_parser import OverridesParser
from omegaconf import DictConfig

from swarmhydra.config import Config, ConfigError, RelErrorConfig
from swarmhydra.config.compose import COMPOSITION_ERRORS, composed, refusal
from swarmhydra.config.large_options import nothing_set_aside
from swarmhydra.config.resolvers import refuse_resolvers
from swarmhydra.run.checked import checked

COMPILED = find_spec("numba") is not None

FASTEST_ACCEL = "jit" if COMPILED else "numpy"
"""In NumPy a run takes up to ten times as long."""

ROUGH = ("method.grid=48", "method.terms=4")
"""A rough solution gives control variates that leave more noise, in a quarter of the time."""

FASTEST = (f"accel={FASTEST_ACCEL}", "accel.threads=1", *ROUGH)
"""The tests run side by side: a second thread of each would wait for the others."""

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
    """The configuration that overrides alone make: Hydra takes longer for it than most tests.

    Most of that time goes into the options, of which there are few; settings are put on top of them
    as Hydra does it.
    """
    options = tuple(each for each in overrides if each.partition("=")[0] in _GROUPS)
    if any(each.startswith(("~", "+sim", "+accel", "hydra")) for each in overrides):
        return checked(composed(overrides))
    settings = [each for each in overrides if each not in options]
    cfg = deepcopy(_of_options(options))
    try:
        parsed = OverridesParser.create().parse_overrides(settings)
        ConfigLoaderImpl._apply_overrides_to_config(parsed, cfg)
    except COMPOSITION_ERRORS as error:
        raise ConfigError(refusal(error, overrides)) from error
    refuse_resolvers(cfg.gas, "gas")
    return checked(cfg)


_GROUPS = ("gas", "sim", "accel", "method")
"""What is chosen among option files."""


@cache
def _of_options(options: tuple[str, ...]) -> DictConfig:
    """The configuration of options without a setting, as a whole."""
    with nothing_set_aside():
        return composed(options)
