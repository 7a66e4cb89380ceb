"""Damage to a result file is loud."""

from pathlib import Path

import numpy as np
import pytest

import swarmhydra
from swarmhydra.results import build_tree, save
from swarmhydra.results.checksum import append_checksum, check_checksum
from tests.helpers.fake_record import fake_record


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The bytes of a result file."""
    file = tmp_path_factory.mktemp("result") / "results.nc"
    save(build_tree(fake_record(bins=5, samples=3, sub_swarms=4)), file)
    return file.read_bytes()


def test_every_change_of_a_byte_is_noticed(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "results.nc"
    random = np.random.default_rng(5)
    # The checksum itself is left whole: the file would then count as one without.
    for place in random.integers(0, len(content) - 60, 200):
        damaged = bytearray(content)
        damaged[place] ^= 1 << random.integers(8)
        file.write_bytes(damaged)
        with pytest.raises(ValueError, match="damaged, or changed"):
            check_checksum(file)
    with pytest.raises(ValueError, match="damaged, or changed"):
        swarmhydra.open_run(file)


def test_a_whole_file_is_read(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "results.nc"
    file.write_bytes(content)
    assert swarmhydra.open_run(file)["en"] == 100.0


def test_a_file_without_a_checksum_is_read(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"content")
    check_checksum(file)
    append_checksum(file)
    check_checksum(file)
    assert file.read_bytes().startswith(b"content\nswarmhydra checksum ")
