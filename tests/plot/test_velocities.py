"""Figures of the distribution over velocities, steady, by phase and by time."""

import numpy as np
import pytest
import xarray as xr
from matplotlib import pyplot as plt

from swarmhydra import plot
from swarmhydra.results.tree import build_tree
from tests.helpers.fake_record import fake_record


@pytest.fixture(autouse=True)
def _close() -> None:
    plt.close("all")


@pytest.fixture(scope="module")
def run() -> xr.DataTree:
    return build_tree(fake_record())


@pytest.mark.parametrize("place", [{}, {"time": 2.4e-10}, {"phase": 181.0}])
def test_a_plane_is_drawn_over_both_velocities(run: xr.DataTree, place: dict[str, float]) -> None:
    axes = plot.velocity_distribution(run, **place)
    assert axes.get_xlabel() == "velocity along the force (km/s)"
    low, high = axes.get_xlim()
    assert low == -high
    assert axes.get_ylim() == (0.0, high)
    assert high == pytest.approx(np.hypot(350.0, 350.0))


def test_orders_are_those_of_the_time_or_phase(run: xr.DataTree) -> None:
    def first(**place: float) -> np.ndarray:
        line = plot.legendre_coefficients(run, **place).lines[0]
        return np.asarray(line.get_ydata(), dtype=float)

    assert np.array_equal(first(time=2.4e-10), run["waveform/f_l"].values[2, 0])
    assert np.array_equal(first(phase=-46.0), run["phase/f_l"].values[7, 0])
    assert np.array_equal(first(), run["eedf/f_l"].values[0])


def test_what_cannot_be_drawn_is_refused(run: xr.DataTree) -> None:
    with pytest.raises(ValueError, match="expected one of the two"):
        plot.velocity_distribution(run, time=0.0, phase=0.0)
    record = fake_record()
    record.eedf.pop("evdf")
    with pytest.raises(ValueError, match=r"sim\.evdf\.plane=true"):
        plot.velocity_distribution(build_tree(record))
