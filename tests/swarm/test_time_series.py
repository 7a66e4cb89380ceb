"""The time series keeps the whole run, evenly thinned, in bounded memory."""

import numpy as np
import pytest

from swarmhydra.swarm.time_series import LONGEST, TimeSeries


def filled(rows: int, every: int = 1) -> TimeSeries:
    series = TimeSeries(every)
    for row in range(rows):
        series.append({"time": float(row), "mean_energy": 2.0 * row})
    return series


def test_a_short_run_is_kept_row_by_row() -> None:
    columns = filled(7).columns()
    assert columns["time"].tolist() == list(range(7))
    assert np.array_equal(columns["mean_energy"], 2.0 * columns["time"])


@pytest.mark.parametrize("every", [2, 3, 100])
def test_every_kth_row_is_kept_from_the_first_one_on(every: int) -> None:
    assert filled(50, every).columns()["time"].tolist() == list(range(0, 50, every))


@pytest.mark.parametrize("every", [1, 3])
@pytest.mark.parametrize("factor", [0.99, 1.0, 1.7, 2.0, 5.3])
def test_a_long_run_is_thinned_evenly_from_its_start_to_its_end(every: int, factor: float) -> None:
    rows = int(factor * LONGEST * every)
    time = filled(rows, every).columns()["time"]
    spacing = np.unique(np.diff(time))
    assert time[0] == 0.0
    assert spacing.size == 1
    assert time[-1] >= rows - spacing[0]
    # Never too many; and too few only by the factor of two that thinning takes.
    assert min(factor, 1.0) * LONGEST / 2 - 1 <= time.size < LONGEST


def test_a_run_without_windows_has_no_columns() -> None:
    assert TimeSeries(1).columns() == {}
