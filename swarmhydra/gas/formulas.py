"""Cross-section sets that are published as formulas, and the model gases of the swarm literature.

Every curve takes electron energies in eV and returns m². Curves are tabulated on adaptive grids;
piecewise linear ones need only their corners.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np
from scipy import constants

from swarmhydra.gas.adaptive import Curve, adaptive_grid, sign_changes
from swarmhydra.gas.processes import USUAL, Kind, Process, Traits, with_step
from swarmhydra.kernels.arrays import FloatArray

# Formulas are tabulated from here up (eV): 1e-5 of the energy of a room-temperature gas.
LOWEST_ENERGY = 1e-7
# Tabulated sets that are remembered, for gases of many components and for sweeps.
REMEMBERED = 64
# The unit of the published formulas.
SQUARE_ANGSTROM = 1e-20

_BOHR_AREA = np.pi * constants.value("Bohr radius") ** 2
_RYDBERG = constants.value("Rydberg constant times hc in eV")
_ELECTRON_MASS_U = constants.value("electron mass in u")


@dataclass(frozen=True)
class FormulaSet:
    """A published set of cross sections.

    Attributes
    ----------
    name : str
        Name in configs, a key of `FORMULAS`.
    citation : str
        Where it was published.
    species : str
        Name of the target, unless another is given.
    parameters : mapping of str to float
        The free parameters with their defaults.
    limits : mapping of str to (float, float)
        Smallest and largest value of each parameter.
    """

    name: str
    citation: str
    species: str
    _build: Callable[[str, float, Mapping[str, float]], list[Process]] = field(repr=False)
    parameters: Mapping[str, float] = field(default_factory=dict)
    limits: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    def processes(
        self, energy_max: float, parameters: Mapping[str, float], species: str | None = None
    ) -> tuple[Process, ...]:
        """Tabulate the set.

        Parameters
        ----------
        energy_max : float
            Last energy of the tables (eV).
        parameters : mapping of str to float
            Values that replace defaults.
        species : str, optional
            Target name, also used in the process names.

        Returns
        -------
        tuple of Process
            The processes, elastic first.

        Raises
        ------
        ValueError
            If a parameter is unknown or out of range, or `energy_max` leaves out a threshold.
        """
        values = {**self.parameters, **self.checked(parameters)}
        tables = _tabulated(self._build, self.species, energy_max, tuple(values.items()))
        if species in (None, self.species):
            return tables
        return tuple(
            replace(
                process, name=f"{species}{process.name.removeprefix(self.species)}", target=species
            )
            for process in tables
        )

    def checked(
        self, parameters: Mapping[str, float], key: str = "gas.parameters"
    ) -> dict[str, float]:
        """Check parameter names and values.

        Parameters
        ----------
        parameters : mapping of str to float
            Values by name.
        key : str
            Config key of the values, for the message.

        Returns
        -------
        dict of str to float
            A copy of `parameters`.

        Raises
        ------
        ValueError
            Naming the config key, the value and what is expected.
        """
        for name, value in parameters.items():
            if name not in self.parameters:
                names = ", ".join(self.parameters) or "no parameters"
                raise ValueError(f"{key}.{name}={value}: formula {self.name}; expected {names}")
            low, high = self.limits[name]
            if not low <= value <= high:
                raise ValueError(
                    f"{key}.{name}={value}: expected a number from {low:g} to {high:g}"
                )
        return dict(parameters)


@lru_cache(maxsize=REMEMBERED)
def _tabulated(
    build: Callable[[str, float, Mapping[str, float]], list[Process]],
    species: str,
    energy_max: float,
    values: tuple[tuple[str, float], ...],
) -> tuple[Process, ...]:
    """The processes of a set, tabulated once for all components that have it."""
    return tuple(build(species, energy_max, dict(values)))


# --- building blocks -------------------------------------------------------------------------


def _require_above(energy_max: float, threshold: float, name: str) -> None:
    """Refuse a table that would end before the process starts."""
    if not energy_max > threshold:
        raise ValueError(
            f"gas.energy_max={energy_max}: expected more than {threshold} eV, the threshold of "
            f"{name}"
        )


def _elastic(
    species: str,
    mass_ratio: float,
    curve: Curve,
    energy_max: float,
    kinks: tuple[float, ...] = (),
    negligible: float = 1e-6,
) -> Process:
    """Elastic process from a smooth curve."""
    grid = adaptive_grid(curve, kinks, LOWEST_ENERGY, energy_max, negligible=negligible)
    return Process(Kind.ELASTIC, f"{species} elastic", species, 0.0, mass_ratio, *grid)


def _inelastic(
    kind: Kind,
    name: str,
    species: str,
    threshold: float,
    mass_ratio: float,
    fit: Curve,
    energy_max: float,
    traits: Traits = USUAL,
) -> Process:
    """Process from a fit that holds above the threshold, clipped where the fit is negative."""
    _require_above(energy_max, threshold, name)
    # Fits change sign, if at all, close to the threshold or far above: so scan by the distance.
    scan = threshold + np.geomspace(1e-9 * threshold, energy_max - threshold, 4000)
    crossings = sign_changes(fit, scan)
    grid = adaptive_grid(lambda e: np.maximum(fit(e), 0.0), crossings, threshold, energy_max)
    return Process(kind, name, species, threshold, mass_ratio, *with_step(*grid), traits)


def _ramp(
    kind: Kind,
    name: str,
    species: str,
    threshold: float,
    mass_ratio: float,
    slope: float,
    energy_max: float,
    traits: Traits = USUAL,
) -> Process:
    """Process whose cross section is slope (e - threshold), slope in m²/eV."""
    _require_above(energy_max, threshold, name)
    energy = np.array([threshold, energy_max])
    sigma = slope * (energy - threshold)
    return Process(kind, name, species, threshold, mass_ratio, energy, sigma, traits)


# --- argon ------------------------------------------------------------------------------------

# Electron mass over 39.948 u, the standard atomic weight of argon up to 2017 (CIAAW, IUPAC).
_ARGON_MASS_RATIO = 1.3732e-5

# Width w of the energies of freed electrons (eV): C. B. Opal, W. K. Peterson and E. C. Beaty,
# J. Chem. Phys. 55 (1971) 4100, table II.
_ARGON_OPAL_WIDTH = 10.0
_HELIUM_OPAL_WIDTH = 15.8


def _argon_difference(e: FloatArray) -> FloatArray:
    """The part of argon's momentum transfer that is taken as absolute value (1e-20 m²)."""
    ramsauer = 6.0 / (1.0 + e / 0.1 + (e / 0.6) ** 2) ** 3.3
    return ramsauer - (
        1.1
        * e**1.4
        / (1.0 + (e / 15.0) ** 1.2)
        / np.sqrt(1.0 + (e / 5.5) ** 2.5 + (e / 60.0) ** 4.1)
    )


def _argon_momentum_transfer(e: FloatArray) -> FloatArray:
    """Elastic momentum transfer of argon."""
    tails = 0.05 / (1.0 + e / 10.0) ** 2 + 0.01 * e**3 / (1.0 + (e / 12.0) ** 6)
    return SQUARE_ANGSTROM * (np.abs(_argon_difference(e)) + tails)


def _argon_excitation(e: FloatArray) -> FloatArray:
    """All excitation of argon, above 11.5 eV."""
    d = e - 11.5
    forbidden = 0.034 * d**1.1 * (1.0 + (e / 15.0) ** 2.8) / (1.0 + (e / 23.0) ** 5.5)
    return SQUARE_ANGSTROM * (forbidden + 0.023 * d / (1.0 + e / 80.0) ** 1.9)


def _argon_ionization(e: FloatArray) -> FloatArray:
    """Ionization of argon, above 15.8 eV."""
    d = e - 15.8
    return SQUARE_ANGSTROM * (970.0 * d / (70.0 + e) ** 2 + 0.06 * d**2 * np.exp(-e / 9.0))


def _argon(species: str, energy_max: float, parameters: Mapping[str, float]) -> list[Process]:
    """Phelps & Petrović 1999: complete for swarms with isotropic scattering, 0-1000 eV."""
    kinks = tuple(sign_changes(_argon_difference, np.geomspace(0.01, 10.0, 100)))
    ratio = _ARGON_MASS_RATIO
    return [
        _elastic(species, ratio, _argon_momentum_transfer, energy_max, kinks),
        _inelastic(
            Kind.EXCITATION,
            f"{species}(11.5eV)",
            species,
            11.5,
            ratio,
            _argon_excitation,
            energy_max,
        ),
        _inelastic(
            Kind.IONIZATION,
            f"{species}+",
            species,
            15.8,
            ratio,
            _argon_ionization,
            energy_max,
            Traits(sharing_width=_ARGON_OPAL_WIDTH),
        ),
    ]


# --- helium -----------------------------------------------------------------------------------

# Standard atomic weight: CIAAW, IUPAC, 2021.
_HELIUM_MASS_U = 4.002602


def _allowed(x: FloatArray, a: tuple[float, ...]) -> FloatArray:
    """Collision strength of a dipole-allowed transition; x is energy over threshold."""
    shape = a[0] * np.log(x) + a[1] + a[2] / x + a[3] / x**2 + a[4] / x**3
    return np.asarray(shape * (x + 1.0) / (x + a[5]))


def _forbidden(x: FloatArray, a: tuple[float, ...]) -> FloatArray:
    """Collision strength of a dipole-forbidden transition."""
    return (a[0] + a[1] / x + a[2] / x**2 + a[3] / x**3) * x**2 / (x**2 + a[4])


def _spin_forbidden(x: FloatArray, a: tuple[float, ...]) -> FloatArray:
    """Collision strength of a spin-forbidden transition."""
    return (a[0] + a[1] / x + a[2] / x**2 + a[3] / x**3) / (x**2 + a[4])


_Strength = Callable[[FloatArray, tuple[float, ...]], FloatArray]

# Level, excitation energy (eV, rounded NIST level energies), type of transition from 1 1S, A1...
# fmt: off
_HELIUM_LEVELS: tuple[tuple[str, float, _Strength, tuple[float, ...]], ...] = (
    ("2 3S", 19.820, _spin_forbidden, (0.6888, 0.1975, 7.232, -4.839, 50.03)),
    ("2 1S", 20.616, _forbidden, (0.1888, -0.5754, 3.439, -2.088, 25.44)),
    ("2 3P", 20.964, _spin_forbidden, (0.2823, 2.048, 5.287, -7.363, 27.28)),
    ("2 1P", 21.218, _allowed, (0.7087, -0.09347, -1.598, 2.986, -1.293, 0.3086)),
    ("3 3S", 22.718, _spin_forbidden, (0.09392, -0.1641, 0.07605, -0.004536, -0.9246)),
    ("3 1S", 22.920, _forbidden, (0.04033, -0.01872, 2.368, -1.379, 125.8)),
    ("3 3P", 23.007, _spin_forbidden, (0.06730, 0.5465, -0.4434, -0.1042, 11.40)),
    ("3 3D", 23.074, _spin_forbidden, (0.002207, 0.008429, 0.1816, -0.1812, 9.544)),
    ("3 1D", 23.074, _forbidden, (0.009708, 0.02855, -0.08265, 0.04944, 0.1992)),
    ("3 1P", 23.087, _allowed, (0.1730, 0.02410, -0.4709, 0.7690, -0.3216, 0.8568)),
    ("4 3S", 23.594, _spin_forbidden, (0.03008, -0.03956, -0.001940, 0.01154, -0.9813)),
    ("4 1S", 23.673, _forbidden, (0.01613, -0.05564, 0.2943, -0.2024, 23.42)),
    ("4 3P", 23.708, _spin_forbidden, (0.02585, 0.2275, -0.05827, -0.1615, 15.05)),
    ("4 3D", 23.736, _spin_forbidden, (0.001334, 0.01819, -0.03848, 0.01896, -0.9893)),
    ("4 1D", 23.736, _forbidden, (0.005420, 0.01198, -0.03173, 0.01606, 0.1060)),
    ("4 3F", 23.737, _spin_forbidden, (0.0, 0.0004079, -0.0003863, 0.00001701, -0.9497)),
    ("4 1F", 23.737, _forbidden, (0.00004383, -0.0001033, 0.003772, 0.01631, 56.44)),
    ("4 1P", 23.742, _allowed, (0.06923, 0.006893, -0.2079, 0.3508, -0.1497, 0.04280)),
)
# fmt: on

_HELIUM_IONIZATION_ENERGY = 24.587
_HELIUM_IONIZATION_FIT = (0.5857, -0.4457, 0.7680, -2.521, 3.317, 0.0)
_HELIUM_ELASTIC_FIT = (
    1.47183e-18, 6.23206e-18, -1.30586e-18, 0.752062, 0.192954, 2.42524, 4.49405, 125.05,
)  # fmt: skip


def _helium_excitation(threshold: float, strength: _Strength, a: tuple[float, ...]) -> Curve:
    """Excitation of a helium level from the ground state, whose statistical weight is 1."""
    return lambda e: _BOHR_AREA * _RYDBERG / e * strength(e / threshold, a)


def _helium_ionization(e: FloatArray) -> FloatArray:
    """Ionization of helium from the ground state."""
    first, *others = _HELIUM_IONIZATION_FIT
    rest = 1.0 - _HELIUM_IONIZATION_ENERGY / e
    shape = first * np.log(e / _HELIUM_IONIZATION_ENERGY)
    shape = shape + sum(a * rest**power for power, a in enumerate(others, start=1))
    # 1e-13 cm² eV² is the fit's unit.
    return np.asarray(1e-17 / (_HELIUM_IONIZATION_ENERGY * e) * shape)


def helium_elastic_integral(e: FloatArray) -> FloatArray:
    """Integral elastic cross section of helium (Park et al. 2022).

    Parameters
    ----------
    e : ndarray
        Electron energies (eV).

    Returns
    -------
    ndarray, shape of `e`
        Cross section (m²).
    """
    b = _HELIUM_ELASTIC_FIT
    numerator = (b[0] + b[1] / (e + 1.0) + b[2] / (e**2 + 1.0)) * (
        e ** b[3] + np.exp(-b[4] * e)
    ) ** b[5]
    return np.asarray(numerator / ((e + 1.0) ** 3 + b[6] * (e + 1.0) ** 2 + b[7] * (e + 1.0)))


def _helium_lobe(strength: FloatArray, m: FloatArray, n: int) -> FloatArray:
    """Momentum transfer of one lobe of helium's angular distribution (Park et al., Φ)."""
    ratio = (m + n) / (m - n)
    return strength / n**2 * (-1.0 + ratio - np.log(ratio))


def helium_momentum_transfer(e: FloatArray) -> FloatArray:
    """Elastic momentum-transfer cross section of helium (Park et al. 2022).

    Parameters
    ----------
    e : ndarray
        Electron energies (eV).

    Returns
    -------
    ndarray, shape of `e`
        Cross section (m²).
    """
    forward_share = 0.283 + 0.667 * np.tanh(0.0307 * (e - 16.971))
    forward = 6.59 / (e + 29.02) + 0.0258
    backward = 0.295 / (e + 0.00328) + 1.794
    transfer = forward_share * _helium_lobe(
        forward * (forward + 1.0) / np.pi, 2.0 * forward + 1.0, -1
    ) + (1.0 - forward_share) * _helium_lobe(
        backward * (backward + 1.0) / np.pi, 2.0 * backward + 1.0, 1
    )
    return np.asarray(2.0 * np.pi * helium_elastic_integral(e) * transfer)


def _helium(species: str, energy_max: float, parameters: Mapping[str, float]) -> list[Process]:
    """Ralchenko et al. 2008 with the momentum transfer of Park et al. 2022."""
    ratio = _ELECTRON_MASS_U / _HELIUM_MASS_U
    levels = [
        _inelastic(
            Kind.EXCITATION,
            f"{species}({level})",
            species,
            threshold,
            ratio,
            _helium_excitation(threshold, strength, a),
            energy_max,
        )
        for level, threshold, strength, a in _HELIUM_LEVELS
    ]
    ionization = _inelastic(
        Kind.IONIZATION,
        f"{species}+",
        species,
        _HELIUM_IONIZATION_ENERGY,
        ratio,
        _helium_ionization,
        energy_max,
        Traits(sharing_width=_HELIUM_OPAL_WIDTH),
    )
    return [_elastic(species, ratio, helium_momentum_transfer, energy_max), *levels, ionization]


# --- model gases ------------------------------------------------------------------------------


def _reid_ramp(species: str, energy_max: float, parameters: Mapping[str, float]) -> list[Process]:
    """Reid 1979: constant elastic, one excitation that rises linearly, M = 4 u."""
    ratio = _ELECTRON_MASS_U / 4.0
    slope = 10.0 * SQUARE_ANGSTROM
    return [
        _constant_elastic(species, ratio, 6.0 * SQUARE_ANGSTROM, energy_max),
        _ramp(
            Kind.EXCITATION,
            f"{species}(0.2eV)",
            species,
            0.2,
            ratio,
            slope,
            energy_max,
            # With an angular model the benchmarks of this gas mean momentum transfer by both.
            Traits(momentum_transfer=True),
        ),
    ]


def _constant_elastic(
    species: str, mass_ratio: float, cross_section: float, energy_max: float
) -> Process:
    """Elastic process of energy-independent cross section (m²)."""
    energy = np.array([LOWEST_ENERGY, energy_max])
    sigma = np.full(2, cross_section)
    return Process(Kind.ELASTIC, f"{species} elastic", species, 0.0, mass_ratio, energy, sigma)


def _power_law(factor: float, power: float) -> Curve:
    """The curve factor e^power, factor in m² at 1 eV."""
    return lambda e: np.asarray(factor * e**power)


def _lucas_saelee(
    species: str, energy_max: float, parameters: Mapping[str, float]
) -> list[Process]:
    """Lucas & Saelee 1975, with the attachment a e^p of Nolan et al. 1997."""
    ratio = 1e-3
    share, attachment, power = parameters["F"], parameters["a"], parameters["p"]
    # A power law has no scale below which it is negligible: hence 0.
    elastic = _power_law(4.0 * SQUARE_ANGSTROM, -0.5)
    processes = [_elastic(species, ratio, elastic, energy_max, negligible=0.0)]
    for kind, name, part in (
        (Kind.EXCITATION, f"{species}(15.6eV)", 1.0 - share),
        (Kind.IONIZATION, f"{species}+", share),
    ):
        if part > 0.0:
            slope = 0.1 * part * SQUARE_ANGSTROM
            processes.append(_ramp(kind, name, species, 15.6, ratio, slope, energy_max))
    if attachment > 0.0:
        curve = _power_law(attachment * SQUARE_ANGSTROM, power)
        grid = adaptive_grid(curve, (), LOWEST_ENERGY, energy_max, negligible=0.0)
        processes.append(Process(Kind.ATTACHMENT, f"{species}-", species, 0.0, ratio, *grid))
    return processes


def _hard_sphere(species: str, energy_max: float, parameters: Mapping[str, float]) -> list[Process]:
    """Constant elastic cross section only."""
    ratio = _ELECTRON_MASS_U / parameters["mass"]
    sigma = parameters["cross_section"] * SQUARE_ANGSTROM
    return [_constant_elastic(species, ratio, sigma, energy_max)]


def _maxwell(species: str, energy_max: float, parameters: Mapping[str, float]) -> list[Process]:
    """Maxwell model: constant collision frequency, cross section k0 over the relative speed."""
    at_one_ev = parameters["k0"] * np.sqrt(constants.m_e / (2.0 * constants.e))
    curve = _power_law(float(at_one_ev), -0.5)
    return [_elastic(species, parameters["mass_ratio"], curve, energy_max, negligible=0.0)]


_SETS = (
    FormulaSet(
        name="argon",
        citation="A. V. Phelps and Z. Lj. Petrović, Plasma Sources Sci. Technol. 8 (1999) R21",
        species="Ar",
        _build=_argon,
    ),
    FormulaSet(
        name="helium",
        citation=(
            "Yu. Ralchenko et al., At. Data Nucl. Data Tables 94 (2008) 603 (inelastic); "
            "R. M. Park et al., Plasma Sources Sci. Technol. 31 (2022), "
            "doi:10.1088/1361-6595/ac781f (elastic)"
        ),
        species="He",
        _build=_helium,
    ),
    FormulaSet(
        name="reid_ramp",
        citation="I. D. Reid, Aust. J. Phys. 32 (1979) 231",
        species="Reid",
        _build=_reid_ramp,
    ),
    FormulaSet(
        name="lucas_saelee",
        citation=(
            "J. Lucas and H. T. Saelee, J. Phys. D: Appl. Phys. 8 (1975) 640; "
            "A. M. Nolan et al., J. Phys. D: Appl. Phys. 30 (1997) 2865 (attachment)"
        ),
        species="LucasSaelee",
        _build=_lucas_saelee,
        parameters={"F": 0.0, "a": 0.0, "p": -0.5},
        limits={"F": (0.0, 1.0), "a": (0.0, 1e4), "p": (-3.0, 3.0)},
    ),
    FormulaSet(
        name="hard_sphere",
        citation="M. J. Druyvesteyn, Physica 10 (1930) 61",
        species="HardSphere",
        _build=_hard_sphere,
        parameters={"cross_section": 6.0, "mass": 4.0},
        limits={"cross_section": (1e-6, 1e6), "mass": (1e-3, 1e6)},
    ),
    FormulaSet(
        name="maxwell",
        citation="G. H. Wannier, Bell Syst. Tech. J. 32 (1953) 170",
        species="Maxwell",
        _build=_maxwell,
        parameters={"k0": 1e-14, "mass_ratio": 1e-3},
        limits={"k0": (1e-20, 1e-8), "mass_ratio": (1e-12, 1e3)},
    ),
)

FORMULAS: dict[str, FormulaSet] = {each.name: each for each in _SETS}
