"""Where the option files are, and which there are."""

from __future__ import annotations

from pathlib import Path

OPTION_GROUPS = ("gas", "sim", "method", "accel", "experiment")
"""The groups of options, in the order in which a user chooses."""


def config_dir() -> Path:
    """The absolute folder of the option files: the package's own, or that of the checkout."""
    package = Path(__file__).resolve().parents[1]
    installed = package / "conf"
    return installed if installed.is_dir() else package.parent / "conf"


def options() -> dict[str, list[str]]:
    """The names of the options of each group."""
    return {
        group: sorted(file.stem for file in (config_dir() / group).glob("*.yaml"))
        for group in OPTION_GROUPS
    }


def words_of(group: str, option: str) -> str:
    """The comment at the top of an option file, in one line."""
    text = (config_dir() / group / f"{option}.yaml").read_text(encoding="utf-8")
    words = []
    for line in text.splitlines():
        if not line.startswith("#"):
            break
        words.append(line.removeprefix("#").strip())
    return " ".join(word for word in words if not word.startswith("@"))
