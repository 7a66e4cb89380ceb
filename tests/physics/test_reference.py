"""Coefficients agree with exact results and with an independent Boltzmann solver.

`reference/values.csv` lists the values: `quantity` is a coefficient of the result, or
``rate_coefficient:`` and the name of a process. Processes too rare for a run of minutes to count
(ionization of argon and helium at 10 Td) are not in it.

A comparison passes when the difference is within so many standard errors that a correct program
fails in any of these tests once in 1e4 runs. The standard error is that of the run, with 63 degrees
of freedom, and of the reference, together.
"""

import csv
import zlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from scipy import constants, stats

from swarmhydra.results.record import Estimate, RunRecord
from swarmhydra.results.variables import VARIABLES
from swarmhydra.run import simulation
from tests.helpers.settings import BY_COLLISIONS, FASTEST_ACCEL, SAMPLED, configured

SLOW_ACCEL = "jit_lut"
"""Of the slow tests: millions of collisions each second."""

SUB_SWARMS = 64


@dataclass(frozen=True)
class Reference:
    """A value to be found."""

    quantity: str
    value: float
    relative_uncertainty: float


@dataclass(frozen=True)
class Case:
    """A swarm with known properties, and how long to follow it."""

    model: str
    overrides: tuple[str, ...]
    en: str
    temperature: str

    @property
    def name(self) -> str:
        return f"{self.model}, {self.en} Td, {self.temperature} K"


def read() -> dict[Case, list[Reference]]:
    """The table, by swarm."""
    table: dict[Case, list[Reference]] = {}
    with (Path(__file__).parents[1] / "reference" / "values.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            overrides = tuple(row["overrides"].split())
            case = Case(row["model"], overrides, row["en"], row["temperature"])
            assert row["unit"] == VARIABLES[row["quantity"].partition(":")[0]].units
            uncertainty = float(row["relative_uncertainty"]) + allowance(row["quantity"], row)
            reference = Reference(row["quantity"], float(row["value"]), uncertainty)
            table.setdefault(case, []).append(reference)
    return table


def allowance(quantity: str, row: dict[str, str]) -> float:
    """What a reference may be off beyond its numerical error, and our tables off the formulas."""
    solver = 2e-4 if "diffusion" in quantity else 1e-4
    tables = 5e-4 if row["model"].startswith(("argon", "helium")) else 0.0
    return solver + tables


@dataclass(frozen=True)
class MaxwellGas:
    """Electrons that collide with a constant frequency k0 N, isotropically in the centre of mass.

    The equations for the moments close (Wannier, 1953): with mu = m / (m + M), beta = 1 - mu and
    nu = k0 N, momentum transfer gives W = a / (nu beta); the energy equation gives the mean energy;
    that for the components of v v gives their variances, and that for r v gives the diffusion
    coefficients, variance / (nu beta).
    """

    mass_ratio: float
    en: float
    temperature: float
    k0: float = 1e-14

    @property
    def case(self) -> Case:
        overrides = ("gas=maxwell", f"gas.parameters.mass_ratio={self.mass_ratio}")
        name = f"maxwell m/M={self.mass_ratio}"
        return Case(name, overrides, str(self.en), str(self.temperature))

    @property
    def references(self) -> list[Reference]:
        m, charge = constants.electron_mass, constants.elementary_charge
        target_mass = m / self.mass_ratio
        mu = m / (m + target_mass)
        beta = 1.0 - mu
        drift = charge / m * self.en * 1e-21 / (self.k0 * beta)
        thermal = constants.Boltzmann * self.temperature / target_mass
        squared_speed = drift**2 / mu + 3.0 * beta / mu * thermal
        # Of both directions across the field; what is left is along it.
        across = beta**2 * (2.0 * thermal + squared_speed / 3.0) / (1.0 - mu**2)
        along = squared_speed - 2.0 * across - drift**2
        found = {
            "mean_energy": m * squared_speed / 2.0 / charge,
            "drift_velocity_flux": drift,
            "drift_velocity_bulk": drift,
            "rate_coefficient:Maxwell elastic": self.k0,
        }
        for kind in ("flux", "bulk"):
            scale = self.k0 * beta
            found[f"reduced_diffusion_longitudinal_{kind}"] = along / scale
            found[f"reduced_diffusion_transverse_{kind}"] = across / scale
        # The tables give the frequency to 1e-4, and the energy goes with its square.
        return [Reference(quantity, value, 2e-4) for quantity, value in found.items()]


TABLE = read()
MAXWELL = [
    MaxwellGas(mass_ratio=0.1, en=3.0, temperature=300.0),
    MaxwellGas(mass_ratio=1.0, en=5.0, temperature=0.0),
    MaxwellGas(mass_ratio=3.0, en=2.0, temperature=2000.0),
    MaxwellGas(mass_ratio=1e-3, en=0.2, temperature=300.0),
]
FAST_MAXWELL = MAXWELL[0]
ALL = TABLE | {gas.case: gas.references for gas in MAXWELL}
FAST = [case for case in TABLE if case.name == "argon, 500 Td, 300 K"]
FAST.append(FAST_MAXWELL.case)

BENT = [case for case in ALL if "sim.bn" in "".join(case.overrides)]
"""In a magnetic field, where everything is sampled."""

UNSOLVED = [gas.case for gas in MAXWELL if gas.mass_ratio > 1.0]
"""Electrons heavier than the gas: their swarm has no solution in a few Legendre terms."""

CONTROLLED = [case for case in ALL if case not in (*BENT, *UNSOLVED)]
SAMPLED_LONG = [
    case
    for case in ALL
    if case in (*BENT, *UNSOLVED)
    or case.name
    in {
        "argon, 100 Td, 300 K",
        "argon, 500 Td, 0 K",
        "argon opal, 100 Td, 300 K",
        "helium, 100 Td, 300 K",
        "reid_ramp, 12 Td, 0 K",
        "reid_ramp screened Coulomb, 12 Td, 0 K",
        "lucas_saelee F=0.5, 10 Td, 0 K",
        "lucas_saelee F=0 a=0.008 p=-1, 10 Td, 0 K",
        FAST_MAXWELL.case.name,
    }
]
"""Of every kind of gas one, and all that is only sampled."""

COMPARISONS = sum(len(ALL[case]) + 1 for case in (*CONTROLLED, *SAMPLED_LONG, *FAST))
LIMIT = float(stats.t.isf(0.5 * 1e-4 / COMPARISONS, SUB_SWARMS - 1))
"""Standard errors that a difference may have."""

# Real collisions of the measurement, so many that the errors are those that are asked for.
COLLISIONS = {
    ("argon", "10"): 1.5e9,
    ("argon", "100"): 2e8,
    ("argon", "500"): 1e8,
    ("helium", "10"): 4.5e8,
    ("maxwell", "1"): 6e8,
    ("maxwell m/M=0.001", "0.2"): 6e8,
    ("hard_sphere", "1"): 4e8,
    ("hard_sphere", "10"): 4e8,
    ("argon opal", "100"): 2e8,
    ("argon one takes all", "100"): 2e8,
    ("argon uniform", "100"): 2e8,
    ("reid_ramp 200 Hx", "1"): 2e8,
}
USUALLY = 1e8


@cache
def run(case: Case, accel: str, electrons: int, collisions: float, *more: str) -> RunRecord:
    """Follow a swarm until it has had so many collisions, however long that takes."""
    conditions = [
        f"accel={accel}",
        f"sim.en={case.en}",
        f"sim.temperature={case.temperature}",
        f"sim.electrons={electrons}",
        f"sim.sub_swarms={SUB_SWARMS}",
        # Cases must not share their random numbers, or their errors would come together.
        f"sim.seed={zlib.crc32(case.name.encode())}",
        f"sim.stop.real_collisions={collisions}",
        *BY_COLLISIONS,
    ]
    return simulation.run(configured(*case.overrides, *conditions, *more))


def slow(case: Case) -> RunRecord:
    collisions = COLLISIONS.get((case.model, case.en), USUALLY)
    return run(case, SLOW_ACCEL, 12_800, collisions, SAMPLED)


def fast(case: Case) -> RunRecord:
    return run(case, FASTEST_ACCEL, 6_400, 2e6, SAMPLED)


def controlled(case: Case) -> RunRecord:
    # Excited states of helium are the rarest.
    return run(case, SLOW_ACCEL, 12_800, 1.6e7 if case.model == "helium" else 4e6)


def estimate(record: RunRecord, quantity: str) -> Estimate:
    """A coefficient of the result, or the rate of one process."""
    name, _, process = quantity.partition(":")
    found = record.coefficients[name]
    if not process:
        return found
    index = record.processes["name"].index(process)
    return Estimate(found.value[index], found.stderr[index])


def disagreements(record: RunRecord, references: list[Reference]) -> list[str]:
    """The comparisons that fail, in words."""
    failures = []
    for reference in references:
        found = estimate(record, reference.quantity)
        error = np.hypot(found.stderr, abs(reference.value) * reference.relative_uncertainty)
        if not abs(found.value - reference.value) <= LIMIT * error:
            failures.append(
                f"{reference.quantity}: {found.value:.6g} +- {found.stderr:.2g}, "
                f"not {reference.value:.6g}: {(found.value - reference.value) / error:+.1f} errors"
            )
    return failures


def imprecise(record: RunRecord, fine: float, coarse: float) -> list[str]:
    """Coefficients whose relative error is too large for a comparison to mean anything."""
    allowed = {
        "mean_energy": fine,
        "drift_velocity_flux": fine,
        "drift_velocity_bulk": fine,
        "reduced_diffusion_longitudinal_flux": coarse,
        "reduced_diffusion_longitudinal_bulk": coarse,
        "reduced_diffusion_transverse_flux": coarse,
        "reduced_diffusion_transverse_bulk": coarse,
    }
    errors = {
        name: float(record.coefficients[name].stderr / record.coefficients[name].value)
        for name in allowed
    }
    return [f"{name}: {error:.2%}" for name, error in errors.items() if error > allowed[name]]


def assert_sound(record: RunRecord) -> None:
    """What must hold for every run whatever the reference."""
    assert record.attributes["relaxed"] == 1
    assert record.attributes["backend_ran"] == record.attributes["backend_asked"]
    assert record.perf["majorant_violations"] == 0
    residual = record.coefficients["power_balance_residual"]
    assert abs(residual.value) <= LIMIT * residual.stderr


def name_of(case: Case) -> str:
    return case.name


def test_the_table_is_read_whole() -> None:
    assert sum(len(references) for references in TABLE.values()) == 244
    assert len(FAST) == 2
    # Wide enough for hundreds of comparisons, and still a narrow limit.
    assert 4.0 < LIMIT < 6.0


@pytest.mark.parametrize("case", FAST, ids=name_of)
def test_a_short_run_agrees_with_the_reference(case: Case) -> None:
    record = fast(case)
    assert imprecise(record, fine=0.01, coarse=0.04) == []
    assert disagreements(record, ALL[case]) == []
    assert_sound(record)


@pytest.mark.slow
@pytest.mark.parametrize("case", SAMPLED_LONG, ids=name_of)
def test_a_long_sampled_run_agrees_with_the_reference(case: Case) -> None:
    record = slow(case)
    assert imprecise(record, fine=0.003, coarse=0.02) == []
    assert disagreements(record, ALL[case]) == []
    assert_sound(record)


@pytest.mark.slow
@pytest.mark.parametrize("case", CONTROLLED, ids=name_of)
def test_a_run_with_control_variates_agrees_with_the_reference(case: Case) -> None:
    record = controlled(case)
    assert record.coefficients["mean_energy"].controlled
    assert imprecise(record, fine=1e-4, coarse=1e-3) == []
    assert disagreements(record, ALL[case]) == []
    assert_sound(record)
