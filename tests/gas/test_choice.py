"""Which of the processes of files a gas takes, and what its settings decide."""

from itertools import count

import numpy as np
import pytest

from swarmhydra.config import ComponentConfig, GasConfig, LevelConfig
from swarmhydra.gas import files
from swarmhydra.gas.level_populations import Temperatures
from swarmhydra.gas.mixture import build
from swarmhydra.gas.processes import Kind, cross_section_at
from swarmhydra.gas.superelastic import with_partners
from swarmhydra.gas.tables import Table, TableFile, ThreeBody, Transition

ENERGY = np.array([0.0, 1.0, 30.0, 100.0])
MASS_RATIO = 2e-5
ROOM = Temperatures(300.0, 300.0, 300.0)


def table(kind, target, product="", threshold=0.0, size=1e-20, line=1, weights=None, **others):
    """A process whose cross section rises above its threshold, or is flat."""
    momentum = kind in (Kind.ELASTIC, Kind.EFFECTIVE)
    flat = momentum or threshold <= 0.0
    return Table(
        kind,
        target,
        product,
        threshold,
        MASS_RATIO if momentum else None,
        weights,
        ENERGY if flat else threshold + ENERGY,
        np.full(4, size) if flat else size * np.array([0.0, 1.0, 2.0, 1.0]),
        line,
        **others,
    )


ELASTIC = table(Kind.ELASTIC, "X", size=1e-19)
EXCITATION = table(Kind.EXCITATION, "X", "X*", 8.0, line=20)
IONIZATION = table(Kind.IONIZATION, "X", "X^+", 12.0, line=30)
SET = (ELASTIC, EXCITATION, IONIZATION)


@pytest.fixture
def gas_of(monkeypatch, tmp_path):
    """Build the gas of files that hold some tables, by settings."""

    versions = count()

    def gas_of(tables, *more, **settings):
        paths = []
        for index in range(1 + len(more)):
            path = tmp_path / f"file{index}.txt"
            path.write_text(str(next(versions)))
            paths.append(str(path))
        held = dict(zip(paths, (tables, *more), strict=True))
        monkeypatch.setattr(
            files, "read", lambda path: TableFile(str(path), (), tuple(held[str(path)]))
        )
        return build(GasConfig(name=f"{tmp_path}{len(paths)}", files=paths, **settings))

    return gas_of


def names(mixture):
    return [process.name for process in mixture.processes]


def test_patterns_include_and_exclude_processes(gas_of):
    assert names(gas_of(SET, exclude=["X -> X^*"])) == ["X elastic", "X -> X*"]
    # A star stands for any text, and a bracket for itself; an elastic process is always needed.
    assert names(gas_of(SET, include=["*->*"], exclude=["*:30"])) == ["X elastic", "X -> X*"]
    assert names(gas_of(SET, include=["X -> X?"])) == ["X elastic", "X -> X*"]


def test_a_pattern_without_a_process_is_refused(gas_of):
    with pytest.raises(ValueError, match=r"gas\.exclude=\['Y\*'\]: .* X elastic, X -> X\*, X -> X"):
        gas_of(SET, exclude=["Y*"])


MOMENTUM_TRANSFER = table(
    Kind.ELASTIC, "X", size=1e-19, line=1, notes={"COMMENT": "Elastic Momentum Transfer (Table 4)."}
)
INTEGRAL = table(
    Kind.ELASTIC, "X", size=2e-19, line=10, notes={"COMMENT": "elastic scattering (Table 3)."}
)
TOTAL = table(Kind.ELASTIC, "X", size=3e-19, line=14, notes={"COMMENT": "Total scattering."})
SILENT = table(Kind.ELASTIC, "X", size=4e-19, line=16, notes={"COMMENT": "by a model."})


@pytest.mark.parametrize(
    ("tables", "wish", "size", "integral"),
    [
        ((MOMENTUM_TRANSFER, INTEGRAL, TOTAL), "momentum_transfer", 1e-19, None),
        ((MOMENTUM_TRANSFER, INTEGRAL, TOTAL), "integral", 2e-19, False),
        ((MOMENTUM_TRANSFER, SILENT), "integral", 4e-19, False),
        ((SILENT, INTEGRAL), "momentum_transfer", 4e-19, None),
    ],
)
def test_one_of_several_elastic_cross_sections_is_chosen(gas_of, tables, wish, size, integral):
    elastic, *_ = gas_of((*tables, IONIZATION), elastic=wish).processes
    assert elastic.cross_section[0] == size
    assert elastic.traits.momentum_transfer is integral


def test_a_choice_between_elastic_cross_sections_is_asked_for(gas_of):
    words = r"line 1: ELASTIC \(Elastic Mom.*line 10: .*gas\.elastic=momentum_transfer\|integral"
    with pytest.raises(ValueError, match=words):
        gas_of((MOMENTUM_TRANSFER, INTEGRAL, IONIZATION))
    with pytest.raises(ValueError, match=r"gas\.exclude=\['\*:14'\]"):
        gas_of((MOMENTUM_TRANSFER, TOTAL, IONIZATION), elastic="integral")
    chosen = gas_of((MOMENTUM_TRANSFER, INTEGRAL, IONIZATION), exclude=["*:10"])
    assert chosen.processes[0].cross_section[0] == 1e-19


def test_an_elastic_cross_section_that_is_not_chosen_from_several_is_what_it_is(gas_of):
    assert gas_of(SET, elastic="integral").processes[0].traits.momentum_transfer is None


def test_a_database_is_chosen_even_where_the_elastic_processes_are_equal(gas_of):
    one = [table(Kind.ELASTIC, "X", database="One"), table(Kind.EXCITATION, "X", "X*", 8.0)]
    other = [table(Kind.ELASTIC, "X", database="Other", line=50)]
    with pytest.raises(ValueError, match=r"of One; .* of Other; expected one, by gas\.database"):
        gas_of((*one, *other))
    assert gas_of((*one, *other), database="Other").processes[0].provenance.startswith("Other")


def test_fractions_are_normalised(gas_of):
    three = [table(Kind.ELASTIC, name) for name in ("X", "Y", "Z")]
    for scale in (1.0, 100.0):
        shares = [scale * share for share in (0.7809, 0.2095, 0.0093)]
        mixture = gas_of(three, species=["X", "Y", "Z"], fractions=shares, normalise=True)
        assert mixture.fraction.sum() == pytest.approx(1.0, rel=1e-15)
        assert mixture.fraction[0] == pytest.approx(0.7809 / 0.9997)


# --- excited species -----------------------------------------------------------------------------

STEPWISE = table(Kind.IONIZATION, "X*", "X^+", 4.0, line=40)
DOWN = table(Kind.EXCITATION, "X*", "X", -8.0, line=50)
PAIR = {"species": ["X", "X*"], "fractions": [0.99, 0.01]}


def shares_of(mixture):
    found = with_partners(mixture, ROOM)
    return {p.name: f for p, f in zip(found.processes, found.fraction, strict=True)}


def test_an_excited_species_borrows_the_elastic_process_of_its_ground_state(gas_of):
    mixture = gas_of((*SET, STEPWISE, DOWN), **PAIR)
    assert any("X* has no elastic cross section; that of X is taken" in w for w in mixture.warnings)
    lent, borrowed = mixture.processes[:2]
    assert (borrowed.name, borrowed.target) == ("X* elastic", "X*")
    assert borrowed.mass_ratio == lent.mass_ratio
    assert np.array_equal(borrowed.cross_section, lent.cross_section)
    assert shares_of(mixture) == {
        "X elastic": 0.99,
        "X* elastic": 0.01,
        "X -> X*": 0.99,
        "X* -> X": 0.01,
        "X -> X^+": 0.99,
        "X* -> X^+": 0.01,
    }
    down = next(p for p in mixture.processes if p.name == "X* -> X")
    assert down.threshold == -8.0


def test_an_effective_cross_section_is_converted_before_it_is_lent(gas_of):
    effective = table(Kind.EFFECTIVE, "X", size=1e-19)
    lent, borrowed, *_ = gas_of((effective, EXCITATION, STEPWISE), **PAIR).processes
    assert borrowed.kind is Kind.ELASTIC
    assert cross_section_at(borrowed, 38.0) == pytest.approx(8e-20)
    assert np.array_equal(borrowed.cross_section, lent.cross_section)


def test_the_reverse_of_an_excitation_meets_the_excited_species(gas_of):
    reversible = table(Kind.EXCITATION, "X", "X*", 8.0, weights=3.0, line=20)
    shares = shares_of(gas_of((ELASTIC, reversible, STEPWISE), **PAIR))
    assert shares["X -> X*"] == 0.99
    assert shares["X -> X* superelastic"] == 0.01
    # A table of the reverse is not made a second time.
    assert "X -> X* superelastic" not in shares_of(gas_of((ELASTIC, reversible, DOWN), **PAIR))


def test_without_a_fraction_the_processes_of_an_excited_species_are_not_used(gas_of):
    mixture = gas_of((*SET, STEPWISE))
    assert names(mixture) == names(gas_of(SET))
    assert any("processes of X* are not used" in warning for warning in mixture.warnings)


# --- ladders in files of their own ---------------------------------------------------------------


def level(lower, upper, gap, line, kind=Kind.EXCITATION, weights=1.0, target="Xenogen"):
    """A transition as LXCat has it: of a target that is the molecule by another name."""
    product = f"X ({lower}-{upper})"
    return table(
        kind, target, product, gap, line=line, weights=weights, size=1e-21,
        transition=Transition("X", lower, upper),
    )  # fmt: skip


def test_files_of_levels_join_the_set_of_the_ground_state(gas_of):
    ground = [level("v=0", "v=1", 0.3, 40, weights=None, target="X")]
    ladder = [level("v=1", "v=2", 0.28, 1), level("J=0", "J=1", 0.001, 9, Kind.ROTATION, 3.0)]
    mixture = gas_of((*SET, *ground), ladder)
    assert any("processes of Xenogen are taken as transitions" in w for w in mixture.warnings)
    assert not any("not used" in warning for warning in mixture.warnings)
    hot = with_partners(mixture, Temperatures(300.0, 4000.0, 300.0))
    shares = {p.name: f for p, f in zip(hot.processes, hot.fraction, strict=True)}
    vibrating = [shares["X -> X (v=0-v=1)"], shares["X -> X (v=1-v=2)"]]
    vibrating.append(shares["X -> X (v=1-v=2) superelastic"])
    assert sum(vibrating) == pytest.approx(1.0)
    assert vibrating[0] > vibrating[1] > vibrating[2] > 0.1 * vibrating[0]
    rotating = [shares["X -> X (J=0-J=1)"], shares["X -> X (J=0-J=1) superelastic"]]
    assert sum(rotating) == pytest.approx(1.0)


def test_an_effective_cross_section_contains_the_transitions_at_room_temperature(gas_of):
    effective = table(Kind.EFFECTIVE, "X", size=1e-19)
    ladder = [level("J=0", "J=1", 0.02, 9, Kind.ROTATION, 3.0)]
    mixture = with_partners(gas_of((effective, EXCITATION), ladder), ROOM)
    energy = np.geomspace(0.01, 100.0, 500)
    total = sum(
        share * cross_section_at(process, energy)
        for process, share in zip(mixture.processes, mixture.fraction, strict=True)
    )
    assert total == pytest.approx(np.full(500, 1e-19), rel=1e-9)


def test_levels_are_stated_by_name(gas_of):
    ladder = [level("v=1", "v=2", 0.28, 1)]
    with pytest.raises(ValueError, match=r"gas\.levels: .* v=1, v=2 of X .* X\(v=1\)"):
        gas_of(SET, ladder)
    stated = {"X(v=1)": LevelConfig(energy=0.3, weight=1.0), "X(v=0)": LevelConfig()}
    with pytest.raises(ValueError, match=r"gas\.levels: Z\(v=1\); expected a component"):
        gas_of(SET, ladder, levels={"Z(v=1)": LevelConfig()}, species=["X"])
    assert "X -> X (v=1-v=2)" in names(gas_of(SET, ladder, levels=stated))


def test_a_table_of_levels(gas_of, tmp_path):
    ground = [level("v=0", "v=1", 0.3, 40, weights=1.0, target="X")]
    path = tmp_path / "levels.csv"
    path.write_text("# a note\nlevel,energy_eV,population\nX(v=0),0,3\nX(v=1),0.29,1\n")
    shares = shares_of(gas_of((*SET, *ground), level_file=str(path)))
    assert shares["X -> X (v=0-v=1) superelastic"] == 0.25
    path.write_text("level,population\nX(v=0),some\n")
    with pytest.raises(ValueError, match=r"levels\.csv, line 2: population 'some'; expected a num"):
        gas_of((*SET, *ground), level_file=str(path))
    path.write_text("name,population\n")
    with pytest.raises(ValueError, match=r"line 1: 'name,population'; expected the columns level"):
        gas_of((*SET, *ground), level_file=str(path))
    with pytest.raises(ValueError, match=r"nowhere\.csv: no such file"):
        build(GasConfig(name="x", components={"A": ComponentConfig(formula="argon")},
                        level_file="nowhere.csv"))  # fmt: skip


# --- three-body attachment -----------------------------------------------------------------------


def three_body(unit, body=""):
    return table(
        Kind.ATTACHMENT, "X", "X^-", size=1e-41, line=60,
        three_body=ThreeBody(body, unit, "COMMENT: three-body"),
    )  # fmt: skip


def test_the_unit_of_a_three_body_process_is_asked_for(gas_of):
    with pytest.raises(ValueError, match=r"line 60: X -> X\^- needs .*gas\.three_body_unit=m5\|"):
        gas_of((*SET, three_body(None)))
    *_, attachment = gas_of((*SET, three_body(None)), three_body_unit="cm5").processes
    assert attachment.cross_section[0] == pytest.approx(1e-51)
    *_, attachment = gas_of((*SET, three_body(1e-6)), three_body_unit="cm5").processes
    assert attachment.cross_section[0] == pytest.approx(1e-47)
    assert attachment.traits.third_body == 1.0


def test_the_third_body_may_be_one_species(gas_of):
    other = table(Kind.ELASTIC, "Y")
    pair = {"species": ["X", "Y"], "fractions": [0.75, 0.25]}
    for body, share in (("X", 0.75), ("Y", 0.25), ("Z", 0.0), ("", 1.0)):
        *_, attachment = gas_of((*SET, three_body(1.0, body), other), **pair).processes
        assert attachment.traits.third_body == share
