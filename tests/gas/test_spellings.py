"""Units, arrows, electrons and notes in all the ways in which people write them."""

import re

import numpy as np
import pytest

from swarmhydra.gas import files
from swarmhydra.gas.mixture import build
from swarmhydra.gas.processes import Kind
from swarmhydra.gas.tables import Table
from tests.gas.blocks import ELASTIC, IONIZATION, ROWS, parse


def table(head: str, rows: str = ROWS) -> Table:
    """The only process of some lines before a table."""
    read = parse(f"{head}\n{rows}")
    assert not read.left_out
    (only,) = read.tables
    return only


# --- units ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("columns", "unit"),
    [
        ("Energy [eV] | Cross section [cm2]", 1e-4),
        ("Energy, eV | Cross section, cm2", 1e-4),
        ("Energy/eV | Cross section/cm^2", 1e-4),
        ("ENERGY (EV) | CROSS SECTION (CM^2)", 1e-4),
        ("Energy (ev) | Cross section (M2)", 1.0),
        ("Energy (eV) | Cross section (1e-16 cm2)", 1e-20),
        ("Energy [eV] | Cross section [10^-20 m^2]", 1e-20),
        ("Energy (eV) | Cross section (10-21 m2)", 1e-21),
        ("Energy (eV) | Cross section in (m2)", 1.0),
        ("Energy | Cross section in cm2", 1e-4),
        ("Energy in eV, cross section", 1.0),
        ("Energy | Cross section", 1.0),
    ],
)
def test_the_unit_is_found_wherever_the_columns_line_names_it(columns, unit):
    number = f"{1e-21 / unit:.0e}"
    rows = ROWS.replace("2e-21", number)
    read = table(f"EXCITATION\nX -> X*\n 0.3\nCOLUMNS: {columns}", rows)
    assert read.cross_section.tolist() == [0.0, float(number) * unit]
    assert any("converted" in remark.text for remark in read.remarks) == (unit != 1.0)


@pytest.mark.parametrize(
    "columns",
    [
        "Energy (J) | Cross section (m2)",
        "Energy [meV] | Cross section [m2]",
        "Energy, eV | Cross section, a0^2",
        "Energy, eV | Cross section, cmp2",
        "Energy (eV) | Cross section [barn]",
        "Cross section [m2] | Energy [eV]",
    ],
)
def test_a_unit_that_is_not_understood_is_no_square_metre(columns):
    (block,) = parse(f"EXCITATION\nX -> X*\n 0.3\nCOLUMNS: {columns}\n{ROWS}").left_out
    assert block.is_needed
    assert f"COLUMNS: {columns}; expected Energy (eV)" in block.reason


@pytest.mark.parametrize("third", ["0.3eV", "0.3 eV", "0.3 EV  # so", "0.3"])
def test_an_energy_loss_may_have_its_unit(third):
    assert table(f"EXCITATION\nX -> X*\n {third}").threshold == 0.3


LEVELS = (
    "VIBRATIONAL\nSPECIES: e / X\nPROCESS: E + X <-> E + X(v=0-v=1), Vibrational\nPARAM.: {}\n"
    + ROWS
)


@pytest.mark.parametrize(
    "given",
    ["E = 0.3 eV, g1/g0 = 2", "E=0.3eV,g1/g0=2", "e = 0.3 (eV); G1/G0 = 2", "E = 0.3 g1/g0 = 2"],
)
def test_numbers_of_the_param_line_are_read_in_any_spelling(given):
    (read,) = parse(LEVELS.format(given)).tables
    assert (read.threshold, read.statistical_weight_ratio) == (0.3, 2.0)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("E = 300 meV, g1/g0 = 2", "E = 300 meV; expected a number .eV"),
        ("E = 300meV", "E = 300meV; expected"),
        ("E = 2400 cm-1", "E = 2400 cm-1; expected"),
        ("E = 5e-20 J, g1/g0 = 2", "E = 5e-20 J; expected"),
        ("E = 0.3 eV, g1/g0 = 5/1", "g1/g0 = 5/1; expected a number"),
    ],
)
def test_a_number_of_the_param_line_that_means_something_else_is_not_read(given, words):
    read = parse(LEVELS.format(given))
    assert not read.tables
    assert re.search(words, read.left_out[0].reason)
    assert read.left_out[0].is_needed


def test_a_param_line_in_another_unit_does_not_prevail_over_the_third_line():
    read = table("EXCITATION\nX -> X*\n 0.3\nPARAM.: E = 300 meV")
    assert read.threshold == 0.3
    assert "the PARAM. line says E = 300 meV; the third line is taken" in read.remarks[0].text


# --- reactions -----------------------------------------------------------------------------------


@pytest.mark.parametrize("arrow", ["->", "-->", "=>", "→", "⟶", " ⇒ "])
@pytest.mark.parametrize(
    ("left", "right"),
    [("X", "X*"), ("e + X", "e + X*"), ("X + e", "X* + e"), ("E+X", "E+X*"), ("X", "X*  # so")],
)
def test_a_target_and_its_product_are_known_by_any_arrow(arrow, left, right):
    read = table(f"EXCITATION\n{left} {arrow} {right}\n 0.3")
    assert (read.target, read.product, read.statistical_weight_ratio) == ("X", "X*", None)


@pytest.mark.parametrize("arrow", ["<->", "<=>", "↔", "⇌", "⇄"])
def test_any_double_arrow_is_a_way_back(arrow):
    read = table(f"EXCITATION\nX {arrow} X*\n 0.3 3")
    assert (read.target, read.product, read.statistical_weight_ratio) == ("X", "X*", 3.0)


@pytest.mark.parametrize("product", ["e + e + X+", "2e + X+", "X+ + e + e", "X+ + 2e"])
def test_electrons_are_no_products(product):
    assert table(f"IONIZATION\nX + e -> {product}\n 0.3").label == "X -> X+"


def test_a_comment_may_stand_behind_the_target():
    assert table("ELASTIC\nX   ! of mine\n 2e-5").target == "X"


@pytest.mark.parametrize("name", ["e", "E", "e-", "E^-", "electron", "Electrons", "e−"])
def test_the_electron_has_many_names(name):
    assert table(f"ELASTIC\nX\n 2e-5\nSPECIES: {name} / X").kind is Kind.ELASTIC


@pytest.mark.parametrize("target", ["X+ + X -> X+ + X", "X^+ + X -> X + X^+", "Y- + X"])
def test_an_ion_that_hits_the_target_is_left_out_by_name(gas, target):
    text = ELASTIC + IONIZATION + f"ELASTIC\n{target}\n 0.02\n{ROWS}"
    (block,) = parse(text).left_out
    ion = target.split()[0]
    assert (block.target, block.is_needed) == ("X", False)
    assert block.reason == f"the projectile is {ion}, not an electron"
    mixture = build(gas(text))
    assert [process.kind for process in mixture.processes] == [Kind.ELASTIC, Kind.IONIZATION]


def test_a_second_molecule_beside_the_target_is_not_passed_over():
    (block,) = parse(f"EXCITATION\nX + Y -> X* + Y\n 0.3\n{ROWS}").left_out
    assert block.is_needed
    assert "expected one target" in block.reason


# --- three bodies, repetitions, complete sets ----------------------------------------------------

SMALL = "-----\n 0\t0\n 0.1\t1e-41\n 0.2\t0\n-----\n"


@pytest.mark.parametrize(
    ("head", "third_body", "unit"),
    [
        ("X + X -> X^- + X\nCOMMENT: in m5", "X", 1.0),
        ("X + M -> X^- + M\nCOMMENT: in cm5", "", 1e-10),
        ("e + X + Y -> X^- + Y", "Y", None),
        ("X -> X^-\nCOMMENT: three-body, multiply by the gas density [cm^-3]", "", 1e-6),
        ("X -> X^-\nCOMMENT: ternary, m2 per density in 1/m3", "", 1.0),
        ("X -> X^-\nCOMMENT: termolecular; times molecules per cm3", "", 1e-6),
        ("X -> X^-\nCOLUMNS: Energy [eV] | Cross section [cm^5]", "", 1e-10),
    ],
)
def test_a_third_body_is_known_from_the_target_line_and_from_any_note(head, third_body, unit):
    read = table(f"ATTACHMENT\n{head}", SMALL)
    assert read.target == "X"
    assert (read.three_body.third_body, read.three_body.unit) == (third_body, unit)


@pytest.mark.parametrize(
    ("change", "count"), [({"X+": "X^+"}, 2), ({"2e-20": "2.0E-20"}, 2), ({"2e-20": "3e-20"}, 3)]
)
def test_the_same_block_in_another_spelling_counts_once(gas, change, count):
    again = IONIZATION
    for old, new in change.items():
        again = again.replace(old, new)
    assert len(build(gas(ELASTIC + IONIZATION + again)).processes) == count


@pytest.mark.parametrize(
    ("note", "is_part"),
    [
        ("not part of complete set", False),
        ("Not to be included in the complete set.", False),
        ("do not use; it should not be used in the complete set", False),
        ("this isn't part of the complete set", False),
        ("excluded from the complete set", False),
        ("outside the complete set", False),
        ("not scaled but part of the complete set", None),
        ("measured, not calculated; included in the complete set", None),
        ("this is not a complete set of data", None),
        ("part of the complete set", None),
    ],
)
def test_whether_a_process_is_part_of_the_complete_set(note, is_part):
    assert table(f"EXCITATION\nX -> X*\n 0.3\nCOMMENT: {note}").complete_set is is_part


# --- files that have another name, or another encoding, than they seem to ------------------------

CSV = (
    "kind,target,product,threshold_eV,mass_u,energy_eV,cross_section_m2\n"
    "elastic,X,,,40,0,1e-20\nelastic,X,,,40,100,3e-20\n"
)


@pytest.mark.parametrize("name", ["mine.csv", "mine.txt", "mine.dat"])
def test_a_table_is_known_by_the_names_of_its_columns(name):
    (read,) = files.parse(CSV.encode(), name).tables
    assert read.cross_section.tolist() == [1e-20, 3e-20]


def test_blocks_in_a_file_with_the_name_of_a_table_are_read():
    assert len(files.parse((ELASTIC + IONIZATION).encode(), "set.csv").tables) == 2


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_is_known_without_its_mark(encoding):
    read = files.parse(ELASTIC.encode(encoding), "some.txt")
    assert np.array_equal(read.tables[0].energy, [0.0, 100.0])
    assert "UTF-16" in read.remarks[0].text
