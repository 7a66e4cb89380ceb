"""Every setting with what it means, taken from the dataclasses: for help, documents and schemas."""

from __future__ import annotations

import inspect
import re
import types
import typing
from collections.abc import Iterator
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass

from omegaconf import DictConfig, OmegaConf

from swarmhydra.config.evdf_schema import EvdfConfig
from swarmhydra.config.gas_schema import (
    AngularTableConfig,
    ComponentConfig,
    GasConfig,
    LevelConfig,
    ProcessConfig,
)
from swarmhydra.config.schema import (
    AccelConfig,
    Config,
    MethodConfig,
    SimConfig,
)
from swarmhydra.config.stop_schema import RelErrorConfig, StopConfig
from swarmhydra.config.waveform_schema import WaveformConfig

GROUPS: dict[str, type] = {
    "": Config,
    "sim": SimConfig,
    "sim.stop": StopConfig,
    "sim.stop.rel_error": RelErrorConfig,
    "sim.evdf": EvdfConfig,
    "sim.waveform": WaveformConfig,
    "method": MethodConfig,
    "accel": AccelConfig,
    "gas": GasConfig,
    "gas.levels.LEVEL": LevelConfig,
    "gas.components.NAME": ComponentConfig,
    "gas.components.NAME.processes[N]": ProcessConfig,
    "gas.components.NAME.processes[N].angular_table": AngularTableConfig,
}
"""The tables of settings, and the dataclass of each."""


@dataclass(frozen=True)
class Setting:
    """One setting.

    Attributes
    ----------
    group : str
        The table that it stands in, one of `GROUPS`.
    schema : type
        The dataclass of that table.
    entry : Field
        Its field there.
    """

    group: str
    schema: type
    entry: Field[typing.Any]

    @property
    def key(self) -> str:
        """The dotted key."""
        return f"{self.group}.{self.entry.name}".removeprefix(".")

    @property
    def meaning(self) -> str:
        """What the docstring of the dataclass says of it, in one line."""
        return meanings(self.schema).get(self.entry.name, summary(self.schema))

    def default(self, cfg: DictConfig) -> str:
        """Its default as a user types it.

        Parameters
        ----------
        cfg : DictConfig
            What the option files give; of the gas, where every option has values of its own, the
            default is that of the dataclass.
        """
        factory = self.entry.default_factory
        value = self.entry.default if factory is MISSING else factory()
        if not self.key.startswith("gas."):
            value = OmegaConf.select(cfg, self.key)
        return typed_value(value)


def all_settings() -> Iterator[Setting]:
    """Every setting that has a value, table by table."""
    for group, schema in GROUPS.items():
        for entry in fields(schema):
            if not is_dataclass(kind_of(schema, entry.name)):
                yield Setting(group, schema, entry)


def typed_value(value: object) -> str:
    """A value as a user types it; a dash for one that has to be given."""
    if value is None:
        return "null"
    if value is MISSING or value == "???":
        return "–"
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(getattr(value, "name", value))


def kind_of(schema: type, name: str) -> object:
    """The type of a field, without None."""
    kind = typing.get_type_hints(schema)[name]
    if isinstance(kind, types.UnionType):
        return next(part for part in typing.get_args(kind) if part is not type(None))
    return kind


def meanings(schema: type) -> dict[str, str]:
    """What the docstring of a dataclass says of each field (numpydoc, section Attributes)."""
    text = inspect.cleandoc(schema.__doc__ or "").partition("Attributes\n----------\n")[2]
    texts: dict[str, str] = {}
    names: list[str] = []
    for line in text.splitlines():
        if line and not line.startswith(" "):
            names = [name.strip() for name in line.partition(" : ")[0].split(",")]
        elif line:
            for name in names:
                texts[name] = f"{texts.get(name, '')} {line.strip()}".strip()
    return {name: _in_words_of_users(words) for name, words in texts.items()}


def summary(schema: type) -> str:
    """The first line of a docstring."""
    return _in_words_of_users((schema.__doc__ or "").strip().splitlines()[0])


def _in_words_of_users(text: str) -> str:
    """A text of a docstring for those who type settings: null instead of None."""
    return re.sub(r"\bNone\b", "null", text.replace("``", "`"))
