"""Swarms without a field in a molecular gas in equilibrium: Maxwellian, and balanced in detail."""

import numpy as np
import pytest
from scipy import constants, integrate, stats

from swarmhydra.config import Config
from swarmhydra.config.compose import composed
from swarmhydra.kernels.arrays import FloatArray
from swarmhydra.results.record import Estimate
from swarmhydra.run import simulation
from swarmhydra.run.checked import checked
from swarmhydra.swarm.from_config import collision_partners
from tests.helpers.settings import BY_COLLISIONS, FASTEST

SUB_SWARMS = 32
LIMIT = float(stats.t.isf(0.5 * 1e-7, SUB_SWARMS - 1))
"""Standard errors that one comparison misses less than once in 1e7."""

KELVIN = 3000.0
THERMAL = constants.Boltzmann * KELVIN / constants.elementary_charge
ROTOR = 0.01
"""Rotational constant of an invented molecule (eV)."""

VIBRATIONS = [0.0, 0.3, 0.58, 0.84]
"""Energies of its vibrational levels (eV)."""


def process(kind: str, name: str, gap: float, size: float, **others: object) -> str:
    """A process of an option file."""
    more = "".join(f", {key}: {value}" for key, value in others.items())
    points = f"[{gap}, {gap + 0.3}, {gap + 9.0}], cross_sections: [0, {size}, {size}]"
    return f"      - {{kind: {kind}, name: '{name}', threshold: {gap}, energies: {points}{more}}}\n"


def gas() -> str:
    """A molecule with transitions between any two of its vibrational levels, and J to J + 2."""
    text = "name: ladders\nenergy_max: 20\ncomponents:\n  N2:\n    mass: 2.0\n    processes:\n"
    text += "      - {kind: ELASTIC, name: e, energies: [0, 1], cross_sections: [6e-20, 6e-20]}\n"
    for low in range(4):
        for high in range(low + 1, 4):
            gap = VIBRATIONS[high] - VIBRATIONS[low]
            levels = {"lower": f"'v={low}'", "upper": f"'v={high}'"}
            # Nothing is said of the weights of transitions from the ground state.
            weights = {"statistical_weight_ratio": 1.0} if low else {}
            name = f"v{low}-v{high}"
            text += process("EXCITATION", name, gap, 1.5e-19, **levels, **weights)
    for low in range(5):
        high = low + 2
        levels = {"lower": f"'J={low}'", "upper": f"'J={high}'"}
        gap = ROTOR * (high * (high + 1) - low * (low + 1))
        ratio = (2 * high + 1) / (2 * low + 1)
        name = f"J{low}-J{high}"
        text += process("ROTATION", name, gap, 8e-20, statistical_weight_ratio=ratio, **levels)
    return text


def assert_agree(found: Estimate, expected: FloatArray | float, tables: float) -> None:
    """Within the standard error and a share of what is expected that tables add."""
    assert np.all(np.abs(found.value - expected) <= LIMIT * found.stderr + tables * expected)


@pytest.mark.parametrize(
    ("electrons", "collisions", "precision"),
    [(1280, 8e5, 0.02), pytest.param(3200, 1e7, 0.005, marks=pytest.mark.slow)],
)
def test_in_equilibrium_a_molecular_gas_leaves_a_maxwellian_as_it_is(
    tmp_path, electrons: int, collisions: float, precision: float
) -> None:
    (tmp_path / "gas").mkdir()
    (tmp_path / "gas" / "ladders.yaml").write_text(gas())
    config: Config = checked(
        composed(
            (
                "gas=ladders",
                *FASTEST,
                "sim.en=0",
                f"sim.temperature={KELVIN}",
                f"sim.initial_energy={1.5 * THERMAL}",
                f"sim.sub_swarms={SUB_SWARMS}",
                f"sim.electrons={electrons}",
                *BY_COLLISIONS,
                f"sim.stop.real_collisions={collisions}",
            ),
            tmp_path,
        )
    )
    record = simulation.run(config)
    energy = record.coefficients["mean_energy"]
    assert_agree(energy, 1.5 * THERMAL, 3e-4)
    assert energy.stderr < precision * THERMAL

    edges, eedf = record.eedf["energy_edges"], record.eedf["eedf"]
    assert isinstance(eedf, Estimate)
    maxwellian = stats.gamma(1.5, scale=THERMAL)
    populated = maxwellian.sf(edges[:-1]) > 1e-2
    expected = np.diff(maxwellian.cdf(edges)) / np.diff(edges)
    assert_agree(Estimate(eedf.value[populated], eedf.stderr[populated]), expected[populated], 3e-3)

    mixture = collision_partners(config)
    names, rates = record.processes["name"], record.coefficients["rate_coefficient"]
    flow = rates.value * mixture.fraction
    error = rates.stderr * mixture.fraction
    both_ways = [name for name in names if f"{name} superelastic" in names]
    assert len(both_ways) == 6 + 5
    for name in both_ways:
        up, down = names.index(name), names.index(f"{name} superelastic")
        spread = np.hypot(error[up], error[down])
        assert abs(flow[up] - flow[down]) <= LIMIT * spread + 2e-3 * flow[up]
        # What theory says of the rate itself: not only is it the same both ways.
        sigma = mixture.processes[up]
        thermal, _ = integrate.quad(
            lambda e, sigma=sigma: (
                e * np.interp(e, sigma.energy, sigma.cross_section) * np.exp(-e / THERMAL)
            ),
            sigma.threshold,
            20.0,
            points=sigma.energy,
        )
        speed = np.sqrt(8.0 * constants.elementary_charge / np.pi / constants.electron_mass)
        theory = thermal * speed * THERMAL**-1.5
        assert abs(rates.value[up] - theory) <= LIMIT * rates.stderr[up] + 3e-3 * theory
