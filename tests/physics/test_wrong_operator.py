"""Control variates whose operator describes another gas: the run says so, by name."""

import re
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

import swarmhydra
from swarmhydra.boltzmann.collision_model import CollisionModel
from swarmhydra.boltzmann.solve import Request
from swarmhydra.kernels import contract
from swarmhydra.run import controlled_start
from tests.helpers.settings import BY_COLLISIONS, FASTEST

ARGON = ("gas=argon", "sim.en=100", "sim.temperature=0")
FAST = ("gas=argon", "sim.en=500", "sim.temperature=0")
WARM = ("gas=helium", "sim.en=1", "sim.temperature=300")
RAMP = ("gas=reid_ramp", "sim.en=24", "sim.temperature=0")
"""A fifth of all collisions are excitations."""

Change = Callable[[CollisionModel], CollisionModel]


def more_often(kind: int, share: float) -> Change:
    """Processes of a kind happen more often in the operator, by a share."""

    def changed(model: CollisionModel) -> CollisionModel:
        factor = np.where(model.tables.action == kind, 1.0 + share, 1.0)
        return replace(model, tables=model.tables._replace(table=model.tables.table * factor))

    return changed


def one_takes_all(model: CollisionModel) -> CollisionModel:
    return replace(model, sharing=model.sharing._replace(rule=contract.ONE_TAKES_ALL))


@pytest.fixture
def with_operator(monkeypatch: pytest.MonkeyPatch) -> Callable[[Change], None]:
    """Change what control variates take for the gas; the electrons fly in the real one."""
    original = controlled_start.solver_request

    def change(changed: Change) -> None:
        def request(*arguments: object) -> Request:
            asked = original(*arguments)
            return replace(asked, model=changed(asked.model))

        monkeypatch.setattr(controlled_start, "solver_request", request)

    return change


def warnings_of(*overrides: str) -> str:
    return str(swarmhydra.simulate(*FASTEST, *overrides).attrs["warnings"])


def run_of(collisions: float) -> tuple[str, ...]:
    """Of many sub-swarms, whose spread is known well."""
    return (*BY_COLLISIONS, "sim.sub_swarms=64", f"sim.stop.real_collisions={collisions}")


def test_a_wrong_collision_frequency_is_named(with_operator: Callable[[Change], None]) -> None:
    with_operator(more_often(contract.EXCITATION, 0.3))
    short = ("method.grid=64", "method.terms=8", *run_of(2e6))
    assert f"Ar(11.5eV): {COUNTED} = 0.7" in warnings_of(*ARGON, *short)


COUNTED = "counted/expected collisions"

ORDINARY = {
    "elastic": (
        ARGON,
        more_often(contract.ELASTIC, 0.01),
        f"elastic: {COUNTED} = 0.990",
    ),
    "excitation": (
        FAST,
        more_often(contract.EXCITATION, 0.01),
        f"Ar(11.5eV): {COUNTED} = 0.9",
    ),
    "sharing": (FAST, one_takes_all, "mean_energy ("),
    "gas at rest": (WARM, CollisionModel.at_rest, "mean_energy ("),
}


@pytest.mark.slow
@pytest.mark.parametrize("fault", ORDINARY)
def test_a_wrong_operator_is_named_in_an_ordinary_run(
    fault: str, with_operator: Callable[[Change], None]
) -> None:
    overrides, change, expected = ORDINARY[fault]
    with_operator(change)
    assert expected in warnings_of(*overrides, *run_of(1e8))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("swarm", "kind", "collisions", "process"),
    [
        (FAST, contract.ELASTIC, 3e8, "elastic"),
        (RAMP, contract.EXCITATION, 4e8, "Reid(0.2eV)"),
    ],
)
def test_a_thousandth_is_noticed_in_a_minute(
    swarm: tuple[str, ...],
    kind: int,
    collisions: float,
    process: str,
    with_operator: Callable[[Change], None],
) -> None:
    """Where the process is frequent: its number of collisions has the noise of a count."""
    with_operator(more_often(kind, 1e-3))
    warnings = warnings_of(*swarm, *run_of(collisions))
    found = re.search(rf"{re.escape(process)}: {COUNTED} = ([0-9.]+) ", warnings)
    assert found is not None
    # Five standard errors of the rarer process.
    assert float(found[1]) == pytest.approx(1.0 / 1.001, abs=5e-4)


@pytest.mark.slow
@pytest.mark.parametrize("swarm", [ARGON, FAST, WARM])
def test_a_right_operator_is_not_accused(swarm: tuple[str, ...]) -> None:
    assert not warnings_of(*swarm, *run_of(1e8))
