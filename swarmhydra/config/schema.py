"""The dataclasses of the settings, with the range of every number."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import Enum
from fractions import Fraction
from typing import Any

from omegaconf import MISSING

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
ELASTIC_CHOICES = ("momentum_transfer", "integral")
THREE_BODY_UNITS = ("m5", "m2cm3", "cm5")
VIBRATIONAL_DISTRIBUTIONS = ("boltzmann", "treanor")
FRACTION_TOLERANCE = 1e-9
NORMALISED_TOLERANCE = 0.01
"""Deviation of a sum of fractions from 1, or from 100 percent, that `GasConfig.normalise` mends."""

MAX_ELECTRONS_PER_SUB_SWARM = 1024
MODELS_WITH_A_PARAMETER = ("okhrimovskyy", "coulomb_screened")
"""Of `ANGULAR_MODELS`."""


class ConfigError(ValueError):
    """A setting that cannot be used; one line that names the key, the value, what is expected."""


class Backend(Enum):
    """The implementation of the kernels."""

    numpy = "numpy"
    jit = "jit"


class Method(Enum):
    """How the swarm is solved for."""

    monte_carlo = "monte_carlo"
    boltzmann = "boltzmann"


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
        low = f"{'above' if self.low_excluded else 'at least'} {number(self.low)}"
        high = f"{'below' if self.high_excluded else 'at most'} {number(self.high)}"
        parts = [f"one of {', '.join(self.choices)}"] if self.choices else []
        parts += [low] if self.low > -math.inf else []
        parts += [high] if self.high < math.inf else []
        return " and ".join(parts) + (f" ({self.unit})" if self.unit else "")


def number(value: float) -> str:
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
class MethodConfig:
    """How the swarm is solved for: by following electrons, or by the Boltzmann equation.

    Attributes
    ----------
    name : str
        Name of the option file.
    kind : Method
        ``monte_carlo`` or ``boltzmann``.
    terms : int or None
        Legendre terms of the velocity distribution; 2 is the two-term approximation. None takes as
        many as `tolerance` asks for.
    tolerance : float
        Relative numerical error of energy, drift and rates at which grid and terms are fine
        enough; diffusion and the steady-state Townsend coefficient may have three times as much.
    grid : int or None
        Cells of the grid in speed; None takes as many as `tolerance` asks for.
    """

    name: str = "monte_carlo"
    kind: Method = Method.monte_carlo
    terms: int | None = _bounded(None, 2, 32)
    tolerance: float = _bounded(1e-4, 1e-7, 0.1)
    grid: int | None = _bounded(None, 20, 20_000)


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
    lower, upper : str
        Levels before and after the collision, such as ``v=1`` and ``J=2``; empty for the ground
        state, or where the process goes from all levels of the species.
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
    lower: str = ""
    upper: str = ""


@dataclass
class LevelConfig:
    """A level of a molecule; None where it follows from the transitions to it.

    Attributes
    ----------
    energy : float or None
        Above the ground state (eV).
    weight : float or None
        Statistical weight; that of the ground state is 1 unless it is given too.
    population : float or None
        Relative to those of the other levels of the same kind (rotational or not) that are given
        one; those without are empty. None for all takes the temperature.
    """

    energy: float | None = _bounded(None, 0.0, 1e4, "eV")
    weight: float | None = _bounded(None, 0.0, 1e9)
    population: float | None = _bounded(None, 0.0)


@dataclass
class ComponentConfig:
    """One species of the gas: a published set, tables from files, or typed tables.

    A component with a `formula` is a published set, one with `processes` and a `mass` is typed; any
    other is read from its `file`, or from the files of the gas.

    Attributes
    ----------
    fraction : float
        Share of the gas by number; or in percent, with `gas.normalise`.
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

    fraction: float = _bounded(1.0, 0.0, 100.0)
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
    database : str or None
        Database of the files to take, where they hold several; None takes all.
    include, exclude : list of str
        Patterns on the names of processes, with ``*`` and ``?``: only those of the first list that
        are not in the second are taken. An elastic process needs no mention in `include`.
    elastic : str or None
        Which of several ELASTIC processes of a species to take, by what the file says of each:
        ``momentum_transfer`` or ``integral``.
    outside_complete_set : bool
        Whether processes are taken that their file says are not part of the complete set.
    three_body_unit : str or None
        Unit of the cross sections of three-body attachment, where the file does not tell: ``m5``
        and ``cm5`` per density of the third body, ``m2cm3`` for m2 per density in 1/cm3.
    normalise : bool
        Whether fractions, or percent, that sum to 1 or 100 within 1 % are scaled to do so exactly.
    levels : dict of str to LevelConfig
        What is known about levels such as ``N2(v=1)``, beyond the transitions between them.
    level_file : str or None
        The same as a table with the columns level, energy_eV, weight and population; `levels`
        prevail.
    vibrational_distribution : str
        ``boltzmann`` or ``treanor``; the latter is Boltzmann's for levels of equal distance.
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
    fractions: list[float] = _bounded(list, 0.0, 100.0)
    database: str | None = None
    include: list[str] = field(default_factory=list)
    exclude: list[str] = field(default_factory=list)
    elastic: str | None = _choice(None, ELASTIC_CHOICES)
    outside_complete_set: bool = False
    three_body_unit: str | None = _choice(None, THREE_BODY_UNITS)
    normalise: bool = False
    levels: dict[str, LevelConfig] = field(default_factory=dict)
    level_file: str | None = None
    vibrational_distribution: str = _choice("boltzmann", VIBRATIONAL_DISTRIBUTIONS)
    components: dict[str, ComponentConfig] = field(default_factory=dict)


@dataclass
class RelErrorConfig:
    """Relative standard errors at which the run may stop; None leaves a coefficient out.

    Attributes
    ----------
    mean_energy : float or None
        Of the mean energy.
    drift_velocity_flux, drift_velocity_bulk : float or None
        Of the drift velocity; left out without a steady field.
    diffusion_flux, diffusion_bulk : float or None
        Of longitudinal and transverse diffusion, both.
    rates : float or None
        Of the rate coefficients of all processes; one that never happens has none.
    """

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
        Limit on the collisions of the measurement, null collisions not counted.
    simulated_time : float or None
        Limit on the time of the swarm in the measurement (s).
    wall_time : float or None
        Limit on the time of the computation, from the start of the run (s).
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
    electronic_temperature : float or None
        That of levels of EXCITATION processes without a vibrational number, such as ``Ar*`` (K);
        None takes `vibrational_temperature`.
    angular_model, angular_parameter : str, float or None
        Of all processes that have none of their own; "What is computed" has the formulas. An
        elastic process stays isotropic under ``born_dipole``, which needs an energy loss.
    blend_low, blend_high : float
        Up to the first energy scattering is isotropic, from the second one on it follows the
        model, in between as a mixture (eV).
    ionization_sharing : str
        How the energy left after an ionization is shared; "What is computed" has the rules.
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
        Independent sub-swarms; None takes one per 1000 electrons, but at least 16.
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
    electronic_temperature: float | None = _bounded(None, 0.0, 1e5, "K", low_excluded=True)
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
    method, accel, gas, sim : MethodConfig, AccelConfig, GasConfig, SimConfig
        The groups.
    output : str
        Name of the result file, in the folder of the run.
    resume : bool
        Whether the jobs of a sweep are looked for in all its folders, to go on with them there.
    overwrite : bool
        Whether a result that lies in the folder already may be replaced.
    """

    method: MethodConfig = field(default_factory=MethodConfig)
    accel: AccelConfig = field(default_factory=AccelConfig)
    gas: GasConfig = field(default_factory=GasConfig)
    sim: SimConfig = field(default_factory=SimConfig)
    output: str = "results.nc"
    resume: bool = False
    overwrite: bool = False


def sub_swarm_count(sim: SimConfig) -> int:
    """The independent sub-swarms: `sim.sub_swarms`, or one per 1000 electrons but at least 16."""
    return sim.sub_swarms or max(16, math.ceil(sim.electrons / 1000))


def files_of(gas: GasConfig) -> list[str]:
    """The files that cross sections, and what is known about levels, are read from."""
    own = (component.file for component in gas.components.values())
    return [*gas.files, *(path for path in (*own, gas.level_file) if path is not None)]


def has_drift(sim: SimConfig) -> bool:
    """Whether a steady field makes the electrons drift."""
    return sim.en > 0.0 and sim.frequency == 0.0


def rel_error_targets(sim: SimConfig) -> dict[str, float | None]:
    """The relative errors to reach; none of a drift where there is none, as it never gets small."""
    targets = vars(sim.stop.rel_error)
    lost = () if has_drift(sim) else ("drift_velocity_flux", "drift_velocity_bulk")
    return {name: value for name, value in targets.items() if name not in lost}
