"""Processes whose tables stand in the config."""

from collections.abc import Iterator

import numpy as np

from swarmhydra.config import ProcessConfig
from swarmhydra.gas.levels import canonical
from swarmhydra.gas.processes import AngularTable, Kind, Process, Traits, from_table

KINDS = (Kind.ELASTIC, Kind.EXCITATION, Kind.ROTATION, Kind.IONIZATION, Kind.ATTACHMENT)
"""Those that a table of the config may have."""


def below_threshold(key: str, tables: list[ProcessConfig]) -> Iterator[str]:
    """Warnings about values that a threshold cuts off.

    Parameters
    ----------
    key : str
        The setting with the tables.
    tables : list of ProcessConfig

    Yields
    ------
    str
        A sentence for each table with such values.
    """
    for index, table in enumerate(tables):
        pairs = zip(table.energies, table.cross_sections, strict=True)
        count = sum(energy < table.threshold and value > 0.0 for energy, value in pairs)
        if count:
            yield (
                f"{key}[{index}]: {count} values below the threshold of {table.threshold:g} eV are "
                "set to zero"
            )


def typed_processes(
    key: str, name: str, mass_ratio: float, tables: list[ProcessConfig]
) -> tuple[Process, ...]:
    """Processes whose tables stand in the config.

    Parameters
    ----------
    key : str
        The setting with the tables.
    name : str
        The component.
    mass_ratio : float
        Electron mass over the mass of its molecule.
    tables : list of ProcessConfig

    Raises
    ------
    ValueError
        If a table is not usable; names its key.
    """
    processes = []
    for index, table in enumerate(tables):
        here = f"{key}[{index}]"
        if table.kind not in KINDS:
            raise ValueError(f"{here}.kind={table.kind}: must be one of {', '.join(KINDS)}")
        try:
            process = from_table(
                Kind(table.kind),
                table.name,
                name,
                table.threshold,
                mass_ratio,
                table.energies,
                table.cross_sections,
                _traits(table),
            )
        except ValueError as error:
            raise ValueError(f"{here}: {error}") from error
        processes.append(process)
    return tuple(processes)


def _traits(table: ProcessConfig) -> Traits:
    """What a process does besides having a cross section."""
    return Traits(
        momentum_transfer=table.momentum_transfer,
        angular_model=table.angular_model or "",
        angular_parameter=table.angular_parameter,
        angular_table=_angular_table(table),
        sharing_width=table.sharing_width,
        statistical_weight_ratio=table.statistical_weight_ratio,
        lower=canonical(table.lower),
        upper=canonical(table.upper),
    )


def _angular_table(table: ProcessConfig) -> AngularTable | None:
    """The differential cross section of a process, if it has one."""
    angular_table = table.angular_table
    if angular_table is None:
        return None
    return AngularTable(
        np.array(angular_table.energies),
        np.array(angular_table.angles),
        np.array(angular_table.values),
    )
