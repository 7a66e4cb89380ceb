"""What JSON states of one process: numbers, table, unit, words, publications."""

from typing import Any

import numpy as np

from swarmhydra.gas.block_parameters import BlockFault, expected_numbers, is_sound, mass_ratio_of
from swarmhydra.gas.lxcat_notes import parameters_of, unit_of
from swarmhydra.gas.processes import Kind
from swarmhydra.gas.table_numbers import number, row
from swarmhydra.gas.tables import MOMENTUM_KINDS, Remark
from swarmhydra.kernels.arrays import FloatArray

Json = dict[str, Any]
"""An object of JSON; here the one that states a process."""


def notes_of(info: Json) -> dict[str, str]:
    """What is said about a process in words, as the notes of a file of LXCat."""
    texts = [info.get(name) or [] for name in ("comments", "comment")]
    words = [each for text in texts for each in (text if isinstance(text, list) else [text])]
    return {"COMMENT": " ".join(map(str, words))}


def numbers_of(
    line: int, kind: Kind, target: str, info: Json, reversible: bool, remarks: list[Remark]
) -> tuple[float, float | None]:
    """Mass ratio or energy loss (eV), and the ratio of statistical weights of a way back.

    Parameters
    ----------
    line : int
        Line of the process, for messages.
    kind : Kind
    target : str
        Name of the molecule, whose mass counts where none is given.
    info : Json
    reversible : bool
        Whether a way back is asked for.
    remarks : list of Remark
        Receives what is guessed.

    Raises
    ------
    BlockFault
        If a number is missing, or cannot be what it stands for.
    """
    parameters = _parameters(line, info)
    if kind not in MOMENTUM_KINDS:
        first = _threshold(line, kind, info)
    elif "m/M" in parameters:
        first = parameters["m/M"]
    else:
        first = mass_ratio_of(target, line, remarks)
    weights = parameters.get("g1/g0") if reversible else None
    if reversible and weights is None:
        remarks.append(Remark(line, "no ratio of statistical weights is given; 1 is taken"))
        weights = 1.0
    if not is_sound(kind, first, reversible) or (weights is not None and not weights > 0.0):
        text = f"{first:g}" if weights is None else f"{first:g} {weights:g}"
        raise BlockFault(
            line, f"{text}; expected {expected_numbers(kind, reversible)} in their range"
        )
    return first, weights


def _threshold(line: int, kind: Kind, info: Json) -> float:
    """The energy loss (eV)."""
    threshold = info.get("threshold")
    if threshold is None and kind is Kind.ATTACHMENT:
        return 0.0
    if threshold is None:
        raise BlockFault(line, "no energy loss is given", is_needed=False)
    return _number(line, "threshold", threshold)


def _number(line: int, name: str, content: Any) -> float:
    """A number, which may be written as text."""
    value = None if isinstance(content, bool) else number(str(content))
    if value is None:
        raise BlockFault(line, f"{name} {str(content)[:60]!r}; expected a number")
    return value


def _parameters(line: int, info: Json) -> dict[str, float]:
    """Mass ratio and ratio of statistical weights, where they are given."""
    parameters = info.get("parameters") or {}
    if isinstance(parameters, dict):
        names = {"massRatio": "m/M", "statisticalWeightRatio": "g1/g0"}
        values = {name: parameters[key] for key, name in names.items() if key in parameters}
    else:
        values = parameters_of({"PARAM.": ", ".join(map(str, parameters))})
        values.pop("E", None)
    return {name: _number(line, name, value) for name, value in values.items()}


def unit_and_columns(line: int, info: Json) -> tuple[float, str]:
    """The unit of the cross sections (m2), and both units as a file of LXCat names them.

    Raises
    ------
    BlockFault
        At this line, if the units are not those of an energy and an area.
    """
    data = info["data"]
    units = data["units"] if isinstance(data, dict) else info["units"]
    columns = " | ".join(f"({text})" for text in units)
    unit = unit_of(columns)
    if unit is None:
        raise BlockFault(line, f"units {', '.join(units)}; expected eV and m^2")
    return unit, columns


def points_of(line: int, info: Json, unit: float) -> FloatArray:
    """Energies (eV) and cross sections (m2), shape (n, 2).

    Raises
    ------
    BlockFault
        At this line, if a pair is not two numbers in their ranges, or energies do not ascend.
    """
    data = info["data"]
    values = data["values"] if isinstance(data, dict) else data
    points: list[tuple[float, float]] = []
    for pair in values:
        words = [repr(value) for value in pair]
        point = row(words, points[-1][0] if points else None, unit, steps=True)
        if isinstance(point, str):
            raise BlockFault(line, point)
        points.append(point)
    if not points:
        raise BlockFault(line, "an empty table; expected two numbers")
    return np.array(points)


def reference_text(entry: str | Json) -> str:
    """A publication in one line."""
    if isinstance(entry, str):
        return entry
    authors = entry.get("author") or []
    parts = [
        ", ".join(map(str, authors)) if isinstance(authors, list) else str(authors),
        str(entry.get("title", "")),
        " ".join(str(entry[key]) for key in ("journal", "volume", "pages") if key in entry),
        f"({entry['year']})" if "year" in entry else "",
        f"doi:{entry['doi']}" if "doi" in entry else str(entry.get("url", "")),
    ]
    return ", ".join(part for part in parts if part)
