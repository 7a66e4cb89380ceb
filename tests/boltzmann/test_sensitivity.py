"""Derivatives of all coefficients against finite differences, sum rules and error budgets."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import xarray as xr

import swarmhydra
from swarmhydra.boltzmann.coefficients import coefficients
from swarmhydra.boltzmann.collision_model import CollisionModel
from swarmhydra.boltzmann.discrete import sampled
from swarmhydra.boltzmann.hydrodynamic import Swarm
from swarmhydra.boltzmann.sensitivity import (
    COEFFICIENTS,
    Sensitivity,
    Species,
    sensitivity,
)
from swarmhydra.boltzmann.solve import Request, solve
from swarmhydra.config import ConfigError
from swarmhydra.kernels.arrays import FloatArray
from swarmhydra.kernels.quantities import HALF_MASS
from swarmhydra.results.summary import summary
from tests.boltzmann.solved import request

STEP = 1e-3

SLOW = ("argon at 10 Td", "argon at 500 Td", "forward scattering", "coarse tables")
GASES = {
    "argon at 10 Td": (("gas=argon",), 10.0),
    "argon at 100 Td": (("gas=argon",), 100.0),
    "argon at 500 Td": (("gas=argon", "sim.ionization_sharing=opal"), 500.0),
    "attaching": (
        ("gas=lucas_saelee", "gas.parameters.F=0", "gas.parameters.a=8e-3", "gas.parameters.p=-1"),
        10.0,
    ),
    "forward scattering": (("gas=argon", "sim.angular_model=vahedi_surendra"), 200.0),
    "cold": (("gas=reid_ramp", "sim.temperature=0"), 12.0),
    "coarse tables": (("gas=helium",), 100.0),
}


every_gas = pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=pytest.mark.slow) if name in SLOW else name for name in GASES],
)


@cache
def case(name: str) -> tuple[Request, Swarm, Sensitivity]:
    """A gas, its swarm and all derivatives."""
    overrides, en = GASES[name]
    asked = request(*overrides, en=en)
    swarm = solve(asked).swarm
    one_species = Species(np.zeros(asked.target_density.size, dtype=int), np.ones(1))
    found = sensitivity(swarm, asked.number_density, asked.target_density, one_species)
    return asked, swarm, found


def changed(model: CollisionModel, process: int, factor: FloatArray | float) -> CollisionModel:
    """The gas with one collision frequency times a factor at each node of the tables."""
    table = model.tables.table.copy()
    table[:, process] *= factor
    return replace(model, tables=model.tables._replace(table=table))


def logarithms(
    asked: Request, swarm: Swarm, model: CollisionModel, field: float = 1.0
) -> FloatArray:
    """Logarithms of all coefficients on the grid of a swarm, in a gas and field near to its own."""
    own = swarm.sampling
    sampling = sampled(model, own.spaces, own.quadrature, swarm.weight.logarithm)
    acceleration = field * swarm.acceleration
    there = replace(swarm, model=model, sampling=sampling, acceleration=acceleration)
    values = coefficients(there, asked.number_density, asked.target_density)
    scalars = [values[name] for name in COEFFICIENTS]
    found = np.abs(np.concatenate([scalars, values["rate_coefficient"]]))
    return np.log(np.where(found > 0.0, found, np.nan))


def with_closer_nodes(model: CollisionModel) -> CollisionModel:
    """The same gas in tables whose nodes are close enough to hold a bump."""
    old = model.tables.node
    if model.tables.intervals_per_speed > 0.0:
        return model
    node = np.union1d(old, np.geomspace(1e-3, old[-1], 600))
    columns = [np.interp(node, old, values) for values in model.tables.table.T]
    return replace(model, tables=model.tables._replace(node=node, table=np.stack(columns, axis=1)))


def bump(at: FloatArray, energy: float) -> FloatArray:
    """A smooth local change."""
    return np.exp(-(np.log(np.maximum(at, 1e-9) / energy) ** 2))


def close(found: FloatArray, difference: FloatArray, relative: float) -> None:
    """Both agree, or both are unknown."""
    known = np.isfinite(found)
    assert np.array_equal(known, np.isfinite(difference))
    np.testing.assert_allclose(found[known], difference[known], rtol=relative, atol=1e-6)


@every_gas
def test_derivatives_are_those_of_finite_differences(name: str) -> None:
    asked, swarm, found = case(name)
    for process in range(swarm.model.processes):
        above, below = (
            logarithms(asked, swarm, changed(swarm.model, process, 1.0 + sign * STEP))
            for sign in (1.0, -1.0)
        )
        close(found.process[:, process], 0.5 * (above - below) / STEP, 1e-4)
    above, below = (
        logarithms(asked, swarm, swarm.model, 1.0 + sign * STEP) for sign in (1.0, -1.0)
    )
    close(found.field, 0.5 * (above - below) / STEP, 1e-4)


@pytest.mark.parametrize(
    ("name", "energies"),
    [
        ("attaching", 2),
        *(
            pytest.param(name, 10, marks=pytest.mark.slow)
            for name in ("attaching", "argon at 10 Td", "argon at 100 Td", "argon at 500 Td")
        ),
        pytest.param("coarse tables", 3, marks=pytest.mark.slow),
    ],
)
def test_the_density_over_energy_says_what_a_local_change_does(name: str, energies: int) -> None:
    asked, swarm, found = case(name)
    place = np.sqrt(found.energy_edges[1:] * found.energy_edges[:-1])
    width = np.diff(np.log(found.energy_edges))
    model = with_closer_nodes(swarm.model)
    mean = float(coefficients(swarm, asked.number_density, asked.target_density)["mean_energy"])
    for energy in mean * np.geomspace(0.3, 5.0, energies):
        at_nodes = STEP * bump(model.tables.node, energy)
        for process in range(model.processes):
            above, below = (
                logarithms(asked, swarm, changed(model, process, 1.0 + sign * at_nodes))
                for sign in (1.0, -1.0)
            )
            share = found.density[:, process] * width
            known = np.isfinite(above)
            error = np.abs(share @ bump(place, energy) - 0.5 * (above - below) / STEP)[known]
            # Positive and negative shares nearly cancel.
            assert np.all(error <= 1e-3 * np.abs(share[known]).sum(axis=1) + 1e-7)


@every_gas
def test_cross_sections_and_field_that_grow_alike_change_only_the_scale(name: str) -> None:
    _, _, found = case(name)
    total = found.process.sum(axis=1) + found.field
    scale = {"reduced_mobility": -1, "reduced_energy": -1, "reduced_diffusion": -1}
    scale |= {"effective_ionization": 1, "reduced_townsend": 1}
    powers = [
        next((power for start, power in scale.items() if name.startswith(start)), 0)
        for name in COEFFICIENTS
    ]
    expected = np.array([*powers, *(1 for _ in range(found.process.shape[1]))])
    known = np.isfinite(total)
    assert known.sum() > len(COEFFICIENTS) - 6
    np.testing.assert_allclose(total[known], expected[known], atol=1e-6)


def test_the_density_adds_up_to_the_whole() -> None:
    _, swarm, found = case("argon at 100 Td")
    width = np.diff(np.log(found.energy_edges))
    known = np.isfinite(found.process).all(axis=1)
    np.testing.assert_allclose((found.density @ width)[known], found.process[known], atol=1e-12)
    top = HALF_MASS * swarm.sampling.spaces[0].edges[-1] ** 2
    assert found.energy_edges[-1] == pytest.approx(top)


def test_solutions_of_a_changed_gas_differ_as_the_derivatives_say() -> None:
    """Also with grids of their own, by the command that a user has."""
    gas = ("method=boltzmann", "gas=lxcat", "gas.name=own", "sim.en=20", "method.tolerance=1e-6")

    def solved(factor: float, *more: str) -> xr.DataTree:
        sigma = [4e-20 * factor, 8e-20 * factor, 2e-20 * factor]
        process = f"{{kind: ELASTIC, name: e, energies: [0, 10, 100], cross_sections: {sigma}}}"
        own = f"+gas.components={{a: {{mass: 40.0, processes: [{process}]}}}}"
        return swarmhydra.simulate(*gas, own, *more)

    above, below = (solved(1.0 + sign * 0.01) for sign in (1.0, -1.0))
    group = solved(1.0, "method.sensitivity=true")["sensitivity"]
    for name in ("mean_energy", "drift_velocity_flux", "reduced_diffusion_longitudinal_bulk"):
        difference = np.log(float(above[name]) / float(below[name])) / 0.02
        found = float(group["log_derivative"].sel(coefficient=name, process="e"))
        assert found == pytest.approx(difference, rel=1e-3)


def test_the_temperature_counts_where_electrons_are_nearly_thermal() -> None:
    gas = ("method=boltzmann", "gas=argon", "sim.en=0.1")
    above, below = (
        swarmhydra.simulate(*gas, f"sim.temperature={300 * f}", f"sim.pressure={1e5 * f}")
        for f in (1.02, 0.98)
    )
    group = swarmhydra.simulate(*gas, "sim.pressure=1e5", "method.sensitivity=true")["sensitivity"]
    for name in ("mean_energy", "reduced_diffusion_transverse_flux"):
        step = np.log(1.02 / 0.98)
        difference = np.log(float(above[name]) / float(below[name])) / step
        error = 2.0 * float(above[f"{name}_stderr"]) / float(above[name]) / step
        found = float(group["log_derivative_temperature"].sel(coefficient=name))
        assert found == pytest.approx(difference, rel=1e-3, abs=error)


def test_uncertainties_of_cross_sections_make_errors_of_coefficients() -> None:
    """Errors at all energies alike add up; those at energies apart have nothing to do with it."""
    gas = ("method=boltzmann", "gas=argon", "sim.en=2", "method.sensitivity=true")
    whole, parts = (
        swarmhydra.simulate(*gas, f"gas.uncertainties=[{{process: '*elastic', {uncertainty}}}]")
        for uncertainty in (
            "relative: 0.1",
            "energies: [1, 10], values: [0.1, 0.1], correlation_length: 0.1",
        )
    )
    derivative = whole["sensitivity"]["log_derivative"].sel(process="Ar elastic")
    for name in ("mean_energy", "drift_velocity_bulk"):
        relative = float(whole[f"{name}_from_cross_sections"]) / float(whole[name])
        expected = 0.1 * abs(float(derivative.sel(coefficient=name)))
        assert relative == pytest.approx(expected, rel=1e-6)
        assert 0.0 < float(parts[f"{name}_from_cross_sections"]) < relative * float(whole[name])
    assert "% by cross sections" in summary(whole)


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("gas.uncertainties=[{process: Xe, relative: 0.1}]", "gas.uncertainties[0].process=Xe"),
        ("gas.uncertainties=[{process: '*'}]", "relative=null with 0 energies"),
        ("gas.uncertainties=[{energies: [1, 2], values: [1]}]", "1 values for 2 energies"),
        ("sim.bn=10", "method.sensitivity=true with sim.bn=10"),
    ],
)
def test_what_gives_no_sensitivities_is_refused_in_a_line(setting: str, words: str) -> None:
    with pytest.raises(ConfigError) as error:
        swarmhydra.simulate("gas=argon", "method=boltzmann", "method.sensitivity=true", setting)
    assert words in str(error.value)
    assert "\n" not in str(error.value)
