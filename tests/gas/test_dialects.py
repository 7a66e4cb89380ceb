"""Every dialect of the format of LXCat that was met, with tables of our own."""

import re

import pytest

from swarmhydra.gas import files
from swarmhydra.gas.mixture import build
from swarmhydra.gas.processes import Kind
from swarmhydra.gas.tables import TableFile, Transition, gathered
from swarmhydra.gas.usable_tables import strictly_ascending, usable
from tests.gas.blocks import ELASTIC, IONIZATION, ROWS, parse


def remarks(read: TableFile) -> list[str]:
    every = [*read.remarks, *(remark for table in read.tables for remark in table.remarks)]
    return list(gathered("some.txt", every))


def excitation(head: str) -> str:
    return f"{head.strip()}\n{ROWS}"


@pytest.mark.parametrize(
    "text",
    [
        "COMMENT\nX\nMeasured long ago.\n---------------\n\n" + ELASTIC + IONIZATION,
        "A note of mine\n--------------\n\n" + ELASTIC + "Another\n------\n" + IONIZATION,
        ELASTIC.replace("\n 100", "\n\n 100") + IONIZATION,
        ELASTIC.replace("ELASTIC\n", "ELASTIC\n\n").replace("X\n", "X\n\n") + IONIZATION,
        "1) Numbered terms of use: 2 of them.\nFinally\nTable '------'\n\n" + ELASTIC + IONIZATION,
        ELASTIC.replace("-----\n 0", "COLUMNS: Energy (eV) | Cross section (m^2)\n-----\n 0")
        + IONIZATION,
        ELASTIC.replace("1e-19", "1.0D-19") + IONIZATION.replace("\t", ", "),
        ELASTIC + IONIZATION + "\x1a",
        ELASTIC.replace("ELASTIC", "ELASTIC  ! of mine") + IONIZATION.replace("ZA", "SA"),
        ELASTIC + IONIZATION.replace("\t", ",").replace("e-20", "e-20,"),
    ],
)
def test_what_surrounds_and_separates_numbers_may_vary(text):
    read = parse(text)
    elastic, ionization = read.tables
    assert (elastic.kind, elastic.target, elastic.mass_ratio) == (Kind.ELASTIC, "X", 2e-5)
    assert elastic.energy.tolist() == [0.0, 100.0]
    assert elastic.cross_section.tolist() == [1e-19, 5e-20]
    assert (ionization.threshold, ionization.product) == (12.0, "X+")
    assert ionization.cross_section.tolist() == [0.0, 2e-20]
    assert not read.left_out
    assert not remarks(read)


@pytest.mark.parametrize(
    ("keyword", "kind"),
    [
        ("MOMENTUM", Kind.EFFECTIVE),
        ("elastic   # of mine", Kind.ELASTIC),
        ("Elastic", Kind.ELASTIC),
        ("effective", Kind.EFFECTIVE),
    ],
)
def test_other_words_for_a_kind_are_read_with_a_note(keyword, kind):
    read = parse(ELASTIC.replace("ELASTIC", keyword))
    assert read.tables[0].kind is kind
    (note,) = remarks(read)
    assert note.startswith(f"some.txt, line 1: {keyword}") or f"'{keyword}' is read as" in note


@pytest.mark.parametrize(
    ("head", "expected", "note"),
    [
        # Transitions between levels, as LXCat writes them.
        (
            "ROTATIONAL\nSPECIES: e / X\nPROCESS: E + X <-> E + X (J=0-J=2), Rotational\n"
            "PARAM.: E = 0.0015 eV, g1/g0 = 5, complete set",
            (Kind.ROTATION, "X", 0.0015, 5.0),
            "",
        ),
        (
            "ROTATION\nSPECIES: e / X-rot\nPROCESS: E + X-rot -> E + X (J=1-J=3), Rotational\n"
            "PARAM.: E = 0.0025 eV, g1/g0 = 2.5",
            (Kind.ROTATION, "X-rot", 0.0025, 2.5),
            "",
        ),
        (
            "VIBRATIONAL\nSPECIES: e / X\nPROCESS: E + X -> E + X(v=0-v=1), Vibrational\n"
            "PARAM.: E = 0.3 eV",
            (Kind.EXCITATION, "X", 0.3, None),
            "",
        ),
        (
            "EXCITATION\nX -> X*\nPARAM.: E = 0.3 eV",
            (Kind.EXCITATION, "X", 0.3, None),
            "line 1: no third line; E = 0.3 is that of PARAM.",
        ),
        ("DISSOCIATION\nX -> Y + Y\n 0.4", (Kind.EXCITATION, "X", 0.4, None), ""),
        # The way back.
        (
            "EXCITATION\nX <-> X(v1)\n 0.3",
            (Kind.EXCITATION, "X", 0.3, 1.0),
            "line 1: no ratio of statistical weights is given for <->; 1 is taken",
        ),
        (
            "EXCITATION\nX <-> X(v1)\n 0.3\nPARAM.: E = 0.3 eV, g1/g0 = 3",
            (Kind.EXCITATION, "X", 0.3, 3.0),
            "line 3: g1/g0 = 3 is that of PARAM.",
        ),
        (
            "EXCITATION\nX -> X(v1)\n 0.3 3",
            (Kind.EXCITATION, "X", 0.3, None),
            "line 3: the ratio of statistical weights 3 is not used: the arrow is not <->",
        ),
        # The notes are rounded, or wrong.
        (
            "EXCITATION\nX -> X*\n 0.314159\nPARAM.: E = 0.31 eV",
            (Kind.EXCITATION, "X", 0.314159, None),
            "",
        ),
        (
            "EXCITATION\nX -> X*\n 0.34\nPARAM.: E = 0.31 eV",
            (Kind.EXCITATION, "X", 0.34, None),
            "line 3: 0.34, but the PARAM. line says E = 0.31; the third line is taken",
        ),
        (
            "EXCITATION\nX -> X*\n 0.3\nSPECIES: e / X\nPROCESS: E + X -> E + X*, Rotational",
            (Kind.EXCITATION, "X", 0.3, None),
            "line 1: EXCITATION, but its PROCESS line says Rotational; the keyword is taken",
        ),
        (
            "EXCITATION\nX(a) -> X*\n 0.3\nSPECIES: e / X(a1)",
            (Kind.EXCITATION, "X(a)", 0.3, None),
            "line 1: the target is X(a), but its SPECIES line says X(a1)",
        ),
        # COMSOL.
        (
            "EXCITATION\ne+X=>e+Xs\n0.3 5 1\n1.0 1.0",
            (Kind.EXCITATION, "X", 0.3, None),
            "line 3: the numbers 5 1 of COMSOL are not used: no way back is made",
        ),
        ("IONIZATION\ne+X=>2e+X+\n0.4\n1.0 1.0", (Kind.IONIZATION, "X", 0.4, None), ""),
        ("ATTACHMENT\ne+X=>Y+Z-\n0\n1.0 1.0", (Kind.ATTACHMENT, "X", 0.0, None), ""),
    ],
)  # fmt: skip
def test_a_process_is_read_from_wherever_it_is_stated(head, expected, note):
    read = parse(excitation(head))
    (table,) = read.tables
    assert (table.kind, table.target, table.threshold, table.statistical_weight_ratio) == expected
    assert table.cross_section.tolist() == [0.0, 2e-21]
    assert remarks(read) == ([f"some.txt, {note}"] if note else [])


@pytest.mark.parametrize(
    ("product", "keyword", "levels"),
    [
        ("N2 (J=0-J=2)", "ROTATIONAL", ("N2", "J=0", "J=2")),
        ("H2O (J=101-J=110)", "ROTATION", ("H2O", "J=101", "J=110")),
        ("N2 (v=3 - v=4)", "EXCITATION", ("N2", "v=3", "v=4")),
        ("N2*(v=0-1)", "VIBRATIONAL", ("N2", "v=0", "v=1")),
        ("N2(A3,v0-4)", "EXCITATION", None),
        ("N2(v=0-4)", "EXCITATION", None),
        ("N2(rot)", "ROTATION", None),
    ],
)
def test_levels_are_known_where_two_are_named(product, keyword, levels):
    (table,) = parse(excitation(f"{keyword}\nN2 -> {product}\n 0.3")).tables
    assert table.transition == (Transition(*levels) if levels else None)


@pytest.mark.parametrize(
    "number", ["1e-400", "0e99999999", "0e-99999999", "1e99999999999999999999"]
)
def test_exponents_beyond_those_of_doubles_do_no_harm(number):
    read = parse(excitation(f"EXCITATION\nX -> X*\n 0.3\nPARAM.: E = {number} eV"))
    assert read.tables[0].threshold == 0.3
    assert not parse(excitation(f"EXCITATION\nX <-> X*\n {number}")).tables


def test_a_second_number_of_an_elastic_process_is_not_used():
    read = parse(ELASTIC.replace("2e-5", "2e-5 1.0"))
    assert read.tables[0].mass_ratio == 2e-5
    assert remarks(read) == ["some.txt, line 3: the last number, 1.0, is not used"]


def test_a_missing_mass_is_that_of_the_formula():
    read = parse(ELASTIC.replace("X\n 2e-5", "N2"))
    assert read.tables[0].mass_ratio == pytest.approx(1.958e-5, rel=1e-3)
    assert "no mass ratio is given; that of N2, 1.958e-05, is taken" in remarks(read)[0]
    assert parse(ELASTIC.replace(" 2e-5\n", "")).left_out[0].is_needed


@pytest.mark.parametrize(
    ("name", "unit"), [("cm2", 1e-4), ("cm^2", 1e-4), ("1e-20 m2", 1e-20), ("Å2", 1e-20)]
)
def test_the_unit_is_that_of_the_columns_line(name, unit):
    columns = f"COLUMNS: Energy (eV) | Cross section ({name})\n-----\n 0"
    read = parse(ELASTIC.replace("-----\n 0", columns))
    assert read.tables[0].cross_section.tolist() == [1e-19 * unit, 5e-20 * unit]
    assert "converted to m2" in remarks(read)[0]


def test_notes_may_be_in_small_letters_where_the_keyword_is():
    (table,) = parse(
        excitation(
            "excitation\nspecies: e / X\nprocess: E + X -> E + X*, Excitation"
            "\nparam.: E = 0.3 eV\ncolumns: Energy (eV) | x (m2)"
        )
    ).tables
    assert (table.target, table.product, table.threshold) == ("X", "X*", 0.3)


@pytest.mark.parametrize(
    ("encoding", "word"), [("utf-8-sig", ""), ("latin-1", "Latin-1"), ("utf-16", "UTF-16")]
)
def test_other_encodings_are_read_with_a_note(encoding, word):
    text = ("Source: J. Müller, Göttingen\n\n" + ELASTIC).encode(encoding)
    read = files.parse(text, "some.txt")
    assert read.tables[0].energy.tolist() == [0.0, 100.0]
    assert [word in note for note in remarks(read)] == ([True] if word else [])


# --- blocks that are left out --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "reason", "needed"),
    [
        (excitation("EXCITATION\nX -> X(0->1)\nCOMMENT: 0->1."), "no energy loss is given", False),
        (
            excitation("ISOTROPIC\nSPECIES: X^+ / X\nPROCESS: X+ + X -> , Isotropic"),
            r"the projectile is X\^\+, not an electron",
            False,
        ),
        (excitation("EXCITATION\nX -> X*\n 0,3"), "'0,3'; expected the energy loss", True),
        (excitation("EXCITATON\nX -> X*\n 0.3"), "'EXCITATON' begins no process", True),
        (excitation("IONIZATION\nX -> X+\n 0"), "'0'; expected the energy loss .*, above 0", True),
        (
            excitation("EXCITATION\nX -> X*\n 0.3\nPROCESS: E + X -> E + X+, Ionization"),
            "EXCITATION, but its PROCESS line says Ionization",
            True,
        ),
        (
            excitation("EXCITATION\ne+X=>e+Xs\n0.3\n1.0 2.0"),
            "'1.0 2.0'; expected the factors 1.0 1.0",
            True,
        ),
        (IONIZATION.replace(" 100", "-----\n 100"), "after the end of the table", True),
        (IONIZATION[:-8], "the file ends; expected more of the table", True),
        (IONIZATION + "EXCIT", "the file ends with 'EXCIT'", True),
    ],
)  # fmt: skip
def test_a_block_that_is_not_understood_is_named_and_the_rest_read(text, reason, needed):
    read = parse(ELASTIC + text)
    assert read.tables[0].cross_section.tolist() == [1e-19, 5e-20]
    (block,) = read.left_out
    assert block.is_needed is needed
    assert block.target in ("X", "")
    assert re.search(reason, block.reason)


def test_a_run_refuses_without_a_process_that_it_needs(gas):
    broken = excitation("EXCITATION\nX -> X*\n 0.3").replace("2e-21", "2e-21x")
    with pytest.raises(
        ValueError, match=r"line 14: '10 2e-21x'.*gas\.exclude=\['X -> X\*'\]"
    ) as no:
        build(gas(ELASTIC + broken))
    assert "\n" not in str(no.value)


def test_a_block_of_another_species_never_matters(gas):
    broken = excitation("EXCITATION\nY -> Y*\n 0.3").replace("2e-21", "2e-21x")
    mixture = build(gas(ELASTIC + broken + IONIZATION, species=["X"], fractions=[1.0]))
    assert [process.kind for process in mixture.processes] == [Kind.ELASTIC, Kind.IONIZATION]


def test_what_a_database_does_not_give_is_told_and_done_without(gas):
    mixture = build(gas(ELASTIC + excitation("EXCITATION\nX -> X(0->1)") + IONIZATION))
    assert len(mixture.processes) == 2
    assert any("X -> X(0->1) is left out: no energy loss" in text for text in mixture.warnings)


# --- meaning -------------------------------------------------------------------------------------


def test_the_same_block_twice_counts_once(gas):
    mixture = build(gas(ELASTIC + IONIZATION + IONIZATION))
    assert [process.kind for process in mixture.processes] == [Kind.ELASTIC, Kind.IONIZATION]
    (warning,) = mixture.warnings
    assert warning.endswith("line 17: X -> X+ is the process of line 9; it counts once")


def test_the_same_block_in_two_databases_does_not_count_once():
    text = "".join(f"DATABASE: {name}\n\n{IONIZATION}" for name in ("Alpha", "Beta"))
    read = parse(text)
    tables, warnings = usable([(read, table) for table in read.tables])
    assert len(tables) == 2
    assert warnings == []


def test_a_process_outside_of_the_complete_set_is_left_out_unless_asked_for(gas):
    note = "COMMENT: alternative to the above, not part of the complete set\n-----"
    text = ELASTIC + IONIZATION.replace("-----", note, 1)
    mixture = build(gas(text))
    assert [process.kind for process in mixture.processes] == [Kind.ELASTIC]
    assert "gas.outside_complete_set=true takes it" in mixture.warnings[0]
    read = files.read(gas(text).files[0])
    found = files.species_of([read], "X", None)
    taken = files.species(found, "X", None, 100.0, "hold", outside_complete_set=True)
    assert [process.kind for process in taken.processes] == [Kind.ELASTIC, Kind.IONIZATION]


ATTACHMENT = "ATTACHMENT\nX -> X^-\n{notes}-----\n 0\t0\n 0.1\t1e-41\n 0.2\t0\n-----\n"


@pytest.mark.parametrize(
    ("notes", "third_body", "unit"),
    [
        ("PROCESS: E + X + X -> X- + X, Attachment\nCOMMENT: in m5\n", "X", 1.0),
        ("PROCESS: E + X + M -> X- + M, Attachment\nCOMMENT: in cm5\n", "", 1e-10),
        ("PROCESS: E + X + Y -> X- + Y, Attachment\n", "Y", None),
        ("COMMENT: 3-body attachment, to be multiplied by gas density in\nCOMMENT: units of cm-3\n",
         "", 1e-6),
        ("COMMENT: three body, times the density in m-3\n", "", 1.0),
        ("COLUMNS: Energy (eV) | Cross section (m5)\n", "", 1.0),
        ("", "", None),
    ],
)  # fmt: skip
def test_three_body_attachment_is_known_with_its_unit(notes, third_body, unit):
    (table,) = parse(ATTACHMENT.format(notes=notes)).tables
    assert table.three_body is not None
    assert (table.three_body.third_body, table.three_body.unit) == (third_body, unit)
    assert table.cross_section.max() == 1e-41


@pytest.mark.parametrize("notes", ["", "COMMENT: 2-body attachment\n", "COMMENT: no three-body\n"])
def test_usual_attachment_is_not_three_body(notes):
    (table,) = parse(ATTACHMENT.format(notes=notes).replace("e-41", "e-22")).tables
    assert table.three_body is None


@pytest.mark.parametrize(
    ("rows", "energy", "sigma"),
    [
        ("8 0\n9 1e-21\n9 2e-21\n", [8.0, 8.999999999999998, 9.0], [0, 1e-21, 2e-21]),
        ("8 0\n9 1e-21\n9 1e-21\n20 0\n", [8.0, 9.0, 20.0], [0, 1e-21, 0]),
        ("0 1e-21\n0 2e-21\n9 1e-21\n", [0.0, 9.0], [2e-21, 1e-21]),
        ("8 0\n9 1e-21\n9 5e-21\n9 2e-21\n", [8.0, 8.999999999999998, 9.0], [0, 1e-21, 2e-21]),
    ],
)  # fmt: skip
def test_an_energy_that_stands_twice_is_a_step(rows, energy, sigma):
    (table,) = parse(f"EXCITATION\nX -> X*\n 8\n-----\n{rows}-----\n").tables
    assert table.energy.size == rows.count("\n")
    stepped = strictly_ascending(table)
    assert stepped.energy.tolist() == energy
    assert stepped.cross_section.tolist() == sigma


def test_square_centimetres_under_the_name_of_square_metres_are_told(gas):
    mixture = build(gas(ELASTIC + IONIZATION.replace("2e-20", "2e-16")))
    assert "2e-16 m2 is very large; the table is likely in cm2" in mixture.warnings[0]


@pytest.mark.parametrize(("value", "side"), [("2e-19", "above"), ("2e-25", "below")])
def test_a_value_that_sticks_out_is_named(gas, value, side):
    rows = f"8 0\n10 1e-21\n20 {value}\n50 2e-21\n100 1e-21\n"
    mixture = build(gas(f"{ELASTIC}EXCITATION\nX -> X*\n 8.0\n-----\n{rows}-----\n"))
    (slip,) = [text for text in mixture.warnings if "slip" in text]
    assert f"{value} m2 at 20 eV is more than 100 times {side} the values beside it" in slip
