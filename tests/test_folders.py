"""The program and its folders: nothing is lost, nothing replaced unasked, no folder shared."""

import errno
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import swarmhydra
from swarmhydra.job_folder.lock import owner_of
from swarmhydra.run import job

Program = Callable[..., int]

CROSS_SECTIONS = """
ELASTIC
X
 1.4e-5
----------
 0.0  1e-19
 100.0  1e-19
----------
"""

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
    Path("run/report.html").write_text("the page of the run at 50 Td")
    assert program("sim.en=60", "hydra.run.dir=run", "overwrite=true") == 0
    assert not Path("run/report.html").exists()
    assert "removed report.html" in capsys.readouterr().err
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


def test_what_is_refused_leaves_the_folder_as_it_was(program: Program, ran: list[float]) -> None:
    """Also the settings that Hydra notes there, and the log."""

    def content() -> dict[str, bytes]:
        files = [path for path in Path("run").rglob("*") if path.is_file()]
        return {str(path): path.read_bytes() for path in files}

    program("sim.en=50", "hydra.run.dir=run")
    before = content()
    assert program("sim.en=60", "hydra.run.dir=run") == 2
    assert content() == before
    with owner_of(Path("run")):
        in_use = content()
        assert program("sim.en=60", "hydra.run.dir=run", "overwrite=true") == 2
        assert content() == in_use
    assert ran == [50.0]


def test_a_damaged_result_is_computed_again(
    program: Program, ran: list[float], capsys: pytest.CaptureFixture[str]
) -> None:
    program("sim.en=50", "hydra.run.dir=run")
    file = Path("run/results.nc")
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    assert program("sim.en=50", "hydra.run.dir=run") == 0
    assert swarmhydra.open_run("run")["en"] == 50.0
    assert ran == [50.0, 50.0]
    assert capsys.readouterr().err.count("computing it again") == 1


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


@pytest.mark.parametrize("name", ["job.yaml", ".job.lock", "checkpoint.npz", "swarmhydra.log"])
def test_a_folder_in_the_place_of_a_file_is_named_in_a_line(
    name: str, program: Program, ran: list[float], capsys: pytest.CaptureFixture[str]
) -> None:
    Path("run", name).mkdir(parents=True)
    assert program("sim.en=50", "hydra.run.dir=run") == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert name in line
    assert ran == []


@pytest.mark.parametrize("name", ["swarmhydra.log", ".hydra/config.yaml"])
def test_a_pipe_in_the_place_of_a_file_is_not_waited_for(
    name: str, program: Program, ran: list[float], capsys: pytest.CaptureFixture[str]
) -> None:
    Path("run/.hydra").mkdir(parents=True)
    os.mkfifo(Path("run", name))
    assert program("sim.en=50", "hydra.run.dir=run") == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert f"{name} is a pipe" in line
    assert ran == []


def test_a_folder_that_is_closed_while_a_run_begins_is_named_in_a_line(
    program: Program,
    ran: list[float],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Root may look into every folder; the system's answer to others is put in its place."""

    def closed(file: Path, *_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(file))

    monkeypatch.setattr(job, "earlier_result", closed)
    assert program("sim.en=50", "hydra.run.dir=run") == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "run/results.nc: Permission denied" in line
    assert program("-m", "sim.en=50", "hydra.sweep.dir=sweep") == 1
    told = capsys.readouterr().err
    assert "0 (sim.en=50): failed, [Errno 13] Permission denied" in told
    assert "Traceback" not in told
    assert ran == []


def test_a_folder_whose_name_is_too_long_is_named_in_a_line(
    program: Program, ran: list[float], capsys: pytest.CaptureFixture[str]
) -> None:
    name = "a" * 300
    assert program("sim.en=50", f"hydra.run.dir={name}") == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert f"cannot write to {name}: File name too long" in line
    assert program("-m", "sim.en=50,60", f"hydra.sweep.dir={name}") == 1
    first, *rest = capsys.readouterr().err.splitlines()
    assert f"cannot write to {name}: File name too long" in first
    assert "0 of 2 jobs finished" in rest[0]
    assert ran == []


@pytest.mark.parametrize("words", [["--nonsense"], ["--config-dir"], ["--info", "nothing"]])
def test_options_that_there_are_not_are_refused_in_a_line(
    words: list[str], program: Program, ran: list[float], capsys: pytest.CaptureFixture[str]
) -> None:
    assert program("sim.en=50", *words) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert words[0] in line
    assert ran == []


def test_options_may_stand_between_settings(program: Program, ran: list[float]) -> None:
    Path("own/gas").mkdir(parents=True)
    Path("own/gas/mine.yaml").write_text("defaults: [argon]\n")
    words = ("sim.en=50", "--config-dir", "own", "gas=mine", "hydra.run.dir=run")
    assert program(*words) == 0
    assert ran == [50.0]


def test_a_study_that_was_moved_is_the_same_study(
    program: Program, ran: list[float], capsys: pytest.CaptureFixture[str]
) -> None:
    """With its cross sections, of which the content counts and not the place."""
    Path("study").mkdir()
    Path("study/xs.txt").write_text(CROSS_SECTIONS, encoding="utf-8")

    def sweep(study: str, values: str) -> int:
        files = (f"gas.files=[{study}/xs.txt]", f"hydra.sweep.dir={study}/sweep")
        return program("-m", "gas=lxcat", *files, f"sim.en={values}", "resume=true")

    assert sweep("study", "50,60") == 0
    Path("study").rename("moved")
    assert sweep("moved", "70,60,50") == 0
    assert ran == [50.0, 60.0, 70.0]
    assert "3 of 3 jobs finished" in capsys.readouterr().out
    assert swarmhydra.open_sweep("moved/sweep", "en")["en"].values.tolist() == [50.0, 60.0, 70.0]


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
