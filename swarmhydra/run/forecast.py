"""How far a run is: one share of the whole that only grows, and the time that is left.

What is left of the swarm's time is foreseen stage by stage; the pace so far makes seconds of it.
Before the first estimate of errors the length of the measurement is a guess from the targets.
"""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Mapping

import numpy as np

from swarmhydra.config import Config, rel_error_targets
from swarmhydra.kernels.contract import REAL_COLLISIONS
from swarmhydra.results.record import Estimate
from swarmhydra.run.progress import Progress
from swarmhydra.run.relaxation import EXCHANGE_TIMES, SURELY_RELAXED
from swarmhydra.run.stages import (
    FIRST_CHECK,
    RELAXATION_SAMPLES,
    Calibration,
    Measurement,
    Measuring,
    Relaxation,
    Settling,
    Stage,
)
from swarmhydra.run.waveform_stages import Rehearsal
from swarmhydra.run.windows import DECAY_TIMES, LONGEST_MEMORY
from swarmhydra.swarm.ensemble import Ensemble
from swarmhydra.swarm.waveform import Begin
from swarmhydra.swarm.waveform_ensemble import WaveformEnsemble

MOST = 0.99
"""Share that a run shows at most before its end."""

PACE_OVER = 10.0
"""Time over which the rate of trials is averaged (s)."""

REFRESH = 0.1
"""Time between two forecasts (s); the kernels report more often."""

_ENERGY_SPREAD = 0.6
"""Variance of the energy over the square of its mean: 2/3 of a Maxwell distribution."""

_CALIBRATION = 2.0
"""Energy exchange times of a calibration: 16 windows of an eighth of one."""


class Forecast:
    """Makes the progress of one run.

    Parameters
    ----------
    config : Config
    controlled : bool
        Whether control variates are in use: errors then are small after a few windows.
    """

    def __init__(self, config: Config, controlled: bool) -> None:
        self._config, self._controlled = config, controlled
        self._share = 0.0
        self._made_at = -math.inf
        self._last: Progress | None = None
        self._pace: deque[tuple[float, int]] = deque()
        self._exchange = math.inf
        # Wall time at which the run is expected to end, and the window after which it was foreseen.
        self._end, self._foreseen_at = math.inf, (-1.0, -1.0)

    def progress(
        self,
        stage: Stage,
        stage_wall: float,
        ensemble: Ensemble,
        wall: float,
        estimates: Mapping[str, Estimate],
    ) -> Progress:
        """The progress now.

        Parameters
        ----------
        stage : Stage
        stage_wall : float
            Wall time when the stage began (s).
        ensemble : Ensemble
        wall : float
            Wall time of the run so far (s).
        estimates : mapping of str to Estimate
            Coefficients to show.
        """
        now, last = time.monotonic(), self._last
        if last and last.message == stage.name and 0.0 <= now - self._made_at < REFRESH:
            return last
        self._made_at = now
        eta = self._seconds_left(stage, stage_wall, ensemble, wall)
        if math.isfinite(eta):
            self._share = max(self._share, min(wall / (wall + eta), MOST) if wall > 0.0 else 0.0)
        self._pace.append((now, ensemble.trials))
        while now - self._pace[0][0] > PACE_OVER:
            self._pace.popleft()
        began, trials = self._pace[0]
        rate = (ensemble.trials - trials) / (now - began) if now > began else math.nan
        self._last = Progress(self._share, ensemble.trials, rate, eta, stage.name, dict(estimates))
        return self._last

    def _seconds_left(
        self, stage: Stage, stage_wall: float, ensemble: Ensemble, wall: float
    ) -> float:
        """Seconds to go; foreseen at the ends of windows, and counted down in between.

        Where nothing can be foreseen yet, they are those up to the limit of wall time.
        """
        first_window = ensemble.time == 0.0
        if first_window or (ensemble.time, stage.fraction) != self._foreseen_at:
            self._foreseen_at = (ensemble.time, stage.fraction)
            self._end = wall + self._foreseen(stage, stage_wall, ensemble, wall)
        limit = self._config.sim.stop.wall_time
        end = min(self._end, math.inf if limit is None else limit)
        return max(end - wall, 0.0) if math.isfinite(end) else math.nan

    def _foreseen(self, stage: Stage, stage_wall: float, ensemble: Ensemble, wall: float) -> float:
        """Seconds to go at the end of a window, or in the first one."""
        if isinstance(stage, Measuring) and stage.fraction > 0.0:
            return (wall - stage_wall) * (1.0 / stage.fraction - 1.0)
        elapsed = ensemble.elapsed(stage.duration)
        if not elapsed > 0.0:
            return math.inf
        return self._swarm_time_left(stage, ensemble) * wall / elapsed

    def _swarm_time_left(self, stage: Stage, ensemble: Ensemble) -> float:
        """Time of the swarm that is left (s), before the errors are known."""
        exchange = self._exchange_time(ensemble)
        settling = 1.5 * DECAY_TIMES * exchange
        if isinstance(stage, Rehearsal):
            before = self._rehearsal(stage, ensemble, exchange)
        elif isinstance(stage, Relaxation):
            # The second bound covers errors of the exchange time and of the test for stationarity.
            relaxing = max(EXCHANGE_TIMES * exchange - ensemble.time, 8.0 * stage.sample)
            before = relaxing + _CALIBRATION * exchange + settling
        elif isinstance(stage, Calibration):
            before = (LONGEST_MEMORY + 1 - stage.number) * stage.step + settling
        elif isinstance(stage, Settling):
            before = (stage.plan.memory - stage.settled) * stage.plan.duration
        else:
            before = 0.0
        time_so_far = ensemble.time - stage.began_at if isinstance(stage, Measuring) else 0.0
        return before + max(self._measurement(stage, ensemble, exchange) - time_so_far, 0.0)

    def _rehearsal(self, stage: Rehearsal, ensemble: Ensemble, exchange: float) -> float:
        """Guess of how long a rehearsal goes on (s)."""
        assert isinstance(ensemble, WaveformEnsemble)
        waveform, passes = ensemble.waveform, 1.0
        if waveform.begin is Begin.REPEAT:
            needed_passes = min(
                SURELY_RELAXED * exchange / waveform.duration, RELAXATION_SAMPLES / 2
            )
            passes = max(2.0, math.ceil(needed_passes))
        return max(passes - stage.passes - ensemble.fraction_of_pass, 0.0) * waveform.duration

    def _exchange_time(self, ensemble: Ensemble) -> float:
        """Energy exchange time (s): the last one known, where sums have just been set to zero."""
        with np.errstate(divide="ignore", invalid="ignore"):
            now = ensemble.exchange_time()
        if math.isfinite(now) and now > 0.0:
            self._exchange = now
        return self._exchange

    def _measurement(self, stage: Stage, ensemble: Ensemble, exchange: float) -> float:
        """Guess of how long the swarm is measured (s)."""
        if self._controlled and isinstance(stage, Settling | Measurement):
            return 2.0 * stage.plan.memory * stage.plan.duration
        sim = self._config.sim
        targets = rel_error_targets(sim, self._controlled)
        # Energies decorrelate after the exchange time, displacements after the lag.
        spreads = dict.fromkeys(targets, 2.0 * _ENERGY_SPREAD)
        spreads |= {f"diffusion_{kind}": 2.0 * DECAY_TIMES for kind in ("flux", "bulk")}
        times = [
            spreads[name] * exchange / (target**2 * sim.electrons)
            for name, target in targets.items()
            if target is not None
        ]
        longest = max(times, default=math.inf)
        collisions, limit = int(ensemble.events[REAL_COLLISIONS]), sim.stop.real_collisions
        if limit is not None and collisions > 0:
            longest = min(longest, limit * ensemble.time / collisions)
        if isinstance(stage, Settling | Measurement):
            longest = max(longest, FIRST_CHECK * stage.plan.duration)
        if isinstance(ensemble, WaveformEnsemble) and math.isfinite(longest):
            # Each interval is as precise as if all the time were spent in it.
            waveform = ensemble.waveform
            in_pass = max(exchange, waveform.duration / waveform.intervals)
            lead = ensemble.lead_windows * ensemble.lead_duration
            longest = math.ceil(longest / in_pass) * (lead + waveform.duration)
        return min(longest, sim.stop.simulated_time or math.inf)
