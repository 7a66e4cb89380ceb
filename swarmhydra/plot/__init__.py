"""Figures of a run and of a sweep, as wide as the column of a journal; needs matplotlib.

Every function draws into the axes it is given, or makes a figure of its own, and returns the axes.
Axes are labelled from the attributes of the result. Colours are those of Okabe and Ito (2008),
which people with any colour vision can tell apart; curves also differ by their markers.
"""

try:
    from swarmhydra.plot.cross_sections import cross_sections
    from swarmhydra.plot.distributions import anisotropy, energy_distribution
    from swarmhydra.plot.in_time import phase_curves, relaxation
    from swarmhydra.plot.overviews import PANELS, run_overview, sweep_overview
    from swarmhydra.plot.processes import power_balance, rates
    from swarmhydra.plot.sensitivity import error_budget, sensitivity_curves, sensitivity_map
    from swarmhydra.plot.style import label, style
    from swarmhydra.plot.sweep import Points, coefficients
    from swarmhydra.plot.sweep_curves import Curve, curves
    from swarmhydra.plot.velocities import legendre_coefficients, velocity_distribution
    from swarmhydra.plot.waveform import waveform, waveform_distribution, waveform_overview
except ModuleNotFoundError as missing:
    if (missing.name or "").partition(".")[0] != "matplotlib":
        raise
    raise ImportError("swarmhydra.plot needs matplotlib: pip install -e '.[analysis]'") from missing

__all__ = [
    "PANELS",
    "Curve",
    "Points",
    "anisotropy",
    "coefficients",
    "cross_sections",
    "curves",
    "energy_distribution",
    "error_budget",
    "label",
    "legendre_coefficients",
    "phase_curves",
    "power_balance",
    "rates",
    "relaxation",
    "run_overview",
    "sensitivity_curves",
    "sensitivity_map",
    "style",
    "sweep_overview",
    "velocity_distribution",
    "waveform",
    "waveform_distribution",
    "waveform_overview",
]
