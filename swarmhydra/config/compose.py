"""From option files and overrides to a composed configuration."""

from __future__ import annotations

import contextlib
import re
import shlex
import threading
from collections.abc import Sequence
from dataclasses import field, fields, is_dataclass, make_dataclass
from pathlib import Path
from typing import Any, get_args, get_type_hints

from hydra import compose, initialize_config_dir
from hydra.conf import HydraConf
from hydra.core.config_store import ConfigStore
from hydra.core.global_hydra import GlobalHydra
from hydra.errors import HydraException, MissingConfigException, OverrideParseException
from omegaconf import DictConfig, OmegaConf, open_dict
from omegaconf.errors import OmegaConfBaseException, ValidationError
from yaml import YAMLError

from swarmhydra.config import large_options
from swarmhydra.config.downloads import advice
from swarmhydra.config.messages import is_key, nearest, one_line
from swarmhydra.config.option_files import config_dir
from swarmhydra.config.ranges import ConfigError
from swarmhydra.config.resolvers import refuse_resolvers
from swarmhydra.config.schema import Config

HYDRA_VERSION_BASE = "1.3"

# What Hydra raises for option files and overrides that do not fit together.
COMPOSITION_ERRORS = (HydraException, OmegaConfBaseException, YAMLError, OSError, ValueError)

_ONE_AT_A_TIME = threading.Lock()

# What installs the launchers that are no part of Hydra, by the first word of their names.
_EXTRA_OF_LAUNCHER = {"joblib": "sweep", "submitit": "slurm"}


class _Groups(dict[str, Any]):
    """Structured configs by group, of which a copy has its own groups but the same configs.

    Hydra copies the whole store to look into one group, which `--help` makes it do seventy times,
    and copies a config once more before it hands it out.
    """

    def __deepcopy__(self, memo: object) -> _Groups:
        return _Groups(_copied_groups(self))


def _copied_groups(groups: dict[str, Any]) -> dict[str, Any]:
    """The same configs in groups of their own."""
    return {
        name: _copied_groups(entry) if isinstance(entry, dict) else entry
        for name, entry in groups.items()
    }


ConfigStore.instance().repo = _Groups(ConfigStore.instance().repo)


def _with_whole_floats(schema: type) -> type:
    """A dataclass like this one, of which whole numbers may be written as 1e4.

    Hydra checks the types of values when it composes; `typed` turns those into whole numbers.
    """
    hints = get_type_hints(schema)
    members: list[tuple[str, Any, Any]] = []
    for entry in fields(schema):
        kind = hints[entry.name]
        if is_dataclass(kind) and isinstance(kind, type) and entry.name in _PARTS_WITH_NUMBERS:
            relaxed = _with_whole_floats(kind)
            members.append((entry.name, relaxed, field(default_factory=relaxed)))
        elif kind is int or (get_args(kind) and get_args(kind)[0] is int):
            members.append((entry.name, kind | float, entry))
    return make_dataclass(schema.__name__, members, bases=(schema,))


_PARTS_WITH_NUMBERS = ("sim", "method", "accel")
"""The groups that have whole numbers among their settings."""

large_options.install()

# The typed root: every option file, also a user's own, is merged into it and so checked.
ConfigStore.instance().store(name="schema", node=_with_whole_floats(Config))


class Refused(BaseException):
    """Bad input of a job or a callback; no `Exception`, because Hydra prints those itself."""


def composed(overrides: Sequence[str], own_config_dir: str | Path | None = None) -> DictConfig:
    """Compose a configuration outside a Hydra application, or inside another one.

    Parameters
    ----------
    overrides : sequence of str
        As on the command line: ``"gas=argon"``, ``"sim.en=50"``.
    own_config_dir : str or Path, optional
        A folder with more option files, such as ``gas/mine.yaml`` in it.

    Raises
    ------
    ConfigError
        Names, in one line, what cannot be composed and what is expected.
    """
    extra = []
    if own_config_dir is not None:
        folder = Path(own_config_dir).expanduser().resolve()
        if not folder.is_dir():
            raise ConfigError(f"config_dir={own_config_dir}: expected a folder that exists")
        quoted = str(folder).replace("\\", "\\\\").replace("'", "\\'")
        extra = [f"hydra.searchpath=['file://{quoted}']"]
    # Hydra knows one application in a process at a time: threads take turns, and the state of the
    # application that this is called from is put aside.
    with _ONE_AT_A_TIME:
        other = GlobalHydra.instance().hydra
        GlobalHydra.instance().clear()
        try:
            with initialize_config_dir(str(config_dir()), version_base=HYDRA_VERSION_BASE):
                cfg = compose("config", [*extra, *overrides], return_hydra_config=True)
                return located(cfg, cfg.hydra)
        except COMPOSITION_ERRORS as error:
            raise ConfigError(refusal(error, overrides)) from error
        finally:
            GlobalHydra.instance().hydra = other


def located(cfg: DictConfig, hydra: DictConfig | HydraConf) -> DictConfig:
    """The configuration without Hydra's own, and with absolute paths of the files it names.

    A path on the command line is seen from the working folder, one in an option file from the
    folder of that file.

    Parameters
    ----------
    cfg : DictConfig
        As composed.
    hydra : DictConfig or HydraConf
        Hydra's own part of it.
    """
    with open_dict(cfg):
        cfg.pop("hydra", None)
    refuse_resolvers(cfg.gas, "gas")
    set_keys = {entry.lstrip("+~").partition("=")[0] for entry in hydra.overrides.task}
    option_folders = {group: _option_folder(hydra, group) for group in ("gas", "sim")}
    for key in file_keys(cfg):
        parts = key.replace("[", ".").split(".")
        typed_in = any(".".join(parts[:n]) in set_keys for n in range(2, len(parts) + 1))
        folder = Path(hydra.runtime.cwd) if typed_in else option_folders[parts[0]]
        path = Path(str(OmegaConf.select(cfg, key)))
        # A name may begin with a tilde that is nobody's home.
        with contextlib.suppress(RuntimeError):
            path = path.expanduser()
        OmegaConf.update(cfg, key, str((folder / path).resolve()))
    return cfg


def file_keys(cfg: DictConfig) -> list[str]:
    """The keys under which files of cross sections, and of a waveform, are named."""
    keys = [f"gas.files[{index}]" for index in range(len(cfg.gas.files))]
    components = cfg.gas.components or {}
    with_file = [name for name, each in components.items() if each and each.get("file") is not None]
    keys += [f"gas.components.{name}.file" for name in with_file]
    single = ("gas.level_file", "sim.waveform.file")
    return keys + [key for key in single if OmegaConf.select(cfg, key) is not None]


def _option_folder(hydra: DictConfig | HydraConf, group: str) -> Path:
    """The folder of the option file of a group; the working folder for one that is shipped."""
    # A configuration from a result has no options any more, and paths that are absolute.
    option = f"{group}/{hydra.runtime.choices.get(group)}.yaml"
    for source in hydra.runtime.config_sources:
        path = Path(source.path) / option
        if source.schema == "file" and source.path != str(config_dir()) and path.is_file():
            return path.parent
    return Path(hydra.runtime.cwd)


def refusal(error: Exception, overrides: Sequence[str]) -> str:
    """Why a configuration could not be composed, in one line.

    Parameters
    ----------
    error : Exception
        What Hydra raised, or a `ConfigError`.
    overrides : sequence of str
        The overrides that were given, to quote the one at fault.
    """
    if isinstance(error, MissingConfigException) and error.options and error.missing_cfg_file:
        group, _, option = error.missing_cfg_file.rpartition("/")
        how = advice(option) if group == "gas" else None
        if how is not None:
            return f"gas={option}: {how}"
        extra = (
            _EXTRA_OF_LAUNCHER.get(option.partition("_")[0]) if group == "hydra/launcher" else None
        )
        adds = f"; pip install -e '.[{extra}]' adds it" if extra else ""
        return f"{group}={option}: no such option{nearest(option, error.options)}{adds}"
    if isinstance(error.__cause__, OSError):
        # The log file, of which only the cause says what is wrong.
        error = error.__cause__
    if isinstance(error, OSError) and error.strerror:
        # A write to an open file, as on a full disk, does not name it.
        place = error.filename or "the folder of the run"
        return (
            f"cannot write to {place}: {error.strerror}; expected a folder for the "
            "results (hydra.run.dir, hydra.sweep.dir) that can be written"
        )
    if isinstance(error, OverrideParseException):
        reason = _flat(error.__cause__ or error)
        how = _quoted(error.override)
        return f"{error.override}: cannot be read ({reason}); expected {how or 'key=value'}"
    cause = error.__cause__ or error.__context__
    if not isinstance(cause, OmegaConfBaseException):
        return _flat(error)
    in_schema = is_key(cause.full_key or "") or _about_hydra(cause)
    if isinstance(cause, ValidationError) and not in_schema:
        return f"{_flat(error)}; expected a whole component: +gas.components={{name:{{...}}}}"
    if not cause.full_key:
        return _flat(error)
    return _context(error, cause, overrides) + one_line(cause, _given(cause, overrides))


def _quoted(override: str) -> str | None:
    """How to write an override whose value needs quotes, for Hydra and for the shell."""
    key, _, value = override.partition("=")
    is_list = value[:1] == "["
    if not key.lstrip("+~").startswith("gas.") or not value:
        return None
    if is_list != value.endswith("]"):
        # The shell has parted it at a blank.
        return f"'{key}=[\"a name.txt\"]', in quotes" if is_list else None
    words = [word.strip().strip("'\"") for word in (value[1:-1].split(",") if is_list else [value])]
    quoted = ",".join(_in_quotes(word) for word in words)
    return shlex.quote(f"{key}=[{quoted}]" if is_list else f"{key}={quoted}")


def _in_quotes(word: str) -> str:
    """A word for Hydra, in the quotes that are not in it."""
    mark = "'" if '"' in word else '"'
    return mark + word.replace("\\", "\\\\") + mark


def _flat(error: BaseException) -> str:
    """The message of an error with its lines joined, without where to read more."""
    lines = [line.strip().removesuffix(".") for line in str(error).splitlines()]
    return "; ".join(line for line in lines if line and not line.startswith("See http"))


def _context(error: Exception, cause: OmegaConfBaseException, overrides: Sequence[str]) -> str:
    """The option file, or the longer override, in which the key at fault stands."""
    file = re.match(r"In '.*?': ", str(error))
    longer = [entry for entry in overrides if entry.lstrip("+~").startswith(f"{cause.full_key}.")]
    return file.group() if file else "".join(f"{entry}: " for entry in longer[:1])


def _given(cause: OmegaConfBaseException, overrides: Sequence[str]) -> str | None:
    """The value that an override gave to the key at fault."""
    pairs = [entry.lstrip("+~").partition("=") for entry in overrides]
    return next((value for key, _, value in pairs if key == cause.full_key), None)


def _about_hydra(error: OmegaConfBaseException) -> bool:
    """Whether the key is one of Hydra's own, which are not in the schema."""
    return (error.full_key or "").partition(".")[0] == "hydra"
