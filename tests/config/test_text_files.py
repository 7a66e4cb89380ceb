"""A path that names no file of text is refused, and not waited for."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from swarmhydra.config import ConfigError, SimConfig, WaveformConfig, text_files, waveform_points
from swarmhydra.fit.measurements import read_measurements
from swarmhydra.fit.settings import read_settings


def of_a_waveform(path: Path) -> object:
    return waveform_points(SimConfig(waveform=WaveformConfig(file=str(path))))


READERS: list[Callable[[Path], object]] = [
    of_a_waveform,
    read_measurements,
    lambda path: read_settings(path, []),
]


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize("kind", ["missing", "folder", "pipe", "device", "large", "latin"])
def test_what_is_no_text_is_refused_in_a_line(
    read: Callable[[Path], object], kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "named"
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "device":
        path.symlink_to("/dev/zero")
    elif kind == "large":
        monkeypatch.setattr(text_files, "LARGEST_FILE", 10)
        path.write_text("0, 0\n" * 10)
    elif kind == "latin":
        path.write_bytes(b"\xe9\xff")
    with pytest.raises(ConfigError, match="named") as refusal:
        read(path)
    assert "\n" not in str(refusal.value)


def test_a_fit_may_not_read_the_environment(tmp_path: Path) -> None:
    file = tmp_path / "fit.yaml"
    file.write_text("data: ${oc.env:HOME}\n")
    with pytest.raises(ConfigError, match=r"fit\.yaml: data=\$\{oc\.env:HOME\}"):
        read_settings(file, [])
