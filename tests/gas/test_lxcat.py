"""Files in the format of LXCat are read exactly, or refused at the line that is wrong."""

import random
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from swarmhydra.gas import lxcat, tables
from swarmhydra.gas.formulas import FORMULAS
from swarmhydra.gas.processes import Kind, Process, Traits
from swarmhydra.gas.tables import TableError
from tests.gas import lxcat_files
from tests.gas.lxcat_files import MUTATIONS, File

ARGON = """\
ELASTIC
Ar
 1.36e-5
-----
 0 1e-20
 10	2e-19
-----
"""


def parse(text):
    return lxcat.parse(text if isinstance(text, bytes) else text.encode(), "some.txt")


def assert_read_exactly(whole: File) -> None:
    """Every number and word of the file is in what was read from it."""
    read = parse(whole.data())
    assert len(read.tables) == len(whole.blocks)
    assert read.references == ("A database",)
    for table, (start, made) in zip(read.tables, whole.blocks, strict=True):
        momentum = made.keyword in ("ELASTIC", "EFFECTIVE")
        assert table.kind.value == made.keyword.replace("ROTATIONAL", "ROTATION")
        assert (table.target, table.product) == (made.target, made.product)
        assert table.mass_ratio == (made.first if momentum else None)
        assert table.threshold == (0.0 if momentum or made.first is None else made.first)
        assert table.statistical_weight_ratio == made.weights
        assert list(zip(table.energy, table.cross_section, strict=True)) == made.points
        assert table.line == start + 1
        assert table.database == "Some database"
        assert table.notes["UPDATED"] == "2012-04-13 18:33:48"


def assert_refused(mutation, whole: File, rng: random.Random) -> None:
    """The broken file is refused, at a line of it, with what was expected there."""
    data, line = mutation(rng, whole)
    with pytest.raises(TableError, match=r"some\.txt, line \d+: .*(expected|but)") as refused:
        parse(data)
    assert "\n" not in str(refused.value)
    count = len(data.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n"))
    assert 1 <= refused.value.line <= count
    assert line in (None, refused.value.line)


@settings(max_examples=80, deadline=None, derandomize=True)
@given(st.randoms(use_true_random=False))
def test_valid_files_are_read_to_the_last_digit(rng):
    assert_read_exactly(lxcat_files.file(rng))


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.__name__)
@settings(max_examples=15, deadline=None, derandomize=True)
@given(st.randoms(use_true_random=False))
def test_broken_files_are_refused_at_a_line(mutation, rng):
    assert_refused(mutation, lxcat_files.file(rng), rng)


@settings(max_examples=80, deadline=None, derandomize=True)
@given(st.binary(max_size=300))
def test_junk_is_refused(data):
    with pytest.raises(TableError):
        parse(data)


def fuzz(files: int, seed: int) -> None:
    """Break many files in all ways."""
    rng = random.Random(seed)
    for number in range(files):
        whole = lxcat_files.file(rng)
        if number % len(MUTATIONS) == 0:
            assert_read_exactly(whole)
        assert_refused(MUTATIONS[number % len(MUTATIONS)], whole, rng)


@pytest.mark.slow
def test_ten_thousand_broken_files_are_refused():
    fuzz(10_000, seed=1)


@settings(max_examples=80, deadline=None, derandomize=True)
@given(st.randoms(use_true_random=False))
def test_any_edit_gives_sound_numbers_or_an_error(rng):
    data = bytearray(lxcat_files.file(rng).data())
    for _ in range(rng.randint(1, 5)):
        place = rng.randrange(len(data))
        data[place : place + rng.randrange(4)] = bytes(rng.randrange(256) for _ in range(2))
    try:
        read = parse(bytes(data))
    except TableError:
        return
    for table in read.tables:
        assert (np.diff(table.energy) > 0.0).all()
        assert ((table.cross_section >= 0.0) & (table.cross_section < 1e-11)).all()


def test_a_file_with_no_end_is_not_read_to_its_end(monkeypatch):
    monkeypatch.setattr(tables, "LARGEST_FILE", 1000)
    lines = ARGON * 100
    with pytest.raises(TableError, match="expected less") as refused:
        parse(lines)
    assert refused.value.line == lines[:1000].count("\n") + 1


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("ELASTIC", "ELASTC", r"line 1: 'ELASTC' begins no process; expected one of ELASTIC"),
        ("Ar\n", "Ar -> \n", r"line 2: 'Ar ->'; expected the target of ELASTIC"),
        ("Ar\n", "Ar <-> Ar\n", r"line 2: .* expected '->'"),
        (" 1.36e-5", " 39.95", r"line 3: ' ?39\.95'; expected the mass ratio, above 0 and below 0"),
        (" 0 1e-20", " 0 1e-20 3", r"line 5: '0 1e-20 3'; expected two numbers"),
        (" 0 1e-20", " 10 1e-20", r"line 6: energy 10 eV after 10 eV; expected ascending"),
        (" 0 1e-20", " 0 -1e-20", r"line 5: -1e-20 is negative; expected numbers of at least 0"),
        (" 0 1e-20", " 1e-20 0.1", r"line 5: 1e-20 0\.1 .*are the columns swapped\?"),
    ],
)
def test_messages_say_what_was_expected(old, new, words):
    with pytest.raises(TableError, match=words):
        parse(ARGON.replace(old, new))


def test_databases_and_species_of_one_file_stay_apart():
    parts = [
        f"xxxxxxxxxxxxxxxxxxxxxxxx\nDATABASE: {name}\nxxxxxxxxxxxxxxxxxxxxxxxx\n\n{ARGON}\n"
        for name in ("First", "Second")
    ]
    read = parse("".join(parts) + ARGON.replace("Ar", "Kr"))
    assert [table.database for table in read.tables] == ["First", "Second", "Second"]
    assert read.species == ("Ar", "Kr")


def test_bolsig_files_may_say_what_a_number_is():
    assert parse(ARGON.replace("1.36e-5", "1.36e-5 / mass ratio")).tables[0].mass_ratio == 1.36e-5


def test_a_superelastic_process_may_be_given_by_itself():
    text = "EXCITATION\nAr* -> Ar\n -11.5\n-----\n0 1e-20\n9 1e-21\n-----\n"
    assert parse(text).tables[0].threshold == -11.5


@pytest.mark.parametrize("name", ["argon", "helium", "reid_ramp", "lucas_saelee"])
def test_published_sets_survive_being_written_and_read(name):
    parameters = {"F": 0.5, "a": 1e-3} if name == "lucas_saelee" else {}
    processes = FORMULAS[name].processes(1000.0, parameters)
    read = parse(lxcat.text_of(processes, "A. Author, Journal 1 (2026) 1"))
    assert read.references == ("A. Author, Journal 1 (2026) 1",)
    for process, table in zip(processes, read.tables, strict=True):
        assert table.kind is process.kind
        assert table.threshold == process.threshold
        assert table.mass_ratio in (None, process.mass_ratio)
        assert np.array_equal(table.energy, process.energy)
        assert np.array_equal(table.cross_section, process.cross_section)


def test_a_weight_ratio_is_written_with_a_double_arrow():
    traits = Traits(statistical_weight_ratio=3.0)
    levels = Process(
        Kind.EXCITATION, "X -> X(v1)", "X", 0.3, 1e-5, [0.3, 1.0], [0.0, 1e-20], traits
    )
    (table,) = parse(lxcat.text_of([levels])).tables
    assert (table.target, table.product) == ("X", "X(v1)")
    assert table.statistical_weight_ratio == 3.0


def test_a_large_file_is_read_in_two_seconds():
    rows = "".join(f" {0.1 * k:.6e}\t{1e-20 / (1 + k):.6e}\n" for k in range(1, 100))
    text = "".join(
        f"EXCITATION\nX -> X({n})\n 0.1\nCOMMENT: level\n-----\n{rows}-----\n\n"
        for n in range(2000)
    )
    assert len(text) > 5_000_000
    started = time.process_time()
    assert len(parse(text).tables) == 2000
    # Some 0.8 s; twice the promise, because a laden machine may be slow.
    assert time.process_time() - started < 4.0
