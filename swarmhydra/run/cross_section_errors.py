"""Errors of the coefficients from the uncertainty of cross sections."""

from collections.abc import Sequence

import numpy as np

from swarmhydra.config import ConfigError, UncertaintyConfig
from swarmhydra.gas.choice import name_pattern
from swarmhydra.gas.processes import Process
from swarmhydra.kernels.arrays import FloatArray


def relative_errors(
    uncertainties: Sequence[UncertaintyConfig],
    processes: Sequence[Process],
    shares: FloatArray,
    energy: FloatArray,
) -> FloatArray:
    """Relative standard errors of the coefficients, by the process that they come from.

    The error of each cross section is a random function of the energy that has nothing to do with
    that of another one; only a superelastic process shares the curve of its excitation.

    Parameters
    ----------
    uncertainties : sequence of UncertaintyConfig
        The last one that fits a process counts.
    processes : sequence of Process, length P
    shares : ndarray, shape (C, P, n)
        Logarithmic derivative of each coefficient with respect to each cross section, by intervals
        of the energy.
    energy : ndarray, shape (n,)
        Of the colliding electrons in these (eV).

    Returns
    -------
    ndarray, shape (C, P)

    Raises
    ------
    ConfigError
        If a pattern fits no process.
    """
    names = [process.name for process in processes]
    _check_patterns(uncertainties, names)
    errors = np.zeros(shares.shape[:2])
    partners = _partners(processes)
    for number, name in enumerate(names):
        fitting = [each for each in uncertainties if _fits(each.process, name)]
        if number in partners or not fitting:
            continue
        # Electrons that meet an excited molecule see the curve at the energy that they get to.
        own = [number, *(partner for partner, forward in partners.items() if forward == number)]
        shifts = [0.0, *(processes[number].threshold for _ in own[1:])]
        place = np.concatenate([energy + shift for shift in shifts])
        weight = np.concatenate([shares[:, each] for each in own], axis=1)
        errors[:, number] = _error(fitting[-1], weight, place)
    return errors


def _error(uncertainty: UncertaintyConfig, weight: FloatArray, energy: FloatArray) -> FloatArray:
    """Root of the sum over all pairs of energies of weights, errors and correlation, shape (C,)."""
    contributions = weight * _relative(uncertainty, energy)
    if uncertainty.correlation_length is None:
        return np.asarray(np.abs(contributions.sum(axis=1)))
    place = np.log(energy)
    distance = np.abs(place[:, None] - place)
    correlation = np.exp(-distance / uncertainty.correlation_length)
    variance = np.sum(contributions @ correlation * contributions, axis=1)
    return np.asarray(np.sqrt(np.maximum(variance, 0.0)))


def _relative(uncertainty: UncertaintyConfig, energy: FloatArray) -> FloatArray:
    """Relative standard uncertainty at energies (eV)."""
    if uncertainty.relative is not None:
        return np.full(energy.shape, uncertainty.relative)
    return np.interp(energy, uncertainty.energies, uncertainty.values)


def _partners(processes: Sequence[Process]) -> dict[int, int]:
    """By the number of a superelastic process, that of the excitation that it reverses."""
    return {
        number: forward
        for number, partner in enumerate(processes)
        if partner.gives_energy
        for forward, process in enumerate(processes)
        if partner.name == f"{process.name} superelastic"
    }


def _fits(pattern: str, name: str) -> bool:
    """Whether a pattern is one for the name of a process."""
    return name_pattern(pattern).fullmatch(name) is not None


def _check_patterns(uncertainties: Sequence[UncertaintyConfig], names: list[str]) -> None:
    """Refuse a pattern that fits nothing."""
    for index, uncertainty in enumerate(uncertainties):
        if not any(_fits(uncertainty.process, name) for name in names):
            raise ConfigError(
                f"gas.uncertainties[{index}].process={uncertainty.process}: expected one of "
                f"{', '.join(names)}, or a pattern with * and ?"
            )
