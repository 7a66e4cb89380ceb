"""From effective momentum-transfer cross sections to elastic ones."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from swarmhydra.gas.processes import Kind, Process, cross_section_at
from swarmhydra.kernels.arrays import BoolArray, FloatArray

ROUNDING = 1e-9
"""Share of the effective cross section below which a negative difference is rounding."""

LISTED = 6
"""Ranges of energies that a warning lists."""


def elastic_from(effective: Process, others: Sequence[Process]) -> tuple[Process, str]:
    """The elastic part of an effective cross section.

    An effective cross section is that of elastic momentum transfer plus those of all processes that
    take energy or the electron, so they are subtracted. Where less than nothing would remain the
    result is zero; the tables are piecewise linear, and so is the result, exactly.

    Parameters
    ----------
    effective : Process
        Of kind EFFECTIVE.
    others : sequence of Process
        The other processes of the species; superelastic ones, of excited molecules, do not count.

    Returns
    -------
    elastic : Process
        Of kind ELASTIC.
    warning : str
        Where it had to be clipped; empty if nowhere.
    """
    losing = [process for process in others if not process.gives_energy]
    energy = np.unique(np.concatenate([effective.energy, *(each.energy for each in losing)]))
    total = cross_section_at(effective, energy)
    rest = total - sum((cross_section_at(each, energy) for each in losing), np.zeros(energy.size))
    points, elastic = _above_zero(energy, rest)
    process = replace(
        effective,
        kind=Kind.ELASTIC,
        name=effective.name.replace("effective", "elastic"),
        energy=points,
        cross_section=elastic,
    )
    return process, _warning(effective.target, energy, rest, rest < -ROUNDING * total)


def without_transitions(elastic: Process, transitions: Sequence[tuple[Process, float]]) -> Process:
    """An elastic cross section from which transitions between excited levels are subtracted.

    Parameters
    ----------
    elastic : Process
        From an effective cross section, which contains them.
    transitions : sequence of (Process, float)
        Upwards and downwards, with the share of the species that each meets.

    Returns
    -------
    Process
        Zero where less than nothing would remain.
    """
    energy = np.unique(np.concatenate([elastic.energy, *(p.energy for p, _ in transitions)]))
    rest = cross_section_at(elastic, energy)
    for process, share in transitions:
        rest -= share * cross_section_at(process, energy)
    points, values = _above_zero(energy, rest)
    return replace(elastic, energy=points, cross_section=values)


def _above_zero(energy: FloatArray, rest: FloatArray) -> tuple[FloatArray, FloatArray]:
    """A piecewise linear curve where it is positive, zero elsewhere; corners become points."""
    low, high = rest[:-1], rest[1:]
    with np.errstate(divide="ignore", invalid="ignore"):
        corner = energy[:-1] + low / (low - high) * np.diff(energy)
    # Between the two sides of a step lies no other double.
    inside = (low * high < 0.0) & (corner > energy[:-1]) & (corner < energy[1:])
    corner = corner[inside]
    points = np.concatenate([energy, corner])
    values = np.concatenate([np.maximum(rest, 0.0), np.zeros(corner.size)])
    order = np.argsort(points)
    return points[order], values[order]


def _warning(target: str, energy: FloatArray, rest: FloatArray, is_clipped: BoolArray) -> str:
    """Where an elastic cross section had to be clipped, and by how much; empty if nowhere."""
    if not is_clipped.any():
        return ""
    starts = np.flatnonzero(is_clipped & ~np.append(False, is_clipped[:-1]))
    ends = np.flatnonzero(is_clipped & ~np.append(is_clipped[1:], False))
    ranges = [f"{energy[a]:.4g} to {energy[b]:.4g}" for a, b in zip(starts, ends, strict=True)]
    listing = ", ".join(ranges[:LISTED]) + (", ..." if len(ranges) > LISTED else "")
    deepest = int(np.argmin(np.where(is_clipped, rest, 0.0)))
    return (
        f"the effective cross section of {target} is smaller than the sum of its other processes "
        f"at {listing} eV (by {-rest[deepest]:.3g} m2 at {energy[deepest]:.4g} eV); the elastic "
        "one is zero there"
    )
