"""Averages over the electrons in each part of the period of an alternating field."""

import numpy as np

from swarmhydra.estimators.estimate import jackknife
from swarmhydra.estimators.transport import Conditions
from swarmhydra.kernels import contract
from swarmhydra.kernels.arrays import FloatArray
from swarmhydra.kernels.contract import Tallies
from swarmhydra.kernels.quantities import HALF_MASS
from swarmhydra.results.record import Estimate


def phase_resolved(tallies: Tallies, conditions: Conditions) -> dict[str, Estimate]:
    """Averages over the electrons in each part of the period of an alternating field.

    Parameters
    ----------
    tallies : Tallies
        Of the measurement; `phase` with at least one part.
    conditions : Conditions

    Returns
    -------
    dict of str to Estimate
        Names, units and meaning as in `variables`, group ``phase``, first axis the part.
    """

    def evaluate(sums: Tallies) -> dict[str, FloatArray]:
        columns = np.moveaxis(sums.phase, 2, 0)
        time = columns[0]
        averages = columns[1:] / time
        collisions = np.moveaxis(averages[contract.PHASE_COLUMNS - 1 :], 0, 2)
        return {
            "mean_energy": HALF_MASS * averages[0],
            "velocity_vector": np.moveaxis(averages[1:4], 0, 2),
            "drift_velocity": averages[3],
            "power_gain": 2.0 * HALF_MASS * averages[4],
            "electrons": time / time.mean(axis=1, keepdims=True),
            "rate_coefficient": collisions / conditions.target_density,
        }

    return jackknife(tallies, evaluate)
