"""`simulate`, as a function among others in a process."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import swarmhydra
from swarmhydra.config import ConfigError, to_yaml, typed
from swarmhydra.config.compose import composed
from swarmhydra.config.from_python import composed_from

BRIEF = (
    "sim.electrons=80",
    "sim.sub_swarms=4",
    "sim.stop.real_collisions=2e3",
    "sim.stop.wall_time=null",
)


def mean_energy(en: int) -> float:
    """The mean energy of a run of a few seconds."""
    return float(swarmhydra.simulate("gas=argon", *BRIEF, f"sim.en={en}")["mean_energy"])


def test_threads_compose_their_configurations_at_the_same_time() -> None:
    fields = [float(en) for en in range(100, 112)]
    with ThreadPoolExecutor(len(fields)) as threads:
        configs = threads.map(lambda en: composed([f"sim.en={en}"]), fields)
        assert [config.sim.en for config in configs] == fields


def test_a_refusal_in_one_thread_leaves_the_others_alone() -> None:
    def refused(_: int) -> bool:
        with pytest.raises(ValueError, match=r"sim\.enn"):
            composed(["sim.enn=3"])
        return True

    with ThreadPoolExecutor(6) as threads:
        refusals = [threads.submit(refused, number) for number in range(5)]
        config = threads.submit(composed, ["sim.en=30"])
        assert all(refusal.result() for refusal in refusals)
        assert config.result().sim.en == 30.0


def test_a_configuration_can_be_an_object_a_text_or_a_mapping() -> None:
    wanted = typed(composed(["gas=helium", "sim=quick", "sim.en=7"]))
    assert typed(composed_from([wanted])) == wanted
    assert typed(composed_from([to_yaml(wanted)])) == wanted
    given = {"gas": "helium", "sim": {"en": np.float64(7.0)}}
    assert typed(composed_from([given, "sim=quick", "sim.en=7"])) == wanted
    assert typed(composed_from([{"sim": "quick", "gas": "helium", "sim.en": 7}])) == wanted


def test_overrides_change_a_configuration_that_is_handed_over() -> None:
    start = typed(composed(["gas=helium", "sim.en=7"]))
    changed = typed(composed_from([start, "sim.en=8", "accel=jit", "sim.stop.rel_error.rates=0.1"]))
    assert changed == typed(
        composed(["gas=helium", "sim.en=8", "accel=jit", "sim.stop.rel_error.rates=0.1"])
    )
    assert start.sim.en == 7.0


def test_a_gas_of_a_mapping_is_the_whole_gas() -> None:
    table = {"kind": "ELASTIC", "name": "X", "energies": [0, 100], "cross_sections": [1e-20, 1e-20]}
    gas = {"components": {"X": {"mass": 40.0, "processes": [table]}}}
    config = typed(composed_from([{"gas": gas}]))
    assert list(config.gas.components) == ["X"]


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ([{"sim": {"enn": 3}}], "sim.enn"),
        ([{"sim": {"en": "much"}}], "sim.en=much: expected a number"),
        (["gas: argon\nsim: 3\n"], "the attribute `config`"),
        (["no configuration\nat all"], "the attribute `config` of a result"),
        (["sim.en=3", {"sim": {"en": 3}}], "after it overrides"),
        ([3], "expected a text, a mapping"),
        ([{}, "sim.en=1,2"], "one value"),
        ([{"gas": {"name": "${oc.env:HOME}"}}], "may not read the environment"),
    ],
)
def test_settings_of_python_are_refused_in_a_line(settings: list, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        typed(composed_from(settings))
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.slow
def test_runs_in_threads_find_what_they_find_one_after_the_other() -> None:
    fields = (300, 400)
    with ThreadPoolExecutor(len(fields)) as threads:
        together = list(threads.map(mean_energy, fields))
    assert together == [mean_energy(en) for en in fields]
