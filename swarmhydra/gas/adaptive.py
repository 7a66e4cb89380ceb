"""Tables that are as good as their formula: grids for linear interpolation with bounded error."""

from collections.abc import Callable, Iterable

import numpy as np
from scipy.optimize import brentq

from swarmhydra.kernels.arrays import BoolArray, FloatArray

Curve = Callable[[FloatArray], FloatArray]

# The first grid must be fine enough that no feature of a curve falls between its check points.
_FIRST_POINTS_PER_DECADE = 8
# Seven check points in each cell: the error of a smooth curve peaks near the middle, that of a
# cell with an inflection or a threshold next to an end.
_CHECKS = np.arange(1, 8) / 8.0
# Their weights in the mean over a cell, at the ends of which chords are on the curve (Simpson).
_SIMPSON = np.array([4, 2, 4, 2, 4, 2, 4]) / 24.0
# Between the check points the error can be somewhat larger than at them.
_SAFETY = 0.9
# Cells are not split below this relative width, so an unlisted jump cannot be chased for ever.
_NARROWEST = 1e-13


def adaptive_grid(
    function: Curve,
    breakpoints: Iterable[float],
    energy_min: float,
    energy_max: float,
    tolerance: float = 1e-4,
    negligible: float = 1e-6,
) -> tuple[FloatArray, FloatArray]:
    """Tabulate a curve so that linear interpolation reproduces it.

    Cells are halved until the chord agrees with the curve at seven interior points of each cell.
    Chords of a curve that bends one way lie all on the same side of it, and a mean over energies
    would take this for a larger cross section: so inner points are moved until chords lie on
    average on the curve.

    Parameters
    ----------
    function : callable
        The curve, vectorised over energies (eV).
    breakpoints : iterable of float
        Energies of kinks and steps (eV). They become exact grid points; a step also gets the
        neighbouring double on its other side. Those outside the range are ignored.
    energy_min, energy_max : float
        First and last grid point (eV), 0 < energy_min < energy_max; exact, as are breakpoints.
    tolerance : float
        Largest relative error of the interpolation.
    negligible : float
        Values under this fraction of the curve's maximum are held to an absolute error of
        ``tolerance * negligible * maximum`` instead, and are exact at their points.

    Returns
    -------
    energy : ndarray, shape (n,)
        Ascending grid (eV).
    value : ndarray, shape (n,)
        What to interpolate at its points.

    Raises
    ------
    ValueError
        If the range is empty or does not start above zero, or the curve is not finite in it.
    """
    if not 0.0 < energy_min < energy_max < np.inf:
        raise ValueError(f"energies must satisfy 0 < {energy_min} < {energy_max} eV")
    first = energy = _first_grid(function, breakpoints, energy_min, energy_max)
    while True:
        value = function(energy)
        if not np.isfinite(value).all():
            bad = float(energy[np.argmin(np.isfinite(value))])
            raise ValueError(f"the cross section at {bad} eV is not finite")
        bad_cells = _bad_cells(function, energy, value, tolerance, negligible)
        if not bad_cells.any():
            corners = np.isin(energy, first[~np.isin(first, _lattice(energy_min, energy_max))])
            exact = corners | (np.abs(value) <= negligible * np.abs(value).max())
            return energy, np.where(exact, value, value - _excess(function, energy, value))
        middle = 0.5 * (energy[:-1] + energy[1:])[bad_cells]
        energy = np.sort(np.concatenate((energy, middle)))


def _first_grid(
    function: Curve, breakpoints: Iterable[float], energy_min: float, energy_max: float
) -> FloatArray:
    """Ends, breakpoints and a coarse logarithmic grid between them."""
    inner = _lattice(energy_min, energy_max)
    kinks = np.unique(np.fromiter(breakpoints, dtype=np.float64))
    kinks = kinks[(kinks > energy_min) & (kinks < energy_max)]
    # Neighbouring doubles also differ by rounding; a step is a larger difference.
    noise = 1e-12 * np.abs(function(np.append(inner, energy_max))).max()
    at = function(kinks)
    steps = []
    for side in (0.0, np.inf):
        beside = np.nextafter(kinks, side)
        steps.append(beside[np.abs(function(beside) - at) > 1e-6 * np.abs(at) + noise])
    return np.unique(np.concatenate(([energy_min, energy_max], inner, kinks, *steps)))


def _lattice(energy_min: float, energy_max: float) -> FloatArray:
    """Energies between the ends that all curves have, so that grids of a gas share most points."""
    first, last = np.log10([energy_min, energy_max]) * _FIRST_POINTS_PER_DECADE
    lattice = 10.0 ** (np.arange(np.ceil(first), last + 1) / _FIRST_POINTS_PER_DECADE)
    return np.asarray(lattice[(lattice > energy_min) & (lattice < energy_max)])


def _bad_cells(
    function: Curve, energy: FloatArray, value: FloatArray, tolerance: float, negligible: float
) -> BoolArray:
    """Which cells miss the curve by more than the tolerance somewhere inside, shape (n - 1,)."""
    curve, above = _above(function, energy, value)
    scale = np.maximum(np.abs(curve), negligible * np.abs(value).max())
    bad = (np.abs(above) > _SAFETY * tolerance * scale).any(axis=0)
    return np.asarray(bad & (np.diff(energy) > _NARROWEST * energy[1:]))


def _above(function: Curve, energy: FloatArray, value: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The curve at the check points, shape (7, n - 1), and how far above it the chords are."""
    curve = function(energy[:-1] + _CHECKS[:, None] * np.diff(energy))
    return curve, value[:-1] + _CHECKS[:, None] * np.diff(value) - curve


def _excess(function: Curve, energy: FloatArray, value: FloatArray) -> FloatArray:
    """How far the chords about each point lie above the curve on average, shape (n,)."""
    _, above = _above(function, energy, value)
    width = np.pad(np.diff(energy), 1)
    area = np.pad(_SIMPSON @ above, 1) * width
    return np.asarray((area[1:] + area[:-1]) / (width[1:] + width[:-1]))


def sign_changes(function: Curve, energies: FloatArray) -> list[float]:
    """Energies where a smooth curve changes its sign, to full double precision.

    Parameters
    ----------
    function : callable
        The curve, vectorised over energies (eV).
    energies : ndarray, shape (n,)
        Ascending; fine enough that no cell holds two zeros.

    Returns
    -------
    list of float
        One root per cell at whose ends the curve has opposite signs (eV).
    """
    # Zero counts as positive, so a root that is itself one of the energies is found once.
    positive = function(energies) >= 0.0
    cells = np.flatnonzero(positive[:-1] != positive[1:])
    return [
        float(brentq(lambda e: function(np.array([e]))[0], *energies[[i, i + 1]], xtol=1e-15))
        for i in cells
    ]
