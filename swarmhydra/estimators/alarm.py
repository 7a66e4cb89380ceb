"""How far a value may be from what it is expected to be before a run says so."""

from scipy import special

from swarmhydra.results.record import Estimate

ALARM = 4.0
"""Distance, in standard errors of a normal distribution, beyond which a value is rejected."""

COMPARISONS = 20
"""Approximate number of independent comparisons of a run."""


def alarm_limit(estimate: Estimate) -> float:
    """Distance, in standard errors of an estimate, from which on it is not believed.

    By chance it is passed by one of all comparisons of a run as often as `ALARM` by a single normal
    value (Bonferroni's correction). By Student's distribution, because the error comes from few
    sub-swarms.

    Parameters
    ----------
    estimate : Estimate
        With its pseudo-values.
    """
    assert estimate.pseudo_values is not None
    chance = special.ndtr(-ALARM) / COMPARISONS
    return float(-special.stdtrit(len(estimate.pseudo_values) - 1, chance))
