"""The Boltzmann equation as a method: one run, one sweep, the same tree as of a simulation."""

import sys
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import swarmhydra
from swarmhydra.app import main
from swarmhydra.results.files import save
from swarmhydra.results.summary import summary
from swarmhydra.results.tree import build_tree
from swarmhydra.results.variables import VARIABLES
from tests.helpers.fake_record import fake_record

ARGON = ("method=boltzmann", "gas=argon", "sim.en=100")
OF_OTHERS = ("_along_", "extra_", "collision_count_ratio")
"""Coefficients of a magnetic field, of processes that do not act on electrons, and of counts."""


@pytest.fixture(scope="module")
def solved() -> xr.DataTree:
    return swarmhydra.simulate(*ARGON)


@pytest.fixture(scope="module")
def simulated() -> xr.DataTree:
    return build_tree(fake_record())


def test_both_methods_give_the_same_coefficients_with_the_same_units(
    solved: xr.DataTree, simulated: xr.DataTree
) -> None:
    names = {
        name
        for name, row in VARIABLES.items()
        if "/" not in name and not row.coordinate and not any(w in name for w in OF_OTHERS)
    }
    for name in names:
        for one in (name, f"{name}_stderr"):
            assert solved[one].dims == simulated[one].dims
            assert solved[one].attrs["units"] == simulated[one].attrs["units"]
    # The distribution over velocities is made on request.
    asked_for = {"evdf", "evdf_stderr"}
    assert set(solved["eedf"].data_vars) == set(simulated["eedf"].data_vars) - asked_for


def test_every_error_says_of_which_kind_it_is(solved: xr.DataTree, simulated: xr.DataTree) -> None:
    for tree, kind in ((solved, "numerical"), (simulated, "statistical")):
        assert tree.attrs["error_kind"] == kind
        for path in ("mean_energy_stderr", "eedf/f_l_stderr"):
            assert tree[path].attrs["error_kind"] == kind
            assert ("degrees_of_freedom" in tree[path].attrs) == (kind == "statistical")
    assert "numerical error; " in summary(solved)


def test_a_solution_has_no_random_numbers_and_no_history(solved: xr.DataTree) -> None:
    assert set(solved.children) == {"eedf", "perf"}
    assert list(solved["perf/stage"].values) == ["collision_tables", "assembly", "solution"]
    assert float(solved["perf/seconds"].sum()) <= float(solved["perf/cpu_seconds"])


def test_the_distributions_belong_to_the_coefficients(solved: xr.DataTree) -> None:
    eedf = solved["eedf"].to_dataset()
    edges = eedf["energy_edges"].values
    share = eedf["eedf"].values * np.diff(edges)
    assert share.sum() == pytest.approx(1.0, abs=1e-6)
    centre = 0.5 * (edges[1:] + edges[:-1])
    assert share @ centre == pytest.approx(float(solved["mean_energy"]), rel=1e-3)
    # The drift velocity is a third of the integral of v f1.
    speed = np.sqrt(2.0 * centre / 5.685630e-12)
    root = 2.0 / 3.0 * np.diff(edges**1.5)
    drift = np.sum(eedf["f1"].values * root * speed) / 3.0
    assert drift == pytest.approx(float(solved["drift_velocity_flux"]), rel=1e-3)
    assert eedf["f_l"].sizes == {"l": solved.attrs["legendre_terms"], "bin": share.size}
    for order, name in enumerate(("eepf", "f1")):
        np.testing.assert_array_equal(eedf["f_l"].sel(l=order), eedf[name])


def test_the_power_balance_closes(solved: xr.DataTree) -> None:
    residual = abs(float(solved["power_balance_residual"]))
    assert residual < 1e-6 * float(solved["power_gain"])


def test_mobility_of_energy_is_that_of_electrons_times_5_3_at_constant_frequency() -> None:
    # With a constant collision frequency v f1 ~ v d(f0)/dv: the flux of energy is 5/3 of that of
    # electrons in two terms (Hagelaar and Pitchford, 2005).
    tree = swarmhydra.simulate("method=boltzmann", "gas=maxwell", "sim.en=1", "method.terms=2")
    ratio = float(tree["reduced_energy_mobility"] / tree["reduced_mobility_flux"])
    assert ratio == pytest.approx(5.0 / 3.0, rel=2e-3)


def test_the_same_configuration_gives_the_same_numbers(solved: xr.DataTree) -> None:
    again = swarmhydra.simulate(*ARGON)
    for name in solved.data_vars:
        np.testing.assert_array_equal(again[name], solved[name])
    assert again.attrs["config"] == solved.attrs["config"]


def test_settings_that_do_not_apply_are_said(caplog: pytest.LogCaptureFixture) -> None:
    tree = swarmhydra.simulate(*ARGON, "sim.seed=2", "accel=jit_lut", "method.terms=4")
    words = "ignored with method=boltzmann: accel=jit_lut, sim.seed=2"
    assert tree.attrs["warnings"] == words
    assert words in caplog.messages
    same = swarmhydra.simulate(*ARGON, "method.terms=4")
    assert float(same["drift_velocity_flux"]) == float(tree["drift_velocity_flux"])


def test_terms_and_grid_may_be_chosen() -> None:
    tree = swarmhydra.simulate(*ARGON, "method.terms=4", "method.grid=100")
    assert tree.attrs["legendre_terms"] == 4
    assert tree.attrs["grid_cells"] == 100


def test_electrons_that_run_away_are_refused_in_one_line() -> None:
    # Where the collision frequency is constant, nothing but heavy molecules stops electrons.
    with pytest.raises(swarmhydra.config.ConfigError) as refused:
        swarmhydra.simulate("method=boltzmann", "gas=maxwell", "sim.en=1000")
    message = str(refused.value)
    assert message.startswith("gas.energy_max=1000: ")
    assert "expected" in message
    assert "\n" not in message


def test_what_comes_from_beyond_the_tables_is_said(solved: xr.DataTree) -> None:
    tree = swarmhydra.simulate(*ARGON, "gas.energy_max=25")
    assert "above 25 eV, gas.energy_max, are " in tree.attrs["warnings"]
    assert "% of rate_coefficient of Ar+: collision frequencies" in tree.attrs["warnings"]
    assert tree.attrs["grid_top"] > 25.0
    # Nearly the same gas: the collision frequencies of argon change little above.
    whole = solved["mean_energy"]
    assert float(tree["mean_energy"]) == pytest.approx(float(whole), rel=1e-3)
    assert float(tree["mean_energy"]) != pytest.approx(float(whole), rel=1e-6)
    with pytest.raises(swarmhydra.config.ConfigError, match=r"^gas\.extrapolation=error: above 25"):
        swarmhydra.simulate(*ARGON, "gas.energy_max=25", "gas.extrapolation=error")


def test_tables_that_end_early_change_nothing_where_frequencies_are_constant_anyway() -> None:
    ends = [
        swarmhydra.simulate("method=boltzmann", "gas=maxwell", "sim.en=10", f"gas.energy_max={e}")
        for e in (400, 4000)
    ]
    for name in ("mean_energy", "drift_velocity_flux", "reduced_diffusion_longitudinal_bulk"):
        assert float(ends[0][name]) == pytest.approx(float(ends[1][name]), rel=1e-5)


def test_a_gas_without_an_elastic_process_is_refused_in_one_line() -> None:
    excitation = (
        "{kind: EXCITATION, name: excited, threshold: 1, energies: [1, 1000], "
        "cross_sections: [1e-20, 1e-20]}"
    )
    gas = ["~gas.components.Ar", f"+gas.components={{X: {{mass: 40, processes: [{excitation}]}}}}"]
    with pytest.raises(swarmhydra.config.ConfigError, match=r"^gas\.components.*ELASTIC"):
        swarmhydra.simulate("method=boltzmann", "gas=argon", *gas)


def test_the_command_line_solves_a_sweep(
    process_of_its_own: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    overrides = ["method=boltzmann", "gas=argon", "sim.en=50,100", "hydra.sweep.dir=all"]
    monkeypatch.setattr(sys, "argv", ["swarmhydra", "-m", *overrides])
    main()
    assert "2 of 2 jobs finished" in capsys.readouterr().out
    sweep = swarmhydra.open_sweep("all", "en")
    assert list(sweep["en"].values) == [50.0, 100.0]
    drift = sweep["drift_velocity_flux"]
    assert float(drift[0]) < float(drift[1])
    with pytest.raises(ValueError, match="of which every replica is the same"):
        swarmhydra.combine_replicas("all")


def test_a_sweep_over_methods_opens_as_one(solved: xr.DataTree, tmp_path: Path) -> None:
    one = fake_record(processes=tuple(solved["process"].values))
    save(solved, tmp_path / "0" / "results.nc")
    save(build_tree(one), tmp_path / "1" / "results.nc")
    sweep = swarmhydra.open_sweep(tmp_path, "method")
    assert bool(sweep["mean_energy"].notnull().all())
    sides = [sweep.sel(method=method) for method in ("monte_carlo", "boltzmann")]
    assert np.isfinite(swarmhydra.compare(*sides).largest)
    # Orders of Legendre polynomials that the simulation does not sample are gaps.
    assert sweep["eedf/f_l"].sizes["l"] == solved.attrs["legendre_terms"]


def test_a_page_shows_a_solution_and_compares_it(
    solved: xr.DataTree, simulated: xr.DataTree
) -> None:
    pyplot = pytest.importorskip("matplotlib.pyplot")
    page = swarmhydra.report.report(solved, simulated)
    assert "numerical error" in page
    assert "combined errors" in page
    assert "way to the steady state" not in page
    pyplot.close(swarmhydra.plot.run_overview(solved))
