"""What could not be written in the end is found at the beginning, with the reason."""

import errno
import os
from pathlib import Path

import pytest

from swarmhydra.job_folder import writable
from swarmhydra.job_folder.writable import check_writable


def test_a_folder_is_made_and_nothing_left_in_it(tmp_path: Path) -> None:
    file = tmp_path / "a" / "b" / "results.nc"
    check_writable(file)
    assert list(file.parent.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("a" * 253 + ".nc", errno.ENAMETOOLONG),
        ("bad\udcff/results.nc", errno.EILSEQ),
        ("file/results.nc", errno.ENOTDIR),
        ("folder", errno.EISDIR),
        ("/".join(["d" * 200] * 21) + "/results.nc", errno.ENAMETOOLONG),
    ],
)
def test_names_that_cannot_be_written_are_refused_with_the_reason(
    tmp_path: Path, name: str, reason: int
) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError) as refusal:  # noqa: PT011
        check_writable(tmp_path / name)
    # A file in the place of a folder is called by either name.
    assert refusal.value.errno in (reason, errno.EEXIST if reason == errno.ENOTDIR else reason)


def test_what_is_no_file_is_not_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "results.nc"
    os.mkfifo(pipe)
    for place in (pipe, Path(os.devnull)):
        with pytest.raises(OSError, match="a pipe or a device"):
            check_writable(place)


def test_a_full_disk_is_called_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(writable.os, "posix_fallocate", full, raising=False)
    with pytest.raises(OSError, match="No space left on device") as refusal:
        check_writable(tmp_path / "results.nc")
    assert refusal.value.filename == str(tmp_path)
