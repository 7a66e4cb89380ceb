"""Rates and times of a swarm from its sums, for the stages before the measurement.

Functions of `Tallies` without errors; those of the measurement are in `swarmhydra.estimators`.
"""

import math

import numpy as np

from swarmhydra.kernels import contract
from swarmhydra.kernels.arrays import FloatArray
from swarmhydra.kernels.contract import Tables, Tallies
from swarmhydra.kernels.quantities import HALF_MASS
from swarmhydra.swarm.medium import Medium


def electron_time(tallies: Tallies) -> float:
    """Time summed over the electrons (s)."""
    return float(tallies.flux[:, contract.FLUX_TIME].sum())


def flight_time(tallies: Tallies) -> float:
    """Mean time of a flight (s), to a collision, null collision or horizon."""
    return electron_time(tallies) / float(tallies.events[:, contract.FLIGHTS].sum())


def growth_rate(tallies: Tallies, medium: Medium) -> float:
    """Net ionization frequency (1/s), by count."""
    collisions = tallies.collisions.sum(axis=0)
    ionizations = collisions[medium.ionizing].sum()
    attachments = collisions[medium.attaching].sum()
    return float(ionizations - attachments) / electron_time(tallies)


def exchange_time(tallies: Tallies, medium: Medium, tables: Tables) -> float:
    """Mean energy over the rate at which electrons exchange energy with field and gas (s).

    The rate is the larger of the power from the field and the power into inelastic collisions,
    plus that of elastic recoil. The time is infinite if nothing is known of the energy because
    there was no trial, or if there is no exchange.
    """
    time = electron_time(tallies)
    trial = tallies.trial.sum(axis=0)
    if not trial[contract.TRIAL_TIME] > 0.0:
        return math.inf
    energy = HALF_MASS * trial[contract.TRIAL_V_SQUARED] / trial[contract.TRIAL_TIME]
    if medium.frequency > 0.0:
        power = 2.0 * HALF_MASS * tallies.phase[:, :, contract.PHASE_POWER].sum() / time
    else:
        power = medium.electric_field * tallies.flux[:, contract.FLUX_VZ].sum() / time
    return time_to_exchange(energy, power, tallies.collisions.sum(axis=0) / time, tables)


def time_to_exchange(energy: float, power: float, frequency: FloatArray, tables: Tables) -> float:
    """As `exchange_time`, from the numbers that it rests on.

    Parameters
    ----------
    energy : float
        Mean energy (eV).
    power : float
        Power from the field, per electron (eV/s).
    frequency : ndarray, shape (P,)
        Frequency of each process (1/s).
    tables : Tables
    """
    mass_ratio = 1.0 / tables.recoil - 1.0
    recoil = float(np.sum(2.0 * mass_ratio * frequency)) * energy
    inelastic = float(np.sum(np.abs(tables.threshold) * frequency))
    rate = max(power, inelastic) + recoil
    return float(energy / rate) if rate > 0.0 else math.inf


def energy_covariance(tallies: Tallies, windows: int) -> FloatArray:
    """Covariance of an electron's energy with its own, or its ancestor's, some windows ago (eV2).

    Parameters
    ----------
    tallies : Tallies
        Of as many windows as are asked for.
    windows : int

    Returns
    -------
    ndarray, shape (windows,)
        For 0, 1, 2, ... windows.
    """
    electrons = tallies.window_electrons.sum()
    # The energy k windows ago was known at the ends of all windows but the first k.
    number = electrons * (1.0 - np.arange(windows) / windows)
    sums = tallies.energy_memory.sum(axis=0)[:windows].T / number
    products, energies = sums[contract.ENERGY_PRODUCT], sums[contract.ENERGY_THEN]
    covariance: FloatArray = products - energies[0] * energies
    return covariance


def mean_energy(trial: FloatArray) -> float:
    """Mean energy (eV) from sums over the trials, shape (TRIAL_COLUMNS,).

    Not a number if there was no trial.
    """
    time, square = trial[[contract.TRIAL_TIME, contract.TRIAL_V_SQUARED]].tolist()
    return HALF_MASS * square / time if time > 0.0 else float("nan")
