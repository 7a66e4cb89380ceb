"""Warnings about how a run went, for the readers of its results."""

from collections.abc import Iterator

import numpy as np

from swarmhydra.config import Config, rel_error_targets
from swarmhydra.estimators.controlled_transport import count_deviations, disagreements
from swarmhydra.kernels import contract
from swarmhydra.results.record import Estimate
from swarmhydra.run import stop_rules
from swarmhydra.run.stages import LEAST_WINDOWS, Measurement, Measuring, Stage
from swarmhydra.swarm.ensemble import Ensemble


def run_warnings(
    config: Config,
    ensemble: Ensemble,
    stage: Stage,
    reason: str,
    coefficients: dict[str, Estimate],
) -> Iterator[str]:
    """Lines that a reader of the results must know.

    Parameters
    ----------
    config : Config
    ensemble : Ensemble
    stage : Stage
        The one in which the run ended.
    reason : str
        Why the run ended.
    coefficients : dict of str to Estimate
        What it found.
    """
    has_measured = isinstance(stage, Measuring) and stage.measured > 0 and ensemble.has_sampled
    if reason == stop_rules.EXTINCT:
        yield (
            f"every electron was attached by {ensemble.time:.3g} s, during the "
            f"{stage.name}{'' if has_measured else ': nothing was measured'}; more electrons "
            f"(sim.electrons={config.sim.electrons}) last longer"
        )
    elif reason == stop_rules.NO_COLLISIONS:
        yield (
            f"no electron has collided in {ensemble.time:.3g} s: nothing was measured; expected: "
            "cross sections and sim.pressure with which electrons collide"
        )
    elif reason == stop_rules.TOO_SLOW:
        yield (
            f"a run takes {LEAST_WINDOWS} periods at least, and those of sim.frequency="
            f"{config.sim.frequency:g} Hz do not fit into sim.stop.wall_time="
            f"{config.sim.stop.wall_time:g} s: nothing was measured; expected more time, fewer "
            "electrons, a higher frequency, or sim.waveform.kind=harmonics "
            f"sim.waveform.frequency={config.sim.frequency:g}, which parts the period into windows"
        )
    elif not has_measured:
        yield (
            f"sim.stop.wall_time={config.sim.stop.wall_time:g} s ended the run during "
            f"the {stage.name}: nothing was measured"
        )
    elif stage.relaxed_at is None:
        yield (
            "the swarm had not relaxed after sim.relaxation_collisions="
            f"{config.sim.relaxation_collisions:g} flights per electron: "
            "what was measured still changed"
        )
    elif reason == stop_rules.OUT_OF_TIME and any(rel_error_targets(config.sim).values()):
        yield (
            f"sim.stop.wall_time={config.sim.stop.wall_time:g} s ended the run before its errors "
            "were as small as sim.stop.rel_error asks"
        )
    population = ensemble.swarm.arrays.population
    if reason != stop_rules.EXTINCT and not population.all():
        yield (
            f"{np.count_nonzero(population == 0)} of {population.size} sub-swarms lost all "
            "their electrons: the errors have fewer degrees of freedom than stated; more electrons "
            f"(sim.electrons={config.sim.electrons}) last longer"
        )
    # Control variates make do with displacements of a few flights.
    if (
        isinstance(stage, Measurement)
        and stage.plan.lag < stage.plan.needed
        and not ensemble.samples_moments
    ):
        yield (
            f"the lag of {stage.plan.lag} windows is shorter than the velocity memory "
            f"({stage.plan.needed} windows): diffusion may be biased; longer windows (sim.window) "
            "help, or more of them (sim.memory_windows)"
        )
    events = ensemble.events
    if events[contract.VIOLATIONS]:
        yield (
            f"the majorant was exceeded in {events[contract.VIOLATIONS]} of "
            f"{events[contract.TRIALS]} trials: collisions are missing"
        )
    if events[contract.ABOVE_TABLE]:
        yield (
            f"{events[contract.ABOVE_TABLE]} flights ended above gas.energy_max="
            f"{config.gas.energy_max:g} eV, where collision frequencies are held constant"
        )
    pulls = disagreements(coefficients)
    if pulls:
        names = ", ".join(f"{name} ({pull:.1f})" for name, pull in pulls.items())
        yield (
            "control variates disagree with what was sampled, by so many standard errors: "
            f"{names}; the sampled values are given. This should not happen: the two methods "
            "describe different collisions"
        )
    for process, distance in count_deviations(coefficients).items():
        name = ensemble.medium.mixture.processes[process].name
        ratio = float(coefficients["collision_count_ratio"].value[process])
        yield (
            f"{name}: counted/expected collisions = {ratio:.5f} ({distance:+.1f} standard errors): "
            "values by control variates may be wrong by a similar factor. This should not happen: "
            "the two methods describe different collisions"
        )
