"""Ladders of levels: which levels there are, how they are populated, and detailed balance."""

import numpy as np
import pytest
from scipy import constants

from swarmhydra.gas.ladders import ladders_of
from swarmhydra.gas.level_populations import Level, Temperatures
from swarmhydra.gas.levels import canonical, levels_of, split
from swarmhydra.gas.mixture import Mixture
from swarmhydra.gas.processes import Kind, Process, Traits, cross_section_at
from swarmhydra.gas.superelastic import with_partners
from swarmhydra.gas.tables import Table, Transition

ROTOR = 0.002
"""Rotational constant of an invented molecule (eV)."""


def thermal(kelvin):
    """k T (eV)."""
    return constants.Boltzmann * kelvin / constants.elementary_charge


def transition(lower, upper, gap, weights=None, kind=Kind.EXCITATION, target="N2"):
    """A process with a table that bends."""
    energy = gap + np.array([0.0, 0.1, 1.0, 30.0])
    traits = Traits(statistical_weight_ratio=weights, lower=lower, upper=upper)
    sigma = [0.0, 3e-20, 5e-20, 1e-20]
    return Process(kind, f"{lower}-{upper}", target, gap, 2e-5, energy, sigma, traits)


def rotor(highest, step=2, target="N2"):
    """Transitions from J to J + step."""
    return [
        transition(
            f"J={j}",
            f"J={j + step}",
            ROTOR * ((j + step) * (j + step + 1) - j * (j + 1)),
            (2 * (j + step) + 1) / (2 * j + 1),
            Kind.ROTATION,
            target,
        )
        for j in range(highest - step + 1)
    ]


def mixture(processes, levels=None):
    targets = dict.fromkeys(process.target for process in processes)
    elastic = [
        Process(Kind.ELASTIC, f"{name} elastic", name, 0.0, 2e-5, [0.0, 100.0], [1e-19, 1e-19])
        for name in targets
    ]
    every = (*elastic, *processes)
    share = np.full(len(every), 1.0 / len(targets))
    return Mixture("X", "", every, share, 100.0, (), np.empty(0), levels=levels or {})


def shares_of(mixture):
    """Share of the gas that each process meets, by name."""
    return {p.name: f for p, f in zip(mixture.processes, mixture.fraction, strict=True)}


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("N2", ("N2", "")),
        ("N2 (v=1)", ("N2", "v=1")),
        ("O2(v1res)", ("O2", "v=1")),
        ("H2O(v 010)", ("H2O", "v=010")),
        ("N2(X,v=0,J=2)", ("N2", "v=0,J=2")),
        ("Ar*", ("Ar", "*")),
        ("N2[A3Su+(v=0-4)]", ("N2", "[A3Su+(v=0-4)]")),
        ("CO_anis", ("CO_anis", "")),
    ],
)
def test_a_level_has_one_name(name, parts):
    assert split(name) == parts
    assert canonical(canonical(parts[1])) == canonical(parts[1])


def table(kind, target, product, transition=None):
    return Table(
        kind, target, product, 0.1, None, None, np.ones(1), np.ones(1), 1, transition=transition
    )


@pytest.mark.parametrize(
    ("given", "levels"),
    [
        (table(Kind.EXCITATION, "N2", "N2(v1)"), ("", "v=1")),
        (table(Kind.EXCITATION, "N2(v1)", "N2(v=2)"), ("v=1", "v=2")),
        (table(Kind.ROTATION, "Nitrogen", "N2", Transition("N2", "J=1", "J=3")), ("J=1", "J=3")),
        (table(Kind.IONIZATION, "Ar*", "Ar^+"), ("*", "")),
        (table(Kind.EXCITATION, "N2", "A-3-Sigma"), ("", "A-3-Sigma")),
    ],
)
def test_levels_are_read_from_the_names_of_target_and_product(given, levels):
    assert levels_of(given) == levels


@pytest.mark.parametrize("kelvin", [77.0, 300.0, 2000.0])
def test_rotational_levels_of_nitrogen_with_its_two_nuclear_spin_isomers(kelvin):
    highest = 30
    gas = with_partners(mixture(rotor(highest)), Temperatures(300.0, 300.0, kelvin))
    shares = shares_of(gas)
    j = np.arange(highest + 1)
    # Six nuclear spin states for even J and three for odd ones (nuclear spin 1).
    expected = np.where(j % 2 == 0, 6, 3) * (2 * j + 1)
    expected = expected * np.exp(-ROTOR * j * (j + 1) / thermal(kelvin))
    expected /= expected.sum()
    for level in range(highest - 1):
        assert shares[f"J={level}-J={level + 2}"] == pytest.approx(expected[level], rel=1e-12)
        upper = shares[f"J={level}-J={level + 2} superelastic"]
        assert upper == pytest.approx(expected[level + 2], rel=1e-12)
    assert shares["N2 elastic"] == 1.0


def test_oxygen_has_odd_rotational_levels_only():
    shares = shares_of(
        with_partners(mixture(rotor(9, target="O2")), Temperatures(300.0, 300.0, 300.0))
    )
    assert not any(name.startswith(("J=0", "J=2", "J=4")) for name in shares)
    assert shares["J=1-J=3"] > 0.0


def test_ortho_water_lies_above_para_water():
    asymmetric = [
        transition("J=000", "J=111", 0.0046, 3.0, Kind.ROTATION, "H2O"),
        transition("J=101", "J=110", 0.0023, 1.0, Kind.ROTATION, "H2O"),
    ]
    (ladder,) = ladders_of("H2O", asymmetric, {})
    # E. g. P. F. Bernath, Spectra of Atoms and Molecules: 23.79 / cm, ortho to para 3 to 1.
    assert ladder.energy["J=101"] == pytest.approx(2.950e-3, rel=1e-3)
    assert ladder.weight["J=101"] / ladder.weight["J=000"] == 9.0
    assert ladder.energy["J=110"] == pytest.approx(2.950e-3 + 0.0023, rel=1e-3)


def ladder_of_vibrations():
    """From the ground state without weights, between excited levels with them, rounded gaps."""
    energy = {0: 0.0, 1: 0.3, 2: 0.58, 3: 0.84}
    return [
        transition(f"v={a}", f"v={b}", energy[b] - energy[a], None if a == 0 else 1.0)
        for a in range(3)
        for b in range(a + 1, 4)
    ]


def test_transitions_of_the_ground_state_join_a_ladder_of_excited_levels():
    kelvin = 4000.0
    shares = shares_of(
        with_partners(mixture(ladder_of_vibrations()), Temperatures(300.0, kelvin, 300.0))
    )
    expected = np.exp(-np.array([0.0, 0.3, 0.58, 0.84]) / thermal(kelvin))
    expected /= expected.sum()
    for a in range(3):
        for b in range(a + 1, 4):
            assert shares[f"v={a}-v={b}"] == pytest.approx(expected[a], rel=1e-12)
            assert shares[f"v={a}-v={b} superelastic"] == pytest.approx(expected[b], rel=1e-12)


def test_what_is_assumed_of_the_weights_is_said():
    (ladder,) = ladders_of("N2", ladder_of_vibrations(), {})
    assert len(ladder.warnings) == 1
    assert "v=0-v=1 and 2 more go both ways" in ladder.warnings[0]


def test_transitions_of_the_ground_state_alone_hit_the_species_as_a_whole():
    alone = [process for process in ladder_of_vibrations() if process.traits.lower == "v=0"]
    shares = shares_of(with_partners(mixture(alone), Temperatures(300.0, 4000.0, 300.0)))
    assert set(shares.values()) == {1.0}
    assert len(shares) == 4


@pytest.mark.parametrize("kelvin", [300.0, 3000.0])
def test_in_equilibrium_every_transition_of_a_ladder_goes_both_ways_alike(kelvin):
    processes = [*ladder_of_vibrations(), *rotor(8)]
    gas = with_partners(mixture(processes), Temperatures(kelvin, kelvin, kelvin))
    pairs = {p.name: (p, f) for p, f in zip(gas.processes, gas.fraction, strict=True)}
    energy = np.geomspace(1e-7, 40.0 * thermal(kelvin), 200_000)
    maxwell = energy * np.exp(-energy / thermal(kelvin))
    for process in processes:
        (forward, low), (reverse, high) = (
            pairs[process.name],
            pairs[f"{process.name} superelastic"],
        )
        up = low * np.trapezoid(cross_section_at(forward, energy) * maxwell, energy)
        down = high * np.trapezoid(cross_section_at(reverse, energy) * maxwell, energy)
        assert down == pytest.approx(up, rel=1e-3)
        assert (reverse.traits.lower, reverse.traits.upper) == (
            forward.traits.upper,
            forward.traits.lower,
        )


def test_two_tables_for_one_level_count_it_once():
    tables = [
        transition("", "v=1", 0.3, 1.0),
        Process(
            Kind.EXCITATION, "resonant", "N2", 0.3, 2e-5, [0.3, 2.0], [0.0, 1e-20],
            Traits(statistical_weight_ratio=1.0, upper="v=1"),
        ),
    ]  # fmt: skip
    kelvin = 5000.0
    shares = shares_of(with_partners(mixture(tables), Temperatures(300.0, kelvin, 300.0)))
    ratio = np.exp(-0.3 / thermal(kelvin))
    assert shares["-v=1"] == shares["resonant"] == pytest.approx(1.0 / (1.0 + ratio))
    assert shares["resonant superelastic"] == pytest.approx(ratio / (1.0 + ratio))


def test_rotation_and_vibration_each_add_up_to_the_species():
    processes = [*ladder_of_vibrations(), *rotor(8)]
    names = {"v": ["v=1-v=2", "v=0-v=1", "v=2-v=3", "v=2-v=3 superelastic"]}
    shares = shares_of(with_partners(mixture(processes), Temperatures(500.0, 4000.0, 500.0)))
    assert sum(shares[name] for name in names["v"]) == pytest.approx(1.0)
    assert sum(shares[f"J={j}-J={j + 2}"] for j in range(7)) + sum(
        shares[f"J={j}-J={j + 2} superelastic"] for j in (5, 6)
    ) == pytest.approx(1.0)


def test_rotational_levels_within_a_vibrational_one():
    processes = [
        *ladder_of_vibrations(),
        transition("v=1,J=0", "v=1,J=1", 0.004, 3.0, Kind.ROTATION),
    ]
    shares = shares_of(with_partners(mixture(processes), Temperatures(300.0, 4000.0, 300.0)))
    within = 1.0 / (1.0 + 3.0 * np.exp(-0.004 / thermal(300.0)))
    assert shares["v=1,J=0-v=1,J=1"] == pytest.approx(shares["v=1-v=2"] * within)


def test_treanors_distribution():
    temperatures = Temperatures(400.0, 3000.0, 400.0, treanor=True)
    shares = shares_of(with_partners(mixture(ladder_of_vibrations()), temperatures))
    energy, v = np.array([0.0, 0.3, 0.58, 0.84]), np.arange(4)
    expected = np.exp(-v * 0.3 / thermal(3000.0) + (v * 0.3 - energy) / thermal(400.0))
    expected /= expected.sum()
    assert shares["v=2-v=3 superelastic"] == pytest.approx(expected[3], rel=1e-12)
    assert shares["v=1-v=2"] == pytest.approx(expected[1], rel=1e-12)


def test_populations_can_be_given():
    levels = {"N2": {"v=0": Level(population=6.0), "v=2": Level(population=2.0)}}
    gas = mixture(ladder_of_vibrations(), levels)
    shares = shares_of(with_partners(gas, Temperatures(300.0, 300.0, 300.0)))
    assert shares["v=0-v=1"] == 0.75
    assert shares["v=2-v=3"] == shares["v=0-v=2 superelastic"] == 0.25
    assert "v=1-v=2" not in shares


def test_an_electronic_level_has_a_temperature_of_its_own():
    processes = [transition("", "v=1", 0.3, 1.0), transition("", "(A)", 2.0, 3.0)]
    usual, own = (
        shares_of(with_partners(mixture(processes), Temperatures(300.0, 3000.0, 300.0, kelvin)))
        for kelvin in (None, 6000.0)
    )

    def ratio(shares):
        return shares["-(A) superelastic"] / shares["-(A)"]

    assert ratio(usual) == pytest.approx(3.0 * np.exp(-2.0 / thermal(3000.0)))
    assert ratio(own) == pytest.approx(3.0 * np.exp(-2.0 / thermal(6000.0)))


def test_a_process_from_a_level_meets_its_population():
    ionization = Process(
        Kind.IONIZATION, "stepwise", "N2", 5.0, 2e-5, [5.0, 50.0], [0.0, 1e-19], Traits(lower="v=3")
    )
    gas = mixture([*ladder_of_vibrations(), ionization])
    shares = shares_of(with_partners(gas, Temperatures(300.0, 4000.0, 300.0)))
    assert shares["stepwise"] == shares["v=2-v=3 superelastic"]
    with pytest.raises(ValueError, match=r"'stepwise': .* of the level v=3 of N2; .*gas\.exclude"):
        with_partners(mixture([ionization]), Temperatures(300.0, 300.0, 300.0))


def test_a_table_of_the_reverse_prevails_over_detailed_balance():
    down = Process(
        Kind.EXCITATION, "down", "N2", -0.3, 2e-5, [0.0, 9.0], [1e-20, 1e-20],
        Traits(lower="v=1", upper="v=0"),
    )  # fmt: skip
    gas = mixture([transition("", "v=1", 0.3, 1.0), down])
    shares = shares_of(with_partners(gas, Temperatures(300.0, 3000.0, 300.0)))
    assert list(shares) == ["N2 elastic", "-v=1", "down"]
    assert shares["down"] / shares["-v=1"] == pytest.approx(np.exp(-0.3 / thermal(3000.0)))


def test_levels_that_nothing_connects_need_an_energy():
    apart = [transition("v=0", "v=1", 0.3, 1.0), transition("v=7", "v=8", 0.25, 1.0)]
    with pytest.raises(ValueError, match=r"gas\.levels: .* v=7, v=8 of N2 .*N2\(v=7\)"):
        ladders_of("N2", apart, {})
    (ladder,) = ladders_of("N2", apart, {"v=7": Level(1.9, 1.0)})
    assert ladder.energy["v=8"] == pytest.approx(2.15)


def test_transitions_that_contradict_each_other_are_named():
    contradicting = [
        transition("v=0", "v=1", 0.3, 1.0),
        transition("v=1", "v=2", 0.3, 1.0),
        transition("v=0", "v=2", 0.5, 1.0),
    ]
    (ladder,) = ladders_of("N2", contradicting, {})
    assert len(ladder.warnings) == 1
    assert "v=1-v=2 takes 0.3 eV, but other transitions place its levels 0.2 eV apart" in str(
        ladder.warnings
    )


def test_a_collision_changes_one_quantum_number_at_a_time():
    both = [transition("v=0,J=0", "v=1,J=2", 0.3, 5.0)]
    with pytest.raises(ValueError, match=r"v=0,J=0 to v=1,J=2; expected a change of either"):
        ladders_of("N2", both, {})


def test_without_a_temperature_all_molecules_are_in_the_ground_state():
    gas = with_partners(mixture(rotor(4)), Temperatures(0.0, 0.0, 0.0))
    assert shares_of(gas) == {"N2 elastic": 1.0, "J=0-J=2": 1.0}


def test_levels_without_any_population_are_refused():
    levels = {"N2": {"v=1": Level(population=0.0)}}
    with pytest.raises(ValueError, match=r"gas\.levels: all of .* are empty"):
        with_partners(mixture(ladder_of_vibrations(), levels), Temperatures(300.0, 300.0, 300.0))
    inside = [*ladder_of_vibrations(), transition("v=9,J=0", "v=9,J=1", 0.004, 3.0, Kind.ROTATION)]
    with pytest.raises(ValueError, match="population of the level v=9 of N2"):
        with_partners(mixture(inside), Temperatures(300.0, 300.0, 300.0))
