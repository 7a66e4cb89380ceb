"""What every solution must obey, and what the solver refuses."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from scipy import constants, integrate

from swarmhydra.boltzmann.solve import Solution, SolverError, solve
from swarmhydra.boltzmann.tail import shares_above
from swarmhydra.boltzmann.transport import Expansion
from swarmhydra.kernels import contract
from swarmhydra.kernels.quantities import HALF_MASS
from tests.boltzmann.solved import TOWNSEND, request

BOLTZMANN_EV = constants.Boltzmann / constants.elementary_charge

GASES = {
    "argon": (("gas=argon",), 100.0),
    "argon at a low field": (("gas=argon", "sim.temperature=77"), 5.0),
    "attaching": (
        ("gas=lucas_saelee", "gas.parameters.F=0", "gas.parameters.a=8e-3", "gas.parameters.p=-1"),
        10.0,
    ),
    "opal": (
        ("gas=argon", "sim.ionization_sharing=opal", "sim.ionization_directions=momentum"),
        500.0,
    ),
}


@cache
def solved(name: str) -> Solution:
    overrides, en = GASES[name]
    return solve(request(*overrides, en=en))


@pytest.mark.parametrize("name", GASES)
def test_power_and_numbers_balance(name: str) -> None:
    values, swarm = solved(name).values, solved(name).swarm
    assert abs(values["power_balance_residual"]) < 1e-9 * values["power_gain"]
    frequency = swarm.mean_of(swarm.sampling.image.frequency)
    action = swarm.model.tables.action
    net = frequency[action == contract.IONIZATION].sum()
    net -= frequency[action == contract.ATTACHMENT].sum()
    assert swarm.growth.rate == pytest.approx(net, rel=1e-9)


@pytest.mark.parametrize("name", GASES)
def test_the_density_is_positive_over_many_decades(name: str) -> None:
    swarm = solved(name).swarm
    top = swarm.sampling.spaces[0].edges[-1]
    f0 = swarm.density_at(np.linspace(1e-3 * top, top, 2000))[0]
    assert (f0 > 0.0).all()
    assert np.log10(f0.max() / f0.min()) > 15.0
    energies = np.linspace(0.0, np.sqrt(HALF_MASS) * top, 4001)
    f0 = swarm.density_at(np.maximum(energies, 1e-9) / np.sqrt(HALF_MASS))[0]
    assert integrate.simpson(2.0 * energies**2 * f0, x=energies) == pytest.approx(1.0, rel=1e-6)


@pytest.mark.parametrize("name", GASES)
def test_errors_are_within_the_tolerance(name: str) -> None:
    solution = solved(name)
    assert solution.converged
    for quantity in ("mean_energy", "drift_velocity_flux", "drift_velocity_bulk"):
        assert solution.errors[quantity] < 1e-4 / 0.34 * abs(solution.values[quantity])


def test_the_rare_ionization_of_argon_is_found() -> None:
    # The independent solver's 9.7402921e-24 m3/s has no recoil of molecules but in the energy.
    solution = solve(request("gas=argon", "sim.temperature=0", en=10.0))
    rate = solution.values["effective_ionization_rate_coefficient"]
    assert rate == pytest.approx(9.7402921e-24, rel=1e-2)
    assert solution.errors["effective_ionization_rate_coefficient"] < 1e-4 * rate


@pytest.mark.parametrize("gas", ["helium", "hard_sphere", "maxwell"])
def test_without_a_field_to_speak_of_electrons_are_as_warm_as_the_gas(gas: str) -> None:
    swarm = solve(request(f"gas={gas}", "sim.temperature=300", en=1e-4))
    values, thermal = swarm.values, 300.0 * BOLTZMANN_EV
    assert values["mean_energy"] == pytest.approx(1.5 * thermal, rel=1e-5)
    # Einstein's relation holds for both directions.
    mobility = values["reduced_mobility_flux"]
    for direction in ("longitudinal", "transverse"):
        diffusion = values[f"reduced_diffusion_{direction}_flux"]
        assert diffusion / mobility == pytest.approx(thermal, rel=2e-5)
    energy = np.array([0.01, 0.1, 0.3, 0.8])
    f0 = swarm.swarm.density_at(np.sqrt(energy / HALF_MASS))[0]
    ratio = f0 / np.exp(-energy / thermal)
    assert ratio == pytest.approx(ratio[0], rel=1e-4)


def test_two_terms_of_hard_spheres_are_druyvesteyns() -> None:
    # Druyvesteyn (1930), closed forms for molecules of 1e5 electron masses.
    mass = 1e5 * constants.electron_mass / constants.atomic_mass
    overrides = ("gas=hard_sphere", f"gas.parameters.mass={mass}", "sim.temperature=0")
    solution = solve(request(*overrides, en=1.0, terms=2))
    scale = TOWNSEND / (6e-20 * np.sqrt(3e-5))
    assert solution.terms == 2
    assert solution.values["mean_energy"] == pytest.approx(0.739669 * scale, rel=3e-5)
    assert solution.values["drift_velocity_flux"] == pytest.approx(2732.1232, rel=3e-5)
    diffusion = solution.values["reduced_diffusion_transverse_flux"]
    assert diffusion == pytest.approx(4.6904386e24, rel=7e-5)


def test_two_terms_are_too_few_for_argon() -> None:
    two = solve(request("gas=argon", en=100.0, terms=2)).values
    many = solved("argon").values
    ratio = two["reduced_diffusion_transverse_flux"] / many["reduced_diffusion_transverse_flux"]
    assert 1.2 < ratio < 1.3
    assert two["mean_energy"] == pytest.approx(float(many["mean_energy"]), rel=5e-3)


def test_look_up_tables_give_nearly_the_same() -> None:
    fast = solve(request("gas=argon", "accel=jit_lut", en=100.0, spatial=False))
    for name, value in fast.values.items():
        if value.shape == () and "residual" not in name and "attachment" not in name:
            assert value == pytest.approx(float(solved("argon").values[name]), rel=1e-4), name
    assert "drift_velocity_bulk" not in fast.values


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"terms": 0}, "method.terms=0: expected an even number"),
        ({"terms": 3}, "method.terms=3: expected an even number"),
        ({"acceleration": 0.0}, "sim.en: expected a field above 0"),
    ],
)
def test_what_cannot_be_solved_is_refused(change: dict[str, object], words: str) -> None:
    with pytest.raises(SolverError, match=words) as error:
        solve(request("gas=argon", en=100.0, **change))
    assert "\n" not in str(error.value)


def test_electrons_that_run_away_are_refused() -> None:
    with pytest.raises(SolverError, match=r"gas\.energy_max"):
        solve(request("gas=maxwell", en=1000.0))


def test_a_tail_beyond_the_tables_is_followed() -> None:
    # The excitations of helium slow fast electrons down so little that at 300 Td one in a million
    # is above 1000 eV, where the tables end.
    solution = solve(request("gas=helium", en=300.0, terms=12, cells=128))
    top = HALF_MASS * solution.swarm.sampling.spaces[0].edges[-1] ** 2
    assert 3000.0 < top < 1e5
    shares = shares_above(solution.swarm, float(np.sqrt(1000.0 / HALF_MASS)))
    assert 1e-7 < shares["electrons"] < shares["mean_energy"] < 1e-4
    further = solve(request("gas=helium", "gas.energy_max=900", en=300.0, terms=12, cells=128))
    for name in ("mean_energy", "drift_velocity_bulk", "reduced_townsend_effective_sst"):
        # Between 900 and 1000 eV the collision frequency is held now.
        assert solution.values[name] == pytest.approx(float(further.values[name]), rel=2e-5), name


@pytest.mark.parametrize(("gas", "en"), [("helium", 400.0), ("argon", 2000.0)])
def test_the_growth_of_a_steep_stream_is_the_nearest_root(gas: str, en: float) -> None:
    swarm = solve(request(f"gas={gas}", en=en, terms=12, cells=128)).swarm
    expansion = Expansion(replace(swarm, spatial_guess=None))
    rate, drift = swarm.growth.rate, expansion.drift_bulk
    # The growth rate is convex in that in space: above its tangent, below its parabola here.
    assert rate / drift < expansion.spatial_growth < 2.0 * rate / drift
    assert swarm.negative_share(expansion.stream.density) < 1e-6
    near = replace(swarm, spatial_guess=1.01 * expansion.spatial_growth)
    assert Expansion(near).spatial_growth == pytest.approx(expansion.spatial_growth, rel=1e-6)


def test_what_is_left_of_a_gradient_is_the_same_after_any_long_time() -> None:
    """Also after one that overflows beside the collision frequencies."""
    expansion = Expansion(solved("argon").swarm)
    begin, *late = (expansion.axial_after(time) for time in (0.0, 1e-9, 1e-3, 1e308))
    scale = np.abs(expansion.axial).max()
    assert begin == pytest.approx(expansion.axial, rel=1e-9, abs=1e-9 * scale)
    # Electrons with another importance than the mean end ahead of it, or behind.
    assert 0.0 < np.abs(late[0]).max() < 0.01 * scale
    for density in late[1:]:
        assert density == pytest.approx(late[0], rel=0.0, abs=1e-6 * scale)
