"""Results of many jobs as one tree."""

import os
import shutil
import threading
from pathlib import Path
from typing import Any

import netCDF4
import numpy as np
import pytest
import xarray as xr

import swarmhydra
from swarmhydra.job_folder.status import FAILED, jobs_in, status_of, write_status
from swarmhydra.results.files import save
from swarmhydra.results.tree import build_tree
from swarmhydra.sweeps import reading
from tests.helpers.checkout import checkout
from tests.helpers.fake_record import fake_record

HELIUM = ("He elastic", "He(19.8eV)", "He(20.6eV)", "He ionization")
ARGON = ("Ar elastic", "Ar(11.5eV)", "Ar ionization")


def job(
    folder: Path, gas: str = "argon", en: float = 100.0, setting: str = "", **sizes: int
) -> None:
    """A finished job: its result, and the overrides that Hydra leaves."""
    processes = HELIUM if gas == "helium" else ARGON
    record = fake_record(gas=gas, en=en, processes=processes, seed=int(en), **sizes)
    record.coordinates["seed"] = 1
    record.attributes["config"] = (
        f"gas: {{name: {gas}, energy_max: {len(processes)}}}\n"
        f"accel: {{name: jit}}\nsim: {{en: {en}, {setting}}}\n"
    )
    save(build_tree(record), folder / "results.nc")
    start(folder, f"gas={gas}", f"sim.en={en:g}")


def start(folder: Path, *overrides: str) -> None:
    """What Hydra leaves in the folder of a job."""
    (folder / ".hydra").mkdir(parents=True, exist_ok=True)
    (folder / ".hydra" / "overrides.yaml").write_text("".join(f"- {o}\n" for o in overrides))


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two gases at three fields, runs of unequal length; as text 10 would come before 2."""
    folder = tmp_path_factory.mktemp("sweep")
    for number, en in enumerate((10.0, 100.0, 50.0)):
        job(folder / str(number), "argon", en, bins=20 + number, samples=10)
        job(folder / str(number + 9), "helium", en, bins=30, samples=12 - number)
    return folder


@pytest.fixture
def sweep(original: Path, tmp_path: Path) -> Path:
    """A copy of it to tamper with."""
    return shutil.copytree(original, tmp_path / "sweep")


@pytest.fixture
def pair(original: Path, tmp_path: Path) -> Path:
    """A copy of two of its jobs, where the others say nothing more."""
    for name in ("0", "1"):
        shutil.copytree(original / name, tmp_path / "pair" / name)
    return tmp_path / "pair"


def test_every_value_of_every_job_is_where_it_belongs(sweep: Path) -> None:
    tree = swarmhydra.open_sweep(sweep)
    assert tree["job"].values.tolist() == ["0", "1", "2", "9", "10", "11"]
    assert tree.attrs["swept"] == "gas en"
    for name in tree["job"].values:
        run = swarmhydra.open_run(sweep / name)
        for group in ("", "/eedf", "/time_series", "/perf", "/phase"):
            one = run[group or "/"].to_dataset(inherit=False)
            mine = tree[group or "/"].to_dataset().sel(job=name)
            for path, variable in one.variables.items():
                found = mine[path]
                if "process" in variable.dims:
                    found = found.sel(
                        process=one["process"].values if not group else run["process"].values
                    )
                if "component" in variable.dims:
                    found = found.sel(component=one["component"].values)
                found = found.isel({d: slice(n) for d, n in variable.sizes.items()})
                assert found.dims == variable.dims
                np.testing.assert_array_equal(found.values, variable.values, err_msg=str(path))


def test_gaps_are_empty(sweep: Path) -> None:
    tree = swarmhydra.open_sweep(sweep)
    assert tree["process"].values.tolist() == [*ARGON, *HELIUM]
    rates = tree["rate_coefficient"]
    assert np.isnan(rates.sel(job="0", process=list(HELIUM))).all()
    assert np.isnan(tree["eedf/eedf"].sel(job="0", bin=slice(20, None))).all()
    assert np.isnan(tree["time_series/trials"].sel(job="11", sample=slice(10, None))).all()
    assert tree["eedf/bin"].values.tolist() == list(range(30))
    assert tree["threshold"].dims == ("process",)
    assert tree["kind"].sel(process="He ionization") == "IONIZATION"


def test_swept_values_are_coordinates_and_shared_ones_scalar(sweep: Path) -> None:
    tree = swarmhydra.open_sweep(sweep)
    assert tree["en"].values.tolist() == [10.0, 100.0, 50.0, 10.0, 100.0, 50.0]
    assert tree["en"].attrs["units"] == "Td"
    assert tree["gas"].values.tolist() == ["argon"] * 3 + ["helium"] * 3
    assert float(tree["temperature"]) == 300.0
    assert {"en", "gas", "temperature"} <= set(tree.coords)
    assert tree["mean_energy"].attrs["units"] == "eV"
    assert tree["mean_energy_stderr"].attrs["units"] == "eV"


def test_a_cube_in_one_call(sweep: Path) -> None:
    cube = swarmhydra.open_sweep(sweep, "gas", "en")
    energy = cube["mean_energy"]
    assert energy.dims == ("gas", "en")
    assert energy["en"].values.tolist() == [10.0, 50.0, 100.0]
    for name in ("0", "11"):
        run = swarmhydra.open_run(sweep / name)
        point = {"gas": str(run["gas"].item()), "en": float(run["en"])}
        assert float(energy.sel(point)) == float(run["mean_energy"])
    assert cube["eedf/eedf"].dims == ("gas", "en", "bin")
    assert cube["jobs/job"].sel(gas="argon", en=50.0) == "2"


def test_a_cube_with_holes(sweep: Path) -> None:
    shutil.rmtree(sweep / "10")
    cube = swarmhydra.open_sweep(sweep, "en", "gas")
    assert np.isnan(cube["mean_energy"].sel(gas="helium", en=100.0))
    assert int(np.isnan(cube["mean_energy"]).sum()) == 1
    assert cube["perf/trials"].dtype == np.float64


def test_jobs_at_the_same_place_are_named(sweep: Path) -> None:
    with pytest.raises(ValueError, match="jobs 0 and 9 agree in en: they differ in gas"):
        swarmhydra.open_sweep(sweep, "en")
    with pytest.raises(ValueError, match="'field' is no value of this sweep; expected one"):
        swarmhydra.open_sweep(sweep, "field")


def test_any_setting_may_be_swept(tmp_path: Path) -> None:
    for number, (name, growth) in enumerate([("equal", 2), ("opal", 3), ("opal", 2)]):
        job(
            tmp_path / str(number),
            setting=f"ionization_sharing: {name}, stop: {{wall_time: {growth}}}",
        )
    tree = swarmhydra.open_sweep(tmp_path)
    assert tree["ionization_sharing"].values.tolist() == ["equal", "opal", "opal"]
    assert tree["sim.stop.wall_time"].values.tolist() == [2.0, 3.0, 2.0]
    assert tree["gas"].dims == ()
    assert tree.attrs["swept"] == "ionization_sharing sim.stop.wall_time"


def test_a_setting_may_be_swept_from_nothing_to_something(tmp_path: Path) -> None:
    for number, width in enumerate(["null", "5.0", "10.0"]):
        job(tmp_path / str(number), setting=f"opal_width: {width}")
    cube = swarmhydra.open_sweep(tmp_path, "opal_width")
    np.testing.assert_array_equal(cube["opal_width"].values, [5.0, 10.0, np.nan])
    assert cube["mean_energy"].notnull().all()


def test_jobs_without_a_result_are_listed(sweep: Path) -> None:
    start(sweep / "3", "sim.en=200")
    start(sweep / "4", "sim.en=300")
    write_status(sweep / "4" / "own.nc", "", ["sim.en=300"], FAILED, "ValueError: no such luck")
    start(sweep / "5", "sim.en=400")
    (sweep / "5" / "results.nc").write_bytes((sweep / "0" / "results.nc").read_bytes()[:5000])
    (sweep / "6").mkdir()
    tree = swarmhydra.open_sweep(sweep)
    assert tree.sizes["job"] == 6
    listed = tree["unfinished"].to_dataset(inherit=False)
    assert listed["name"].values.tolist() == ["3", "4", "5"]
    assert listed["status"].values.tolist() == ["unfinished", "failed", "failed"]
    assert listed["reason"].values[1] == "ValueError: no such luck"
    assert listed["overrides"].values[0] == "sim.en=200"


def test_many_files_are_read_by_several_processes(
    sweep: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (sweep / "1" / "results.nc").write_bytes(b"torn")
    shutil.rmtree(sweep / "10" / ".hydra")
    (sweep / "10" / "results.nc").unlink()
    start(sweep / "10", "gas=helium")
    alone = swarmhydra.open_sweep(sweep)
    assert len(alone["unfinished"]["name"]) == 2
    monkeypatch.setattr(reading, "_FILES_PER_WORKER", 2)
    monkeypatch.setattr(reading.joblib, "cpu_count", lambda: 2)
    xr.testing.assert_identical(swarmhydra.open_sweep(sweep), alone)


def test_a_sweep_without_a_result_says_what_there_is(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="there is no folder"):
        swarmhydra.open_sweep(tmp_path / "nowhere")
    with pytest.raises(FileNotFoundError, match="no jobs"):
        swarmhydra.open_sweep(tmp_path)
    start(tmp_path / "0", "sim.en=200")
    with pytest.raises(FileNotFoundError, match="0: unfinished"):
        swarmhydra.open_sweep(tmp_path)


def test_the_tree_goes_through_a_file(sweep: Path, tmp_path: Path) -> None:
    tree = swarmhydra.open_sweep(sweep)
    tree.to_netcdf(tmp_path / "sweep.nc")
    with xr.open_datatree(tmp_path / "sweep.nc") as again:
        assert again["mean_energy"].equals(tree["mean_energy"])


def test_jobs_of_several_sweeps_below_one_folder(sweep: Path) -> None:
    (sweep / "later").mkdir()
    for name in ("9", "10", "11"):
        (sweep / name).rename(sweep / "later" / name)
    assert [found.name for found in jobs_in(sweep)] == [
        "0",
        "1",
        "2",
        "later/9",
        "later/10",
        "later/11",
    ]
    assert swarmhydra.open_sweep(sweep, "gas", "en")["mean_energy"].shape == (2, 3)


def test_the_example_of_the_readme(sweep: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its lines as they stand, in a folder with such a sweep."""
    readme = (checkout() / "README.md").read_text(encoding="utf-8")
    example = readme.split("<!-- post-analysis -->")[1].split("```python")[1].split("```")[0]
    monkeypatch.chdir(sweep.parent)
    drawn: list[xr.DataArray] = []
    # Plots need matplotlib, which is no matter of sweeps.
    monkeypatch.setattr(xr.DataArray, "plot", property(lambda self: lambda x: drawn.append(self)))
    names: dict[str, Any] = {}
    exec(example.replace("Ar+", "Ar ionization"), names)
    assert names["cube"]["mean_energy"].dims == ("gas", "en")
    assert drawn[0].dims == ("en",)
    assert np.isfinite(drawn[0].values).all()
    assert np.isfinite(names["rates"].values).all()


ODD_STATUS = [
    "overrides: 5\n",
    "overrides: {a: 1}\noutput: [3]\n",
    "output: ../../elsewhere.nc\n",
    "- a list\n",
    "status: [1\n",
    "\x00\x01",
    "status: 3\nfingerprint: {}\nreason: [1]\n",
    "[" * 400 + "]" * 400,
    "overrides: &a [*a]\n",
]


@pytest.mark.parametrize("text", ODD_STATUS)
def test_a_bad_status_file_costs_at_most_its_job(pair: Path, text: str) -> None:
    (pair / "1" / "job.yaml").write_text(text)
    assert "0" in swarmhydra.open_sweep(pair)["job"].values.tolist()


def test_a_pipe_in_the_place_of_a_status_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "job.yaml")
    found: list[object] = []
    reader = threading.Thread(target=lambda: found.append(status_of(tmp_path)), daemon=True)
    reader.start()
    reader.join(10.0)
    assert found == [{}]


@pytest.mark.parametrize("config", ["- a list", "a: [1", "a: &a [*a]"])
def test_a_result_whose_configuration_is_none_costs_its_job(pair: Path, config: str) -> None:
    with netCDF4.Dataset(pair / "1" / "results.nc", "a") as file:
        # Longer than before, so that no checksum is left.
        file.setncattr("note", "x" * 100_000)
        file.config = config
    tree = swarmhydra.open_sweep(pair)
    assert tree["job"].values.tolist() == ["0"]
    (reason,) = tree["unfinished"].to_dataset()["reason"].values.tolist()
    assert reason
    assert "\n" not in reason


@pytest.mark.parametrize("overrides", [b"\xff\xfe: [", b"5"])
def test_unreadable_overrides_cost_at_most_their_job(pair: Path, overrides: bytes) -> None:
    (pair / "1" / ".hydra" / "overrides.yaml").write_bytes(overrides)
    assert swarmhydra.open_sweep(pair).sizes["job"] == 2


def test_a_damaged_result_costs_its_job_and_says_so(sweep: Path) -> None:
    file = sweep / "1" / "results.nc"
    content = bytearray(file.read_bytes())
    content[len(content) // 3] ^= 4
    file.write_bytes(content)
    tree = swarmhydra.open_sweep(sweep)
    assert tree["job"].values.tolist() == ["0", "2", "9", "10", "11"]
    (job,) = tree["unfinished"].to_dataset()["name"].values.tolist()
    (reason,) = tree["unfinished"].to_dataset()["reason"].values.tolist()
    assert (job, "damaged" in reason) == ("1", True)


def test_a_result_that_lacks_what_others_have_costs_its_job(pair: Path) -> None:
    with netCDF4.Dataset(pair / "1" / "results.nc", "a") as file:
        file.delncattr("config")
        # Longer than before, so that no checksum is left.
        file.setncattr("note", "x" * 100_000)
    tree = swarmhydra.open_sweep(pair)
    assert tree["unfinished"].to_dataset()["name"].values.tolist() == ["1"]
