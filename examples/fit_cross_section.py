"""Study: a cross section that is wrong by a known factor, found again from synthetic swarm data."""

import sys
from pathlib import Path

import numpy as np
from matplotlib import pyplot as plt

import swarmhydra
from swarmhydra import plot
from swarmhydra.fit import FitConfig, Measurements, ParameterConfig, fit

KNOTS = np.array([0.1, 0.6, 4.0])
WRONG = np.array([1.5, 0.7, 1.2])
"""Factors of the cross section to start from, at the knots: the fit must find one over them."""

FIELDS = np.geomspace(0.05, 10.0, 12)
QUANTITIES = ("drift_velocity_flux", "characteristic_energy")
NOISE = 0.01

energy = np.geomspace(1e-3, 100.0, 120)
true = 1e-20 * (0.3 + np.log(energy / 0.3) ** 2)
wrong = true * np.exp(np.interp(np.log(energy), np.log(KNOTS), np.log(WRONG)))


def gas(elastic: np.ndarray) -> list[str]:
    """A gas with a minimum as that of Ramsauer, as on the command line."""
    tables = {
        "kind: ELASTIC, name: elastic": (energy, elastic),
        "kind: EXCITATION, name: excitation, threshold: 10.0": (
            [10.0, 15.0, 100.0],
            [0, 1e-20, 1e-20],
        ),
    }
    processes = [
        f"{{{head}, energies: {[float(e) for e in energies]}, "
        f"cross_sections: {[float(sigma) for sigma in sigmas]}}}"
        for head, (energies, sigmas) in tables.items()
    ]
    own = f"+gas.components={{x: {{mass: 40.0, processes: [{', '.join(processes)}]}}}}"
    return ["gas=lxcat", "gas.name=made up", own]


folder = Path(sys.argv[1] if len(sys.argv) > 1 else "outputs/fit_cross_section")
folder.mkdir(parents=True, exist_ok=True)
places = [(name, float(en)) for en in FIELDS for name in QUANTITIES]
runs = {
    en: swarmhydra.simulate("method=boltzmann", *gas(true), f"sim.en={en}")
    for en in FIELDS.tolist()
}
exact = np.array([float(runs[en][name]) for name, en in places])
measured = exact * (1.0 + NOISE * np.random.default_rng(1).standard_normal(exact.size))
data = Measurements(
    [name for name, _ in places],
    ["" for _ in places],
    np.array([en for _, en in places]),
    measured,
    NOISE * exact,
)
free = [ParameterConfig("elastic", energies=KNOTS.tolist())]
found = fit(FitConfig(settings=gas(wrong), parameters=free), data)
print(f"{found}\nthe factors to be found: {', '.join(f'{1.0 / each:.4f}' for each in WRONG)}")

with plot.style():
    figure, axes = plt.subplots(figsize=(3.4, 2.5))
    factor = np.exp(np.interp(np.log(energy), np.log(KNOTS), np.log(found.factor)))
    axes.loglog(energy, wrong, "--", label="to start from")
    axes.loglog(energy, true, label="true")
    axes.loglog(energy, wrong * factor, ":", label="fitted")
    axes.set_xlabel("energy (eV)")
    axes.set_ylabel("elastic cross section (m$^2$)")
    axes.legend()
    figure.savefig(folder / "fit_cross_section.png")
