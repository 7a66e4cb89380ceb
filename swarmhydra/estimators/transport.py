"""From the sums of the sub-swarms to coefficients with standard errors.

Every coefficient is a function of sums over the whole swarm. Its standard error comes from the
sub-swarms, which never met: the function is evaluated again without each one of them (jackknife;
Efron, 1982), so that errors of ratios and differences include all correlations.
"""

import dataclasses
from dataclasses import dataclass

import numpy as np

from swarmhydra.estimators.estimate import jackknife
from swarmhydra.kernels import contract
from swarmhydra.kernels.arrays import FloatArray, IntArray
from swarmhydra.kernels.contract import (
    ATTACHMENT,
    CELL_COSINE,
    CELL_TIME,
    IONIZATION,
    PAIRS,
    Tallies,
)
from swarmhydra.kernels.quantities import HALF_MASS
from swarmhydra.results.record import Estimate
from swarmhydra.swarm.expected_flight import ExpectedFlights

LONGITUDINAL = 2
"""Axis of the field."""

EVENTS_BEHIND = {
    "effective_ionization_rate_coefficient": (IONIZATION, ATTACHMENT),
    "reduced_townsend_ionization": (IONIZATION,),
    "reduced_townsend_attachment": (ATTACHMENT,),
    "reduced_townsend_effective": (IONIZATION, ATTACHMENT),
    "reduced_townsend_effective_sst": (IONIZATION, ATTACHMENT),
}
"""The collisions without which a coefficient is known to be small, but not how small."""

TOWNSEND_COEFFICIENTS = tuple(name for name in EVENTS_BEHIND if "townsend" in name)

OF_A_DRIFT = (
    "reduced_mobility_flux",
    "reduced_mobility_bulk",
    "characteristic_energy",
    "reduced_energy_mobility",
    *TOWNSEND_COEFFICIENTS,
)
"""Coefficients that only a steady drift has."""


@dataclass(frozen=True)
class Conditions:
    """What besides the sums a coefficient depends on.

    Attributes
    ----------
    number_density : float
        Of the gas (1/m3).
    field : float
        Electric field that drives the electrons along +z (V/m).
    action : ndarray of int, shape (P,)
        What each process does, codes of `kernels.contract`.
    target_density : ndarray, shape (P,)
        Density of the species that each process' electron hits (1/m3).
    cell_edges : ndarray, shape (cells + 1,)
        Of the speed histogram (m/s).
    cell_frequency : ndarray, shape (cells, P)
        Collision frequencies averaged over the cells (1/s).
    window : float
        Duration of a window (s).
    forgotten : int
        Windows after which displacements grow at their final rate.
    magnetic : tuple of float or None
        x and z of the direction of the magnetic field; None without one.
    drifts : bool
        Whether a steady electric field makes the electrons drift.
    flights : ExpectedFlights or None
        What flights will contribute, by the speeds of their departures, with the frequencies of all
        collisions, of ionization and of attachment; None where that cannot be known.
    tilt : float
        Growth rate in space that the tilted sums are weighted against (1/m).
    extra_frequency : ndarray, shape (cells, E)
        Frequencies of the processes that electrons do not notice (1/s).
    extra_density : ndarray, shape (E,)
        Density of the species that each of them hits (1/m3).
    """

    number_density: float
    field: float
    action: IntArray
    target_density: FloatArray
    cell_edges: FloatArray
    cell_frequency: FloatArray
    window: float
    forgotten: int
    magnetic: tuple[float, float] | None = None
    drifts: bool = True
    flights: ExpectedFlights | None = None
    tilt: float = 0.0
    extra_frequency: FloatArray = dataclasses.field(default_factory=lambda: np.empty((0, 0)))
    extra_density: FloatArray = dataclasses.field(default_factory=lambda: np.empty(0))


def coefficients(tallies: Tallies, conditions: Conditions) -> dict[str, Estimate]:
    """All coefficients of the results file.

    Parameters
    ----------
    tallies : Tallies
        Of the measurement.
    conditions : Conditions

    Returns
    -------
    dict of str to Estimate
        Names, units and meaning as in `variables`; errors have S - 1 degrees of freedom. What rests
        on events that were never seen is zero and has no error: NaN.
    """
    estimates = jackknife(tallies, lambda sums: evaluate(sums, conditions))
    unseen = tallies.collisions.sum(axis=0) == 0.0
    estimates["rate_coefficient"].stderr[unseen] = np.nan
    for name, action in EVENTS_BEHIND.items():
        possible = np.isin(conditions.action, action)
        if possible.any() and unseen[possible].all() and np.isfinite(estimates[name].value):
            # What flights might yet do says how small only as far as their speeds are known.
            nothing = np.zeros(len(tallies.flux))
            estimates[name] = Estimate(np.asarray(0.0), np.asarray(np.nan), nothing)
    return estimates


def evaluate(sums: Tallies, conditions: Conditions) -> dict[str, FloatArray]:
    """The coefficients, without errors, for each entry of the first axis of the sums."""
    velocity, diffusion = _flux(sums)
    result = _rates(sums, conditions)
    averages = _averages(sums, velocity[:, LONGITUDINAL].copy(), result, conditions)
    result["mean_energy"] = averages.mean_energy
    density = conditions.number_density
    result["effective_ionization_rate_coefficient"] = averages.growth / density
    # Before the drift is replaced: displacements and losses, of the same flights, fluctuate alike.
    result |= _power(sums, velocity[:, LONGITUDINAL], conditions)
    velocity[:, LONGITUDINAL] = averages.drift
    moments = {"flux": (velocity, diffusion), "bulk": _bulk(sums, conditions)}
    for name, (velocity, diffusion) in moments.items():
        reduced = diffusion * conditions.number_density
        result |= {
            f"velocity_vector_{name}": velocity,
            f"drift_velocity_{name}": velocity[:, LONGITUDINAL],
            f"reduced_mobility_{name}": _mobility(velocity, conditions),
            f"reduced_diffusion_tensor_{name}": reduced,
            f"reduced_diffusion_longitudinal_{name}": reduced[:, LONGITUDINAL, LONGITUDINAL],
            f"reduced_diffusion_transverse_{name}": 0.5 * (reduced[:, 0, 0] + reduced[:, 1, 1]),
        }
        if conditions.magnetic is not None:
            result |= _along_fields(name, velocity, reduced, conditions.magnetic)
    if conditions.extra_density.size:
        result["extra_rate_coefficient"] = _extra_rates(sums, conditions)
    transverse = result["reduced_diffusion_transverse_flux"]
    result["characteristic_energy"] = transverse / result["reduced_mobility_flux"]
    result["reduced_energy_mobility"] = energy_mobility(sums, averages.mean_energy, conditions)
    result |= _townsend(sums, averages, conditions)
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
    sums: Tallies, displaced: FloatArray, rates: dict[str, FloatArray], conditions: Conditions
) -> _Averages:
    """From what is to be expected of the flights where that is known.

    Elsewhere from the trials, which sample where electrons are; but the drift from displacements,
    which do not notice how an electron gyrates.
    """
    frequency = rates["rate_coefficient_convolution"] * conditions.target_density
    ionization = frequency[:, conditions.action == IONIZATION].sum(axis=1)
    attachment = frequency[:, conditions.action == ATTACHMENT].sum(axis=1)
    if conditions.flights is not None:
        sampled = ionization - attachment
        integrals = conditions.flights.integrals(sums.departures, sampled)
        _, drift, square, ionization, attachment = (integrals / integrals[:, :1]).T
        return _Averages(HALF_MASS * square, drift, ionization, attachment)
    square = sums.trial[:, 1] / sums.trial[:, 0]
    return _Averages(HALF_MASS * square, displaced, ionization, attachment)


def _flux(sums: Tallies) -> tuple[FloatArray, FloatArray]:
    """Velocity <v> and diffusion <r v> - <r><v>, averages over electrons and time."""
    averages = sums.flux[:, 1:] / sums.flux[:, :1]
    velocity = averages[:, :3]
    position = sums.trial[:, 2:5] / sums.trial[:, :1]
    return velocity, _tensor(averages[:, 3:]) - _symmetric_product(position, velocity)


def _bulk(sums: Tallies, conditions: Conditions) -> tuple[FloatArray, FloatArray]:
    """Growth of mean and variance of the displacement, once its beginning is forgotten."""
    electrons = sums.window_electrons
    late, early = sums.displacement.shape[1] - 1, conditions.forgotten - 1
    elapsed = (late - early) * conditions.window
    mean = sums.displacement / electrons[:, :, None]
    mean_late, mean_early = mean[:, late], mean[:, early]
    products = sums.displacement_product / electrons[:, :, None]
    variance_late = _tensor(products[:, late]) - _symmetric_product(mean_late, mean_late)
    variance_early = _tensor(products[:, early]) - _symmetric_product(mean_early, mean_early)
    return (mean_late - mean_early) / elapsed, 0.5 * (variance_late - variance_early) / elapsed


def _rates(sums: Tallies, conditions: Conditions) -> dict[str, FloatArray]:
    """Rate coefficients by count and by convolution."""
    counted = sums.collisions / sums.flux[:, :1]
    convolved = _average(sums.speed, conditions.cell_frequency)
    return {
        "rate_coefficient": counted / conditions.target_density,
        "rate_coefficient_convolution": convolved / conditions.target_density,
    }


def _extra_rates(sums: Tallies, conditions: Conditions) -> FloatArray:
    """Rate coefficients of what electrons do not notice, by convolution."""
    frequency = _average(sums.speed, conditions.extra_frequency)
    return np.asarray(frequency / conditions.extra_density)


def _average(speed: FloatArray, frequency: FloatArray) -> FloatArray:
    """Frequencies, shape (CELLS, P), averaged over the time spent in the cells, shape (n, P)."""
    time = speed[:, :, 0]
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


def _mobility(velocity: FloatArray, conditions: Conditions) -> FloatArray:
    """Mobility times gas density; only a steady field has one."""
    if not conditions.drifts:
        return np.full(len(velocity), np.nan)
    mobility: FloatArray = velocity[:, LONGITUDINAL] / np.float64(conditions.field)
    return mobility * conditions.number_density


def energy_mobility(sums: Tallies, mean_energy: FloatArray, conditions: Conditions) -> FloatArray:
    """Mobility of energy times gas density: <energy v_z> over <energy> and the field.

    From the first anisotropy in the speed cells, in each of which electrons count as evenly spread
    (Hagelaar and Pitchford, Plasma Sources Sci. Technol. 14 (2005) 722, equation 61).
    """
    if not conditions.drifts:
        return np.full_like(mean_energy, np.nan)
    low, high = conditions.cell_edges[:-1], conditions.cell_edges[1:]
    speed_cubed = 0.25 * (high**2 + low**2) * (high + low)
    time = sums.speed[:, :, CELL_TIME].sum(axis=1)
    flux = HALF_MASS * (sums.speed[:, :, CELL_COSINE] @ speed_cubed) / time
    mobility: FloatArray = flux / (mean_energy * conditions.field)
    return mobility * conditions.number_density


def _townsend(sums: Tallies, averages: _Averages, conditions: Conditions) -> dict[str, FloatArray]:
    """Townsend coefficients over N: nu / W, and the growth of a steady stream in space."""
    if not conditions.drifts:
        # Without a steady drift nothing grows along the way.
        nothing = np.full_like(averages.drift, np.nan)
        return dict.fromkeys(TOWNSEND_COEFFICIENTS, nothing)
    spatial_growth = _spatial_growth(sums, averages.growth, conditions)
    per_length = averages.drift * conditions.number_density
    ionization, attachment = averages.ionization / per_length, averages.attachment / per_length
    return {
        "reduced_townsend_ionization": ionization,
        "reduced_townsend_attachment": attachment,
        "reduced_townsend_effective": ionization - attachment,
        "reduced_townsend_effective_sst": spatial_growth / conditions.number_density,
    }


def _spatial_growth(sums: Tallies, growth: FloatArray, conditions: Conditions) -> FloatArray:
    """Growth of a steady stream in space (1/m): a such that sums of exp(-a z) stay as they are.

    A swarm n(z, t) has a moment of exp(-a z) that grows at the rate nu - W a + D_L a^2 - ...; it is
    zero where n ~ exp(a z) is steady (steady-state Townsend; Tagashira, Sakai and Sakamoto, J.
    Phys. D 10 (1977) 1051, who keep the first three terms). Here all are kept: the moment is
    sampled at an a near the root, and its logarithm from there on is a parabola.
    """
    late, early = sums.tilted.shape[1] - 1, conditions.forgotten - 1
    elapsed = (late - early) * conditions.window

    one, first, second = np.moveaxis(sums.tilted, 2, 0)
    mean = first / one
    moments = np.log(one), mean, second / one - mean**2
    logarithm, drift, spread = ((each[:, late] - each[:, early]) / elapsed for each in moments)
    # The rate is c - b x + a x^2 at a + x; the form of the root without cancellation.
    rate, curvature = growth + logarithm, 0.5 * spread
    off = 2.0 * rate / (drift + np.sqrt(drift**2 - 4.0 * curvature * rate))
    result: FloatArray = conditions.tilt + off
    return result


def _power(sums: Tallies, drift: FloatArray, conditions: Conditions) -> dict[str, FloatArray]:
    """Energy balance per electron: what the field gives, collisions take, newborns share.

    By displacements and counts, so that the terms belong to the same events.
    """
    gain = conditions.field * drift
    if sums.phase.shape[1] > 0:
        # An alternating field: by the force at each trial.
        sampled = sums.phase.sum(axis=1)
        gain = 2.0 * HALF_MASS * sampled[:, contract.PHASE_COLUMNS - 1] / sampled[:, 0]
    loss = sums.energy_loss / sums.flux[:, :1]
    born = sums.collisions[:, conditions.action == IONIZATION].sum(axis=1)
    lost = sums.collisions[:, conditions.action == ATTACHMENT].sum(axis=1)
    mean_energy = HALF_MASS * sums.trial[:, 1] / sums.trial[:, 0]
    growth = (born - lost) / sums.flux[:, 0] * mean_energy
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
    product = a[:, :, None] * b[:, None, :]
    return 0.5 * (product + product.swapaxes(1, 2))
