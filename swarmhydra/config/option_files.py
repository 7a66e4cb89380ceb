"""Where the option files are."""

from pathlib import Path


def config_dir() -> Path:
    """The absolute folder of the option files: the package's own, or that of the checkout."""
    package = Path(__file__).resolve().parents[1]
    installed = package / "conf"
    return installed if installed.is_dir() else package.parent / "conf"
