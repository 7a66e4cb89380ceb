"""Measured swarm data."""

import csv
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from swarmhydra.boltzmann.sensitivity import COEFFICIENTS
from swarmhydra.config import ConfigError
from swarmhydra.config.text_files import text_of_file
from swarmhydra.kernels.arrays import FloatArray

COLUMNS = ("quantity", "en", "value", "error")
RATE = "rate_coefficient"


@dataclass(frozen=True)
class Measurements:
    """Values of coefficients; all arrays and lists have the shape (n,).

    Attributes
    ----------
    quantity : list of str
        Names of coefficients, as in a result.
    process : list of str
        Whose `rate_coefficient` it is; empty for the others.
    en : ndarray
        Reduced field (Td).
    value, error : ndarray
        With its standard error, in the unit of the coefficient in a result.
    """

    quantity: list[str]
    process: list[str]
    en: FloatArray
    value: FloatArray
    error: FloatArray

    def rows(self, processes: Sequence[str]) -> np.ndarray:
        """Number of each coefficient among those that have derivatives, shape (n,).

        Parameters
        ----------
        processes : sequence of str
            Names of the processes of the gas.

        Raises
        ------
        ConfigError
            If there is no such process.
        """
        rows = []
        for number, (quantity, process) in enumerate(zip(self.quantity, self.process, strict=True)):
            if quantity != RATE:
                rows.append(COEFFICIENTS.index(quantity))
            elif process in processes:
                rows.append(len(COEFFICIENTS) + processes.index(process))
            else:
                raise ConfigError(
                    f"measurement {number + 1}: process={process}: expected one of "
                    f"{', '.join(processes)}"
                )
        return np.array(rows)


def read_measurements(path: str | Path) -> Measurements:
    """Read a CSV file with the columns quantity, en, value, error and, for rates, process.

    Lines that begin with ``#`` are passed over.

    Raises
    ------
    ConfigError
        One line that names file, line and value at fault.
    """
    try:
        text = text_of_file(path)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: {error}") from error
    numbered = [(n, line) for n, line in enumerate(text.splitlines(), 1) if line.strip()]
    lines = [(n, line) for n, line in numbered if not line.startswith("#")]
    reader = csv.DictReader([line for _, line in lines], skipinitialspace=True)
    names = [name.strip() for name in reader.fieldnames or []]
    reader.fieldnames = names
    if set(names) - {"process"} != set(COLUMNS):
        raise ConfigError(
            f"{path}: columns {', '.join(names) or 'none'}: expected {', '.join(COLUMNS)} and, for "
            "rate coefficients, process"
        )
    rows = [
        _row(f"{path}, line {number}", row)
        for (number, _), row in zip(lines[1:], reader, strict=True)
    ]
    if not rows:
        raise ConfigError(f"{path}: expected at least one measurement")
    numbers = np.array([row[2:] for row in rows])
    return Measurements([row[0] for row in rows], [row[1] for row in rows], *numbers.T)


def _row(place: str, row: dict[str, str]) -> tuple[str, str, float, float, float]:
    """One measurement."""
    quantity, process = row["quantity"].strip(), (row.get("process") or "").strip()
    if quantity not in (*COEFFICIENTS, RATE):
        raise ConfigError(
            f"{place}: quantity={quantity}: expected one of {', '.join((*COEFFICIENTS, RATE))}"
        )
    if (quantity == RATE) != bool(process):
        raise ConfigError(
            f"{place}: process={process or 'none'} with quantity={quantity}: expected a process "
            f"with {RATE}, and only there"
        )
    numbers = []
    for name in COLUMNS[1:]:
        try:
            number = float(row[name] or "nothing")
        except ValueError as error:
            raise ConfigError(f"{place}: {name}={row[name]}: expected a number") from error
        if not math.isfinite(number) or (name != "value" and number <= 0.0):
            raise ConfigError(f"{place}: {name}={row[name]}: expected a number above 0")
        numbers.append(number)
    en, value, deviation = numbers
    return quantity, process, en, value, deviation
