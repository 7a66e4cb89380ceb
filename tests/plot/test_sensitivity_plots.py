"""Figures of sensitivities show the numbers of the result."""

from collections.abc import Iterator
from functools import cache

import matplotlib as mpl
import numpy as np
import pytest
import xarray as xr
from matplotlib import pyplot as plt

import swarmhydra
from swarmhydra import plot
from swarmhydra.report.page import report


@pytest.fixture(autouse=True)
def no_window() -> Iterator[None]:
    """Draw in memory, and forget the figures."""
    with mpl.rc_context({"backend": "agg"}):
        yield
    plt.close("all")


@cache
def run() -> xr.DataTree:
    return swarmhydra.simulate(
        "method=boltzmann",
        "gas=argon",
        "sim.en=100",
        "method.sensitivity=true",
        "gas.uncertainties=[{process: '*', relative: 0.05}, {process: 'Ar+', relative: 0.2}]",
    )


def test_the_map_has_a_number_for_each_coefficient_and_process() -> None:
    axes = plot.sensitivity_map(run(), ["mean_energy", "drift_velocity_flux"])
    values = run()["sensitivity"]["log_derivative"].sel(coefficient="drift_velocity_flux")
    texts = [text.get_text() for text in axes.texts]
    assert texts[3:] == [f"{value:.2f}" for value in values.values]
    assert next(label.get_text() for label in axes.get_yticklabels()) == "mean energy"


def test_the_area_under_a_curve_is_the_derivative() -> None:
    axes = plot.sensitivity_curves(run(), "mean_energy")
    elastic = axes.lines[0]
    group = run()["sensitivity"]
    width = np.diff(np.log(group["energy_edges"].values))
    whole = group["log_derivative"].sel(coefficient="mean_energy", process="Ar elastic")
    assert np.sum(elastic.get_ydata() * width) == pytest.approx(float(whole), rel=1e-6)


def test_the_bars_add_up_to_the_whole_error() -> None:
    axes = plot.error_budget(run(), ["effective_ionization_rate_coefficient"])
    whole = sum(bar.get_width() for bar in axes.patches)
    tree = run()
    relative = tree["effective_ionization_rate_coefficient_from_cross_sections"]
    relative = relative / tree["effective_ionization_rate_coefficient"]
    assert whole == pytest.approx(100.0 * float(relative), rel=1e-6)


@pytest.mark.parametrize("name", ["sensitivity_map", "sensitivity_curves", "error_budget"])
def test_figures_of_one_run_refuse_a_sweep_in_one_line(name: str) -> None:
    two = {
        path: xr.concat(
            [group.to_dataset(inherit=False)] * 2,
            "job",
            coords="minimal",
            compat="override",
            join="outer",
            data_vars="all",
        )
        for path, group in (("/", run()), ("/sensitivity", run()["sensitivity"]))
    }
    two["/"] = two["/"].assign_coords(en=("job", [50.0, 100.0]))
    with pytest.raises(ValueError, match=f"{name} draws one run, this result has 2"):
        getattr(plot, name)(xr.DataTree.from_dict(two))


def test_a_run_without_sensitivities_is_refused() -> None:
    plain = swarmhydra.simulate("method=boltzmann", "gas=argon", "sim.en=100")
    with pytest.raises(ValueError, match=r"method\.sensitivity=true"):
        plot.sensitivity_map(plain)


def test_curves_of_a_sweep_have_a_band_of_the_errors_by_cross_sections() -> None:
    one = run().to_dataset()
    jobs = [one.assign_coords(en=en) for en in (100.0, 200.0)]
    sweep = xr.concat(
        jobs, "job", data_vars="all", coords=["en"], compat="equals", join="exact",
        combine_attrs="override",
    )  # fmt: skip
    axes = plot.coefficients(sweep, "mean_energy")
    (band,) = (each for each in axes.collections if each.get_gid() == "swarmhydra cross sections")
    corners = band.get_paths()[0].vertices[:, 1]
    error = float(one["mean_energy_from_cross_sections"])
    assert error > 0.0
    assert np.ptp(corners) == pytest.approx(2.0 * error)
    words = "error by cross sections"
    assert [text.get_text() for text in axes.get_legend().get_texts()] == [words]
    # Of two curves it is explained once, after both of them.
    plot.coefficients(sweep, "mean_energy", ax=axes, label="again")
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["again", words]


def test_a_page_names_the_errors_by_cross_sections() -> None:
    error = float(run()["mean_energy_from_cross_sections"] / run()["mean_energy"])
    assert f"± {100.0 * error:.2g} % by cross sections" in report(run())
