"""What a run in a field that changes leaves: a group with a time, figures, a section, pools."""

from functools import cache
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import swarmhydra
from swarmhydra.config import Config
from swarmhydra.results.files import open_run, save
from swarmhydra.results.tree import build_tree
from swarmhydra.run.methods import carry_out
from tests.helpers.settings import BY_COLLISIONS, FASTEST, configured

PULSE = (
    *FASTEST,
    "gas=argon",
    "sim.en=600",
    "sim.electrons=64",
    "sim.sub_swarms=4",
    *BY_COLLISIONS,
    "sim.stop.real_collisions=2e3",
    "sim.waveform.kind=square",
    "sim.waveform.duration=12e-12",
    "sim.waveform.start=3e-12",
    "sim.waveform.rise=1e-12",
    "sim.waveform.width=4e-12",
    "sim.waveform.base=200",
)


def pulse(*overrides: str) -> Config:
    return configured(*PULSE, *overrides)


@cache
def run() -> xr.DataTree:
    return build_tree(carry_out(pulse("sim.waveform.bins=6")))


def test_the_course_of_time_is_saved(tmp_path: Path) -> None:
    save(run(), tmp_path / "results.nc")
    group = open_run(tmp_path)["waveform"]
    assert group["time"].dims == ("time",)
    assert group["time"].values == pytest.approx(1e-12 * np.arange(1.0, 12.0, 2.0))
    assert group["en"].values == pytest.approx([200.0, 300.0, 600.0, 600.0, 300.0, 200.0])
    widths = np.diff(group["energy_edges"].values)
    assert group["eedf"].values @ widths == pytest.approx(1.0)
    for name in ("mean_energy", "drift_velocity", "rate_coefficient"):
        assert group[name].dims[0] == "time"
        assert f"{name}_stderr" in group
        assert f"{name}_quasi_steady" in group
    assert run()["en"].item() == 600.0


def test_quasi_steady_values_are_those_of_the_boltzmann_equation() -> None:
    solved = carry_out(configured("gas=argon", "sim.en=300", "method=boltzmann"))
    group = run()["waveform"]
    for name, of in (("mean_energy", "mean_energy"), ("drift_velocity", "drift_velocity_flux")):
        beside = group[f"{name}_quasi_steady"].values[1]
        assert beside == pytest.approx(solved.coefficients[of].value, rel=3e-3)


def test_figures_and_the_report_show_the_course_of_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("matplotlib")
    from matplotlib import pyplot as plt

    from swarmhydra import plot
    from swarmhydra.report import images
    from swarmhydra.report.of_run import page_of_run

    plot.waveform_overview(run()).savefig(tmp_path / "overview.png")
    drawn = plot.waveform(run(), "rate_coefficient")
    assert drawn.get_xlabel() == "time (ps)"
    assert drawn.get_legend().get_texts()[0].get_text() == "Ar elastic"
    with pytest.raises(ValueError, match="nothing of the kind"):
        plot.waveform(run(), "nothing of the kind")
    plt.close("all")
    # The figures of any run are drawn by other tests.
    monkeypatch.setattr(images, "of_run", lambda _: images.Figures([]))
    page = page_of_run(run())
    section = next(each for each in page.sections if each.title == "In the course of time")
    assert len(section.blocks) == 3


def test_a_sweep_of_waveforms_has_a_curve_for_each_job(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    from matplotlib import pyplot as plt

    from swarmhydra import plot

    for job, en in enumerate((300.0, 600.0)):
        tree = run().copy()
        tree = xr.DataTree.from_dict(
            {
                node.path: node.to_dataset(inherit=False).assign_coords(
                    {"en": en} if node.path == "/" else {}
                )
                for node in tree.subtree
            }
        )
        save(tree, tmp_path / str(job) / "results.nc")
    sweep = swarmhydra.open_sweep(tmp_path)
    axes = plot.waveform(sweep)
    expected = run()["waveform/mean_energy"].values
    curves = [line for line in axes.lines if line.get_gid() == "swarmhydra curve"]
    assert [line.get_label() for line in curves] == ["E/N = 300 Td", "E/N = 600 Td"]
    for curve in curves:
        np.testing.assert_array_equal(curve.get_ydata(), expected)
    assert len({line.get_color() for line in curves}) == 2
    entries = [text.get_text() for text in axes.get_legend().get_texts()]
    assert entries[2:] == ["in a steady field", "field"]
    one = plot.waveform(sweep, "rate_coefficient", process="Ar+")
    assert one.get_ylabel().startswith("Ar+: ")
    with pytest.raises(ValueError, match="expected one of Ar elastic"):
        plot.waveform(sweep, "rate_coefficient")
    with pytest.raises(ValueError, match="waveform_distribution draws one run"):
        plot.waveform_distribution(sweep)
    assert len(plot.waveform_overview(sweep).axes) == 8  # Four panels, each before its field.
    plt.close("all")


def test_replicas_of_a_waveform_are_pooled(tmp_path: Path) -> None:
    for replica in (0, 1):
        settings = (
            "sim.waveform.bins=6",
            f"sim.replica={replica}",
            "sim.waveform.quasi_steady=false",
        )
        save(build_tree(carry_out(pulse(*settings))), tmp_path / f"{replica}" / "results.nc")
    pooled = swarmhydra.combine_replicas(tmp_path / "0", tmp_path / "1")["waveform"]
    each = [open_run(tmp_path / f"{replica}")["waveform"] for replica in (0, 1)]
    mean = 0.5 * (each[0]["mean_energy"] + each[1]["mean_energy"])
    assert pooled["mean_energy"].values == pytest.approx(mean.values, rel=0.05)
    assert np.all(pooled["mean_energy_stderr"].values > 0.0)
    assert "eedf" not in pooled
