"""Sums by phase of an alternating field."""

import numpy as np

from swarmhydra.kernels.contract import (
    PHASE_TIME,
    PHASE_V_SQUARED,
    PHASE_X,
    PHASE_Y,
    PHASE_Z,
)
from swarmhydra.swarm.ensemble import Ensemble
from tests.helpers.settings import configured


def test_the_parts_of_a_period_add_up_to_all_of_it() -> None:
    small = ("accel=numpy", "sim.electrons=64", "sim.sub_swarms=4", "sim.phases=8")
    ensemble = Ensemble(configured(*small, "sim.en=300", "sim.frequency=1e11"))
    ensemble.window(1e-11, True, lambda: None)
    phase, trial = ensemble.tallies.phase, ensemble.tallies.trial
    assert np.all(phase[:, :, PHASE_TIME] > 0.0)
    same = [PHASE_TIME, PHASE_V_SQUARED, PHASE_X, PHASE_Y, PHASE_Z]
    np.testing.assert_allclose(phase[:, :, same].sum(axis=1), trial, rtol=1e-9)
