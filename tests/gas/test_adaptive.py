"""The grid keeps its promise: relative error below the tolerance, corners exact."""

import numpy as np
import pytest

from swarmhydra.gas.adaptive import adaptive_grid, sign_changes


def worst_error(function, energy, value, negligible):
    """Largest relative error of the interpolation at 50 points inside every cell."""
    inside = energy[:-1] + np.linspace(0.01, 0.99, 50)[:, None] * np.diff(energy)
    curve = function(inside)
    scale = np.maximum(np.abs(curve), negligible * np.abs(value).max())
    return (np.abs(np.interp(inside, energy, value) - curve) / scale).max()


CURVES = {
    "power law": (lambda e: e**-0.5, 0.0),
    "steep power law": (lambda e: e**-3, 0.0),
    "resonance": (lambda e: 1e-3 + np.exp(-(((e - 2.0) / 0.05) ** 2)), 1e-6),
    "threshold power": (lambda e: np.maximum(e - 1e-3, 0.0) ** 1.1 / (1 + e) ** 2, 1e-6),
}


@pytest.mark.parametrize("tolerance", [1e-3, 1e-4])
@pytest.mark.parametrize("name", CURVES)
def test_interpolation_error_is_below_the_tolerance_everywhere(name, tolerance):
    function, negligible = CURVES[name]
    energy, value = adaptive_grid(function, [1e-3], 1e-5, 1000.0, tolerance, negligible)
    assert (energy[0], energy[-1]) == (1e-5, 1000.0)
    assert (np.diff(energy) > 0).all()
    assert worst_error(function, energy, value, negligible) < tolerance


@pytest.mark.parametrize("name", CURVES)
def test_interpolation_is_right_on_average(name):
    # Chords of a curve that bends one way all lie on one side of it: by two thirds of the largest
    # error on average, were the points on the curve.
    function, negligible = CURVES[name]
    energy, value = adaptive_grid(function, [1e-3], 1e-5, 1000.0, 1e-3, negligible)
    fine = np.unique(energy[:-1] + np.linspace(0.0, 1.0, 41)[:, None] * np.diff(energy))
    for low, high in ((1e-2, 1.0), (1.0, 30.0)):
        window = np.log(fine / low).clip(0.0) * np.log(high / fine).clip(0.0) / fine
        curve, table = (
            np.trapezoid(window * values, fine)
            for values in (function(fine), np.interp(fine, energy, value))
        )
        assert table == pytest.approx(curve, rel=1e-4)


def test_number_of_points_grows_as_the_root_of_the_accuracy():
    sizes = [
        adaptive_grid(lambda e: e**-0.5, (), 1e-3, 1e3, tolerance, 0.0)[0].size
        for tolerance in (1e-4, 1e-6)
    ]
    assert 7 < sizes[1] / sizes[0] < 14


def test_kink_is_an_exact_point_without_extra_points():
    energy, _ = adaptive_grid(lambda e: 1.0 + np.abs(e - np.pi), [np.pi], 0.1, 10.0)
    plain, _ = adaptive_grid(lambda e: 1.0 + e, (), 0.1, 10.0)
    assert np.pi in energy
    assert energy.size == plain.size + 1


@pytest.mark.parametrize("includes", [np.greater, np.greater_equal])
def test_step_is_two_neighbouring_doubles(includes):
    energy, value = adaptive_grid(lambda e: 1.0 + includes(e, 3.0), [3.0], 0.1, 10.0)
    at = int(np.searchsorted(value, 1.5))
    assert 3.0 in energy[at - 1 : at + 1]
    assert energy[at] == np.nextafter(energy[at - 1], np.inf)


def test_curve_that_is_zero_needs_no_refinement():
    energy, value = adaptive_grid(np.zeros_like, (), 0.1, 10.0)
    assert energy.size < 20
    assert not value.any()


def test_unlisted_step_still_ends():
    energy, value = adaptive_grid(lambda e: 1.0 + (e > 3.0), (), 0.1, 10.0)
    assert energy[np.searchsorted(value, 1.5)] == pytest.approx(3.0, rel=1e-12)


def test_breakpoints_outside_the_range_do_not_matter():
    energy, _ = adaptive_grid(lambda e: 1.0 + e, [0.01, 0.1, 10.0, 50.0], 0.1, 10.0)
    assert (energy[0], energy[-1]) == (0.1, 10.0)


def test_grids_of_different_curves_share_points():
    one, _ = adaptive_grid(lambda e: e**-0.5, (), 1e-3, 100.0)
    other, _ = adaptive_grid(lambda e: e**-1.0, (), 2e-2, 100.0)
    above = one[one > 0.1]
    assert np.isin(above, other).mean() > 0.9


@pytest.mark.parametrize("ends", [(0.0, 1.0), (-1.0, 1.0), (2.0, 1.0), (1.0, np.nan)])
def test_empty_range_is_refused(ends):
    with pytest.raises(ValueError, match="0 < "):
        adaptive_grid(lambda e: e, (), *ends)


def test_curve_that_is_not_finite_is_refused():
    with pytest.raises(ValueError, match="not finite"):
        adaptive_grid(lambda e: np.where(e > 5.0, np.inf, 1.0), (), 0.1, 10.0)


def test_sign_changes_are_found_to_full_precision():
    roots = sign_changes(np.cos, np.linspace(0.1, 8.0, 50))
    assert roots == pytest.approx([np.pi / 2, 3 * np.pi / 2, 5 * np.pi / 2], rel=4e-16)
    assert sign_changes(lambda e: e - 2.0, np.array([1.0, 2.0, 3.0])) == [2.0]
