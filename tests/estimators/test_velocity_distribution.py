"""The distribution over velocities from Legendre coefficients: exact averages, known sums."""

import logging

import numpy as np
import pytest
from scipy.integrate import dblquad
from scipy.special import eval_legendre

from swarmhydra.estimators.velocity_distribution import (
    MOST_CELLS,
    VelocityPlane,
    VelocityRequest,
    in_each,
    on_plane,
    sampled_orders,
    velocity_plane,
)
from swarmhydra.kernels.arrays import FloatArray
from swarmhydra.kernels.quantities import HALF_MASS
from swarmhydra.results.record import Estimate

TOP, BINS = 4e6, 240
EDGES = HALF_MASS * np.linspace(0.0, TOP, BINS + 1) ** 2
WIDTH, DRIFT = 8e5, 1e5
"""Of a Maxwellian, standard deviation of each component (m/s), and how far it is moved."""


def of_maxwellian(orders: int) -> FloatArray:
    """f_l (eV^-3/2) of a Maxwellian that drifts along z, in the bins, shape (1, orders, BINS)."""
    speed = np.sqrt(0.5 * (EDGES[1:] + EDGES[:-1]) / HALF_MASS)
    mu, weight = np.polynomial.legendre.leggauss(40)
    square = speed[:, None] ** 2 - 2.0 * speed[:, None] * mu * DRIFT + DRIFT**2
    density = np.exp(-0.5 * square / WIDTH**2) / (2.0 * np.pi * WIDTH**2) ** 1.5
    f_l = [(order + 0.5) * (density * eval_legendre(order, mu)) @ weight for order in range(orders)]
    return np.stack(f_l)[None] * 2.0 * np.pi / HALF_MASS**1.5


def plane_of(orders: int, step: float | None = None) -> VelocityPlane:
    found = velocity_plane(EDGES, orders, VelocityRequest(orders, True, step))
    assert found is not None
    return found


def test_cells_hold_averages_of_a_maxwellian_that_drifts() -> None:
    plane = plane_of(9)
    found = plane.averages(of_maxwellian(9))[0]
    along, across = plane.coordinates["v_along"], plane.coordinates["v_across"]
    volume = 2.0 * np.pi * across * plane.step**2
    assert np.sum(found * volume) == pytest.approx(1.0, abs=1e-4)
    assert np.sum(found * volume * along[:, None]) == pytest.approx(DRIFT, rel=1e-3)

    def density(v_across: float, v_along: float) -> float:
        square = v_across**2 + (v_along - DRIFT) ** 2
        gauss = np.exp(-0.5 * square / WIDTH**2) / (2.0 * np.pi * WIDTH**2) ** 1.5
        return float(2.0 * np.pi * v_across * gauss)

    for i, j in ((plane.cells, 0), (plane.cells + 7, 3), (plane.cells - 12, 5)):
        low, up = along[i] - 0.5 * plane.step, along[i] + 0.5 * plane.step
        inner, outer = across[j] - 0.5 * plane.step, across[j] + 0.5 * plane.step
        expected = dblquad(density, low, up, inner, outer)[0] / volume[j]
        assert found[i, j] == pytest.approx(expected, rel=2e-3)


@pytest.mark.parametrize("top", [9.9e4, 1e6, 3.1e6, 7.7e7])
def test_cells_have_round_widths(top: float) -> None:
    request = VelocityRequest(2, True, None)
    plane = velocity_plane(np.array([0.0, 0.5, 1.0]) * HALF_MASS * top**2, 2, request)
    assert plane is not None
    assert f"{plane.step:.0e}"[0] in "125"
    assert float(f"{plane.step:.0e}") == pytest.approx(plane.step, rel=1e-12)
    assert 30 <= plane.cells <= 76
    assert plane.coordinates["v_across"][-1] + 0.5 * plane.step >= top * (1.0 - 1e-12)
    assert np.array_equal(plane.coordinates["v_along"], -plane.coordinates["v_along"][::-1])


def test_a_width_can_be_asked_for_within_bounds(caplog: pytest.LogCaptureFixture) -> None:
    assert plane_of(2, 1.5e5).step == 1.5e5
    with caplog.at_level(logging.WARNING):
        fine = plane_of(2, 1e3)
    assert fine.cells <= MOST_CELLS
    assert fine.step % 1e3 == pytest.approx(0.0, abs=1e-9)
    assert "sim.evdf.step=1000" in caplog.text


def test_sums_of_legendre_polynomials_give_the_coefficients() -> None:
    """Of directions with the density 1 + 0.6 P_1 + 0.3 P_2 the f_l / f_0 are these numbers."""
    mu, weight = np.polynomial.legendre.leggauss(12)
    density = 1.0 + 0.6 * mu + 0.3 * eval_legendre(2, mu)
    moments = np.array([(density * eval_legendre(order, mu)) @ weight for order in range(5)])
    edges = np.array([0.0, 1.0, 4.0])
    times = np.stack([moments, 3.0 * moments])[None]
    f_l = sampled_orders(times, edges)[0]
    assert f_l[:, 1] / f_l[0, 1] == pytest.approx([1.0, 0.6, 0.3, 0.0, 0.0], abs=1e-12)
    assert f_l[0] @ (2.0 / 3.0 * np.diff(edges**1.5)) == pytest.approx(1.0)
    assert f_l[0] * np.diff(edges**1.5) == pytest.approx(1.5 * np.array([0.25, 0.75]))


def test_what_no_electron_came_to_has_no_error() -> None:
    random = np.random.default_rng(3)
    moments = np.zeros((8, 2, 20, 3))
    moments[:, :, :12] = random.uniform(0.5, 1.0, (8, 2, 12, 3)) * [1.0, 0.1, 0.02]
    edges = HALF_MASS * np.linspace(0.0, 2e6, 21) ** 2
    found = in_each(moments, edges, VelocityRequest(3, True, 1e5))
    orders, plane = found["f_l"], found["evdf"]
    assert isinstance(orders, Estimate)
    assert isinstance(plane, Estimate)
    assert orders.value.shape == (2, 3, 20)
    assert np.isfinite(orders.stderr[:, :, :12]).all()
    assert np.isnan(orders.stderr[:, :, 12:]).all()
    assert not orders.value[:, :, 12:].any()
    assert plane.value.shape == (2, 40, 20)
    assert np.isnan(plane.stderr[:, 0, -1]).all()
    assert orders.pseudo_values is None


def test_errors_are_those_of_the_spread_over_sub_swarms() -> None:
    """Of the mean of many independent values, as their spread tells without the jackknife."""
    random = np.random.default_rng(5)
    moments = 1.0 + 0.01 * random.normal(size=(400, 1, BINS, 2)) * [1.0, 30.0]
    left_out = moments[:, 0].sum(axis=0) - moments[:, 0]
    f_l = sampled_orders(np.concatenate([moments[:, 0].sum(axis=0)[None], left_out]), EDGES)
    found = on_plane(f_l, EDGES, VelocityRequest(2, True, None))["evdf"]
    assert isinstance(found, Estimate)
    alone = plane_of(2).averages(sampled_orders(moments[:, 0], EDGES))
    known = alone.std(axis=0, ddof=1) / 20.0
    inside = found.value > 0.1 * found.value.max()
    assert found.stderr[inside] == pytest.approx(known[inside], rel=0.02)
