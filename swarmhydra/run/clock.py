"""Wall time and processor time of a run, over all processes that worked on it."""

import time


class Clock:
    """Time since it was made, and the time that had passed before (s).

    Parameters
    ----------
    wall, cpu : float, optional
        Wall time and processor time to go on from.
    """

    def __init__(self, wall: float = 0.0, cpu: float = 0.0) -> None:
        self._wall, self._cpu = time.perf_counter() - wall, time.process_time() - cpu

    def wall(self) -> float:
        """Seconds that have passed."""
        return time.perf_counter() - self._wall

    def cpu(self) -> float:
        """Seconds that all threads have worked."""
        return time.process_time() - self._cpu
