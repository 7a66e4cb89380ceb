"""How the windows of the measurement are chosen: from the memory and the growth of the swarm.

A displacement grows at its final rate once the electron's energy is no longer correlated with that
at the start. How long that takes is measured by the correlation of an electron's energy with its
own some time ago. Growth limits a window from above: no sub-swarm may outgrow its arrays.
"""

from dataclasses import dataclass

import numpy as np

from swarmhydra.kernels.arrays import FloatArray

LONGEST_MEMORY = 16
"""Largest number of windows over which displacements are remembered."""

DECAY_TIMES = 5.0
"""Energy correlation times after which a displacement grows at its final rate: what is left of the
start is exp(-5) = 0.7 % of it."""

FLIGHTS_PER_WINDOW = 64.0
"""Smallest number of flights of an electron per window. At its end electrons wait for the slowest
one; in shorter windows that would cost too much."""

# Windows with control variates. What these leave to average hardly depends on what a displacement
# was long ago, so that short windows are enough, and less noisy.
CONTROLLED_FLIGHTS = (24.0, 48.0, 96.0, 192.0)
"""Flights per window at least: the first number after which directions are forgotten."""

REMEMBERED = 1e-3
"""Share of the diffusion across the field that displacements of a window may lack at most."""

CONTROLLED_MEMORY = 4
"""Number of windows spanned by a displacement, if that exceeds the velocity memory."""

LONGEST_CONTROLLED = 3.0
"""Largest window, relative to the smallest."""

LOST_IN_NOISE = np.exp(-3.0)
"""Correlation below which a value is taken for noise; it counts as three decay times."""


def correlation_time(correlation: FloatArray, step: float) -> float | None:
    """Time in which a correlation falls to 1/e, None if it does not within its range.

    Parameters
    ----------
    correlation : ndarray, shape (n,)
        At lags 0, 1, 2, ... times `step`.
    step : float
        (s)
    """
    coefficient = correlation / correlation[0]
    below = np.flatnonzero(coefficient < np.exp(-1.0))
    if below.size == 0:
        return None
    last = int(below[0])
    # Interpolate the logarithm linearly between the two lags.
    upper, lower = -np.log(coefficient[last - 1]), -np.log(max(coefficient[last], LOST_IN_NOISE))
    return float(step * (last - 1 + (1.0 - upper) / (lower - upper)))


@dataclass(frozen=True)
class WindowPlan:
    """Windows of the measurement.

    Attributes
    ----------
    duration : float
        Duration of one window (s).
    memory : int
        Windows that displacements are remembered over.
    lag : int
        Windows after which displacements grow at their final rate; what comes earlier is not used.
    needed : int
        Lag (windows) that the correlation time requires; larger than `lag` if `memory` is too
        small.
    """

    duration: float
    memory: int
    lag: int
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

    The lag is two windows, or fewer where those would have only a few flights, or more where the
    swarm would grow too much in them. Displacements are remembered for half as long again, to see
    them grow.

    Parameters
    ----------
    correlation : float
        Correlation time of an electron's energy (s).
    flight_time : float
        Mean time of a flight (s).
    longest : float
        Longest window that the growth of the swarm allows (s).
    window, memory : float and int, or None
        Settings that fix them (s, windows); None to choose.

    Returns
    -------
    WindowPlan
    """
    by_rule = max(0.5 * DECAY_TIMES * correlation, FLIGHTS_PER_WINDOW * flight_time)
    duration = window or min(by_rule, longest)
    lag = max(1, int(np.ceil(DECAY_TIMES * correlation / duration)))
    if memory is None:
        memory = min(lag + max(1, (lag + 1) // 2), LONGEST_MEMORY)
    return WindowPlan(float(duration), memory, min(lag, memory - 1), lag)


def plan_controlled_windows(
    correlation: float,
    shortest: float,
    longest: float,
    window: float | None,
    memory: int | None,
) -> WindowPlan:
    """Choose the windows of a measurement by control variates; parameters as `plan_windows`.

    `shortest` is the least duration (s) of a window. Where a few of these suffice for displacements
    to grow at their final rate, they are remembered for so long that the sampled diffusion is right
    as well.
    """
    lags = CONTROLLED_MEMORY - 1
    by_rule = max(DECAY_TIMES * correlation / lags, shortest)
    if by_rule > LONGEST_CONTROLLED * shortest:
        by_rule, lags = shortest, 1
    duration = window or min(by_rule, longest)
    lag = max(1, int(np.ceil(DECAY_TIMES * correlation / duration * (1.0 - 1e-9))))
    if memory is None:
        memory = 1 + (min(lag, LONGEST_MEMORY - 1) if lags > 1 else 1)
    return WindowPlan(float(duration), memory, memory - 1, lag)
