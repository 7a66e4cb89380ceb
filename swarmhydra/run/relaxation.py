"""When a swarm has relaxed.

Two criteria, both needed. The mean energy is stationary: MSER-5 cuts off less than half of its
series. And the time exceeds twice the time in which the electrons exchange their energy with field
and gas, so that a change which is slow against the noise is not overlooked.

In a field that repeats itself, a third criterion is enough by itself: enough energy exchange times
have passed (`SURELY_RELAXED`).
"""

import numpy as np

from swarmhydra.kernels.arrays import FloatArray

EXCHANGE_TIMES = 2.0
"""Shortest relaxation, in energy exchange times."""

SURELY_RELAXED = 10.0
"""Energy exchange times after which a swarm in a field that repeats itself has relaxed, whatever
its mean energies say."""


def relaxation_time(
    energies: FloatArray, sample: float, elapsed: float, exchange_time: float
) -> float | None:
    """Time at which the swarm had relaxed (s), None if it has not.

    Parameters
    ----------
    energies : ndarray, shape (n,)
        Mean energies in successive samples since the start (eV).
    sample : float
        Duration of a sample (s).
    elapsed : float
        Time since the start (s).
    exchange_time : float
        Mean energy over the rate at which electrons exchange it with field and gas (s).
    """
    cut = truncation_point(energies)
    if cut is None or not elapsed > EXCHANGE_TIMES * exchange_time:
        return None
    return cut * sample


def truncation_point(series: FloatArray, batch: int = 5) -> int | None:
    """Where a series becomes stationary, by MSER-5 (White, 1997).

    The start is cut off where the standard error of the mean of the rest, taken over means of five
    points, is smallest. It looks at the spread alone, so it does not matter from which side the
    series came.

    Parameters
    ----------
    series : ndarray, shape (n,)
    batch : int
        Points per mean.

    Returns
    -------
    int or None
        Points to drop; None where that would be more than half of them, or where there are points
        without a value: not stationary yet.
    """
    if not np.isfinite(series).all():
        return None
    batches = len(series) // batch
    half = batches // 2
    if half < 2:
        return None
    means = series[len(series) - batches * batch :].reshape(batches, batch).mean(axis=1)
    # Beyond the half too few points would be left to estimate their spread.
    errors = [means[cut:].var() / (batches - cut) for cut in range(half + 1)]
    best = int(np.argmin(errors))
    return best * batch if best < half else None
