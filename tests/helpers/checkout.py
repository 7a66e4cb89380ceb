"""The checkout, which is not there where an installed package is tested."""

from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[2]


def checkout() -> Path:
    """The top of the checkout; without one, the test, or the file of tests, is skipped."""
    if not (_ROOT / "conf").is_dir():
        pytest.skip("needs the checkout", allow_module_level=True)
    return _ROOT
