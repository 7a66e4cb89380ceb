"""A result is replaced by that of another configuration only where that is asked for."""

import dataclasses
from pathlib import Path

import pytest

from swarmhydra.config import ConfigError
from swarmhydra.job_folder.status import CHECKPOINT, FINISHED, write_status
from swarmhydra.results import build_tree, save
from swarmhydra.results.earlier import Earlier, earlier_result
from tests.helpers.fake_record import fake_record


def finished(folder: Path, fingerprint: str, complete: int = 1) -> Path:
    """A folder with a result."""
    record = fake_record(bins=5, samples=3, sub_swarms=4)
    attributes = {**record.attributes, "fingerprint": fingerprint, "complete": complete}
    file = folder / "results.nc"
    save(build_tree(dataclasses.replace(record, attributes=attributes)), file)
    write_status(file, fingerprint, [], FINISHED, trajectory="swarm")
    return file


def test_an_empty_folder_is_free(tmp_path: Path) -> None:
    assert earlier_result(tmp_path / "results.nc", "a") is Earlier.NOTHING


def test_the_result_of_the_same_configuration_is_recognised(tmp_path: Path) -> None:
    file = finished(tmp_path, "a")
    assert earlier_result(file, "a") is Earlier.FINISHED
    assert earlier_result(file, "a", overwrite=True) is Earlier.NOTHING
    assert earlier_result(finished(tmp_path, "a", complete=0), "a") is Earlier.UNFINISHED


def test_the_result_of_another_configuration_is_replaced_only_on_request(tmp_path: Path) -> None:
    file = finished(tmp_path, "a")
    with pytest.raises(ConfigError, match=r"another configuration; expected .*overwrite=true"):
        earlier_result(file, "b")
    with pytest.raises(ConfigError, match="another configuration"):
        earlier_result(file, "b", "another swarm")
    assert earlier_result(file, "b", overwrite=True) is Earlier.NOTHING


def test_a_run_that_kept_its_checkpoint_goes_on_with_other_stop_rules(tmp_path: Path) -> None:
    file = finished(tmp_path, "a")
    (tmp_path / CHECKPOINT).touch()
    assert earlier_result(file, "b", "swarm") is Earlier.UNFINISHED


def test_a_damaged_result_is_computed_again_and_a_strange_one_left_alone(
    tmp_path: Path,
) -> None:
    file = finished(tmp_path, "a")
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    assert earlier_result(file, "a") is Earlier.DAMAGED
    with pytest.raises(ConfigError, match="no result that can be read"):
        earlier_result(file, "b")
    file.write_text("my notes")
    with pytest.raises(ConfigError, match="no result that can be read"):
        earlier_result(file, "b")
