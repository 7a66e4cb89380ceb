"""Number density of an ideal gas, N = p / kT."""

from scipy import constants

STANDARD_TEMPERATURE = 273.15
"""Temperature (K) at which a gas at rest (0 K) has its density: standard temperature of IUPAC."""


def number_density(pressure: float, temperature: float) -> float:
    """Number density of a gas (1/m3).

    Parameters
    ----------
    pressure : float
        (Pa)
    temperature : float
        (K); at 0, which stands for molecules at rest, the density is the one at
        `STANDARD_TEMPERATURE`.

    Returns
    -------
    float
        Infinite where pressure and temperature are that extreme.
    """
    thermal_energy = constants.Boltzmann * (temperature or STANDARD_TEMPERATURE)
    return float(pressure / thermal_energy) if thermal_energy > 0.0 else float("inf")
