"""Fixtures of more than one test file."""

import logging
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from hydra.core.singleton import Singleton


@pytest.fixture
def process_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Work in an empty folder; take back what Hydra and the program set for the whole process."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("HYDRA_FULL_ERROR", raising=False)
    state = Singleton.get_state()
    handlers, level = logging.root.handlers[:], logging.root.level
    stops = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    of_signals = {number: signal.getsignal(number) for number in stops}
    yield tmp_path
    for number, of_signal in of_signals.items():
        signal.signal(number, of_signal)
    Singleton.set_state(state)
    for handler in set(logging.root.handlers).difference(handlers):
        handler.close()
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)
