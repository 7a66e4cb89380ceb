"""The program and its folders: nothing is lost, nothing replaced unasked, no folder shared."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import swarmhydra
from swarmhydra.job_folder.lock import owner_of

Program = Callable[..., int]

pytestmark = pytest.mark.usefixtures("ran")


def test_the_same_run_again_shows_its_table(
    program: Program, ran: list[float], capsys: pytest.CaptureFixture[str]
) -> None:
    assert program("sim.en=50", "hydra.run.dir=run") == 0
    first = capsys.readouterr().out
    content = Path("run/results.nc").read_bytes()
    assert program("sim.en=50", "hydra.run.dir=run") == 0
    again = capsys.readouterr()
    assert again.out == first
    assert "finished earlier" in again.err
    assert Path("run/results.nc").read_bytes() == content
    assert program("sim.en=50", "hydra.run.dir=run", "overwrite=true") == 0
    assert ran == [50.0, 50.0]


def test_a_result_of_another_configuration_is_replaced_only_on_request(
    program: Program, ran: list[float], capsys: pytest.CaptureFixture[str]
) -> None:
    program("sim.en=50", "hydra.run.dir=run")
    content = Path("run/results.nc").read_bytes()
    capsys.readouterr()
    assert program("sim.en=60", "hydra.run.dir=run") == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "overwrite=true" in line
    assert Path("run/results.nc").read_bytes() == content
    assert program("sim.en=60", "hydra.run.dir=run", "overwrite=true") == 0
    assert swarmhydra.open_run("run")["en"] == 60.0
    assert ran == [50.0, 60.0]


def test_a_checkpoint_of_another_run_is_dropped_only_on_request(
    program: Program, ran: list[float], capsys: pytest.CaptureFixture[str]
) -> None:
    Path("run").mkdir()
    Path("run/checkpoint.npz").write_bytes(b"of another run")
    assert program("sim.en=50", "hydra.run.dir=run") == 2
    assert "checkpoint.npz" in capsys.readouterr().err
    assert program("sim.en=50", "hydra.run.dir=run", "overwrite=true") == 0
    assert ran == [50.0]


def test_a_damaged_result_is_computed_again(program: Program, ran: list[float]) -> None:
    program("sim.en=50", "hydra.run.dir=run")
    file = Path("run/results.nc")
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    assert program("sim.en=50", "hydra.run.dir=run") == 0
    assert swarmhydra.open_run("run")["en"] == 50.0
    assert ran == [50.0, 50.0]


def test_a_folder_in_use_is_refused_in_one_line(
    program: Program, ran: list[float], capsys: pytest.CaptureFixture[str]
) -> None:
    with owner_of(Path("run")):
        assert program("sim.en=50", "hydra.run.dir=run") == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "is in use by process " in line
    assert ran == []
    assert not Path("run/job.yaml").exists()


def test_a_job_in_use_is_left_to_its_process_and_named(
    program: Program, ran: list[float], capsys: pytest.CaptureFixture[str]
) -> None:
    sweep = ("-m", "sim.en=50,60", "hydra.sweep.dir=sweep")
    assert program(*sweep) == 0
    status = Path("sweep/1/job.yaml").read_bytes()
    with owner_of(Path("sweep/1")):
        program(*sweep, "overwrite=true")
    assert ran == [50.0, 60.0, 50.0]
    assert "is in use by process " in capsys.readouterr().err
    assert Path("sweep/1/job.yaml").read_bytes() == status


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ([f"output={'a' * 253}.nc", "hydra.run.dir=run"], "File name too long"),
        (["output=folder.nc", "hydra.run.dir=run"], "is a folder"),
    ],
)
def test_what_could_not_be_saved_is_not_computed(
    program: Program,
    ran: list[float],
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    reason: str,
) -> None:
    Path("run/folder.nc").mkdir(parents=True)
    assert program("sim.en=50", *arguments) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert reason in line
    assert ran == []


@pytest.mark.slow
def test_four_jobs_in_one_folder_leave_four_results() -> None:
    arguments = (
        "sim.electrons=80",
        "sim.sub_swarms=4",
        "sim.stop.real_collisions=2e3",
        "sim.en=300,320,340,360",
        "hydra/launcher=joblib",
        "hydra.sweep.subdir=same",
        "hydra.sweep.dir=sweep",
    )
    done = subprocess.run(
        [sys.executable, "-m", "swarmhydra", "-m", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    assert "4 of 4 jobs finished" in done.stdout
    tree = swarmhydra.open_sweep("sweep", "en")
    assert tree["en"].values.tolist() == [300.0, 320.0, 340.0, 360.0]
