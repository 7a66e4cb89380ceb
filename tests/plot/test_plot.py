"""Figures show what the results say: values, errors, labels with units, and nothing overlaps."""

import itertools
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest
import xarray as xr
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from swarmhydra import plot
from swarmhydra.plot import legends
from swarmhydra.plot.style import CURVE_COLOURS, MARKERS
from swarmhydra.results.tree import build_tree
from tests.helpers.drawn import misplaced, words
from tests.helpers.fake_record import fake_record
from tests.helpers.fake_sweep import LAWS, fake_sweep, rate
from tests.helpers.programs import run_python

FIELDS = [10.0, 30.0, 100.0, 300.0, 1000.0]
RUN_FIGURES = ["relaxation", "energy_distribution", "anisotropy", "power_balance", "rates"]
MANY = tuple(f"N2 vibrational level {number}" for number in range(40))


@pytest.fixture(scope="module")
def run() -> xr.DataTree:
    return build_tree(fake_record())


@pytest.fixture(scope="module")
def sweep() -> xr.DataTree:
    return fake_sweep(FIELDS, gases=("argon", "neon"))


def curve(container: Any) -> np.ndarray:
    """The points of an error bar plot: x, y, error."""
    line, _, bars = container.lines
    segments = np.array(bars[0].get_segments())
    half = 0.5 * (segments[:, 1, 1] - segments[:, 0, 1])
    return np.array([line.get_xdata(), line.get_ydata(), half])


def relative_luminance(colour: str) -> float:
    """Of a colour, as the web content accessibility guidelines define it."""
    channels = np.array(mpl.colors.to_rgb(colour))
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def as_seen_by(colour: str, matrix: list[list[float]]) -> np.ndarray:
    """A colour as somebody with another colour vision sees it (linear RGB)."""
    channels = np.array(mpl.colors.to_rgb(colour))
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return np.array(matrix) @ linear


# Machado, Oliveira and Fernandes, IEEE Trans. Vis. Comput. Graph. 15 (2009) 1291, severity 1.
COLOUR_VISION = {
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
}


@pytest.mark.parametrize("name", RUN_FIGURES)
def test_figures_of_a_run_fit_a_column(name: str, run: xr.DataTree) -> None:
    axes = getattr(plot, name)(run)
    width, height = axes.figure.get_size_inches()
    assert width == 3.4
    assert height <= 4.0
    assert misplaced(axes.figure) == []
    sizes = [text.get_fontsize() for text in words(axes)]
    assert min(sizes) >= 6.0
    assert axes.get_xlabel()


def test_many_processes_do_not_overlap() -> None:
    run = build_tree(fake_record(processes=MANY))
    for figure in (plot.rates(run).figure, plot.power_balance(run).figure):
        assert isinstance(figure, Figure)
        assert misplaced(figure) == []


def test_axes_are_labelled_from_the_attributes(run: xr.DataTree) -> None:
    axes = plot.energy_distribution(run, "eedf")
    assert axes.get_ylabel().replace("\n", " ") == "energy distribution function (eV$^{-1}$)"
    assert axes.get_yscale() == "log"
    axes = plot.relaxation(run, "drift_velocity")
    assert axes.get_ylabel() == "drift velocity (m s$^{-1}$)"
    assert axes.get_xlabel() == "simulated time (ns)"
    assert "E/N (Td)" in plot.coefficients(fake_sweep(FIELDS), "mean_energy").get_xlabel()


def test_the_distribution_is_drawn_with_its_error_and_thresholds(run: xr.DataTree) -> None:
    axes = plot.energy_distribution(run)
    x, y = axes.lines[0].get_data()
    np.testing.assert_array_equal(x, run["eedf/energy"])
    np.testing.assert_array_equal(y, run["eedf/eepf"])
    band = axes.collections[0].get_paths()[0].vertices
    upper = run["eedf/eepf"] + run["eedf/eepf_stderr"]
    assert set(upper.values) <= set(band[:, 1])
    marked = {c.get_label(): c.get_segments()[0][0][0] for c in axes.collections[1:]}
    assert marked == {"excitation threshold": 11.5, "ionization threshold": 15.8}


def test_the_anisotropy_is_the_ratio(run: xr.DataTree) -> None:
    x, y = plot.anisotropy(run).lines[0].get_data()
    np.testing.assert_array_equal(x, run["eedf/energy"])
    np.testing.assert_allclose(y, run["eedf/f1"].values / run["eedf/eepf"].values)


def test_relaxation_is_shaded_and_the_result_drawn(run: xr.DataTree) -> None:
    axes = plot.relaxation(run)
    shaded = axes.patches[0].get_extents().transformed(axes.transData.inverted())
    assert shaded.x1 == pytest.approx(1.2)
    assert axes.lines[1].get_ydata()[0] == float(run["mean_energy"])


def test_the_power_bars_are_the_balance(run: xr.DataTree) -> None:
    axes = plot.power_balance(run)
    names = [tick.get_text() for tick in axes.get_yticklabels()]
    widths = dict(zip(names, [bar.get_width() for bar in axes.patches], strict=True))
    assert widths["field"] == float(run["power_gain"])
    assert widths["growth"] == -float(run["power_growth"])
    assert widths["Ar ionization"] == -float(run["power_loss"].sel(process="Ar ionization"))


def test_every_curve_has_its_points_and_errors(sweep: xr.DataTree) -> None:
    axes = plot.coefficients(sweep, "drift_velocity_flux", "drift_velocity_bulk")
    labels = axes.get_legend_handles_labels()[1]
    assert labels == ["argon, flux", "argon, bulk", "neon, flux", "neon, bulk"]
    assert axes.get_ylabel() == "drift velocity (m s$^{-1}$)"
    for container, name in zip(axes.containers, ["flux", "bulk"] * 2, strict=True):
        values = np.array([LAWS[f"drift_velocity_{name}"](en) for en in FIELDS])
        np.testing.assert_allclose(curve(container), [FIELDS, values, 1e-3 * values])
    assert misplaced(axes.figure) == []


def test_a_gas_keeps_its_colour_and_a_quantity_its_line(sweep: xr.DataTree) -> None:
    axes = plot.coefficients(sweep, "drift_velocity_flux", "drift_velocity_bulk")
    lines = [container.lines[0] for container in axes.containers]
    colours = [line.get_color() for line in lines]
    assert colours[0] == colours[1] != colours[2] == colours[3]
    assert [line.get_linestyle() for line in lines] == ["-", "--"] * 2
    # Where argon has no values, neon still looks like neon.
    without = sweep.to_dataset()
    without["mean_energy"] = without["mean_energy"].where(without["gas"] == "neon")
    (neon,) = plot.coefficients(without, "mean_energy").containers
    assert neon.lines[0].get_color() == colours[2]
    # Quantities of one gas differ in colour too.
    alone = plot.coefficients(fake_sweep(FIELDS), "drift_velocity_flux", "drift_velocity_bulk")
    assert len({container.lines[0].get_color() for container in alone.containers}) == 2


def test_of_too_many_curves_the_largest_are_shown() -> None:
    sweep = fake_sweep(FIELDS, gases=tuple(f"gas {number}" for number in range(9))).to_dataset()
    sweep["mean_energy"] = sweep["mean_energy"] * (1.0 + (sweep["gas"] != "gas 3"))
    axes = plot.coefficients(sweep.where(sweep["gas"] != "gas 5"), "mean_energy")
    assert axes.get_legend().get_title().get_text() == "the largest 7 of 8"
    labels = axes.get_legend_handles_labels()[1]
    assert labels == [f"gas {number}" for number in (0, 1, 2, 4, 6, 7, 8)]
    assert len({container.lines[0].get_color() for container in axes.containers}) == 7


def test_sweeps_and_cubes_give_the_same_curves(sweep: xr.DataTree) -> None:
    cube = sweep.to_dataset().set_index(job=["gas", "en"]).unstack("job")
    flat, spread = plot.curves(sweep, "mean_energy"), plot.curves(cube, "mean_energy")
    assert [c.label for c in flat] == [c.label for c in spread] == ["argon", "neon"]
    for one, other in zip(flat, spread, strict=True):
        np.testing.assert_array_equal(one.x, other.x)
        np.testing.assert_array_equal(one.value, other.value)


def test_points_stand_in_the_order_of_the_axis() -> None:
    (found,) = plot.curves(fake_sweep([100.0, 10.0, 50.0]), "mean_energy")
    assert found.x.tolist() == [10.0, 50.0, 100.0]
    assert found.value.tolist() == [LAWS["mean_energy"](en) for en in (10.0, 50.0, 100.0)]


def test_values_without_an_error_are_left_out() -> None:
    sweep = fake_sweep(FIELDS).to_dataset()
    sweep["reduced_townsend_effective"][0] = 1e-37
    sweep["reduced_townsend_effective_stderr"][0] = np.nan
    (found,) = plot.curves(sweep, "reduced_townsend_effective")
    assert found.x.tolist() == FIELDS[1:]


def test_rates_of_each_process_or_of_one() -> None:
    sweep = fake_sweep(FIELDS)
    found = plot.curves(sweep, "rate_coefficient")
    assert [c.label for c in found] == ["Ar elastic", "Ar(11.5eV)", "Ar ionization"]
    (one,) = plot.curves(sweep, "rate_coefficient", process="Ar ionization")
    np.testing.assert_allclose(one.value, [rate("Ar ionization", en) for en in FIELDS])


def test_any_swept_number_may_be_the_axis() -> None:
    sweep = fake_sweep(FIELDS).to_dataset()
    bn = ("job", [0.0, 10.0, 20.0, 50.0, 100.0], sweep["bn"].attrs)
    swept = sweep.assign_coords(en=100.0, bn=bn)
    axes = plot.coefficients(swept, "mean_energy")
    assert axes.get_xlabel() == "reduced magnetic field B/N (Hx)"
    assert axes.containers[0].lines[0].get_xdata().tolist() == bn[1]
    assert axes.get_xscale() == "linear"


def test_references_are_drawn_beside_the_sweep() -> None:
    points = plot.Points([20.0, 200.0], [5.0, 12.0], [0.1, 0.2], "measured")
    axes = plot.coefficients(fake_sweep(FIELDS), "mean_energy", reference=points)
    np.testing.assert_allclose(curve(axes.containers[-1]), [[20, 200], [5, 12], [0.1, 0.2]])
    assert axes.get_legend_handles_labels()[1] == ["measured"]


def test_zeros_do_not_prevent_a_logarithmic_axis_but_negative_values_do() -> None:
    law = {"reduced_townsend_effective": lambda en: 0.0 if en < 50 else 1e-22 * en}
    axes = plot.coefficients(fake_sweep(FIELDS, laws=law), "reduced_townsend_effective")
    assert axes.get_yscale() == "log"
    law = {"reduced_townsend_effective": lambda en: 1e-22 * (en - 100)}
    axes = plot.coefficients(fake_sweep(FIELDS, laws=law), "reduced_townsend_effective")
    assert axes.get_yscale() == "linear"


@pytest.mark.slow
def test_overviews_show_everything_without_overlaps(run: xr.DataTree, sweep: xr.DataTree) -> None:
    whole = plot.run_overview(run)
    assert len(whole.axes) == 6
    assert misplaced(whole) == []
    figure = plot.sweep_overview(sweep)
    assert misplaced(figure) == []
    shown = " ".join(axes.get_ylabel().replace("\n", " ") for axes in figure.axes)
    for words_of in ("mean energy", "drift velocity", "longitudinal", "transverse", "Townsend"):
        assert words_of in shown


def test_no_legend_and_no_title_hides_anything() -> None:
    """Four curves that fill the panel leave no place among them; the title stands above."""
    fields = [float(en) for en in np.geomspace(10.0, 1000.0, 12)]
    axes = plt.subplots()[1]
    for height in (0.1, 0.4, 0.7, 1.0):
        axes.plot(fields, np.full(12, height), label="a curve with a long name")
    axes.plot(fields, np.tile([0.0, 1.1], 6), label="up and down")
    legends.legend(axes, few=5)
    shown = axes.get_legend().get_window_extent()
    assert shown.y0 >= axes.get_window_extent().y1
    axes = plot.rates(fake_sweep(fields[:7]), title="two lines " * 7)
    axes.figure.draw_without_rendering()
    below = axes.get_legend().get_window_extent().y1
    assert axes.title.get_window_extent().y0 >= below - 1.0


def test_what_is_not_there_is_refused(run: xr.DataTree, sweep: xr.DataTree) -> None:
    with pytest.raises(ValueError, match="'mean_enrgy' is not in the sweep; it has mean_energy"):
        plot.curves(sweep, "mean_enrgy")
    with pytest.raises(ValueError, match="along='field' is not a coordinate"):
        plot.curves(sweep, "mean_energy", along="field")
    with pytest.raises(ValueError, match="rate_coefficient has no such process"):
        plot.curves(sweep, "rate_coefficient", process="Xe")
    with pytest.raises(ValueError, match="has no group 'eedf'"):
        plot.energy_distribution(sweep)


def test_drawing_leaves_the_users_style_alone(run: xr.DataTree) -> None:
    before = mpl.rcParams.copy()
    figure, axes = plt.subplots()
    assert plot.rates(run, axes) is axes
    assert axes.figure is figure
    assert mpl.rcParams == before


def test_what_a_notebook_sets_with_the_first_figure_stays() -> None:
    with mpl.rc_context({"interactive": False}):
        with plot.style():
            mpl.interactive(True)
        assert mpl.is_interactive()


@pytest.mark.parametrize("vision", COLOUR_VISION)
def test_curves_can_be_told_apart_with_any_colour_vision(vision: str) -> None:
    seen = [as_seen_by(colour, COLOUR_VISION[vision]) for colour in CURVE_COLOURS]
    apart = [np.linalg.norm(a - b) for a, b in itertools.combinations(seen, 2)]
    assert min(apart) > 0.1
    # Dark enough to be seen on white: contrast of at least 2 to 1.
    assert all(1.05 / (relative_luminance(colour) + 0.05) > 2.0 for colour in CURVE_COLOURS)
    assert len(set(MARKERS)) == len(CURVE_COLOURS)


def test_without_matplotlib_it_is_said_what_to_install() -> None:
    hidden = "import sys; sys.modules['matplotlib'] = None; import swarmhydra.plot"
    last = run_python("-c", hidden, status=1).stderr.splitlines()[-1]
    assert last == "ImportError: swarmhydra.plot needs matplotlib: pip install -e '.[analysis]'"


def twice(sweep: xr.DataTree, **settings: list[Any]) -> xr.Dataset:
    """The jobs of a sweep and the same jobs once more, with other settings."""
    root = sweep.to_dataset()
    again = root.assign_coords(job=[f"again {job}" for job in root["job"].values])
    both = xr.concat(
        [root, again],
        "job",
        data_vars="minimal",
        coords="minimal",
        compat="override",
        join="outer",
    )
    size = root.sizes["job"]
    return both.assign_coords(
        {name: ("job", np.repeat(values, size)) for name, values in settings.items()}
    )


def test_two_settings_in_one_study_are_drawn_apart() -> None:
    fields = [10.0, 100.0]
    for name, labels in (
        ("electrons", ["electrons = 1000", "electrons = 10000"]),
        ("sim.stop.real_collisions", ["real_collisions = 1000", "real_collisions = 10000"]),
        ("seed", ["seed = 1000", "seed = 10000"]),
    ):
        found = plot.curves(twice(fake_sweep(fields), **{name: [1000, 10000]}), "mean_energy")
        assert [curve.label for curve in found] == labels
        assert all(curve.x.tolist() == fields for curve in found)


def test_settings_that_differ_between_fields_only_make_one_curve() -> None:
    root = fake_sweep([10.0, 100.0]).to_dataset()
    found = plot.curves(root.assign_coords(electrons=("job", [1000, 10000])), "mean_energy")
    assert [curve.label for curve in found] == [""]


def test_the_same_settings_twice_are_refused() -> None:
    with pytest.raises(ValueError, match="jobs 0, 1, again 0, again 1 have the same settings"):
        plot.curves(twice(fake_sweep([10.0, 100.0])), "mean_energy")


def test_names_that_look_like_formulas_are_drawn_as_they_stand() -> None:
    names = ("price $5", "$$", "$x_{$")
    run = build_tree(fake_record(processes=names))
    for figure in ("rates", "power_balance"):
        getattr(plot, figure)(run).figure.canvas.draw()
    sweep = fake_sweep([10.0, 100.0], gases=("cheap $ gas", "x$_{$"))
    plot.coefficients(sweep, "mean_energy").figure.canvas.draw()
