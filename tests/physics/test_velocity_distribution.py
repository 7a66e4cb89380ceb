"""Distributions over velocities that are sampled, against the Boltzmann equation and each other."""

from functools import cache

import numpy as np
import pytest
import xarray as xr
from scipy import stats
from scipy.interpolate import PchipInterpolator

from swarmhydra.kernels.arrays import FloatArray
from swarmhydra.results.tree import build_tree
from swarmhydra.run.methods import carry_out
from tests.helpers.settings import BY_COLLISIONS, FASTEST, SAMPLED, configured

SUB_SWARMS = 32
ORDER = 6
EVDF = (f"sim.evdf.l_max={ORDER}", "sim.evdf.plane=true", "sim.evdf.step=1e5")
SEEN = 0.03
"""Share of the largest f_0 from which on values are compared: electrons came there often."""

CASES = [
    pytest.param("gas=argon", "sim.en=100", "2e5", id="brief"),
    pytest.param("gas=argon", "sim.en=100", "3e7", id="argon", marks=pytest.mark.slow),
    pytest.param("gas=argon", "sim.en=500", "3e7", id="argon, growing", marks=pytest.mark.slow),
    pytest.param("gas=reid_ramp", "sim.en=24", "3e7", id="ramp", marks=pytest.mark.slow),
]


@cache
def sampled(*overrides: str) -> xr.DataTree:
    config = configured(
        *FASTEST,
        *EVDF,
        SAMPLED,
        "sim.electrons=3200",
        f"sim.sub_swarms={SUB_SWARMS}",
        *BY_COLLISIONS,
        *overrides,
    )
    return build_tree(carry_out(config))


@cache
def solved(*overrides: str) -> xr.DataTree:
    return build_tree(carry_out(configured("method=boltzmann", *EVDF, *overrides)))


def limit(comparisons: int) -> float:
    """Standard errors that this many comparisons miss less than once in 1e5 runs."""
    return float(stats.t.isf(0.5e-5 / comparisons, SUB_SWARMS - 1))


def solved_in_bins(gas: str, en: str, order: int, edges: FloatArray) -> FloatArray:
    """f_l of the solution, averaged over other bins."""
    own = solved(gas, en)["eedf"]
    axis = own["energy_edges"].values ** 1.5
    below = np.concatenate([[0.0], np.cumsum(own["f_l"].values[order] * np.diff(axis))])
    new = np.minimum(edges**1.5, axis[-1])
    return np.asarray(np.diff(PchipInterpolator(axis, below)(new)) / np.diff(edges**1.5))


@pytest.mark.parametrize(("gas", "en", "collisions"), CASES)
def test_legendre_coefficients_are_those_of_the_boltzmann_equation(
    gas: str, en: str, collisions: str
) -> None:
    found = sampled(gas, en, f"sim.stop.real_collisions={collisions}")["eedf"]
    edges, f_0 = found["energy_edges"].values, found["f_l"].values[0]
    seen = f_0 > SEEN * f_0.max()
    # In the slowest bins electrons are few.
    seen &= np.cumsum(f_0 * np.diff(edges**1.5)) > 0.01 * np.sum(f_0 * np.diff(edges**1.5))
    allowed = limit((ORDER + 1) * int(seen.sum()))
    for order in range(ORDER + 1):
        expected = solved_in_bins(gas, en, order, edges)
        value, stderr = (found[name].values[order] for name in ("f_l", "f_l_stderr"))
        miss = np.abs(value - expected) - 1e-3 * f_0.max()
        assert np.all(miss[seen] <= allowed * stderr[seen]), order


@pytest.mark.parametrize(("gas", "en", "collisions"), CASES)
def test_the_plane_is_that_of_the_boltzmann_equation(gas: str, en: str, collisions: str) -> None:
    found = sampled(gas, en, f"sim.stop.real_collisions={collisions}")["eedf"]
    cells = min(found.sizes["v_across"], solved(gas, en)["eedf"].sizes["v_across"])
    (value, stderr), (expected, _) = (
        (middle_of(group, "evdf", cells), middle_of(group, "evdf_stderr", cells))
        for group in (found, solved(gas, en)["eedf"])
    )
    seen = expected > SEEN * expected.max()
    allowed = limit(int(seen.sum())) * stderr + 2e-3 * expected.max()
    assert np.all(np.abs(value - expected)[seen] <= allowed[seen])


def middle_of(group: xr.DataTree, name: str, cells: int) -> FloatArray:
    """A plane as far as the smaller of two reaches."""
    values = group[name].values
    centre = values.shape[1]
    return np.asarray(values[centre - cells : centre + cells, :cells])


def test_control_variates_have_it_too() -> None:
    """With the orders of the solution, and with a mean velocity that is the drift."""
    config = configured(
        *FASTEST, *EVDF, "gas=argon", "sim.en=100", "sim=quick", "sim.stop.real_collisions=2e5"
    )
    found = build_tree(carry_out(config))
    group = found["eedf"]
    assert group["evdf"].attrs["estimator"] == "control variates"
    along, across = group["v_along"].values, group["v_across"].values
    volume = 2.0 * np.pi * across * 1e5**2
    assert np.sum(group["evdf"].values * volume) == pytest.approx(1.0, abs=1e-3)
    drift = np.sum(group["evdf"].values * volume * along[:, None])
    assert drift == pytest.approx(found["drift_velocity_flux"].item(), rel=0.01)


@pytest.mark.slow
def test_an_alternating_field_and_a_waveform_have_it_by_phase_and_by_time() -> None:
    """Both are of one sinusoid; the mean of P_1 is that of the direction, and follows the field."""
    common = ("gas=argon", "sim.en=300", "sim.stop.real_collisions=1e5")
    by_phase = sampled(*common, "sim.frequency=2e10", "sim.phases=4")["phase"]
    by_time = sampled(
        *common,
        "sim.waveform.kind=harmonics",
        "sim.waveform.frequency=2e10",
        "sim.waveform.amplitudes=[1]",
        "sim.waveform.points=64",
        "sim.waveform.bins=4",
        "sim.waveform.quasi_steady=false",
    )["waveform"]
    for group in (by_phase, by_time):
        assert group["f_l"].dims[1:] == ("l", "bin")
        assert group["f_l"].sizes["l"] == ORDER + 1
        axis = np.diff(group["energy_edges"].values ** 1.5)
        means = 2.0 / 3.0 * (group["f_l"].values * axis).sum(axis=2)
        assert means[:, 0] == pytest.approx(1.0)
        along, across = group["v_along"].values, group["v_across"].values
        volume = 2.0 * np.pi * across * 1e5**2
        planes = group["evdf"].values * volume
        assert planes.sum(axis=(1, 2)) == pytest.approx(1.0, abs=2e-3)
        drift = (planes * along[:, None]).sum(axis=(1, 2))
        largest = np.abs(group["drift_velocity"].values).max()
        assert drift == pytest.approx(group["drift_velocity"].values, abs=0.1 * largest)


@pytest.mark.slow
def test_phase_and_time_agree_at_every_order() -> None:
    """A sinusoid by its frequency and as a waveform, within errors."""
    common = ("gas=argon", "sim.en=300", "sim.stop.real_collisions=3e6")
    by_phase = sampled(*common, "sim.frequency=2e10", "sim.phases=8")["phase"]
    by_time = sampled(
        *common,
        "sim.waveform.kind=harmonics",
        "sim.waveform.frequency=2e10",
        "sim.waveform.amplitudes=[1]",
        "sim.waveform.points=256",
        "sim.waveform.bins=8",
        "sim.waveform.quasi_steady=false",
    )["waveform"]
    cells = min(by_phase.sizes["v_across"], by_time.sizes["v_across"])
    planes, errors = [], []
    for group in (by_phase, by_time):
        centre = group.sizes["v_across"]
        inner = slice(centre - cells, centre + cells)
        planes.append(group["evdf"].values[:, inner, :cells])
        errors.append(group["evdf_stderr"].values[:, inner, :cells])
    seen = planes[0] > SEEN * planes[0].max()
    both = np.hypot(*errors)
    assert np.all(np.abs(planes[0] - planes[1])[seen] <= limit(int(seen.sum())) * both[seen])
