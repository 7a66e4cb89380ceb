"""Runs that differ in their random numbers only, as one."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import swarmhydra
from swarmhydra.estimators.estimate import jackknife
from swarmhydra.kernels.contract import Tallies
from swarmhydra.results.files import save
from swarmhydra.results.record import Estimate
from swarmhydra.results.summary import summary
from swarmhydra.results.tree import build_tree
from swarmhydra.swarm.tallies import new_tallies
from swarmhydra.sweeps.pooling import pooled as pooled_from
from tests.helpers.coefficients import COEFFICIENTS
from tests.helpers.fake_record import fake_record
from tests.helpers.settings import NO_TARGETS, SAMPLED


def ratio(sums: Tallies) -> dict[str, NDArray[np.float64]]:
    """A function of sums, as coefficients are."""
    return {"ratio": sums.trial[:, 1] / sums.trial[:, 0]}


def random_sums(random: np.random.Generator, count: int, length: float) -> Tallies:
    """Sums of sub-swarms that lasted so long, with the noise that goes with it."""
    tallies = new_tallies(count, 3, 8, 2)
    tallies.trial[:, 0] = random.normal(length, np.sqrt(length), count)
    tallies.trial[:, 1] = 2.0 * tallies.trial[:, 0] + random.normal(0.0, np.sqrt(length), count)
    return tallies


def test_pooled_pseudo_values_are_the_jackknife_of_all_sub_swarms() -> None:
    """Between replicas of one length; differences are of the order of the bias, 1/(sums)."""
    random = np.random.default_rng(1)
    pieces = [random_sums(random, 32, 1e6) for _ in range(8)]
    estimates = [jackknife(piece, ratio)["ratio"] for piece in pieces]
    together = Tallies(*(np.concatenate(arrays) for arrays in zip(*pieces, strict=True)))
    exact = jackknife(together, ratio)["ratio"]
    pooled = pooled_from(
        [e.pseudo_values for e in estimates if e.pseudo_values is not None], np.ones(256)
    )
    assert float(pooled.value) == pytest.approx(float(exact.value), rel=1e-7)
    assert float(pooled.stderr) == pytest.approx(float(exact.stderr), rel=2e-3)


def test_the_longer_run_weighs_more() -> None:
    """The weighted mean has the errors of its parts, added in quadrature with their weights."""
    random = np.random.default_rng(2)
    short = jackknife(random_sums(random, 400, 1e4), ratio)["ratio"]
    long = jackknife(random_sums(random, 400, 9e4), ratio)["ratio"]
    assert short.pseudo_values is not None
    assert long.pseudo_values is not None
    weights = np.repeat([1.0, 9.0], 400)
    pooled = pooled_from([short.pseudo_values, long.pseudo_values], weights)
    assert float(pooled.value) == pytest.approx(0.1 * short.value + 0.9 * long.value, rel=1e-6)
    expected = np.hypot(0.1 * short.stderr, 0.9 * long.stderr)
    # The spread of 800 values about their common mean is that about each own mean, to 1 %.
    assert float(pooled.stderr) == pytest.approx(float(expected), rel=0.02)


def fake_run(file: Path, seed: int, bins: int = 40, en: float = 100.0) -> None:
    """A run that never happened, with random numbers of its own."""
    record = fake_record(seed=seed, bins=bins, en=en)
    record.coordinates["seed"] = 1
    record.attributes["config"] = f"sim: {{en: {en}, replica: {seed}}}"
    widths = np.diff(record.eedf["energy_edges"])
    record.eedf["eedf"] = normalised(record.eedf["eedf"], widths)
    save(build_tree(record), file)


def normalised(distribution: object, widths: NDArray[np.float64]) -> Estimate:
    """A distribution, and what its sub-swarms add to it, with an integral of 1."""
    assert isinstance(distribution, Estimate)
    assert distribution.pseudo_values is not None
    pseudo = distribution.pseudo_values
    pseudo = pseudo / np.sum(pseudo * widths, axis=1, keepdims=True)
    return Estimate(pseudo.mean(axis=0), pseudo.std(axis=0, ddof=1) / np.sqrt(len(pseudo)), pseudo)


@pytest.fixture(scope="module")
def replicas(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three runs; the middle one has other energy bins."""
    folder = tmp_path_factory.mktemp("replicas")
    for number in range(3):
        fake_run(folder / str(number) / "results.nc", seed=number, bins=40 if number != 1 else 37)
    return folder


def test_the_result_is_one_of_a_run(replicas: Path, tmp_path: Path) -> None:
    runs = [swarmhydra.open_run(replicas / str(number)) for number in range(3)]
    pooled = swarmhydra.combine_replicas(replicas)
    assert set(pooled.data_vars) == set(runs[0].data_vars)
    count = sum(run.sizes["stream"] for run in [r["rng"] for r in runs])
    assert pooled.attrs["degrees_of_freedom"] == count - 1
    assert pooled["mean_energy_stderr"].attrs["degrees_of_freedom"] == count - 1
    assert int(pooled["perf/trials"]) == sum(int(run["perf/trials"]) for run in runs)
    assert "replica" not in pooled.coords
    assert float(pooled["en"]) == 100.0
    save(pooled, tmp_path / "results.nc")
    again = swarmhydra.open_run(tmp_path)
    assert again.equals(pooled)
    assert "mean energy" in summary(again)
    assert again["provenance"].equals(runs[0]["provenance"])


def test_a_page_can_be_made_of_the_result(replicas: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    figure = pytest.importorskip("matplotlib.figure")
    from swarmhydra.report.page import report

    # To draw what figures consist of takes most of the time.
    monkeypatch.setattr(figure.Figure, "savefig", lambda *_, **__: None)
    assert "the run has no time series" in report(swarmhydra.combine_replicas(replicas))


def test_values_and_errors_are_those_of_all_sub_swarms(replicas: Path) -> None:
    """Equal weights: the mean of the values; variance within the runs and between them."""
    runs = [swarmhydra.open_run(replicas / str(number)) for number in range(3)]
    pooled = swarmhydra.combine_replicas(replicas)
    for name in ("mean_energy", "drift_velocity_flux", "reduced_diffusion_tensor_bulk"):
        values = np.array([run[name].values for run in runs])
        errors = np.array([run[f"{name}_stderr"].values for run in runs])
        count = runs[0]["rng"].sizes["stream"]
        within = (count - 1) * count * np.sum(errors**2, axis=0)
        between = count * np.sum((values - values.mean(axis=0)) ** 2, axis=0)
        error = np.sqrt((within + between) / (3 * count - 1) / (3 * count))
        np.testing.assert_allclose(pooled[name].values, values.mean(axis=0), rtol=1e-12)
        np.testing.assert_allclose(pooled[f"{name}_stderr"].values, error, rtol=1e-9)


def test_the_energy_distribution_stays_normalised_on_other_bins(replicas: Path) -> None:
    pooled = swarmhydra.combine_replicas(replicas)
    edges = pooled["eedf/energy_edges"].values
    assert np.sum(pooled["eedf/eedf"].values * np.diff(edges)) == pytest.approx(1.0, rel=1e-12)
    assert pooled["eedf/eedf"].size == 40


def test_controlled_runs_are_pooled_with_sensitivities(tmp_path: Path) -> None:
    edges = np.array([0.1, 1.0, 10.0])
    for number in range(2):
        record = fake_record(seed=number)
        record.attributes["config"] = f"sim: {{replica: {number}}}"
        own = record.coefficients["mean_energy"]
        # Of the error, 0.03 are not in the sub-swarms.
        record.coefficients["mean_energy"] = dataclasses.replace(
            own,
            stderr=np.hypot(own.stderr, 0.03),
            sampled=Estimate(own.value + 0.2 * number, np.array(0.1)),
            pull=np.array(-2.0 * number),
            controlled=True,
            from_cross_sections=np.array(0.5 + number),
        )
        ones = np.ones((2, len(record.processes["name"])))
        record.sensitivity.update(
            coefficient=np.array(["mean_energy", "drift_velocity_flux"]),
            energy=np.sqrt(edges[1:] * edges[:-1]),
            energy_edges=edges,
            species=np.array(["Ar"]),
            log_derivative=Estimate((0.5 + 0.1 * number) * ones, 0.05 * ones),
            log_derivative_density=np.stack([number * ones, ones], axis=-1),
        )
        save(build_tree(record), tmp_path / str(number) / "results.nc")
    runs = [swarmhydra.open_run(tmp_path / str(number)) for number in range(2)]
    pooled = swarmhydra.combine_replicas(tmp_path)
    share = np.array([float(run["sub_swarms/electron_time"].sum()) for run in runs])
    share /= share.sum()
    sampled = share @ [float(run["mean_energy_sampled"]) for run in runs]
    error = 0.1 * np.sqrt(share @ share)
    assert float(pooled["mean_energy_sampled"]) == pytest.approx(sampled)
    assert float(pooled["mean_energy_sampled_stderr"]) == pytest.approx(error)
    pull = (float(pooled["mean_energy"]) - sampled) / error
    assert float(pooled["mean_energy_pull"]) == pytest.approx(pull)
    assert float(pooled["mean_energy_stderr"]) > 0.03
    assert float(pooled["mean_energy_from_cross_sections"]) == pytest.approx(share @ [0.5, 1.5])
    assert pooled["mean_energy"].attrs["estimator"] == "control variates"
    derivative = pooled["sensitivity/log_derivative"].values
    np.testing.assert_allclose(derivative, 0.5 + 0.1 * share[1])
    np.testing.assert_allclose(
        pooled["sensitivity/log_derivative_stderr"].values,
        np.full_like(derivative, 0.05 * np.sqrt(share @ share)),
        rtol=1e-3,
    )
    np.testing.assert_allclose(
        pooled["sensitivity/log_derivative_density"].values[..., 0], share[1]
    )
    assert list(pooled["sensitivity/energy_edges"].values) == list(edges)


def test_replicas_can_be_pooled_in_steps(replicas: Path, tmp_path: Path) -> None:
    save(swarmhydra.combine_replicas(replicas / "0", replicas / "1"), tmp_path / "a.nc")
    stepwise = swarmhydra.combine_replicas(tmp_path / "a.nc", replicas / "2")
    at_once = swarmhydra.combine_replicas(replicas)
    np.testing.assert_allclose(
        stepwise["rate_coefficient"], at_once["rate_coefficient"], rtol=1e-12
    )
    np.testing.assert_allclose(
        stepwise["mean_energy_stderr"], at_once["mean_energy_stderr"], rtol=1e-12
    )


def test_a_run_that_measured_nothing_is_left_out_with_a_word(
    replicas: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    record = fake_record(seed=99)
    record.coordinates["seed"] = 1
    record.attributes["config"] = "sim: {en: 100.0, replica: 99}"
    nothing = dataclasses.replace(record, electron_time=np.zeros(8))
    save(build_tree(nothing), tmp_path / "results.nc")
    pooled = swarmhydra.combine_replicas(replicas, tmp_path)
    expected = swarmhydra.combine_replicas(replicas)
    assert float(pooled["mean_energy"]) == float(expected["mean_energy"])
    assert f"{tmp_path / 'results.nc'} has measured nothing" in caplog.text
    with pytest.raises(FileNotFoundError, match="no run has measured anything"):
        swarmhydra.combine_replicas(tmp_path)


def test_replicas_of_a_study_that_was_moved_are_pooled(tmp_path: Path) -> None:
    """Their configurations name the same file in two folders."""
    for seed, folder in enumerate(("here", "there"), start=1):
        record = fake_record(seed=seed)
        record.coordinates["seed"] = 1
        table = f"{{file: /{folder}/X.txt}}"
        record.attributes["config"] = (
            f"gas: {{files: [/{folder}/xs.txt], components: {{X: {table}}}, level_file: null}}\n"
            f"sim: {{en: 100.0, replica: {seed}, waveform: {table}}}\n"
        )
        save(build_tree(record), tmp_path / folder / "results.nc")
    pooled = swarmhydra.combine_replicas(tmp_path / "here", tmp_path / "there")
    assert pooled.attrs["degrees_of_freedom"] == 15


def test_what_is_no_replica_is_refused(replicas: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.nc"
    copy.write_bytes((replicas / "0" / "results.nc").read_bytes())
    with pytest.raises(ValueError, match="drew the same random numbers"):
        swarmhydra.combine_replicas(replicas, copy)
    other = tmp_path / "other.nc"
    fake_run(other, seed=9, en=90.0)
    with pytest.raises(ValueError, match=r"has sim\.en=100\.0, .*other\.nc has 90\.0"):
        swarmhydra.combine_replicas(replicas, other)
    with pytest.raises(FileNotFoundError):
        swarmhydra.combine_replicas(tmp_path / "copies")


@pytest.mark.slow
def test_sixteen_replicas_are_one_long_run(tmp_path: Path) -> None:
    """128 sub-swarms, so that an error is known to 1/sqrt(2 x 127) = 6.3 %; 20 % is 3.2 sigma.

    The windows are given: bulk errors depend on how far a displacement looks back, and runs that
    choose for themselves may choose differently.
    """
    settings = (
        "accel=jit",
        "gas=argon",
        "sim.en=300",
        "sim.electrons=1024",
        "sim.sub_swarms=128",
        "sim.window=8e-12",
        "sim.memory_windows=2",
        SAMPLED,
        *NO_TARGETS,
    )
    total = 1.6e7
    whole = swarmhydra.simulate(*settings, f"sim.stop.real_collisions={total}")
    for replica in range(1, 17):
        run = swarmhydra.simulate(
            *settings, f"sim.replica={replica}", f"sim.stop.real_collisions={total / 16}"
        )
        save(run, tmp_path / str(replica) / "results.nc")
    pooled = swarmhydra.combine_replicas(tmp_path)
    assert pooled.attrs["degrees_of_freedom"] == 16 * 128 - 1
    for name in (*COEFFICIENTS, "power_gain"):
        value, error = float(pooled[name]), float(pooled[f"{name}_stderr"])
        other, its_error = float(whole[name]), float(whole[f"{name}_stderr"])
        print(f"{name:42} {value:.6g} ± {error:.2g}, {other:.6g} ± {its_error:.2g}")
        assert abs(value - other) < 4.0 * np.hypot(error, its_error), name
        assert error == pytest.approx(its_error, rel=0.2), name
