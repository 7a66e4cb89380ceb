"""A sweep loses nothing: broken jobs are named, finished ones kept, each found by its config."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import swarmhydra
from swarmhydra.config import Config
from swarmhydra.results.record import RunRecord
from swarmhydra.run import simulation
from swarmhydra.sweeps import launching

Sweep = Callable[..., int]


pytestmark = pytest.mark.usefixtures("process_of_its_own")


@pytest.fixture
def ran(ran: list[float], monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The fields of the jobs that ran, each of them at once; at 50 Td they fail."""
    succeed = simulation.run

    def fake(config: Config, *_: Any) -> RunRecord:
        record = succeed(config)
        if config.sim.en == 50.0:
            raise RuntimeError("no luck")
        return record

    monkeypatch.setattr(simulation, "run", fake)
    return ran


@pytest.fixture
def sweep(program: Callable[..., int]) -> Sweep:
    """Run a sweep in the folder `sweep`; its status."""
    return partial(program, "-m", "hydra.sweep.dir=sweep")


def fields_of(folder: str) -> float:
    """The field of the result in a folder."""
    return float(swarmhydra.open_run(Path("sweep") / folder)["en"])


def test_a_broken_job_stops_no_other_and_is_named(
    ran: list[float], sweep: Sweep, capsys: pytest.CaptureFixture[str]
) -> None:
    assert sweep("sim.en=10,50,100") == 1
    assert ran == [10.0, 50.0, 100.0]
    told = capsys.readouterr().err
    assert "2 of 3 jobs finished" in told
    assert "1 (sim.en=50): failed, RuntimeError: no luck" in told
    assert "sim.en=10,50,100 hydra.sweep.dir=" in told
    assert "resume=true" in told
    tree = swarmhydra.open_sweep("sweep")
    assert tree["en"].values.tolist() == [10.0, 100.0]
    assert tree["unfinished/overrides"].values.tolist() == ["sim.en=50"]
    assert "no luck" in str(tree["unfinished/reason"].values[0])


@pytest.mark.slow
def test_a_sweep_started_again_runs_what_is_missing(ran: list[float], sweep: Sweep) -> None:
    assert sweep("sim.en=10,50,100") == 1
    ran.clear()
    assert sweep("sim.en=10,50,100", "resume=true") == 1
    assert ran == [50.0]


def test_jobs_are_recognised_by_their_config(ran: list[float], sweep: Sweep) -> None:
    assert sweep("sim.en=10,100") == 0
    before = {path: path.read_bytes() for path in Path("sweep").rglob("*.nc")}
    ran.clear()
    assert sweep("sim.en=5,100,10", "resume=true") == 0
    assert ran == [5.0]
    assert all(path.read_bytes() == content for path, content in before.items())
    assert fields_of("0") == 10.0
    assert fields_of("1") == 100.0
    tree = swarmhydra.open_sweep("sweep", "en")
    assert tree["mean_energy"]["en"].values.tolist() == [5.0, 10.0, 100.0]


@pytest.mark.slow
def test_a_sweep_never_writes_over_the_work_of_another(ran: list[float], sweep: Sweep) -> None:
    assert sweep("sim.en=10") == 0
    assert sweep("sim.en=20") == 0
    assert fields_of("0") == 10.0
    assert swarmhydra.open_sweep("sweep")["en"].values.tolist() == [10.0, 20.0]


@pytest.mark.slow
def test_a_complete_sweep_says_so(
    ran: list[float], sweep: Sweep, capsys: pytest.CaptureFixture[str]
) -> None:
    assert sweep("sim.en=10") == 0
    assert "1 of 1 jobs finished" in capsys.readouterr().out


@pytest.mark.slow
def test_every_value_is_checked_before_the_first_job(
    ran: list[float], sweep: Sweep, capsys: pytest.CaptureFixture[str]
) -> None:
    assert sweep("sim.en=10,-1", "sim.seed=1,2") == 2
    assert ran == []
    assert "sim.en=-1" in capsys.readouterr().err


@pytest.mark.slow
def test_a_job_of_settings_that_do_not_go_together_is_a_broken_one(
    ran: list[float], sweep: Sweep, capsys: pytest.CaptureFixture[str]
) -> None:
    assert sweep("sim.blend_low=0,9", "sim.blend_high=10,5") == 1
    assert len(ran) == 3
    assert "3 of 4 jobs finished" in (told := capsys.readouterr().err)
    assert "failed, sim.blend_low=9: expected at most sim.blend_high=5" in told


def test_cores_are_shared_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the jobs that run side by side, or as many workers as the threads asked for allow."""
    from omegaconf import OmegaConf

    monkeypatch.setattr("joblib.cpu_count", lambda: 16)

    def shared(launcher: str, jobs: int, threads: int | None = None, **settings: Any) -> Any:
        monkeypatch.setenv(launching.THREADS, "")
        monkeypatch.delenv(launching.THREADS)
        config = OmegaConf.create(
            {"accel": {"threads": threads}, "hydra": {"launcher": settings or {"n_jobs": -1}}}
        )
        launching._share_cores(config, launcher, jobs)
        return config.hydra.launcher.get("n_jobs"), int(launching.os.environ[launching.THREADS])

    assert shared("JoblibLauncher", jobs=100) == (16, 1)
    assert shared("JoblibLauncher", jobs=3) == (3, 5)
    assert shared("JoblibLauncher", jobs=100, threads=4) == (4, 4)
    assert shared("JoblibLauncher", jobs=100, n_jobs=2) == (2, 8)
    assert shared("LocalLauncher", jobs=5, cpus_per_task=None) == (None, 3)
    assert shared("SlurmLauncher", jobs=50, cpus_per_task=8) == (None, 8)
    assert shared("SlurmLauncher", jobs=50, cpus_per_task=None) == (None, 1)
