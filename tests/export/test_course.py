"""The course of a waveform or a period as a table."""

import csv
import io

import numpy as np
import pytest

from swarmhydra.export import ExportError, export
from swarmhydra.results.tree import build_tree
from tests.helpers.fake_record import fake_record


def rows(text: str) -> tuple[list[str], np.ndarray]:
    head, *values = csv.reader(io.StringIO(text))
    return head, np.array([[float(cell or "nan") for cell in row] for row in values])


def test_a_waveform_is_a_table_against_time() -> None:
    run = build_tree(fake_record())
    text, warnings = export(run, "course")
    head, values = rows(text)
    assert not warnings
    assert head[:4] == ["time (s)", "en (Td)", "mean_energy (eV)", "mean_energy_stderr (eV)"]
    group = run["waveform"]
    assert np.array_equal(values[:, 0], group["time"].values)
    assert np.array_equal(values[:, 2], group["mean_energy"].values)
    column = head.index("rate_coefficient_stderr Ar ionization (m3 s-1)")
    assert np.array_equal(values[:, column], group["rate_coefficient_stderr"].values[:, 2])
    assert not any("eedf" in title or "f_l" in title for title in head)


def test_a_period_is_a_table_against_phase() -> None:
    record = fake_record()
    record.waveform.clear()
    run = build_tree(record)
    head, values = rows(export(run, "course")[0])
    assert head[0] == "phase (radian)"
    assert np.array_equal(values[:, 0], run["phase/phase"].values)


def test_a_steady_run_has_no_course() -> None:
    record = fake_record()
    record.waveform.clear()
    record.phase.clear()
    with pytest.raises(ExportError, match="steady"):
        export(build_tree(record), "course")
