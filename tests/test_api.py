"""`simulate`, as a function among others in a process."""

from concurrent.futures import ThreadPoolExecutor

import pytest

import swarmhydra
from swarmhydra.config.compose import composed

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


@pytest.mark.slow
def test_runs_in_threads_find_what_they_find_one_after_the_other() -> None:
    fields = (300, 400)
    with ThreadPoolExecutor(len(fields)) as threads:
        together = list(threads.map(mean_energy, fields))
    assert together == [mean_energy(en) for en in fields]
