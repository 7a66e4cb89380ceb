"""Averages over the electrons in each part of the period of an alternating field, by its phase."""

from swarmhydra.estimators.estimate import jackknife
from swarmhydra.estimators.inputs import EstimatorInputs
from swarmhydra.estimators.velocity_distribution import in_each
from swarmhydra.kernels import contract
from swarmhydra.kernels.arrays import FloatArray
from swarmhydra.kernels.contract import Tallies
from swarmhydra.kernels.quantities import HALF_MASS
from swarmhydra.results.record import Estimate


def phase_resolved(tallies: Tallies, inputs: EstimatorInputs) -> dict[str, Estimate | FloatArray]:
    """Averages over the electrons in each part of the period of an alternating field.

    Parameters
    ----------
    tallies : Tallies
        Of the measurement; `phase` with at least one part.
    inputs : EstimatorInputs

    Returns
    -------
    dict of str to Estimate or ndarray
        Names, units and meaning as in `variables`, group ``phase``, first axis the part; velocity
        distributions, with their bins, where Legendre orders were sampled.
    """

    def evaluate(sums: Tallies) -> dict[str, FloatArray]:
        time = sums.phase[:, :, contract.PHASE_TIME]
        average = sums.phase / time[:, :, None]
        collisions = average[:, :, contract.PHASE_COLUMNS :]
        velocity = average[:, :, contract.PHASE_VX : contract.PHASE_VZ + 1]
        return {
            "mean_energy": HALF_MASS * average[:, :, contract.PHASE_V_SQUARED],
            "velocity_vector": velocity,
            "drift_velocity": average[:, :, contract.PHASE_VZ],
            "power_gain": 2.0 * HALF_MASS * average[:, :, contract.PHASE_POWER],
            "electrons": time / time.mean(axis=1, keepdims=True),
            "rate_coefficient": collisions / inputs.target_density,
        }

    return {**jackknife(tallies, evaluate), **_velocity_distributions(tallies, inputs)}


def _velocity_distributions(
    tallies: Tallies, inputs: EstimatorInputs
) -> dict[str, Estimate | FloatArray]:
    """As by `in_each`, in the parts of the period."""
    if inputs.order_cells is None:
        return {}
    energy, orders = inputs.order_edges, inputs.evdf.orders
    moments = tallies.velocity_moments[:, :, :orders]
    shape = (len(moments), tallies.phase.shape[1], energy.size - 1, orders)
    distribution = in_each(moments.reshape(shape), energy, inputs.evdf)
    return {"energy_edges": energy, **distribution}
