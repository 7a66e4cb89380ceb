"""Bad input ends with status 2 and one line on standard error, before any result."""

import errno
import os
import sys
from pathlib import Path

import pytest
from hydra.errors import MissingConfigException

from swarmhydra.app import main
from swarmhydra.config import ConfigError
from swarmhydra.config.command_line import options_first
from swarmhydra.config.compose import composed, refusal
from tests.helpers.programs import run_python
from tests.helpers.settings import configured

SPECIES = next(iter(composed(["gas=argon"]).gas.components))


pytestmark = pytest.mark.usefixtures("process_of_its_own")


def refused(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> str:
    """Run the command line, check that it refuses cleanly, and return its one line."""
    monkeypatch.setattr(sys, "argv", ["swarmhydra", *arguments])
    with pytest.raises(SystemExit) as stopped:
        main()
    assert stopped.value.code == 2
    out, err = capsys.readouterr()
    assert err.endswith("\n")
    assert err.count("\n") == 1
    assert "results" not in out
    assert not list(Path.cwd().rglob("*.nc*"))
    return err.strip()


@pytest.mark.parametrize(
    ("argument", "named"),
    [
        ("sim.enn=3", ["sim.enn=3", "did you mean sim.en?"]),
        ("+sim.enn=3", ["sim.enn=3", "did you mean sim.en?"]),
        ("en=100", ["en=100", "did you mean sim.en?"]),
        ("sim.EN=100", ["sim.EN=100", "did you mean sim.en?"]),
        ("gas=Ar", ["gas=Ar", "did you mean argon?"]),
        ("sim.en=logspace(0,10,3)", ["sim.en=logspace(0,10,3)", "above 0"]),
        ("gass=argon", ["gass=argon", "did you mean gas?"]),
        ("sim.en=abc", ["sim.en=abc", "a number", "(Td)"]),
        ("sim.pressure=-1", ["sim.pressure=-1", "above 0"]),
        ("sim.en=-1", ["sim.en=-1", "at least 0"]),
        ("sim.electrons=0", ["sim.electrons=0", "at least 16"]),
        ("gas=xenonn", ["gas=xenonn", "argon, hard_sphere, helium"]),
        ("accel=cuda", ["accel=cuda", "jit, jit_lut, numpy"]),
        ("accel=jut", ["did you mean jit?"]),
        (f"gas.components.{SPECIES}.fraction=0.9", [".fraction=0.9", "sum to 1"]),
        (f"gas.components.{SPECIES}.formula=argonn", ["argonn", "helium"]),
        ("+gas.parameters.F=1", ["gas.parameters.F=1"]),
        ("+gas.components.He.formula=helium", ["+gas.components={name:{...}}"]),
        ("sim.en", ["sim.en: cannot be read", "key=value"]),
        ("sim.en=10,50", ["sim.en=10,50", "--multirun"]),
        ("hydra.job.chdirr=true", ["hydra.job.chdirr=true", "did you mean hydra.job.chdir?"]),
        ("hydra.job.num=two", ["hydra.job.num", "'two'", "Integer"]),
        ("hydra/launcher=bsic", ["hydra/launcher=bsic", "did you mean basic?"]),
        ("output=results.txt", ["output='results.txt'", ".nc"]),
    ],
)
def test_bad_settings(
    argument: str,
    named: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    line = refused([argument], monkeypatch, capsys)
    assert all(part in line for part in named), line


def test_a_folder_that_cannot_be_written(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("file").touch()
    line = refused(["hydra.run.dir=file/run"], monkeypatch, capsys)
    assert "file/run" in line
    assert "can be written" in line


def test_the_output_is_no_folder(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("here/results.nc/inside").mkdir(parents=True)
    monkeypatch.setattr(sys, "argv", ["swarmhydra", "hydra.run.dir=here"])
    with pytest.raises(SystemExit) as stopped:
        main()
    assert stopped.value.code == 2
    assert "is a folder" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (
            "name: mine\ncomponents: {X: {formulla: argon}}\n",
            ["mean gas.components.X.formula?"],
        ),
        ("name: mine\nenergy_max: high\n", ["gas.energy_max=high", "(eV)"]),
        ("name: mine\n", ["gas.components", "at least one"]),
        ("components: {X: {formula: argon}}\n", ["gas.name is not set"]),
        ("name: [\n", ["mine.yaml"]),
    ],
)
def test_bad_option_files(
    text: str,
    named: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    Path("conf/gas").mkdir(parents=True)
    Path("conf/gas/mine.yaml").write_text(text, encoding="utf-8")
    line = refused(["--config-dir", "conf", "gas=mine"], monkeypatch, capsys)
    assert all(part in line for part in named), line


def test_a_launcher_that_is_not_installed_is_told_how_to_get() -> None:
    for name, extra in (("joblib", "sweep"), ("submitit_slurm", "slurm")):
        missing = MissingConfigException("", f"hydra/launcher/{name}", ["basic"])
        assert f"pip install -e '.[{extra}]'" in refusal(missing, [])


def test_a_sweep_needs_a_number_of_processes(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("hydra_plugins.hydra_joblib_launcher")
    asked = ["hydra/launcher=joblib", "hydra.launcher.n_jobs=0"]
    line = refused(["-m", "sim.en=1,2", *asked], monkeypatch, capsys)
    assert line.startswith("hydra.launcher.n_jobs=0: expected ")


@pytest.mark.parametrize("values", ["abc,10", "-1,10"])
def test_a_sweep_stops_at_a_bad_value(
    values: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    line = refused(["-m", f"sim.en={values}"], monkeypatch, capsys)
    assert f"sim.en={values.partition(',')[0]}" in line


def test_full_errors_show_the_cause(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HYDRA_FULL_ERROR", "1")
    monkeypatch.setattr(sys, "argv", ["swarmhydra", "sim.enn=3"])
    with pytest.raises(Exception, match=r"sim\.enn"):
        main()


def test_the_module_as_a_program() -> None:
    done = run_python("-m", "swarmhydra", "+sim.enn=3", status=2)
    assert done.stdout == ""
    assert done.stderr.startswith("sim.enn=3: ")
    assert done.stderr.count("\n") == 1


def test_help_shows_the_groups_and_imports_nothing_slow() -> None:
    done = run_python("-X", "importtime", "-m", "swarmhydra", "--help")
    for group in ("accel: jit, jit_lut, numpy", "gas: argon,", "sim: default,"):
        assert group in done.stdout
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "omegaconf" in imported
    assert not imported & {"numba", "numpy", "xarray"}


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        (["sim.angular_model=isotropc"], "sim.angular_model=isotropc: expected "),
        (
            ["sim.angular_model=okhrimovskyy", "sim.angular_parameter=3"],
            "angular_parameter=3 of okhrimovskyy must be above -1 and below 1",
        ),
        (
            ["sim.angular_model=forward"],
            "sim.angular_model=forward: process 'Ar elastic' has a cross section of momentum",
        ),
        (["sim.blend_low=9"], "sim.blend_low=9: expected at most sim.blend_high=5"),
        (["sim.initial_distribution=table"], "sim.initial_eedf has 0 values for 0 energies"),
        (["sim.initial_direction=[0,0,0]"], "sim.initial_direction=[0.0, 0.0, 0.0]: expected"),
        (["sim.frequency=1e9", "sim.en=0"], "sim.frequency with sim.en=0"),
    ],
)
def test_collisions_that_cannot_be_described_are_refused(overrides: list[str], words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        configured(*overrides)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_full_disk_is_named_though_the_system_names_no_file() -> None:
    line = refusal(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), [])
    assert line.startswith("cannot write to the folder of the run: No space left on device; ")


def test_an_option_of_hydra_keeps_its_value_wherever_it_stands() -> None:
    words = ["sim.en=7", "--cfg", "job", "gas=argon", "-c", "hydra", "--multirun"]
    first = ["--cfg", "job", "-c", "hydra", "--multirun", "sim.en=7", "gas=argon"]
    assert options_first(words) == first
