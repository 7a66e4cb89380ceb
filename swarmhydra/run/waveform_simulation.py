"""A run in a field that changes: the loop of `simulation`, over the passes of a waveform."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from swarmhydra.config import Config
from swarmhydra.estimators import time_resolved
from swarmhydra.estimators.velocity_distribution import NOTHING_MORE
from swarmhydra.results.record import Estimate, RunRecord
from swarmhydra.run import collect_results, stop_rules, waveform_results, waveform_stages
from swarmhydra.run.monitor import RunMonitor
from swarmhydra.run.progress import Progress
from swarmhydra.run.run_warnings import run_warnings
from swarmhydra.run.simulation import Simulation
from swarmhydra.run.stages import Stage
from swarmhydra.run.steady_start import steady_start
from swarmhydra.run.waveform_stages import Passes
from swarmhydra.swarm.ensemble import Ensemble
from swarmhydra.swarm.waveform_ensemble import WaveformEnsemble

IN_TIME = {
    "mean_energy": "mean_energy",
    "drift_velocity_flux": "drift_velocity",
    "reduced_diffusion_longitudinal_flux": "reduced_diffusion_longitudinal_flux",
    "reduced_diffusion_transverse_flux": "reduced_diffusion_transverse_flux",
    "rate_coefficient": "rate_coefficient",
    "effective_ionization_rate_coefficient": "effective_ionization_rate_coefficient",
}
"""Coefficients that targets are about, and what they are in the course of time."""

NOTABLE_GROWTH = np.log(10.0)
"""Logarithm of the growth in an interval of time from which on a run warns."""


def run(
    config: Config,
    progress: Callable[[Progress], None] | None = None,
    monitor: RunMonitor | None = None,
    checkpoint: Mapping[str, Any] | None = None,
) -> RunRecord:
    """Simulate a swarm in a field that changes until a stop rule is met; as `simulation.run`."""
    simulation = WaveformSimulation(config, progress, monitor)
    if checkpoint is not None:
        simulation.load_state_dict(checkpoint)
    return simulation.run()


class WaveformSimulation(Simulation):
    """A run in a field that changes."""

    ensemble: WaveformEnsemble

    def _new_ensemble(self) -> Ensemble:
        """The swarm."""
        self._controlled = None
        self._start = steady_start(self._config)
        return WaveformEnsemble(self._config, self._start)

    def _first_stage(self) -> Stage:
        """The stage with which the run begins."""
        return waveform_stages.first_stage(self.ensemble, self._start is not None)

    def _coefficients(self, checked: bool = True) -> dict[str, Estimate]:
        """Averages over time of what has been measured so far."""
        inputs = waveform_results.time_inputs(self.ensemble, NOTHING_MORE)
        return time_resolved.averages(self.ensemble.sums, inputs)

    def _judged(self) -> dict[str, Estimate]:
        """For each target the largest error in the course of time, and the largest value."""
        inputs = waveform_results.time_inputs(self.ensemble, NOTHING_MORE)
        in_time = time_resolved.time_resolved(self.ensemble.sums, inputs)
        return {name: _largest(in_time[of]) for name, of in IN_TIME.items()}

    def _warnings(self, reason: str, estimates: dict[str, Estimate]) -> Iterator[str]:
        """Warnings for readers of the results."""
        yield from run_warnings(self._config, self.ensemble, self.stage, reason, estimates)
        if isinstance(self.stage, Passes) and self.stage.short_lead:
            yield (
                "the velocity memory is longer than the waveform: diffusion near the start of a "
                "pass may be biased"
            )

        growth = np.abs(np.diff(self.ensemble.plan.ln_number)).max()
        if growth > NOTABLE_GROWTH:
            yield (
                f"the number of electrons changes by a factor of up to {np.exp(growth):.2g} within "
                "an interval of time: averages there are over electrons, most of which live at one "
                "end of it; more sim.waveform.bins tell its parts apart"
            )

    def _record(self, course: collect_results.Course) -> RunRecord:
        """The results of a run that has ended; one that was interrupted shall end soon."""
        settings = self._config.sim.waveform
        beside = settings.quasi_steady and course.stop_reason != stop_rules.INTERRUPTED
        return waveform_results.collect(self._config, self.ensemble, course, self._clock, beside)


def _largest(estimate: Estimate) -> Estimate:
    """Largest magnitude, and largest error, along the time; not a number where there is none."""
    with np.errstate(invalid="ignore"):
        value, error = (
            np.max(np.abs(array), axis=0) for array in (estimate.value, estimate.stderr)
        )
        # The error is NaN in intervals without an event. If that is so in some intervals, use the
        # largest error of the others.
        of_others = np.nanmax(np.where(np.isfinite(estimate.stderr), estimate.stderr, 0.0), axis=0)
    return Estimate(np.asarray(value), np.asarray(np.where(np.isfinite(error), error, of_others)))
