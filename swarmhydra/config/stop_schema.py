"""The settings of when a run ends."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from swarmhydra.config.ranges import bounded

AUTO = "auto"
"""In place of a relative error: the one of `AUTOMATIC_TARGETS`."""


def _target() -> Any:
    """A dataclass field for a relative error, AUTO or None."""
    return bounded(None, 0.0, 1.0, low_excluded=True, high_excluded=True, words=(AUTO,))


@dataclass(frozen=True)
class AutomaticTarget:
    """What AUTO stands for; None for no target.

    Attributes
    ----------
    sampled, controlled : float or None
        Relative error without and with control variates.
    """

    sampled: float | None = None
    controlled: float | None = None


AUTOMATIC_TARGETS = {
    "mean_energy": AutomaticTarget(0.002, 1e-4),
    "drift_velocity_flux": AutomaticTarget(0.003, 1e-4),
    "drift_velocity_bulk": AutomaticTarget(0.005, 1e-4),
    "diffusion_flux": AutomaticTarget(0.02, 3e-4),
    "diffusion_bulk": AutomaticTarget(0.02, 3e-4),
    "rates": AutomaticTarget(None, 3e-4),
    "ionization": AutomaticTarget(),
    "townsend": AutomaticTarget(),
}
"""What can be had in seconds, by the names of `RelErrorConfig`."""


@dataclass
class RelErrorConfig:
    """Relative standard errors at which the run may stop; None leaves a coefficient out.

    AUTO takes what can be had in seconds: with control variates 1e-4, and 3e-4 for diffusion and
    rates.

    Attributes
    ----------
    mean_energy : float, AUTO or None
        Of the mean energy.
    drift_velocity_flux : float, AUTO or None
        Of the flux drift velocity; left out without a steady field.
    drift_velocity_bulk : float, AUTO or None
        Of the bulk drift velocity; left out without a steady field.
    diffusion_flux : float, AUTO or None
        Of longitudinal and transverse flux diffusion, both.
    diffusion_bulk : float, AUTO or None
        Of longitudinal and transverse bulk diffusion, both.
    rates : float, AUTO or None
        Of all rate coefficients above 1e-18 m3/s; rarer processes do not keep a run from ending.
    ionization : float, AUTO or None
        Of the effective ionization rate coefficient, however small.
    townsend : float, AUTO or None
        Of the steady-state Townsend coefficient; left out without a steady field.
    """

    mean_energy: float | str | None = _target()
    drift_velocity_flux: float | str | None = _target()
    drift_velocity_bulk: float | str | None = _target()
    diffusion_flux: float | str | None = _target()
    diffusion_bulk: float | str | None = _target()
    rates: float | str | None = _target()
    ionization: float | str | None = _target()
    townsend: float | str | None = _target()


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
    real_collisions: float | None = bounded(None, 0.0, low_excluded=True)
    simulated_time: float | None = bounded(None, 0.0, unit="s", low_excluded=True)
    wall_time: float | None = bounded(None, 0.0, unit="s", low_excluded=True)
