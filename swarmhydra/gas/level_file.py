"""What a user states about levels: in the config, and in a table.

The table has a line for each level, after one that names the columns, in any order; an empty field
is not stated. Lines that start with ``#`` are notes::

    level,energy_eV,weight,population
    N2(v=0),0,1,0.9
    N2(v=1),0.2888,1,0.1
"""

import csv
import math
from collections.abc import Sequence
from pathlib import Path

from swarmhydra.config import GasConfig
from swarmhydra.gas.level_populations import Level
from swarmhydra.gas.levels import split
from swarmhydra.gas.tables import TableError

COLUMNS = {"energy_eV": "energy", "weight": "weight", "population": "population"}


def level_statements(gas: GasConfig) -> dict[str, dict[str, Level]]:
    """What the settings of a gas state about the levels of its species.

    Parameters
    ----------
    gas : GasConfig
        The gas.

    Returns
    -------
    dict of str to dict of str to Level
        By component, and by level in its canonical form.

    Raises
    ------
    ValueError
        If a name is not one of a component and a level, or the file is not such a table.
    """
    levels = {} if gas.level_file is None else _read(gas.level_file)
    levels |= {
        name: Level(each.energy, each.weight, each.population) for name, each in gas.levels.items()
    }
    components = list(gas.components) or gas.species
    statements: dict[str, dict[str, Level]] = {}
    for name, level in levels.items():
        species, state = _component_and_level(name, components)
        if not state:
            raise ValueError(
                f"gas.levels: {name}; expected a component and its level, such as "
                f"{(components or ['N2'])[0]}(v=1)"
            )
        statements.setdefault(species, {})[state] = level
    return statements


def _component_and_level(name: str, components: Sequence[str]) -> tuple[str, str]:
    """The two parts of the full name of a level; no level where there is no such component."""
    if not components:
        return split(name)
    fitting = [component for component in components if name.startswith(component)]
    species = max(fitting, key=len, default="")
    return species, split(f"X{name.removeprefix(species)}")[1] if species else ""


def _lines(path: str) -> list[str]:
    """The lines of a file."""
    try:
        return Path(path).read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise ValueError(f"gas.level_file={path}: {error}; expected text in UTF-8") from error


def _read(path: str) -> dict[str, Level]:
    """The levels of a file, by name."""
    lines = [
        (index, line)
        for index, line in enumerate(_lines(path), start=1)
        if line.strip() and not line.startswith("#")
    ]
    header = [name.strip() for name in lines[0][1].split(",")] if lines else []
    if "level" not in header or not set(header) <= {"level", *COLUMNS}:
        fault = f"{','.join(header)!r}; expected the columns level,{','.join(COLUMNS)}"
        raise TableError(path, lines[0][0] if lines else 1, fault)
    return dict(_level(path, index, line, header) for index, line in lines[1:])


def _level(path: str, index: int, line: str, header: list[str]) -> tuple[str, Level]:
    """Name and statements of a line."""
    # The name of a level may have a comma, in quotes.
    fields = [text.strip() for text in next(csv.reader([line]))]
    if len(fields) != len(header):
        raise TableError(path, index, f"{line!r}; expected {','.join(header)}")
    values = dict(zip(header, fields, strict=True))
    numbers: dict[str, float] = {}
    for column, name in COLUMNS.items():
        if values.get(column):
            numbers[name] = _number(values[column])
            if not numbers[name] >= 0.0:
                fault = f"{column} {values[column]!r}; expected a number of at least 0"
                raise TableError(path, index, fault)
    return values["level"], Level(**numbers)


def _number(text: str) -> float:
    """A finite number, or NaN."""
    try:
        value = float(text)
    except ValueError:
        return math.nan
    return value if math.isfinite(value) else math.nan
