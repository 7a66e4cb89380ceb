"""Numerical errors of a solution, from its changes with the grid and with the number of terms."""

import numpy as np

from swarmhydra.boltzmann.coefficients import Coefficients
from swarmhydra.kernels.arrays import FloatArray

LEAST_ERROR = 2e-6
"""Smallest relative error that is stated: averages over collisions are not more exact."""

SHARED = 0.5
"""Part of the mean relative error of comparable processes that a rate has at least. Grids with
kinks converge unevenly: a change may be small by chance."""

OF_PROCESSES = {"rate_coefficient", "rate_coefficient_convolution", "power_loss"}
"""Coefficients with a value for each process."""

COMPARABLE = 0.1
"""Rate of the rarest process that is compared with another one, over the rate of that. The error of
a rare process says nothing of a frequent one."""


def numerical_error(value: FloatArray, by_cells: FloatArray, by_terms: FloatArray) -> FloatArray:
    """The last changes with the cells of the grid and with the terms, as a whole.

    More than expected, as a solution is nearer to the exact one than to the one before.
    """
    return np.asarray(by_cells + by_terms + LEAST_ERROR * np.abs(value))


def numerical_errors(
    values: Coefficients, by_cells: Coefficients, by_terms: Coefficients
) -> Coefficients:
    """The errors of all coefficients."""
    errors = {
        name: numerical_error(value, by_cells[name], by_terms[name])
        for name, value in values.items()
    }
    least = _shared(values["rate_coefficient"], errors["rate_coefficient"])
    of_processes = {
        name: np.maximum(errors[name], least * np.abs(values[name]))
        for name in OF_PROCESSES & values.keys()
    }
    return errors | of_processes


def _shared(rate: FloatArray, error: FloatArray) -> FloatArray:
    """Relative errors that processes have at least, from those that are not much rarer.

    Whether a knot of the grid lies at a kink of a cross section is a matter of chance. What it does
    to one rate it might have done to another one.
    """
    relative = np.divide(error, rate, out=np.zeros_like(error), where=rate > 0.0)
    comparable = rate >= COMPARABLE * rate[:, None]
    mean_square = (comparable @ relative**2) / comparable.sum(axis=1)
    return np.asarray(SHARED * np.sqrt(mean_square))
