"""The solver against exact results, and against an independent solver of the same equation.

Where the other solver leaves out the recoil of some collisions, so does the model it is compared
with here: the two then agree far better than recoil matters.
"""

import csv
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from swarmhydra.boltzmann import operator
from swarmhydra.boltzmann.collision_model import USUAL, Average, CollisionModel, Nodes
from swarmhydra.boltzmann.solve import Solution, solve
from swarmhydra.kernels import contract
from swarmhydra.kernels.arrays import FloatArray
from swarmhydra.swarm import from_config
from tests.boltzmann.solved import maxwell_gas, request
from tests.helpers.settings import configured

VALUES = Path(__file__).parents[1] / "reference" / "values.csv"


class ElasticRecoilOnly(CollisionModel):
    """Only elastic collisions set the target in motion."""

    def outcomes(self, speed: FloatArray, process: int, nodes: Nodes = USUAL) -> Average:
        if self.tables.action[process] == contract.ELASTIC:
            return super().outcomes(speed, process, nodes)
        return _without_recoil(self).outcomes(speed, process, nodes)


class FirstOrderRecoil(CollisionModel):
    """Elastic collisions only cost their mean energy; others have no recoil."""

    def outcomes(self, speed: FloatArray, process: int, nodes: Nodes = USUAL) -> Average:
        average = _without_recoil(self).outcomes(speed, process, nodes)
        if self.tables.action[process] != contract.ELASTIC:
            return average
        mean = np.sum(average.weight * average.cosine, axis=1) / average.frequency
        loss = 2.0 * self.mass_ratio[process] * (1.0 - mean)
        return average._replace(speed=average.speed * np.sqrt(1.0 - loss)[:, None])


def drift_alone(
    model: CollisionModel, speed: FloatArray, process: int
) -> tuple[FloatArray, FloatArray]:
    """Elastic collisions as a drift of the speed: its spread is of the second order."""
    average = _without_recoil(model).at_rest().outcomes(speed, process, USUAL)
    transfer = average.frequency - np.sum(average.weight * average.cosine, axis=1)
    return -model.mass_ratio[process] * transfer * speed, np.zeros_like(speed)


def _without_recoil(model: CollisionModel) -> CollisionModel:
    """The same gas of molecules without limit to their mass, for electrons that see it at rest."""
    tables = model.tables._replace(recoil=np.ones_like(model.tables.recoil))
    return CollisionModel(tables, model.scattering, model.sharing)


@dataclass(frozen=True)
class Case:
    """A gas at a field and a temperature."""

    overrides: tuple[str, ...]
    en: float
    recoil: str

    @property
    def name(self) -> str:
        return f"{' '.join(self.overrides)}, {self.en:g} Td"


@dataclass(frozen=True)
class Row:
    """A value of the table."""

    quantity: str
    value: float
    uncertainty: float


def table() -> dict[Case, list[Row]]:
    """The rows for a steady field alone."""
    rows: dict[Case, list[Row]] = {}
    with VALUES.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if "sim.bn" in row["overrides"]:
                continue
            recoil = "first order"
            if "exact" in row["provenance"]:
                recoil = "all"
            elif "elastic kinematics" in row["provenance"]:
                recoil = "elastic"
            overrides = (*row["overrides"].split(), f"sim.temperature={row['temperature']}")
            case = Case(overrides, float(row["en"]), recoil)
            uncertainty = float(row["relative_uncertainty"])
            if "as quoted" in row["provenance"]:
                # Of published values one standard error is stated.
                uncertainty *= 2.0
            rows.setdefault(case, []).append(Row(row["quantity"], float(row["value"]), uncertainty))
    return rows


TABLE = table()
QUICK = [
    case
    for case in TABLE
    if ("gas=reid_ramp" in case.overrides and case.en == 12.0)
    or "gas.parameters.F=0.5" in case.overrides
]


@cache
def solved(case: Case) -> Solution:
    """The solution of a case, with as much recoil as its reference has."""
    asked = request(*case.overrides, en=case.en)
    kinds = {"all": CollisionModel, "elastic": ElasticRecoilOnly, "first order": FirstOrderRecoil}
    kind = kinds[case.recoil]
    model = asked.model
    with pytest.MonkeyPatch.context() as patch:
        if case.recoil == "first order":
            patch.setattr(operator, "_cooling", drift_alone)
        return solve(replace(asked, model=kind(model.tables, model.scattering, model.sharing)))


def estimate(case: Case, quantity: str) -> tuple[float, float]:
    """Value and error of a row's quantity."""
    solution = solved(case)
    name, _, process = quantity.partition(":")
    value, error = solution.values[name], solution.errors[name]
    if process:
        mixture = from_config.medium(configured(*case.overrides)).mixture
        index = [each.name for each in mixture.processes].index(process)
        return float(value[index]), float(error[index])
    return float(value), float(error)


def disagreements(case: Case, fine: float, coarse: float) -> list[str]:
    """Rows that are further off than stated errors and an allowance for the other equation."""
    failures = []
    for row in TABLE[case]:
        value, error = estimate(case, row.quantity)
        share = coarse if "diffusion" in row.quantity or "sst" in row.quantity else fine
        if abs(value - row.value) > error + (row.uncertainty + share) * abs(row.value):
            failures.append(f"{row.quantity}: {value:.8g} +- {error:.1g}, not {row.value:.8g}")
    return failures


def name_of(case: Case) -> str:
    return case.name


def test_the_table_is_read_whole() -> None:
    assert sum(len(rows) for rows in TABLE.values()) == 226
    assert len(QUICK) == 3


@pytest.mark.parametrize("case", QUICK, ids=name_of)
def test_a_cold_gas_agrees_with_another_solver(case: Case) -> None:
    # The tables of Lucas and Saelee's gas follow its formula to 1e-4.
    fine, coarse = (1e-5, 2e-5) if "gas=reid_ramp" in case.overrides else (5e-5, 1e-4)
    assert disagreements(case, fine, coarse) == []


@pytest.mark.slow
@pytest.mark.parametrize("case", TABLE, ids=name_of)
def test_all_rows_agree_with_another_solver(case: Case) -> None:
    assert disagreements(case, 1e-4, 3e-4) == []


@pytest.mark.parametrize(
    ("mass_ratio", "en", "temperature"),
    [(1e-3, 0.2, 300.0), (1e-3, 1.0, 0.0), (1.0, 5.0, 0.0), (0.3, 2.0, 0.0)],
)
def test_a_gas_of_constant_frequency_follows_its_moment_equations(
    mass_ratio: float, en: float, temperature: float
) -> None:
    compare_with_maxwell_gas(mass_ratio, en, temperature)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("mass_ratio", "en", "temperature"), [(0.01, 1.0, 300.0), (0.1, 3.0, 300.0), (3.0, 2.0, 2000.0)]
)
def test_light_moving_molecules_follow_the_moment_equations(
    mass_ratio: float, en: float, temperature: float
) -> None:
    compare_with_maxwell_gas(mass_ratio, en, temperature)


def compare_with_maxwell_gas(mass_ratio: float, en: float, temperature: float) -> None:
    """Energy, drift and diffusion, to what the tables' own mean frequency leaves open."""
    asked = request(
        "gas=maxwell",
        f"gas.parameters.mass_ratio={mass_ratio}",
        f"sim.temperature={temperature}",
        en=en,
        cells=256,
    )
    solution = solve(asked)
    frequency = float(solution.values["rate_coefficient"][0])
    assert frequency == pytest.approx(1e-14, rel=1e-4)
    for name, exact in maxwell_gas(mass_ratio, en, temperature, frequency).items():
        assert float(solution.values[name]) == pytest.approx(float(exact), rel=5e-6), name
