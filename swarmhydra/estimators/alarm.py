"""How far a value may be from what it is expected to be before a run says so."""

from scipy import special

from swarmhydra.results.record import Estimate

ALARM = 4.0
"""Distance from which on a value is not believed, in standard errors of a normal distribution."""


def alarm_limit(estimate: Estimate) -> float:
    """Distance that is as unlikely as `ALARM`, in standard errors of an estimate.

    By Student's distribution, because the error comes from few sub-swarms.

    Parameters
    ----------
    estimate : Estimate
        With its pseudo-values.
    """
    assert estimate.pseudo_values is not None
    return float(-special.stdtrit(len(estimate.pseudo_values) - 1, special.ndtr(-ALARM)))
