"""What the phases of a run remember between two steps, besides the swarm and its sums."""

import math
from dataclasses import dataclass, field

from swarmhydra.run.relaxation import WindowPlan

FIRST_LOOK = 4
"""Windows after which errors are looked at for the first time."""


@dataclass
class State:
    """Where a run is.

    Attributes
    ----------
    phase : str
        ``relaxation``, ``calibration``, ``settling`` or ``measurement``.
    looking_back : int
        Of the calibration: number of the window under way, from 1; 0 between two series of them.
    energies_so_far : list of float
        Mean energies of the windows of the series that is under way (eV).
    parts : int
        Windows of that series in the relaxation; 0 between two of them.
    duration : float
        Of a window of the relaxation (s).
    energies : list of float
        Mean energies in the windows of the relaxation (eV).
    relaxation_time : float or None
        As in `recording.Course`.
    longest : float
        Window that the growth of the swarm allows (s).
    flight_time, longest_step, step : float
        Of the calibration: mean time of a flight, the longest and the present time step (s).
    windows : WindowPlan
        Of the measurement.
    measured, next_look : int
        Windows so far, and the one after which errors are looked at.
    began_at, collided_before : float and int
        Time and real collisions at the start of the measurement.
    fraction : float
        Of the phase that is done.
    """

    duration: float
    windows: WindowPlan
    phase: str = "relaxation"
    looking_back: int = 0
    energies_so_far: list[float] = field(default_factory=list)
    parts: int = 0
    energies: list[float] = field(default_factory=list)
    relaxation_time: float | None = None
    longest: float = math.inf
    flight_time: float = math.nan
    longest_step: float = math.inf
    step: float = math.nan
    measured: int = 0
    next_look: int = FIRST_LOOK
    began_at: float = 0.0
    collided_before: int = 0
    fraction: float = 0.0
