"""The result file: complete, self-describing, exact, and never half-written."""

import dataclasses
import os
import re
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import netCDF4
import numpy as np
import pytest
import xarray as xr

from swarmhydra.kernels.contract import STAGES
from swarmhydra.results.files import open_run, save
from swarmhydra.results.record import NUMERICAL, Estimate, RunRecord
from swarmhydra.results.summary import summary
from swarmhydra.results.tree import build_tree
from swarmhydra.results.variables import VARIABLES
from tests.helpers.fake_record import fake_record

GROUPS = ("eedf", "time_series", "perf", "rng", "phase", "waveform", "sensitivity", "sub_swarms")


def changed(record: RunRecord, **updates: dict[str, Any]) -> RunRecord:
    """Return the record with entries of its dictionaries added or replaced."""
    merged = {name: {**getattr(record, name), **new} for name, new in updates.items()}
    return dataclasses.replace(record, **merged)


@pytest.fixture
def tree() -> xr.DataTree:
    return build_tree(fake_record(sensitive=True))


@pytest.fixture
def file(tree: xr.DataTree, tmp_path: Path) -> Path:
    path = tmp_path / "results.nc"
    save(tree, path)
    return path


# What the file says about itself


def test_every_variable_in_the_file_is_documented(file: Path) -> None:
    with netCDF4.Dataset(file) as root:
        assert set(root.groups) == set(GROUPS)
        for group in (root, *root.groups.values()):
            assert group.title
            for name, variable in group.variables.items():
                assert variable.units, name
                assert variable.long_name, name
                if hasattr(variable, "ancillary_variables"):
                    partner = group.variables[variable.ancillary_variables]
                    assert partner.units == variable.units
                    assert partner.dimensions == variable.dimensions


def test_a_record_can_fill_every_row_of_the_table_but_optional_coordinates(
    tree: xr.DataTree,
) -> None:
    optional = {"replica"}
    missing = {
        path
        for path in VARIABLES
        if path.rpartition("/")[2] not in tree[path.rpartition("/")[0] or "/"].variables
    }
    assert missing == optional


def test_units_are_udunits_and_traps_are_explained() -> None:
    factor = r"(m|s|ns|eV|K|Pa|V|Hz|radian|degree|byte)(-?[1-9])?"
    for path, row in VARIABLES.items():
        if row.units == "Td":
            assert "teradays" in row.comment
        elif row.units == "Hx":
            assert "huxley" in row.comment
        elif row.units == "eV^(-3/2)":
            # UDUNITS reads eV-3/2 as eV-3 / 2, without a word: better a unit that it refuses.
            assert "UDUNITS" in row.comment
        else:
            assert re.fullmatch(rf"1|{factor}( {factor})*", row.units), path


def test_root_attributes(file: Path) -> None:
    attributes = open_run(file).attrs
    assert attributes["Conventions"] == "CF-1.12"
    assert attributes["schema_version"] == "1"
    assert attributes["source"] == "swarmhydra: Monte Carlo simulation of an electron swarm"
    solved = dataclasses.replace(fake_record(), error_kind=NUMERICAL)
    assert "solution of the Boltzmann equation" in build_tree(solved).attrs["source"]
    assert attributes["references"].startswith("Phelps & Petrović")
    assert attributes["degrees_of_freedom"] == 7
    assert attributes["relaxation_time"] == 1.2e-9


def test_history_has_utc_time_and_the_command() -> None:
    command = "python -m swarmhydra gas=argon"
    record = changed(fake_record(), attributes={"history": command})
    stamp, text = build_tree(record).attrs["history"].split(": ", 1)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", stamp)
    assert text == command


def test_degrees_of_freedom_stand_with_every_standard_error(file: Path) -> None:
    tree = open_run(file)
    errors = [
        variable
        for node in tree.subtree
        for name, variable in node.data_vars.items()
        if str(name).endswith("_stderr")
    ]
    assert len(errors) > 20
    for error in errors:
        assert error.attrs["degrees_of_freedom"] == 7
        assert "7 degrees of freedom" in error.attrs["comment"]


def test_degrees_of_freedom_are_required() -> None:
    record = fake_record()
    del record.attributes["degrees_of_freedom"]
    with pytest.raises(ValueError, match="degrees_of_freedom is missing"):
        build_tree(record)


def test_library_versions_stand_on_perf(file: Path) -> None:
    attributes = open_run(file)["perf"].attrs
    assert attributes["numpy_version"] == np.__version__
    assert attributes["xarray_version"] == xr.__version__
    for library in ("python", "numba", "netCDF4", "hydra_core", "swarmhydra"):
        assert attributes[f"{library}_version"]


def test_only_texts_and_numbers_are_attributes(file: Path) -> None:
    for node in open_run(file).subtree:
        for attributes in (node.attrs, *(v.attrs for v in node.variables.values())):
            for value in attributes.values():
                assert isinstance(value, str | int | float | np.integer | np.floating)


# Contents


def test_saved_and_opened_trees_are_identical(tree: xr.DataTree, file: Path) -> None:
    xr.testing.assert_identical(open_run(file), tree)


def test_an_opened_tree_can_be_saved_again(tree: xr.DataTree, file: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.nc"
    save(open_run(file), again)
    xr.testing.assert_identical(open_run(again), tree)


def test_plain_xarray_reads_the_file_without_warnings(tree: xr.DataTree, file: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with xr.open_datatree(file) as whole:
            assert whole.load().identical(tree)
        with xr.open_dataset(file, group="eedf") as eedf:
            assert eedf["eedf"].dims == ("bin",)
            centres = 0.5 * (eedf["energy_edges"].values[1:] + eedf["energy_edges"].values[:-1])
            np.testing.assert_array_equal(eedf["energy"], centres)
        with xr.open_dataset(file, group="time_series") as series:
            assert series["time"].dtype == np.float64
            assert "time" in series.coords
            assert "time" not in series.indexes


def test_processes_are_selected_by_name(file: Path) -> None:
    rate = open_run(file)["rate_coefficient"].sel(process="Ar ionization")
    assert rate["kind"] == "IONIZATION"
    assert rate["threshold"] == 15.8
    assert rate["target"] == "argon"


def test_processes_of_the_same_name_stay_apart() -> None:
    tree = build_tree(fake_record(processes=("elastic", "ionization", "ionization")))
    assert list(tree.coords["process"].values) == ["elastic", "ionization", "ionization #2"]


def test_stages_are_named(file: Path) -> None:
    perf = open_run(file).children["perf"]
    assert tuple(perf.coords["stage"].values) == STAGES
    assert perf["trials"].item() == 10**9


def test_random_states_survive_to_the_last_bit(tmp_path: Path) -> None:
    entropy = 2**127 + 12345
    record = changed(fake_record(), rng={"entropy": entropy})
    save(build_tree(record), tmp_path / "results.nc")
    rng = open_run(tmp_path)["rng"]
    for name in ("spawn_keys", "initial_state", "final_state"):
        assert rng[name].dtype == np.uint64
        np.testing.assert_array_equal(rng[name].values, record.rng[name])
    assert int(rng.attrs["entropy"]) == entropy
    assert rng.attrs["bit_generator"] == "SFC64"


def test_not_measured_stays_nan(tmp_path: Path) -> None:
    unset = Estimate(np.array(np.nan), np.array(np.nan))
    record = changed(fake_record(), coefficients={"drift_velocity_bulk": unset})
    save(build_tree(record), tmp_path / "results.nc")
    tree = open_run(tmp_path)
    assert np.isnan(tree["drift_velocity_bulk"].item())
    assert np.isnan(tree["drift_velocity_bulk_stderr"].item())


def test_a_run_may_have_no_time_series_and_few_coefficients(tmp_path: Path) -> None:
    mean_energy = {"mean_energy": Estimate(np.array(1.0), np.array(0.1))}
    record = dataclasses.replace(fake_record(), coefficients=mean_energy, time_series={}, eedf={})
    tree = build_tree(record)
    save(tree, tmp_path / "results.nc")
    xr.testing.assert_identical(open_run(tmp_path), tree)


def test_only_large_arrays_are_compressed(tmp_path: Path) -> None:
    path = tmp_path / "results.nc"
    save(build_tree(fake_record(samples=20_000)), path)
    with netCDF4.Dataset(path) as root:
        filters = root["time_series/trials"].filters()
        assert (filters["zlib"], filters["complevel"], filters["shuffle"]) == (True, 1, True)
        assert not root["eedf/eedf"].filters()["zlib"]
        assert "_FillValue" not in root["eedf/energy"].ncattrs()


def test_config_of_any_length_is_kept(tmp_path: Path) -> None:
    # 64 KiB is where HDF5 stops storing attributes in the header of their object.
    config = "energies:\n" + "- 1.25\n" * 100_000
    save(build_tree(changed(fake_record(), attributes={"config": config})), tmp_path / "results.nc")
    assert open_run(tmp_path).attrs["config"] == config


# Sweeps


def test_roots_of_a_sweep_concatenate() -> None:
    runs = [build_tree(fake_record(en=en, seed=int(en))).to_dataset() for en in (10, 50, 100)]
    sweep = concatenated(runs)
    assert sweep["mean_energy"].dims == ("job",)
    assert list(sweep["en"].values) == [10, 50, 100]
    assert list(sweep["gas"].values) == ["argon"] * 3
    cube = sweep.set_index(job=("en", "accel")).unstack("job")
    assert set(cube["mean_energy"].dims) == {"en", "accel"}


def test_runs_of_other_gases_and_lengths_concatenate(tmp_path: Path) -> None:
    records = (
        fake_record(),
        fake_record(gas="neon", processes=("Ne elastic", "Ne ionization"), bins=30, samples=20),
    )
    trees = []
    for number, record in enumerate(records):
        save(build_tree(record), tmp_path / f"{number}.nc")
        trees.append(open_run(tmp_path / f"{number}.nc"))
    sweep = concatenated([tree.to_dataset() for tree in trees])
    lengths = {"job": 2, "process": 5, "axis": 3, "axis2": 3, "extra_process": 1, "component": 2}
    assert sweep.sizes == lengths
    assert list(sweep["gas"].values) == ["argon", "neon"]
    eedf = concatenated([tree.children["eedf"].to_dataset(inherit=False) for tree in trees])
    plane = {"v_along": 8, "v_across": 4}
    assert eedf.sizes == {"job": 2, "bin": 40, "edge": 41, "l": 2, **plane}
    assert np.isnan(eedf["eedf"].values[1, 30:]).all()
    series = concatenated(
        [tree.children["time_series"].to_dataset(inherit=False) for tree in trees]
    )
    assert series.sizes == {"job": 2, "sample": 30}


def concatenated(datasets: list[xr.Dataset]) -> xr.Dataset:
    """Concatenate with every keyword named, because xarray's defaults are about to change."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return xr.concat(
            datasets,
            dim="job",
            join="outer",
            data_vars="all",
            coords="all",
            compat="equals",
            combine_attrs="drop_conflicts",
        )


# What is refused


@pytest.mark.parametrize(
    ("updates", "message"),
    [
        ({"coefficients": {"mean_enrgy": Estimate(np.array(1.0), np.array(0.1))}}, "mean_enrgy"),
        ({"coefficients": {"en": Estimate(np.array(1.0), np.array(0.1))}}, "not a coefficient"),
        ({"coordinates": {"colour": "red"}}, "'colour' is not in the variable table"),
        ({"coordinates": {"mean_energy": 1.0}}, "not a coordinate"),
        ({"eedf": {"f7": np.zeros(40)}}, "'eedf/f7'"),
        ({"time_series": {"number": np.zeros(30)}}, "'time_series/number'"),
        ({"perf_stages": {"watts": np.zeros(4)}}, "'perf/watts'"),
        ({"perf": {"watts": 7.0}}, "'perf/watts'"),
        ({"rng": {"state": np.zeros((8, 4), np.uint64)}}, "'rng/state'"),
        ({"processes": {"colour": ["red"] * 3}}, "'colour'"),
        ({"why_unset": {"mean_enrgy": "lost"}}, "mean_enrgy"),
    ],
)
def test_names_that_are_not_in_the_table(updates: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        build_tree(changed(fake_record(), **updates))


@pytest.mark.parametrize(
    ("updates", "message"),
    [
        (
            {"coefficients": {"mean_energy": Estimate(np.ones(3), np.ones(3))}},
            r"mean_energy has shape \(3,\)",
        ),
        (
            {"coefficients": {"rate_coefficient": Estimate(np.ones(4), np.ones(4))}},
            "conflicting sizes for dimension 'process'",
        ),
        ({"perf_stages": {"seconds": np.ones(3)}}, "conflicting sizes for dimension 'stage'"),
        ({"rng": {"final_state": np.zeros((8, 4, 4))}}, "exact only as uint64"),
        ({"rng": {"final_state": np.zeros((8, 4, 4), np.int64)}}, "exact only as uint64"),
        ({"time_series": {"trials": np.full(30, 0.5)}}, "time_series/trials holds numbers"),
        ({"time_series": {"trials": np.full(30, np.nan)}}, "time_series/trials holds numbers"),
        ({"coordinates": {"seed": 2**64}}, "seed"),
        ({"coordinates": {"en": "high"}}, "en does not fit float64"),
    ],
)
def test_values_that_do_not_fit(updates: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        build_tree(changed(fake_record(), **updates))


@pytest.mark.parametrize("value", [True, None, {"a": 1}, [1, 2], np.True_, 2**63, np.ones(2)])
def test_attributes_that_netcdf_cannot_hold(value: Any, tree: xr.DataTree, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="attribute relaxed of / is"):
        build_tree(changed(fake_record(), attributes={"relaxed": value}))
    tree["eedf/f1"].attrs["smoothed"] = value
    with pytest.raises(ValueError, match="attribute smoothed of /eedf f1 is"):
        save(tree, tmp_path / "results.nc")
    assert not list(tmp_path.iterdir())


def test_numpy_numbers_are_attributes(tmp_path: Path) -> None:
    numbers = {"memory_windows": np.int64(3), "window": np.float32(0.5)}
    save(build_tree(changed(fake_record(), attributes=numbers)), tmp_path / "results.nc")
    assert open_run(tmp_path).attrs["memory_windows"] == 3
    assert open_run(tmp_path).attrs["window"] == 0.5


def test_attributes_that_mark_the_file_are_not_for_a_run_to_set() -> None:
    with pytest.raises(ValueError, match="schema_version"):
        build_tree(changed(fake_record(), attributes={"schema_version": "7"}))


def test_save_refuses_any_other_tree(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not a result of swarmhydra"):
        save(xr.DataTree(xr.Dataset({"x": 1})), tmp_path / "results.nc")
    assert not list(tmp_path.iterdir())


# All of the file or nothing


def full_disk(self: xr.DataTree, path: Path, **_: Any) -> None:
    """Write the beginning of a file, then fail as the NetCDF library does."""
    path.write_bytes(b"\x89HDF")
    raise RuntimeError("NetCDF: HDF error")


def refused_rename(self: Path, target: Path) -> None:
    raise OSError("no rename today")


def interrupted(self: xr.DataTree, path: Path, **_: Any) -> None:
    path.write_bytes(b"\x89HDF")
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("owner", "name", "failure", "message"),
    [
        (xr.DataTree, "to_netcdf", full_disk, "HDF error"),
        (Path, "replace", refused_rename, "no rename today"),
    ],
)
def test_an_older_file_survives_a_failure(
    owner: type,
    name: str,
    failure: Callable[..., None],
    message: str,
    tree: xr.DataTree,
    file: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = file.read_bytes()
    monkeypatch.setattr(owner, name, failure)
    with pytest.raises(OSError, match=f"cannot write {re.escape(str(file))}: .*{message}"):
        save(tree, file)
    assert file.read_bytes() == before
    assert list(file.parent.iterdir()) == [file]


def test_an_interrupt_leaves_nothing_behind(
    tree: xr.DataTree, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(xr.DataTree, "to_netcdf", interrupted)
    with pytest.raises(KeyboardInterrupt):
        save(tree, tmp_path / "results.nc")
    assert not list(tmp_path.iterdir())


def test_saving_replaces_an_older_file(tree: xr.DataTree, file: Path) -> None:
    tree.attrs["note"] = "second"
    save(tree, file)
    assert open_run(file).attrs["note"] == "second"
    assert list(file.parent.iterdir()) == [file]


def test_saving_makes_missing_folders(tree: xr.DataTree, tmp_path: Path) -> None:
    save(tree, tmp_path / "a" / "b" / "results.nc")
    assert list((tmp_path / "a" / "b").iterdir()) == [tmp_path / "a" / "b" / "results.nc"]


def test_saving_to_a_folder_name(tree: xr.DataTree, tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError, match=re.escape(f"{tmp_path}: it is a folder")):
        save(tree, tmp_path)


def test_saving_below_a_file(tree: xr.DataTree, file: Path) -> None:
    target = file / "results.nc"
    with pytest.raises(OSError, match=f"cannot write {re.escape(str(target))}"):
        save(tree, target)
    xr.testing.assert_identical(open_run(file), tree)


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="may write in any folder"
)
def test_saving_to_a_folder_without_permission(tree: xr.DataTree, tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(OSError, match=f"cannot write {re.escape(str(tmp_path))}"):
            save(tree, tmp_path / "results.nc")
        assert not list(tmp_path.iterdir())
    finally:
        tmp_path.chmod(0o700)


# Opening


def test_open_by_folder_or_file(tree: xr.DataTree, file: Path) -> None:
    for path in (file, file.parent, str(file), str(file.parent)):
        xr.testing.assert_identical(open_run(path), tree)


def test_an_opened_run_needs_its_file_no_more(tree: xr.DataTree, file: Path) -> None:
    opened = open_run(file)
    file.unlink()
    xr.testing.assert_identical(opened, tree)


def test_open_what_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=re.escape(str(tmp_path / "results.nc"))):
        open_run(tmp_path)
    with pytest.raises(FileNotFoundError, match=re.escape(str(tmp_path / "other.nc"))):
        open_run(tmp_path / "other.nc")


def test_open_another_schema_version(file: Path) -> None:
    with netCDF4.Dataset(file, "a") as root:
        root.schema_version = "0"
    with pytest.raises(ValueError, match=r"results\.nc has schema_version '0'.* knows '1'"):
        open_run(file)


def test_open_a_file_of_someone_else(tmp_path: Path) -> None:
    path = tmp_path / "weather.nc"
    # Groups that disagree about a dimension make no DataTree, which must not hide the real reason.
    xr.Dataset(coords={"x": [1, 2]}).to_netcdf(path, engine="netcdf4")
    xr.Dataset(coords={"x": [3]}).to_netcdf(path, mode="a", group="child", engine="netcdf4")
    with pytest.raises(ValueError, match=r"weather\.nc is not a result of swarmhydra"):
        open_run(path)


@pytest.mark.parametrize("content", [b"", b"time,energy\n", b"\x89HDF\r\n\x1a\n" + bytes(64)])
def test_open_what_is_no_netcdf_file(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "results.nc"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"results\.nc is not a NetCDF file"):
        open_run(path)


def test_open_a_truncated_file(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:5000])
    with pytest.raises(ValueError, match="damaged"):
        open_run(file)


# The table in the terminal


def lines_with(**coefficients: tuple[float, float]) -> dict[str, str]:
    """Return the summary's lines by label, for coefficients given as value and error."""
    estimates = {
        name: Estimate(np.array(value), np.array(stderr))
        for name, (value, stderr) in coefficients.items()
    }
    record = dataclasses.replace(fake_record(), coefficients=estimates)
    lines = summary(build_tree(record)).splitlines()
    return {line.partition("  ")[0]: line for line in lines}


@pytest.mark.parametrize(
    ("value", "stderr", "expected"),
    [
        (6.810512, 0.004417, "6.8105  ±  0.0044  eV"),
        (6.810512, 0.0996, "6.81  ±  0.10  eV"),
        (6.810512, 0.0999, "6.81  ±  0.10  eV"),
        (0.0387765, 0.0000123, "0.038776  ±  0.000012  eV"),
        (0.00387765, 0.0000123, "3.878  ±  0.012  ×10^-3 eV"),
        (74933.2, 30.4, "74933  ±  30  eV"),
        (74933.2, 304.0, "7.493  ±  0.030  ×10^4 eV"),
        (3.12347e23, 4.57e20, "3.1235  ±  0.0046  ×10^23 eV"),
        (4.2e-22, 9.96e-24, "4.20  ±  0.10  ×10^-22 eV"),
        (-2.4e-15, 1.23e-14, "-0.2  ±  1.2  ×10^-14 eV"),
        (-1e-9, 0.5, "0.00  ±  0.50  eV"),
        (0.0, 0.0, "0  ±  0  eV"),
        (2.5, 0.0, "2.5  ±  0  eV"),
        (2.5, float("nan"), "2.5  ±  —  eV"),
        (float("inf"), 1.0, "inf  ±  1  eV"),
    ],
)
def test_value_and_error_are_rounded_alike(value: float, stderr: float, expected: str) -> None:
    assert lines_with(mean_energy=(value, stderr))["mean energy"] == f"mean energy  {expected}"


def test_columns_are_aligned() -> None:
    lines = summary(build_tree(fake_record())).splitlines()
    rows = [line for line in lines if "  ±  " in line]
    assert len(rows) > 15
    assert len({line.index("±") for line in rows}) == 1
    assert all(line == line.rstrip() for line in lines)
    assert max(map(len, lines)) <= 100
    unit_column = {re.search(r"± +\S+  ", line).end() for line in rows}  # type: ignore[union-attr]
    assert len(unit_column) == 1


def test_summary_names_the_run_and_its_processes(file: Path) -> None:
    text = summary(open_run(file))
    assert text.startswith(
        "argon, 100 Td, 300 K, 101325 Pa, method monte_carlo, accel jit_lut, seed 1\n"
    )
    assert "rate of Ar(11.5eV) " in text
    assert "7 degrees of freedom" in text
    assert "warning" not in text


def test_summary_of_what_was_not_measured_says_why() -> None:
    unset = Estimate(np.array(np.nan), np.array(np.nan))
    record = changed(
        fake_record(),
        coefficients={"drift_velocity_bulk": unset},
        why_unset={"drift_velocity_bulk": "no window long enough"},
    )
    lines = summary(build_tree(record)).splitlines()
    line = next(line for line in lines if line.startswith("bulk drift velocity"))
    assert re.fullmatch(r"bulk drift velocity +— +no window long enough", line)


def test_summary_of_a_swarm_that_did_not_relax() -> None:
    unset = Estimate(np.array(np.nan), np.array(np.nan))
    record = changed(fake_record(), coefficients={"mean_energy": unset}, attributes={"relaxed": 0})
    text = summary(build_tree(record))
    assert re.search(r"^mean energy +— +not relaxed$", text, re.MULTILINE)
    assert "warning: the swarm did not relax" in text


def test_summary_warns_of_majorant_violations_and_of_what_the_run_reports() -> None:
    record = changed(
        fake_record(),
        perf={"majorant_violations": 3},
        attributes={"warnings": "electrons above 1000 eV"},
    )
    text = summary(build_tree(record))
    assert "warning: 3 trials above the collision-frequency bound" in text
    assert "warning: electrons above 1000 eV" in text
