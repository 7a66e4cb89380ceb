"""Whether the tables of a species are complete and mean what they seem to."""

from collections.abc import Iterator, Sequence

import numpy as np
from scipy import constants

from swarmhydra.gas.masses import mass_of
from swarmhydra.gas.tables import MOMENTUM_KINDS, Table, TableError, TableFile

USUAL_ENERGY = 10.0
"""Energy (eV) at which elastic cross sections of all gases are alike within orders of magnitude."""

USUAL_RANGE = (1e-24, 1e-17)
"""Range (m²) of elastic cross sections there; those of gases lie between 1e-21 and 1e-18."""

MASS_TOLERANCE = 0.05
"""Relative difference between a mass ratio and that of the species it is named after."""

LARGEST_INELASTIC = 3e-18
"""Cross section (m²) above which, from 1 eV on, an inelastic one is likely in another unit."""

LARGEST_JUMP = 100.0
"""Ratio to both of its neighbours above which a value of a table is likely a slip."""

LATE_START = 0.1
"""Energy (eV) above which an elastic table starts too late for slow electrons."""

_ELECTRON_MASS_U = constants.value("electron mass in u")

SourcedTable = tuple[TableFile, Table]
"""A table with the file that it is from."""


def momentum_table(tables: Sequence[SourcedTable], species: str) -> SourcedTable:
    """The one elastic or effective table among those of a species.

    Parameters
    ----------
    tables : sequence of (TableFile, Table)
        All tables of the species, with the files that they are from.
    species : str
        Its name, for messages.

    Raises
    ------
    TableError
        If there is none, or more than one.
    """
    momentum = [each for each in tables if each[1].kind in MOMENTUM_KINDS]
    if not momentum:
        file, table = tables[0]
        fault = f"{species} has no ELASTIC or EFFECTIVE process; expected one"
        raise TableError(file.path, table.line, fault)
    if len(momentum) > 1:
        (first, one), (second, other) = momentum[:2]
        where = "" if first is second else f" of {first.path}"
        raise TableError(
            second.path,
            other.line,
            f"a second {other.kind} for {species}, after the {one.kind} in line {one.line}{where}; "
            "expected one ELASTIC or EFFECTIVE: gas.database, gas.elastic or gas.exclude choose it",
        )
    return momentum[0]


def check_units(file: TableFile, table: Table) -> None:
    """Refuse an elastic or effective cross section that must be in another unit than m².

    Raises
    ------
    TableError
        If it is larger at 10 eV than that of any molecule.
    """
    usual = _at_usual_energy(table)
    if usual > USUAL_RANGE[1]:
        raise TableError(
            file.path,
            table.line,
            f"the {table.kind} cross section of {table.target} near {USUAL_ENERGY:g} eV is "
            f"{usual:g} m2; expected at most {USUAL_RANGE[1]:g} m2: is it in cm2?",
        )


def _slips(table: Table) -> Iterator[str]:
    """The values that are far above both of their neighbours, or far below."""
    sigma = table.cross_section
    if sigma.size < 3:
        return
    middle, sides = sigma[1:-1], np.stack([sigma[:-2], sigma[2:]])
    highest, lowest = sides.max(axis=0), sides.min(axis=0)
    low = (middle < lowest / LARGEST_JUMP) & (middle > 0.0)
    beside_low = np.append(low[1:], False) | np.append(False, low[:-1])
    high = (middle > LARGEST_JUMP * highest) & (highest > 0.0) & ~beside_low
    for place in np.flatnonzero(high | low):
        which = "above" if high[place] else "below"
        yield (
            f"{middle[place]:g} m2 at {table.energy[place + 1]:g} eV is more than "
            f"{LARGEST_JUMP:g} times {which} the values beside it; is it a slip?"
        )


def remarks(file: TableFile, table: Table) -> Iterator[str]:
    """What is odd about a table, but can be used.

    Parameters
    ----------
    file : TableFile
    table : Table

    Yields
    ------
    str
        A sentence with file and line.
    """
    where = f"{file.path}, line {table.line}: {table.label}"
    below = (table.energy < table.threshold) & (table.cross_section > 0.0)
    if below.any():
        yield (
            f"{where}: {int(below.sum())} values below the threshold of {table.threshold:g} eV "
            "are set to zero"
        )
    again = np.flatnonzero(np.diff(table.energy) == 0.0)
    if again.size:
        first = table.energy[again[0]]
        yield (
            f"{where}: an energy stands twice at {again.size} places, first {first:g} eV: "
            "steps of the cross section"
        )
    yield from (f"{where}: {words}" for words in _slips(table))
    if table.kind not in MOMENTUM_KINDS:
        largest = float(table.cross_section[table.energy >= 1.0].max(initial=0.0))
        if largest > LARGEST_INELASTIC:
            yield f"{where}: {largest:g} m2 is very large; the table is likely in cm2"
        return
    mass = mass_of(table.target)
    if mass is not None and table.mass_ratio is not None:
        mass_ratio = _ELECTRON_MASS_U / mass
        if abs(table.mass_ratio / mass_ratio - 1.0) > MASS_TOLERANCE:
            yield (
                f"{where}: the mass ratio {table.mass_ratio:.4g} is not that of {table.target}, "
                f"{mass_ratio:.4g}"
            )
    if table.energy[0] > LATE_START:
        yield (
            f"{where}: the table starts at {table.energy[0]:g} eV; below, its first value is held"
        )
    if 0.0 < _at_usual_energy(table) < USUAL_RANGE[0]:
        yield (
            f"{where}: {_at_usual_energy(table):g} m2 near {USUAL_ENERGY:g} eV is very small for a "
            "cross section in m2"
        )


def _at_usual_energy(table: Table) -> float:
    """Cross section at 10 eV, or at the end of the table nearest to it (m²)."""
    return float(np.interp(USUAL_ENERGY, table.energy, table.cross_section))
