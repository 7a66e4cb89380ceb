"""Sweeps over the shares of a mixture: which gas a share is of, and what is connected."""

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import swarmhydra
from swarmhydra import plot
from swarmhydra.config import ComponentConfig, GasConfig
from tests.helpers.drawn import labels, misplaced
from tests.helpers.fake_sweep import mixed, saved_sweep

FIELDS = [10.0, 100.0]
SHARES = [0.5, 0.02, 0.1]
MIXTURES = ["98 % Ar + 2 % N2", "90 % Ar + 10 % N2", "50 % Ar + 50 % N2"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("mixtures")
    saved_sweep(made, [mixed(en, share) for share in SHARES for en in FIELDS])
    return made


@pytest.fixture(scope="module")
def sweep(folder: Path) -> xr.DataTree:
    return swarmhydra.open_sweep(folder)


def test_the_result_knows_what_the_gas_is_made_of(sweep: xr.DataTree) -> None:
    assert sweep["fraction"].dims == ("job", "component")
    np.testing.assert_allclose(sweep["fraction"].sel(component="N2"), np.repeat(SHARES, 2))


def test_curves_are_named_by_their_mixture_in_order_of_the_shares(sweep: xr.DataTree) -> None:
    assert [curve.label for curve in plot.curves(sweep, "mean_energy")] == MIXTURES
    assert labels(plot.coefficients(sweep, "mean_energy")) == MIXTURES
    drawn = labels(plot.coefficients(sweep, "drift_velocity_flux", "drift_velocity_bulk"))
    assert drawn == [*MIXTURES, "flux", "bulk"]


def test_curves_of_a_cube_are_named_as_well(folder: Path) -> None:
    cube = swarmhydra.open_sweep(folder, "gas.components.N2.fraction", "en")
    assert sorted(labels(plot.coefficients(cube, "mean_energy"))) == sorted(MIXTURES)


@pytest.mark.parametrize("along", ["N2", "gas.components.N2.fraction"])
def test_points_along_a_share_are_connected(along: str, sweep: xr.DataTree) -> None:
    found = plot.curves(sweep, "mean_energy", along)
    assert [curve.label for curve in found] == ["E/N = 10 Td", "E/N = 100 Td"]
    assert all(curve.x.tolist() == sorted(SHARES) for curve in found)
    axes = plot.coefficients(sweep, "mean_energy", along=along)
    assert "N2" in axes.get_xlabel()


def test_a_share_is_the_axis_where_nothing_else_varies(tmp_path: Path) -> None:
    sweep = saved_sweep(tmp_path, [mixed(10.0, share) for share in SHARES])
    assert plot.coefficients(sweep, "mean_energy").get_xlabel() == "share of N2 in the gas"


def test_rates_have_a_colour_for_the_process_and_a_line_for_the_mixture(
    sweep: xr.DataTree,
) -> None:
    axes = plot.coefficients(sweep, "rate_coefficient")
    assert set(labels(axes)) == {*sweep["process"].values, *MIXTURES}
    assert misplaced(axes.figure) == []


def test_panels_keep_their_size_beside_long_legends(sweep: xr.DataTree) -> None:
    figure = plot.sweep_overview(sweep, [("mean_energy",), ("rate_coefficient",)])
    assert misplaced(figure) == []
    heights = [axes.get_position().height * figure.get_figheight() for axes in figure.axes]
    assert max(heights) == pytest.approx(min(heights), rel=0.05)
    assert min(heights) > 1.5


def test_distributions_are_named_by_their_mixture(sweep: xr.DataTree, folder: Path) -> None:
    drawn = labels(plot.energy_distribution(sweep))[:3]
    assert drawn == [f"E/N = 10 Td, {mixture}" for mixture in MIXTURES]
    one = swarmhydra.open_run(folder / "0")
    assert labels(plot.energy_distribution(one))[0] == "50 % Ar + 50 % N2, 10 Td"


def test_cross_sections_are_those_that_a_run_uses() -> None:
    parts = {
        "Ar": ComponentConfig(fraction=0.5, formula="argon"),
        "He": ComponentConfig(fraction=0.5, formula="helium"),
    }
    gas = GasConfig(name="both", components=parts)
    both, one = plot.cross_sections(gas), plot.cross_sections(gas, "He")
    curves = [line for line in both.lines if len(line.get_xdata())]
    assert len(curves) == 3 + 20
    assert {line.get_linestyle() for line in curves[:3] + curves[-1:]} == {"-", "--"}
    assert labels(both)[-2:] == ["Ar", "He"]
    assert len(one.lines) == 20
    ionization = both.lines[2 + 19].get_xydata()
    assert ionization[:, 0].min() == pytest.approx(15.8)
    assert misplaced(both.figure) == []
    with pytest.raises(ValueError, match="component='Xe': expected one of Ar, He"):
        plot.cross_sections(gas, "Xe")
