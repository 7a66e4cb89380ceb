"""When a swarm has relaxed, how long it remembers, and the windows that follow from both."""

from dataclasses import dataclass

import numpy as np

from swarmhydra.kernels.arrays import FloatArray

LONGEST_MEMORY = 16
"""Windows at most that displacements are remembered over."""

DECAY_TIMES = 5.0
"""Energy correlation times after which a displacement has forgotten how it began."""

FLIGHTS_PER_WINDOW = 64.0
"""Flights of an electron per window below which waiting for the slowest would cost too much."""


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
        Points to drop; None where that would be more than half of them: not stationary yet.
    """
    batches = len(series) // batch
    half = batches // 2
    if half < 2:
        return None
    means = series[len(series) - batches * batch :].reshape(batches, batch).mean(axis=1)
    # Beyond the half too few points are left to tell their spread by.
    errors = [means[cut:].var() / (batches - cut) for cut in range(half + 1)]
    best = int(np.argmin(errors))
    return best * batch if best < half else None


def correlation_time(correlation: FloatArray, step: float) -> float | None:
    """Time in which a correlation falls to 1/e, None if it does not within its range.

    Parameters
    ----------
    correlation : ndarray, shape (n,)
        At lags 0, 1, 2, ... times `step`.
    step : float
        (s)
    """
    normalised = correlation / correlation[0]
    below = np.flatnonzero(normalised < np.exp(-1.0))
    if below.size == 0:
        return None
    last = int(below[0])
    # Logarithmic between the two lags; a value lost in the noise counts as three decay times.
    upper, lower = -np.log(normalised[last - 1]), -np.log(max(normalised[last], np.exp(-3.0)))
    return float(step * (last - 1 + (1.0 - upper) / (lower - upper)))


@dataclass(frozen=True)
class WindowPlan:
    """Windows of the measurement.

    Attributes
    ----------
    duration : float
        Of one window (s).
    memory : int
        Windows that displacements are remembered over.
    forgotten : int
        After how many of them a displacement counts, because it grows as if it had always grown.
    needed : int
        How many that takes; more than `forgotten` where not so many can be remembered.
    """

    duration: float
    memory: int
    forgotten: int
    needed: int


def longest_window(growth_rate: float, largest_growth: float) -> float:
    """Time in which a swarm changes by a factor (s).

    Parameters
    ----------
    growth_rate : float
        Net ionization frequency (1/s), of either sign.
    largest_growth : float
        The factor.
    """
    return float(np.log(largest_growth) / abs(growth_rate)) if growth_rate else float(np.inf)


def plan_windows(
    correlation: float,
    flight_time: float,
    longest: float,
    window: float | None,
    memory: int | None,
) -> WindowPlan:
    """Choose the windows of a measurement.

    A displacement must forget how it began before its growth counts. That takes two windows, fewer
    where they would have only a few flights, more where the swarm would grow too much in them.
    Displacements are remembered for half as long again, to see them grow.

    Parameters
    ----------
    correlation : float
        Correlation time of an electron's energy (s).
    flight_time : float
        Mean time of a flight (s).
    longest : float
        Longest window that the growth of the swarm allows (s).
    window, memory : float and int, or None
        What the user fixed (s, windows).
    """
    chosen = max(0.5 * DECAY_TIMES * correlation, FLIGHTS_PER_WINDOW * flight_time)
    duration = window or min(chosen, longest)
    needed = max(1, int(np.ceil(DECAY_TIMES * correlation / duration)))
    if memory is None:
        memory = min(needed + max(1, (needed + 1) // 2), LONGEST_MEMORY)
    return WindowPlan(float(duration), memory, min(needed, memory - 1), needed)
