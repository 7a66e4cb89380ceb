"""What `--help` prints: commands, groups, and every setting with its value, unit and meaning."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Iterator, Mapping

from omegaconf import DictConfig, OmegaConf

from swarmhydra.config.option_files import options
from swarmhydra.config.settings import GROUPS, Setting, all_settings, summary, typed_value

NARROWEST, WIDEST = 60, 120
INDENT = " " * 6

_USAGE = """\
swarmhydra follows an electron swarm through a gas in uniform fields, or solves the Boltzmann
equation for it, and writes its transport coefficients, with errors, to results.nc.

Usage: {program} [group=option ...] [key=value ...]      one run
       {program} -m sim.en=10,50,100                     a sweep: a job for each value
       {program} -m 'sim.en=logspace(1,1000,15)'         15 values, equally spaced in the logarithm
       {program} COMMAND ...                             COMMAND --help says more"""

_FOOTER = """\
Own option files (conf/gas/mine.yaml): --config-dir conf gas=mine
Folder of the results: hydra.run.dir=FOLDER, of a sweep hydra.sweep.dir=FOLDER
The composed configuration without a run: --cfg job.  More flags: --hydra-help
Shell completion (bash; zsh, fish alike): eval "$(swarmhydra -sc install=bash)"
"""


def help_page(cfg: DictConfig, commands: Mapping[str, str], program: str) -> str:
    """The whole page.

    Parameters
    ----------
    cfg : DictConfig
        The configuration of which the values are shown.
    commands : mapping of str to str
        What each command does, in a line.
    program : str
        What the program is called with.
    """
    columns = shutil.get_terminal_size().columns - 1
    width = min(max(columns, NARROWEST), WIDEST)
    longest = max(map(len, commands))
    lines = [_USAGE.format(program=program), "", "== Commands ==", ""]
    lines += [f"{name.ljust(longest)}  {words}" for name, words in commands.items()]
    lines += ["", "== Groups: choose one option each, group=option ==", ""]
    lines += [f"{group}: {', '.join(names)}" for group, names in options().items()]
    lines += ["", "== Settings: change any with key=value, such as sim.en=50 ==", ""]
    lines += _settings(cfg, width)
    return "\n".join([*lines, _FOOTER])


def _settings(cfg: DictConfig, width: int) -> Iterator[str]:
    """A line for each key and its value, and its meaning below it."""
    group = None
    for setting in all_settings():
        if setting.group != group:
            group = setting.group
            yield f"# {group or 'The run'}: {summary(GROUPS[group])}"
        yield f"  {setting.key}={_value(setting, cfg)}"
        yield from textwrap.wrap(
            setting.meaning, width, initial_indent=INDENT, subsequent_indent=INDENT
        )


def _value(setting: Setting, cfg: DictConfig) -> str:
    """The value of a setting; of a component, which has to be added first, its default."""
    if any(part.isupper() or part.endswith("[N]") for part in setting.key.split(".")):
        return setting.default(cfg)
    value = OmegaConf.select(cfg, setting.key)
    if setting.key == "gas.components":
        return "{" + ", ".join(value) + "}"
    return typed_value(value)
