"""Progress: a bar with means, errors and time left; log lines elsewhere; quiet among others."""

import io
import logging
import math

import numpy as np
import pytest

from swarmhydra.results.record import Estimate
from swarmhydra.run import progress
from swarmhydra.run.progress import Progress

ESTIMATES = {
    "mean_energy": Estimate(np.asarray(6.8139), np.asarray(0.0064)),
    "drift_velocity_flux": Estimate(np.asarray(77790.0), np.asarray(220.0)),
    "drift_velocity_bulk": Estimate(np.asarray(85000.0), np.asarray(220.0)),
}
HALF = Progress(0.5, 10**7, 2.5e7, 75.0, "measurement", ESTIMATES)
END = Progress(1.0, 2 * 10**7, 2.5e7, 0.0, "measurement", ESTIMATES)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Clock:
    """A clock that goes only when it is told to."""

    now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(progress, "time", made)
    return made


def width(monkeypatch: pytest.MonkeyPatch, columns: int) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))


def test_the_line_tells_means_with_errors_rate_and_time_left() -> None:
    assert progress.status(HALF) == (
        "50 %, 1:15 left, energy 6.8139 ± 0.0064 eV, drift (7.779 ± 0.022)e4 m/s, "
        "2.5e+07 trials/s, measurement"
    )


def test_before_the_measurement_there_is_a_value_without_an_error() -> None:
    unknown = {"mean_energy": Estimate(np.asarray(3.2), np.asarray(np.nan))}
    early = Progress(0.0, 100, 1e6, math.nan, "relaxation", unknown)
    text = progress.status(early)
    assert text == "0 %, unknown time left, energy 3.2 eV, 1e+06 trials/s, relaxation"


def test_a_terminal_gets_one_line_that_is_drawn_over(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    width(monkeypatch, 140)
    terminal = Terminal()
    report = progress.reporter(stream=terminal)
    report(HALF)
    clock.now += 0.1
    report(HALF)  # Too soon.
    clock.now += 0.2
    report(END)
    lines = terminal.getvalue().split("\r")
    assert [line.count("#") for line in lines] == [0, 12, 24]
    assert "± 0.022)e4 m/s" in lines[1]
    assert terminal.getvalue().count("\n") == 1
    assert terminal.getvalue().endswith("\n")


@pytest.mark.parametrize("columns", [40, 80, 100, 120, 200])
def test_the_line_never_wraps(columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    width(monkeypatch, columns)
    terminal = Terminal()
    progress.reporter(stream=terminal)(HALF)
    line = terminal.getvalue().removeprefix("\r").removesuffix("\x1b[K")
    assert len(line) < columns
    # However narrow: how far, and how long still.
    assert "50 %, 1:15 left" in line


def test_elsewhere_a_line_is_logged_every_ten_seconds(
    clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "swarmhydra")
    report = progress.reporter(stream=io.StringIO())
    for _ in range(100):
        clock.now += 0.5
        report(HALF)
    assert [record.levelno for record in caplog.records] == [logging.INFO] * 5
    assert "± 0.022)e4 m/s" in caplog.text


def test_jobs_side_by_side_are_quiet(clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "swarmhydra")
    terminal = Terminal()
    report = progress.reporter(live=False, stream=terminal)
    for _ in range(100):
        clock.now += 0.5
        report(HALF)
    assert terminal.getvalue() == ""
    # For the log file alone: the terminal gets INFO and above.
    assert [record.levelno for record in caplog.records] == [logging.DEBUG] * 5
