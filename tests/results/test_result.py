"""What a result shows of itself: in a terminal, in a notebook, at the end of a sweep."""

import copy
import dataclasses
import pickle
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from swarmhydra.results.files import open_run, save
from swarmhydra.results.result import Result
from swarmhydra.results.summary import summary
from swarmhydra.results.sweep_table import sweep_table
from swarmhydra.results.tree import build_tree
from tests.helpers.fake_record import fake_record
from tests.helpers.fake_sweep import fake_sweep, mixed, saved_sweep


@pytest.fixture(scope="module")
def run() -> xr.DataTree:
    return build_tree(fake_record())


@pytest.fixture(scope="module")
def sweep(tmp_path_factory: pytest.TempPathFactory) -> xr.DataTree:
    made = [mixed(en, share) for share in (0.1, 0.5) for en in (10.0, 100.0)]
    doubtful = {**made[1].attributes, "warnings": "one\ntwo"}
    made[1] = dataclasses.replace(made[1], attributes=doubtful)
    return saved_sweep(tmp_path_factory.mktemp("sweep"), made)


def test_a_run_shows_its_coefficients(run: xr.DataTree, tmp_path: Path) -> None:
    save(run, tmp_path / "results.nc")
    for shown in (repr(run), repr(open_run(tmp_path)), run._repr_html_()):
        assert "argon, 100 Td, 300 K" in shown
        assert "mean energy" in shown
    assert "All variables and attributes" in run._repr_html_()
    assert "<b>" not in build_tree(fake_record(gas="<b>"))._repr_html_()


def test_a_terminal_is_given_no_control_characters() -> None:
    """Of names from somebody else's file."""
    names = ("\x1b]0;title\x07\x1b[2J", "\u202egnola", "N₂ → N₂⁺ ü 日本", "\x9b1m")
    run = build_tree(fake_record(gas="\x1b[31mred", processes=names))
    text = summary(run)
    assert all(line.isprintable() for line in text.replace("\xa0", " ").splitlines())
    assert "\\x1b[31mred" in text
    assert names[2] in text


def test_a_sweep_shows_a_row_for_each_job(sweep: xr.DataTree) -> None:
    head, titles, *rows = sweep_table(sweep).splitlines()
    assert head.startswith("4 jobs, Ar + N2, 300 K")
    assert titles.split()[:4] == ["job", "mixture", "en", "(Td)"]
    assert len(rows) == 4
    assert rows[1].startswith("1")
    assert "90 % Ar + 10 % N2" in rows[1]
    assert rows[1].endswith("2 warnings")
    assert not any(row.endswith("warnings") for row in rows[2:])
    assert sweep_table(sweep) in repr(sweep)
    assert head in sweep._repr_html_()


def test_of_many_jobs_the_first_and_the_last_are_shown() -> None:
    rows = sweep_table(fake_sweep([float(en) for en in range(1, 65)])).splitlines()[2:]
    assert len(rows) == 61
    assert rows[30].strip() == "… 4 more"
    assert rows[-1].startswith("63")


def test_groups_parts_and_what_is_computed_are_shown_by_xarray(
    run: xr.DataTree, sweep: xr.DataTree
) -> None:
    for other in (run["eedf"], sweep.isel(job=[0]).isel(job=0)["eedf"], Result()):
        assert repr(other).startswith("<xarray.DataTree")
        assert "xr-" in other._repr_html_()
    # Whatever a user takes away, a result can be shown.
    less = run.copy()
    del less["mean_energy_stderr"]
    assert repr(less)


def test_a_result_is_a_tree_like_any_other(run: xr.DataTree) -> None:
    for other in (pickle.loads(pickle.dumps(run)), copy.deepcopy(run), run.copy()):
        assert other.identical(run)
    assert xr.DataTree.from_dict(run.to_dict()).identical(run)


def test_processes_without_a_collision_take_one_line() -> None:
    names = ("He elastic", *(f"He({n}P)" for n in range(2, 8)), "He ionization")
    run = build_tree(fake_record(gas="helium", processes=names))
    for suffix, value in (("", 0.0), ("_stderr", np.nan)):
        run[f"rate_coefficient{suffix}"][1:] = value
    lines = [line for line in summary(run).splitlines() if line.startswith("rate of")]
    assert len(lines) == 2
    assert lines[1].startswith("rate of each of 7 others")
    assert lines[1].endswith("no collision")


def test_a_gas_from_files_is_named_by_its_component() -> None:
    run = build_tree(fake_record(gas="lxcat", components={"N2": 1.0}))
    assert summary(run).startswith("N2, 100 Td")


def test_a_mixture_is_named_with_its_shares(sweep: xr.DataTree) -> None:
    run = build_tree(mixed(50.0, 0.05))
    assert summary(run).startswith("95 % Ar + 5 % N2, 50 Td")
    assert dict(zip(run["component"].values, run["fraction"].values, strict=True)) == {
        "Ar": 0.95,
        "N2": 0.05,
    }
