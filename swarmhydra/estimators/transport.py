"""Transport coefficients and rates, each a function of sums over the swarm.

Their standard errors are in `swarmhydra.estimators.estimate`.
"""

from dataclasses import dataclass

import numpy as np

from swarmhydra.estimators.estimate import jackknife
from swarmhydra.estimators.inputs import EstimatorInputs
from swarmhydra.estimators.steady_state_townsend import spatial_growth
from swarmhydra.kernels.arrays import FloatArray
from swarmhydra.kernels.contract import (
    ATTACHMENT,
    CELL_COSINE,
    CELL_TIME,
    ENERGY_THEN,
    FLUX_RV,
    FLUX_TIME,
    FLUX_VX,
    FLUX_VZ,
    IONIZATION,
    PAIRS,
    PHASE_POWER,
    PHASE_TIME,
    PHASE_VX,
    PHASE_VZ,
    PHASE_X,
    PHASE_Z,
    TRIAL_TIME,
    TRIAL_V_SQUARED,
    TRIAL_X,
    TRIAL_Z,
    Tallies,
)
from swarmhydra.kernels.quantities import HALF_MASS
from swarmhydra.results.record import Estimate

LONGITUDINAL = 2
"""Axis along the electric field."""

EVENTS_BEHIND = {
    "effective_ionization_rate_coefficient": (IONIZATION, ATTACHMENT),
    "reduced_townsend_ionization": (IONIZATION,),
    "reduced_townsend_attachment": (ATTACHMENT,),
    "reduced_townsend_effective": (IONIZATION, ATTACHMENT),
    "reduced_townsend_effective_sst": (IONIZATION, ATTACHMENT),
}
"""The kinds of collisions that a coefficient rests on. Where none of them has been seen it is zero,
with an error that is not known."""

TOWNSEND_COEFFICIENTS = tuple(name for name in EVENTS_BEHIND if "townsend" in name)

DRIFT_COEFFICIENTS = (
    "reduced_mobility_flux",
    "reduced_mobility_bulk",
    "characteristic_energy",
    "reduced_energy_mobility",
    *TOWNSEND_COEFFICIENTS,
)
"""Coefficients that exist only where a steady field makes the electrons drift."""


def coefficients(tallies: Tallies, inputs: EstimatorInputs) -> dict[str, Estimate]:
    """All coefficients of the results file.

    Parameters
    ----------
    tallies : Tallies
        Of the measurement.
    inputs : EstimatorInputs

    Returns
    -------
    dict of str to Estimate
        Names, units and meaning as in `variables`; errors have S - 1 degrees of freedom. What rests
        on events that were never seen is zero and has no error: NaN.
    """
    estimates = jackknife(tallies, lambda sums: evaluate(sums, inputs))
    unseen = tallies.collisions.sum(axis=0) == 0.0
    estimates["rate_coefficient"].stderr[unseen] = np.nan
    estimates["power_loss"].stderr[unseen] = np.nan
    for name, action in EVENTS_BEHIND.items():
        possible = np.isin(inputs.action, action)
        if possible.any() and unseen[possible].all() and np.isfinite(estimates[name].value):
            # The expected value of flights is not trustworthy where no collision has been seen.
            pseudo_values = np.zeros(len(tallies.flux))
            estimates[name] = Estimate(np.asarray(0.0), np.asarray(np.nan), pseudo_values)
    return estimates


def evaluate(sums: Tallies, inputs: EstimatorInputs) -> dict[str, FloatArray]:
    """The coefficients, without errors, for each entry of the first axis of the sums.

    Parameters
    ----------
    sums : Tallies
        First axis of any length n.
    inputs : EstimatorInputs

    Returns
    -------
    dict of str to ndarray
        First axis n.
    """
    velocity, diffusion = _flux(sums)
    result = _rates(sums, inputs)
    averages = _averages(sums, velocity[:, LONGITUDINAL].copy(), result, inputs)
    result["mean_energy"] = averages.mean_energy
    density = inputs.number_density
    result["effective_ionization_rate_coefficient"] = averages.growth / density
    # With the drift velocity from displacements, as its noise cancels against that of the losses.
    result |= _power(sums, velocity[:, LONGITUDINAL], inputs)
    velocity[:, LONGITUDINAL] = averages.drift
    moments = {"flux": (velocity, diffusion), "bulk": _bulk(sums, inputs)}
    for name, (velocity, diffusion) in moments.items():
        reduced = diffusion * inputs.number_density
        result |= {
            f"velocity_vector_{name}": velocity,
            f"drift_velocity_{name}": velocity[:, LONGITUDINAL],
            f"reduced_mobility_{name}": _mobility(velocity, inputs),
            f"reduced_diffusion_tensor_{name}": reduced,
            f"reduced_diffusion_longitudinal_{name}": reduced[:, LONGITUDINAL, LONGITUDINAL],
            f"reduced_diffusion_transverse_{name}": 0.5 * (reduced[:, 0, 0] + reduced[:, 1, 1]),
        }
        if inputs.magnetic is not None:
            result |= _along_fields(name, velocity, reduced, inputs.magnetic)
    if inputs.extra_density.size:
        result["extra_rate_coefficient"] = _extra_rates(sums, inputs)
    transverse = result["reduced_diffusion_transverse_flux"]
    result["characteristic_energy"] = transverse / result["reduced_mobility_flux"]
    result["reduced_energy_mobility"] = energy_mobility(sums, averages.mean_energy, inputs)
    result |= _townsend(sums, averages, inputs)
    return result


@dataclass(frozen=True)
class _Averages:
    """Averages over electrons and time, each of shape (n,), by the estimator of least variance."""

    mean_energy: FloatArray
    drift: FloatArray
    ionization: FloatArray
    attachment: FloatArray

    @property
    def growth(self) -> FloatArray:
        """Net ionization frequency (1/s)."""
        return self.ionization - self.attachment


def _averages(
    sums: Tallies,
    drift_by_displacement: FloatArray,
    rates: dict[str, FloatArray],
    inputs: EstimatorInputs,
) -> _Averages:
    """From the expected values of flights where they are known; else sampled at the trials.

    The drift is then taken from displacements, in which the gyration of an electron cancels.
    """
    frequency = rates["rate_coefficient_convolution"] * inputs.target_density
    ionization = frequency[:, inputs.action == IONIZATION].sum(axis=1)
    attachment = frequency[:, inputs.action == ATTACHMENT].sum(axis=1)
    if inputs.flights is not None:
        growth = ionization - attachment
        integrals = inputs.flights.integrals(sums.departures, growth)
        _, drift, square, ionization, attachment = (integrals / integrals[:, :1]).T
        return _Averages(HALF_MASS * square, drift, ionization, attachment)
    square = sums.trial[:, TRIAL_V_SQUARED] / sums.trial[:, TRIAL_TIME]
    return _Averages(HALF_MASS * square, drift_by_displacement, ionization, attachment)


def _flux(sums: Tallies) -> tuple[FloatArray, FloatArray]:
    """Velocity <v> and diffusion <r v> - <r><v>, averages over electrons and time."""
    averages = sums.flux / sums.flux[:, FLUX_TIME, None]
    velocity = averages[:, FLUX_VX : FLUX_VZ + 1]
    products = _tensor(averages[:, FLUX_RV:])
    if sums.phase.shape[1] > 0:
        return velocity, products - _product_by_phase(sums)
    place = sums.trial[:, TRIAL_X : TRIAL_Z + 1] / sums.trial[:, TRIAL_TIME, None]
    return velocity, products - _symmetric_product(place, velocity)


def _product_by_phase(sums: Tallies) -> FloatArray:
    """Average of <r><v> over the period of an alternating field, shape (n, 3, 3).

    Where electrons are born or lost, the mean place swings partly in step with the mean velocity.
    """
    time = sums.phase[:, :, PHASE_TIME]
    place, velocity = (
        sums.phase[:, :, PHASE_X : PHASE_Z + 1],
        sums.phase[:, :, PHASE_VX : PHASE_VZ + 1],
    )
    product = (
        np.einsum("npi,npj,np->nij", place, velocity, 1.0 / time) / time.sum(axis=1)[:, None, None]
    )
    return _symmetric(product)


def _bulk(sums: Tallies, inputs: EstimatorInputs) -> tuple[FloatArray, FloatArray]:
    """Growth of mean and variance of the displacement, from the lag on."""
    electrons = sums.window_electrons
    late, early = sums.displacement.shape[1] - 1, inputs.lag - 1
    elapsed = (late - early) * inputs.window
    mean = sums.displacement / electrons[:, :, None]
    mean_late, mean_early = mean[:, late], mean[:, early]
    products = sums.displacement_product / electrons[:, :, None]
    variance_late = _tensor(products[:, late]) - _symmetric_product(mean_late, mean_late)
    variance_early = _tensor(products[:, early]) - _symmetric_product(mean_early, mean_early)
    return (mean_late - mean_early) / elapsed, 0.5 * (variance_late - variance_early) / elapsed


def _rates(sums: Tallies, inputs: EstimatorInputs) -> dict[str, FloatArray]:
    """Rate coefficients by count and by convolution."""
    by_count = sums.collisions / sums.flux[:, FLUX_TIME, None]
    by_convolution = _average(sums.speed, inputs.cell_frequency)
    return {
        "rate_coefficient": by_count / inputs.target_density,
        "rate_coefficient_convolution": by_convolution / inputs.target_density,
    }


def _extra_rates(sums: Tallies, inputs: EstimatorInputs) -> FloatArray:
    """Rate coefficients of processes that do not act on the electrons, by convolution."""
    frequency = _average(sums.speed, inputs.extra_frequency)
    return np.asarray(frequency / inputs.extra_density)


def _average(speed: FloatArray, frequency: FloatArray) -> FloatArray:
    """Frequencies, shape (CELLS, P), averaged over the time spent in the cells, shape (n, P)."""
    time = speed[:, :, CELL_TIME]
    return np.asarray((time @ frequency) / time.sum(axis=1, keepdims=True))


def _along_fields(
    kind: str, velocity: FloatArray, diffusion: FloatArray, magnetic: tuple[float, float]
) -> dict[str, FloatArray]:
    """Components along the electric force (-E), E x B, and B.

    E is along -z and B in the x-z plane, so that E x B is along -y; without an angle between the
    fields that direction stands for one across both.
    """
    axes = {
        "E": np.array([0.0, 0.0, 1.0]),
        "ExB": np.array([0.0, -1.0, 0.0]),
        "B": np.array([magnetic[0], 0.0, magnetic[1]]),
    }
    result = {}
    for name, axis in axes.items():
        result[f"drift_velocity_along_{name}_{kind}"] = velocity @ axis
        result[f"reduced_diffusion_along_{name}_{kind}"] = (diffusion @ axis) @ axis
    return result


def _mobility(velocity: FloatArray, inputs: EstimatorInputs) -> FloatArray:
    """Mobility times gas density; only a steady field has one."""
    if not inputs.drifts:
        return np.full(len(velocity), np.nan)
    mobility: FloatArray = velocity[:, LONGITUDINAL] / np.float64(inputs.electric_field)
    return mobility * inputs.number_density


def energy_mobility(sums: Tallies, mean_energy: FloatArray, inputs: EstimatorInputs) -> FloatArray:
    """Mobility of energy times gas density: <energy v_z> over <energy> and the field.

    From the first anisotropy in the speed cells, in each of which electrons count as evenly spread
    (Hagelaar and Pitchford, Plasma Sources Sci. Technol. 14 (2005) 722, equation 61).
    """
    if not inputs.drifts:
        return np.full_like(mean_energy, np.nan)
    low, high = inputs.cell_edges[:-1], inputs.cell_edges[1:]
    speed_cubed = 0.25 * (high**2 + low**2) * (high + low)
    time = sums.speed[:, :, CELL_TIME].sum(axis=1)
    flux = HALF_MASS * (sums.speed[:, :, CELL_COSINE] @ speed_cubed) / time
    mobility: FloatArray = flux / (mean_energy * inputs.electric_field)
    return mobility * inputs.number_density


def _townsend(sums: Tallies, averages: _Averages, inputs: EstimatorInputs) -> dict[str, FloatArray]:
    """Townsend coefficients over N: nu / W, and the growth of a steady stream in space."""
    if not inputs.drifts:
        return dict.fromkeys(TOWNSEND_COEFFICIENTS, np.full_like(averages.drift, np.nan))
    steady_stream = spatial_growth(sums, averages.growth, inputs)
    per_length = averages.drift * inputs.number_density
    ionization, attachment = averages.ionization / per_length, averages.attachment / per_length
    return {
        "reduced_townsend_ionization": ionization,
        "reduced_townsend_attachment": attachment,
        "reduced_townsend_effective": ionization - attachment,
        "reduced_townsend_effective_sst": steady_stream / inputs.number_density,
    }


def _power(sums: Tallies, drift: FloatArray, inputs: EstimatorInputs) -> dict[str, FloatArray]:
    """Energy balance per electron (eV/s): field, collisions, growth of the swarm.

    From displacements and counts, so that all terms belong to the same events.
    """
    gain = inputs.electric_field * drift
    energy = HALF_MASS * sums.trial[:, TRIAL_V_SQUARED] / sums.trial[:, TRIAL_TIME]
    if sums.phase.shape[1] > 0:
        # In an alternating field the gain is the mean of force times velocity at the trials.
        totals = sums.phase.sum(axis=1)
        gain = 2.0 * HALF_MASS * totals[:, PHASE_POWER] / totals[:, PHASE_TIME]
        # Windows are whole periods: at both ends electrons have the energy of the same phase.
        energy = sums.energy_memory[:, 0, ENERGY_THEN] / sums.window_electrons[:, 0]
    loss = sums.energy_loss / sums.flux[:, FLUX_TIME, None]
    ionizations = sums.collisions[:, inputs.action == IONIZATION].sum(axis=1)
    attachments = sums.collisions[:, inputs.action == ATTACHMENT].sum(axis=1)
    # Electrons that appear or disappear in a window count with the mean energy at its end.
    growth = (ionizations - attachments) / sums.flux[:, FLUX_TIME] * energy
    return {
        "power_gain": gain,
        "power_loss": loss,
        "power_growth": growth,
        "power_balance_residual": gain - loss.sum(axis=1) - growth,
    }


def _tensor(components: FloatArray) -> FloatArray:
    """Symmetric tensors, shape (n, 3, 3), from their components, shape (n, 6)."""
    tensor = np.empty((len(components), 3, 3))
    for column, (i, j) in enumerate(PAIRS):
        tensor[:, i, j] = tensor[:, j, i] = components[:, column]
    return tensor


def _symmetric_product(a: FloatArray, b: FloatArray) -> FloatArray:
    """(a_i b_j + a_j b_i) / 2, shape (n, 3, 3)."""
    return _symmetric(a[:, :, None] * b[:, None, :])


def _symmetric(tensor: FloatArray) -> FloatArray:
    """The symmetric part, shape (n, 3, 3)."""
    return np.asarray(0.5 * (tensor + tensor.swapaxes(1, 2)))
