"""Cross sections that are found again from what they lead to."""

from functools import cache
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import swarmhydra
from swarmhydra.config import ConfigError
from swarmhydra.fit import FitConfig, Measurements, ParameterConfig, fit, read_measurements
from swarmhydra.fit import __main__ as command
from swarmhydra.fit.__main__ import main

KNOTS = (0.3, 2.0, 10.0)
QUANTITIES = ("drift_velocity_flux", "characteristic_energy")


@cache
def swarm_data(fields: tuple[float, ...]) -> Measurements:
    """What argon's own cross sections lead to, with errors of 1 %."""
    quantity, en, value = [], [], []
    for field in fields:
        run = swarmhydra.simulate("method=boltzmann", "gas=argon", f"sim.en={field}")
        for name in QUANTITIES:
            quantity.append(name)
            en.append(field)
            value.append(float(run[name]))
    values = np.array(value)
    return Measurements(quantity, [""] * len(en), np.array(en), values, 0.01 * values)


def noisy(data: Measurements, seed: int) -> Measurements:
    """The data as they may have been measured."""
    noise = np.random.default_rng(seed).standard_normal(data.value.size)
    measured = data.value + data.error * noise
    return Measurements(data.quantity, data.process, data.en, measured, data.error)


def test_a_factor_on_a_whole_cross_section_is_found() -> None:
    """Data of a gas of which the cross section was scaled: all that a factor can do."""
    data = swarm_data((0.5,))
    # With the cross section and the field twice as large, the swarm is the same.
    scaled = Measurements(
        ["drift_velocity_flux"], [""], 2.0 * data.en[::2], data.value[::2], data.error[::2]
    )
    free = [ParameterConfig("Ar elastic")]
    found = fit(FitConfig(settings=["gas=argon"], parameters=free), scaled)
    assert found.factor[0] == pytest.approx(2.0, rel=1e-3)
    assert found.chi_squared < 1e-2
    assert found.constraint.sum() == pytest.approx(1.0)


def test_what_no_measurement_tells_stays_as_it_was_known() -> None:
    data = swarm_data((0.5,))
    free = [ParameterConfig("Ar+", prior=0.3)]
    found = fit(FitConfig(settings=["gas=argon"], parameters=free), noisy(data, 1))
    assert found.factor[0] == pytest.approx(1.0, abs=1e-3)
    assert found.error[0] == pytest.approx(0.3, rel=1e-3)


@pytest.mark.slow
def test_knots_of_a_cross_section_are_found_within_their_errors() -> None:
    data = swarm_data(tuple(np.geomspace(0.3, 30.0, 12).tolist()))
    free = [ParameterConfig("Ar elastic", energies=list(KNOTS))]
    pulls = []
    for seed in range(5):
        found = fit(FitConfig(settings=["gas=argon"], parameters=free), noisy(data, seed))
        pulls.append(np.log(found.factor) / found.error)
    # Of 15 pulls, which are not all independent; their mean square is 1 within 0.4 or so.
    assert np.abs(pulls).max() < 4.5
    assert 0.1 < np.mean(np.square(pulls)) < 3.0


def test_the_command_reads_an_option_file_and_writes_the_fit(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = swarm_data((0.5,))
    lines = ["# argon", "quantity, en, value, error"]
    columns = zip(data.quantity, data.en, data.value, data.error, strict=True)
    lines += [f"{name}, {en}, {value}, {error}" for name, en, value, error in columns]
    (tmp_path / "data.csv").write_text("\n".join(lines))
    option = tmp_path / "fit.yaml"
    option.write_text(
        "data: data.csv\nsettings: [gas=argon]\nparameters:\n  - process: Ar elastic\n"
        "    energies: [0.3, 3.0]\n    prior: 0.5\n"
    )
    output = tmp_path / "found.nc"
    main([str(option), "sim.temperature=300", "--output", str(output)])
    assert "Ar elastic at 3 eV" in capsys.readouterr().out
    with xr.open_dataset(output) as saved:
        assert np.abs(saved["factor"] - 1.0).max() < 0.01
        np.testing.assert_allclose(saved["constraint"].sum("datum"), 1.0, atol=1e-2)
        np.testing.assert_allclose(saved["predicted"], saved["measured"], rtol=0.01)
        assert saved["units"].values.tolist() == ["m s-1", "eV"]
        assert "units" not in saved["predicted"].attrs
        assert saved["factor"].attrs["units"] == "1"


def test_a_fit_that_could_not_be_saved_is_not_computed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    option = tmp_path / "fit.yaml"
    option.write_text("data: data.csv\nparameters: [{process: Ar elastic}]\n")
    monkeypatch.setattr(command, "fit", lambda _: pytest.fail("computed"))
    (tmp_path / "folder").mkdir()
    for place in (tmp_path / "folder", option / "fit.nc", tmp_path / f"{'a' * 256}.nc"):
        with pytest.raises(SystemExit) as ended:
            main([str(option), "--output", str(place)])
        assert ended.value.code == 2
        (line,) = capsys.readouterr().err.splitlines()
        assert str(tmp_path) in line


BAD_DATA = {
    "quantity, en, value\n": "columns",
    "quantity, en, value, error\nspeed, 1, 1, 1\n": "quantity=speed",
    "quantity, en, value, error\nmean_energy, -1, 1, 1\n": "line 2: en= -1",
    "quantity, en, value, error\nmean_energy, 1, x, 1\n": "value= x",
    "quantity, en, value, error\nrate_coefficient, 1, 1, 1\n": "process=none",
    "quantity, en, value, error\n": "at least one",
}


@pytest.mark.parametrize("text", BAD_DATA)
def test_bad_data_are_refused_in_a_line(text: str, tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    path.write_text(text)
    with pytest.raises(ConfigError) as error:
        read_measurements(path)
    words = BAD_DATA[text].replace("= ", "=")
    assert words in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ([], "at least one"),
        ([ParameterConfig("Xe")], "process=Xe"),
        ([ParameterConfig("Ar+"), ParameterConfig("Ar+")], "once"),
        ([ParameterConfig("Ar+", energies=[2.0, 1.0])], "energies=[2.0, 1.0]"),
        ([ParameterConfig("Ar+", prior=0.0)], "prior=0"),
    ],
)
def test_bad_parameters_are_refused_in_a_line(
    parameters: list[ParameterConfig], words: str
) -> None:
    with pytest.raises(ConfigError) as error:
        fit(FitConfig(settings=["gas=argon"], parameters=parameters), swarm_data((0.5,)))
    assert words in str(error.value)
