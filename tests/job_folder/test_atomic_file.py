"""Files are there whole or not at all, whoever else writes them."""

import errno
import os
from pathlib import Path

import pytest

from swarmhydra.job_folder.atomic_file import replace_file, replacement, write_text


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    file = tmp_path / "status"
    for text in (b"first", b"second, longer"):
        replace_file(file, lambda stream, text=text: stream.write(text))
        assert file.read_bytes() == text
    assert list(tmp_path.iterdir()) == [file]


def test_a_failure_leaves_the_older_file_and_nothing_else(tmp_path: Path) -> None:
    file = tmp_path / "status"
    file.write_text("older")

    def fail(_: object) -> None:
        raise OSError("no room")

    with pytest.raises(OSError, match="no room"):
        replace_file(file, fail)
    assert file.read_text() == "older"
    assert list(tmp_path.iterdir()) == [file]


def test_two_writers_of_one_file_do_not_disturb_each_other(tmp_path: Path) -> None:
    file = tmp_path / "results.nc"
    with replacement(file) as one:
        one.write_bytes(b"one")
        with replacement(file) as two:
            assert one != two
            two.write_bytes(b"two")
        assert file.read_bytes() == b"two"
    assert file.read_bytes() == b"one"
    assert list(tmp_path.iterdir()) == [file]


def test_a_link_is_replaced_and_not_followed(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_text("precious")
    file = tmp_path / "results.nc"
    file.symlink_to(precious)
    # Names that the temporary file could be guessed to have.
    for name in ("results.nc.part", ".results.nc.part"):
        (tmp_path / name).symlink_to(precious)
    replace_file(file, lambda stream: stream.write(b"new"))
    assert precious.read_text() == "precious"
    assert file.read_bytes() == b"new"
    assert not file.is_symlink()


def test_the_longest_name_that_a_file_may_have_can_be_written(tmp_path: Path) -> None:
    file = tmp_path / ("a" * 252 + ".nc")
    replace_file(file, lambda stream: stream.write(b"content"))
    assert file.read_bytes() == b"content"


def test_a_text_goes_whole_to_where_a_link_points(tmp_path: Path) -> None:
    (tmp_path / "tables").mkdir()
    link = tmp_path / "latest.csv"
    link.symlink_to("tables/7.csv")
    for text in ("first", "second"):
        write_text(link, text)
        assert (tmp_path / "tables" / "7.csv").read_text() == text
    assert link.is_symlink()
    assert len(list(tmp_path.rglob("*"))) == 3


def test_a_device_takes_a_text_and_stays_a_device(tmp_path: Path) -> None:
    write_text(Path(os.devnull), "text")
    assert not Path(os.devnull).is_file()


def test_a_text_that_cannot_be_written_leaves_the_older_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "table.csv"
    file.write_text("older")

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match=r"No space left on device: '.*table\.csv'"):
        write_text(file, "newer")
    assert file.read_text() == "older"
    assert list(tmp_path.iterdir()) == [file]
