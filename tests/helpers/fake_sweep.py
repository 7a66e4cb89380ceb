"""The files of a sweep that never happened: coefficients that are known functions of E/N."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import xarray as xr

from swarmhydra.results.files import save
from swarmhydra.results.record import Estimate, RunRecord
from swarmhydra.results.tree import build_tree
from swarmhydra.sweeps.opening import open_sweep
from tests.helpers.fake_record import PROCESSES, fake_record

THRESHOLDS = {"Ar elastic": 0.0, "Ar(11.5eV)": 11.5, "Ar ionization": 15.8}

LAWS: dict[str, Callable[[float], float]] = {
    "mean_energy": lambda en: 1.5 * en**0.4,
    "drift_velocity_flux": lambda en: 2e3 * en**0.8,
    "drift_velocity_bulk": lambda en: 2e3 * en**0.82,
    "reduced_mobility_flux": lambda en: 2e24 * en**-0.2,
    "reduced_mobility_bulk": lambda en: 2e24 * en**-0.18,
    "reduced_diffusion_transverse_flux": lambda en: 5e24 * en**0.1,
    "reduced_diffusion_transverse_bulk": lambda en: 5e24 * en**0.11,
    "reduced_diffusion_longitudinal_flux": lambda en: 3e24 * en**0.15,
    "reduced_diffusion_longitudinal_bulk": lambda en: 3e24 * en**0.16,
    "reduced_energy_mobility": lambda en: 3e24 * en**-0.15,
    "reduced_energy_diffusion": lambda en: 7e24 * en**0.12,
    "characteristic_energy": lambda en: 2.5 * en**0.3,
    "reduced_townsend_ionization": lambda en: 1e-20 * np.exp(-20.0 / en),
    "reduced_townsend_attachment": lambda en: 0.0,
    "reduced_townsend_effective": lambda en: 1e-20 * np.exp(-20.0 / en),
}
"""Of E/N (Td), in the units of the results."""


def rate(process: str, en: float) -> float:
    """A rate coefficient that rises above its threshold (m3/s)."""
    return float(1e-13 * np.exp(-THRESHOLDS[process] / LAWS["mean_energy"](en)))


def fake_sweep(
    fields: Sequence[float],
    *,
    gases: Sequence[str] = ("argon",),
    relative_error: float = 1e-3,
    laws: Mapping[str, Callable[[float], float]] = LAWS,
    warnings: str = "",
) -> xr.DataTree:
    """The coefficients of a sweep as `open_sweep` arranges them, in the order of the fields."""
    points = [(gas, en) for gas in gases for en in fields]
    en = np.array([en for _, en in points])
    one = build_tree(fake_record()).to_dataset().drop_vars(["en", "gas"])
    root = one.expand_dims(job=[str(number) for number in range(len(points))]).copy(deep=True)
    values = {name: np.array([law(x) for x in en]) for name, law in laws.items()}
    rates = np.array([[rate(process, x) for process in PROCESSES] for x in en])
    values |= {"rate_coefficient": rates, "rate_coefficient_convolution": rates}
    for name, value in values.items():
        root[name].values = value
        root[f"{name}_stderr"].values = relative_error * np.abs(value)
    described = build_tree(fake_record()).to_dataset()["en"].attrs
    gas = [gas for gas, _ in points]
    swept = {"en": ("job", en, described)}
    swept["gas"] = ("job", gas, {}) if len(gases) > 1 else ((), gas[0], {})
    jobs = {
        "references": ("job", ["Phelps & Petrović"] * len(points)),
        "warnings": ("job", [warnings] * len(points)),
    }
    return xr.DataTree.from_dict({"/": root.assign_coords(swept), "/jobs": xr.Dataset(jobs)})


def write_sweep(folder: Path, fields: Sequence[float]) -> Path:
    """Write what is in such a sweep as a run for each field, in folders 0, 1, 2 …"""
    for number, en in enumerate(fields):
        record = fake_record(en=en, seed=1)
        values = {name: law(en) for name, law in LAWS.items()}
        values |= {
            name: np.array([rate(process, en) for process in PROCESSES])
            for name in ("rate_coefficient", "rate_coefficient_convolution")
        }
        coefficients = {
            name: Estimate(np.asarray(value), np.asarray(1e-3 * np.abs(value)))
            for name, value in values.items()
        }
        config = f"gas: {{name: argon}}\nsim: {{en: {en}}}\n"
        tree = build_tree(
            dataclasses.replace(
                record,
                coefficients={**record.coefficients, **coefficients},
                attributes={**record.attributes, "config": config, "warnings": ""},
                phase={},
            )
        )
        save(tree, folder / str(number) / "results.nc")
    return folder


def saved_sweep(folder: Path, records: Sequence[RunRecord]) -> xr.DataTree:
    """The results of some runs as those of a sweep."""
    for number, record in enumerate(records):
        save(build_tree(record), folder / str(number) / "results.nc")
    return open_sweep(folder)


def mixed(en: float, nitrogen: float) -> RunRecord:
    """A run in argon with some nitrogen, as its configuration says."""
    parts = {"Ar": 1.0 - nitrogen, "N2": nitrogen}
    names = ("Ar elastic", "N2 elastic", "N2 -> N2(v1)", "N2 -> N2(C3)", "Ar ionization")
    record = fake_record(en=en, components=parts, processes=names, seed=int(en + 100 * nitrogen))
    record.coordinates["seed"] = 1
    shares = ", ".join(f"{name}: {{fraction: {share}}}" for name, share in parts.items())
    config = f"gas: {{name: argon, components: {{{shares}}}}}\nsim: {{en: {en}}}\n"
    attributes = {**record.attributes, "config": config}
    return dataclasses.replace(record, attributes=attributes)
