"""Sets as JSON, of the new LXCat and of LoKI-B: read exactly, or named."""

import json
import re

import pytest

from swarmhydra.config import GasConfig
from swarmhydra.gas import files
from swarmhydra.gas.mixture import build
from swarmhydra.gas.processes import Kind
from swarmhydra.gas.tables import TableError, Transition

PAPER = {
    "author": ["A. Author", "B. Other"],
    "title": "On X",
    "journal": "Journal",
    "volume": 1,
    "pages": "2-3",
    "year": 2026,
    "doi": "10.1000/xyz",
}
STATES = {
    "e^-": {"particle": "e", "charge": -1, "id": "e^-"},
    "X{1}": {"particle": "N2", "charge": 0, "id": "X{1}"},
    "X{*}": {"particle": "N2", "charge": 0, "id": "X{*}"},
    "X{v=0}": {"particle": "N2", "charge": 0, "id": "X{v=0}"},
    "X{v=1}": {"particle": "N2", "charge": 0, "id": "X{v=1}"},
    "X^+": {"particle": "N2", "charge": 1, "id": "X^+"},
}
POINTS = [[0, 1e-20], [0.1, 2.5e-20], [10, 3e-20]]


def side(*states):
    return [{"count": states.count(state), "state": state} for state in dict.fromkeys(states)]


def process(tags, right, threshold=0, left=("e^-", "X{1}"), **others):
    """A process as the new LXCat states it."""
    reaction = {"lhs": side(*left), "rhs": side(*right), "reversible": False, "type_tags": tags}
    others = {"parameters": ["complete set"], **others}
    return {
        "reaction": {**reaction, **others.pop("reaction", {})},
        "threshold": threshold,
        "units": ["eV", "m^2"],
        "data": POINTS,
        "reference": ["paper"],
        **others,
    }


def set_of(*processes):
    """A file of the new LXCat."""
    sets = [{"contributor": "Some database", "complete": True, "processes": processes}]
    return json.dumps({"sets": sets, "states": STATES, "references": {"paper": PAPER}}, indent=1)


def as_loki(text):
    """The same file as LoKI-B has it."""
    content = json.loads(text)
    for each in content["sets"][0]["processes"]:
        each["reaction"]["typeTags"] = each["reaction"].pop("type_tags")
        data = {"labels": ["", ""], "units": each.pop("units"), "values": each.pop("data")}
        parameters = each.pop("parameters")
        ratio = next((p.removeprefix("m/M = ") for p in parameters if p.startswith("m/M")), None)
        each["info"] = [
            {
                "threshold": each.pop("threshold"),
                "references": each.pop("reference"),
                "data": data,
                "parameters": {} if ratio is None else {"massRatio": float(ratio)},
            }
        ]
    states = {name: {"serialized": {**state, "summary": name}} for name, state in STATES.items()}
    return json.dumps({**content["sets"][0], "states": states, "references": {"paper": PAPER}})


def parse(text):
    return files.parse(text.encode(), "some.json")


ELASTIC = process(["Effective"], ("e^-", "X{1}"), parameters=["m/M = 0.00002"])
WHOLE = set_of(
    ELASTIC,
    process(["Electronic"], ("e^-", "X{*}"), 5.5),
    process(["Ionization"], ("e^-", "e^-", "X^+"), 15),
    process(["Attachment"], ("X^-",)),
)


@pytest.mark.parametrize("text", [WHOLE, as_loki(WHOLE)])
def test_processes_of_both_kinds_of_files_are_read_exactly(text):
    read = parse(text)
    assert not read.left_out
    assert [table.kind for table in read.tables] == [
        Kind.EFFECTIVE,
        Kind.EXCITATION,
        Kind.IONIZATION,
        Kind.ATTACHMENT,
    ]
    assert read.species == ("N2",)
    assert [table.product for table in read.tables] == ["", "X{*}", "X^+", "X^-"]
    assert [table.threshold for table in read.tables] == [0.0, 5.5, 15.0, 0.0]
    assert read.tables[0].mass_ratio == 2e-5
    for table in read.tables:
        assert table.energy.tolist() == [0.0, 0.1, 10.0]
        assert table.cross_section.tolist() == [1e-20, 2.5e-20, 3e-20]
        assert (table.database, table.complete_set) == ("Some database", True)
    assert read.references == ("A. Author, B. Other, On X, Journal 1 2-3, (2026), doi:10.1000/xyz",)


def test_lines_are_those_of_the_reactions():
    read = parse(WHOLE)
    lines = WHOLE.splitlines()
    assert all('"reaction"' in lines[table.line - 1] for table in read.tables)


def test_a_way_back_and_levels_are_known():
    reaction = {"reversible": True}
    given = process(
        ["Vibrational"], ("e^-", "X{v=1}"), 0.29, ("e^-", "X{v=0}"), reaction=reaction,
        parameters=["g1/g0 = 3"],
    )  # fmt: skip
    (table,) = parse(set_of(given)).tables
    assert table.statistical_weight_ratio == 3.0
    assert table.transition == Transition("N2", "v=0", "v=1")
    given["parameters"] = []
    (table,) = parse(set_of(given)).tables
    assert table.statistical_weight_ratio == 1.0
    assert "1 is taken" in table.remarks[0].text


def test_three_body_attachment_is_known():
    given = process(["Attachment"], ("X^-", "X{1}"), 0, ("e^-", "X{1}", "X{1}"))
    given["units"] = ["eV", "m^5"]
    (table,) = parse(set_of({**given, "data": [[0, 1e-41]]})).tables
    assert (table.three_body.third_body, table.three_body.unit) == (table.target, 1.0)
    assert "three-body" in table.remarks[0].text


def test_a_mass_that_is_not_given_is_that_of_the_particle():
    (table,) = parse(set_of({**ELASTIC, "parameters": []})).tables
    assert table.mass_ratio == pytest.approx(1.958e-5, rel=1e-3)
    assert "no mass ratio is given" in table.remarks[0].text


@pytest.mark.parametrize(
    ("change", "reason", "needed"),
    [
        ({"units": ["eV", "barn"]}, "units eV, barn; expected eV and m", True),
        ({"data": [[0, -1.0]]}, "-1.0 is negative", True),
        ({"data": [[0, "NaN"]]}, "expected two numbers", True),
        ({"data": [[0, True]]}, "expected two numbers", True),
        ({"data": []}, "an empty table", True),
        ({"threshold": -3, "reaction": {**ELASTIC["reaction"], "type_tags": ["Ionization"]}},
         "IONIZATION with 1 electrons", True),
        ({"reaction": {**ELASTIC["reaction"], "lhs": side("X^+", "X{1}")}},
         "no electron takes part", False),
        ({"reaction": {"lhs": side("e^-", "X{1}")}}, "not understood .at 'rhs'.", True),
        ({"reaction": {**ELASTIC["reaction"], "type_tags": ["Novel"]}}, "tags novel", True),
        ({"reaction": {**ELASTIC["reaction"], "type_tags": None}}, "tags ;", True),
        ({"reaction": None}, "not understood", True),
        ({"parameters": {"massRatio": "abc"}}, "m/M 'abc'; expected a number", True),
        ({"parameters": ["m/M = 1/40"]}, "m/M '1/40'; expected a number", True),
    ],
)  # fmt: skip
def test_a_process_that_is_not_understood_is_named_and_the_rest_read(change, reason, needed):
    read = parse(set_of({**ELASTIC, **change}, ELASTIC))
    assert len(read.tables) == 1
    (block,) = read.left_out
    assert block.is_needed is needed
    assert re.search(reason, block.reason)


@pytest.mark.parametrize(
    ("threshold", "reason", "needed"),
    [
        (None, "no energy loss is given", False),
        ("Infinity", "threshold 'Infinity'; expected a number", True),
        ("5.5 eV", "threshold '5.5 eV'; expected a number", True),
        (True, "threshold 'True'; expected a number", True),
    ],
)
def test_an_energy_loss_is_a_number_or_the_process_is_left_out(threshold, reason, needed):
    given = process(["Electronic"], ("e^-", "X{*}"), 5.5)
    (block,) = parse(set_of(ELASTIC, {**given, "threshold": threshold})).left_out
    assert (block.reason, block.is_needed) == (reason, needed)


def test_attachment_needs_no_energy_loss():
    given = process(["Attachment"], ("X^-",))
    assert parse(set_of({**given, "threshold": None})).tables[0].threshold == 0.0


def test_what_is_no_process_leaves_the_others():
    for wrong in ([], "words", {"data": [[0, 1e-20]]}, 3):
        read = parse(set_of(ELASTIC, wrong))
        assert len(read.tables) == len(read.left_out) == 1


def test_an_elastic_process_that_is_not_understood_says_why_a_run_is_refused(tmp_path):
    path = tmp_path / "some.json"
    path.write_text(set_of({**ELASTIC, "units": ["eV", "barn"]}))
    with pytest.raises(ValueError, match="units eV, barn; expected eV and m") as refused:
        build(GasConfig(name="test", files=[str(path)]))
    assert "\n" not in str(refused.value)


def test_comments_tell_units_and_complete_sets():
    attachment = process(["Attachment"], ("X^-", "X{1}"), 0, ("e^-", "X{1}", "X{1}"))
    attachment |= {"data": [[0, 1e-41]], "comments": ["three-body,", "per density in cm-3"]}
    alternative = process(["Electronic"], ("e^-", "X{*}"), 5.5)
    alternative["comments"] = "not part of the complete set"
    first, second = parse(set_of(attachment, alternative)).tables
    assert (first.three_body.unit, first.complete_set) == (1e-6, True)
    assert second.complete_set is False


def test_a_conversion_to_square_metres_is_told():
    (table,) = parse(set_of({**ELASTIC, "units": ["eV", "cm^2"]})).tables
    assert table.cross_section.tolist() == [1e-20 * 1e-4, 2.5e-20 * 1e-4, 3e-20 * 1e-4]
    assert "converted to m2" in table.remarks[0].text


@pytest.mark.parametrize(
    "text",
    ["{", "[]", "{}", '{"sets": 1}', '{"processes": []}', "[1, 2]", "[" * 100_000, '{"a": 1e5x}'],
)
def test_json_without_a_set_is_refused_in_one_line(text):
    with pytest.raises(TableError, match=r"some\.json, line \d+: .*expected") as refused:
        parse(text)
    assert "\n" not in str(refused.value)
