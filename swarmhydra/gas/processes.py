"""One collision process of one species: what it is, what it costs, its cross section."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike

from swarmhydra.kernels.arrays import FloatArray


class Kind(StrEnum):
    """What a collision does; the values are the words used in tables and results."""

    ELASTIC = "ELASTIC"
    EFFECTIVE = "EFFECTIVE"
    EXCITATION = "EXCITATION"
    ROTATION = "ROTATION"
    IONIZATION = "IONIZATION"
    ATTACHMENT = "ATTACHMENT"

    @property
    def held_at_low_energy(self) -> bool:
        """Whether the first table value also counts below the first table energy."""
        return self in (Kind.ELASTIC, Kind.EFFECTIVE, Kind.ATTACHMENT)


@dataclass(frozen=True, eq=False)
class AngularTable:
    """A differential cross section.

    Attributes
    ----------
    energies : ndarray, shape (n,)
        Ascending (eV).
    angles : ndarray, shape (k,)
        Scattering angles, ascending from 0 to 180 (degrees).
    values : ndarray, shape (n, k)
        Per solid angle, in any unit.
    """

    energies: FloatArray
    angles: FloatArray
    values: FloatArray


@dataclass(frozen=True)
class Traits:
    """What a process does besides having a cross section; the defaults say what is usual.

    Attributes
    ----------
    momentum_transfer : bool or None
        Whether the cross section is that of momentum transfer, not the integral one; None says that
        it is for ELASTIC processes alone.
    angular_model : str
        Name of the angular model, empty for the one of the simulation.
    angular_parameter : float or None
        Its parameter.
    angular_table : AngularTable or None
        For the model ``table``.
    sharing_width : float or None
        Width w of the energies of freed electrons (eV; Opal, Peterson and Beaty, 1971).
    statistical_weight_ratio : float or None
        Statistical weight of the upper level over that of the lower one; None where the process has
        no superelastic partner.
    lower, upper : str
        Level of the target before and after the collision, as `levels.levels_of` names it; empty
        for the ground state, or where the process makes no difference between levels.
    third_body : float or None
        Share of the gas particles that are the third body of an attachment; the cross section is
        then one per number density of it (m5). None for a collision with one molecule.
    """

    momentum_transfer: bool | None = None
    angular_model: str = ""
    angular_parameter: float | None = None
    angular_table: AngularTable | None = None
    sharing_width: float | None = None
    statistical_weight_ratio: float | None = None
    lower: str = ""
    upper: str = ""
    third_body: float | None = None


USUAL = Traits()
"""The traits of a process about which nothing special is known."""


# eq=False: arrays have no single truth value, so processes compare by identity.
@dataclass(frozen=True, eq=False)
class Process:
    """A collision process with its cross section as a table.

    The curve is linear between the points, zero below the threshold and constant above the last
    point. Below the first point it is zero, or the first value where the kind has no reason to
    vanish there (elastic, attachment). A step is two points at neighbouring doubles
    (`numpy.nextafter`).

    Attributes
    ----------
    kind : Kind
        What the collision does.
    name : str
        Name in results, e.g. ``"Ar(11.5eV)"``.
    target : str
        Species the electron hits, e.g. ``"Ar"``.
    threshold : float
        Energy the electron loses, and below which the process is impossible (eV).
    mass_ratio : float
        Electron mass over target mass.
    energy : ndarray, shape (n,)
        Energies of the table, strictly ascending (eV): the energy of an electron that has the
        relative speed, m_e g² / 2.
    cross_section : ndarray, shape (n,)
        Cross section at these energies (m²).
    traits : Traits
        How electrons leave the collision.
    provenance : str
        Where the cross section is from.

    Raises
    ------
    ValueError
        If the arrays are not 1-D of one length, not finite, negative, or not ascending; if the
        cross section does not vanish below the threshold; if threshold or mass ratio is out of
        range.
    """

    kind: Kind
    name: str
    target: str
    threshold: float
    mass_ratio: float
    energy: FloatArray
    cross_section: FloatArray
    traits: Traits = USUAL
    provenance: str = ""

    def __post_init__(self) -> None:
        """Take private, read-only copies of the arrays and check everything."""
        object.__setattr__(self, "kind", Kind(self.kind))
        for field in ("energy", "cross_section"):
            array = np.array(getattr(self, field), dtype=np.float64)
            array.setflags(write=False)
            object.__setattr__(self, field, array)
        fault = self._fault()
        if fault:
            raise ValueError(f"process {self.name!r}: {fault}")

    @property
    def gives_energy(self) -> bool:
        """Whether the collision is superelastic."""
        return self.kind in (Kind.EXCITATION, Kind.ROTATION) and self.threshold < 0.0

    def _fault(self) -> str:
        """What is wrong with this process, empty if nothing is."""
        energy, sigma = self.energy, self.cross_section
        # Only a superelastic process, which gives energy, may have a negative threshold.
        if not (np.isfinite(self.threshold) and (self.threshold >= 0.0 or self.gives_energy)):
            return f"threshold={self.threshold} must be finite and at least 0 (eV)"
        if not (np.isfinite(self.mass_ratio) and self.mass_ratio > 0.0):
            return f"mass_ratio={self.mass_ratio} must be finite and above 0"
        if energy.ndim != 1 or energy.shape != sigma.shape or energy.size == 0:
            return (
                "energies and cross_sections must be non-empty lists of one length, "
                f"not of shapes {energy.shape} and {sigma.shape}"
            )
        if not (np.isfinite(energy).all() and np.isfinite(sigma).all()):
            return "energies and cross_sections must be finite"
        if energy[0] < 0.0 or (sigma < 0.0).any():
            return "energies and cross_sections must not be negative"
        if (np.diff(energy) <= 0.0).any():
            where = int(np.argmax(np.diff(energy) <= 0.0))
            return f"energies must ascend, but {energy[where]} is followed by {energy[where + 1]}"
        if (sigma[energy < self.threshold] > 0.0).any():
            return f"cross_sections must be 0 below the threshold of {self.threshold} eV"
        return ""


def cross_section_at(process: Process, energies: ArrayLike) -> FloatArray:
    """Cross section of a process at any energies.

    Parameters
    ----------
    process : Process
        The process.
    energies : array_like, any shape
        Electron energies (eV).

    Returns
    -------
    ndarray, shape of `energies`
        Cross section (m²).
    """
    energies = np.asarray(energies, dtype=np.float64)
    left = process.cross_section[0] if process.kind.held_at_low_energy else 0.0
    sigma = np.interp(energies, process.energy, process.cross_section, left=left)
    return np.asarray(np.where(energies < process.threshold, 0.0, sigma), dtype=np.float64)


def from_table(
    kind: Kind,
    name: str,
    target: str,
    threshold: float,
    mass_ratio: float,
    energies: ArrayLike,
    cross_sections: ArrayLike,
    traits: Traits = USUAL,
) -> Process:
    """Make a process from a table as people write them, with the threshold put on the grid.

    Points below the threshold are dropped. At the threshold the table is interpolated; where it
    starts above the threshold, an inelastic cross section rises linearly from zero at the
    threshold to the first point, and one of the other kinds keeps the first value. The result
    starts from zero wherever the process has a lower end, so that holding its first value below
    its first point is right for every kind.

    Parameters
    ----------
    kind, name, target, threshold, mass_ratio, traits
        As in `Process`.
    energies : array_like, shape (n,)
        Strictly ascending (eV).
    cross_sections : array_like, shape (n,)
        (m²).

    Returns
    -------
    Process
        With the threshold as an exact point of its grid, unless it is 0 and the first value is
        held.

    Raises
    ------
    ValueError
        As for `Process`, judged on the table as given.
    """
    # Check the whole table first, and cut it off at the threshold afterwards.
    energy = np.asarray(energies, dtype=np.float64)
    sigma = np.asarray(cross_sections, dtype=np.float64)
    table = Process(kind, name, target, 0.0, mass_ratio, energy, sigma, traits)
    if threshold == 0.0 and table.kind.held_at_low_energy:
        return table
    above = table.energy > threshold
    if not above.any():
        raise ValueError(
            f"process {name!r}: energies end at {table.energy[-1]} eV, "
            f"they must reach above the threshold of {threshold} eV"
        )
    start = cross_section_at(table, threshold)
    energy = np.concatenate(([threshold], table.energy[above]))
    sigma = np.concatenate(([start], table.cross_section[above]))
    return Process(kind, name, target, threshold, mass_ratio, *with_step(energy, sigma), traits)


def with_step(energy: FloatArray, cross_section: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Put a zero one double below the first point, if the curve starts there with a step.

    Parameters
    ----------
    energy, cross_section : ndarray, shape (n,)
        Table whose first point is the threshold (eV, m²).

    Returns
    -------
    energy, cross_section : ndarray, shape (n,) or (n + 1,)
        The same curve, starting from zero.
    """
    if cross_section[0] == 0.0 or energy[0] == 0.0:
        return energy, cross_section
    below = np.nextafter(energy[0], 0.0)
    return np.concatenate(([below], energy)), np.concatenate(([0.0], cross_section))
