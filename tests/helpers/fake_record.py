"""A run that never happened: plausible numbers under every name a run may report."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from swarmhydra.kernels.contract import STAGES
from swarmhydra.results.record import Estimate, RunRecord
from swarmhydra.results.variable import Variable
from swarmhydra.results.variables import VARIABLES

PROCESSES = ("Ar elastic", "Ar(11.5eV)", "Ar ionization")
PARTS = 8
"""Of the period of an alternating field."""

ORDERS, ACROSS = 3, 4
"""Legendre orders, and cells of the velocity distribution across the field."""

TIMES = 6
"""Intervals of a waveform."""

TYPICAL = {
    "mean_energy": 6.8105,
    "drift_velocity_flux": 74933.0,
    "drift_velocity_bulk": 75800.0,
    "reduced_mobility_flux": 3.1e23,
    "rate_coefficient": 1.3e-14,
    "reduced_townsend_effective": 4.2e-22,
}


def fake_record(
    *,
    sub_swarms: int = 8,
    bins: int = 40,
    samples: int = 30,
    en: float = 100.0,
    gas: str = "argon",
    processes: tuple[str, ...] = PROCESSES,
    seed: int = 1,
    components: dict[str, float] | None = None,
    sensitive: bool = False,
) -> RunRecord:
    """Return a record whose numbers depend on `seed` alone, on request with sensitivities."""
    random = np.random.default_rng(seed)
    sizes = {
        "process": len(processes),
        "axis": 3,
        "axis2": 3,
        "extra_process": 1,
        "part": PARTS,
        "l": ORDERS,
        "bin": bins,
        "v_along": 2 * ACROSS,
        "v_across": ACROSS,
    }
    across = 1e5 * (np.arange(ACROSS) + 0.5)
    plane = {"v_along": np.concatenate([-across[::-1], across]), "v_across": across}

    def estimate(name: str, shape: tuple[int, ...]) -> Estimate:
        value = TYPICAL.get(name, 1.0) * random.uniform(0.9, 1.1, shape)
        error = 1e-3 * np.abs(value)
        noise = random.normal(size=(sub_swarms, *shape))
        noise = (noise - noise.mean(axis=0)) / noise.std(axis=0, ddof=1)
        pseudo = value + noise * error * np.sqrt(sub_swarms)
        return Estimate(np.asarray(value), np.asarray(error), pseudo)

    coefficients = {
        name: estimate(name, tuple(sizes[dim] for dim in row.dims))
        for name, row in VARIABLES.items()
        if "/" not in name and not row.coordinate
    }
    record = RunRecord(
        coefficients=coefficients,
        processes={
            "name": list(processes),
            "kind": ["ELASTIC", *["EXCITATION"] * (len(processes) - 2), "IONIZATION"],
            "target": [gas] * len(processes),
            "threshold": [0.0, *[11.5] * (len(processes) - 2), 15.8],
            "provenance": ["A. Author, J. Phys. 1 (2001) 1"] * len(processes),
        },
        extra_processes={"name": ["Ar line"], "target": [gas]},
        components=components or {gas: 1.0},
        phase={
            "phase": np.arange(PARTS) * 2.0 * np.pi / PARTS,
            "energy_edges": np.linspace(0.0, 40.0, bins + 1),
            **plane,
            **{
                path.removeprefix("phase/"): _as_kept(
                    estimate(path, tuple(sizes[dim] for dim in row.dims)), row
                )
                for path, row in VARIABLES.items()
                if path.startswith("phase/") and not row.coordinate
            },
        },
        eedf={
            "energy_edges": np.linspace(0.0, 40.0, bins + 1),
            **{name: estimate(name, (bins,)) for name in ("eedf", "eepf", "f1")},
            "f_l": estimate("f_l", (2, bins)),
            **plane,
            "evdf": estimate("evdf", (2 * ACROSS, ACROSS)),
        },
        time_series=_time_series(random, samples),
        perf_stages={
            "seconds": random.uniform(1.0, 2.0, len(STAGES)),
            "share": np.full(len(STAGES), 0.25),
            "calls": np.full(len(STAGES), 12_000),
            "events": random.integers(10**8, 10**9, len(STAGES)),
            "ns_per_event": random.uniform(3.0, 9.0, len(STAGES)),
        },
        perf={
            "trials": 10**9,
            "real_collisions": 8 * 10**8,
            "null_share": 0.2,
            "horizon_share": 0.07,
            "majorant_violations": 0,
            "threads": 2,
            "compile_seconds": 3.5,
            "wall_seconds": 20.0,
            "cpu_seconds": 39.0,
            "peak_rss": 3 * 10**8,
        },
        rng={
            "bit_generator": "SFC64",
            "entropy": seed,
            "spawn_keys": _words(random, (sub_swarms, 4)),
            "initial_state": _words(random, (sub_swarms, 4, 4)),
            "final_state": _words(random, (sub_swarms, 4, 4)),
        },
        coordinates={
            "en": en,
            "gas": gas,
            "method": "monte_carlo",
            "accel": "jit_lut",
            "seed": seed,
            "bn": 0.0,
            "eb_angle": 90.0,
            "frequency": 0.0,
            "temperature": 300.0,
            "pressure": 101325.0,
        },
        electron_time=np.full(sub_swarms, 1e-6),
        attributes={
            "stop_reason": "real_collisions",
            "relaxed": 1,
            "relaxation_time": 1.2e-9,
            "window": 3.1e-9,
            "memory_windows": 4,
            "degrees_of_freedom": sub_swarms - 1,
            "config": "sim:\n  en: 100.0\n",
            "references": "Phelps & Petrović, Plasma Sources Sci. Technol. 8 (1999) R21",
            "backend_asked": "jit",
            "backend_ran": "jit",
            "complete": 1,
            "warnings": "",
        },
    )
    sizes |= {"time": TIMES}
    edges = 1e-10 * np.arange(TIMES + 1)
    record.waveform.update(
        {
            "time": edges[1:] - 0.5e-10,
            "time_edges": edges,
            "energy_edges": np.arange(bins + 1.0),
            **plane,
        }
    )
    for path, row in VARIABLES.items():
        group, _, name = path.partition("/")
        if group == "waveform" and not row.coordinate:
            values = _as_kept(estimate(name, tuple(sizes[dim] for dim in row.dims)), row)
            measured = name != "en" and not name.endswith("_quasi_steady")
            record.waveform[name] = values if measured else values.value
    if sensitive:
        record.sensitivity.update(_sensitivity(random, gas, len(processes), bins))
    return record


def _as_kept(estimate: Estimate, row: Variable) -> Estimate:
    """Without pseudo-values where runs leave them out: of distributions in parts of time."""
    if {"bin", "v_along"} & set(row.dims):
        return Estimate(estimate.value, estimate.stderr)
    return estimate


def _sensitivity(
    random: np.random.Generator, gas: str, processes: int, bins: int
) -> dict[str, Any]:
    """Derivatives of two coefficients."""
    sizes = {"coefficient": 2, "process": processes, "bin": bins, "species": 1}
    edges = np.geomspace(0.1, 40.0, bins + 1)
    fixed = {
        "coefficient": ["mean_energy", "drift_velocity_flux"],
        "species": [gas],
        "energy": np.sqrt(edges[1:] * edges[:-1]),
        "energy_edges": edges,
    }
    derivatives = {
        path.partition("/")[2]: random.normal(size=tuple(sizes[dim] for dim in row.dims))
        for path, row in VARIABLES.items()
        if path.startswith("sensitivity/") and not row.coordinate
    }
    return {**fixed, **derivatives}


def _time_series(random: np.random.Generator, samples: int) -> dict[str, NDArray[np.generic]]:
    """Return a swarm that relaxes for a third of its samples and grows all along."""
    time = 1e-9 * np.arange(1.0, samples + 1)
    return {
        "time": time,
        "phase": np.where(np.arange(samples) < samples // 3, 0, 1),
        "mean_energy": random.normal(6.8, 0.1, samples),
        "drift_velocity": random.normal(7.5e4, 1e3, samples),
        "ln_number": 1e7 * time,
        "centroid_z": 7.5e4 * time,
        "variance_z": 0.2 * time,
        "variance_t": 0.3 * time,
        "trials": np.arange(1, samples + 1) * 10**6,
        # Counts come as floats from some tallies; whole numbers of any type are welcome.
        "real_collisions": np.arange(1, samples + 1) * 8.0e5,
        "electrons": random.integers(9_000, 20_000, samples),
    }


def _words(random: np.random.Generator, shape: tuple[int, int]) -> NDArray[np.uint64]:
    """Return words of 64 random bits, the largest one among them."""
    words = random.integers(0, 2**64, shape, dtype=np.uint64)
    words[0, 0] = 2**64 - 1
    return words
