"""Tables of other programs and measurements: every layout of BOLSIG+, swarm data of LXCat."""

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from swarmhydra import export
from tests.helpers.fake_record import PROCESSES
from tests.helpers.fake_sweep import LAWS, THRESHOLDS, fake_sweep, rate

FIELDS = [float(en) for en in np.round(np.geomspace(10.0, 1000.0, 12), 4)]


@pytest.fixture(scope="module")
def sweep() -> xr.DataTree:
    """Twelve points."""
    return fake_sweep(FIELDS)


def read(folder: Path, text: str, species: str | None = None) -> dict:
    """The tables in a text."""
    file = folder / "tables.txt"
    file.write_text(text, encoding="utf-8")
    return export.read_tables(file, species)


def test_our_tables_in_the_layout_of_bolsig_are_read(sweep: xr.DataTree, tmp_path: Path) -> None:
    tables = read(tmp_path, export.export(sweep)[0])
    for name in (
        "mean_energy",
        "reduced_mobility_flux",
        "reduced_diffusion_transverse_flux",
        "reduced_diffusion_longitudinal_flux",
        "reduced_energy_mobility",
        "reduced_energy_diffusion",
        "reduced_townsend_attachment",
    ):
        en, values = tables[name]
        np.testing.assert_allclose(en, FIELDS)
        np.testing.assert_allclose(values, [LAWS[name](en) for en in FIELDS], rtol=1e-6)
    for number, process in enumerate(PROCESSES, start=1):
        kind = ("Elastic", "Excitation", "Ionization")[number - 1]
        threshold = f" {THRESHOLDS[process]:.2f} eV" if number > 1 else ""
        en, values = tables[f"C{number} argon {kind}{threshold}"]
        np.testing.assert_allclose(values, [rate(process, en) for en in FIELDS], rtol=1e-6)


def test_bulk_coefficients_come_back_under_their_names(sweep: xr.DataTree, tmp_path: Path) -> None:
    tables = read(tmp_path, export.export(sweep, kind="bulk")[0])
    assert "reduced_mobility_flux" not in tables
    for name in ("reduced_mobility_bulk", "reduced_diffusion_longitudinal_bulk"):
        np.testing.assert_allclose(tables[name][1], [LAWS[name](en) for en in FIELDS], rtol=1e-6)


RUN_BY_RUN = """\
BOLSIG+

R1
---------------------------------------------------------------------------------
Electric field / N (Td)                   10.00
Gas temperature (K)                       300.0
---------------------------------------------------------------------------------
Mean energy (eV)                          5.213
Mobility *N (1/m/V/s)                     0.1100E+25
Townsend ioniz. coef. alpha/N (m2)        0.1500-100

Rate coefficients (m3/s)
C3    Ar    Ionization    15.80 eV        0.1200E-18

Energy (eV) EEDF (eV-3/2) Anisotropy
 0.1000 0.3000E+00 0.1000E-01
 0.2000 0.2000E+00 0.2000E-01

R2
---------------------------------------------------------------------------------
Electric field / N (Td)                   20.00
---------------------------------------------------------------------------------
Mean energy (eV)                          6.100
Mobility *N (1/m/V/s)                     0.9000E+24
Townsend ioniz. coef. alpha/N (m2)        0.2000D-21

Rate coefficients (m3/s)
C3    Ar    Ionization    15.80 eV        0.3400E-17
"""


def test_runs_of_bolsig_one_by_one_are_read(tmp_path: Path) -> None:
    tables = read(tmp_path, RUN_BY_RUN)
    expected = {
        "mean_energy": [5.213, 6.1],
        "reduced_mobility_flux": [1.1e24, 9e23],
        "reduced_townsend_ionization": [1.5e-101, 2e-22],
        "C3 Ar Ionization 15.80 eV": [1.2e-19, 3.4e-18],
    }
    assert set(tables) == set(expected)
    for name, values in expected.items():
        assert tables[name][0].tolist() == [10.0, 20.0]
        np.testing.assert_allclose(tables[name][1], values, rtol=1e-12)


COMBINED = """\
Transport coefficients
A1   Mean energy (eV)
A2   Mobility *N (1/m/V/s)
A3   Diffusion coefficient *N (1/m/s)

Rate coefficients (m3/s)
C1    Ar    Elastic
C3    Ar    Ionization    15.80 eV

R#   E/N (Td)   A1   A2   A3   C1   C3
1    10.00    5.213    0.1100E+25    0.2600E+25    0.1000E-12    0.1200E-18
2    20.00    6.100    0.9000E+24    0.2700E+25    0.1100E-12    0.3400E-17
"""


def test_the_combined_table_of_bolsig_is_read(tmp_path: Path) -> None:
    tables = read(tmp_path, COMBINED)
    expected = {
        "mean_energy": [5.213, 6.1],
        "reduced_mobility_flux": [1.1e24, 9e23],
        "reduced_diffusion_transverse_flux": [2.6e24, 2.7e24],
        "C1 Ar Elastic": [1e-13, 1.1e-13],
        "C3 Ar Ionization 15.80 eV": [1.2e-19, 3.4e-18],
    }
    assert set(tables) == set(expected)
    for name, values in expected.items():
        assert tables[name][0].tolist() == [10.0, 20.0]
        np.testing.assert_allclose(tables[name][1], values)


SWARM_DATA = """\
LXCat, www.lxcat.net
Generated on 12 Mar 2024. All rights reserved.

xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
DATABASE:         Made up
PERMLINK:         www.lxcat.net/nowhere
xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx

SPECIES: e / Ar
PROCESS: Mobility x gas density (&mu;N)
PARAM.:  Tgas = 300 K
COMMENT: the first.
UPDATED: 2018-03-12 10:00:00
COLUMNS: Reduced electric field (Td) | Mobility x gas density ((m.V.s)-1)
-----------------------------
 1.000000e+0\t2.500000e+24
 1.000000e+1\t1.100000e+24
-----------------------------

SPECIES: e / Ar
PROCESS: Mobility x gas density (&mu;N)
COMMENT: the second.
COLUMNS: Reduced electric field (Td) | Mobility x gas density ((m.V.s)-1)
-----------------------------
 2.000000e+0\t2.400000e+24
-----------------------------

SPECIES: e / Ar
PROCESS: Diffusion x gas density (DN)
COLUMNS: Reduced electric field (Td) | Diffusion x gas density (1E20/ms)
-----------------------------
 2.000000e+0\t2.600000e+4
-----------------------------

SPECIES: e / Ar
PROCESS: Drift velocity
COLUMNS: Reduced electric field (Td) | Drift velocity (cm/us)
-----------------------------
 2.000000e+0\t0.2
-----------------------------
"""

OF_NITROGEN = """
SPECIES: e / N2
PROCESS: Characteristic energy (D/&mu;)
COLUMNS: Reduced electric field (Td) | Characteristic energy (eV)
-----------------------------
 1.000000e+0\t0.200000e+0
-----------------------------
"""


def test_swarm_data_of_lxcat_are_read(tmp_path: Path) -> None:
    tables = read(tmp_path, SWARM_DATA)
    expected = {
        "reduced_mobility_flux": ([1.0, 10.0], [2.5e24, 1.1e24]),
        "reduced_mobility_flux (2)": ([2.0], [2.4e24]),
        "reduced_diffusion_transverse_flux": ([2.0], [2.6e24]),
        # No number under our name in a unit that is not ours.
        "Drift velocity (cm/us)": ([2.0], [0.2]),
    }
    assert set(tables) == set(expected)
    for name, (en, values) in expected.items():
        assert tables[name][0].tolist() == en
        np.testing.assert_allclose(tables[name][1], values)


def test_the_gases_of_a_download_are_not_mixed(tmp_path: Path) -> None:
    both = SWARM_DATA + OF_NITROGEN
    with pytest.raises(export.ExportError, match="data of Ar, N2; expected species= to name one"):
        read(tmp_path, both)
    with pytest.raises(export.ExportError, match="species='He'; expected one of Ar, N2"):
        read(tmp_path, both, "He")
    tables = read(tmp_path, both, "N2")
    assert set(tables) == {"characteristic_energy"}
    assert tables["characteristic_energy"][1].tolist() == [0.2]


def test_a_file_without_tables_is_refused(tmp_path: Path) -> None:
    with pytest.raises(export.ExportError, match="no table against E/N"):
        read(tmp_path, "1 2\n3 4\n")
