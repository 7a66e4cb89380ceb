"""Sensitivities and error budgets of a run, as its result holds them."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from swarmhydra.boltzmann.hydrodynamic import Swarm
from swarmhydra.boltzmann.sensitivity import (
    COEFFICIENTS,
    Sensitivity,
    Species,
    Warmer,
    labels,
    sensitivity,
)
from swarmhydra.boltzmann.solve import Request
from swarmhydra.config import Config
from swarmhydra.estimators.control_variates import ControlVariates
from swarmhydra.estimators.sampled_sensitivity import SampledSensitivity, sampled_sensitivity
from swarmhydra.gas.mixture import Mixture
from swarmhydra.kernels.arrays import FloatArray
from swarmhydra.results.record import Estimate
from swarmhydra.run.cross_section_errors import relative_errors
from swarmhydra.run.solver_request import solver_request
from swarmhydra.swarm import from_config
from swarmhydra.swarm.medium import Medium

WARMING = 1e-4
"""Relative step of the temperature in the derivative with respect to it."""


@dataclass(frozen=True)
class Sensitivities:
    """Derivatives of all coefficients, and what the uncertainty of cross sections makes of them.

    Attributes
    ----------
    group : dict of str to ndarray
        As `RunRecord.sensitivity`.
    relative_error : dict of str to ndarray, or None
        Of each coefficient; None where no cross section has an uncertainty.
    """

    group: dict[str, Estimate | NDArray[Any]]
    relative_error: dict[str, FloatArray] | None

    def added_to(self, coefficients: dict[str, Estimate]) -> dict[str, Estimate]:
        """The coefficients with the errors that come from cross sections."""
        if self.relative_error is None:
            return coefficients
        errors = {
            name: replace(
                coefficients[name],
                from_cross_sections=np.abs(coefficients[name].value) * np.nan_to_num(relative),
            )
            for name, relative in self.relative_error.items()
        }
        return {**coefficients, **errors}


def sensitivities(config: Config, medium: Medium, request: Request, swarm: Swarm) -> Sensitivities:
    """Sensitivities of a solved swarm.

    Parameters
    ----------
    config : Config
        What `medium` was made from.
    medium : Medium
    request : Request
        What was solved.
    swarm : Swarm

    Raises
    ------
    ConfigError
        If an uncertainty is given for a process that there is not.
    """
    _, species = _species(medium.mixture)
    derivatives = sensitivity(
        swarm, request.number_density, request.target_density, species, _warmer(config)
    )
    return _arranged(config, medium.mixture, derivatives)


def sampled_sensitivities(
    config: Config,
    medium: Medium,
    control: ControlVariates,
    moments: FloatArray,
    lag_is_long_enough: bool,
) -> Sensitivities:
    """Sensitivities of a simulated swarm.

    Parameters
    ----------
    config : Config
        What `medium` was made from.
    medium : Medium
    control : ControlVariates
    moments : ndarray, shape (S, cells, columns)
        Velocity moments.
    lag_is_long_enough : bool
        Whether the lag exceeds the velocity memory, so that displacements grow at their final rate.
    """
    _, species = _species(medium.mixture)
    target_density = medium.number_density * medium.mixture.fraction
    derivatives = sampled_sensitivity(
        control,
        moments,
        lag_is_long_enough,
        medium.number_density,
        target_density,
        species,
        _warmer(config),
    )
    return _arranged(config, medium.mixture, derivatives)


def _arranged(
    config: Config, mixture: Mixture, derivatives: Sensitivity | SampledSensitivity
) -> Sensitivities:
    """The group of a result, and the errors that come from cross sections."""
    names, _ = _species(mixture)
    processes = [process.name for process in mixture.processes]
    group: dict[str, Estimate | NDArray[Any]] = {
        "coefficient": np.array(labels(processes)),
        "species": np.array(names),
        "energy": np.sqrt(derivatives.energy_edges[1:] * derivatives.energy_edges[:-1]),
        "energy_edges": derivatives.energy_edges,
        "log_derivative": derivatives.process,
        "log_derivative_density": derivatives.density,
        "log_derivative_field": derivatives.field,
        "log_derivative_temperature": derivatives.temperature,
        "log_derivative_fraction": derivatives.fraction,
    }
    if not config.gas.uncertainties:
        return Sensitivities(group, None)
    errors = _errors(config, mixture, derivatives)
    total = np.sqrt(np.sum(errors**2, axis=1))
    relative = dict(zip(COEFFICIENTS, total, strict=False))
    relative["rate_coefficient"] = total[len(COEFFICIENTS) :]
    return Sensitivities({**group, "error_from_cross_section": errors}, relative)


def _errors(
    config: Config, mixture: Mixture, derivatives: Sensitivity | SampledSensitivity
) -> FloatArray:
    """Relative error of each coefficient by each process."""
    width = np.diff(np.log(derivatives.energy_edges))
    energy = np.sqrt(derivatives.energy_edges[1:] * derivatives.energy_edges[:-1])
    return relative_errors(
        config.gas.uncertainties, mixture.processes, derivatives.density * width, energy
    )


def _species(mixture: Mixture) -> tuple[list[str], Species]:
    """The species of a gas by name, and their shares."""
    targets = [process.target for process in mixture.processes]
    names = list(dict.fromkeys(targets))
    shares = [mixture.fraction[np.array(targets) == name].max() for name in names]
    return names, Species(np.array([names.index(each) for each in targets]), np.array(shares))


def _warmer(config: Config) -> Warmer | None:
    """The same gas a little warmer, at the same density; None for one at rest."""
    sim = config.sim
    if sim.temperature == 0.0:
        return None
    factor = 1.0 + WARMING
    warmer_sim = replace(sim, temperature=sim.temperature * factor, pressure=sim.pressure * factor)
    medium = from_config.medium(replace(config, sim=warmer_sim))
    request = solver_request(medium, None, 1.0)
    return Warmer(request.model, request.target_density, WARMING)
