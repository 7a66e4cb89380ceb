"""Progress: a bar with means, errors and time left; log lines elsewhere; quiet among others."""

import io
import logging
import math
import os
import sys
import types

import numpy as np
import pytest

from swarmhydra.results.record import Estimate
from swarmhydra.run import progress
from swarmhydra.run.progress import PlaceInSweep, Progress

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


@pytest.mark.parametrize("columns", [60, 80, 100, 110, 120, 200])
def test_there_is_a_bar_at_any_width(columns: int) -> None:
    parts = ["50 %, 1:15 left", "energy 6.8139 ± 0.0064 eV", "drift 1 m/s", "2.5e+07 trials/s"]
    line = progress.bar_line([*parts, "measurement"], columns)
    assert len(line) <= columns
    assert line.startswith("[####")
    assert abs(line.count("#") - line.count(".", 0, line.index("]"))) <= 1
    # Whole parts, the first ones first.
    shown = line.partition("] ")[2]
    assert ", ".join([*parts, "measurement"]).startswith(shown)
    assert shown in {", ".join([*parts, "measurement"][:count]) for count in range(1, 6)}


def test_the_width_is_that_of_the_terminal_of_the_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    """Standard output, from which Python takes the width, may go to a file."""
    termios = pytest.importorskip("termios")
    monkeypatch.delenv("COLUMNS", raising=False)
    leader, follower = os.openpty()
    termios.tcsetwinsize(follower, (24, 33))
    with open(follower, "w", encoding="utf-8") as stream:
        progress.draw_line(stream, ["42 %, 10 s left", "energy 6.81 ± 0.01 eV"], False)
        drawn = os.read(leader, 1000).decode().removeprefix("\r").removesuffix("\x1b[K")
    os.close(leader)
    assert drawn.endswith("42 %, 10 s left")
    assert drawn.startswith("[####")
    assert len(drawn) == 32


def test_the_share_is_whole_only_at_the_end() -> None:
    assert progress.in_short(0.999, 1.0) == "99 %, 1 s left"
    assert progress.in_short(0.29, 1.0) == "29 %, 1 s left"
    assert progress.in_short(1.0, 0.0) == "100 %, 0 s left"


def test_a_job_of_a_sweep_shows_the_share_and_the_time_of_all(clock: Clock, monkeypatch) -> None:
    width(monkeypatch, 140)
    terminal = Terminal()
    # Two jobs took 100 s each; this one has run for 25 s and has 75 s to go; three more follow.
    report = progress.reporter(stream=terminal, place=PlaceInSweep(3, 6, 200.0))
    clock.now += 25.0
    report(HALF)
    line = terminal.getvalue()
    assert "job 3 of 6, 41 %, 6:15 left, energy" in line
    assert "[#########" in line


def test_before_a_job_knows_its_time_those_before_tell_it() -> None:
    early = Progress(0.0, 100, math.nan, math.nan, "relaxation")
    shown = PlaceInSweep(2, 4, 100.0).of_sweep(early, 10.0)
    assert shown.eta == pytest.approx(90.0 + 2 * 100.0)
    assert shown.fraction == pytest.approx(0.25)


def test_a_notebook_shows_one_line_that_is_drawn_over(monkeypatch: pytest.MonkeyPatch) -> None:
    lines: list[str] = []

    class Handle:
        def update(self, data: dict[str, str], raw: bool) -> None:
            lines[-1] = data["text/plain"]

    def display(data: dict[str, str], raw: bool, display_id: bool) -> Handle:
        lines.append(data["text/plain"])
        return Handle()

    kernel = types.SimpleNamespace(kernel=object())
    package = types.ModuleType("IPython")
    package.get_ipython = lambda: kernel  # type: ignore[attr-defined]
    shown = types.ModuleType("IPython.display")
    shown.display = display  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "IPython", package)
    monkeypatch.setitem(sys.modules, "IPython.display", shown)
    report = progress.reporter()
    report(HALF)
    assert "50 %, 1:15 left, energy 6.8139 ± 0.0064 eV" in lines[0]
    report(END)
    assert len(lines) == 1
    assert "100 %" in lines[0]


def test_elsewhere_a_line_is_logged_early_and_then_every_ten_seconds(
    clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "swarmhydra")
    report = progress.reporter(stream=io.StringIO())
    for seconds, lines in ((1.5, 0), (1.0, 1), (9.0, 1), (1.0, 2), (10.0, 3)):
        clock.now += seconds
        report(HALF)
        assert len(caplog.records) == lines
    assert all(record.levelno == logging.INFO for record in caplog.records)
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
