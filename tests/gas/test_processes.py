"""A process is a checked table: linear between its points, with a definite value everywhere."""

import numpy as np
import pytest

from swarmhydra.gas.processes import Kind, Process, cross_section_at, from_table


def process(kind=Kind.EXCITATION, threshold=1.0, energy=(1.0, 2.0), sigma=(0.0, 4e-20)):
    return Process(kind, "X(1eV)", "X", threshold, 1e-4, np.array(energy), np.array(sigma))


def test_linear_between_points_zero_below_threshold_held_above():
    sigma = cross_section_at(process(), [0.0, 0.999, 1.0, 1.25, 2.0, 100.0])
    assert sigma == pytest.approx([0.0, 0.0, 0.0, 1e-20, 4e-20, 4e-20])


@pytest.mark.parametrize(
    ("kind", "at_zero"),
    [(Kind.ELASTIC, 3e-20), (Kind.ATTACHMENT, 3e-20), (Kind.EXCITATION, 0.0)],
)
def test_first_value_counts_below_the_table_only_where_nothing_makes_it_vanish(kind, at_zero):
    held = process(kind, threshold=0.0, sigma=(3e-20, 4e-20))
    assert cross_section_at(held, 0.0) == at_zero


def test_step_is_exact():
    below = np.nextafter(1.0, 0.0)
    step = process(energy=(below, 1.0, 2.0), sigma=(0.0, 5e-20, 5e-20))
    assert list(cross_section_at(step, [below, 1.0, 1.5])) == [0.0, 5e-20, 5e-20]


def test_arrays_are_private_and_read_only():
    energy = np.array([1.0, 2.0])
    made = process(energy=energy)
    energy[1] = 7.0
    assert made.energy[1] == 2.0
    with pytest.raises(ValueError, match="read-only"):
        made.cross_section[0] = 1.0


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"energy": (1.0, 2.0, 3.0)}, "one length"),
        ({"energy": (), "sigma": ()}, "non-empty"),
        ({"energy": (2.0, 1.0)}, "2.0 is followed by 1.0"),
        ({"energy": (1.0, 1.0)}, "ascend"),
        ({"energy": (1.0, np.inf)}, "finite"),
        ({"sigma": (0.0, np.nan)}, "finite"),
        ({"sigma": (0.0, -1e-20)}, "negative"),
        ({"energy": (0.5, 2.0), "sigma": (1e-20, 1e-20)}, "below the threshold"),
        ({"kind": Kind.IONIZATION, "threshold": -1.0}, "threshold=-1.0"),
    ],
)
def test_unusable_table_is_refused_with_its_name(wrong, words):
    with pytest.raises(ValueError, match=words) as caught:
        process(**wrong)
    assert "X(1eV)" in str(caught.value)


@pytest.mark.parametrize(
    ("energies", "sigmas", "expected"),
    [
        # at 0.9, just below 1, 1, 1.5 and 2 eV
        ([1.0, 2.0], [0.0, 2e-20], [0.0, 0.0, 0.0, 1e-20, 2e-20]),  # starts at the threshold
        ([1.0, 2.0], [2e-20, 2e-20], [0.0, 0.0, 2e-20, 2e-20, 2e-20]),  # step at the threshold
        ([0.0, 2.0], [0.0, 4e-20], [0.0, 0.0, 2e-20, 3e-20, 4e-20]),  # cut at the threshold
        ([2.0, 3.0], [2e-20, 2e-20], [0.0, 0.0, 0.0, 1e-20, 2e-20]),  # rises from the threshold
    ],
)
def test_table_gets_its_threshold_as_exact_point(energies, sigmas, expected):
    made = from_table(Kind.EXCITATION, "X(1eV)", "X", 1.0, 1e-4, energies, sigmas)
    points = [0.9, np.nextafter(1.0, 0.0), 1.0, 1.5, 2.0]
    assert 1.0 in made.energy
    assert cross_section_at(made, points) == pytest.approx(expected)
    # The arrays alone say the same, for code that interpolates them without asking the kind.
    assert np.interp(points, made.energy, made.cross_section) == pytest.approx(expected)


def test_table_must_reach_above_its_threshold():
    with pytest.raises(ValueError, match="above the threshold"):
        from_table(Kind.EXCITATION, "X(9eV)", "X", 9.0, 1e-4, [1.0, 2.0], [0.0, 1e-20])
