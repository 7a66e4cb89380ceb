"""Rows of the table of variables for what changes in the course of a waveform."""

from swarmhydra.results.distribution_variables import (
    NO_UDUNITS_POWER,
    energy_bins,
    velocity_rows,
)
from swarmhydra.results.variable import Variable, coordinate

_PER_ELECTRON = "per electron"
_QUASI_STEADY = (
    "of the Boltzmann equation in a steady field of the same strength, between solutions at "
    "several fields; NaN where there is none"
)


def _in_time(units: str, long_name: str, comment: str = "", *dims: str) -> Variable:
    """The row of a quantity that changes in time."""
    return Variable(("time", *dims), units, long_name, comment)


WAVEFORM = {
    "waveform/time": coordinate(
        ("time",), "s", "time since the start of a pass", "at the middle of the interval"
    ),
    "waveform/time_edge": coordinate(
        ("time_edge",),
        "1",
        "number of the end of an interval",
        "interval i lies between ends i and i + 1",
        "int64",
    ),
    "waveform/time_edges": coordinate(("time_edge",), "s", "ends of the intervals of time"),
    **energy_bins("waveform", "the last bin holds all that is faster"),
    "waveform/en": _in_time(
        "Td",
        "reduced electric field E/N",
        "mean of the interval; townsend: 1 Td = 1e-21 V m2; UDUNITS reads Td as teradays",
    ),
    "waveform/mean_energy": _in_time("eV", "mean energy"),
    "waveform/velocity_vector": _in_time("m s-1", "flux velocity vector", "", "axis"),
    "waveform/drift_velocity": _in_time("m s-1", "flux drift velocity"),
    "waveform/rate_coefficient": _in_time(
        "m3 s-1", "rate coefficient", "collisions counted", "process"
    ),
    "waveform/rate_coefficient_convolution": _in_time(
        "m3 s-1",
        "rate coefficient by convolution",
        "cross section x speed, averaged over the energy distribution",
        "process",
    ),
    "waveform/extra_rate_coefficient": _in_time(
        "m3 s-1",
        "rate coefficient of a process that does not act on the electrons",
        "cross section x speed, averaged over the energy distribution",
        "extra_process",
    ),
    "waveform/effective_ionization_rate_coefficient": _in_time(
        "m3 s-1",
        "effective ionization rate coefficient",
        "growth rate of the electron number / N: ionization minus attachment",
    ),
    "waveform/ln_number": _in_time(
        "1",
        "logarithm of the number of electrons",
        "over that at the start of the pass; mean of the interval",
    ),
    "waveform/reduced_diffusion_longitudinal_flux": _in_time(
        "m-1 s-1", "reduced flux diffusion, longitudinal", "D_L x N"
    ),
    "waveform/reduced_diffusion_transverse_flux": _in_time(
        "m-1 s-1", "reduced flux diffusion, transverse", "D_T x N"
    ),
    "waveform/power_gain": _in_time("eV s-1", "power gained from the field", _PER_ELECTRON),
    "waveform/power_loss": _in_time("eV s-1", "power lost in collisions", _PER_ELECTRON, "process"),
    "waveform/power_storage": _in_time(
        "eV s-1",
        "power that raises the energy of the electrons",
        f"{_PER_ELECTRON}; that of all of them, also by their number",
    ),
    "waveform/power_balance_residual": _in_time(
        "eV s-1", "residual of the power balance", f"{_PER_ELECTRON}; zero within its error"
    ),
    "waveform/eedf": _in_time(
        "eV-1", "energy distribution function", "its integral over energy is 1", "bin"
    ),
    "waveform/eepf": _in_time(
        "eV^(-3/2)",
        "energy probability function",
        f"f0 = eedf / sqrt(energy); {NO_UDUNITS_POWER}",
        "bin",
    ),
    "waveform/f1": _in_time(
        "eV^(-3/2)",
        "first anisotropy",
        f"f1 of f = f0 + f1 cos(theta), theta from +z; {NO_UDUNITS_POWER}",
        "bin",
    ),
    **velocity_rows("waveform", "time"),
    "waveform/mean_energy_quasi_steady": _in_time("eV", "quasi-steady mean energy", _QUASI_STEADY),
    "waveform/drift_velocity_quasi_steady": _in_time(
        "m s-1", "quasi-steady flux drift velocity", _QUASI_STEADY
    ),
    "waveform/rate_coefficient_quasi_steady": _in_time(
        "m3 s-1", "quasi-steady rate coefficient", _QUASI_STEADY, "process"
    ),
}
