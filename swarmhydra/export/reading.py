"""Tables of other programs and measurements, to set beside results: BOLSIG+ and LXCat."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from swarmhydra.export.table import ExportError
from swarmhydra.kernels.arrays import FloatArray

TITLES = {
    "mean_energy": ("mean energy",),
    "reduced_mobility_flux": ("mobility *n", "mobility x n", "reduced mobility"),
    "reduced_diffusion_transverse_flux": (
        "diffusion coefficient *n",
        "diffusion coefficient x n",
        "transverse diffusion",
    ),
    "reduced_diffusion_longitudinal_flux": (
        "flux l diffusion",
        "longitudinal diffusion",
    ),
    "reduced_energy_mobility": ("energy mobility",),
    "reduced_energy_diffusion": ("energy diffusion",),
    "reduced_townsend_ionization": ("townsend ioniz", "alpha/n"),
    "reduced_townsend_attachment": ("townsend attach", "eta/n"),
    "drift_velocity_flux": ("drift velocity", "bulk drift"),
    "characteristic_energy": ("characteristic energy", "d/mu"),
}
"""Our names, and how the titles of others begin, in small letters."""

_NUMBER = r"[-+]?[\d.]+(?:[eEdD][-+]?\d+)?"
_NUMBERS = re.compile(rf"^\s*{_NUMBER}(?:[\s,;]+{_NUMBER})+")
_PARTED = re.compile(r"[\s,;]+")
_FIELD = re.compile(r"e/n|electric field / n", re.IGNORECASE)


def read_tables(path: str | Path) -> dict[str, tuple[FloatArray, FloatArray]]:
    """The tables against E/N in an output of BOLSIG+, or a download of swarm data from LXCat.

    Of BOLSIG+ the tables of two columns are read, as `to_bolsig` writes them too. A block of LXCat
    has a line ``COLUMNS: E/N (Td) | ...`` and its numbers between two lines of dashes.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    dict of str to (ndarray, ndarray)
        E/N (Td) and values, each of shape (n,); by our name of the coefficient where the title is a
        known one, and by the title else. ``plot.Points(*tables["mean_energy"])`` draws one.

    Raises
    ------
    ExportError
        If there is no such table in the file.
    """
    lines = Path(path).read_text(encoding="utf-8", errors="replace").splitlines()
    found: dict[str, tuple[FloatArray, FloatArray]] = {}
    for title, rows in _blocks(lines):
        name = _our_name(title)
        # The first one counts: tables against the mean energy, and other data sets, come later.
        if name not in found and rows.shape[1] >= 2:
            found[name] = (rows[:, 0], rows[:, 1])
    if not found:
        raise ExportError(f"{path}: no table against E/N; expected BOLSIG+ or swarm data of LXCat")
    return found


def _blocks(lines: list[str]) -> Iterator[tuple[str, FloatArray]]:
    """Titles and numbers of the tables whose first column is E/N."""
    title = ""
    rows: list[list[float]] = []
    for line in [*lines, ""]:
        if _NUMBERS.match(line):
            rows.append([float(each.replace("D", "E")) for each in _PARTED.split(line.strip())])
            continue
        if rows and title:
            width = min(map(len, rows))
            yield title, np.array([row[:width] for row in rows])
            title = ""
        rows = []
        words = line.strip().removeprefix("COLUMNS:").strip()
        parts = [part.strip() for part in re.split(r"\t+|\s*\|\s*|\s{2,}", words)]
        if len(parts) >= 2 and _FIELD.match(parts[0]):
            title = parts[1]


def _our_name(title: str) -> str:
    """Our name for the title of another program; the title itself if it is not known."""
    small = title.lower()
    for name, beginnings in TITLES.items():
        if any(small.startswith(beginning) for beginning in beginnings):
            return name
    return title
