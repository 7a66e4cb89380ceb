"""The progress of jobs in other processes, from what they leave in their folders."""

import re
import time
from pathlib import Path

import pytest

from swarmhydra.job_folder.status import FAILED, FINISHED, UNFINISHED, write_status
from swarmhydra.sweeps import watching
from swarmhydra.sweeps.watching import Watcher


def job(folder: Path, status: str, logged: str = "") -> None:
    """A job as its process leaves it."""
    folder.mkdir(parents=True)
    write_status(folder / "results.nc", "f", [f"sim.en={folder.name}"], status)
    (folder / "swarmhydra.log").write_text(logged, encoding="utf-8")


def test_jobs_that_ended_and_what_running_ones_log_make_the_share(tmp_path: Path) -> None:
    job(tmp_path / "0", FINISHED)
    job(tmp_path / "1", FAILED)
    line = "[2026-01-01 00:00:00][swarmhydra.run.progress][DEBUG] {} %, 1:15 left, energy 3 eV\n"
    job(tmp_path / "2", UNFINISHED, line.format(10) + line.format(50))
    job(tmp_path / "3", UNFINISHED, "nothing yet")
    watcher = Watcher(tmp_path, 10)
    began = time.monotonic()
    # A quarter in 100 s: 300 s to go.
    assert watcher.text(began + 100.0) == "2 of 10 jobs ended, 25 %, 5:00 left"


def test_before_anything_is_known_there_is_no_time(tmp_path: Path) -> None:
    watcher = Watcher(tmp_path / "none yet", 4)
    assert watcher.text(time.monotonic()) == "0 of 4 jobs ended, 0 %, unknown time left"


def test_setting_the_clock_changes_no_time_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job(tmp_path / "0", FINISHED)
    watcher = Watcher(tmp_path, 2)
    monkeypatch.setattr(time, "time", lambda: 1e10)
    shown: list[str] = []
    monkeypatch.setattr(watching, "LOG_INTERVAL", 0.01)
    monkeypatch.setattr(watching.log, "info", lambda _, text: shown.append(text))
    watcher.start()
    while not shown:
        time.sleep(0.01)
    watcher.stop()
    assert re.fullmatch(r"1 of 2 jobs ended, 50 %, \d+ s left", shown[0])


def test_it_ends_when_it_is_told_to(tmp_path: Path) -> None:
    watcher = Watcher(tmp_path, 4)
    watcher.start()
    watcher.stop()
    assert not watcher.is_alive()
