"""Tables of other programs and measurements, to set beside results: BOLSIG+ and LXCat.

BOLSIG+ saves its results run by run, combined into one table, or as tables of two columns against
E/N (G. Hagelaar, BOLSIG+ user's guide, ``SAVERESULTS``); all three are read. Swarm data of LXCat
(www.lxcat.net) come as a block for each data set: lines ``SPECIES: e / Ar``, ``PROCESS: ...``,
``COLUMNS: Reduced electric field (Td) | Mobility x gas density ((m.V.s)-1)``, others, and the
numbers between two lines of dashes. They are in SI units, energies in eV and fields in Td, a power
of ten in a unit being a factor ("Data and units", www.lxcat.net/instructions).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from swarmhydra.export.table import ExportError
from swarmhydra.kernels.arrays import FloatArray

_MOBILITIES = ("1/m/v/s", "1/v/m/s", "1/mvs", "1/vms", "mvs-1", "vms-1", "m-1v-1s-1")
_DIFFUSIONS = ("1/m/s", "1/ms", "ms-1", "m-1s-1")

TITLES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "mean_energy": (("mean energy",), ("ev",)),
    "reduced_mobility_flux": (
        ("mobility *n", "mobility x gas density", "mobility x n", "reduced mobility"),
        _MOBILITIES,
    ),
    "reduced_mobility_bulk": (("bulk mobility *n",), _MOBILITIES),
    "reduced_diffusion_transverse_flux": (
        (
            "diffusion coefficient *n",
            "diffusion coefficient x gas density",
            "diffusion x gas density",
            "transverse diffusion",
        ),
        _DIFFUSIONS,
    ),
    "reduced_diffusion_transverse_bulk": (("bulk t diffusion", "bulk diffusion"), _DIFFUSIONS),
    "reduced_diffusion_longitudinal_flux": (
        ("flux l diffusion", "longitudinal diffusion"),
        _DIFFUSIONS,
    ),
    "reduced_diffusion_longitudinal_bulk": (("bulk l diffusion",), _DIFFUSIONS),
    "reduced_energy_mobility": (("energy mobility",), _MOBILITIES),
    "reduced_energy_diffusion": (("energy diffusion",), _DIFFUSIONS),
    "reduced_townsend_ionization": (
        ("townsend ioniz", "alpha/n", "ionization coefficient", "reduced townsend ioniz"),
        ("m2",),
    ),
    "reduced_townsend_attachment": (
        ("townsend attach", "eta/n", "attachment coefficient"),
        ("m2",),
    ),
    "reduced_townsend_effective": (("effective ionization coefficient",), ("m2",)),
    "drift_velocity_flux": (("drift velocity", "electron drift velocity"), ("m/s", "ms-1")),
    "drift_velocity_bulk": (("bulk drift velocity",), ("m/s", "ms-1")),
    "characteristic_energy": (("characteristic energy", "d/mu"), ("ev", "v")),
}
"""Our names; how the titles of others begin, and their units, in small letters."""

_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eEdD][-+]?\d+|[-+]\d+)?"
_ROW = re.compile(rf"^\s*{_NUMBER}(?:[\s,;]+{_NUMBER})+\s*$")
_PARTED = re.compile(r"[\s,;]+")
_FIELD = re.compile(r"(?:reduced )?electric field|e/n", re.IGNORECASE)
_POWER = re.compile(r"1e[-+]?\d+(?=/)")
_RUN = re.compile(r"^R\d+$")
_NAMED = re.compile(r"^(?P<short>[AC]\d+)\s+(?P<title>\S.*)$")
_RATE = "rate coefficient"
_BULK = "mobility and diffusion: bulk"


class _Set(NamedTuple):
    """A coefficient against E/N (Td), by the title that it has in the file."""

    title: str
    en: list[float]
    values: list[float]


def read_tables(
    path: str | Path, species: str | None = None
) -> dict[str, tuple[FloatArray, FloatArray]]:
    """The tables against E/N in an output of BOLSIG+, or a download of swarm data from LXCat.

    Parameters
    ----------
    path : str or Path
    species : str, optional
        The gas whose data are taken of a download that has several, as its lines ``SPECIES:`` name
        it.

    Returns
    -------
    dict of str to (ndarray, ndarray)
        E/N (Td) and values, each of shape (n,); by our name of the coefficient where title and unit
        are known, by the title else. Rates of BOLSIG+ have the name of their process, such as ``C3
        Ar Ionization 15.80 eV``. Further data sets of a coefficient have ``(2)``, ``(3)`` … behind
        the name. Measured coefficients have the names of those of the flux, as LXCat does not say
        which they are. ``plot.Points(*tables["mean_energy"])`` draws one.

    Raises
    ------
    ExportError
        If there is no such table in the file, or it has several gases and none is chosen.
    """
    lines = Path(path).read_text(encoding="utf-8", errors="replace").splitlines()
    words = [line.strip() for line in lines]
    if any(line.startswith("COLUMNS:") for line in words):
        sets = _of_lxcat(words, species, path)
    elif any(_RUN.match(line) for line in words):
        sets = _run_by_run(words)
    elif any(line.startswith("R#") for line in words):
        sets = _combined(words)
    else:
        sets = _in_two_columns(words)
    of_bulk = any(line.lower().startswith(_BULK) for line in words)
    tables: dict[str, tuple[FloatArray, FloatArray]] = {}
    for each in sets:
        name, factor = _our_name(each.title)
        if of_bulk and name.startswith(("reduced_mobility", "reduced_diffusion")):
            name = name.replace("_flux", "_bulk")
        tables[_further(name, tables)] = (np.array(each.en), factor * np.array(each.values))
    if not tables:
        raise ExportError(f"{path}: no table against E/N; expected BOLSIG+ or swarm data of LXCat")
    return tables


def _further(name: str, tables: dict[str, tuple[FloatArray, FloatArray]]) -> str:
    """A name that no set has yet."""
    number, new = 1, name
    while new in tables:
        number += 1
        new = f"{name} ({number})"
    return new


def _of_lxcat(lines: list[str], species: str | None, path: str | Path) -> Iterator[_Set]:
    """The data sets of a download from LXCat, of one gas."""
    sets: dict[str, list[_Set]] = {}
    gas, columns = "", [""]
    for number, line in enumerate(lines):
        if line.startswith("SPECIES:"):
            gas = line.removeprefix("SPECIES:").rpartition("/")[2].strip()
        elif line.startswith("COLUMNS:"):
            columns = [part.strip() for part in line.removeprefix("COLUMNS:").split("|")]
        elif line.startswith("---") and len(columns) > 1 and _FIELD.match(columns[0]):
            rows = _rows_from(lines, number + 1)
            if rows:
                sets.setdefault(gas, []).append(_columns(columns[1], rows, 0, 1))
            columns = [""]
    if species is not None and species not in sets:
        raise ExportError(f"{path}: species={species!r}; expected one of {', '.join(sets)}")
    if species is None and len(sets) > 1:
        raise ExportError(f"{path}: data of {', '.join(sets)}; expected species= to name one")
    return (each for name, group in sets.items() if species in (None, name) for each in group)


def _in_two_columns(lines: list[str]) -> Iterator[_Set]:
    """The tables of BOLSIG+ against E/N, each under a line that names both columns."""
    before = ""
    for number, line in enumerate(lines):
        parts = [part.strip() for part in re.split(r"\t+|\s*\|\s*|\s{2,}", line)]
        if len(parts) >= 2 and _FIELD.match(parts[0]) and not _ROW.match(line):
            rows = _rows_from(lines, number + 1)
            if rows:
                of_process = parts[1].lower().startswith(_RATE) and before
                title = " ".join(before.split()) if of_process else parts[1]
                yield _columns(title, rows, 0, 1)
        before = line


def _combined(lines: list[str]) -> Iterator[_Set]:
    """The one table of BOLSIG+ with a column for each coefficient, whose titles stand above it."""
    titles: dict[str, str] = {}
    for number, line in enumerate(lines):
        if match := _NAMED.match(line):
            short, title = match["short"], " ".join(match["title"].split())
            titles[short] = title if short.startswith("A") else f"{short} {title}"
        if not line.startswith("R#"):
            continue
        # Units part words of the head line, but not of the rows.
        names = re.sub(r"\([^)]*\)", "", line).split()
        rows = _rows_from(lines, number + 1)
        field = next((place for place, name in enumerate(names) if _FIELD.match(name)), None)
        if field is None or not rows:
            continue
        for place, name in enumerate(names[: len(rows[0])]):
            if name in titles:
                yield _columns(titles[name], rows, field, place)


def _run_by_run(lines: list[str]) -> Iterator[_Set]:
    """Runs of BOLSIG+: between lines of dashes the conditions, then results, a value in a line."""
    sets: dict[str, _Set] = {}
    field, rules = math.nan, 0
    for line in lines:
        *words, value = line.split() or [""]
        title = " ".join(words)
        if _RUN.match(line):
            field, rules = math.nan, 0
        elif line.startswith("---"):
            rules += 1
        elif line.startswith("Energy (eV)"):
            field = math.nan  # The distribution follows, whose numbers have no title.
        elif re.fullmatch(_NUMBER, value) and rules == 1 and _FIELD.match(title):
            field = _number(value)
        elif re.fullmatch(_NUMBER, value) and rules > 1 and title and math.isfinite(field):
            one = sets.setdefault(title, _Set(title, [], []))
            one.en.append(field)
            one.values.append(_number(value))
    return iter(sets.values())


def _rows_from(lines: list[str], start: int) -> list[list[float]]:
    """The rows of numbers that begin at a line."""
    rows = []
    for line in lines[start:]:
        if not _ROW.match(line):
            break
        rows.append([_number(each) for each in _PARTED.split(line)])
    width = min(map(len, rows), default=0)
    return [row[:width] for row in rows]


def _columns(title: str, rows: list[list[float]], x: int, y: int) -> _Set:
    """Two columns of a table."""
    return _Set(title, [row[x] for row in rows], [row[y] for row in rows])


def _number(text: str) -> float:
    """A number, which Fortran may have written as 1.5D-20 or 0.15-100."""
    text = text.lower().replace("d", "e")
    return float(text if "e" in text else re.sub(r"(?<=[\d.])([-+]\d+)$", r"e\1", text))


def _our_name(title: str) -> tuple[str, float]:
    """Our name for the title of another program, and the factor of its unit.

    The title itself, and 1, if it is not known, or in another unit.
    """
    small = title.lower()
    unit = re.sub(r"[\s().*^]", "", small.rpartition(" (")[2])
    power = _POWER.match(unit)
    if power:
        unit = unit.replace(power[0], "1", 1)
    for name, (beginnings, units) in TITLES.items():
        if small.startswith(beginnings) and unit in units:
            return name, float(power[0]) if power else 1.0
    return title, 1.0
