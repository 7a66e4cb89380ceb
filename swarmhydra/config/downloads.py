"""Gases whose cross sections are free to use but not to ship: where to get them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Download:
    """A set of www.lxcat.net.

    Attributes
    ----------
    species : str
        What LXCat calls the gas.
    database : str
        One of the databases that have a complete set for it.
    """

    species: str
    database: str


_SETS = {
    ("nitrogen", "n2"): Download("N2", "Phelps"),
    ("oxygen", "o2"): Download("O2", "Phelps"),
    ("hydrogen", "h2"): Download("H2", "Phelps"),
    ("carbon_dioxide", "co2"): Download("CO2", "Phelps"),
    ("carbon_monoxide", "co"): Download("CO", "Phelps"),
    ("nitric_oxide", "no"): Download("NO", "Phelps"),
    ("nitrous_oxide", "n2o"): Download("N2O", "Hayashi"),
    ("water", "water_vapour", "h2o"): Download("H2O", "Phelps"),
    ("methane", "ch4"): Download("CH4", "Hayashi"),
    ("ammonia", "nh3"): Download("NH3", "Hayashi"),
    ("sulfur_hexafluoride", "sf6"): Download("SF6", "Phelps"),
    ("carbon_tetrafluoride", "tetrafluoromethane", "cf4"): Download("CF4", "Bordage"),
    ("neon", "ne"): Download("Ne", "Phelps"),
    ("krypton", "kr"): Download("Kr", "Biagi"),
    ("xenon", "xe"): Download("Xe", "Biagi"),
    ("mercury", "hg"): Download("Hg", "Phelps"),
    ("sodium", "na"): Download("Na", "Phelps"),
    ("silane", "sih4"): Download("SiH4", "Phelps"),
}

DOWNLOADS = {name: each for names, each in _SETS.items() for name in names}
"""The sets by the names of the gases."""

AIR = ("air", "air_like")
"""Names of the mixture of nitrogen and oxygen."""


def advice(name: str) -> str | None:
    """How to get a gas that is not shipped, in one line; None for an unknown name.

    Parameters
    ----------
    name : str
        As in ``gas=nitrogen``.
    """
    plain = name.lower().replace("-", "_")
    if plain in AIR:
        parts = " and ".join(_download(DOWNLOADS[each]) for each in ("nitrogen", "oxygen"))
        return (
            f"{_MAY_NOT} {parts}, and give gas=lxcat gas.files=[N2.txt,O2.txt] "
            "gas.species=[N2,O2] gas.fractions=[0.79,0.21]"
        )
    if plain not in DOWNLOADS:
        return None
    download = DOWNLOADS[plain]
    return (
        f"{_MAY_NOT} {_download(download)}, and give gas=lxcat gas.files=[{download.species}.txt] "
        f"gas.species=[{download.species}] gas.name={plain}"
    )


_MAY_NOT = "its cross sections may not be shipped: from https://www.lxcat.net download"


def _download(download: Download) -> str:
    """What to download, and where to put it."""
    return (
        f"electron scattering cross sections of {download.species} (a complete set, such as the "
        f"{download.database} database) as {download.species}.txt into the working folder"
    )
