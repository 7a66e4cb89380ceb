"""Averages over the electrons in each interval of a waveform, and over the whole of it."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from swarmhydra.estimators.energy_distribution import with_orders
from swarmhydra.estimators.estimate import estimates, with_each_left_out
from swarmhydra.estimators.velocity_distribution import (
    NOTHING_MORE,
    VelocityRequest,
    in_each,
    left_out_orders,
    on_plane,
    with_errors,
)
from swarmhydra.kernels import contract
from swarmhydra.kernels.arrays import FloatArray, IntArray
from swarmhydra.kernels.contract import ATTACHMENT, IONIZATION
from swarmhydra.kernels.quantities import HALF_MASS
from swarmhydra.results.record import Estimate
from swarmhydra.swarm.time_sums import TimeSums

OF_ROOT = {
    "mean_energy": "mean_energy",
    "velocity_vector": "velocity_vector_flux",
    "drift_velocity": "drift_velocity_flux",
    "rate_coefficient": "rate_coefficient",
    "rate_coefficient_convolution": "rate_coefficient_convolution",
    "extra_rate_coefficient": "extra_rate_coefficient",
    "effective_ionization_rate_coefficient": "effective_ionization_rate_coefficient",
    "power_gain": "power_gain",
    "power_loss": "power_loss",
    "power_storage": "power_growth",
    "power_balance_residual": "power_balance_residual",
}
"""Quantities of which the root group holds the average over time, and their names there."""

Evaluate = Callable[[TimeSums, "TimeInputs"], dict[str, FloatArray]]


@dataclass(frozen=True)
class TimeInputs:
    """What the estimators need besides the sums.

    Attributes
    ----------
    edges : ndarray, shape (T + 1,)
        Ends of the intervals of time (s).
    energy_edges : ndarray, shape (bins + 1,)
        Edges of the energy bins (eV).
    ln_number : ndarray, shape (T,)
        Logarithm of the factor by which weights have been divided in each interval.
    number_density : float
        Number density of the gas (1/m3).
    target_density : ndarray, shape (P,)
        Number density of the species that is the target of each process (1/m3).
    action : ndarray of int, shape (P,)
        What each process does to an electron, codes of `kernels.contract`.
    extra_density : ndarray, shape (E,)
        Number density of the targets of processes that do not act on the electrons (1/m3).
    evdf : VelocityRequest
        What is asked for of the distribution over velocities.
    """

    edges: FloatArray
    energy_edges: FloatArray
    ln_number: FloatArray
    number_density: float
    target_density: FloatArray
    action: IntArray
    extra_density: FloatArray
    evdf: VelocityRequest = NOTHING_MORE

    @property
    def lengths(self) -> FloatArray:
        """Durations of the intervals (s)."""
        return np.diff(self.edges)


def time_resolved(sums: TimeSums, inputs: TimeInputs) -> dict[str, Estimate]:
    """Averages in each interval of time.

    Parameters
    ----------
    sums : TimeSums
        Of complete passes.
    inputs : TimeInputs

    Returns
    -------
    dict of str to Estimate
        Names, units and meaning as in `variables`, group ``waveform``, first axis the time; errors
        have S - 1 degrees of freedom. A rate of what was never seen is zero and has no error: NaN.
    """
    coefficients = _jackknifed(sums, inputs, _coefficients)
    unseen = sums.collisions.sum(axis=0) == 0.0
    for name in ("rate_coefficient", "power_loss"):
        coefficients[name].stderr[unseen] = np.nan
    return coefficients


def distributions(sums: TimeSums, inputs: TimeInputs) -> dict[str, Estimate | FloatArray]:
    """Energy distribution and first anisotropy in each interval of time; as `time_resolved`.

    Also, where Legendre orders were sampled, the distribution over velocities, as by `in_each`.
    Without pseudo-values, of which there would be too many.
    """
    values = _jackknifed(sums, inputs, _distributions)
    results: dict[str, Estimate | FloatArray] = {
        name: Estimate(each.value, each.stderr) for name, each in values.items()
    }
    if sums.orders.shape[3]:
        results |= in_each(sums.orders, inputs.energy_edges, inputs.evdf, sums.speed)
    return results


def averages(sums: TimeSums, inputs: TimeInputs) -> dict[str, Estimate]:
    """Averages over time of what an electron does, named as coefficients of the root group."""

    def evaluate(part: TimeSums, inputs: TimeInputs) -> dict[str, FloatArray]:
        values = _coefficients(part, inputs)
        return {
            OF_ROOT[name]: _time_average(values[name], inputs) for name in values if name in OF_ROOT
        }

    means = _jackknifed(sums, inputs, evaluate)
    unseen = sums.collisions.sum(axis=(0, 1)) == 0.0
    for name in ("rate_coefficient", "power_loss"):
        means[name].stderr[unseen] = np.nan
    return means


def mean_distribution(sums: TimeSums, inputs: TimeInputs) -> dict[str, Estimate | FloatArray]:
    """Distributions as averages over time; as by `energy_distribution`."""

    def evaluate(part: TimeSums, inputs: TimeInputs) -> dict[str, FloatArray]:
        values = _distributions(part, inputs)
        return {name: _time_average(each, inputs) for name, each in values.items()}

    distribution = with_orders(inputs.energy_edges, _jackknifed(sums, inputs, evaluate))
    if sums.orders.shape[3]:
        f_l = _mean_orders(sums, inputs)
        distribution |= {"f_l": with_errors(f_l)}
        distribution |= on_plane(f_l, inputs.energy_edges, inputs.evdf)
    return distribution


def _mean_orders(sums: TimeSums, inputs: TimeInputs) -> FloatArray:
    """Legendre coefficients, averages over time, first axis as `estimates` has it."""
    share = inputs.lengths / inputs.lengths.sum()
    mean = 0.0
    for number, weight in enumerate(share):
        orders, speeds = sums.orders[:, number], sums.speed[:, number]
        mean = mean + weight * left_out_orders(orders, inputs.energy_edges, speeds)
    return np.asarray(mean)


def _jackknifed(sums: TimeSums, inputs: TimeInputs, evaluate: Evaluate) -> dict[str, Estimate]:
    """Values of functions of the sums, with errors from the spread over the sub-swarms."""
    # Where no electron is left there is nothing to divide by.
    with np.errstate(divide="ignore", invalid="ignore"):
        return estimates(evaluate(sums.each(with_each_left_out), inputs))


def _coefficients(sums: TimeSums, inputs: TimeInputs) -> dict[str, FloatArray]:
    """Averages in each interval, first axes those of the sums and the time."""
    time = sums.flux[:, :, contract.FLUX_TIME]
    velocity = sums.flux[:, :, contract.FLUX_VX : contract.FLUX_VZ + 1] / time[:, :, None]
    square = sums.trial[:, :, contract.TRIAL_V_SQUARED] / sums.trial[:, :, contract.TRIAL_TIME]
    frequency = sums.collisions / time[:, :, None]
    ionizations = frequency[:, :, inputs.action == IONIZATION].sum(axis=2)
    attachments = frequency[:, :, inputs.action == ATTACHMENT].sum(axis=2)
    gain = 2.0 * HALF_MASS * sums.work / time
    loss = sums.energy_loss / time[:, :, None]
    rise = sums.energy_rise / time
    number = time / (inputs.lengths * sums.started[:, None])
    longitudinal, transverse = _diffusion(sums, velocity, inputs)
    trial_time = sums.speed[:, :, :, contract.CELL_TIME].sum(axis=2)
    convolved = sums.convolved / trial_time[:, :, None]
    processes = inputs.action.size
    values = {
        "mean_energy": HALF_MASS * square,
        "velocity_vector": velocity,
        "drift_velocity": velocity[:, :, 2],
        "rate_coefficient": frequency / inputs.target_density,
        "rate_coefficient_convolution": convolved[:, :, :processes] / inputs.target_density,
        "effective_ionization_rate_coefficient": (ionizations - attachments)
        / inputs.number_density,
        "ln_number": np.log(number) + inputs.ln_number,
        "reduced_diffusion_longitudinal_flux": longitudinal * inputs.number_density,
        "reduced_diffusion_transverse_flux": transverse * inputs.number_density,
        "power_gain": gain,
        "power_loss": loss,
        "power_storage": rise,
        "power_balance_residual": gain - loss.sum(axis=2) - rise,
    }
    if inputs.extra_density.size:
        values["extra_rate_coefficient"] = convolved[:, :, processes:] / inputs.extra_density
    return values


def _diffusion(
    sums: TimeSums, velocity: FloatArray, inputs: TimeInputs
) -> tuple[FloatArray, FloatArray]:
    """Flux diffusion <r v> - <r><v> along z and across (m2/s), each of shape (n, T).

    Within an interval the mean place and the mean velocity change together, which adds
    <v> d<v>/dt T^2 / 12 to the average of their product over its length T.
    """
    time = sums.settled_flux[:, :, contract.FLUX_TIME]
    averages = sums.settled_flux / time[:, :, None]
    velocities = averages[:, :, contract.FLUX_VX : contract.FLUX_VZ + 1]
    trial_time = sums.settled_trial[:, :, contract.TRIAL_TIME]
    place = sums.settled_trial[:, :, contract.TRIAL_X :] / trial_time[:, :, None]
    products = averages[:, :, contract.FLUX_RV : contract.FLUX_RV + 3]
    middle = 0.5 * (inputs.edges[1:] + inputs.edges[:-1])
    change = np.gradient(velocity, middle, axis=1)
    together = velocity * change * (inputs.lengths**2 / 12.0)[:, None]
    diffusion = products - place * velocities - together
    return diffusion[:, :, 2], 0.5 * (diffusion[:, :, 0] + diffusion[:, :, 1])


def _distributions(sums: TimeSums, inputs: TimeInputs) -> dict[str, FloatArray]:
    """Energy distribution and first anisotropy, first axes those of the sums and the time."""
    energy = inputs.energy_edges
    root_integral = 2.0 / 3.0 * np.diff(energy**1.5)
    times = sums.speed[:, :, :, contract.CELL_TIME]
    total = times.sum(axis=2, keepdims=True)
    cosines = sums.speed[:, :, :, contract.CELL_COSINE]
    return {
        "eedf": times / total / np.diff(energy),
        "eepf": times / total / root_integral,
        "f1": 3.0 * cosines / total / root_integral,
    }


def _time_average(values: FloatArray, inputs: TimeInputs) -> FloatArray:
    """Average over the second axis, the time."""
    share = inputs.lengths / inputs.lengths.sum()
    return np.asarray(np.einsum("nt...,t->n...", values, share))
