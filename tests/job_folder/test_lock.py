"""A folder has one owner, and every job of a sweep a folder of its own."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from swarmhydra.job_folder.lock import LOCK_FILE, InUse, claimed, owner_of
from swarmhydra.job_folder.status import (
    CHECKPOINT,
    FINISHED,
    UNFINISHED,
    Job,
    jobs_in,
    status_of,
    write_status,
)

HOLDS = """
import sys
from pathlib import Path
from swarmhydra.job_folder.lock import owner_of
with owner_of(Path(sys.argv[1])):
    print("holds", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def other_process(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that owns `tmp_path / "run"`."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDS, str(tmp_path / "run")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "holds\n"
    yield process
    process.kill()
    process.communicate()


def job(folder: Path, fingerprint: str, trajectory: str = "") -> Job:
    """A job that is to run in a folder."""
    return Job(
        folder,
        folder.name,
        folder / "results.nc",
        UNFINISHED,
        overrides=(f"sim.en={fingerprint}",),
        fingerprint=fingerprint,
        trajectory=trajectory,
    )


def test_a_second_process_is_told_in_one_line_which_holds_the_folder(
    tmp_path: Path, other_process: subprocess.Popen[str]
) -> None:
    with pytest.raises(InUse) as refusal, owner_of(tmp_path / "run"):
        pass
    text = str(refusal.value)
    assert f"process {other_process.pid} on " in text
    assert "hydra.run.dir" in text
    assert "\n" not in text


def test_a_folder_is_free_again_when_its_owner_ends_or_is_killed(
    tmp_path: Path, other_process: subprocess.Popen[str]
) -> None:
    (tmp_path / "run" / ".abc.part").touch()
    other_process.kill()
    other_process.wait()
    with owner_of(tmp_path / "run"):
        assert not (tmp_path / "run" / ".abc.part").exists()
    with owner_of(tmp_path / "run"):
        pass
    assert [path.name for path in (tmp_path / "run").iterdir()] == [LOCK_FILE]


def test_a_job_takes_the_folder_of_its_number(tmp_path: Path) -> None:
    with claimed(job(tmp_path / "0", "a"), tmp_path, search=False) as folder:
        assert folder == tmp_path / "0"
        assert status_of(folder)["fingerprint"] == "a"
        assert status_of(folder)["status"] == UNFINISHED


def test_jobs_that_are_given_one_folder_get_one_each(tmp_path: Path) -> None:
    with ExitStack() as running:
        folders = [
            running.enter_context(claimed(job(tmp_path / "same", name), tmp_path, search=False))
            for name in "abcd"
        ]
    assert len(set(folders)) == 4
    assert [found.fingerprint for found in jobs_in(tmp_path)] == list("abcd")


def test_one_job_is_not_computed_twice_at_the_same_time(tmp_path: Path) -> None:
    started = time.monotonic()
    with (
        claimed(job(tmp_path / "0", "a"), tmp_path, search=False),
        pytest.raises(InUse),
        claimed(job(tmp_path / "0", "a"), tmp_path, search=False),
    ):
        pass
    assert time.monotonic() - started < 1.0


def test_the_work_of_another_job_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "0").mkdir()
    write_status(tmp_path / "0" / "results.nc", "b", [], FINISHED)
    with claimed(job(tmp_path / "0", "a"), tmp_path, search=False) as folder:
        assert folder == tmp_path / "0-a"
    assert status_of(tmp_path / "0")["fingerprint"] == "b"


def test_a_job_with_other_stop_rules_goes_on_from_its_checkpoint(tmp_path: Path) -> None:
    with claimed(job(tmp_path / "0", "short", "swarm"), tmp_path, search=False) as folder:
        (folder / CHECKPOINT).touch()
    with claimed(job(tmp_path / "0", "long", "swarm"), tmp_path, search=False) as folder:
        assert folder == tmp_path / "0"
        assert status_of(folder)["fingerprint"] == "long"
        (folder / CHECKPOINT).unlink()
    with claimed(job(tmp_path / "0", "third", "swarm"), tmp_path, search=False) as folder:
        assert folder == tmp_path / "0-third"


def test_a_job_is_found_where_it_was_also_after_a_move(tmp_path: Path) -> None:
    sweep = tmp_path / "sweep"
    for number, name in enumerate("abc"):
        with claimed(job(sweep / str(number), name), sweep, search=True):
            pass
    moved = sweep.rename(tmp_path / "moved")
    for name, number in (("c", 0), ("a", 1), ("b", 2)):
        with claimed(job(moved / str(number), name), moved, search=True) as folder:
            assert status_of(folder)["fingerprint"] == name
            assert folder.name == str("abc".index(name))
    with claimed(job(moved / "0", "new"), moved, search=True) as folder:
        assert folder == moved / "0-new"


def test_a_sweep_without_an_index_is_searched_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    searches = []
    monkeypatch.setattr(
        "swarmhydra.job_folder.index.jobs_in", lambda top: searches.append(top) or jobs_in(top)
    )
    for number in range(20):
        (tmp_path / str(number)).mkdir()
        write_status(tmp_path / str(number) / "results.nc", f"f{number}", [], FINISHED)
    for number in range(20):
        # Every job has another number than before.
        moved = job(tmp_path / str(19 - number), f"f{number}")
        with claimed(moved, tmp_path, search=True) as folder:
            assert folder == tmp_path / str(number)
    assert len(searches) == 1
