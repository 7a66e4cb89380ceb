"""Figures of runs take sweeps: a curve for each job, told apart; and a second call overlays."""

import itertools
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

from swarmhydra import plot
from swarmhydra.plot.jobs import CURVE
from swarmhydra.results.tree import build_tree
from tests.helpers.drawn import labels, misplaced
from tests.helpers.fake_record import fake_record
from tests.helpers.fake_sweep import saved_sweep

FIGURES = ["energy_distribution", "anisotropy", "relaxation", "rates", "power_balance"]
FIELDS = [10.0, 30.0, 100.0]


def record(en: float, gas: str = "argon", bins: int = 40, frequency: float = 0.0):
    made = fake_record(en=en, gas=gas, bins=bins, seed=int(en))
    made.coordinates.update(seed=1, frequency=frequency)
    return made


@pytest.fixture(scope="module")
def run() -> xr.DataTree:
    return build_tree(fake_record())


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> xr.DataTree:
    """Three fields, with distributions of unequal length, the largest field first."""
    made = [record(en, bins=40 - i) for i, en in enumerate(reversed(FIELDS))]
    return saved_sweep(tmp_path_factory.mktemp("few"), made)


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> xr.DataTree:
    """Two gases at four fields."""
    fields = np.geomspace(1.0, 1000.0, 4)
    made = [record(en, gas) for gas, en in itertools.product(("argon", "neon"), fields)]
    return saved_sweep(tmp_path_factory.mktemp("many"), made)


def curves(axes: Axes) -> list:
    return [line for line in axes.lines if line.get_gid() == CURVE]


@pytest.mark.parametrize("name", FIGURES)
def test_every_figure_of_a_run_takes_a_sweep(name: str, few: xr.DataTree) -> None:
    axes = getattr(plot, name)(few)
    assert misplaced(axes.figure) == []
    if name != "power_balance":
        assert len(curves(axes)) == 3
        assert labels(axes)[:3] == ["E/N = 10 Td", "E/N = 30 Td", "E/N = 100 Td"]


def test_each_job_is_drawn_as_its_own_run_would_be(few: xr.DataTree, tmp_path: Path) -> None:
    axes = plot.energy_distribution(few)
    for line, en in zip(curves(axes), FIELDS, strict=True):
        bins = {10.0: 38, 30.0: 39, 100.0: 40}[en]
        alone = plot.energy_distribution(build_tree(record(en, bins=bins)))
        np.testing.assert_array_equal(line.get_xydata(), curves(alone)[0].get_xydata())


@pytest.mark.parametrize("name", ["energy_distribution", "anisotropy", "relaxation", "rates"])
def test_many_jobs_are_coloured_by_what_varies_most(name: str, many: xr.DataTree) -> None:
    axes = getattr(plot, name)(many)
    bar = axes.figure.axes[1]
    assert bar.get_ylabel() == "E/N (Td)"
    assert bar.get_yscale() == "log"
    assert labels(axes)[:2] == ["argon", "neon"]
    lines = curves(axes)
    assert len(lines) == 8
    # The same field has the same colour in both gases.
    assert len({tuple(np.round(line.get_color(), 6)) for line in lines}) == 4
    assert misplaced(axes.figure) == []


@pytest.mark.parametrize("name", FIGURES)
def test_a_job_of_a_sweep_is_drawn_as_a_run(name: str, few: xr.DataTree) -> None:
    axes = getattr(plot, name)(few.sel(job="2"))
    assert misplaced(axes.figure) == []
    if name == "energy_distribution":
        assert labels(axes)[0] == "argon, 10 Td"


def test_cubes_are_drawn_as_sweeps_are(tmp_path: Path) -> None:
    made = [record(en, gas) for gas in ("argon", "neon") for en in FIELDS[:2]]
    saved_sweep(tmp_path, made)
    from swarmhydra import open_sweep

    axes = plot.energy_distribution(open_sweep(tmp_path, "gas", "en"))
    assert len(curves(axes)) == 4
    assert "neon, E/N = 30 Td" in labels(axes)


def test_the_share_of_the_power_is_drawn_over_what_varies(few: xr.DataTree) -> None:
    axes = plot.power_balance(few)
    assert axes.get_ylabel() == "share of the power (%)"
    (container,) = [c for c in axes.containers if c.get_label() == "Ar elastic"]
    x, y = container.lines[0].get_data()
    assert x.tolist() == FIELDS
    root = few.to_dataset().sortby("en")
    expected = 100 * root["power_loss"].sel(process="Ar elastic") / abs(root["power_gain"])
    np.testing.assert_allclose(y, expected)


@pytest.mark.parametrize("name", ["energy_distribution", "anisotropy", "relaxation", "rates"])
def test_a_second_call_overlays(name: str, run: xr.DataTree) -> None:
    draw = getattr(plot, name)
    axes = draw(run, label="first")
    draw(build_tree(fake_record(en=50.0, seed=2)), ax=axes, label="second")
    lines = curves(axes)
    assert len(lines) == 2
    assert lines[0].get_color() != lines[1].get_color()
    shown = labels(axes)
    assert shown[:2] == ["first", "second"]
    assert len(shown) == len(set(shown))
    # What is that of one run, such as its result or its relaxation, is not left behind.
    assert not {"result", "relaxation", "by convolution"} & set(shown)


def test_runs_without_a_label_are_told_apart_by_their_conditions(run: xr.DataTree) -> None:
    axes = plot.energy_distribution(run)
    plot.energy_distribution(build_tree(fake_record(en=50.0, seed=2)), ax=axes)
    assert labels(axes)[:2] == ["argon, 100 Td", "argon, 50 Td"]


def test_thresholds_of_one_gas_are_not_shown_for_another(run: xr.DataTree) -> None:
    axes = plot.energy_distribution(run)
    assert "ionization threshold" in labels(axes)
    other = build_tree(fake_record(gas="neon", processes=("Ne elastic", "Ne ionization")))
    plot.energy_distribution(other, ax=axes)
    assert "ionization threshold" not in labels(axes)


@pytest.mark.parametrize("name", [*FIGURES, "legendre_coefficients"])
def test_a_title_states_the_conditions(name: str, run: xr.DataTree) -> None:
    draw = getattr(plot, name)
    axes = draw(run, title=True)
    assert axes.get_title().replace("\n", " ").startswith("argon, 100 Td, 300 K, 101325 Pa")
    assert misplaced(axes.figure) == []
    assert draw(run, title="mine").get_title() == "mine"
    assert draw(run).get_title() == ""


def test_phase_curves_are_those_of_the_result(tmp_path: Path) -> None:
    made = [record(100.0, frequency=nu) for nu in (1e9, 1e10)]
    run, sweep = build_tree(made[0]), saved_sweep(tmp_path, made)
    axes = plot.phase_curves(run, "drift_velocity")
    x, y = curves(axes)[0].get_data()
    np.testing.assert_allclose(x, np.degrees(run["phase/phase"]))
    np.testing.assert_array_equal(y, run["phase/drift_velocity"])
    axes = plot.phase_curves(sweep, "rate_coefficient", process="Ar ionization")
    assert labels(axes)[:2] == ["frequency = 1e+09 Hz", "frequency = 1e+10 Hz"]
    assert misplaced(axes.figure) == []
    with pytest.raises(ValueError, match="'velocity_vector' has several components"):
        plot.phase_curves(run, "velocity_vector")
    with pytest.raises(ValueError, match="process=None: expected one of Ar elastic"):
        plot.phase_curves(run, "rate_coefficient")


def test_legendre_coefficients_are_broken_where_they_are_negative(run: xr.DataTree) -> None:
    negative = run.copy()
    group = negative["eedf"].to_dataset(inherit=False)
    group["f_l"][1, :20] *= -1.0
    negative["eedf"] = xr.DataTree(group)
    axes = plot.legendre_coefficients(negative)
    assert labels(axes) == ["$f_0$", "$f_1$"]
    dotted = [line for line in axes.lines if line.get_linestyle() == ":"]
    np.testing.assert_allclose(dotted[1].get_ydata()[:20], -group["f_l"][1, :20])


def test_what_a_run_does_not_have_is_named(run: xr.DataTree, few: xr.DataTree) -> None:
    with pytest.raises(ValueError, match="this is the result of one run; expected a sweep"):
        plot.coefficients(run, "mean_energy")
    with pytest.raises(ValueError, match="this is the result of one run; expected a sweep"):
        plot.sweep_overview(run)
    with pytest.raises(ValueError, match=r"mean_energy \(eV\), drift_velocity_flux \(m s-1\): "):
        plot.coefficients(few, "mean_energy", "drift_velocity_flux")
    with pytest.raises(ValueError, match="draws one run, this result has 3"):
        plot.legendre_coefficients(few)
    still = run.copy()
    del still["time_series"]
    with pytest.raises(ValueError, match="the run has no time series"):
        plot.relaxation(still)
    del still["phase"]
    with pytest.raises(ValueError, match="the run has no alternating field"):
        plot.phase_curves(still)


@pytest.mark.slow
def test_the_overview_of_a_run_takes_a_sweep(few: xr.DataTree, many: xr.DataTree) -> None:
    for sweep in (few, many):
        assert misplaced(plot.run_overview(sweep)) == []


def test_a_notebook_shows_an_overview_once(
    run: xr.DataTree, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "module://matplotlib_inline.backend_inline"
    monkeypatch.setattr("matplotlib.get_backend", lambda: name)
    figure = plot.run_overview(run)
    assert figure.axes
    assert plt.get_fignums() == []
