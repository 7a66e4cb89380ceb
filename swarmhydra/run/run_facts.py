"""What every result says of its run, whatever the method: settings and processes."""

from typing import Any

from swarmhydra.config import Config
from swarmhydra.estimators.velocity_distribution import VelocityRequest
from swarmhydra.gas.mixture import Mixture


def velocity_request(config: Config) -> VelocityRequest:
    """What is asked for of the distribution over velocities."""
    evdf = config.sim.evdf
    return VelocityRequest(evdf.order + 1, evdf.plane, evdf.step)


def process_columns(mixture: Mixture) -> dict[str, list[Any]]:
    """The processes that act on the electrons, as `RunRecord.processes`."""
    return {
        "name": [process.name for process in mixture.processes],
        "kind": [process.kind.value for process in mixture.processes],
        "target": [process.target for process in mixture.processes],
        "threshold": [process.threshold for process in mixture.processes],
        "provenance": [process.provenance for process in mixture.processes],
    }


def extra_process_columns(mixture: Mixture) -> dict[str, list[Any]]:
    """The processes that do not, as `RunRecord.extra_processes`."""
    return {
        "name": [process.name for process in mixture.extra],
        "target": [process.target for process in mixture.extra],
    }


def coordinates(config: Config) -> dict[str, float | int | str]:
    """Settings that sweeps vary."""
    sim = config.sim
    return {
        "gas": config.gas.name,
        "en": sim.en,
        "temperature": sim.temperature,
        "pressure": sim.pressure,
        "method": config.method.kind.value,
        "bn": sim.bn,
        "eb_angle": sim.eb_angle,
        "frequency": sim.frequency,
        "accel": config.accel.name,
        "seed": sim.seed,
        "replica": sim.replica,
    }
