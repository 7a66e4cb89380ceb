"""What a swarm would do if it followed a field at once: solutions in steady fields."""

import logging
from dataclasses import replace

import numpy as np
from scipy.interpolate import PchipInterpolator

from swarmhydra.boltzmann.solve import SolverError, solve
from swarmhydra.kernels.arrays import FloatArray
from swarmhydra.run.solver_request import solver_request
from swarmhydra.swarm.medium import Medium

log = logging.getLogger(__name__)

SOLUTIONS_PER_DECADE = 8
"""Steady fields per decade between which results are interpolated."""

LOWEST_SHARE = 1e-3
"""Lowest field that is solved for, over the highest one."""

TOLERANCE = 1e-3
"""Relative error of the solutions."""

QUANTITIES = {
    "mean_energy": "mean_energy",
    "drift_velocity": "drift_velocity_flux",
    "rate_coefficient": "rate_coefficient",
}
"""Quantities, and the coefficients that they are."""


def quasi_steady(medium: Medium, en: FloatArray, acceleration: float) -> dict[str, FloatArray]:
    """Values of the Boltzmann equation in steady fields.

    Parameters
    ----------
    medium : Medium
        The gas, without a magnetic field.
    en : ndarray, shape (T,)
        Reduced fields (Td); by symmetry those along -z drive electrons the other way.
    acceleration : float
        Acceleration of an electron in a field of 1 Td (m/s2).

    Returns
    -------
    dict of str to ndarray
        By the names of the group ``waveform`` of the result, each (T, ...); NaN below the lowest
        field that was solved for.
    """
    strength = np.abs(en)
    fields = _fields(strength)
    solutions: dict[float, dict[str, FloatArray]] = {}
    for field in fields.tolist():
        try:
            solutions[field] = _solution(medium, field * acceleration)
        except SolverError as error:
            log.debug("no quasi-steady values at %g Td: %s", field, error)
    if len(solutions) < 2:
        return {}
    abscissa = np.log(np.array(list(solutions)))
    place = np.log(np.maximum(strength, np.finfo(float).tiny))
    result = {}
    for name in QUANTITIES:
        values = np.stack([each[name] for each in solutions.values()])
        course = _interpolated(abscissa, values, place)
        result[f"{name}_quasi_steady"] = (
            course * np.sign(en) if name == "drift_velocity" else course
        )
    return result


def _fields(strength: FloatArray) -> FloatArray:
    """The fields to solve for, ascending (Td)."""
    highest = float(strength.max())
    above = strength[strength >= LOWEST_SHARE * highest]
    lowest = float(above.min())
    count = 2 + int(np.ceil(SOLUTIONS_PER_DECADE * np.log10(highest / lowest)))
    # A little beyond both ends, which rounding may otherwise put outside.
    return np.geomspace(lowest * (1.0 - 1e-9), highest * (1.0 + 1e-9), count)


def _solution(medium: Medium, acceleration: float) -> dict[str, FloatArray]:
    """The quantities in one steady field."""
    request = solver_request(medium, None, TOLERANCE, acceleration)
    values = solve(replace(request, spatial=False)).values
    return {name: values[of] for name, of in QUANTITIES.items()}


def _interpolated(nodes: FloatArray, values: FloatArray, place: FloatArray) -> FloatArray:
    """Values between those that are known, in logarithms; NaN outside."""
    shape = values.shape[1:]
    columns = values.reshape(len(values), -1)
    result = np.full((place.size, columns.shape[1]), np.nan)
    inside = (place >= nodes[0]) & (place <= nodes[-1])
    for column, rows in enumerate(columns.T):
        if np.all(rows > 0.0):
            result[inside, column] = np.exp(PchipInterpolator(nodes, np.log(rows))(place[inside]))
        else:
            result[inside, column] = PchipInterpolator(nodes, rows)(place[inside])
    return result.reshape(place.size, *shape)
