"""Standard errors by the jackknife: functions of sums, evaluated again without each sub-swarm.

Sub-swarms are independent, so that errors of ratios and differences include all correlations
(Efron, The Jackknife, the Bootstrap and Other Resampling Plans, 1982).
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from swarmhydra.kernels.arrays import FloatArray
from swarmhydra.kernels.contract import Tallies
from swarmhydra.results.record import Estimate


def jackknife(
    tallies: Tallies, evaluate: Callable[[Tallies], dict[str, FloatArray]]
) -> dict[str, Estimate]:
    """Values of functions of the sums, and their standard errors from the spread over sub-swarms.

    Parameters
    ----------
    tallies : Tallies
        Sums per sub-swarm, first axis S.
    evaluate : callable
        Takes sums with a first axis of any length and treats each entry of it alone.

    Returns
    -------
    dict of str to Estimate
        Of S sub-swarms: errors with S - 1 degrees of freedom, and pseudo-values.
    """
    # Velocity moments are large, and only control variates use them, which have sums of their own.
    small = tallies._replace(velocity_moments=tallies.velocity_moments[:, :0])
    sums = small.each(with_each_left_out)
    # A ratio over collisions that were never seen, such as attachments in argon, is not a number.
    with np.errstate(divide="ignore", invalid="ignore"):
        return estimates(evaluate(sums))


def estimates(results: dict[str, FloatArray]) -> dict[str, Estimate]:
    """Values and standard errors of functions of sums made by `with_each_left_out`.

    Parameters
    ----------
    results : dict of str to ndarray
        First axis S + 1: of all sub-swarms together, then without each one of them.
    """
    by_name = {}
    for name, values in results.items():
        count = len(values) - 1
        spread = values[1:] - values[1:].mean(axis=0)
        error = np.sqrt((count - 1) / count * np.sum(spread**2, axis=0))
        by_name[name] = Estimate(values[0], error, count * values[0] - (count - 1) * values[1:])
    return by_name


def with_each_left_out(array: NDArray[np.generic]) -> FloatArray:
    """The sum over sub-swarms, followed by the sums without each one of them."""
    values = array.astype(np.float64)
    total = values.sum(axis=0, keepdims=True)
    return np.concatenate([total, total - values])
