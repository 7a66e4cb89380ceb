"""Tables for fluid models: read back, ordered, in the units they name, and refused when poor."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from swarmhydra import export
from swarmhydra.export import __main__ as command
from swarmhydra.export import quality
from swarmhydra.results.variables import VARIABLES
from tests.helpers.fake_record import PROCESSES
from tests.helpers.fake_sweep import LAWS, THRESHOLDS, fake_sweep, rate, write_sweep

POINTS = 10
FIELDS = [float(en) for en in np.round(np.geomspace(10.0, 1000.0, POINTS), 4)]
SHUFFLED = [FIELDS[index] for index in np.random.default_rng(1).permutation(POINTS)]


@pytest.fixture(scope="module")
def sweep() -> xr.DataTree:
    """Some points, not in their order."""
    return fake_sweep(SHUFFLED)


def sections(text: str) -> dict[str, np.ndarray]:
    """The tables of a file in the layout of BOLSIG+, by title; rates by the line before it."""
    tables = {}
    lines = text.splitlines()
    for number, line in enumerate(lines):
        if line.startswith(("E/N (Td)\t", "Energy (eV)\t")):
            end = lines.index("", number)
            title = f"{lines[number - 1]}|{line}" if "Rate" in line else line
            rows = [[float(cell) for cell in row.split("\t")] for row in lines[number + 1 : end]]
            assert title not in tables
            tables[title] = np.array(rows)
    return tables


# Title in the words of BOLSIG+, and the law in the unit of the title.
COLUMNS = {
    "Mobility *N (1/m/V/s)": LAWS["reduced_mobility_flux"],
    "Diffusion coefficient *N (1/m/s)": LAWS["reduced_diffusion_transverse_flux"],
    "Flux L diffusion coef. *N (1/m/s)": LAWS["reduced_diffusion_longitudinal_flux"],
    "Energy mobility *N (1/m/V/s)": LAWS["reduced_energy_mobility"],
    "Energy diffusion coef. D*N (1/m/s)": LAWS["reduced_energy_diffusion"],
    # One estimator: the total goes with its only process, and the Townsend coefficient with both.
    "Total ionization freq. /N (m3/s)": lambda en: rate("Ar ionization", en),
    "Total attachment freq. /N (m3/s)": lambda en: 0.0,
    "Townsend ioniz. coef. alpha/N (m2)": lambda en: (
        rate("Ar ionization", en) / LAWS["drift_velocity_flux"](en)
    ),
    "Townsend attach. coef. eta/N (m2)": lambda en: 0.0,
}


def test_a_sweep_of_some_points_is_read_back(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command.main([str(write_sweep(tmp_path, SHUFFLED)), "--format", "bolsig"])
    tables = sections(capsys.readouterr().out)
    energy = np.array([LAWS["mean_energy"](en) for en in FIELDS])
    expected = {"E/N (Td)\tMean energy (eV)": energy}
    expected["Energy (eV)\tElectric field / N (Td)"] = np.array(FIELDS)
    for axis in ("E/N (Td)", "Energy (eV)"):
        for title, law in COLUMNS.items():
            expected[f"{axis}\t{title}"] = np.array([law(en) for en in FIELDS])
        for number, process in enumerate(PROCESSES, start=1):
            kind = ("Elastic", "Excitation", "Ionization")[number - 1]
            threshold = THRESHOLDS[process]
            line = f"C{number}    argon    {kind}" + (f"    {threshold:.2f} eV" * (number > 1))
            values = np.array([rate(process, en) for en in FIELDS])
            expected[f"{line}|{axis}\tRate coefficient (m3/s)"] = values
    assert set(tables) == set(expected)
    for title, values in expected.items():
        x, y = tables[title].T
        assert x.size == POINTS
        assert (np.diff(x) > 0.0).all(), title
        against = FIELDS if "|E/N" in title or title.startswith("E/N") else energy
        np.testing.assert_allclose(x, against, rtol=5e-7)
        np.testing.assert_allclose(y, values, rtol=1e-6, err_msg=title)


def test_the_header_says_where_the_tables_come_from(sweep: xr.DataTree) -> None:
    text, warnings = export.export(sweep)
    header = text.partition("E/N (Td)\t")[0]
    assert warnings == []
    for words in ("swarmhydra", "argon", "300 K", "Phelps & Petrović", "flux"):
        assert words in header


def test_bulk_coefficients_on_request(sweep: xr.DataTree) -> None:
    tables = sections(export.export(sweep, kind="bulk")[0])
    found = tables["E/N (Td)\tMobility *N (1/m/V/s)"][:, 1]
    np.testing.assert_allclose(found, [LAWS["reduced_mobility_bulk"](en) for en in FIELDS], 1e-6)


def test_the_csv_opens_in_pandas(
    sweep: xr.DataTree, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "argon.csv"
    monkeypatch.setattr(command, "open_sweep", lambda _: sweep)
    command.main(["folder", "--format", "csv", "--output", str(file)])
    # Read as texts first: some versions of pandas lose the last digit of a number.
    frame = pd.read_csv(file, dtype=str).map(float)
    assert frame.shape[0] == POINTS
    assert frame["en (Td)"].tolist() == FIELDS
    for name, law in LAWS.items():
        units = VARIABLES[name].units
        np.testing.assert_array_equal(frame[f"{name} ({units})"], [law(en) for en in FIELDS])
        error = frame[f"{name}_stderr ({units})"]
        np.testing.assert_allclose(error, [1e-3 * abs(law(en)) for en in FIELDS])
    ionization = frame["rate_coefficient Ar ionization (m3 s-1)"]
    np.testing.assert_array_equal(ionization, [rate("Ar ionization", en) for en in FIELDS])


def test_the_json_holds_values_errors_and_provenance(sweep: xr.DataTree) -> None:
    found = json.loads(export.export(sweep, "json")[0])
    assert found["conditions"]["gas"] == "argon"
    assert found["conditions"]["temperature"] == 300.0
    assert found["references"].startswith("Phelps & Petrović")
    assert found["processes"]["Ar ionization"] == {
        "kind": "IONIZATION",
        "target": "argon",
        "threshold": 15.8,
    }
    columns = {(c["name"], c.get("process")): c for c in found["columns"]}
    assert columns["en", None]["values"] == FIELDS
    energy = columns["mean_energy", None]
    assert energy["units"] == "eV"
    assert energy["values"] == [LAWS["mean_energy"](en) for en in FIELDS]
    assert len(energy["stderr"]) == POINTS
    assert columns["rate_coefficient", "Ar elastic"]["units"] == "m3 s-1"


@pytest.mark.parametrize(
    ("fields", "relative_error", "words"),
    [
        (FIELDS, 0.11, "too noisy: mean_energy (eV) to 11.0%"),
        (FIELDS[:1], 1e-3, "1 point of E/N; a table needs at least 3"),
        (FIELDS[:2], 1e-3, "2 points of E/N; a table needs at least 3"),
    ],
)
def test_poor_sweeps_are_refused(fields: list[float], relative_error: float, words: str) -> None:
    with pytest.raises(export.ExportError) as refusal:
        export.export(fake_sweep(fields, relative_error=relative_error))
    assert words in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_three_points_make_a_table_with_a_warning() -> None:
    text, warnings = export.export(fake_sweep(FIELDS[:3]))
    assert "only 3 points of E/N; expected at least 5" in warnings
    assert "Warning: only 3 points" in text
    assert len(sections(text)["E/N (Td)\tMean energy (eV)"]) == 3


def test_the_header_names_no_angle_to_a_magnetic_field_that_is_not_there(
    sweep: xr.DataTree,
) -> None:
    assert "eb_angle" not in export.export(sweep)[0]


# A mobility that is a sharp peak: between points it cannot be guessed.
NO_GROWTH = {name: (lambda en: 0.0) for name in LAWS if "townsend" in name}
PEAK = {
    **LAWS,
    **NO_GROWTH,
    "reduced_mobility_flux": lambda en: 1e24 * (0.2 + np.exp(-(np.log(en / 100) ** 2))),
}


def test_a_coarse_sweep_is_refused_and_a_fine_one_is_not() -> None:
    coarse = fake_sweep(np.geomspace(10.0, 1000.0, 5).tolist(), laws=PEAK)
    with pytest.raises(export.ExportError, match=r"too coarse: reduced_mobility_flux .* 100 Td"):
        export.export(coarse)
    text, warnings = export.export(coarse, force=True)
    assert "too coarse: reduced_mobility_flux" in warnings[0]
    assert f"Warning: {warnings[0]}" in text
    fine = fake_sweep(np.geomspace(10.0, 1000.0, 31).tolist(), laws=PEAK)
    assert export.export(fine)[1] == []


def test_the_error_of_interpolation_is_about_what_interpolating_makes() -> None:
    en = np.geomspace(1.0, 10_000.0, 41)
    values = np.array([PEAK["reduced_mobility_flux"](x) for x in en])
    estimated = export.interpolation_error(en, values, np.zeros_like(values)).max()
    between = np.sqrt(en[1:] * en[:-1])
    true = np.array([PEAK["reduced_mobility_flux"](x) for x in between])
    made = np.abs(np.exp(0.5 * (np.log(values[1:]) + np.log(values[:-1]))) / true - 1.0).max()
    assert 0.7 * made < estimated < 1.4 * made


def test_noise_alone_is_not_called_coarse() -> None:
    en = np.geomspace(10.0, 1000.0, 20)
    noisy = en * (1.0 + 0.05 * np.random.default_rng(1).standard_normal(20))
    assert export.interpolation_error(en, noisy, 0.05 * en).max() < quality.WARN
    assert export.interpolation_error(en, noisy, np.zeros(20)).max() > quality.WARN


def test_between_the_limits_there_is_a_warning() -> None:
    sweep = fake_sweep(FIELDS, relative_error=0.03, warnings="the swarm had not relaxed")
    text, warnings = export.export(sweep)
    assert warnings[0] == "the swarm had not relaxed"
    assert warnings[1].startswith("too noisy: mean_energy (eV) to 3.0%")
    for warning in warnings:
        assert f"Warning: {warning}\n" in text


def test_a_mean_energy_that_falls_makes_no_table() -> None:
    dip = {**LAWS, "mean_energy": lambda en: LAWS["mean_energy"](en) * (0.8 if en > 900 else 1.0)}
    with pytest.raises(export.ExportError, match=f"does not rise from {FIELDS[-2]:g} to 1000 Td"):
        export.export(fake_sweep(FIELDS, laws=dip))


def test_more_than_one_gas_has_to_be_chosen_from() -> None:
    sweep = fake_sweep(FIELDS, gases=("argon", "neon"))
    with pytest.raises(export.ExportError, match="select one of gas=argon, neon"):
        export.export(sweep)
    with pytest.raises(export.ExportError, match="select gas=xenon: the sweep has argon, neon"):
        export.export(sweep, select={"gas": "xenon"})
    with pytest.raises(export.ExportError, match="select colour=red: expected one of"):
        export.export(sweep, select={"colour": "red"})
    assert "neon" not in export.export(sweep, select={"gas": "argon"})[0]
    cube = sweep.to_dataset().set_index(job=["gas", "en"]).unstack("job")
    chosen = export.table(cube, gas="argon")
    expected = export.table(sweep, gas="argon")
    for column in expected.columns:
        found = chosen.column(column.name, column.process)
        np.testing.assert_array_equal(found.values, column.values)


def test_a_field_that_repeats_is_refused() -> None:
    with pytest.raises(export.ExportError, match="en=10 Td occurs more than once"):
        export.export(fake_sweep([*FIELDS, 10.0]))


def test_a_folder_without_results_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        command.main([str(tmp_path)])
    assert end.value.code == 2
    assert "no result" in capsys.readouterr().err
