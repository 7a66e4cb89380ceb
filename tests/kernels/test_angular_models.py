"""Angular models: sampler, density, mean and table of each are of one and the same distribution."""

import numpy as np
import pytest
from scipy import integrate, stats

from swarmhydra.collisions.scattering import angular_of, scattering_of, with_integral_cross_sections
from swarmhydra.config import SimConfig
from swarmhydra.gas.processes import AngularTable, Kind, Process, Traits
from swarmhydra.kernels import angular_models
from swarmhydra.kernels.angular_models import Model
from swarmhydra.kernels.arrays import FloatArray
from swarmhydra.kernels.contract import Scattering
from swarmhydra.kernels.vectorised.scattering import deflection, direction, turned

ENERGIES = np.geomspace(1e-3, 1e3, 10)
LIMIT = 4.9
"""Standard errors that one of these moments misses less than once in 1e6."""

PARAMETERS = {
    Model.ISOTROPIC: 0.0,
    Model.VAHEDI_SURENDRA: 0.0,
    Model.SCREENED: 4.0 / 27.2,
    Model.SCREENED_CONSTANT: 0.6,
    Model.BORN_DIPOLE: 8.4,
}
SMOOTH = [pytest.param(model, id=model.name.lower()) for model in PARAMETERS]


def energies(model: Model) -> FloatArray:
    """Energies at which a process with the model can happen (eV)."""
    return ENERGIES + (PARAMETERS[model] if model == Model.BORN_DIPOLE else 0.0)


def moment(model: Model, energy: float, power: int) -> float:
    """Mean of y^power by integration of the density."""

    def integrand(log_y: float) -> float:
        y = np.exp(log_y)
        place = np.array([y]), np.array([energy]), np.asarray(PARAMETERS[model])
        return float(angular_models.density(model, *place)[0] * y ** (power + 1))

    return float(
        integrate.quad(integrand, -40.0, np.log(2.0), epsabs=0, epsrel=1e-10, limit=400)[0]
    )


@pytest.mark.parametrize("model", SMOOTH)
def test_densities_are_normalised_and_have_their_mean(model: Model) -> None:
    for energy in energies(model):
        mean = angular_models.mean(model, np.array([energy]), np.asarray(PARAMETERS[model]))[0]
        assert moment(model, energy, 0) == pytest.approx(1.0, rel=1e-6)
        assert moment(model, energy, 1) == pytest.approx(mean, rel=1e-6)


@pytest.mark.parametrize("model", SMOOTH)
def test_samples_have_the_moments_of_the_density(model: Model) -> None:
    count = 100_000
    u = np.random.default_rng(int(model)).random(count)
    for energy in energies(model):
        y = angular_models.sample(model, u, np.full(count, energy), np.asarray(PARAMETERS[model]))
        assert np.all((y >= 0.0) & (y <= 2.0))
        for power in (1, 2):
            error = np.std(y**power) / np.sqrt(count)
            assert abs(np.mean(y**power) - moment(model, energy, power)) < LIMIT * error


@pytest.mark.parametrize("model", [*SMOOTH, pytest.param(Model.FORWARD, id="forward")])
def test_every_energy_and_every_random_number_gives_an_angle(model: Model) -> None:
    energy = np.geomspace(1e-12, 1e6, 200)[:, None]
    u = np.array([0.0, 2.0**-53, 0.5, 1.0 - 2.0**-53])[None, :]
    energy, u = np.broadcast_arrays(energy, u)
    parameter = np.asarray(PARAMETERS.get(model, 0.0))
    y = angular_models.sample(model, u, energy, parameter)
    assert np.all((y >= 0.0) & (y <= 2.0 + 1e-12))
    mean = angular_models.mean(model, energy, parameter)
    assert np.all((mean >= 0.0) & (mean <= 2.0))


@pytest.mark.parametrize("model", SMOOTH)
def test_tables_are_near_their_formulas(model: Model) -> None:
    """Of 1 - cos(chi), so that momentum transfer is; at energies far from all nodes too."""
    random = np.random.default_rng(5)
    u, energy = random.random(50_000), 10.0 ** random.uniform(-3.9, 5.9, 50_000)
    parameter = PARAMETERS[model]
    shift = parameter if model == Model.BORN_DIPOLE else 0.0
    exact = angular_models.sample(model, u, energy + shift, np.asarray(parameter))
    rules = scattering(model, parameter, look_up=True)
    found = deflection(u, energy + shift, np.zeros(u.size, int), rules)
    # Nearest to forward y itself is next to nothing: there its error counts beside the mean.
    mean = angular_models.mean(model, energy + shift, np.asarray(parameter))
    assert np.max(np.abs(found - exact) / (mean + exact)) < 4e-3
    for low in 10.0 ** np.arange(-3.0, 5.0):
        near = (energy > low) & (energy < 10.0 * low)
        assert abs(np.mean(found[near]) / np.mean(exact[near]) - 1.0) < 1e-3


def scattering(model: Model, parameter: float, look_up: bool, **blend: float) -> Scattering:
    """Rules of one process with a model."""
    names = {
        Model.ISOTROPIC: "isotropic",
        Model.VAHEDI_SURENDRA: "vahedi_surendra",
        Model.SCREENED: "coulomb_screened",
        Model.SCREENED_CONSTANT: "okhrimovskyy",
        Model.BORN_DIPOLE: "born_dipole",
        Model.FORWARD: "forward",
    }
    given = {
        Model.SCREENED: 4.0 / parameter if parameter else None,
        Model.SCREENED_CONSTANT: parameter / (1.0 + parameter),
    }.get(model)
    threshold = parameter if model == Model.BORN_DIPOLE else 0.0
    kind = Kind.EXCITATION if threshold else Kind.ELASTIC
    energy = [threshold, 1e6]
    what = Process(kind, "p", "X", threshold, 1e-4, energy, [0.0, 1e-20])
    sim = SimConfig(angular_model=names[model], angular_parameter=given)
    sim.blend_low, sim.blend_high = blend.get("low", 0.0), blend.get("high", 0.0)
    return scattering_of([what], sim, look_up)


def test_the_blend_window_leads_from_isotropic_to_the_model() -> None:
    rules = scattering(Model.FORWARD, 0.0, look_up=False, low=1.0, high=5.0)
    u = np.random.default_rng(7).random(100_000)
    shares = []
    for energy in (0.5, 1.0, 2.0, 3.0, 4.5, 5.0, 80.0):
        y = deflection(u, np.full(u.size, energy), np.zeros(u.size, int), rules)
        shares.append(float(np.mean(y == 0.0)))
        isotropic = y[y > 0.0]
        if isotropic.size > 100:
            assert stats.kstest(isotropic, stats.uniform(0.0, 2.0).cdf).pvalue > 1e-6
    assert shares == pytest.approx([0.0, 0.0, 0.25, 0.5, 0.875, 1.0, 1.0], abs=0.01)


def test_momentum_transfer_is_kept_by_an_anisotropic_model() -> None:
    """The integral cross section times the mean of 1 - cos(chi) is what was given."""
    transfer = Process(Kind.ELASTIC, "p", "X", 0.0, 1e-4, [1e-3, 1e3], [3e-20, 3e-20])
    sim = SimConfig(angular_model="vahedi_surendra")
    (integral,) = with_integral_cross_sections([transfer], angular_of(sim))
    rules = scattering_of([transfer], sim, False)
    u = np.random.default_rng(8).random(200_000)
    for energy in (0.3, 2.0, 30.0, 400.0):
        y = deflection(u, np.full(u.size, energy), np.zeros(u.size, int), rules)
        sigma = np.interp(energy, integral.energy, integral.cross_section)
        error = sigma * np.std(y) / np.sqrt(u.size)
        assert abs(sigma * np.mean(y) - 3e-20) < LIMIT * error + 1e-4 * 3e-20


def test_a_table_is_the_distribution_it_lists() -> None:
    angles = np.linspace(0.0, 180.0, 181)
    cosines = np.cos(np.radians(angles))
    values = np.stack([np.full(181, 1.0), (1.0 + 0.8 * cosines)])
    table = AngularTable(np.array([1.0, 10.0]), angles, values)
    traits = Traits(angular_model="table", angular_table=table, momentum_transfer=False)
    what = Process(Kind.ELASTIC, "p", "X", 0.0, 1e-4, [1e-3, 1e3], [3e-20, 3e-20], traits)
    rules = scattering_of([what], SimConfig(), False)
    u = np.random.default_rng(9).random(100_000)
    for energy, mean in ((0.5, 1.0), (1.0, 1.0), (10.0, 1.0 - 0.8 / 3.0), (900.0, 1.0 - 0.8 / 3.0)):
        y = deflection(u, np.full(u.size, energy), np.zeros(u.size, int), rules)
        assert abs(np.mean(y) - mean) < LIMIT * np.std(y) / np.sqrt(u.size) + 2e-3


@pytest.mark.parametrize("axis", [*np.eye(3), *-np.eye(3), [1e-13, 0.0, -1.0], [0.6, -0.64, 0.48]])
def test_angles_are_counted_from_the_velocity_along_any_axis(axis: FloatArray) -> None:
    axis = np.asarray(axis) / np.linalg.norm(axis)
    y, turn = np.linspace(0.0, 2.0, 41), np.linspace(0.0, 1.0, 41)
    rules = scattering(Model.VAHEDI_SURENDRA, 0.0, look_up=False)
    speed = np.full(41, 3e6)
    found = direction(y, turn, speed * axis[:, None], speed, rules)
    assert np.einsum("ij,ij->j", found, found) == pytest.approx(1.0, abs=1e-14)
    assert axis @ found == pytest.approx(1.0 - y, abs=1e-14)
    frame = np.stack(
        [turned(*(np.array([c]) for c in unit), axis[:, None])[:, 0] for unit in np.eye(3)]
    )
    assert frame @ frame.T == pytest.approx(np.eye(3), abs=1e-14)
    assert np.linalg.det(frame) == pytest.approx(1.0, abs=1e-14)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"angular_model": "okhrimovskyy", "angular_parameter": 1.5}, "above -1 and below 1"),
        ({"angular_model": "coulomb_screened", "angular_parameter": -1.0}, "above 0"),
    ],
)
def test_a_parameter_out_of_range_is_refused(settings: dict[str, float], words: str) -> None:
    what = Process(Kind.ELASTIC, "p", "X", 0.0, 1e-4, [1e-3, 1e3], [3e-20, 3e-20])
    with pytest.raises(ValueError, match=words):
        scattering_of([what], SimConfig(**settings), False)
