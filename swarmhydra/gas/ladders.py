"""Ladders of levels from the transitions of a species."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain

from scipy import constants

from swarmhydra.gas.level_populations import Ladder, Level, Transition
from swarmhydra.gas.levels import quantum_numbers, split
from swarmhydra.gas.processes import Kind, Process

GROUND = {"rotational": "J=0", "vibrational": "v=0"}
"""Names of the ground state where it has a number."""

# Statistical weights of the nuclear spins for even and for odd J in the electronic ground state:
# G. Herzberg, Spectra of Diatomic Molecules (1950), table 12.
NUCLEAR_SPIN = {"H2": (1.0, 3.0), "D2": (6.0, 3.0), "N2": (6.0, 3.0), "O2": (0.0, 1.0)}

# The lowest level of the spin isomer that no transition connects with the ground state: its name,
# wavenumber (1/cm) and weight over that of the ground state. Water: J. Tennyson et al., J. Phys.
# Chem. Ref. Data 30 (2001) 735; ortho has three nuclear spin states, para one.
SPIN_ISOMERS = {"H2O": ("J=101", 23.794, 9.0)}

CONTRADICTION = 0.05
"""Relative difference between a transition and the levels it goes between that a warning names."""

LISTED = 6
"""Levels that a message lists."""

Group = tuple[str, str]
"""Manifold and parent of a ladder."""


def ladders_of(
    species: str, processes: Sequence[Process], levels: Mapping[str, Level]
) -> list[Ladder]:
    """The ladders of a species.

    A transition belongs to a ladder if it has a ratio of statistical weights, or if the file names
    the level that it starts from and other transitions start from excited levels.

    Parameters
    ----------
    species : str
        Its name.
    processes : sequence of Process
        Those of the species.
    levels : mapping of str to Level
        What a user states about its levels.

    Returns
    -------
    list of Ladder
        None for a species whose processes all hit it as a whole.

    Raises
    ------
    ValueError
        If energy and weight of a level do not follow from the transitions, or a transition changes
        the vibrational and the rotational level at once.
    """
    groups: dict[Group, list[Process]] = {}
    for process in processes:
        if process.kind in (Kind.EXCITATION, Kind.ROTATION):
            groups.setdefault(_group(process), []).append(process)
    by_group = {group: _between_levels(group, members) for group, members in groups.items()}
    return [
        _ladder(species, group, members, levels) for group, members in by_group.items() if members
    ]


def level_in(group: Group, level: str) -> str:
    """The name by which a ladder knows a level: its ground state has one name.

    Parameters
    ----------
    group : (str, str)
        Manifold and parent of the ladder.
    level : str
        In its canonical form; empty for the ground state.
    """
    manifold, parent = group
    if manifold == "vibrational":
        return "" if level == GROUND[manifold] else level
    return level or (f"{parent},{GROUND[manifold]}" if parent else "")


def _group(process: Process) -> Group:
    """The ladder that a transition belongs to, if to any."""
    lower, upper = process.traits.lower, process.traits.upper
    rotational = process.kind is Kind.ROTATION or _last(lower).startswith("J=")
    if not (rotational or _last(upper).startswith("J=")):
        return "vibrational", ""
    parents = {level.rpartition(",")[0] for level in (lower, upper) if "J=" in level}
    if len(parents) > 1:
        raise ValueError(
            f"process {process.name!r} goes from {lower} to {upper}; expected a change of either "
            "the vibrational or the rotational level: name it in gas.exclude"
        )
    return "rotational", next(iter(parents), "")


def _last(level: str) -> str:
    """The last part of the name of a level."""
    return level.rpartition(",")[2]


def _between_levels(group: Group, processes: list[Process]) -> list[Process]:
    """Those processes of a group that go between levels, and not from the species as a whole."""
    ground = GROUND[group[0]] if group[0] == "vibrational" else ""
    climbing = any(process.traits.lower not in ("", ground) for process in processes)
    return [
        process
        for process in processes
        if process.traits.statistical_weight_ratio is not None
        or (climbing and process.traits.lower and process.traits.upper)
    ]


def _transition(group: Group, process: Process) -> Transition:
    """A process as a transition between two levels."""
    traits = process.traits
    low = level_in(group, traits.lower)
    high = level_in(group, traits.upper or process.name)
    if not low and _last(high).startswith("J="):
        low = GROUND["rotational"]
    weights = traits.statistical_weight_ratio
    if weights is None:
        weights = _usual_weight(high) / _usual_weight(low)
    if process.threshold < 0.0:
        return Transition(process, high, low, -process.threshold, 1.0 / weights)
    return Transition(process, low, high, process.threshold, weights)


def _usual_weight(level: str) -> float:
    """Statistical weight of a level that no file gives: 2 J + 1, or 1 for a vibrational level."""
    numbers = quantum_numbers([level]) if _last(level).startswith("J=") else {}
    return 2.0 * numbers.get(level, 0.0) + 1.0


def _ladder(
    species: str, group: Group, processes: list[Process], levels: Mapping[str, Level]
) -> Ladder:
    """The ladder of some transitions."""
    transitions = tuple(_transition(group, process) for process in processes)
    ends = chain.from_iterable((each.low, each.high) for each in transitions)
    # The ground state of a vibrational ladder is populated even if no transition starts from it.
    names = list(dict.fromkeys(chain([""] if group[0] == "vibrational" else [], ends)))
    statements = {level_in(group, name): level for name, level in levels.items()}
    statements = {name: level for name, level in statements.items() if name in names}
    energy, weight = _energies_and_weights(names, transitions, statements)
    if len(energy) < len(names) or len(weight) < len(names):
        anchors = _anchors(split(species)[0], group, names, transitions)
        energy, weight = _energies_and_weights(names, transitions, {**anchors, **statements})
    missing = [name for name in names if name not in energy or name not in weight]
    if missing:
        raise ValueError(
            f"gas.levels: no transition connects {', '.join(missing[:LISTED])}"
            f"{', ...' if len(missing) > LISTED else ''} of {species} with its ground state; "
            f"expected energy and weight of one of them, such as {species}({missing[0]})"
        )
    populations = {name: level.population for name, level in statements.items()}
    return Ladder(
        *group,
        transitions,
        energy={name: energy[name] for name in names},
        weight={name: weight[name] for name in names},
        population={name: share for name, share in populations.items() if share is not None},
        warnings=tuple(_remarks(species, transitions, energy, weight)),
    )


def _energies_and_weights(
    names: list[str], transitions: Sequence[Transition], statements: Mapping[str, Level]
) -> tuple[dict[str, float], dict[str, float]]:
    """Energies and weights of all levels that the transitions connect with a known one."""
    energy = {name: level.energy for name, level in statements.items() if level.energy is not None}
    weight = {name: level.weight for name, level in statements.items() if level.weight is not None}
    ground = _ground(names, transitions)
    energy.setdefault(ground, 0.0)
    weight.setdefault(ground, 1.0)
    links: dict[str, list[tuple[str, float, float]]] = {name: [] for name in names}
    for each in transitions:
        links[each.low].append((each.high, each.gap, each.weights))
        links[each.high].append((each.low, -each.gap, 1.0 / each.weights))
    _spread(energy, links, lambda value, gap, _: value + gap)
    _spread(weight, links, lambda value, _, ratio: value * ratio)
    return energy, weight


def _spread(
    values: dict[str, float],
    links: dict[str, list[tuple[str, float, float]]],
    step: Callable[[float, float, float], float],
) -> None:
    """Follow the transitions from the levels with a value to those without, the nearest first."""
    front = list(values)
    while front:
        following = []
        for name in front:
            for other, gap, ratio in links.get(name, ()):
                if other not in values:
                    values[other] = step(values[name], gap, ratio)
                    following.append(other)
        front = following


def _ground(names: list[str], transitions: Sequence[Transition]) -> str:
    """The ground state: the level with its name, or the first that no transition leads up to."""
    for name in names:
        if name == "" or _last(name) in GROUND.values():
            return name
    upper = {each.high for each in transitions}
    return next((name for name in names if name not in upper), names[0])


def _anchors(
    molecule: str, group: Group, names: list[str], transitions: Sequence[Transition]
) -> dict[str, Level]:
    """Energies and weights that tie the spin isomers of a molecule together, as far as known."""
    numbers = quantum_numbers(names)
    if group[0] == "rotational" and len(numbers) == len(names):
        return _rigid_rotor(molecule, numbers, transitions)
    if group == ("rotational", "") and molecule in SPIN_ISOMERS:
        name, wavenumber, weight = SPIN_ISOMERS[molecule]
        energy = wavenumber * 100.0 * constants.h * constants.c / constants.elementary_charge
        return {"J=000": Level(0.0, 1.0), name: Level(energy, weight)}
    return {}


def _rigid_rotor(
    molecule: str, numbers: dict[str, int], transitions: Sequence[Transition]
) -> dict[str, Level]:
    """The two lowest levels of a diatomic molecule, whose even and odd J do not mix.

    With the energy B J (J + 1), of which the first transition gives B, and the weight 2 J + 1 times
    that of the nuclear spins.
    """
    first = transitions[0]
    low, high = numbers[first.low], numbers[first.high]
    constant = first.gap / (high * (high + 1) - low * (low + 1))
    lowest = sorted(numbers, key=numbers.__getitem__)
    spins = NUCLEAR_SPIN.get(molecule, (1.0, 1.0))
    return {
        name: Level(constant * j * (j + 1), spins[j % 2] * (2 * j + 1))
        for name, j in ((name, numbers[name]) for name in lowest[:2])
    }


def _remarks(
    species: str,
    transitions: Sequence[Transition],
    energy: Mapping[str, float],
    weight: Mapping[str, float],
) -> Iterator[str]:
    """Transitions that do not fit to the levels that the other ones give, and assumed weights."""
    assumed = [t.process for t in transitions if t.process.traits.statistical_weight_ratio is None]
    upwards = [process.name for process in assumed if not process.gives_energy]
    if upwards:
        more = f" and {len(upwards) - 1} more" if len(upwards) > 1 else ""
        yield (
            f"{species}: {upwards[0]}{more} go both ways, as transitions between levels of a "
            "ladder; the ratio of statistical weights is not given, so that of 2 J + 1, or 1 for "
            "vibrational levels, is taken"
        )
    for each in transitions:
        gap = energy[each.high] - energy[each.low]
        if abs(gap - each.gap) > CONTRADICTION * each.gap:
            yield (
                f"{species}: {each.process.name} takes {each.gap:g} eV, but other transitions "
                f"place its levels {gap:g} eV apart, which the populations follow"
            )
        ratio = weight[each.high] / weight[each.low] if weight[each.low] > 0.0 else each.weights
        if abs(ratio / each.weights - 1.0) > CONTRADICTION:
            yield (
                f"{species}: {each.process.name} has a ratio of statistical weights of "
                f"{each.weights:g}, but other transitions give {ratio:g}, which the populations "
                "follow"
            )
