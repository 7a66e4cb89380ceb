"""Velocity moments: what each electron adds, and that a share of the steps is a fair sample."""

from functools import cache

import numpy as np
import pytest
from scipy.special import lpmv

from swarmhydra.kernels import backends, contract
from swarmhydra.kernels.contract import MomentSampling, Window
from swarmhydra.swarm.ensemble import Ensemble
from swarmhydra.swarm.tallies import new_tallies
from tests.helpers.settings import configured

ORDERS, AXIAL = 6, 4
CELLS = 512
TILT = 2e3


def column(group: int) -> int:
    return contract.first_moment_column(group, ORDERS, AXIAL)


@cache
def moments_of_a_window(every: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Velocity moments of one window and the time integrals of the trials, by sub-swarm."""
    overrides = ("sim.electrons=1600", "sim.en=300", f"sim.seed={seed}", "sim.temperature=0")
    ensemble = Ensemble(configured("accel=numpy", *overrides))
    swarm, kernels = ensemble.swarm, backends.load("numpy", None)
    moments = (CELLS, column(contract.MOMENT_GROUPS))
    tallies = new_tallies(16, 3, 8192, 2, moments=moments)
    sampling = MomentSampling(every, ORDERS, AXIAL, CELLS / 1e7, 1e-10, 2e5, 0.3, 0.5)
    window = Window(2e-11, 0.0, 10**9, False, TILT, sampling)
    kernels.advance(swarm.arrays, ensemble.surroundings(), window, tallies, opening=True)
    return tallies.velocity_moments, tallies.trial


def test_every_step_sampled_gives_the_time_integrals_of_the_trials() -> None:
    moments, trial = moments_of_a_window(1)
    time = moments[:, :, 0].sum(axis=1)
    assert np.allclose(time, trial[:, 0], rtol=1e-12)
    drift, elapsed = 2e5, moments[:, :, column(contract.MOMENT_ALONG)].sum(axis=1)
    # u = z - drift t summed: z is among the trials; t lies between the window's ends.
    t = (trial[:, 4] - elapsed) / (drift * time)
    assert np.all((t > 1e-10) & (t < 1.2e-10))


def test_each_column_is_a_legendre_polynomial_times_its_factor() -> None:
    """One electron: its trial is put in by hand, all columns are computed with SciPy."""
    from swarmhydra.kernels.vectorised.velocity_moments import _columns

    random = np.random.default_rng(5)
    state = random.normal(size=(contract.STATE_ROWS, 50))
    state[contract.CLOCK] = random.random(50)
    speed = np.linalg.norm(state[contract.VX : contract.VZ + 1], axis=0)
    sampling = MomentSampling(1, ORDERS, AXIAL, 1.0, 2.0, 0.3, 0.1, 0.2)
    found = _columns(state, speed, sampling, 0.4, growing=True)
    x, y, z = state[contract.X : contract.Z + 1]
    vx, vy, vz = state[contract.VX : contract.VZ + 1]
    t = 2.0 + state[contract.CLOCK]
    order = np.arange(ORDERS)[:, None]
    legendre = lpmv(0, order, vz / speed).T
    associated = -lpmv(1, order, vz / speed).T
    u = z - 0.3 * t
    expected = {
        contract.MOMENT_PLAIN: legendre,
        contract.MOMENT_ALONG: legendre * u[:, None],
        contract.MOMENT_ACROSS: associated * ((x * vx + y * vy) / (2 * np.hypot(vx, vy)))[:, None],
        contract.MOMENT_ALONG_SQUARED: legendre * (u**2 - 0.2 * t)[:, None],
        contract.MOMENT_ACROSS_SQUARED: legendre * ((x**2 + y**2) / 2 - 0.4 * t)[:, None],
        contract.MOMENT_TILTED: legendre * np.exp(-0.4 * z)[:, None],
    }
    for group, values in expected.items():
        columns = found[:, column(group) : column(group + 1)]
        values = values[:, : columns.shape[1]]
        assert np.allclose(columns, values, rtol=1e-11, atol=1e-12), group
    assert found.shape[1] == column(contract.MOMENT_GROUPS) == 2 * ORDERS + 4 * AXIAL


@pytest.mark.parametrize("every", [pytest.param(2, marks=pytest.mark.slow), 5])
def test_a_share_of_the_steps_is_a_fair_sample(every: int) -> None:
    """The mean over many starts is that share of the whole, within 4.5 standard errors."""
    pairs = [(moments_of_a_window(every, seed), moments_of_a_window(1, seed)) for seed in range(4)]
    share = np.concatenate(
        [part[:, :, 0].sum(axis=1) / whole[:, :, 0].sum(axis=1) for (part, _), (whole, _) in pairs]
    )
    error = share.std(ddof=1) / np.sqrt(share.size)
    assert abs(share.mean() - 1.0 / every) < 4.5 * error
    assert error < 0.05 / every
