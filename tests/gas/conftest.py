"""Gases of texts that tests write."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from swarmhydra.config import GasConfig


@pytest.fixture
def gas(tmp_path: Path) -> Callable[..., GasConfig]:
    """A gas of some text, with settings."""

    def make(text: str, **settings: Any) -> GasConfig:
        path = tmp_path / "some.txt"
        path.write_text(text)
        return GasConfig(name="test", files=[str(path)], **settings)

    return make
