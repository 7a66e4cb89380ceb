"""From sums to coefficients: errors as the jackknife has them, values as they are defined."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import constants, special

from swarmhydra.estimators.energy_distribution import energy_distribution
from swarmhydra.estimators.estimate import jackknife
from swarmhydra.estimators.inputs import EstimatorInputs
from swarmhydra.estimators.transport import coefficients, energy_mobility
from swarmhydra.kernels.arrays import FloatArray
from swarmhydra.kernels.contract import (
    ATTACHMENT,
    ELASTIC,
    ENERGY_THEN,
    EXCITATION,
    FLUX_RV,
    FLUX_TIME,
    IONIZATION,
    PAIRS,
    PHASE_COLUMNS,
    PHASE_TIME,
    PHASE_VZ,
    PHASE_X,
    PHASE_Y,
    PHASE_Z,
    Tallies,
)
from swarmhydra.kernels.quantities import HALF_MASS
from swarmhydra.results.record import Estimate
from swarmhydra.results.variables import VARIABLES
from swarmhydra.swarm.tallies import new_tallies

SUB_SWARMS = 8
CELLS = 2048
ACTIONS = np.array([ELASTIC, EXCITATION, IONIZATION, ATTACHMENT])
DENSITY = 2.0e25
TARGETS = DENSITY * np.array([0.75, 0.75, 0.75, 0.25])
FIELD = 3.0e5
WINDOW = 4e-11
LAG = 2
MEMORY = 4
TOP = float(np.sqrt(50.0 / HALF_MASS))

# What a swarm of these tests is made of.
ENERGY = 4.5
FLUX_VELOCITY = np.array([0.0, 0.0, 8e4])
BULK_VELOCITY = np.array([0.0, 0.0, 9e4])
FLUX_DIFFUSION = np.diag([0.21, 0.23, 0.15])
BULK_DIFFUSION = np.diag([0.25, 0.27, 0.18])
TILT = 2e3
POSITION = np.array([1e-6, -2e-6, 3e-6])
COUNTED = np.array([3e12, 4e9, 2.4e8, 1.1e8])
LOST = np.array([5e9, 4e10, 3e9, 2e8])


def inputs(frequency: FloatArray | None = None) -> EstimatorInputs:
    return EstimatorInputs(
        number_density=DENSITY,
        electric_field=FIELD,
        action=ACTIONS,
        target_density=TARGETS,
        cell_edges=np.linspace(0.0, TOP, CELLS + 1),
        cell_frequency=np.tile(COUNTED, (CELLS, 1)) if frequency is None else frequency,
        window=WINDOW,
        lag=LAG,
        tilt=TILT,
    )


def swarm_sums(sub_swarms: int = SUB_SWARMS, noise: float = 0.0, seed: int = 1) -> Tallies:
    """Sums of a swarm that has exactly the properties above; with noise, sub-swarms differ."""
    tallies = new_tallies(sub_swarms, ACTIONS.size, CELLS, MEMORY)
    random = np.random.default_rng(seed)

    def noisy(array: FloatArray) -> FloatArray:
        return array * (1.0 + noise * random.standard_normal((sub_swarms, *np.shape(array))))

    time = random.uniform(1.0, 2.0, (sub_swarms, 1)) * 1e-6
    correlation = FLUX_DIFFUSION + np.outer(POSITION, FLUX_VELOCITY) / 2.0
    correlation += np.outer(FLUX_VELOCITY, POSITION) / 2.0
    products = np.array([correlation[i, j] for i, j in PAIRS])
    tallies.flux[:] = time * np.concatenate(
        [np.ones((sub_swarms, 1)), noisy(FLUX_VELOCITY), noisy(products)], axis=1
    )
    squared_speed = np.full(1, ENERGY / HALF_MASS)
    tallies.trial[:] = time * np.concatenate(
        [np.ones((sub_swarms, 1)), noisy(squared_speed), noisy(POSITION)], axis=1
    )
    cells = np.arange(CELLS) < CELLS // 2
    tallies.speed[:, :, 0] = time * noisy(cells / cells.sum())
    tallies.collisions[:] = time * noisy(COUNTED)
    tallies.energy_loss[:] = time * noisy(LOST)
    electrons = 1000.0 * time / 1e-6
    tallies.window_electrons[:] = electrons
    for k in range(MEMORY):
        elapsed = (k + 1) * WINDOW
        # What a displacement keeps from its beginning must not count, nor how it comes by it.
        begun = 1.0 if k >= LAG - 1 else 0.5
        mean = BULK_VELOCITY * elapsed + begun * np.array([3e-7, 0.0, 8e-7])
        variance = 2.0 * BULK_DIFFUSION * elapsed + begun * 1e-12
        second = variance + np.outer(mean, mean)
        tallies.displacement[:, k] = electrons * noisy(mean)
        tallies.displacement_product[:, k] = electrons * noisy(
            np.array([second[i, j] for i, j in PAIRS])
        )
        moments = tilted_moments(mean[2], variance[2, 2], TILT)
        tallies.tilted[:, k] = electrons * noisy(moments)
    return tallies


def tilted_moments(mean: float, variance: float, tilt: float) -> FloatArray:
    """Means of exp(-tilt z) times 1, z, z^2 for a Gaussian."""
    shifted = mean - tilt * variance
    total = np.exp(-tilt * mean + 0.5 * tilt**2 * variance)
    return total * np.array([1.0, shifted, shifted**2 + variance])


# Errors


def test_jackknife_error_of_a_mean_is_that_of_elementary_statistics() -> None:
    values = np.random.default_rng(1).normal(size=SUB_SWARMS)
    tallies = new_tallies(SUB_SWARMS, 1, 1, 2)
    tallies.flux[:, 0], tallies.flux[:, 3] = 0.25, 0.25 * values
    found = jackknife(tallies, lambda sums: {"mean": sums.flux[:, 3] / sums.flux[:, 0]})["mean"]
    assert float(found.value) == pytest.approx(values.mean(), rel=1e-12, abs=0.0)
    expected = values.std(ddof=1) / np.sqrt(SUB_SWARMS)
    assert float(found.stderr) == pytest.approx(expected, rel=1e-12, abs=0.0)


def test_jackknife_error_of_a_ratio_is_that_of_the_formula() -> None:
    tallies = swarm_sums(noise=0.1)
    above, below = tallies.flux[:, 3], tallies.flux[:, 0]
    found = jackknife(tallies, lambda sums: {"w": sums.flux[:, 3] / sums.flux[:, 0]})["w"]
    left_out = [np.delete(above, s).sum() / np.delete(below, s).sum() for s in range(SUB_SWARMS)]
    expected = np.sqrt((SUB_SWARMS - 1) * np.var(left_out))
    assert float(found.value) == pytest.approx(above.sum() / below.sum(), rel=1e-12, abs=0.0)
    assert float(found.stderr) == pytest.approx(expected, rel=1e-9, abs=0.0)


def test_jackknife_error_of_a_ratio_tends_to_that_of_linear_propagation() -> None:
    tallies = swarm_sums(sub_swarms=1000, noise=0.1)
    above, below = tallies.flux[:, 3], tallies.flux[:, 0]
    ratio = above.sum() / below.sum()
    expected = np.sqrt(1000) * np.std(above - ratio * below) / below.sum()
    found = jackknife(tallies, lambda sums: {"w": sums.flux[:, 3] / sums.flux[:, 0]})["w"]
    assert float(found.stderr) == pytest.approx(expected, rel=5e-3, abs=0.0)


def test_jackknife_errors_cover_the_truth_as_often_as_they_should() -> None:
    # Sub-swarms of different weight, a ratio of noisy sums: two standard errors, 7 degrees of
    # freedom, cover 91.4 % by Student's t.
    repeats = 2000
    inside = 0
    for seed in range(repeats):
        random = np.random.default_rng(seed)
        tallies = new_tallies(8, 1, 1, 2)
        tallies.flux[:, 0] = random.uniform(0.9, 1.1, 8)
        tallies.flux[:, 3] = tallies.flux[:, 0] * (2.0 + 0.1 * random.standard_normal(8))
        found = jackknife(tallies, lambda sums: {"w": sums.flux[:, 3] / sums.flux[:, 0]})["w"]
        inside += abs(float(found.value) - 2.0) < 2.0 * float(found.stderr)
    assert inside / repeats == pytest.approx(0.914, abs=0.025)


def test_jackknife_leaves_no_error_where_sub_swarms_agree() -> None:
    for name, estimate in coefficients(swarm_sums(), inputs()).items():
        assert np.all(estimate.stderr <= 1e-10 * np.abs(estimate.value).max()), name


def test_halving_every_population_weight_changes_nothing() -> None:
    tallies = swarm_sums(noise=0.1)
    once = coefficients(tallies, inputs())
    halved = tallies._replace(
        **{
            name: 0.5 * array
            for name, array in tallies._asdict().items()
            if name not in ("events", "seconds")
        }
    )
    for name, estimate in coefficients(halved, inputs()).items():
        assert np.allclose(estimate.value, once[name].value, rtol=1e-10, atol=0.0), name
        assert np.allclose(estimate.stderr, once[name].stderr, rtol=1e-6, atol=0.0), name


def test_doubling_the_number_of_like_sub_swarms_divides_errors_by_root_two() -> None:
    tallies = swarm_sums(sub_swarms=200, noise=0.1)
    twice = tallies.each(lambda array: np.concatenate([array, array]))
    one, two = (coefficients(each, inputs()) for each in (tallies, twice))
    for name in ("mean_energy", "drift_velocity_bulk", "reduced_diffusion_longitudinal_flux"):
        ratio = float(one[name].stderr / two[name].stderr)
        assert ratio == pytest.approx(np.sqrt(2.0), rel=0.01, abs=0.0), name


# Coefficients


@pytest.fixture(scope="module")
def found() -> dict[str, Estimate]:
    return coefficients(swarm_sums(), inputs())


def value(found: dict[str, Estimate], name: str) -> FloatArray:
    return found[name].value


def test_coefficients_are_those_of_the_table_with_its_shapes(found: dict[str, Estimate]) -> None:
    sizes = {"axis": 3, "axis2": 3, "process": ACTIONS.size}
    for name, estimate in found.items():
        row = VARIABLES[name]
        assert estimate.value.shape == tuple(sizes[dim] for dim in row.dims), name
        assert estimate.stderr.shape == estimate.value.shape, name
    special = (
        "drift_velocity_along",
        "reduced_diffusion_along",
        "extra_rate",
        "reduced_energy_diffusion",
        "collision_count_ratio",
    )
    reported = {
        name
        for name, row in VARIABLES.items()
        if "/" not in name and not row.coordinate and not name.startswith(special)
    }
    assert set(found) == reported


def test_mean_energy(found: dict[str, Estimate]) -> None:
    assert value(found, "mean_energy") == pytest.approx(ENERGY, rel=1e-12, abs=0.0)


@pytest.mark.parametrize(
    ("name", "velocity", "diffusion"),
    [("flux", FLUX_VELOCITY, FLUX_DIFFUSION), ("bulk", BULK_VELOCITY, BULK_DIFFUSION)],
)
def test_drift_and_diffusion(
    found: dict[str, Estimate], name: str, velocity: FloatArray, diffusion: FloatArray
) -> None:
    assert value(found, f"velocity_vector_{name}") == pytest.approx(velocity, abs=1e-4)
    assert value(found, f"drift_velocity_{name}") == pytest.approx(velocity[2], rel=1e-9, abs=0.0)
    mobility = velocity[2] / FIELD * DENSITY
    assert value(found, f"reduced_mobility_{name}") == pytest.approx(mobility, rel=1e-9, abs=0.0)
    tensor = DENSITY * diffusion
    scale = 1e-9 * tensor.max()
    found_tensor = value(found, f"reduced_diffusion_tensor_{name}")
    assert found_tensor == pytest.approx(tensor, rel=1e-9, abs=scale)
    longitudinal = value(found, f"reduced_diffusion_longitudinal_{name}")
    assert longitudinal == pytest.approx(tensor[2, 2], rel=1e-9, abs=0.0)
    transverse = value(found, f"reduced_diffusion_transverse_{name}")
    assert transverse == pytest.approx((tensor[0, 0] + tensor[1, 1]) / 2.0, rel=1e-9, abs=0.0)


def test_characteristic_energy_is_transverse_diffusion_over_mobility(
    found: dict[str, Estimate],
) -> None:
    expected = 0.22 / (FLUX_VELOCITY[2] / FIELD)
    assert value(found, "characteristic_energy") == pytest.approx(expected, rel=1e-9, abs=0.0)


def test_rates_are_counts_per_electron_and_time_and_density_of_the_own_target(
    found: dict[str, Estimate],
) -> None:
    assert value(found, "rate_coefficient") == pytest.approx(COUNTED / TARGETS, rel=1e-12, abs=0.0)
    net = (COUNTED[2] - COUNTED[3]) / DENSITY
    assert value(found, "effective_ionization_rate_coefficient") == pytest.approx(
        net, rel=1e-9, abs=0.0
    )


def test_rates_by_convolution_average_the_frequency_over_the_speeds() -> None:
    slope = np.linspace(0.0, 1.0, CELLS)[:, None] * COUNTED
    found = coefficients(swarm_sums(), inputs(slope))["rate_coefficient_convolution"]
    occupied = np.linspace(0.0, 1.0, CELLS)[: CELLS // 2].mean()
    assert found.value == pytest.approx(occupied * COUNTED / TARGETS, rel=1e-9, abs=0.0)


def test_townsend_coefficients_are_growth_over_drift_over_density(
    found: dict[str, Estimate],
) -> None:
    per_metre = COUNTED / FLUX_VELOCITY[2] / DENSITY
    ionization, attachment = per_metre[2], per_metre[3]
    assert value(found, "reduced_townsend_ionization") == pytest.approx(
        ionization, rel=1e-9, abs=0.0
    )
    assert value(found, "reduced_townsend_attachment") == pytest.approx(
        attachment, rel=1e-9, abs=0.0
    )
    effective = value(found, "reduced_townsend_effective")
    assert effective == pytest.approx(ionization - attachment, rel=1e-9, abs=0.0)


@settings(derandomize=True, deadline=None, max_examples=30)
@given(ionization=st.floats(0.0, 3e9), attachment=st.floats(0.0, 3e9))
def test_sst_townsend_coefficient_solves_its_equation_and_is_the_root_that_vanishes(
    ionization: float, attachment: float
) -> None:
    rates = np.tile([1e12, 0.0, ionization, attachment], (CELLS, 1))
    found = coefficients(swarm_sums(), inputs(rates))
    alpha = float(value(found, "reduced_townsend_effective_sst")) * DENSITY
    net = ionization - attachment
    w, d = BULK_VELOCITY[2], BULK_DIFFUSION[2, 2]
    scale = abs(net) + w * abs(alpha)
    assert abs(d * alpha**2 - w * alpha + net) <= 1e-9 * scale + 1e-3
    # The other root is near W / D: the one meant is the smaller one.
    assert abs(alpha) <= 0.5 * w / d or net < 0.0


def test_sst_townsend_does_not_exist_where_growth_outruns_diffusion() -> None:
    # 4 D_L nu > W^2: the root is complex.
    limit = BULK_VELOCITY[2] ** 2 / (4.0 * BULK_DIFFUSION[2, 2])
    rates = np.tile([1e12, 0.0, 1.01 * limit, 0.0], (CELLS, 1))
    found = coefficients(swarm_sums(), inputs(rates))
    assert np.isnan(value(found, "reduced_townsend_effective_sst"))


def test_power_is_what_the_field_gives_and_collisions_and_newborns_take(
    found: dict[str, Estimate],
) -> None:
    gain = FIELD * FLUX_VELOCITY[2]
    growth = (COUNTED[2] - COUNTED[3]) * ENERGY
    assert value(found, "power_gain") == pytest.approx(gain, rel=1e-9, abs=0.0)
    assert value(found, "power_loss") == pytest.approx(LOST, rel=1e-9, abs=0.0)
    assert value(found, "power_growth") == pytest.approx(growth, rel=1e-9, abs=0.0)
    residual = value(found, "power_balance_residual")
    assert residual == pytest.approx(gain - LOST.sum() - growth, rel=1e-9, abs=0.0)


def test_growth_in_an_alternating_field_takes_the_energy_of_the_ends_of_windows() -> None:
    """Windows are whole periods; their ends have one phase, and an energy unlike the average."""
    tallies, energy_at_end = swarm_sums(), 0.7 * ENERGY
    tallies = tallies._replace(phase=np.ones((SUB_SWARMS, 4, PHASE_COLUMNS + ACTIONS.size)))
    tallies.energy_memory[:, 0, ENERGY_THEN] = energy_at_end * tallies.window_electrons[:, 0]
    growth = (COUNTED[2] - COUNTED[3]) * energy_at_end
    found = coefficients(tallies, inputs())
    assert value(found, "power_growth") == pytest.approx(growth, rel=1e-9, abs=0.0)


def test_flux_diffusion_in_an_alternating_field_takes_place_and_velocity_of_each_phase() -> None:
    """Where they swing in step, <r v> of all phases is more than <r><v> and the diffusion."""
    tallies, parts = swarm_sums(), 8
    phase = np.zeros((SUB_SWARMS, parts, PHASE_COLUMNS + ACTIONS.size))
    angle = 2.0 * np.pi * np.arange(parts) / parts
    time = tallies.trial[:, :1] / parts
    place = POSITION[2] * (1.0 + 0.5 * np.cos(angle - 0.4))
    velocity = FLUX_VELOCITY[2] * (1.0 + 2.0 * np.cos(angle))
    phase[:, :, PHASE_TIME] = time
    phase[:, :, PHASE_X], phase[:, :, PHASE_Y] = time * POSITION[0], time * POSITION[1]
    phase[:, :, PHASE_Z], phase[:, :, PHASE_VZ] = time * place, time * velocity
    in_step = POSITION[2] * FLUX_VELOCITY[2] * 0.5 * np.cos(0.4)
    tallies.flux[:, FLUX_RV + PAIRS.index((2, 2))] += in_step * tallies.flux[:, FLUX_TIME]
    found = coefficients(tallies._replace(phase=phase), inputs())
    tensor = value(found, "reduced_diffusion_tensor_flux") / DENSITY
    np.testing.assert_allclose(tensor, FLUX_DIFFUSION, rtol=1e-9, atol=1e-12)


def test_without_a_field_there_is_no_mobility_and_the_rest_stands() -> None:
    rest = EstimatorInputs(**{**vars(inputs()), "electric_field": 0.0})
    found = coefficients(swarm_sums(), rest)
    assert not np.isfinite(value(found, "reduced_mobility_flux"))
    assert value(found, "mean_energy") == pytest.approx(ENERGY)


# Energy distribution


def maxwellian_sums(energy: float, anisotropy: float = 0.0, top: float = 1.0) -> Tallies:
    """Time in the cells of a Maxwellian with <cos> = anisotropy at every speed."""
    tallies = new_tallies(SUB_SWARMS, 1, CELLS, 2)
    edges = np.linspace(0.0, TOP, CELLS + 1)
    below = special.gammainc(1.5, 1.5 * HALF_MASS * edges**2 / energy)
    share = np.where(edges[1:] <= top * TOP * (1 + 1e-12), np.diff(below), 0.0)
    tallies.speed[:, :, 0] = share * np.arange(1.0, SUB_SWARMS + 1)[:, None]
    tallies.speed[:, :, 1] = anisotropy * tallies.speed[:, :, 0]
    return tallies


def distribution(tallies: Tallies) -> tuple[FloatArray, dict[str, Estimate]]:
    found = energy_distribution(tallies, inputs())
    edges = found.pop("energy_edges")
    assert isinstance(edges, np.ndarray)
    return edges, {name: each for name, each in found.items() if isinstance(each, Estimate)}


@settings(derandomize=True, deadline=None, max_examples=30)
@given(seed=st.integers(0, 1000), top=st.floats(0.01, 1.0))
def test_eedf_is_normalised_whatever_the_counts_and_the_bins(seed: int, top: float) -> None:
    tallies = new_tallies(SUB_SWARMS, 1, CELLS, 2)
    reach = max(2, int(top * CELLS))
    tallies.speed[:, :reach, 0] = np.random.default_rng(seed).exponential(size=(SUB_SWARMS, reach))
    edges, found = distribution(tallies)
    assert np.sum(found["eedf"].value * np.diff(edges)) == pytest.approx(1.0, rel=1e-12, abs=0.0)
    root = 2.0 / 3.0 * np.diff(edges**1.5)
    assert np.sum(found["eepf"].value * root) == pytest.approx(1.0, rel=1e-12, abs=0.0)


def test_eedf_of_a_maxwellian_swarm_is_maxwellian() -> None:
    edges, found = distribution(maxwellian_sums(3.0))
    # The exact mean over each bin, not the value in its middle; 50 eV hold all but 1e-10.
    share = np.diff(special.gammainc(1.5, 1.5 * edges / 3.0))
    assert found["eedf"].value == pytest.approx(share / np.diff(edges), rel=1e-6, abs=0.0)
    middle = 0.5 * (edges[1:] + edges[:-1])
    exact = 2.0 / np.sqrt(np.pi) * 0.5**1.5 * np.exp(-0.5 * middle)
    far = slice(5, 150)
    assert found["eepf"].value[far] == pytest.approx(exact[far], rel=5e-3, abs=0.0)


@pytest.mark.parametrize("anisotropy", [-0.2, 0.0, 0.3])
def test_the_first_anisotropy_is_three_times_the_mean_cosine_times_f0(anisotropy: float) -> None:
    # f = f0 + f1 cos gives <cos> = f1 / 3 f0.
    _, found = distribution(maxwellian_sums(3.0, anisotropy))
    assert found["f1"].value == pytest.approx(
        3.0 * anisotropy * found["eepf"].value, rel=1e-9, abs=0.0
    )


def test_legendre_coefficients_are_f0_and_f1() -> None:
    _, found = distribution(maxwellian_sums(3.0, 0.2))
    for order, name in enumerate(("eepf", "f1")):
        for part in ("value", "stderr"):
            one = getattr(found["f_l"], part)[order]
            np.testing.assert_array_equal(one, getattr(found[name], part))
        pseudo_values = found["f_l"].pseudo_values
        assert pseudo_values is not None
        np.testing.assert_array_equal(pseudo_values[:, order], found[name].pseudo_values)


def test_energy_mobility_of_a_drifting_maxwellian() -> None:
    # <v^3> = (2 kT/m)^(3/2) Gamma(3) / Gamma(3/2), of which a share goes along the field.
    energy, anisotropy = 3.0, 0.2
    cubed = (2.0 / 3.0 * energy / HALF_MASS) ** 1.5 * 2.0 / special.gamma(1.5)
    conditions = inputs()
    mobility = HALF_MASS * anisotropy * cubed / energy / conditions.electric_field
    sums = maxwellian_sums(energy, anisotropy)
    found = energy_mobility(sums, np.full(SUB_SWARMS, energy), conditions)
    assert found == pytest.approx(mobility * conditions.number_density, rel=1e-5, abs=0.0)


def test_the_drift_velocity_follows_from_the_first_anisotropy() -> None:
    edges, found = distribution(maxwellian_sums(3.0, 0.1))
    speed = np.sqrt(0.5 * (edges[1:] + edges[:-1]) / HALF_MASS)
    root = 2.0 / 3.0 * np.diff(edges**1.5)
    drift = np.sum(found["f1"].value / 3.0 * root * speed)
    mean_speed = np.sqrt(16.0 * constants.e / (3.0 * np.pi * constants.m_e))
    # <v> of a Maxwellian of mean energy 3 eV is sqrt(16 e 3 eV / 3 pi m).
    assert drift == pytest.approx(0.1 * np.sqrt(3.0) * mean_speed, rel=2e-3, abs=0.0)


@pytest.mark.parametrize("top", [1.0, 0.5, 0.1, 0.01, 0.001])
def test_bins_reach_as_far_as_the_electrons_do_and_are_whole_cells(top: float) -> None:
    tallies = maxwellian_sums(3.0, top=top)
    edges, _ = distribution(tallies)
    cells = np.sqrt(edges / HALF_MASS) / TOP * CELLS
    assert cells == pytest.approx(np.rint(cells), abs=1e-6)
    assert edges[0] == 0.0
    assert round(cells[-1]) == np.flatnonzero(tallies.speed[:, :, 0].sum(axis=0))[-1] + 1
    assert np.all(np.diff(edges) > 0.0)
    assert edges.size <= 251


def test_bins_of_a_wide_range_have_about_equal_widths() -> None:
    edges, _ = distribution(maxwellian_sums(3.0))
    widths = np.diff(edges)[20:]
    assert widths.max() < 2.0 * widths.min()


def test_each_bin_has_the_error_that_its_sub_swarms_tell() -> None:
    tallies = maxwellian_sums(3.0)
    _, found = distribution(tallies)
    # Alike but for their weight: no error but that of rounding.
    assert np.all(found["eedf"].stderr <= 1e-9 * found["eedf"].value.max())
    random = np.random.default_rng(1)
    noisy = tallies._replace(speed=tallies.speed * random.uniform(0.8, 1.2, tallies.speed.shape))
    _, found = distribution(noisy)
    assert np.all(found["eedf"].stderr[:-1] > 0.0)
