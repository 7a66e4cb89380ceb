"""Whether a table is good enough: the errors of its points, and of interpolating between them."""

from __future__ import annotations

import numpy as np

from swarmhydra.export.table import Column, Table
from swarmhydra.kernels.arrays import FloatArray

WARN = 0.02
"""Relative error of a table above which there is a warning."""

REFUSE = 0.1
"""Relative error of mean energy, mobility or diffusion above which there is no table."""

WARN_RATE = 0.1
"""Relative error of a rate or Townsend coefficient above which there is a warning."""

_RATES = (
    "rate_coefficient_convolution",
    "reduced_townsend_ionization",
    "reduced_townsend_attachment",
)
_EXPLAINED = 3.0


def check(table: Table, kind: str = "flux") -> tuple[list[str], list[str]]:
    """What is wrong with a table.

    Parameters
    ----------
    table : Table
    kind : str, optional
        ``flux`` or ``bulk``: which transport coefficients must be good.

    Returns
    -------
    faults, warnings : list of str
        A table with faults is of no use; warnings say where it is poor.
    """
    faults, warnings = [], list(table.warnings)
    energy = table.column("mean_energy").values
    falls = np.flatnonzero(np.diff(energy) <= 0.0)
    if falls.size:
        first = falls[0]
        faults.append(
            f"the mean energy does not rise from {table.en[first]:g} to {table.en[first + 1]:g} "
            "Td: no table against it; smaller errors or fewer points help"
        )
    transport = set(_transport(kind))
    for column in table.columns:
        process = column.name in _RATES
        if column.name not in transport and not process:
            continue
        errors = {
            "too noisy": _noise(column),
            "too coarse": interpolation_error(table.en, column.values, column.stderr),
        }
        for what, values in errors.items():
            worst = int(np.argmax(values))
            limit = WARN_RATE if process else WARN
            words = f"{what}: {column.title} to {values[worst]:.1%} at {table.en[worst]:g} Td"
            if not process and values[worst] > REFUSE:
                faults.append(f"{words}, expected at most {REFUSE:.0%}")
            elif values[worst] > limit:
                warnings.append(f"{words}, more than {limit:.0%}")
    return faults, warnings


def interpolation_error(en: FloatArray, values: FloatArray, stderr: FloatArray) -> FloatArray:
    """The relative error of interpolating a table linearly in the logarithms, point by point.

    Parameters
    ----------
    en : ndarray, shape (n,)
        Strictly ascending.
    values, stderr : ndarray, shape (n,)

    Returns
    -------
    ndarray, shape (n,)
        A quarter of what each inner point differs from its neighbours' line, beyond three standard
        errors of that difference; 0 at the ends and beside values that are not positive.

    Examples
    --------
    >>> import numpy as np
    >>> en = np.array([1.0, 2.0, 4.0])
    >>> interpolation_error(en, en**0.5, np.zeros(3)).round(6)
    array([0., 0., 0.])
    """
    error = np.zeros(en.size)
    good = (values > 0.0) & np.isfinite(values)
    inner = np.flatnonzero(good[:-2] & good[1:-1] & good[2:]) + 1
    if not inner.size or en[0] < 0.0:
        return error
    x = np.log(np.maximum(en, 1e-300))
    weight = (x[inner] - x[inner - 1]) / (x[inner + 1] - x[inner - 1])
    y = np.log(np.where(good, values, 1.0))
    relative = np.nan_to_num(np.where(good, stderr / np.where(good, values, 1.0), 0.0))
    difference = np.abs((1.0 - weight) * y[inner - 1] + weight * y[inner + 1] - y[inner])
    spread = np.sqrt(
        ((1.0 - weight) * relative[inner - 1]) ** 2
        + (weight * relative[inner + 1]) ** 2
        + relative[inner] ** 2
    )
    error[inner] = np.expm1(np.maximum(difference - _EXPLAINED * spread, 0.0)) / 4.0
    return error


def _transport(kind: str) -> tuple[str, ...]:
    """The coefficients without which a table is of no use."""
    return (
        "mean_energy",
        f"reduced_mobility_{kind}",
        f"reduced_diffusion_transverse_{kind}",
        f"reduced_diffusion_longitudinal_{kind}",
    )


def _noise(column: Column) -> FloatArray:
    """Relative standard errors; 0 where there is nothing to be relative to."""
    positive = np.abs(np.nan_to_num(column.values)) > 0.0
    relative = column.stderr / np.where(positive, np.abs(column.values), 1.0)
    return np.where(positive, np.nan_to_num(relative, nan=0.0), 0.0)
