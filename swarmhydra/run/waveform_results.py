"""The results of a run in a field that changes, put together for the results file."""

from typing import Any

import numpy as np

from swarmhydra.config import Config
from swarmhydra.estimators import time_resolved
from swarmhydra.estimators.time_resolved import TimeInputs
from swarmhydra.estimators.velocity_distribution import VelocityRequest
from swarmhydra.kernels.quantities import HALF_MASS
from swarmhydra.results.record import RunRecord
from swarmhydra.run.clock import Clock
from swarmhydra.run.collect_results import Course, attributes, perf, perf_stages, random_streams
from swarmhydra.run.quasi_steady import quasi_steady
from swarmhydra.run.run_facts import (
    coordinates,
    extra_process_columns,
    process_columns,
    velocity_request,
)
from swarmhydra.swarm.waveform_ensemble import WaveformEnsemble


def time_inputs(ensemble: WaveformEnsemble, evdf: VelocityRequest) -> TimeInputs:
    """Gas, intervals and bins as the estimators see them."""
    medium, plan = ensemble.medium, ensemble.plan
    return TimeInputs(
        edges=ensemble.waveform.edges,
        energy_edges=HALF_MASS * medium.collision_tables.cell_edges[plan.cell_edges] ** 2,
        ln_number=plan.ln_number[:-1],
        number_density=medium.number_density,
        target_density=medium.number_density * medium.mixture.fraction,
        action=medium.action,
        extra_density=medium.number_density * medium.mixture.extra_fraction,
        evdf=evdf,
    )


def collect(
    config: Config, ensemble: WaveformEnsemble, course: Course, clock: Clock, beside: bool
) -> RunRecord:
    """Put the coefficients together with everything else of a results file.

    Parameters
    ----------
    config : Config
    ensemble : WaveformEnsemble
    course : Course
    clock : Clock
    beside : bool
        Whether to put quasi-steady values beside, where there are any.
    """
    inputs, sums = time_inputs(ensemble, velocity_request(config)), ensemble.sums
    mixture, stage = ensemble.medium.mixture, course.stage
    return RunRecord(
        coefficients=course.coefficients,
        processes=process_columns(mixture),
        extra_processes=extra_process_columns(mixture),
        waveform=_waveform(ensemble, inputs, beside),
        eedf=time_resolved.mean_distribution(sums, inputs),
        time_series=ensemble.series.columns(),
        perf_stages=perf_stages(ensemble, config.sim.profile_per_step),
        perf=perf(ensemble, clock),
        rng=random_streams(config, ensemble),
        coordinates={**coordinates(config), "en": _highest(config, ensemble)},
        electron_time=np.full(
            len(ensemble.keys), float(sums.started.mean()) * ensemble.waveform.duration
        ),
        attributes={
            **attributes(config, ensemble, course),
            "passes": stage.measured,
            "duration_of_pass": ensemble.waveform.duration,
        },
    )


def _waveform(ensemble: WaveformEnsemble, inputs: TimeInputs, beside: bool) -> dict[str, Any]:
    """What changes in the course of the waveform."""
    edges, waveform = inputs.edges, ensemble.waveform
    result: dict[str, Any] = {
        "time": 0.5 * (edges[1:] + edges[:-1]),
        "time_edges": edges,
        "en": waveform.mean_en,
        **time_resolved.time_resolved(ensemble.sums, inputs),
        "energy_edges": inputs.energy_edges,
        **time_resolved.distributions(ensemble.sums, inputs),
    }
    if beside and ensemble.medium.magnetic_direction is None:
        result |= quasi_steady(ensemble.medium, waveform.mean_en, ensemble.per_townsend)
    return result


def _highest(config: Config, ensemble: WaveformEnsemble) -> float:
    """The height of a shape, or the strongest field of points (Td)."""
    if config.sim.waveform.kind is not None:
        return config.sim.en
    return float(np.abs(ensemble.waveform.en).max())
