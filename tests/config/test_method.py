"""What a method can do, and which settings mean nothing to it."""

import pytest

from swarmhydra.config import ConfigError, Method, inapplicable
from tests.helpers.settings import configured


def test_the_default_follows_electrons() -> None:
    assert configured().method.kind is Method.monte_carlo


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        (["sim.bn=100"], "sim.bn=100 with method=boltzmann"),
        (["sim.frequency=1e9"], "sim.frequency=1e9 with method=boltzmann"),
        (["sim.en=0"], "sim.en=0 with method=boltzmann"),
    ],
)
def test_other_fields_are_refused_in_favour_of_the_simulation(
    overrides: list[str], words: str
) -> None:
    with pytest.raises(ConfigError) as refused:
        configured("method=boltzmann", *overrides)
    message = str(refused.value)
    assert message.startswith(words)
    assert message.endswith("or method=monte_carlo")
    assert "\n" not in message
    assert configured(*overrides).method.kind is Method.monte_carlo


@pytest.mark.parametrize(
    ("override", "words"),
    [
        ("method.terms=0", "method.terms=0: expected a whole number, at least 2"),
        ("method.terms=3", "method.terms=3: expected an even number"),
        ("method.tolerance=0", "method.tolerance=0: expected a number, at least 1e-07"),
        ("method.grid=3", "method.grid=3: expected a whole number, at least 20"),
        ("method.kind=two_term", "method.kind=two_term: expected one of monte_carlo, boltzmann"),
    ],
)
def test_what_no_method_can_do_is_refused(override: str, words: str) -> None:
    with pytest.raises(ConfigError) as refused:
        configured("method=boltzmann", override)
    assert str(refused.value).startswith(words)


def test_settings_of_the_simulation_are_ignored_in_silence_at_their_defaults() -> None:
    assert inapplicable(configured("method=boltzmann", "sim.en=50", "sim.temperature=77")) == []


def test_settings_of_the_simulation_that_were_changed_are_named() -> None:
    config = configured("method=boltzmann", "sim=quick", "accel=jit", "sim.seed=3")
    assert inapplicable(config) == ["accel=jit", "sim.electrons=1000", "sim.seed=3", "sim.stop"]


def test_to_the_simulation_all_settings_mean_something() -> None:
    assert inapplicable(configured("sim=quick", "accel=jit", "sim.seed=3")) == []
