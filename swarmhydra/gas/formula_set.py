"""What published sets of formulas are made of: a set with its parameters, and kinds of curves."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np
from scipy import constants

from swarmhydra.gas.adaptive import Curve, adaptive_grid, sign_changes
from swarmhydra.gas.processes import USUAL, Kind, Process, Traits, with_step

# Formulas are tabulated from here up (eV): 1e-5 of the energy of a room-temperature gas.
LOWEST_ENERGY = 1e-7
# Tabulated sets that are remembered, for gases of many components and for sweeps.
REMEMBERED = 64
# The unit of the published formulas.
SQUARE_ANGSTROM = 1e-20

ELECTRON_MASS_U = constants.value("electron mass in u")


@dataclass(frozen=True)
class FormulaSet:
    """A published set of cross sections.

    Attributes
    ----------
    name : str
        Name in configs, a key of `swarmhydra.gas.formulas.FORMULAS`.
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


def _require_above(energy_max: float, threshold: float, name: str) -> None:
    """Refuse a table that would end before the process starts."""
    if not energy_max > threshold:
        raise ValueError(
            f"gas.energy_max={energy_max}: expected more than {threshold} eV, the threshold of "
            f"{name}"
        )


def elastic(
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


def inelastic(
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


def ramp(
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
