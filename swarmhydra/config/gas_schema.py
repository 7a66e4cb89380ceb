"""The dataclasses of the gas: species, their levels and cross sections."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

from omegaconf import MISSING

from swarmhydra.config.ranges import Allowed, bounded, choice

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
PROCESS_KINDS = ("ELASTIC", "EXCITATION", "ROTATION", "IONIZATION", "ATTACHMENT")
ELASTIC_CHOICES = ("momentum_transfer", "integral")
THREE_BODY_UNITS = ("m5", "m2cm3", "cm5")
VIBRATIONAL_DISTRIBUTIONS = ("boltzmann", "treanor")
FRACTION_TOLERANCE = 1e-9
NORMALISED_TOLERANCE = 0.01
"""Deviation of a sum of fractions from 1, or from 100 percent, that `GasConfig.normalise` mends."""


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

    energies: list[float] = bounded(list, 0.0, unit="eV")
    angles: list[float] = bounded(list, 0.0, 180.0, "degrees")
    values: list[list[float]] = bounded(list, 0.0)


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
    angular_model : str or None
        How the electron scatters, one of `ANGULAR_MODELS`; None for that of `sim`.
    angular_parameter : float or None
        Parameter of the angular model; that of `sim` is taken only together with its model.
    angular_table : AngularTableConfig or None
        The differential cross section, for the model ``table``.
    sharing_width : float or None
        Width of the energies of freed electrons (eV), for `sim.ionization_sharing=opal`.
    statistical_weight_ratio : float or None
        Statistical weight of the upper level over that of the lower one; with it, electrons also
        gain energy in superelastic collisions.
    lower : str
        Level before the collision, such as ``v=1``; empty for the ground state, or where the
        process goes from all levels of the species.
    upper : str
        Level after the collision, such as ``J=2``.
    """

    kind: str = field(default=MISSING, metadata={"allowed": Allowed(choices=PROCESS_KINDS)})
    name: str = MISSING
    threshold: float = bounded(0.0, 0.0, unit="eV")
    energies: list[float] = bounded(list, 0.0, unit="eV")
    cross_sections: list[float] = bounded(list, 0.0, unit="m2")
    momentum_transfer: bool | None = None
    angular_model: str | None = choice(None, ANGULAR_MODELS)
    angular_parameter: float | None = bounded(None)
    angular_table: AngularTableConfig | None = None
    sharing_width: float | None = bounded(None, 0.0, 1e4, "eV", low_excluded=True)
    statistical_weight_ratio: float | None = bounded(None, 0.0, 1e6, low_excluded=True)
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

    energy: float | None = bounded(None, 0.0, 1e4, "eV")
    weight: float | None = bounded(None, 0.0, 1e9)
    population: float | None = bounded(None, 0.0)


@dataclass
class UncertaintyConfig:
    """How well cross sections are known.

    Attributes
    ----------
    process : str
        Name of the process, or a pattern with ``*`` and ``?`` for several.
    relative : float or None
        Relative standard uncertainty at all energies; None with a table.
    energies, values : list of float, shape (n,)
        The same as a table over the energy, linear in between and constant beyond (eV, 1).
    correlation_length : float or None
        Distance of two energies, in their natural logarithm, over which their errors have to do
        with each other: the correlation falls as exp(-distance / length). None takes the errors at
        all energies for one: the curve is right but for a factor.
    """

    process: str = "*"
    relative: float | None = bounded(None, 0.0, 10.0)
    energies: list[float] = bounded(list, 0.0, unit="eV")
    values: list[float] = bounded(list, 0.0, 10.0)
    correlation_length: float | None = bounded(None, 0.0, low_excluded=True)


@dataclass
class ComponentConfig:
    """One species of the gas: a published set, tables from files, or typed tables.

    A component with a `formula` is a published set, one with `processes` and a `mass` is typed; any
    other is read from its `file`, or from the files of the gas.

    Attributes
    ----------
    fraction : float or None
        Share of the gas by number; or in percent, with `gas.normalise`. None takes what the others
        leave.
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

    fraction: float | None = bounded(None, 0.0, 100.0)
    file: str | None = None
    species: str | None = None
    database: str | None = None
    formula: str | None = None
    parameters: dict[str, float] = field(default_factory=dict)
    elastic_is_integral: bool | None = None
    mass: float | None = bounded(None, 0.0, 1e4, "u", low_excluded=True)
    processes: list[ProcessConfig] = field(default_factory=list)
    extra_processes: list[ProcessConfig] = field(default_factory=list)

    @property
    def share(self) -> float:
        """The fraction; that of an only component need not be given."""
        return 1.0 if self.fraction is None else self.fraction


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
    species : list of str
        Without components: what to take from the files; empty takes the only one that they hold.
    fractions : list of float
        Shares of `species`, by number.
    database : str or None
        Database of the files to take, where they hold several; None takes all.
    include : list of str
        Patterns on the names of the processes to take, with ``*`` and ``?``; empty takes all. An
        elastic process needs no mention.
    exclude : list of str
        Patterns on the names of processes to leave out.
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
    uncertainties : list of UncertaintyConfig
        Of the cross sections; where several fit a process, the last one counts. They are used with
        `method.sensitivity`.
    """

    name: str = MISSING
    citation: str = ""
    energy_max: float = bounded(1000.0, 1e-3, 1e7, "eV")
    extrapolation: str = choice("hold", EXTRAPOLATIONS)
    elastic_is_integral: bool = False
    parameters: dict[str, float] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)
    species: list[str] = field(default_factory=list)
    fractions: list[float] = bounded(list, 0.0, 100.0)
    database: str | None = None
    include: list[str] = field(default_factory=list)
    exclude: list[str] = field(default_factory=list)
    elastic: str | None = choice(None, ELASTIC_CHOICES)
    outside_complete_set: bool = False
    three_body_unit: str | None = choice(None, THREE_BODY_UNITS)
    normalise: bool = False
    levels: dict[str, LevelConfig] = field(default_factory=dict)
    level_file: str | None = None
    vibrational_distribution: str = choice("boltzmann", VIBRATIONAL_DISTRIBUTIONS)
    components: dict[str, ComponentConfig] = field(default_factory=dict)
    uncertainties: list[UncertaintyConfig] = field(default_factory=list)


def with_rest(gas: GasConfig) -> dict[str, ComponentConfig]:
    """The components, of which the one without a fraction takes what the others leave."""
    components = gas.components
    open_ones = [name for name, each in components.items() if each.fraction is None]
    if len(open_ones) != 1:
        return components
    total = math.fsum(each.share for each in components.values() if each.fraction is not None)
    whole = 100.0 if gas.normalise and total > 1.0 + FRACTION_TOLERANCE else 1.0
    rest = replace(components[open_ones[0]], fraction=max(whole - total, 0.0))
    return components | {open_ones[0]: rest}


def files_of(gas: GasConfig) -> list[str]:
    """The files that cross sections, and what is known about levels, are read from."""
    own = (component.file for component in gas.components.values())
    return [*gas.files, *(path for path in (*own, gas.level_file) if path is not None)]
