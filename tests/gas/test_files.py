"""Tables of files become the processes of a species: checked, complete, continued."""

import numpy as np
import pytest

from swarmhydra.config import ComponentConfig, GasConfig
from swarmhydra.config.downloads import DOWNLOADS
from swarmhydra.gas import files
from swarmhydra.gas.effective import elastic_from
from swarmhydra.gas.extrapolation import extended
from swarmhydra.gas.level_populations import Temperatures
from swarmhydra.gas.masses import mass_of
from swarmhydra.gas.mixture import build
from swarmhydra.gas.processes import Kind, Process, cross_section_at
from swarmhydra.gas.superelastic import with_partners
from swarmhydra.gas.tables import TableError


def block(kind, target, first, points, notes=""):
    rows = "".join(f"{energy!r}\t{sigma!r}\n" for energy, sigma in points)
    third = "" if first is None else f" {first}\n"
    return f"{kind}\n{target}\n{third}{notes}-----\n{rows}-----\n\n"


FLAT = [(0.0, 1e-19), (100.0, 1e-19)]
RATIO = 1.95e-5


def species(tmp_path, text, name="N2", policy="hold", database=None):
    path = tmp_path / "some.txt"
    path.write_text(text)
    found = files.species_of([files.read(path)], name, database)
    return files.species(found, name, None, 1000.0, policy)


def test_a_complete_set_becomes_processes_that_know_where_they_are_from(tmp_path):
    text = "DATABASE: Some database\n\n" + block("ELASTIC", "N2", RATIO, FLAT)
    notes = "UPDATED: 2012-04-13 18:33:48\n"
    text += block("EXCITATION", "N2 -> N2(v1)", 0.29, [(0.29, 0.0), (2.0, 1e-20)], notes)
    found = species(tmp_path, text)
    elastic, excitation = found.processes
    assert (elastic.name, excitation.name) == ("N2 elastic", "N2 -> N2(v1)")
    assert elastic.mass_ratio == excitation.mass_ratio == RATIO
    assert excitation.provenance == "Some database, updated 2012-04-13, some.txt:11"
    assert found.warnings == ()
    assert "some.txt, sha256 " in found.citation


@pytest.mark.parametrize("second", ["ELASTIC", "EFFECTIVE"])
def test_two_elastic_cross_sections_of_one_species_are_refused(tmp_path, second):
    text = block("ELASTIC", "N2", RATIO, FLAT) + block(second, "N2", RATIO, FLAT[:1])
    with pytest.raises(TableError, match=f"line 9: a second {second} for N2, .* in line 1;"):
        species(tmp_path, text)


def test_a_database_can_be_chosen(tmp_path):
    one = "DATABASE: One\n\n" + block("ELASTIC", "N2", RATIO, FLAT)
    other = "DATABASE: Other\n\n" + block("ELASTIC", "N2", 2e-5, FLAT)
    assert species(tmp_path, one + other, database="Other").processes[0].mass_ratio == 2e-5
    with pytest.raises(ValueError, match="database Third; expected one of: One, Other"):
        species(tmp_path, one + other, database="Third")


def test_a_species_without_elastic_collisions_is_refused(tmp_path):
    text = block("EXCITATION", "N2 -> N2*", 1.0, [(1.0, 0.0), (2.0, 1e-20)])
    with pytest.raises(TableError, match="line 1: N2 has no ELASTIC or EFFECTIVE"):
        species(tmp_path, text)


def test_an_unknown_species_is_answered_with_those_of_the_file(tmp_path):
    with pytest.raises(ValueError, match=r"n2 is not in .*some\.txt, did you mean N2"):
        species(tmp_path, block("ELASTIC", "N2", RATIO, FLAT), name="n2")


def test_square_centimetres_are_recognised(tmp_path):
    with pytest.raises(TableError, match=r"line 1: .*1e-15 m2; expected .*is it in cm2"):
        species(tmp_path, block("ELASTIC", "N2", RATIO, [(0.0, 1e-15), (100.0, 1e-15)]))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (block("ELASTIC", "N2", 1.36e-5, FLAT), "mass ratio 1.36e-05 is not that of N2, 1.958e-05"),
        (block("ELASTIC", "N2", RATIO, [(0.5, 1e-19), (9.0, 1e-19)]), "starts at 0.5 eV"),
        (block("ELASTIC", "N2", RATIO, [(0.0, 1e-26), (9.0, 1e-26)]), "very small"),
        (
            block("ELASTIC", "N2", RATIO, FLAT)
            + block("EXCITATION", "N2 -> N2*", 5.0, [(3.0, 0.0), (4.0, 1e-21), (9.0, 2e-21)]),
            "line 9: N2 -> N2*: 1 values below the threshold of 5 eV are set to zero",
        ),
    ],
)
def test_what_is_odd_is_told(tmp_path, text, words):
    found = species(tmp_path, text)
    assert len(found.warnings) == 1
    assert words in found.warnings[0]
    for process in found.processes:
        assert (process.cross_section[process.energy < process.threshold] == 0.0).all()


def test_a_table_below_its_threshold_is_refused_with_its_line(tmp_path):
    text = block("ELASTIC", "N2", RATIO, FLAT)
    text += block("EXCITATION", "N2 -> N2*", 5.0, [(3.0, 0.0), (4.0, 1e-21)])
    with pytest.raises(TableError, match=r"line 9: .*must reach above the threshold of 5\.0 eV"):
        species(tmp_path, text)


@pytest.mark.parametrize(
    ("name", "mass"),
    [
        ("N2", 28.014),
        ("SF6", 146.06),
        ("C2H6", 30.07),
        ("Ar*", 39.95),
        ("N2(v1)", 28.014),
        ("D2", 4.028),
        ("CO2", 44.009),
        ("electron", None),
        ("Xy2", None),
    ],
)
def test_mass_of_a_formula(name, mass):
    assert mass_of(name) == (mass if mass is None else pytest.approx(mass, rel=1e-4))


def test_species_to_download_have_chemical_formulas():
    assert all(mass_of(each.species) for each in DOWNLOADS.values())


# --- effective to elastic ----------------------------------------------------------------------


def process(kind, threshold, energy, sigma):
    return Process(kind, f"X {kind.lower()}", "X", threshold, 1e-5, energy, sigma)


def test_elastic_and_inelastic_add_up_to_the_effective_cross_section_everywhere():
    effective = process(Kind.EFFECTIVE, 0.0, [0.0, 1.0, 7.0, 100.0], [1e-19, 3e-19, 2e-19, 5e-20])
    step = np.nextafter(5.0, 0.0)
    others = [
        process(Kind.EXCITATION, 5.0, [step, 5.0, 20.0], [0.0, 1e-20, 3e-20]),
        process(Kind.IONIZATION, 15.0, [15.0, 90.0, 1000.0], [0.0, 2e-20, 1e-20]),
        process(Kind.ATTACHMENT, 0.0, [0.1, 2.0], [1e-20, 0.0]),
    ]
    elastic, warning = elastic_from(effective, others)
    assert warning == ""
    assert elastic.kind is Kind.ELASTIC
    energy = np.concatenate([np.geomspace(1e-3, 2000.0, 5000), [step, 5.0, 15.0]])
    total = sum(cross_section_at(each, energy) for each in (elastic, *others))
    assert np.allclose(total, cross_section_at(effective, energy), rtol=1e-12, atol=0.0)


def test_clipping_is_exact_and_says_where():
    effective = process(Kind.EFFECTIVE, 0.0, [0.0, 10.0], [1e-20, 1e-20])
    # Above 1e-20 m2 between 3.5 and 6.5 eV.
    peak = process(Kind.EXCITATION, 2.0, [2.0, 5.0, 8.0], [0.0, 2e-20, 0.0])
    elastic, warning = elastic_from(effective, [peak])
    assert cross_section_at(elastic, [3.5, 4.0, 5.0, 6.5]) == pytest.approx(0.0, abs=1e-35)
    assert cross_section_at(elastic, [3.0, 7.0]) == pytest.approx(1e-20 / 3.0)
    assert "at 5 to 5 eV (by 1e-20 m2 at 5 eV)" in warning


def test_a_set_with_an_effective_cross_section_is_converted(tmp_path):
    text = block("EFFECTIVE", "N2", RATIO, FLAT)
    text += block("EXCITATION", "N2 -> N2*", 5.0, [(5.0, 0.0), (10.0, 2e-19)])
    found = species(tmp_path, text)
    assert [each.kind for each in found.processes] == [Kind.ELASTIC, Kind.EXCITATION]
    assert found.processes[0].name == "N2 elastic"
    assert cross_section_at(found.processes[0], 6.0) == pytest.approx(6e-20)
    assert "line 1: the effective cross section of N2 is smaller" in found.warnings[0]


# --- beyond the tables -------------------------------------------------------------------------


def test_a_power_law_is_continued_within_a_part_in_ten_thousand():
    energy = np.array([1.0, 50.0, 60.0])
    table = process(Kind.ELASTIC, 0.0, energy, 1e-19 * energy**-0.8)
    longer = extended(table, 1000.0, "log_slope")
    wanted = np.geomspace(60.0, 1000.0, 2000)
    assert np.allclose(cross_section_at(longer, wanted), 1e-19 * wanted**-0.8, rtol=1e-4, atol=0.0)
    assert longer.energy[-1] == 1000.0
    assert extended(table, 1000.0, "hold") is table


@pytest.mark.parametrize("last", [0.0, 2e-20])
def test_nothing_is_made_of_a_table_that_ends_at_zero_or_rising(last):
    table = process(Kind.EXCITATION, 1.0, [1.0, 5.0, 9.0], [0.0, 1e-20, last])
    longer = extended(table, 1000.0, "log_slope")
    assert cross_section_at(longer, [9.0, 100.0, 1000.0]) == pytest.approx(last, rel=1e-12)


def test_only_tables_that_do_not_end_at_zero_end_early():
    ended = process(Kind.EXCITATION, 1.0, [1.0, 2.0, 3.0], [0.0, 1e-20, 0.0])
    held = process(Kind.EXCITATION, 1.0, [1.0, 2.0, 9.0], [0.0, 1e-20, 1e-21])
    assert files.lowest_end([ended, held]) == (9.0, "X excitation")
    assert files.lowest_end([ended]) == (np.inf, "")


def test_superelastic_tables_are_good_to_a_part_in_ten_thousand(tmp_path):
    text = block("ELASTIC", "N2", RATIO, FLAT)
    points = [(0.3, 0.0), (1.0, 1e-20), (1.7, 4e-20), (20.0, 0.0)]
    text += block("EXCITATION", "N2 <-> N2(v1)", "0.3 2.0", points)
    path = tmp_path / "some.txt"
    path.write_text(text)
    gas = GasConfig(name="x", files=[str(path)], components={"N2": ComponentConfig()})
    mixture = with_partners(build(gas), Temperatures(300.0, 2000.0, 300.0))
    _, excitation, partner = mixture.processes
    energy = np.geomspace(1e-4, 19.0, 3000)
    wanted = cross_section_at(excitation, energy + 0.3) * (energy + 0.3) / energy / 2.0
    assert np.allclose(cross_section_at(partner, energy), wanted, rtol=1e-4, atol=1e-30)
