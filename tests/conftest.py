"""Fixtures of more than one test file."""

import logging
import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from hydra._internal.hydra import Hydra
from hydra.core.singleton import Singleton

from swarmhydra.app import main
from swarmhydra.config import Config, fingerprint, to_yaml
from swarmhydra.results.record import RunRecord
from swarmhydra.run import simulation
from tests.helpers.fake_record import fake_record


def pytest_configure() -> None:
    """Make the tests independent of how they were started, and let linear algebra take one core.

    The tests run on all cores already: threads that wait for a core on which another test runs
    would burn as much time as they work.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # A shell lets what it starts in the background ignore Ctrl-C, and nohup a closed terminal.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, signal.SIG_DFL)


# The longest files of the slow tests; then what compiles the kernels, and what needs none: with an
# empty cache one worker compiles them, while the other has something else to do.
_FIRST = (
    "test_documentation.py",
    "test_faults.py",
    "kernels/test_compiled_agreement.py",
    *("boltzmann", "config", "fit", "gas"),
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put first what keeps both of two workers at work, and at work of their own."""
    here = Path(__file__).parent

    def place(item: pytest.Item) -> int:
        parts = [n for n, part in enumerate(_FIRST) if item.path.is_relative_to(here / part)]
        return parts[0] if parts else len(_FIRST)

    items.sort(key=place)


@pytest.fixture
def process_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Work in an empty folder; take back what Hydra and the program set for the whole process."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("HYDRA_FULL_ERROR", raising=False)
    # Hydra composes all options first to see whether one of them sets `hydra.mode`: none does.
    monkeypatch.setattr(Hydra, "get_mode", lambda *_, **__: None)
    state = Singleton.get_state()
    handlers, level = logging.root.handlers[:], logging.root.level
    stops = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    of_signals = {number: signal.getsignal(number) for number in stops}
    with mock.patch.dict(os.environ):
        yield tmp_path
    for number, of_signal in of_signals.items():
        signal.signal(number, of_signal)
    Singleton.set_state(state)
    for handler in set(logging.root.handlers).difference(handlers):
        handler.close()
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)


@pytest.fixture
def program(process_of_its_own: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """Run the command line with some arguments; its status."""

    def run(*arguments: str) -> int:
        monkeypatch.setattr(sys, "argv", ["swarmhydra", *arguments])
        try:
            main()
        except SystemExit as ended:
            return int(ended.code or 0)
        return 0

    return run


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The fields of the runs that were computed, each of them at once."""
    fields: list[float] = []

    def fake(config: Config, *_: Any) -> RunRecord:
        fields.append(config.sim.en)
        record = fake_record(en=config.sim.en, bins=5, samples=3, sub_swarms=4)
        record.attributes["fingerprint"] = fingerprint(config)
        record.attributes["config"] = to_yaml(config)
        return record

    monkeypatch.setattr(simulation, "run", fake)
    return fields
