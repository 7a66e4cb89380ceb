"""The results of a run, put together for the results file."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from swarmhydra.config import Config, to_yaml
from swarmhydra.estimators import controlled_transport, transport
from swarmhydra.estimators.control_variates import ControlVariates
from swarmhydra.estimators.energy_distribution import energy_distribution
from swarmhydra.estimators.inputs import EstimatorInputs
from swarmhydra.estimators.phase_resolved import phase_resolved
from swarmhydra.estimators.velocity_distribution import NOTHING_MORE, VelocityRequest
from swarmhydra.kernels import contract, streams
from swarmhydra.kernels.arrays import FloatArray
from swarmhydra.results.record import Estimate, RunRecord
from swarmhydra.run.clock import Clock
from swarmhydra.run.memory import peak_memory
from swarmhydra.run.run_facts import (
    coordinates,
    extra_process_columns,
    process_columns,
    velocity_request,
)
from swarmhydra.run.sensitivities import sampled_sensitivities
from swarmhydra.run.stages import Measurement, Measuring
from swarmhydra.run.windows import WindowPlan
from swarmhydra.swarm.ensemble import Ensemble


@dataclass(frozen=True)
class Course:
    """How a run went.

    Attributes
    ----------
    stage : Measuring
        The measurement as it ended.
    stop_reason : str
        Which stop rule ended it.
    warnings : tuple of str
        Lines that a reader of the results must know.
    fingerprint : str
        Fingerprint of the configuration when the run began, from `config.fingerprint`.
    coefficients : dict of str to Estimate
        All coefficients.
    control : ControlVariates or None
        Where the run used them.
    """

    stage: Measuring
    stop_reason: str
    warnings: tuple[str, ...]
    fingerprint: str
    coefficients: dict[str, Estimate]
    control: ControlVariates | None


def collect_results(config: Config, ensemble: Ensemble, course: Course, clock: Clock) -> RunRecord:
    """Put the coefficients together with everything else of a results file."""
    assert isinstance(course.stage, Measurement)
    plan = course.stage.plan
    inputs = estimator_inputs(ensemble, plan, velocity_request(config))
    values = course.coefficients
    derivatives: dict[str, Estimate | NDArray[Any]] = {}
    if config.method.sensitivity and course.control is not None:
        moments = ensemble.tallies.velocity_moments
        answers = sampled_sensitivities(
            config, ensemble.medium, course.control, moments, inputs.lag >= inputs.needed_lag
        )
        derivatives, values = answers.group, answers.added_to(values)
    return RunRecord(
        coefficients=values,
        processes=process_columns(ensemble.medium.mixture),
        extra_processes=extra_process_columns(ensemble.medium.mixture),
        components=dict(ensemble.medium.mixture.components),
        phase=_phase(ensemble, inputs),
        eedf=_distribution(ensemble, inputs, course.control),
        time_series=ensemble.series.columns(),
        perf_stages=perf_stages(ensemble, config.sim.profile_per_step),
        perf=perf(ensemble, clock),
        rng=random_streams(config, ensemble),
        coordinates=coordinates(config),
        electron_time=np.full(
            len(ensemble.keys), ensemble.tallies.flux[:, contract.FLUX_TIME].mean()
        ),
        attributes={
            **attributes(config, ensemble, course),
            "window": plan.duration,
            "memory_windows": plan.memory,
            "lag_windows": plan.lag,
        },
        why_unset={} if ensemble.medium.drifts else _without_drift(values),
        sensitivity=derivatives,
    )


def coefficients(
    ensemble: Ensemble,
    inputs: EstimatorInputs,
    control: ControlVariates | None,
    checked: bool = True,
) -> dict[str, Estimate]:
    """All coefficients of the results file, by control variates where there are any.

    `checked` ones are given as they were sampled where the two do not agree.
    """
    if control is None:
        return transport.coefficients(ensemble.tallies, inputs)
    return controlled_transport.coefficients(ensemble.tallies, inputs, control, checked)


def _distribution(
    ensemble: Ensemble, inputs: EstimatorInputs, control: ControlVariates | None
) -> dict[str, Estimate | FloatArray]:
    """The energy distribution, by control variates where there are any."""
    if control is None:
        return energy_distribution(ensemble.tallies, inputs)
    return control.distribution(ensemble.tallies, inputs.evdf)


def _without_drift(values: dict[str, Estimate]) -> dict[str, str]:
    """Why some coefficients have no value."""
    unset = [name for name in values if name in transport.DRIFT_COEFFICIENTS]
    return dict.fromkeys(unset, "no steady field makes the electrons drift")


def estimator_inputs(
    ensemble: Ensemble, plan: WindowPlan, evdf: VelocityRequest = NOTHING_MORE
) -> EstimatorInputs:
    """Gas, fields and windows as the estimators see them."""
    medium = ensemble.medium
    return EstimatorInputs(
        number_density=medium.number_density,
        electric_field=medium.electric_field,
        action=medium.action,
        target_density=medium.number_density * medium.mixture.fraction,
        cell_edges=medium.collision_tables.cell_edges,
        cell_frequency=medium.collision_tables.cell_average_frequency,
        window=plan.duration,
        lag=plan.lag,
        needed_lag=plan.needed,
        magnetic=medium.magnetic_direction,
        drifts=medium.drifts,
        flights=ensemble.flights,
        tilt=ensemble.tilt,
        extra_frequency=medium.extra_frequency,
        extra_density=medium.number_density * medium.mixture.extra_fraction,
        evdf=evdf,
        order_cells=ensemble.order_cells,
    )


def _phase(ensemble: Ensemble, inputs: EstimatorInputs) -> dict[str, Estimate | FloatArray]:
    """Averages over the period of an alternating field; nothing for a steady one."""
    parts = ensemble.tallies.phase.shape[1]
    if not parts:
        return {}
    middle = 2.0 * np.pi * (np.arange(parts) + 0.5) / parts
    return {"phase": middle, **phase_resolved(ensemble.tallies, inputs)}


def perf_stages(ensemble: Ensemble, is_timed: bool) -> dict[str, FloatArray]:
    """Time and events in the four stages of a step."""
    count = ensemble.events
    stages = len(contract.STAGES)
    columns = [contract.FLIGHTS, contract.TRIALS, contract.REAL_COLLISIONS, contract.TRIALS]
    seconds = ensemble.seconds if is_timed else np.full(stages, np.nan)
    return {
        "seconds": seconds,
        "share": seconds / seconds.sum(),
        "calls": np.full(stages, count[contract.STEPS]),
        "events": count[columns],
        "ns_per_event": 1e9 * seconds / count[columns],
    }


def perf(ensemble: Ensemble, clock: Clock) -> dict[str, float | int]:
    """Counts and costs of the whole run."""
    count = ensemble.events
    trials, real = int(count[contract.TRIALS]), int(count[contract.REAL_COLLISIONS])
    return {
        "trials": trials,
        "real_collisions": real,
        "null_share": 1.0 - real / trials,
        "horizon_share": 1.0 - trials / int(count[contract.FLIGHTS]),
        "majorant_violations": int(count[contract.VIOLATIONS]),
        "threads": ensemble.kernels.threads,
        "compile_seconds": ensemble.kernels.compile_seconds,
        "wall_seconds": clock.wall(),
        "cpu_seconds": clock.cpu(),
        "peak_rss": peak_memory(),
    }


def random_streams(config: Config, ensemble: Ensemble) -> dict[str, Any]:
    """The random streams, as `RunRecord.rng`."""
    return {
        "bit_generator": streams.BIT_GENERATOR,
        "entropy": config.sim.seed,
        "spawn_keys": ensemble.keys,
        "initial_state": ensemble.initial_states,
        "final_state": ensemble.swarm.arrays.random_state,
    }


def attributes(config: Config, ensemble: Ensemble, course: Course) -> dict[str, str | float | int]:
    """How the run went."""
    relaxed_at = course.stage.relaxed_at
    return {
        "stop_reason": course.stop_reason,
        "relaxed": int(relaxed_at is not None),
        "relaxation_time": float("nan") if relaxed_at is None else relaxed_at,
        "degrees_of_freedom": len(ensemble.keys) - 1,
        "warnings": "\n".join(course.warnings),
        "references": ensemble.medium.mixture.citation,
        "backend_asked": config.accel.backend.name,
        "backend_ran": ensemble.kernels.name,
        "complete": 1,
        "fingerprint": course.fingerprint,
        "config": to_yaml(config),
    }
