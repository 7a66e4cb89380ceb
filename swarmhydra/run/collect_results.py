"""What a run has found, put together for the results file."""

import re
import resource
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from swarmhydra.config import Config, to_yaml
from swarmhydra.estimators import transport
from swarmhydra.estimators.energy_distribution import energy_distribution
from swarmhydra.estimators.phase_resolved import phase_resolved
from swarmhydra.kernels import contract, streams
from swarmhydra.kernels.arrays import FloatArray
from swarmhydra.results.record import Estimate, RunRecord
from swarmhydra.run.relaxation import WindowPlan
from swarmhydra.swarm.ensemble import Ensemble


class Clock:
    """Time since it was made, and what had passed before (s)."""

    def __init__(self, wall: float = 0.0, cpu: float = 0.0) -> None:
        self._wall, self._cpu = time.perf_counter() - wall, time.process_time() - cpu

    def wall(self) -> float:
        """Seconds that have passed."""
        return time.perf_counter() - self._wall

    def cpu(self) -> float:
        """Seconds that all threads have worked."""
        return time.process_time() - self._cpu


@dataclass(frozen=True)
class Course:
    """How a run went.

    Attributes
    ----------
    relaxation_time : float or None
        When the swarm had relaxed (s); None if it had not.
    plan : WindowPlan
        The windows of the measurement.
    stop_reason : str
        Which stop rule ended it.
    warnings : tuple of str
        What a reader of the results must know.
    fingerprint : str
        Of the configuration when the run began, from `config.fingerprint`.
    """

    relaxation_time: float | None
    plan: WindowPlan
    stop_reason: str
    warnings: tuple[str, ...]
    fingerprint: str


def record(config: Config, ensemble: Ensemble, course: Course, clock: Clock) -> RunRecord:
    """Put all that was found together."""
    processes = ensemble.mixture.processes
    surroundings = conditions(ensemble, course.plan)
    found = transport.coefficients(ensemble.tallies, surroundings)
    return RunRecord(
        coefficients=found,
        processes={
            "name": [process.name for process in processes],
            "kind": [process.kind.value for process in processes],
            "target": [process.target for process in processes],
            "threshold": [process.threshold for process in processes],
            "provenance": [process.provenance for process in processes],
        },
        extra_processes={
            "name": [process.name for process in ensemble.mixture.extra],
            "target": [process.target for process in ensemble.mixture.extra],
        },
        phase=_phase(ensemble, surroundings),
        eedf=energy_distribution(ensemble.tallies, surroundings),
        time_series=ensemble.series.columns(),
        perf_stages=_perf_stages(ensemble, config.sim.profile_per_step),
        perf=_perf(ensemble, clock),
        rng={
            "bit_generator": streams.BIT_GENERATOR,
            "entropy": config.sim.seed,
            "spawn_keys": ensemble.keys,
            "initial_state": ensemble.initial_states,
            "final_state": ensemble.swarm.arrays.random_state,
        },
        coordinates=_coordinates(config),
        electron_time=np.full(len(ensemble.keys), ensemble.tallies.flux[:, 0].mean()),
        attributes=_attributes(config, ensemble, course),
        why_unset={} if ensemble.drifts else _without_drift(found),
    )


def _without_drift(found: dict[str, Estimate]) -> dict[str, str]:
    """Why some coefficients have no value."""
    unset = [name for name in found if name in transport.OF_A_DRIFT]
    return dict.fromkeys(unset, "no steady field makes the electrons drift")


def conditions(ensemble: Ensemble, plan: WindowPlan) -> transport.Conditions:
    """What the coefficients depend on besides the sums."""
    forces = ensemble.forces
    return transport.Conditions(
        number_density=ensemble.number_density,
        field=ensemble.field,
        action=ensemble.tables.action,
        target_density=ensemble.number_density * ensemble.mixture.fraction,
        cell_edges=ensemble.collision_tables.cell_edges,
        cell_frequency=ensemble.collision_tables.cell_average_frequency,
        window=plan.duration,
        forgotten=plan.forgotten,
        magnetic=(forces.magnetic_x, forces.magnetic_z) if forces.gyration > 0.0 else None,
        drifts=ensemble.drifts,
        flights=ensemble.flights,
        tilt=ensemble.tilt,
        extra_frequency=ensemble.extra_frequency,
        extra_density=ensemble.number_density * ensemble.mixture.extra_fraction,
    )


def _phase(
    ensemble: Ensemble, surroundings: transport.Conditions
) -> dict[str, Estimate | FloatArray]:
    """What an alternating field does in the course of its period; nothing for a steady one."""
    parts = ensemble.tallies.phase.shape[1]
    if not parts:
        return {}
    middle = 2.0 * np.pi * (np.arange(parts) + 0.5) / parts
    return {"phase": middle, **phase_resolved(ensemble.tallies, surroundings)}


def _perf_stages(ensemble: Ensemble, timed: bool) -> dict[str, FloatArray]:
    """The breakdown over the four stages."""
    count = ensemble.events
    stages = len(contract.STAGES)
    columns = [contract.FLIGHTS, contract.TRIALS, contract.REAL_COLLISIONS, contract.TRIALS]
    seconds = ensemble.seconds if timed else np.full(stages, np.nan)
    return {
        "seconds": seconds,
        "share": seconds / seconds.sum(),
        "calls": np.full(stages, count[contract.STEPS]),
        "events": count[columns],
        "ns_per_event": 1e9 * seconds / count[columns],
    }


def _perf(ensemble: Ensemble, clock: Clock) -> dict[str, float | int]:
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
        "peak_rss": _peak_memory(),
    }


def _peak_memory() -> int:
    """Largest resident memory of this process (byte)."""
    status = Path("/proc/self/status")
    if status.is_file():
        # Not ru_maxrss: it starts from what the parent had.
        peak = re.search(r"VmHWM:\s+(\d+) kB", status.read_text())
        if peak:
            return int(peak[1]) * 1024
    # macOS counts in bytes, others in kilobytes.
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def _coordinates(config: Config) -> dict[str, float | int | str]:
    """What sweeps vary."""
    sim = config.sim
    return {
        "en": sim.en,
        "bn": sim.bn,
        "eb_angle": sim.eb_angle,
        "frequency": sim.frequency,
        "gas": config.gas.name,
        "method": config.method.kind.value,
        "accel": config.accel.name,
        "temperature": sim.temperature,
        "pressure": sim.pressure,
        "seed": sim.seed,
        "replica": sim.replica,
    }


def _attributes(config: Config, ensemble: Ensemble, course: Course) -> dict[str, str | float | int]:
    """How the run went."""
    relaxation_time = course.relaxation_time
    return {
        "stop_reason": course.stop_reason,
        "relaxed": int(relaxation_time is not None),
        "relaxation_time": float("nan") if relaxation_time is None else relaxation_time,
        "window": course.plan.duration,
        "memory_windows": course.plan.memory,
        "forgotten_windows": course.plan.forgotten,
        "degrees_of_freedom": len(ensemble.keys) - 1,
        "warnings": "\n".join(course.warnings),
        "references": ensemble.mixture.citation,
        "backend_asked": config.accel.backend.name,
        "backend_ran": ensemble.kernels.name,
        "complete": 1,
        "fingerprint": course.fingerprint,
        "config": to_yaml(config),
    }
