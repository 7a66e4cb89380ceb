"""The dataclasses of the settings, with the range of every number; those of the gas stand apart."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import Enum

from swarmhydra.config.evdf_schema import EvdfConfig
from swarmhydra.config.gas_schema import ANGULAR_MODELS, GasConfig
from swarmhydra.config.ranges import bounded, choice
from swarmhydra.config.stop_schema import AUTO, AUTOMATIC_TARGETS, StopConfig
from swarmhydra.config.waveform_schema import WaveformConfig

SHARING_RULES = ("equal", "fraction", "uniform", "one_takes_all", "opal")
MAX_ELECTRONS_PER_SUB_SWARM = 1024
MODELS_WITH_A_PARAMETER = ("okhrimovskyy", "coulomb_screened")
"""Those of `ANGULAR_MODELS` that have a parameter."""


class Backend(Enum):
    """The implementation of the kernels."""

    numpy = "numpy"
    jit = "jit"


class Method(Enum):
    """How the swarm is solved for."""

    monte_carlo = "monte_carlo"
    boltzmann = "boltzmann"


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
    max_coll_lut : bool
        Bound the collision frequency per speed band: fewer null collisions.
    max_coll_lut_size : int
        Number of these bands.
    collision_lut : bool
        Look the collision frequencies up in a table uniform in speed.
    collision_lut_size : int
        Number of nodes of that table.
    velocity_lut : bool
        Look speeds up in a table instead of computing them.
    scatter_lut : bool
        Look scattering angles up in a table instead of computing them.
    """

    name: str = "numpy"
    backend: Backend = Backend.numpy
    threads: int | None = bounded(None, 1, 1024)
    max_coll_lut: bool = True
    max_coll_lut_size: int = bounded(256, 2, 65536)
    collision_lut: bool = False
    collision_lut_size: int = bounded(8192, 256, 1048576)
    velocity_lut: bool = False
    scatter_lut: bool = False


class ControlVariates(Enum):
    """Whether a simulation uses control variates."""

    off = "off"
    auto = "auto"


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
    control_variates : ControlVariates
        For ``monte_carlo``: ``auto`` takes the noise off that a solution of the Boltzmann equation
        explains, wherever there is one; ``off`` leaves what was sampled.
    sample_every : int
        For ``monte_carlo``: steps from one sample for control variates, and for `sim.evdf`, to the
        next.
    sensitivity : bool
        Whether the result has the derivatives of all coefficients with respect to the cross
        sections, and the errors that come from those of `gas.uncertainties`.
    """

    name: str = "monte_carlo"
    kind: Method = Method.monte_carlo
    terms: int | None = bounded(None, 2, 32)
    tolerance: float = bounded(1e-4, 1e-7, 0.1)
    grid: int | None = bounded(None, 20, 20_000)
    control_variates: ControlVariates = ControlVariates.auto
    sample_every: int = bounded(4, 1, 1024)
    sensitivity: bool = False


@dataclass
class SimConfig:
    """The conditions of the swarm and how it is measured.

    Attributes
    ----------
    en : float
        Reduced electric field E/N (Td); the amplitude of an alternating one.
    bn : float
        Reduced magnetic field B/N (Hx, 1 Hx = 1e-27 T m3).
    eb_angle : float
        Angle between electric and magnetic field (degrees).
    frequency : float
        Of the electric field, E cos(2 pi frequency t) (Hz); 0 for a steady one.
    phases : int
        Parts of the period in which results in an alternating field are resolved; flux diffusion
        takes the mean place and velocity of each, so that there should be some 16 or more.
    temperature : float
        Temperature of the gas (K); at 0 it is at rest, and as dense as at 273.15 K.
    pressure : float
        Pressure of the gas (Pa).
    thermal : str
        Whether the gas moves: ``true``, ``false``, or ``auto`` for only where it matters.
    vibrational_temperature : float or None
        Populations of the levels of EXCITATION processes that have superelastic partners (K); None
        takes that of the gas.
    rotational_temperature : float or None
        The same for ROTATION processes (K).
    electronic_temperature : float or None
        That of levels of EXCITATION processes without a vibrational number, such as ``Ar*`` (K);
        None takes `vibrational_temperature`.
    angular_model : str
        How processes scatter that have no model of their own; "What is computed" has the formulas.
        An elastic process stays isotropic under ``born_dipole``, which needs an energy loss.
    angular_parameter : float or None
        For ``okhrimovskyy`` xi, for ``coulomb_screened`` the screening energy (eV).
    blend_low : float
        Energy up to which scattering is isotropic, whatever the model (eV).
    blend_high : float
        Energy from which on it follows the model (eV); in between it is a mixture.
    ionization_sharing : str
        How the energy left after an ionization is shared; "What is computed" has the rules.
    sharing_fraction : float
        Share of the freed electron, for ``fraction``.
    opal_width : float or None
        For ``opal``: w in the distribution 1 / (1 + (e / w)^exponent) of the energies e of the
        slower electrons (eV); None takes the width of each process.
    opal_exponent : float
        For ``opal``: the exponent of that distribution.
    ionization_directions : str
        ``model``: both electrons leave by the angular model; ``momentum``: at right angles.
    electrons : int
        Electrons followed at a time, over all sub-swarms.
    sub_swarms : int or None
        Independent sub-swarms; None takes one per 1000 electrons, but at least 16.
    seed : int
        Seed of the random streams; the same one draws the same numbers in every backend.
    run_label : str
        Another label draws other numbers from the same seed.
    replica : int
        Another replica, too; replicas can be pooled into one result.
    initial_energy : float
        Mean energy that the electrons start from (eV).
    initial_distribution : str
        ``maxwell``, ``fixed`` (all have `initial_energy`) or ``table``.
    initial_eedf_energies : list of float, shape (n,)
        For ``table``: energies of the points of the distribution (eV).
    initial_eedf : list of float, shape (n,)
        For ``table``: energy distribution function there, linear in between (1/eV).
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
    evdf : EvdfConfig
        How much of the distribution over velocities results hold.
    waveform : WaveformConfig
        A field that changes in time.
    """

    en: float = bounded(100.0, 0.0, 1e5, "Td")
    bn: float = bounded(0.0, 0.0, 1e7, "Hx")
    eb_angle: float = bounded(90.0, 0.0, 180.0, "degrees")
    frequency: float = bounded(0.0, 0.0, 1e15, "Hz")
    phases: int = bounded(32, 2, 4096)
    temperature: float = bounded(300.0, 0.0, 1e5, "K")
    thermal: str = choice("auto", ("true", "false", "auto"))
    vibrational_temperature: float | None = bounded(None, 0.0, 1e5, "K", low_excluded=True)
    rotational_temperature: float | None = bounded(None, 0.0, 1e5, "K", low_excluded=True)
    electronic_temperature: float | None = bounded(None, 0.0, 1e5, "K", low_excluded=True)
    angular_model: str = choice("isotropic", ANGULAR_MODELS[:-1])
    angular_parameter: float | None = bounded(None)
    blend_low: float = bounded(1.0, 0.0, 1e6, "eV")
    blend_high: float = bounded(5.0, 0.0, 1e6, "eV")
    ionization_sharing: str = choice("equal", SHARING_RULES)
    sharing_fraction: float = bounded(0.5, 0.0, 1.0)
    opal_width: float | None = bounded(None, 0.0, 1e4, "eV", low_excluded=True)
    opal_exponent: float = bounded(2.0, 1.1, 10.0)
    ionization_directions: str = choice("model", ("model", "momentum"))
    pressure: float = bounded(101325.0, 0.0, 1e9, "Pa", low_excluded=True)
    electrons: int = bounded(10_000, 16, 10**7)
    sub_swarms: int | None = bounded(None, 4, 10**5)
    seed: int = bounded(1, 0, 2**63 - 1)
    run_label: str = "run"
    replica: int = bounded(0, 0, 2**63 - 1)
    initial_energy: float = bounded(1.0, 0.0, 1e5, "eV")
    initial_distribution: str = choice("maxwell", ("maxwell", "fixed", "table"))
    initial_eedf_energies: list[float] = bounded(list, 0.0, 1e6, "eV")
    initial_eedf: list[float] = bounded(list, 0.0, unit="1/eV")
    initial_direction: list[float] | None = bounded(None)
    initial_spread: float = bounded(0.0, 0.0, 1e6, "m")
    window: float | None = bounded(None, 0.0, unit="s", low_excluded=True)
    memory_windows: int | None = bounded(None, 2, 16)
    max_ionization_growth_factor: float = bounded(2.0, 1.1, 4.0)
    relaxation_collisions: float = bounded(1e6, 100.0)
    log_every_k: int = bounded(1, 1)
    checkpoint_every: float | None = bounded(600.0, 0.0, unit="s", low_excluded=True)
    profile_per_step: bool = False
    stop: StopConfig = field(default_factory=StopConfig)
    evdf: EvdfConfig = field(default_factory=EvdfConfig)
    waveform: WaveformConfig = field(default_factory=WaveformConfig)


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


def has_drift(sim: SimConfig) -> bool:
    """Whether a steady field makes the electrons drift."""
    return sim.en > 0.0 and sim.frequency == 0.0


def rel_error_targets(sim: SimConfig, controlled: bool = False) -> dict[str, float | None]:
    """The relative errors to reach; none of a drift where there is none, as it never gets small.

    Parameters
    ----------
    sim : SimConfig
    controlled : bool
        Whether the run uses control variates.
    """
    omissions = () if has_drift(sim) else ("drift_velocity_flux", "drift_velocity_bulk", "townsend")
    if sim.waveform.is_set:
        omissions = ("drift_velocity_bulk", "diffusion_bulk", "townsend")
    targets: dict[str, float | None] = {}
    for name, value in vars(sim.stop.rel_error).items():
        automatic = AUTOMATIC_TARGETS[name]
        if value == AUTO:
            value = automatic.controlled if controlled else automatic.sampled
        if name not in omissions:
            targets[name] = value
    return targets
