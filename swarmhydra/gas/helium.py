"""Helium: the fits of Ralchenko et al. (2008), and elastic scattering of Park et al. (2022)."""

from collections.abc import Callable, Mapping

import numpy as np
from scipy import constants

from swarmhydra.gas.adaptive import Curve
from swarmhydra.gas.formula_set import (
    ELECTRON_MASS_U,
    FormulaSet,
    elastic,
    inelastic,
)
from swarmhydra.gas.processes import Kind, Process, Traits
from swarmhydra.kernels.arrays import FloatArray

_BOHR_AREA = np.pi * constants.value("Bohr radius") ** 2
_RYDBERG = constants.value("Rydberg constant times hc in eV")

# Standard atomic weight: CIAAW, IUPAC, 2021.
_MASS_U = 4.002602

# Width w of the energies of freed electrons (eV): C. B. Opal, W. K. Peterson and E. C. Beaty,
# J. Chem. Phys. 55 (1971) 4100, table II.
_OPAL_WIDTH = 15.8


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
_LEVELS: tuple[tuple[str, float, _Strength, tuple[float, ...]], ...] = (
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

_IONIZATION_ENERGY = 24.587
_IONIZATION_FIT = (0.5857, -0.4457, 0.7680, -2.521, 3.317, 0.0)
_ELASTIC_FIT = (
    1.47183e-18, 6.23206e-18, -1.30586e-18, 0.752062, 0.192954, 2.42524, 4.49405, 125.05,
)  # fmt: skip


def _excitation(threshold: float, strength: _Strength, a: tuple[float, ...]) -> Curve:
    """Excitation of a helium level from the ground state, whose statistical weight is 1."""
    return lambda e: _BOHR_AREA * _RYDBERG / e * strength(e / threshold, a)


def _ionization(e: FloatArray) -> FloatArray:
    """Ionization of helium from the ground state."""
    first, *others = _IONIZATION_FIT
    rest = 1.0 - _IONIZATION_ENERGY / e
    shape = first * np.log(e / _IONIZATION_ENERGY)
    shape = shape + sum(a * rest**power for power, a in enumerate(others, start=1))
    # 1e-13 cm² eV² is the fit's unit.
    return np.asarray(1e-17 / (_IONIZATION_ENERGY * e) * shape)


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
    b = _ELASTIC_FIT
    numerator = (b[0] + b[1] / (e + 1.0) + b[2] / (e**2 + 1.0)) * (
        e ** b[3] + np.exp(-b[4] * e)
    ) ** b[5]
    return np.asarray(numerator / ((e + 1.0) ** 3 + b[6] * (e + 1.0) ** 2 + b[7] * (e + 1.0)))


def _lobe(strength: FloatArray, m: FloatArray, n: int) -> FloatArray:
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
    transfer = forward_share * _lobe(forward * (forward + 1.0) / np.pi, 2.0 * forward + 1.0, -1) + (
        1.0 - forward_share
    ) * _lobe(backward * (backward + 1.0) / np.pi, 2.0 * backward + 1.0, 1)
    return np.asarray(2.0 * np.pi * helium_elastic_integral(e) * transfer)


def _helium(species: str, energy_max: float, parameters: Mapping[str, float]) -> list[Process]:
    """Ralchenko et al. 2008 with the momentum transfer of Park et al. 2022."""
    ratio = ELECTRON_MASS_U / _MASS_U
    levels = [
        inelastic(
            Kind.EXCITATION,
            f"{species}({level})",
            species,
            threshold,
            ratio,
            _excitation(threshold, strength, a),
            energy_max,
        )
        for level, threshold, strength, a in _LEVELS
    ]
    ionization = inelastic(
        Kind.IONIZATION,
        f"{species}+",
        species,
        _IONIZATION_ENERGY,
        ratio,
        _ionization,
        energy_max,
        Traits(sharing_width=_OPAL_WIDTH),
    )
    return [elastic(species, ratio, helium_momentum_transfer, energy_max), *levels, ionization]


HELIUM = FormulaSet(
    name="helium",
    citation=(
        "Yu. Ralchenko et al., At. Data Nucl. Data Tables 94 (2008) 603 (inelastic); "
        "R. M. Park et al., Plasma Sources Sci. Technol. 31 (2022), "
        "doi:10.1088/1361-6595/ac781f (elastic)"
    ),
    species="He",
    _build=_helium,
)
