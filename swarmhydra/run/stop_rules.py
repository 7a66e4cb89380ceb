"""When a measurement may end: error targets and budgets."""

from dataclasses import dataclass

import numpy as np

from swarmhydra.results.record import Estimate

COEFFICIENTS_OF_TARGET = {
    "mean_energy": ("mean_energy",),
    "drift_velocity_flux": ("drift_velocity_flux",),
    "drift_velocity_bulk": ("drift_velocity_bulk",),
    "diffusion_flux": (
        "reduced_diffusion_longitudinal_flux",
        "reduced_diffusion_transverse_flux",
    ),
    "diffusion_bulk": (
        "reduced_diffusion_longitudinal_bulk",
        "reduced_diffusion_transverse_bulk",
    ),
    "rates": ("rate_coefficient",),
    "ionization": ("effective_ionization_rate_coefficient",),
    "townsend": ("reduced_townsend_effective_sst",),
}
"""Coefficients of each target of `sim.stop.rel_error`; all of them must meet it."""

LEAST_RATE = 1e-18
"""Rate coefficient (m3/s) below which the target of the rates does not ask for a process."""

EXTINCT = "extinct"
"""Reason of a run whose last electron was attached."""

OUT_OF_TIME = "wall_time"
"""Reason of a run whose wall time was used up, also before it could measure."""

INTERRUPTED = "interrupted"
"""Reason of a run that was asked to stop."""


@dataclass(frozen=True)
class Usage:
    """What a measurement has used so far."""

    real_collisions: float
    simulated_time: float
    wall_time: float


NO_COLLISIONS = "no_collisions"
"""Reason of a run whose electrons never meet a molecule."""

TOO_SLOW = "too_slow"
"""Reason of a run that cannot follow enough periods of an alternating field in its wall time."""

LIMITS = ("real_collisions", "simulated_time", OUT_OF_TIME)
"""Reasons after which a run can go on, when it is given more of what was used up."""


@dataclass(frozen=True)
class Verdict:
    """How near the end is.

    Attributes
    ----------
    shares : dict of str to float
        Share of the way to each target or limit; 1 or more where it is reached.
    """

    shares: dict[str, float]

    @property
    def reason(self) -> str | None:
        """The stop rule that ends the run, None where none does."""
        leader = max(self.shares, key=lambda name: self.shares[name])
        return leader if self.shares[leader] >= 1.0 else None

    @property
    def fraction(self) -> float:
        """Share of the way to the end, at most 1."""
        return min(max(self.shares.values()), 1.0)

    @property
    def fraction_without_clock(self) -> float:
        """The same but for the wall time: it does not depend on how fast the computer is."""
        return min(max(v for name, v in self.shares.items() if name != OUT_OF_TIME), 1.0)


def judge(
    estimates: dict[str, Estimate],
    targets: dict[str, float | None],
    limits: dict[str, float | None],
    usage: Usage,
) -> Verdict:
    """Compare errors with targets, and what was spent with limits.

    Parameters
    ----------
    estimates : dict of str to Estimate
    targets : dict of str to float or None
        Relative standard errors, by the names of `COEFFICIENTS_OF_TARGET`. All must be met.
    limits : dict of str to float or None
        By the names of `Usage`. One is enough.
    usage : Usage
    """
    shares = {"rel_error": _share_of_targets(estimates, targets)}
    for name, limit in limits.items():
        if limit is not None:
            shares[name] = getattr(usage, name) / limit
    return Verdict(shares)


def _share_of_targets(estimates: dict[str, Estimate], targets: dict[str, float | None]) -> float:
    """Share of the time to the slowest target that is over: errors fall as 1/sqrt(t)."""
    shares = [
        (target / error) ** 2 if error > 0.0 else np.inf
        for name, target in targets.items()
        if target is not None
        for error in _relative_errors(estimates, name)
    ]
    return float(min(shares)) if shares else 0.0


def _relative_errors(estimates: dict[str, Estimate], name: str) -> list[float]:
    """Relative errors of the coefficients a target is about; infinite where there is no value."""
    errors = []
    for coefficient in COEFFICIENTS_OF_TARGET[name]:
        estimate = estimates[coefficient]
        for value, stderr in zip(np.ravel(estimate.value), np.ravel(estimate.stderr), strict=True):
            if name == "rates" and abs(value) < LEAST_RATE:
                continue
            usable = np.isfinite(value) and np.isfinite(stderr) and value != 0.0
            errors.append(float(abs(stderr / value)) if usable else np.inf)
    return errors
