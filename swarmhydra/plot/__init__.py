"""Figures of a run and of a sweep, as wide as the column of a journal; needs matplotlib.

Every function draws into the axes it is given, or makes a figure of its own, and returns the axes.
Axes are labelled from the attributes of the result. Colours are those of Okabe and Ito (2008),
which people with any colour vision can tell apart; curves also differ by their markers.
"""

try:
    from swarmhydra.plot.run import (
        anisotropy,
        energy_distribution,
        power_balance,
        rates,
        relaxation,
        run_overview,
    )
    from swarmhydra.plot.sensitivity import error_budget, sensitivity_curves, sensitivity_map
    from swarmhydra.plot.style import label, style
    from swarmhydra.plot.sweep import PANELS, Points, coefficients, sweep_overview
    from swarmhydra.plot.sweep_curves import Curve, curves
except ModuleNotFoundError as missing:
    if missing.name != "matplotlib":
        raise
    raise ImportError("swarmhydra.plot needs matplotlib: pip install -e '.[analysis]'") from missing

__all__ = [
    "PANELS",
    "Curve",
    "Points",
    "anisotropy",
    "coefficients",
    "curves",
    "energy_distribution",
    "error_budget",
    "label",
    "power_balance",
    "rates",
    "relaxation",
    "run_overview",
    "sensitivity_curves",
    "sensitivity_map",
    "style",
    "sweep_overview",
]
