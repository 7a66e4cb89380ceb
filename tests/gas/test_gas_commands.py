"""The commands ``list``, ``inspect`` and ``convert``, and the figure of a file."""

import re
from pathlib import Path

import numpy as np
import pytest

from swarmhydra.config import ConfigError
from swarmhydra.config.compose import composed
from swarmhydra.gas import files
from swarmhydra.gas.__main__ import main as command
from swarmhydra.gas.formulas import FORMULAS
from swarmhydra.run.checked import checked

ELASTIC = "ELASTIC\n{0}\n 2e-5\n-----\n 0\t1e-19\n 100\t5e-20\n-----\n\n"
EXCITATION = "EXCITATION\n{0} -> {0}*\n 8\n-----\n 8\t0\n 50\t3e-22\n 100\t0\n-----\n\n"
LATE = "IONIZATION\n{0} -> {0}+\n 12\n-----\n 15\t1e-20\n 100\t2e-20\n-----\n\n"
SET = ELASTIC + EXCITATION + LATE


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in an empty folder."""
    monkeypatch.chdir(tmp_path)


def test_list_names_every_gas_that_is_built_in_with_its_reference(capsys) -> None:
    assert command(["list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == list(FORMULAS)
    for line, formula in zip(lines, FORMULAS.values(), strict=True):
        assert line.endswith(formula.citation)


def test_a_gas_that_is_built_in_can_be_inspected(capsys) -> None:
    assert command(["inspect", "argon"]) == 0
    text = capsys.readouterr().out
    assert "argon: 3 processes" in text
    assert FORMULAS["argon"].citation in text
    assert [word in text for word in ("ELASTIC", "EXCITATION", "IONIZATION")] == [True] * 3


def test_convert_writes_what_reads_the_same(capsys) -> None:
    broken = EXCITATION.format("Y").replace("3e-22", "3e-22x")
    Path("X.txt").write_text(SET.format("X").replace("ELASTIC", "elastic") + broken)
    assert command(["convert", "X.txt", "--output", "clean.txt"]) == 0
    out, err = capsys.readouterr()
    assert out == ""
    assert "'elastic' is read as ELASTIC" in err
    assert "Y -> Y*: '50 3e-22x'; expected two numbers" in err
    clean = files.read("clean.txt")
    assert not clean.left_out
    for table, copy in zip(files.read("X.txt").tables, clean.tables, strict=True):
        assert (table.label, table.threshold) == (copy.label, copy.threshold)
        assert np.array_equal(table.energy, copy.energy)
        assert np.array_equal(table.cross_section, copy.cross_section)
        assert not copy.remarks


def test_convert_refuses_a_file_of_which_nothing_is_understood(capsys) -> None:
    Path("X.txt").write_text(EXCITATION.format("X").replace("3e-22", "3e-22x"))
    assert command(["convert", "X.txt"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("X.txt, line 6: '50 3e-22x'; expected two numbers")


def test_inspect_tells_all_that_is_left_out_and_ends_as_a_run_would(capsys) -> None:
    Path("X.txt").write_text(SET.format("X") + EXCITATION.format("Y").replace("3e-22", "3e-22x"))
    assert command(["inspect", "X.txt"]) == 0
    assert "left out: line 26: Y -> Y* (EXCITATION): '50 3e-22x'" in capsys.readouterr().out
    Path("X.txt").write_text(SET.format("X").replace("3e-22", "3e-22x"))
    assert command(["inspect", "X.txt"]) == 2
    assert "X is refused: X.txt, line 14: '50 3e-22x'" in capsys.readouterr().out
    assert command(["inspect", "X.txt", "gas.exclude=[X -> X*]"]) == 0


def test_inspect_takes_the_settings_of_a_run(capsys) -> None:
    text = f"DATABASE: Alpha\n\n{ELASTIC}DATABASE: Beta\n\n{ELASTIC.replace('5e-20', '6e-20')}"
    Path("X.txt").write_text(text.format("X"))
    assert command(["inspect", "X.txt"]) == 2
    assert "gas.database" in capsys.readouterr().out
    assert command(["inspect", "X.txt", "gas.database=Beta"]) == 0
    for wrong in ("gas.colour=blue", "sim.en=5"):
        assert command(["inspect", "X.txt", wrong]) == 2
        assert wrong in capsys.readouterr().err


@pytest.mark.parametrize(
    ("fractions", "words"),
    [
        ("[0.7809,0.2095]", "the sum is 0.9904, .*gas.normalise=true"),
        ("[1.0]", "expected one for each species"),
        ("[-1,2]", "gas.fractions.0.=-1"),
    ],
)
def test_inspect_refuses_settings_as_a_run_would(capsys, fractions, words) -> None:
    Path("X.txt").write_text(SET.format("X") + SET.format("Y"))
    given = ["gas.species=[X,Y]", f"gas.fractions={fractions}"]
    assert command(["inspect", "X.txt", *given]) == 2
    assert re.search(words, capsys.readouterr().out)
    with pytest.raises(ConfigError, match=words):
        checked(composed(["gas=lxcat", "gas.files=[X.txt]", *given]))
    assert command(["inspect", "X.txt", "gas.species=[X,Y]", "gas.fractions=[0.5,0.5]"]) == 0


def test_every_process_is_drawn_from_its_threshold_on() -> None:
    pytest.importorskip("matplotlib")
    from swarmhydra.gas.cross_section_plot import plot

    Path("X.txt").write_text(SET.format("X"))
    (axes,) = plot("X.txt").axes
    elastic, excitation, late = (line.get_xydata() for line in axes.get_lines())
    low, _ = axes.get_ylim()
    assert elastic[0][0] == axes.get_xlim()[0]
    assert excitation[0].tolist() == [8.0, low]
    # A table that starts late rises from its threshold.
    assert late[0].tolist() == [12.0, low]
    assert all(curve[:, 1].max() > 10.0 * low for curve in (elastic, excitation, late))


def test_three_body_tables_have_a_panel_of_their_own() -> None:
    pytest.importorskip("matplotlib")
    from swarmhydra.gas.cross_section_plot import plot

    attachment = "ATTACHMENT\nX -> X^-\n-----\n 0\t0\n 0.1\t1e-41\n-----\n"
    Path("X.txt").write_text(SET.format("X") + attachment)
    usual, three_body = plot("X.txt").axes
    assert usual.get_ylim()[0] > 1e-26
    assert "third body" in three_body.get_ylabel()
