"""Plain tables are read exactly, or refused at the line that is wrong."""

import pytest
from scipy import constants

from swarmhydra.gas import files
from swarmhydra.gas.processes import Kind
from swarmhydra.gas.tables import TableError

TEXT = """\
# A. Author, Journal 1 (2026) 1
kind,target,product,threshold_eV,mass_u,energy_eV,cross_section_cm2
ELASTIC,X,,,40,0,1e-16

ELASTIC,X,,,40,100,3e-16
IONIZATION,X,"X+, ground",15,,15,0
IONIZATION,X,"X+, ground",15,,100,2.5e-16
"""


def parse(text):
    return files.parse(text.encode(), "mine.csv")


def test_rows_of_a_process_become_its_table():
    read = parse(TEXT)
    assert read.references == ("A. Author, Journal 1 (2026) 1",)
    elastic, ionization = read.tables
    assert (elastic.kind, elastic.target, elastic.line) == (Kind.ELASTIC, "X", 3)
    assert elastic.mass_ratio == constants.value("electron mass in u") / 40
    assert elastic.energy.tolist() == [0.0, 100.0]
    assert elastic.cross_section.tolist() == pytest.approx([1e-20, 3e-20], rel=1e-15)
    assert (ionization.product, ionization.threshold) == ("X+, ground", 15.0)


def test_a_weight_ratio_asks_for_the_reverse_process():
    text = "kind,target,product,threshold_eV,statistical_weight_ratio,energy_eV,cross_section_m2\n"
    (table,) = parse(text + "EXCITATION,X,X(v1),0.3,3,0.3,0\n").tables
    assert table.statistical_weight_ratio == 3.0


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("cross_section_cm2", "cross_section", r"line 2: columns .*expected .*cross_section_cm2"),
        ("energy_eV", "energy", r"line 2: columns .*expected kind, target, energy_eV"),
        (",mass_u", ",mass_u,mass_u", r"line 2: columns .*each once"),
        (
            "ELASTIC,X,,,40,0",
            "ELASTIK,X,,,40,0",
            r"line 3: kind 'ELASTIK'; expected one of ELASTIC",
        ),
        ("40,0,1e-16", "40,0,nan", r"line 3: '0 nan'; expected two numbers"),
        ("40,0,1e-16", "40,1e-16,1", r"line 3: .*are the columns swapped\?"),
        ("40,100,3e-16", "40,0,3e-16", r"line 5: energy 0 eV after 0 eV; expected ascending"),
        ("40,100,3e-16", "40,100", r"line 5: 6 cells; expected 7"),
        ("ELASTIC,X,,,40,0,", "ELASTIC,X,,,,0,", r"line 3: mass_u ''; expected a number"),
        ("ELASTIC,X,,,40,0,", "ELASTIC,X,,,0,0,", r"line 3: .*expected one above 0"),
        ('"X+, ground",15,,100', '"X+, ground,15,,100', r"line 7: .*expected cells between commas"),
        (TEXT, "", r"line 1: no row; expected a header and rows"),
    ],
)
def test_what_is_wrong_is_refused_at_its_line(old, new, words):
    assert old in TEXT
    with pytest.raises(TableError, match=words):
        parse(TEXT.replace(old, new))
