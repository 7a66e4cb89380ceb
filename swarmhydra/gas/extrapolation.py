"""What a cross section is beyond the last point of its table."""

from dataclasses import replace

import numpy as np

from swarmhydra.gas.adaptive import adaptive_grid
from swarmhydra.gas.processes import Process


def extended(process: Process, energy_max: float, policy: str) -> Process:
    """A process whose table reaches at least up to an energy.

    Parameters
    ----------
    process : Process
    energy_max : float
        Energy that the table shall reach (eV).
    policy : str
        ``log_slope`` goes on with the slope that the last two points have in double logarithmic
        scale, but never rises; by ``hold`` and ``error`` nothing is added, because a table is held
        at its last value.
    """
    energy, sigma = process.energy, process.cross_section
    last = float(energy[-1])
    flat = energy.size < 2 or energy[-2] <= 0.0 or min(sigma[-2:]) <= 0.0
    if policy != "log_slope" or last >= energy_max or flat:
        return process
    slope = min(0.0, float(np.log(sigma[-1] / sigma[-2]) / np.log(last / energy[-2])))
    points, values = adaptive_grid(
        lambda e: sigma[-1] * (e / last) ** slope, (), last, energy_max, negligible=1e-12
    )
    return replace(
        process,
        energy=np.concatenate([energy, points[1:]]),
        cross_section=np.concatenate([sigma, values[1:]]),
    )
