"""Coefficients by control variates, beside the sampled ones that they must agree with."""

from dataclasses import replace

import numpy as np

from swarmhydra.boltzmann import macroscopic
from swarmhydra.estimators import collision_counts, transport
from swarmhydra.estimators.alarm import alarm_limit
from swarmhydra.estimators.control_variates import ControlVariates
from swarmhydra.estimators.estimate import estimates, with_each_left_out
from swarmhydra.estimators.inputs import EstimatorInputs
from swarmhydra.kernels import contract
from swarmhydra.kernels.arrays import FloatArray
from swarmhydra.kernels.contract import Tallies
from swarmhydra.results.record import Estimate

FLOOR = 2e-6
"""Relative error that the finite width of the speed cells of the moments makes."""

OF_GROWTH = (
    "effective_ionization_rate_coefficient",
    "power_growth",
    "reduced_townsend_ionization",
    "reduced_townsend_attachment",
    "reduced_townsend_effective",
    "reduced_townsend_effective_sst",
)
"""Coefficients that are sampled by electrons that are born or lost."""

NOT_COMPARED = ("rate_coefficient_convolution",)
"""Coefficients that are sampled with the cross sections themselves, also where the kernels use
look-up tables: the difference is significant in long runs."""

BY_DISPLACEMENT = ("drift_velocity_bulk", "velocity_vector_bulk", "reduced_mobility_bulk")
"""Coefficients other than diffusion whose Monte Carlo value is a displacement per time."""

SCALARS_OF = {
    "velocity_vector_flux": ("drift_velocity_flux",),
    "velocity_vector_bulk": ("drift_velocity_bulk",),
    "reduced_diffusion_tensor_flux": (
        "reduced_diffusion_longitudinal_flux",
        "reduced_diffusion_transverse_flux",
    ),
    "reduced_diffusion_tensor_bulk": (
        "reduced_diffusion_longitudinal_bulk",
        "reduced_diffusion_transverse_bulk",
    ),
}
"""Scalars that a vector or tensor repeats, and that are judged in its place: its other components
are zero by symmetry, and more comparisons would only give more false alarms."""


def coefficients(
    tallies: Tallies, inputs: EstimatorInputs, control: ControlVariates, checked: bool = True
) -> dict[str, Estimate]:
    """All coefficients of the results file: controlled where that is possible, and sampled.

    Parameters
    ----------
    tallies : Tallies
        Sums of the measurement, with velocity moments.
    inputs : EstimatorInputs
    control : ControlVariates
    checked : bool
        Whether to give the sampled value where the two do not agree.

    Returns
    -------
    dict of str to Estimate
        Names, units and meaning as in `results.variables`; the controlled ones have the sampled
        value beside them, and its value where the two do not agree.
    """
    sampled = transport.coefficients(tallies, inputs)
    means = controlled_means(tallies, control)
    controlled = estimates(macroscopic.coefficients(means, inputs))
    if checked:
        whole = type(means)(**{name: each[:1] for name, each in vars(means).items()})
        unseen = control.unseen(tallies.velocity_moments, whole)
        for name, error in _propagated(unseen, whole, inputs).items():
            controlled[name] = _with_error(controlled[name], error)
    lag_is_long_enough = inputs.lag >= inputs.needed_lag
    for name, estimate in controlled.items():
        beside = sampled.get(name)
        if name in NOT_COMPARED or not (lag_is_long_enough or _needs_no_displacement(name)):
            beside = None
        # The power balance residual is a difference of large powers: it has their absolute error.
        of = "power_gain" if name == "power_balance_residual" else name
        whole_error = _with_error(estimate, FLOOR * np.abs(controlled[of].value))
        is_known = _often_enough(name, tallies, inputs)
        is_judged = checked and name not in SCALARS_OF
        sampled[name] = _with_sampled(whole_error, beside, is_known, is_judged)
    _follow_scalars(sampled)
    if checked:
        ratio = collision_counts.count_ratio(tallies, inputs, control.solution)
        sampled[collision_counts.NAME] = ratio
    return sampled


def controlled_means(tallies: Tallies, control: ControlVariates) -> macroscopic.MacroscopicMeans:
    """Means over all sub-swarms, then without each one of them."""
    sums = control.sums(tallies.velocity_moments)
    with np.errstate(divide="ignore", invalid="ignore"):
        return control.evaluate({name: with_each_left_out(each) for name, each in sums.items()})


def _propagated(
    bounds: dict[str, FloatArray], means: macroscopic.MacroscopicMeans, inputs: EstimatorInputs
) -> dict[str, FloatArray]:
    """Errors of the coefficients from those of the means, which are independent."""
    values = macroscopic.coefficients(means, inputs)
    squares = {name: np.zeros(value.shape[1:]) for name, value in values.items()}
    for name, bound in bounds.items():
        at_bound = macroscopic.coefficients(
            replace(means, **{name: getattr(means, name) + bound}), inputs
        )
        for coefficient, value in at_bound.items():
            squares[coefficient] += (value - values[coefficient])[0] ** 2
    return {name: np.sqrt(each) for name, each in squares.items()}


def _with_error(estimate: Estimate, error: FloatArray) -> Estimate:
    """An estimate with a further, independent error."""
    return replace(estimate, stderr=np.hypot(estimate.stderr, error))


def disagreements(coefficients: dict[str, Estimate]) -> dict[str, float]:
    """Pulls of the coefficients whose sampled value was taken, by name; of arrays the largest."""
    pulls = {}
    for name, estimate in coefficients.items():
        if name in SCALARS_OF:
            continue
        if estimate.sampled is not None and estimate.pull is not None:
            is_alarming = _is_alarming(estimate.pull, estimate)
            if is_alarming.any():
                pulls[name] = float(np.max(np.abs(estimate.pull)[is_alarming]))
    return pulls


def count_deviations(coefficients: dict[str, Estimate]) -> dict[int, float]:
    """Processes whose counts deviate significantly from nu of the operator, in standard errors."""
    if collision_counts.NAME not in coefficients:
        return {}
    distance = collision_counts.significant_deviations(coefficients[collision_counts.NAME])
    return {int(process): float(distance[process]) for process in np.flatnonzero(distance)}


def _needs_no_displacement(name: str) -> bool:
    """Whether a coefficient is sampled without displacements."""
    return "diffusion" not in name and name not in (
        *BY_DISPLACEMENT,
        "characteristic_energy",
        "reduced_townsend_effective_sst",
    )


def _follow_scalars(coefficients: dict[str, Estimate]) -> None:
    """Take sampled vectors and tensors where a sampled scalar of theirs was taken; in place."""
    for name, scalars in SCALARS_OF.items():
        estimate = coefficients[name]
        if estimate.sampled is not None and not all(coefficients[s].controlled for s in scalars):
            beside = estimate.sampled
            coefficients[name] = replace(
                estimate, value=beside.value, stderr=beside.stderr, controlled=False
            )


def _often_enough(name: str, tallies: Tallies, inputs: EstimatorInputs) -> np.ndarray:
    """Whether a coefficient was sampled by so many collisions that its error is one.

    Of the few electrons that a single one brought forth, the spread says little.
    """
    count = tallies.collisions.sum(axis=0)
    if name == "rate_coefficient":
        return np.asarray(count >= collision_counts.LEAST_COUNT)
    changes = np.isin(inputs.action, (contract.IONIZATION, contract.ATTACHMENT))
    enough = count[changes].sum() >= collision_counts.LEAST_COUNT
    return np.asarray(name not in OF_GROWTH or enough)


def _with_sampled(
    controlled: Estimate, sampled: Estimate | None, is_known: np.ndarray, checked: bool
) -> Estimate:
    """A controlled value with the sampled one; if checked, the sampled one where they disagree.

    Without a pull where the error of the sampled value is not known.
    """
    whole = replace(controlled, controlled=True)
    if sampled is None:
        return whole
    with np.errstate(divide="ignore", invalid="ignore"):
        pull = np.asarray((controlled.value - sampled.value) / sampled.stderr)
    pull = np.where(np.isfinite(pull) & is_known, pull, np.nan)
    beside = replace(whole, sampled=sampled, pull=pull)
    is_alarming = _is_alarming(pull, beside)
    if not (checked and is_alarming.any()):
        return beside
    return replace(
        beside,
        value=np.where(is_alarming, sampled.value, whole.value),
        stderr=np.where(is_alarming, sampled.stderr, whole.stderr),
        controlled=False,
    )


def _is_alarming(pull: FloatArray, estimate: Estimate) -> np.ndarray:
    """Where a pull is too large to be chance."""
    if estimate.pseudo_values is None:
        return np.zeros(pull.shape, dtype=bool)
    return np.asarray(np.isfinite(pull) & (np.abs(pull) > alarm_limit(estimate)))
