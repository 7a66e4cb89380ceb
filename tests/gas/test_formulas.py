"""The published sets have the published values, at every energy to 1e-4."""

import numpy as np
import pytest
from scipy import constants

from swarmhydra.gas.formula_set import inelastic
from swarmhydra.gas.formulas import FORMULAS
from swarmhydra.gas.helium import helium_elastic_integral, helium_momentum_transfer
from swarmhydra.gas.processes import Kind, cross_section_at

U = constants.m_e / constants.atomic_mass


def one(name, kind, energy_max=1000.0, **parameters):
    """The only process of a kind in a set."""
    (found,) = [p for p in FORMULAS[name].processes(energy_max, parameters) if p.kind is kind]
    return found


@pytest.mark.parametrize(
    ("name", "mass_ratio"),
    [
        ("argon", 1.3732e-5),
        ("helium", U / 4.002602),
        ("reid_ramp", U / 4),
        ("lucas_saelee", 1e-3),
        ("hard_sphere", U / 4),
        ("maxwell", 1e-3),
    ],
)
def test_every_set_is_complete(name, mass_ratio):
    found = FORMULAS[name].processes(1000.0, {})
    assert found[0].kind is Kind.ELASTIC
    assert found[0].energy[0] == 1e-7
    assert all(p.energy[-1] == 1000.0 for p in found)
    assert [p.mass_ratio for p in found] == pytest.approx([mass_ratio] * len(found), rel=1e-8)
    assert len({p.name for p in found}) == len(found)
    for p in found:
        assert p.threshold == 0.0 or p.threshold in p.energy
        # The arrays alone are the curve: nothing has to be known about thresholds to use them.
        points = np.geomspace(1e-8, 2000.0, 997)
        plain = np.interp(points, p.energy, p.cross_section)
        assert np.array_equal(plain, cross_section_at(p, points))


# --- argon

ARGON_CURVES = {
    Kind.ELASTIC: lambda e: (
        abs(
            6 / (1 + e / 0.1 + (e / 0.6) ** 2) ** 3.3
            - 1.1 * e**1.4 / (1 + (e / 15) ** 1.2) / np.sqrt(1 + (e / 5.5) ** 2.5 + (e / 60) ** 4.1)
        )
        + 0.05 / (1 + e / 10) ** 2
        + 0.01 * e**3 / (1 + (e / 12) ** 6)
    ),
    Kind.EXCITATION: lambda e: (
        0.034 * (e - 11.5) ** 1.1 * (1 + (e / 15) ** 2.8) / (1 + (e / 23) ** 5.5)
        + 0.023 * (e - 11.5) / (1 + e / 80) ** 1.9
    ),
    Kind.IONIZATION: lambda e: (
        970 * (e - 15.8) / (70 + e) ** 2 + 0.06 * (e - 15.8) ** 2 * np.exp(-e / 9)
    ),
}


@pytest.mark.parametrize("kind", ARGON_CURVES)
def test_argon_table_is_the_formula_to_1e_4(kind):
    process = one("argon", kind)
    start = max(process.threshold, 1e-7)
    points = start + np.geomspace(1e-7, 1000.0 - start, 200_001)[:-1]
    exact = 1e-20 * ARGON_CURVES[kind](points)
    negligible = 1e-6 * exact.max()
    error = abs(cross_section_at(process, points) - exact) / np.maximum(exact, negligible)
    assert error.max() < 1e-4


def test_argon_kink_in_the_ramsauer_minimum_is_a_grid_point():
    process = one("argon", Kind.ELASTIC)
    at = int(np.argmin(abs(process.energy - 0.21144)))
    assert process.energy[at] == pytest.approx(0.21144, abs=5e-6)
    # There only the two terms outside the bars are left.
    e = process.energy[at]
    rest = 0.05 / (1 + e / 10) ** 2 + 0.01 * e**3 / (1 + (e / 12) ** 6)
    assert process.cross_section[at] == pytest.approx(1e-20 * rest, rel=1e-12)


def test_argon_sizes():
    elastic = one("argon", Kind.ELASTIC)
    assert cross_section_at(elastic, [10.0, 12.0, 15.0]) == pytest.approx(1.5e-19, rel=0.1)
    assert [p.threshold for p in FORMULAS["argon"].processes(1000.0, {})] == [0.0, 11.5, 15.8]
    # The measured maximum is 2.8e-20 m2 near 100 eV.
    assert one("argon", Kind.IONIZATION).cross_section.max() == pytest.approx(2.8e-20, rel=0.05)


# --- helium


def test_helium_elastic_has_the_published_values():
    assert helium_elastic_integral(np.float64(1.0)) == pytest.approx(6.13e-20, abs=5e-23)
    assert helium_momentum_transfer(np.float64(1.0)) == pytest.approx(7.00e-20, abs=5e-23)
    assert cross_section_at(one("helium", Kind.ELASTIC), 1.0) == pytest.approx(7.00e-20, rel=1e-3)


def test_helium_scatters_backward_when_slow_and_forward_when_fast():
    slow, fast = np.array([0.1, 1.0, 5.0]), np.array([30.0, 100.0, 1000.0])
    assert (helium_momentum_transfer(slow) > helium_elastic_integral(slow)).all()
    assert (helium_momentum_transfer(fast) < helium_elastic_integral(fast)).all()


def test_helium_levels():
    found = FORMULAS["helium"].processes(1000.0, {})
    levels = [p for p in found if p.kind is Kind.EXCITATION]
    assert len(levels) == 18
    thresholds = [p.threshold for p in levels]
    assert thresholds == sorted(thresholds)
    assert (thresholds[0], thresholds[-1]) == (19.820, 23.742)
    # Metastable 2 3S starts with a step; its value: pi a0^2 Ry/E (sum of A)/(1 + A5).
    metastable = levels[0]
    step = np.pi * constants.value("Bohr radius") ** 2 * 13.605693 / 19.820 * 3.2793 / 51.03
    assert cross_section_at(metastable, 19.820) == pytest.approx(step, rel=1e-6)
    assert cross_section_at(metastable, np.nextafter(19.820, 0.0)) == 0.0
    # At 1000 eV the resonance level, the only strong dipole transition, is most of the excitation.
    share = {p.name: cross_section_at(p, 1000.0) for p in levels}
    assert share["He(2 1P)"] > 0.5 * sum(share.values())
    assert share["He(2 3S)"] < 1e-3 * share["He(2 1P)"]


def test_helium_ionization_has_the_measured_maximum():
    process = one("helium", Kind.IONIZATION)
    assert process.threshold == 24.587
    assert process.cross_section.max() == pytest.approx(3.7e-21, rel=0.05)
    assert 100.0 < process.energy[process.cross_section.argmax()] < 150.0


# --- model gases


def test_reid_ramp_is_exact_and_small():
    elastic, ramp = FORMULAS["reid_ramp"].processes(50.0, {})
    points = np.array([0.1, 0.2, 0.3, 1.0, 50.0])
    assert cross_section_at(elastic, points) == pytest.approx(6e-20)
    assert cross_section_at(ramp, points) == pytest.approx([0.0, 0.0, 1e-20, 8e-20, 498e-20])
    assert elastic.energy.size == ramp.energy.size == 2


@pytest.mark.parametrize(
    ("share", "kinds"),
    [
        (0.0, [Kind.ELASTIC, Kind.EXCITATION]),
        (0.5, [Kind.ELASTIC, Kind.EXCITATION, Kind.IONIZATION]),
        (1.0, [Kind.ELASTIC, Kind.IONIZATION]),
    ],
)
def test_lucas_saelee_splits_the_ramp_between_excitation_and_ionization(share, kinds):
    found = FORMULAS["lucas_saelee"].processes(1000.0, {"F": share})
    assert [p.kind for p in found] == kinds
    assert sum(cross_section_at(p, 25.6) for p in found[1:]) == pytest.approx(1e-20)
    points = np.geomspace(1e-7, 1000.0, 5001)
    assert cross_section_at(found[0], points) == pytest.approx(4e-20 / np.sqrt(points), rel=1e-4)


@pytest.mark.parametrize("power", [-3.0, -1.0, -0.5, 0.0, 0.5, 3.0])
def test_lucas_saelee_attachment_is_a_power_law_at_all_energies(power):
    process = one("lucas_saelee", Kind.ATTACHMENT, a=2e-3, p=power)
    points = np.geomspace(1e-7, 1000.0, 5001)
    assert cross_section_at(process, points) == pytest.approx(2e-23 * points**power, rel=1e-4)


def test_hard_sphere_takes_its_parameters():
    process = one("hard_sphere", Kind.ELASTIC, cross_section=3.0, mass=40.0)
    assert process.mass_ratio == pytest.approx(U / 40, rel=1e-8)
    assert cross_section_at(process, [0.0, 1.0, 1e5]) == pytest.approx(3e-20)


def test_maxwell_collision_frequency_is_constant():
    process = one("maxwell", Kind.ELASTIC, k0=2e-14, mass_ratio=0.5)
    points = np.geomspace(1e-7, 1000.0, 5001)
    speed = np.sqrt(2 * points * constants.e / constants.m_e)
    assert process.mass_ratio == 0.5
    assert cross_section_at(process, points) * speed == pytest.approx(2e-14, rel=1e-4)


# --- what goes wrong


@pytest.mark.parametrize(
    ("name", "parameters", "words"),
    [
        ("lucas_saelee", {"f": 0.5}, r"gas\.parameters\.f=0\.5: .* F, a, p"),
        ("argon", {"F": 0.5}, "formula argon; expected no parameters"),
        ("lucas_saelee", {"F": 1.5}, r"gas\.parameters\.F=1\.5: expected a number from 0 to 1"),
        ("maxwell", {"k0": float("nan")}, "k0=nan"),
    ],
)
def test_wrong_parameter_is_refused_by_key_value_and_what_is_allowed(name, parameters, words):
    with pytest.raises(ValueError, match=words):
        FORMULAS[name].processes(1000.0, parameters)


def test_tables_that_would_lose_a_process_are_refused():
    with pytest.raises(ValueError, match=r"gas\.energy_max=15\.0: expected more than 15\.8 eV"):
        FORMULAS["argon"].processes(15.0, {})


def test_negative_stretch_of_a_fit_is_zero_with_exact_ends():
    process = inelastic(
        Kind.EXCITATION, "X(1eV)", "X", 1.0, 1e-4, lambda e: 1e-20 * (e - 2) * (e - 3), 10.0
    )
    assert process.energy[np.argmin(abs(process.energy - 2))] == pytest.approx(2.0, rel=1e-15)
    inside = np.array([1.5, 2.25, 2.5, 2.75, 4.0])
    expected = [0.75e-20, 0.0, 0.0, 0.0, 2e-20]
    assert cross_section_at(process, inside) == pytest.approx(expected, rel=1e-4, abs=1e-30)
