"""The generator B: splines, collisions, and its application to functions of the velocity."""

from functools import cache

import numpy as np
import pytest

from swarmhydra.boltzmann import operator
from swarmhydra.boltzmann.adjoint import Generator, VelocityFunction, times_vx, times_vz
from swarmhydra.boltzmann.discrete import Factors
from swarmhydra.boltzmann.gains import legendre
from swarmhydra.boltzmann.hydrodynamic import Swarm
from swarmhydra.boltzmann.operator import norm
from swarmhydra.boltzmann.solve import solve
from swarmhydra.boltzmann.splines import spaces
from swarmhydra.kernels import angular_models
from swarmhydra.kernels.arrays import FloatArray
from swarmhydra.kernels.quantities import HALF_MASS
from tests.boltzmann.solved import request

EDGES = np.array([0.0, 1.0, 1.5, 2.5, 2.5, 4.0, 5.0, 6.5, 7.0])


@cache
def argon() -> Swarm:
    return solve(request("gas=argon", en=100.0, cells=96, terms=6)).swarm


def mean(swarm: Swarm, orders: FloatArray, speed: FloatArray, weight: FloatArray) -> float:
    """Mean over the swarm of a function that is known at the points of an integral."""
    measure = 2.0 * HALF_MASS**1.5 * speed**2 * weight
    terms = zip(swarm.density_at(speed), orders, strict=False)
    return float(sum(norm(n, 0) * np.sum(f * g * measure) for n, (f, g) in enumerate(terms)))


@pytest.mark.parametrize("order", [0, 1, 2, 3])
def test_splines_have_their_derivatives(order: int) -> None:
    space = spaces(EDGES, 4)[order]
    # Not at a knot, where derivatives jump.
    speed = np.linspace(0.013, 6.97, 55)
    step = 1e-6
    slope = (space.values(speed + step) - space.values(speed - step)) / (2.0 * step)
    assert abs(space.derivatives(speed) - slope).max() < 1e-7
    at_ends = space.values(np.array([0.0, 7.0])).toarray()
    if order:
        assert np.all(at_ends[0] == 0.0)
    if order % 2:
        assert np.all(at_ends[1] == 0.0)


def test_one_and_the_energy_are_among_the_functions() -> None:
    swarm = argon()
    speed = swarm.sampling.quadrature.speed
    size = swarm.sampling.spaces[0].size
    values = swarm.sampling.spaces[0].values(speed)
    assert values @ swarm.one[:size] == pytest.approx(1.0)
    assert values @ swarm.energy_function[:size] == pytest.approx(HALF_MASS * speed**2)


def test_an_electron_in_a_field_gains_its_power_and_loses_recoil() -> None:
    swarm, acceleration = argon(), 1e16
    speed = np.sqrt(np.array([0.5, 3.0, 9.0]) / HALF_MASS)
    generator = Generator(swarm.model.at_rest(), swarm.sampling.spaces, speed, acceleration)
    energy = VelocityFunction(swarm.sampling.spaces, swarm.energy_function)
    rate = generator.apply(energy)
    # Below all thresholds: B energy = 2 HALF_MASS a v cos(theta) - nu 2 m M / (m + M)^2 energy.
    assert rate[1] == pytest.approx(2.0 * HALF_MASS * acceleration * speed)
    recoil = swarm.model.tables.recoil[0]
    loss = 2.0 * recoil * (1.0 - recoil) * swarm.model.frequency(speed, 0)
    assert rate[0] == pytest.approx(-loss * HALF_MASS * speed**2, rel=1e-6)
    assert rate[2:] == pytest.approx(0.0)


def test_the_mean_of_the_generator_vanishes_for_any_function() -> None:
    # ⟨(B - nu) g⟩ = 0 in a swarm that grows with nu, whatever g is.
    swarm = argon()
    points = swarm.sampling.quadrature
    generator = Generator(swarm.model, swarm.sampling.spaces, points.speed, swarm.acceleration)
    rng = np.random.default_rng(5)
    for _ in range(3):
        coefficients = np.cumsum(rng.normal(size=swarm.one.size))
        g = VelocityFunction(swarm.sampling.spaces, coefficients)
        residual = generator.apply(g, swarm.growth.rate)
        size = mean(swarm, np.abs(residual), points.speed, points.weight)
        # The solver treats gas motion to first order of the mass ratio; the rest is rounding.
        assert abs(mean(swarm, residual, points.speed, points.weight)) < 1e-6 * size


def test_an_adjoint_solution_leaves_little_to_average() -> None:
    swarm = argon()
    speed = np.linspace(0.001, 1.0, 800) * swarm.sampling.spaces[0].edges[-1]
    width = np.full(speed.size, speed[1] - speed[0])
    generator = Generator(swarm.model, swarm.sampling.spaces, speed, swarm.acceleration)
    energy = HALF_MASS * speed**2
    functional = swarm.axial.mass @ swarm.energy_function
    g = VelocityFunction(swarm.sampling.spaces, swarm.expected(functional))
    residual = generator.apply(g, swarm.growth.rate)
    residual[0] += energy - swarm.mean_energy
    # Mean squares, as if all directions were alike.
    squares = [norm(n, 0) * residual[n] ** 2 for n in range(len(residual))]
    left = mean(swarm, np.sum(squares, axis=0)[None], speed, width)
    spread = mean(swarm, (energy - swarm.mean_energy)[None] ** 2, speed, width)
    assert left < 1e-3 * spread


def test_transverse_solutions_give_the_flux_diffusion() -> None:
    # ⟨v_x g⟩ with (B - nu) g = -v_x, m = 1, against the density of a gradient.
    solution = solve(request("gas=argon", en=100.0, cells=96, terms=6))
    swarm = solution.swarm
    blocks = swarm.transverse
    matrix = blocks.collisions + swarm.acceleration * blocks.field
    factors = Factors(matrix - swarm.growth.rate * blocks.mass, blocks.elimination)
    g = factors.solve(-(swarm.across.T @ swarm.one))
    diffusion = float(swarm.density @ (swarm.across @ g))
    expected = solution.values["reduced_diffusion_transverse_flux"]
    density = request("gas=argon", en=100.0).number_density
    assert diffusion * density == pytest.approx(float(expected), rel=1e-6)


@pytest.mark.parametrize("m", [0, 1])
def test_products_with_velocities(m: int) -> None:
    # At one direction: v_z and v_x times sum_l g_l P_l^m cos(m phi), phi averaged out for m = 1.
    rng = np.random.default_rng(2)
    orders = rng.normal(size=(5, 1))
    orders[:m] = 0.0
    cosine, speed = np.array([0.3]), np.array([2.0])
    sine = np.sqrt(1.0 - cosine**2)
    polynomials = legendre(6, cosine)[:, 0]
    slopes = [np.polynomial.legendre.Legendre.basis(n).deriv()(cosine)[0] for n in range(7)]
    associated = sine[0] * np.array(slopes)
    here = {0: polynomials, 1: associated}
    value = orders[:, 0] @ here[m][:5]
    along = times_vz(orders, speed, m)[:, 0] @ here[m][:6]
    assert along == pytest.approx(speed[0] * cosine[0] * value)
    across = times_vx(orders, speed, m)[:, 0] @ here[1 - m][:6]
    factor = 0.5 if m else 1.0
    assert across == pytest.approx(factor * speed[0] * sine[0] * value)


@pytest.mark.parametrize("name", ["vahedi_surendra", "coulomb_screened", "born_dipole"])
def test_averages_over_angles_are_those_of_the_models(name: str) -> None:
    overrides = (f"sim.angular_model={name}", "sim.blend_low=0", "sim.blend_high=0")
    model = request("gas=argon", "sim.temperature=0", *overrides, en=1.0).model
    # The excitation, whose recoil does not turn directions noticeably.
    energy = np.array([12.0, 20.0, 100.0, 900.0])
    average = model.outcomes(np.sqrt(energy / HALF_MASS), 1)
    mean_cosine = np.sum(average.weight * average.cosine, axis=1) / average.frequency
    scattering = model.scattering
    expected = angular_models.mean(int(scattering.model[1]), energy, scattering.parameter[1])
    assert 1.0 - mean_cosine == pytest.approx(expected, rel=2e-4)


@pytest.mark.parametrize("rule", ["equal", "fraction", "uniform", "one_takes_all", "opal"])
def test_two_electrons_share_what_an_ionization_leaves(rule: str) -> None:
    overrides = (f"sim.ionization_sharing={rule}", "sim.temperature=0")
    model = request("gas=argon", *overrides, en=1.0).model
    energy = np.array([16.0, 30.0, 200.0])
    average = model.outcomes(np.sqrt(energy / HALF_MASS), 2)
    electrons = average.weight.sum(axis=1) / average.frequency
    assert electrons == pytest.approx(2.0)
    after = np.sum(average.weight * HALF_MASS * average.speed**2, axis=1) / average.frequency
    ratio = model.mass_ratio[2]
    # Two electrons take the recoil of the centre of mass with them, each of them.
    assert after == pytest.approx(energy - 15.8, abs=3.0 * ratio * energy.max())


@pytest.mark.parametrize("temperature", [0.0, 300.0])
@pytest.mark.parametrize("offset", [0.0, 0.01, 0.37, 0.999])
def test_averages_over_cells_know_where_a_step_lies(temperature: float, offset: float) -> None:
    """At its threshold the cross section for helium's 4³F is largest."""
    model = request("gas=helium", f"sim.temperature={temperature}", en=100.0).model
    width = 1300.0
    threshold = np.sqrt(float(model.tables.threshold[16]) / HALF_MASS)
    cells = threshold + width * (np.arange(-20, 20) + 0.5 - offset)
    mean, place = operator._frequency_in_cells(model, 16, cells, width)
    fine = cells[:, None] + width * ((np.arange(20_000) + 0.5) / 20_000 - 0.5)
    exact = model.mean_frequency(fine.ravel(), 16).reshape(fine.shape)
    assert mean.sum() == pytest.approx(exact.mean(axis=1).sum(), rel=2e-5)
    assert mean @ place == pytest.approx((exact * fine).mean(axis=1).sum(), rel=2e-5)
