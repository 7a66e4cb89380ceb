"""The stages of a run in a field that changes: relaxation, rehearsal, passes.

Where each pass starts from the steady state of the first field, `first_stage` begins with
`SteadyStart`, which relaxes the swarm in that field and then chooses the *lead*: windows in the
first field before each pass, so that displacements grow at their final rate when the pass starts.
Then a *rehearsal* takes one pass, or as many as a swarm in a field that repeats itself needs to
relax, and measures what the plan of the passes is made from: windows, weights, majorants and bins.
At last the *passes* are those whose sums are kept, until a stop rule is met. Each pass is
`WaveformEnsemble.begin_pass`, windows, and `end_window` after each of them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from swarmhydra.config import SimConfig
from swarmhydra.kernels.contract import REAL_COLLISIONS
from swarmhydra.run.relaxation import SURELY_RELAXED, relaxation_time
from swarmhydra.run.stages import (
    RELAXATION_SAMPLES,
    Measuring,
    Relaxation,
    Stage,
    longest_window,
)
from swarmhydra.swarm.ensemble import Ensemble
from swarmhydra.swarm.waveform import Begin
from swarmhydra.swarm.waveform_ensemble import WaveformEnsemble

MEMORY_EXCHANGE_TIMES = 5.0
"""Energy exchange times after which displacements grow at their final rate."""

KNOWN_SAMPLES = 8
"""Samples in the first field where electrons start from the steady state, to find how fast they
exchange energy."""


def first_stage(ensemble: WaveformEnsemble, starts_steady: bool) -> Stage:
    """The stage with which a run begins.

    Parameters
    ----------
    ensemble : WaveformEnsemble
    starts_steady : bool
        Whether electrons are in the steady state of the first field.
    """
    if ensemble.waveform.begin is Begin.STEADY:
        return SteadyStart(Relaxation.begin(ensemble).sample, starts_steady=starts_steady)
    return Rehearsal.begin(ensemble, relaxed_at=None)


@dataclass
class SteadyStart(Relaxation):
    """Relax in the first field, from which each pass starts.

    Attributes
    ----------
    starts_steady : bool
        Whether electrons are in its steady state from the beginning.
    """

    name: ClassVar[str] = "relaxation in the first field"

    starts_steady: bool = field(default=False, kw_only=True)

    def take(self, energy: float, ensemble: Ensemble, sim: SimConfig) -> Stage:
        """Add the energy to the series; go on to the rehearsal when the swarm has relaxed."""
        following = super().take(energy, ensemble, sim)
        if self.starts_steady and following is self and len(self.energies) == KNOWN_SAMPLES:
            return self.following(ensemble, longest_window(ensemble, sim), relaxed_at=0.0)
        return following

    def following(self, ensemble: Ensemble, longest: float, relaxed_at: float | None) -> Stage:
        """Go on to the rehearsal, with windows in the first field before each pass."""
        assert isinstance(ensemble, WaveformEnsemble)
        memory = MEMORY_EXCHANGE_TIMES * ensemble.exchange_time()
        lead = min(memory, ensemble.waveform.duration)
        ensemble.lead_windows = max(1, math.ceil(lead / longest))
        ensemble.lead_duration = lead / ensemble.lead_windows
        ensemble.start_afresh()
        return Rehearsal.begin(ensemble, relaxed_at, short_lead=lead < memory)


@dataclass
class Rehearsal(Stage):
    """Take passes to choose windows, weights and bounds: one, or until a periodic swarm relaxes.

    Attributes
    ----------
    next_duration : float
        Duration of the next window (s).
    short_lead : bool
        Whether the lead is shorter than the velocity memory.
    passes : int
        Complete passes.
    passes_per_sample : int
        Passes of which a mean energy is the mean; doubles as `Relaxation.sample` does.
    recent, energies : list of float
        Mean energies of passes of the sample that is under way, and of samples before it (eV).
    """

    name: ClassVar[str] = "rehearsal"

    next_duration: float
    short_lead: bool = False
    passes: int = 0
    passes_per_sample: int = 1
    recent: list[float] = field(default_factory=list)
    energies: list[float] = field(default_factory=list)

    @classmethod
    def begin(
        cls, ensemble: WaveformEnsemble, relaxed_at: float | None, short_lead: bool = False
    ) -> Rehearsal:
        """Begin a pass."""
        ensemble.begin_pass(rehearsing=True)
        return cls(ensemble.next_duration, short_lead, relaxed_at=relaxed_at)

    @property
    def duration(self) -> float:
        """Duration of the next window (s)."""
        return self.next_duration

    def take(self, energy: float, ensemble: Ensemble, sim: SimConfig) -> Stage:
        """Go on to the passes of the measurement when there is nothing left to find out."""
        assert isinstance(ensemble, WaveformEnsemble)
        complete = ensemble.end_window()
        if complete and self._is_over(ensemble, sim):
            return Passes.begin_with(ensemble, self.relaxed_at, self.short_lead)
        if complete:
            ensemble.begin_pass(rehearsing=True)
        self.next_duration = ensemble.next_duration
        return self

    def _is_over(self, ensemble: WaveformEnsemble, sim: SimConfig) -> bool:
        """Whether the swarm does the same in every pass from here on."""
        self.passes += 1
        if ensemble.waveform.begin is not Begin.REPEAT:
            if ensemble.waveform.begin is Begin.GIVEN:
                self.relaxed_at = 0.0
            return True
        self._remember(ensemble.mean_energy_of_pass())
        duration, exchange = ensemble.waveform.duration, ensemble.exchange_time_of_pass()
        elapsed = self.passes * duration
        ensemble.settling_passes = max(
            1, math.ceil(min(MEMORY_EXCHANGE_TIMES * exchange / duration, 1e6))
        )
        if self.passes >= 2 and elapsed > SURELY_RELAXED * exchange:
            self.relaxed_at = elapsed
        count = len(self.energies)
        if self.relaxed_at is None and count >= RELAXATION_SAMPLES // 2 and count % 8 == 0:
            sample = self.passes_per_sample * duration
            series = np.array(self.energies)
            self.relaxed_at = relaxation_time(series, sample, elapsed, exchange)
        given_up = ensemble.flights_per_electron() > sim.relaxation_collisions
        return self.relaxed_at is not None or given_up

    def _remember(self, energy: float) -> None:
        """Add the mean energy of a pass to the series."""
        self.recent.append(energy)
        if len(self.recent) < self.passes_per_sample:
            return
        self.energies.append(float(np.mean(self.recent)))
        self.recent = []
        if len(self.energies) == RELAXATION_SAMPLES:
            self.energies = np.reshape(self.energies, (-1, 2)).mean(axis=1).tolist()
            self.passes_per_sample *= 2


@dataclass
class Passes(Measuring):
    """Take passes until a stop rule is met.

    Attributes
    ----------
    next_duration : float
        Duration of the next window (s).
    short_lead : bool
        As `Rehearsal.short_lead`.
    between_passes : bool
        Whether a pass has just been completed.
    """

    name: ClassVar[str] = "passes"

    next_duration: float
    short_lead: bool
    between_passes: bool = False

    @classmethod
    def begin_with(
        cls, ensemble: WaveformEnsemble, relaxed_at: float | None, short_lead: bool
    ) -> Passes:
        """Start with sums of zero."""
        ensemble.start_sums()
        ensemble.begin_pass()
        return cls(
            ensemble.next_duration,
            short_lead,
            began_at=ensemble.time,
            collisions_before=int(ensemble.events[REAL_COLLISIONS]),
            next_check=1,
            relaxed_at=relaxed_at,
        )

    @property
    def duration(self) -> float:
        """Duration of the next window (s)."""
        return self.next_duration

    @property
    def check_is_due(self) -> bool:
        """Whether errors shall be estimated now: only between passes do they change."""
        return self.between_passes and super().check_is_due

    def take(self, energy: float, ensemble: Ensemble, sim: SimConfig) -> Stage:
        """Count the pass if the window has completed one."""
        assert isinstance(ensemble, WaveformEnsemble)
        self.between_passes = ensemble.end_window()
        if self.between_passes:
            self.measured += 1
            ensemble.begin_pass()
        self.next_duration = ensemble.next_duration
        return self
