"""What a user may set: the dataclasses, the range of every number, and one gate, `typed`."""

from __future__ import annotations

import hashlib
import math
import types
import typing
from collections.abc import Sequence
from dataclasses import Field, dataclass, field, fields, is_dataclass
from difflib import get_close_matches
from enum import Enum
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

from omegaconf import MISSING, DictConfig, OmegaConf
from omegaconf.errors import (
    ConfigAttributeError,
    ConfigKeyError,
    KeyValidationError,
    MissingMandatoryValue,
    OmegaConfBaseException,
    ValidationError,
)

ANGULAR_MODELS = (
    "isotropic",
    "forward",
    "vahedi_surendra",
    "okhrimovskyy",
    "coulomb_screened",
    "born_dipole",
    "table",
)
EXTRAPOLATIONS = ("hold", "log_slope", "error")
SHARING_RULES = ("equal", "fraction", "uniform", "one_takes_all", "opal")
PROCESS_KINDS = ("ELASTIC", "EXCITATION", "ROTATION", "IONIZATION", "ATTACHMENT")
FRACTION_TOLERANCE = 1e-9
MAX_ELECTRONS_PER_SUB_SWARM = 1024
MODELS_WITH_A_PARAMETER = ("okhrimovskyy", "coulomb_screened")
"""Of `ANGULAR_MODELS`."""

NOT_IN_FINGERPRINT = ("output", "resume", "accel.threads", "sim.checkpoint_every")


class ConfigError(ValueError):
    """A setting that cannot be used; one line that names the key, the value, what is allowed."""


class Backend(Enum):
    """The implementation of the kernels."""

    numpy = "numpy"
    jit = "jit"


@dataclass(frozen=True)
class Allowed:
    """The values a field accepts: bounds for numbers, also those in a list, or choices for text."""

    low: float = -math.inf
    high: float = math.inf
    low_excluded: bool = False
    high_excluded: bool = False
    unit: str = ""
    choices: tuple[str, ...] = ()

    def accepts(self, value: float | str) -> bool:
        """Whether the value, a number or a text, is one of those allowed; NaN and inf never are."""
        if isinstance(value, str):
            return not self.choices or value in self.choices
        if not math.isfinite(value):
            return False
        above = value > self.low if self.low_excluded else value >= self.low
        below = value < self.high if self.high_excluded else value <= self.high
        return above and below

    def __str__(self) -> str:
        """Bounds, unit and choices as the end of a sentence that starts with the type."""
        low = f"{'above' if self.low_excluded else 'at least'} {_number(self.low)}"
        high = f"{'below' if self.high_excluded else 'at most'} {_number(self.high)}"
        parts = [f"one of {', '.join(self.choices)}"] if self.choices else []
        parts += [low] if self.low > -math.inf else []
        parts += [high] if self.high < math.inf else []
        return " and ".join(parts) + (f" ({self.unit})" if self.unit else "")


def _number(value: float) -> str:
    """A bound as a person writes it, without losing a digit."""
    short = f"{value:g}"
    # Compared as exact numbers: 2**63 - 1 is not 9.22337e18.
    text = short if math.isfinite(value) and Fraction(short) == value else str(value)
    return text.replace("e+0", "e").replace("e+", "e")


def _bounded(
    default: Any,
    low: float = -math.inf,
    high: float = math.inf,
    unit: str = "",
    *,
    low_excluded: bool = False,
    high_excluded: bool = False,
) -> Any:
    """A dataclass field that carries its range; a class as default is called for each instance."""
    allowed = Allowed(low, high, low_excluded, high_excluded, unit)
    if isinstance(default, type):
        return field(default_factory=default, metadata={"allowed": allowed})
    return field(default=default, metadata={"allowed": allowed})


def _choice(default: str | None, choices: tuple[str, ...]) -> Any:
    """A dataclass field for one of some words."""
    return field(default=default, metadata={"allowed": Allowed(choices=choices)})


def _target() -> Any:
    """A dataclass field for a relative error, or None."""
    return _bounded(None, 0.0, 1.0, low_excluded=True, high_excluded=True)


@dataclass
class AccelConfig:
    """How the work is done; physics and random numbers do not depend on it.

    Attributes
    ----------
    name : str
        Name of the option file.
    backend : Backend
        ``numpy`` or ``jit``.
    threads : int or None
        Threads of the ``jit`` backend; None uses every core the job may use.
    max_coll_lut, max_coll_lut_size : bool, int
        Bound the collision frequency per speed band, and the number of bands.
    collision_lut, collision_lut_size : bool, int
        Look the collision frequencies up in a table uniform in speed, and its number of nodes.
    velocity_lut, scatter_lut : bool
        Look up speeds and scattering angles instead of computing them.
    """

    name: str = "numpy"
    backend: Backend = Backend.numpy
    threads: int | None = _bounded(None, 1, 1024)
    max_coll_lut: bool = True
    max_coll_lut_size: int = _bounded(256, 2, 65536)
    collision_lut: bool = False
    collision_lut_size: int = _bounded(8192, 256, 1048576)
    velocity_lut: bool = False
    scatter_lut: bool = False


@dataclass
class AngularTableConfig:
    """A differential cross section, for any unit: only its shape counts.

    Attributes
    ----------
    energies : list of float, shape (n,)
        Strictly ascending (eV).
    angles : list of float, shape (k,)
        Scattering angles, strictly ascending from 0 to 180 (degrees).
    values : list of list of float, shape (n, k)
        Differential cross section per solid angle at each energy and angle.
    """

    energies: list[float] = _bounded(list, 0.0, unit="eV")
    angles: list[float] = _bounded(list, 0.0, 180.0, "degrees")
    values: list[list[float]] = _bounded(list, 0.0)


@dataclass
class ProcessConfig:
    """One collision process typed as a table.

    Attributes
    ----------
    kind : str
        One of `PROCESS_KINDS`.
    name : str
        Name of the process in the result.
    threshold : float
        Energy loss of the electron (eV).
    energies : list of float, shape (n,)
        Strictly ascending energies of the table (eV).
    cross_sections : list of float, shape (n,)
        Cross section at each energy (m2).
    momentum_transfer : bool or None
        Whether the cross section is that of momentum transfer, not the integral one; None takes
        true for ELASTIC and false for the other kinds.
    angular_model, angular_parameter : str or None, float or None
        Angular model, one of `ANGULAR_MODELS`, and its parameter; None for those of `sim`, of which
        the parameter is taken only together with the model.
    angular_table : AngularTableConfig or None
        The differential cross section, for the model ``table``.
    sharing_width : float or None
        Width of the energies of freed electrons (eV), for `sim.ionization_sharing=opal`.
    statistical_weight_ratio : float or None
        Statistical weight of the upper level over that of the lower one; with it, electrons also
        gain energy in superelastic collisions.
    """

    kind: str = field(default=MISSING, metadata={"allowed": Allowed(choices=PROCESS_KINDS)})
    name: str = MISSING
    threshold: float = _bounded(0.0, 0.0, unit="eV")
    energies: list[float] = _bounded(list, 0.0, unit="eV")
    cross_sections: list[float] = _bounded(list, 0.0, unit="m2")
    momentum_transfer: bool | None = None
    angular_model: str | None = _choice(None, ANGULAR_MODELS)
    angular_parameter: float | None = _bounded(None)
    angular_table: AngularTableConfig | None = None
    sharing_width: float | None = _bounded(None, 0.0, 1e4, "eV", low_excluded=True)
    statistical_weight_ratio: float | None = _bounded(None, 0.0, 1e6, low_excluded=True)


@dataclass
class ComponentConfig:
    """One species of the gas: a published set, tables from files, or typed tables.

    A component with a `formula` is a published set, one with `processes` and a `mass` is typed; any
    other is read from its `file`, or from the files of the gas.

    Attributes
    ----------
    fraction : float
        Share of the gas by number.
    file : str or None
        File with its cross sections, in the format of LXCat or as CSV; None for `gas.files`. Seen
        from the folder of the option file that names it, or from the working folder if it is named
        on the command line.
    species : str or None
        What the file calls it; None for the name of the component.
    database : str or None
        Database of the file to take it from, where there are several.
    formula : str or None
        Name of a published set.
    parameters : dict of str to float
        Parameters of the formula, over those of the gas.
    elastic_is_integral : bool or None
        Whether ELASTIC tables of its file are integral cross sections, not of momentum transfer;
        None for what the gas says.
    mass : float or None
        Mass of the molecule (u); needed with `processes`, and prevails over that of a file.
    processes : list of ProcessConfig
        The tables.
    extra_processes : list of ProcessConfig
        Processes whose rate is wanted but which the electrons do not notice.
    """

    fraction: float = _bounded(1.0, 0.0, 1.0)
    file: str | None = None
    species: str | None = None
    database: str | None = None
    formula: str | None = None
    parameters: dict[str, float] = field(default_factory=dict)
    elastic_is_integral: bool | None = None
    mass: float | None = _bounded(None, 0.0, 1e4, "u", low_excluded=True)
    processes: list[ProcessConfig] = field(default_factory=list)
    extra_processes: list[ProcessConfig] = field(default_factory=list)


@dataclass
class GasConfig:
    """What the electrons collide with.

    Attributes
    ----------
    name : str
        Name of the gas in the result.
    citation : str
        Where the cross sections were published.
    energy_max : float
        Top of the cross-section tables (eV); above it collision frequencies are held, and the
        result says how many flights ended there.
    extrapolation : str
        From where a table ends up to `energy_max`: ``hold`` its last value, go on with its
        ``log_slope``, or end the run with an ``error`` when an electron gets there.
    elastic_is_integral : bool
        Whether ELASTIC tables of files are integral cross sections, not of momentum transfer.
    parameters : dict of str to float
        Parameters for the formulas of all components.
    files : list of str
        Files with cross sections, in the format of LXCat or as CSV, for the components that name
        none; paths as in `ComponentConfig`.
    species, fractions : list of str, list of float
        Without components: what to take from the files, and its shares. No species takes the only
        one that the files hold.
    components : dict of str to ComponentConfig
        The species by name; their fractions sum to 1.
    """

    name: str = MISSING
    citation: str = ""
    energy_max: float = _bounded(1000.0, 1e-3, 1e7, "eV")
    extrapolation: str = _choice("hold", EXTRAPOLATIONS)
    elastic_is_integral: bool = False
    parameters: dict[str, float] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)
    species: list[str] = field(default_factory=list)
    fractions: list[float] = _bounded(list, 0.0, 1.0)
    components: dict[str, ComponentConfig] = field(default_factory=dict)


@dataclass
class RelErrorConfig:
    """Relative standard errors at which the run may stop; None leaves a coefficient out."""

    mean_energy: float | None = _target()
    drift_velocity_flux: float | None = _target()
    drift_velocity_bulk: float | None = _target()
    diffusion_flux: float | None = _target()
    diffusion_bulk: float | None = _target()
    rates: float | None = _target()


@dataclass
class StopConfig:
    """When the run ends: at the first limit, or when all targets of `rel_error` are met.

    Attributes
    ----------
    rel_error : RelErrorConfig
        The targets.
    real_collisions : float or None
        Limit on the collisions, null collisions not counted.
    simulated_time : float or None
        Limit on the time of the swarm (s).
    wall_time : float or None
        Limit on the time of the computation (s).
    """

    rel_error: RelErrorConfig = field(default_factory=RelErrorConfig)
    real_collisions: float | None = _bounded(None, 0.0, low_excluded=True)
    simulated_time: float | None = _bounded(None, 0.0, unit="s", low_excluded=True)
    wall_time: float | None = _bounded(None, 0.0, unit="s", low_excluded=True)


@dataclass
class SimConfig:
    """The conditions of the swarm and how it is measured.

    Attributes
    ----------
    en : float
        Reduced electric field E/N (Td); the amplitude of an alternating one.
    bn, eb_angle : float
        Reduced magnetic field B/N (Hx) and the angle between E and B (degrees).
    frequency : float
        Of the electric field, E cos(2 pi frequency t) (Hz); 0 for a steady one.
    phases : int
        Parts of the period in which results in an alternating field are resolved.
    temperature, pressure : float
        State of the gas (K, Pa).
    thermal : str
        Whether the gas moves: ``true``, ``false``, or ``auto`` for only where it matters.
    vibrational_temperature, rotational_temperature : float or None
        Populations of the levels of EXCITATION and ROTATION processes that have superelastic
        partners (K); None takes that of the gas.
    angular_model, angular_parameter : str, float or None
        Of all processes that have none of their own; see `ANGULAR_MODELS`. An elastic process
        stays isotropic under ``born_dipole``, which needs an energy loss.
    blend_low, blend_high : float
        Up to the first energy scattering is isotropic, from the second one on it follows the
        model, in between as a mixture (eV).
    ionization_sharing : str
        How the energy left after an ionization is shared; see `SHARING_RULES`.
    sharing_fraction : float
        Share of the freed electron, for ``fraction``.
    opal_width, opal_exponent : float or None, float
        Of the energies e of the slower electrons, 1 / (1 + (e / width)^exponent), for ``opal``;
        None takes the width (eV) of each process.
    ionization_directions : str
        ``model``: both electrons leave by the angular model; ``momentum``: at right angles.
    electrons : int
        Electrons followed at a time, over all sub-swarms.
    sub_swarms : int or None
        Independent sub-swarms; None takes what `sub_swarm_count` says.
    seed, run_label, replica : int, str, int
        What the random streams are made from.
    initial_energy : float
        Mean energy that the electrons start from (eV).
    initial_distribution : str
        ``maxwell``, ``fixed`` (all have `initial_energy`) or ``table``.
    initial_eedf_energies, initial_eedf : list of float, shape (n,)
        Points of the energy distribution function of a ``table``, linear in between (eV, 1/eV).
    initial_direction : list of float or None, shape (3,)
        Direction that all electrons start in (x, y, z), of any length; None for all directions.
    initial_spread : float
        Standard deviation of the places that they start from, along each axis (m).
    window : float or None
        Length of a measurement window (s); None derives it from the relaxation time.
    memory_windows : int or None
        Windows over which a displacement is remembered.
    max_ionization_growth_factor : float
        Growth of a sub-swarm within a window that population control allows.
    relaxation_collisions : float
        Trials per electron after which an unrelaxed swarm is measured all the same, and marked.
    log_every_k : int
        Keep every k-th window in the time series.
    checkpoint_every : float or None
        Time between two checkpoints (s); None writes one only when the run is told to stop.
    profile_per_step : bool
        Time the four stages of every step; event counts are always kept.
    stop : StopConfig
        When the run ends.
    """

    en: float = _bounded(100.0, 0.0, 1e5, "Td")
    bn: float = _bounded(0.0, 0.0, 1e7, "Hx")
    eb_angle: float = _bounded(90.0, 0.0, 180.0, "degrees")
    frequency: float = _bounded(0.0, 0.0, 1e15, "Hz")
    phases: int = _bounded(32, 2, 4096)
    temperature: float = _bounded(300.0, 0.0, 1e5, "K")
    thermal: str = _choice("auto", ("true", "false", "auto"))
    vibrational_temperature: float | None = _bounded(None, 0.0, 1e5, "K", low_excluded=True)
    rotational_temperature: float | None = _bounded(None, 0.0, 1e5, "K", low_excluded=True)
    angular_model: str = _choice("isotropic", ANGULAR_MODELS[:-1])
    angular_parameter: float | None = _bounded(None)
    blend_low: float = _bounded(1.0, 0.0, 1e6, "eV")
    blend_high: float = _bounded(5.0, 0.0, 1e6, "eV")
    ionization_sharing: str = _choice("equal", SHARING_RULES)
    sharing_fraction: float = _bounded(0.5, 0.0, 1.0)
    opal_width: float | None = _bounded(None, 0.0, 1e4, "eV", low_excluded=True)
    opal_exponent: float = _bounded(2.0, 1.1, 10.0)
    ionization_directions: str = _choice("model", ("model", "momentum"))
    pressure: float = _bounded(101325.0, 0.0, 1e9, "Pa", low_excluded=True)
    electrons: int = _bounded(10_000, 16, 10**7)
    sub_swarms: int | None = _bounded(None, 4, 10**5)
    seed: int = _bounded(1, 0, 2**63 - 1)
    run_label: str = "run"
    replica: int = _bounded(0, 0, 2**63 - 1)
    initial_energy: float = _bounded(1.0, 0.0, 1e5, "eV")
    initial_distribution: str = _choice("maxwell", ("maxwell", "fixed", "table"))
    initial_eedf_energies: list[float] = _bounded(list, 0.0, 1e6, "eV")
    initial_eedf: list[float] = _bounded(list, 0.0, unit="1/eV")
    initial_direction: list[float] | None = _bounded(None)
    initial_spread: float = _bounded(0.0, 0.0, 1e6, "m")
    window: float | None = _bounded(None, 0.0, unit="s", low_excluded=True)
    memory_windows: int | None = _bounded(None, 2, 16)
    max_ionization_growth_factor: float = _bounded(2.0, 1.1, 4.0)
    relaxation_collisions: float = _bounded(1e6, 100.0)
    log_every_k: int = _bounded(1, 1)
    checkpoint_every: float | None = _bounded(600.0, 0.0, unit="s", low_excluded=True)
    profile_per_step: bool = False
    stop: StopConfig = field(default_factory=StopConfig)


@dataclass
class Config:
    """Everything a run needs.

    Attributes
    ----------
    accel, gas, sim : AccelConfig, GasConfig, SimConfig
        The groups.
    output : str
        Name of the result file, in the folder of the run.
    resume : bool
        Whether jobs that are finished already are left as they are, and the others looked for in
        all folders of the sweep.
    """

    accel: AccelConfig = field(default_factory=AccelConfig)
    gas: GasConfig = field(default_factory=GasConfig)
    sim: SimConfig = field(default_factory=SimConfig)
    output: str = "results.nc"
    resume: bool = False


def typed(cfg: DictConfig) -> Config:
    """The one gate: a composed configuration as checked dataclasses.

    Parameters
    ----------
    cfg : DictConfig
        A composed configuration, with or without a schema of its own.

    Returns
    -------
    Config
        Every value of the right type and in its range, and the rules between fields kept.

    Raises
    ------
    ConfigError
        Names, in one line, the first key at fault, its value and what is allowed.
    """
    try:
        # A struct accepts keys added with "+"; a merge into the bare schema refuses them.
        plain = OmegaConf.to_container(cfg, resolve=True, throw_on_missing=True)
        merged = OmegaConf.merge(OmegaConf.structured(Config), plain)
        config = OmegaConf.to_object(merged)
    except OmegaConfBaseException as error:
        value = OmegaConf.select(cfg, error.full_key or "", throw_on_resolution_failure=False)
        raise ConfigError(one_line(error, value)) from error
    assert isinstance(config, Config)
    # An option file that says true, without quotes, means the same word.
    config.sim.thermal = config.sim.thermal.lower()
    _check_ranges(config, "", Allowed())
    _check_gas(config.gas)
    _check_sim(config.sim)
    if not config.output.endswith(".nc") or set(config.output) & {"/", "\\"}:
        raise ConfigError(
            f"output={config.output!r}: allowed is a file name that ends in .nc, without a folder"
        )
    return config


def sub_swarm_count(sim: SimConfig) -> int:
    """The independent sub-swarms: `sim.sub_swarms`, or one per 1000 electrons but at least 16."""
    return sim.sub_swarms or max(16, math.ceil(sim.electrons / 1000))


def to_yaml(config: Config) -> str:
    """The configuration as one YAML text from which `from_yaml` makes it again, exactly."""
    return OmegaConf.to_yaml(OmegaConf.structured(config))


def fingerprint(config: Config) -> str:
    """What a configuration is recognised by: 32 hexadecimal digits.

    What the files of cross sections hold counts too. Settings of `NOT_IN_FINGERPRINT` do not change
    what a run finds, and do not count.
    """
    plain = OmegaConf.structured(config)
    for key in NOT_IN_FINGERPRINT:
        OmegaConf.update(plain, key, OmegaConf.select(OmegaConf.structured(Config), key))
    digest = hashlib.blake2b(OmegaConf.to_yaml(plain, sort_keys=True).encode(), digest_size=16)
    for path in _files_of(config.gas):
        digest.update(Path(path).read_bytes())
    return digest.hexdigest()


def _files_of(gas: GasConfig) -> list[str]:
    """The files that cross sections are read from, as far as they are there."""
    named = [*gas.files, *(each.file for each in gas.components.values() if each.file is not None)]
    return [path for path in named if Path(path).is_file()]


def from_yaml(text: str) -> Config:
    """The configuration written by `to_yaml`.

    Raises
    ------
    ConfigError
        If the text is no configuration, or one that `typed` refuses.
    """
    cfg = OmegaConf.create(text)
    if not isinstance(cfg, DictConfig):
        raise ConfigError(f"config: allowed is a table with the keys {', '.join(_keys_of(Config))}")
    return typed(cfg)


def one_line(error: OmegaConfBaseException, value: Any = None) -> str:
    """An error of OmegaConf as one line: the key, the value, what is allowed.

    Parameters
    ----------
    error : OmegaConfBaseException
        The error; it knows the key, and the value unless the key does not exist.
    value : optional
        The value given to a key that does not exist.
    """
    key = error.full_key or ""
    if isinstance(error, KeyValidationError):
        return f"{key}: the key {error.key!r} is not text; allowed is a name, in quotes"
    if isinstance(error, ConfigKeyError | ConfigAttributeError) and error.parent_node is not None:
        given = "" if value is None else f"={value}"
        end = nearest(str(error.key), [str(name) for name in error.parent_node])
        free = OmegaConf.get_type(error.parent_node) is dict
        table = key.removesuffix(f".{error.key}")
        adds = f" (+{table}={{{error.key}:...}} adds a key)" if free else ""
        return f"{key}{given}: no such key{end}{adds}"
    if isinstance(error, MissingMandatoryValue):
        return f"{key} is not set: allowed is {describe(key)}"
    if isinstance(error, ValidationError) and is_key(key):
        return f"{key}={_shown(error.value)}: allowed is {describe(key)}"
    message = str(error).partition("\n")[0]
    return f"{key}: {message}" if key else message


def is_key(key: str) -> bool:
    """Whether a dotted key is one of the schema."""
    return _field_at(key)[0] is not None


def describe(key: str) -> str:
    """What a dotted key accepts, such as "a number, at least 0 and at most 100000 (Td)"."""
    kind, allowed = _field_at(key)
    kind, optional = _without_none(kind)
    choices = f", {allowed}" if str(allowed) else ""
    return f"{_type_name(kind)}{choices}{', or null' if optional else ''}"


def _field_at(key: str) -> tuple[Any, Allowed]:
    """The type and the range at a dotted key; None as type where there is no such key."""
    names = key.replace("[", ".[").split(".")
    # OmegaConf names what stands in a list from the entry on; only processes stand in a list.
    kind: Any = Config if names[0] in _keys_of(Config) else ProcessConfig
    allowed = Allowed()
    for name in names:
        kind = _without_none(kind)[0]
        if is_dataclass(kind):
            named = {entry.name: _allowed(entry) for entry in fields(kind)}
            allowed = named.get(name, Allowed())
            kind = typing.get_type_hints(kind).get(name)
        else:
            kind = (typing.get_args(kind) or (None,))[-1]
    return kind, allowed


def _allowed(entry: Field[Any]) -> Allowed:
    """The values a field accepts."""
    allowed = entry.metadata.get("allowed", Allowed())
    assert isinstance(allowed, Allowed)
    return allowed


def _without_none(kind: Any) -> tuple[Any, bool]:
    """The type without its None, and whether it had one."""
    if isinstance(kind, types.UnionType):
        return next(part for part in typing.get_args(kind) if part is not type(None)), True
    return kind, False


def _type_name(kind: Any) -> str:
    """A type in a user's words."""
    plain = {float: "a number", int: "a whole number", bool: "true or false", str: "text"}
    if kind in plain:
        return plain[kind]
    if isinstance(kind, type) and issubclass(kind, Enum):
        return f"one of {', '.join(kind.__members__)}"
    if is_dataclass(kind):
        return f"a table with the keys {', '.join(_keys_of(kind))}"
    container = "a list" if typing.get_origin(kind) is list else "a table"
    return f"{container}, each entry {_type_name(typing.get_args(kind)[-1])}"


def _keys_of(schema: Any) -> list[str]:
    """The names of the fields of a dataclass."""
    return [entry.name for entry in fields(schema)]


def nearest(name: str, known: Sequence[str]) -> str:
    """The end of a message about an unknown name: the one that was meant, perhaps, and all."""
    near = get_close_matches(name, known, n=1)
    return f"{f', did you mean {near[0]}?' if near else ';'} allowed: {', '.join(known) or 'none'}"


def _shown(value: Any) -> str:
    """A value as a user types it."""
    if value is None:
        return "null"
    return _number(value) if isinstance(value, float) else str(value)


def _check_ranges(value: Any, key: str, allowed: Allowed) -> None:
    """Walk the whole configuration and refuse the first number or choice outside its range."""
    if is_dataclass(value):
        for entry in fields(value):
            name = f"{key}.{entry.name}" if key else entry.name
            _check_ranges(getattr(value, entry.name), name, _allowed(entry))
    elif isinstance(value, dict):
        for name, item in value.items():
            _check_ranges(item, f"{key}.{name}", allowed)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            _check_ranges(item, f"{key}[{index}]", allowed)
    elif isinstance(value, int | float | str) and not allowed.accepts(value):
        raise ConfigError(f"{key}={_shown(value)}: allowed is {describe(key)}")


def _check_gas(gas: GasConfig) -> None:
    """The rules between the fields of the gas."""
    if gas.components:
        _check_components(gas)
    else:
        _check_species(gas)


def _check_components(gas: GasConfig) -> None:
    """Components have fractions that sum to 1, and no second list of species beside them."""
    if gas.species or gas.fractions:
        raise ConfigError(
            f"gas.species={gas.species}, gas.fractions={gas.fractions} with gas.components: "
            "allowed are components, or species and fractions of files"
        )
    for name, component in gas.components.items():
        _check_component(f"gas.components.{name}", component, bool(gas.files))
    if gas.files and not any(_reads_files_of_gas(each) for each in gas.components.values()):
        raise ConfigError(
            f"gas.files={gas.files}: no component is read from them; allowed with gas=lxcat"
        )
    _check_sum(
        {f"gas.components.{name}.fraction": c.fraction for name, c in gas.components.items()}
    )


def _check_species(gas: GasConfig) -> None:
    """Without components a gas needs files; species and fractions go together."""
    if not gas.files:
        raise ConfigError(
            "gas.components={}: allowed is at least one component, or files in gas.files"
        )
    names, fractions = gas.species, gas.fractions
    if len(set(names)) != len(names) or "" in names:
        raise ConfigError(f"gas.species={names}: allowed are different names")
    if len(fractions) != len(names) and (fractions or len(names) > 1):
        raise ConfigError(
            f"gas.fractions={fractions} for gas.species={names}: allowed is one for each species"
        )
    if fractions:
        _check_sum({f"gas.fractions[{index}]": value for index, value in enumerate(fractions)})


def _check_sum(fractions: dict[str, float]) -> None:
    """Fractions sum to 1."""
    total = math.fsum(fractions.values())
    if abs(total - 1.0) > FRACTION_TOLERANCE:
        parts = ", ".join(f"{key}={value:g}" for key, value in fractions.items())
        raise ConfigError(f"{parts}: the sum is {total:.10g}, allowed are fractions that sum to 1")


def _reads_files_of_gas(component: ComponentConfig) -> bool:
    """Whether a component is read from the files of the gas."""
    return component.formula is None and not component.processes and component.file is None


def _check_component(key: str, component: ComponentConfig, files: bool) -> None:
    """A component has one source: a formula, tables with a mass, or a file."""
    sources = [component.formula is not None, bool(component.processes), component.file is not None]
    if sum(sources) != 1 and not (files and _reads_files_of_gas(component)):
        raise ConfigError(
            f"{key}.formula={_shown(component.formula)} with {len(component.processes)} "
            f"processes and file={_shown(component.file)}: allowed is either a formula or "
            "processes or a file"
        )
    if component.processes and component.mass is None:
        raise ConfigError(f"{key}.mass=null with processes: allowed is {describe(key + '.mass')}")
    if component.mass is not None and component.formula is not None:
        raise ConfigError(
            f"{key}.mass={component.mass:g} with formula={component.formula}: allowed is null, as "
            "the formula has its own"
        )
    if component.parameters and component.formula is None:
        raise ConfigError(f"{key}.parameters without formula: allowed are parameters of a formula")
    named = component.species or component.database
    if named and (component.formula is not None or component.processes):
        raise ConfigError(f"{key}: species or database={named}: allowed for a component of a file")
    for index, process in enumerate(component.processes):
        _check_table(f"{key}.processes[{index}]", process)
    for index, process in enumerate(component.extra_processes):
        _check_table(f"{key}.extra_processes[{index}]", process)


def _check_table(key: str, process: ProcessConfig) -> None:
    """A table has as many values as energies, at least one, and ascending energies."""
    energies, values = process.energies, process.cross_sections
    if len(energies) != len(values) or not energies:
        raise ConfigError(
            f"{key}.cross_sections has {len(values)} values for {len(energies)} energies: "
            "allowed is one value for each energy, and at least one energy"
        )
    for index in range(1, len(energies)):
        if energies[index] <= energies[index - 1]:
            raise ConfigError(
                f"{key}.energies[{index}]={energies[index]}: allowed is an energy above the one "
                f"before it, {energies[index - 1]} (eV)"
            )
    if process.statistical_weight_ratio is not None and not (
        process.kind in ("EXCITATION", "ROTATION") and process.threshold > 0.0
    ):
        raise ConfigError(
            f"{key}.statistical_weight_ratio={process.statistical_weight_ratio:g} of "
            f"{process.kind} with threshold={process.threshold:g}: allowed for EXCITATION and "
            "ROTATION with a threshold above 0"
        )
    if (process.angular_model == "table") != (process.angular_table is not None):
        raise ConfigError(
            f"{key}.angular_model={_shown(process.angular_model)} with angular_table "
            f"{'not ' if process.angular_table is None else ''}set: allowed is a table if and only "
            "if the model is table"
        )
    if process.angular_table is not None:
        _check_angular_table(f"{key}.angular_table", process.angular_table)


def _check_angular_table(key: str, table: AngularTableConfig) -> None:
    """A differential cross section covers all angles, and does not vanish at any energy."""
    ascending = all(a < b for values in (table.energies, table.angles) for a, b in pairwise(values))
    if not (ascending and table.energies and table.angles[:1] == [0.0] and table.angles[-1] == 180):
        raise ConfigError(
            f"{key}: allowed are strictly ascending energies, and angles from 0 to 180 (degrees)"
        )
    shaped = len(table.values) == len(table.energies)
    if not shaped or any(len(r) != len(table.angles) or not any(r) for r in table.values):
        raise ConfigError(
            f"{key}.values: allowed is a list for each of the {len(table.energies)} energies, with "
            f"a value, not all zero, for each of the {len(table.angles)} angles"
        )


def _check_start(sim: SimConfig) -> None:
    """The rules between what the electrons start from."""
    energies, values = sim.initial_eedf_energies, sim.initial_eedf
    ascending = all(low < high for low, high in pairwise(energies))
    sound = len(energies) == len(values) >= 2 and ascending and any(values)
    if sim.initial_distribution == "table" and not sound:
        raise ConfigError(
            f"sim.initial_eedf has {len(values)} values for {len(energies)} energies: allowed is "
            "one value, not all zero, for each of at least two ascending initial_eedf_energies"
        )
    direction = sim.initial_direction
    if direction is not None and not (len(direction) == 3 and any(direction)):
        raise ConfigError(
            f"sim.initial_direction={direction}: allowed are three numbers, not all zero, or null"
        )


def _check_sim(sim: SimConfig) -> None:
    """The rules between the fields of the simulation."""
    if sim.en == 0 and sim.temperature == 0:
        raise ConfigError("sim.en=0 with sim.temperature=0: allowed is a field or a temperature")
    if sim.en == 0 and sim.thermal == "false":
        raise ConfigError(
            "sim.en=0 with sim.thermal=false: allowed is a field, or a gas in motion (auto, true)"
        )
    if sim.angular_parameter is not None and sim.angular_model not in MODELS_WITH_A_PARAMETER:
        raise ConfigError(
            f"sim.angular_parameter={sim.angular_parameter:g} with sim.angular_model="
            f"{sim.angular_model}: allowed with {', '.join(MODELS_WITH_A_PARAMETER)}"
        )
    if sim.frequency > 0.0 and sim.en == 0.0:
        raise ConfigError("sim.frequency with sim.en=0: allowed is a field that alternates")
    if sim.blend_low > sim.blend_high:
        raise ConfigError(
            f"sim.blend_low={sim.blend_low:g}: allowed is at most sim.blend_high={sim.blend_high:g}"
        )
    _check_start(sim)
    count = sub_swarm_count(sim)
    if not count <= sim.electrons <= MAX_ELECTRONS_PER_SUB_SWARM * count:
        raise ConfigError(
            f"sim.sub_swarms={count} with sim.electrons={sim.electrons}: allowed is "
            f"1 to {MAX_ELECTRONS_PER_SUB_SWARM} electrons in each sub-swarm"
        )
    _check_stop(sim)


def _check_stop(sim: SimConfig) -> None:
    """Something can end the run."""
    limits = (sim.stop.real_collisions, sim.stop.simulated_time, sim.stop.wall_time)
    names = _keys_of(RelErrorConfig)
    if sim.en == 0.0 or sim.frequency > 0.0:
        # Without a steady field nothing drifts, and these errors would never be small.
        names = [name for name in names if not name.startswith("drift_velocity")]
    targets = [getattr(sim.stop.rel_error, name) for name in names]
    if all(value is None for value in (*limits, *targets)):
        raise ConfigError(
            "sim.stop has every entry null that could end this run: allowed is at least one of "
            f"{', '.join(_keys_of(StopConfig))} with a value (rel_error: {', '.join(names)})"
        )
