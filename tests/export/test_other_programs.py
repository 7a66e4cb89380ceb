"""Tables for other programs, read back by the rules of their readers."""

import csv
import io
import math
from itertools import dropwhile

import numpy as np
import pytest
import xarray as xr
import yaml

from swarmhydra import export
from swarmhydra.export import garfield
from tests.helpers.fake_record import PROCESSES
from tests.helpers.fake_sweep import LAWS, fake_sweep, rate

FIELDS = [float(en) for en in np.round(np.geomspace(10.0, 1000.0, 12), 4)]
ENERGY = [LAWS["mean_energy"](en) for en in FIELDS]


def ionization(en: float) -> float:
    """The reduced Townsend coefficient that goes with the rates (m2)."""
    return rate("Ar ionization", en) / LAWS["drift_velocity_flux"](en)


@pytest.fixture(scope="module")
def sweep() -> xr.DataTree:
    """Twelve points, the last first."""
    return fake_sweep(FIELDS[::-1])


def read_afivo(text: str, title: str) -> np.ndarray:
    """A table as afivo-streamer finds it: by its title, between lines of at least five dashes."""
    lines = text.splitlines()
    assert all(len(line) < 100 for line in lines)
    (start,) = [number for number, line in enumerate(lines) if line == title]
    rest = list(dropwhile(lambda line: not line.startswith("-----"), lines[start:]))[1:]
    end = next(number for number, line in enumerate(rest) if line.startswith("-----"))
    return np.array([[float(each) for each in line.split()] for line in rest[:end]])


def test_afivo_streamer_finds_its_tables(sweep: xr.DataTree) -> None:
    text, warnings = export.export(sweep, "afivo")
    assert warnings == []
    laws = {
        "Mean energy (eV)": LAWS["mean_energy"],
        "Mobility *N (1/m/V/s)": LAWS["reduced_mobility_flux"],
        "Diffusion coefficient *N (1/m/s)": LAWS["reduced_diffusion_transverse_flux"],
        "Townsend ioniz. coef. alpha/N (m2)": ionization,
        "Townsend attach. coef. eta/N (m2)": lambda en: 0.0,
        # What it takes with input_data%bulk_transport.
        "Bulk mobility *N (1/m/V/s)": LAWS["reduced_mobility_bulk"],
        "Bulk diffusion coef. *N (1/m/s)": LAWS["reduced_diffusion_transverse_bulk"],
        "k Ar(11.5eV) (m3/s)": lambda en: rate("Ar(11.5eV)", en),
    }
    for title, law in laws.items():
        x, y = read_afivo(text, title).T
        np.testing.assert_allclose(x, FIELDS)
        np.testing.assert_allclose(y, [law(en) for en in FIELDS], err_msg=title)


def test_comsol_reads_a_spreadsheet_against_the_mean_energy(sweep: xr.DataTree) -> None:
    text, _ = export.export(sweep, "comsol", "bulk")
    lines = text.splitlines()
    comments = [line for line in lines if line.startswith("%")]
    assert lines[: len(comments)] == comments
    columns = dict(
        zip(comments[-1][2:].split("\t"), np.loadtxt(lines, comments="%").T, strict=True)
    )
    assert next(iter(columns)) == "mean_energy_(V)"
    np.testing.assert_allclose(columns["mean_energy_(V)"], ENERGY, rtol=1e-7)
    expected = {
        "electron_mobility_N_(1/(V*m*s))": LAWS["reduced_mobility_bulk"],
        "electron_diffusivity_N_(1/(m*s))": LAWS["reduced_diffusion_transverse_bulk"],
        "electron_energy_mobility_N_(1/(V*m*s))": LAWS["reduced_energy_mobility"],
        "electron_energy_diffusivity_N_(1/(m*s))": LAWS["reduced_energy_diffusion"],
        "Townsend_ionization_(m^2)": ionization,
        "rate_of_Ar_ionization_(m^3/s)": lambda en: rate("Ar ionization", en),
    }
    for name, law in expected.items():
        np.testing.assert_allclose(columns[name], [law(en) for en in FIELDS], rtol=1e-7)


def test_the_table_of_lokib_has_its_names(sweep: xr.DataTree) -> None:
    text, _ = export.export(sweep, "lokib")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    names = lines[0].split()
    columns = dict(zip(names, np.array([line.split() for line in lines[1:]], float).T, strict=True))
    np.testing.assert_allclose(columns["RedField(Td)"], FIELDS)
    np.testing.assert_allclose(columns["MeanE(eV)"], ENERGY)
    np.testing.assert_allclose(columns["EleTemp(eV)"], np.array(ENERGY) * 2.0 / 3.0)
    drift = [LAWS["drift_velocity_flux"](en) for en in FIELDS]
    np.testing.assert_allclose(columns["DriftVelocity(ms^-1)"], drift)
    # Some programs read by the place: the drift velocity is the fourth, the mean energy the ninth.
    assert (names[3], names[8]) == ("DriftVelocity(ms^-1)", "MeanE(eV)")
    for name, law in (
        ("RedDiffE(eV(ms)^-1)", "reduced_energy_diffusion"),
        ("RedMobE(eV(msV)^-1)", "reduced_energy_mobility"),
    ):
        divided = columns[name] / columns["MeanE(eV)"]
        np.testing.assert_allclose(divided, [LAWS[law](en) for en in FIELDS], rtol=1e-7)
    np.testing.assert_allclose(columns["RedTow(m^2)"], [ionization(en) for en in FIELDS])
    assert {f"{name.replace(' ', '_')}(m^3s^-1)" for name in PROCESSES} <= set(names)


# Energy distributions


def test_the_distributions_are_a_row_for_each_field_and_energy() -> None:
    energy = np.array([1.0, 2.0, 3.0])
    tree = with_distributions(energy)
    rows = list(csv.DictReader(io.StringIO(export.export(tree, "eedf")[0])))
    assert [float(row["en (Td)"]) for row in rows] == [10.0] * 3 + [20.0] * 3
    assert [float(row["energy (eV)"]) for row in rows] == [1.0, 2.0, 3.0] * 2
    for row in rows:
        ratio = float(row["eedf (eV-1)"]) / float(row["eepf (eV-3/2)"])
        assert ratio == pytest.approx(math.sqrt(float(row["energy (eV)"])))


def test_cantera_gets_the_distribution_of_one_field() -> None:
    energy = np.array([1.0, 2.0, 3.0])
    tree = with_distributions(energy)
    with pytest.raises(export.ExportError, match="select one of en=10, en=20"):
        export.export(tree, "cantera")
    text, _ = export.export(tree, "cantera", select={"en": 20.0})
    phase = yaml.safe_load(text)["electron-energy-distribution"]
    assert phase["type"] == "discretized"
    assert phase["normalize"] is True
    assert phase["energy-levels"] == energy.tolist()
    np.testing.assert_allclose(phase["distribution"], np.exp(-energy / 20.0), rtol=1e-6)


def with_distributions(energy: np.ndarray) -> xr.DataTree:
    """A sweep over 20 and 10 Td with exponential distributions."""
    fields = np.array([20.0, 10.0])
    eepf = np.exp(-energy / fields[:, None])
    group = xr.Dataset(
        {"eedf": (("job", "bin"), eepf * np.sqrt(energy)), "eepf": (("job", "bin"), eepf)},
        coords={"energy": ("bin", energy)},
    )
    root = xr.Dataset(coords={"job": ["0", "1"], "en": ("job", fields)})
    return xr.DataTree.from_dict({"/": root, "/eedf": group})


# Garfield++


def read_gas_file(text: str) -> dict:
    """Header, records and footer of a gas file, by the rules of `MediumGas::LoadGasFile`."""
    head, _, rest = text.partition(" The gas tables follow:\n")
    body, _, foot = rest.partition(" H Extr:")
    found: dict = {"numbers": [float(each) for each in body.split()]}
    lines = head.splitlines()
    for number, line in enumerate(lines, start=1):
        key = line.strip(" :")
        if key in ("E fields", "E-B angles", "B fields", "Mixture"):
            numbers = []
            for row in lines[number:]:
                if not row.strip()[:1].isdigit():
                    break
                numbers += [float(each) for each in row.split()]
            found[key] = numbers
        elif ":" in line:
            name, _, value = line.partition(":")
            found[name.strip()] = value.strip()
    found["PGAS"] = float(foot.partition("PGAS  =")[2].split(",")[0])
    found["TGAS"] = float(foot.partition("TGAS  =")[2].split()[0])
    return found


def of_gas(sweep: xr.DataTree, **coordinates: object) -> xr.DataTree:
    """The same sweep with argon by its formula as target, and other coordinates."""
    root = sweep.to_dataset()
    root = root.assign_coords(target=("process", ["Ar"] * root.sizes["process"]), **coordinates)
    return xr.DataTree.from_dict({"/": root, "/jobs": sweep["jobs"].to_dataset(inherit=False)})


def test_a_gas_file_of_garfield_has_its_units(sweep: xr.DataTree) -> None:
    found = read_gas_file(export.export(of_gas(sweep), "garfield")[0])
    assert found["Version"] == "12"
    assert found["GASOK bits"] == "TFTTFTFTFFFFFFFFFFFF"
    assert found["Dimension"].split() == ["F", "12", "1", "1", "0", "0"]
    assert found["Mixture"] == [0.0, 100.0] + [0.0] * 58
    root = sweep.to_dataset()
    pressure, temperature = float(root["pressure"]), float(root["temperature"])
    torr = pressure / 133.32236842105263
    density = pressure / (1.380649e-23 * temperature)
    assert found["PGAS"] == pytest.approx(torr, rel=1e-8)
    assert found["TGAS"] == pytest.approx(temperature)
    volts = np.array(FIELDS) * 1e-21 * density / 100.0
    np.testing.assert_allclose(np.array(found["E fields"]) * torr, volts, rtol=1e-8)
    records = np.array(found["numbers"]).reshape(12, -1)
    # Each number with a spline coefficient, the second alpha without.
    assert records.shape[1] == 2 * 16 + 1
    drift = root["velocity_vector_flux"].sel(axis="z").values[::-1]
    np.testing.assert_allclose(records[:, 0], drift * 100.0 / 1e6, rtol=1e-8)
    # sigma of a drift over 1 cm (cm) is the coefficient over the root of the pressure.
    spread = records[:, 6] / math.sqrt(torr)
    law = np.array([LAWS["reduced_diffusion_longitudinal_flux"](en) for en in FIELDS])
    np.testing.assert_allclose(spread, np.sqrt(2.0 * law / density / drift * 0.01) * 100, rtol=1e-8)
    alpha = np.exp(records[:, 10]) * torr
    law = np.array([LAWS["reduced_townsend_ionization"](en) for en in FIELDS])
    np.testing.assert_allclose(alpha, law * density / 100.0, rtol=1e-7)
    assert (records[:, 13] == garfield.NOTHING).all()


def test_a_gas_file_can_be_over_magnetic_fields() -> None:
    fields = [10.0, 10.0, 10.0, 20.0, 20.0, 20.0]
    bn = [0.0, 50.0, 50.0] * 2
    angle = [90.0, 90.0, 30.0] * 2
    tree = of_gas(fake_sweep(fields), bn=("job", bn), eb_angle=("job", angle))
    found = read_gas_file(export.export(tree, "garfield")[0])
    assert found["Dimension"].split() == ["T", "2", "2", "2", "0", "0"]
    assert found["GASOK bits"][8:10] == "TT"
    np.testing.assert_allclose(found["E-B angles"], np.radians([30.0, 90.0]))
    records = np.array(found["numbers"]).reshape(2, 2, 2, -1)
    assert records.shape[-1] == 8 + 3 + 6
    root = tree.to_dataset()
    tesla = np.array(found["B fields"]) / 100.0
    density = float(root["pressure"]) / (1.380649e-23 * float(root["temperature"]))
    np.testing.assert_allclose(tesla, [0.0, 50.0 * 1e-27 * density], rtol=1e-8)
    across = root["velocity_vector_flux"].sel(axis="y").values
    np.testing.assert_allclose(records[0, 0, 1, 2], -across[2] * 1e-4, rtol=1e-8)
    missing = of_gas(fake_sweep(fields[:-1]), bn=("job", bn[:-1]), eb_angle=("job", angle[:-1]))
    with pytest.raises(export.ExportError, match="no job with en=20 bn=50 eb_angle=30"):
        export.export(missing, "garfield")


def test_a_gas_without_a_number_in_magboltz_is_refused(sweep: xr.DataTree) -> None:
    with pytest.raises(export.ExportError, match="argon: no gas of Magboltz; expected some of CF4"):
        export.export(sweep, "garfield")
