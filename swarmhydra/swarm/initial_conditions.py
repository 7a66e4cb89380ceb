"""Energies, directions and places that the electrons of a swarm start with."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.polynomial.legendre import legval

from swarmhydra.kernels.arrays import FloatArray
from swarmhydra.kernels.quantities import HALF_MASS

MOST_TRIES = 100
"""Largest number of draws of a direction. Fewer than one in 1e9 electrons needs more; it takes the
last one."""


class Start(Protocol):
    """What the electrons of a swarm are drawn from."""

    def velocities(self, stream: np.random.Generator, count: int) -> FloatArray:
        """Velocities (m/s), shape (3, count)."""

    def places(self, stream: np.random.Generator, count: int) -> FloatArray:
        """Places (m), shape (3, count)."""


@dataclass(frozen=True)
class LegendreStart:
    """A velocity distribution in Legendre terms, with all electrons in one place.

    Attributes
    ----------
    edges : ndarray, shape (cells + 1,)
        Edges of speed cells (m/s).
    orders : ndarray, shape (terms, cells)
        f_l at the middle of each cell, in any unit; small negative densities count as none.
    """

    edges: FloatArray
    orders: FloatArray

    def velocities(self, stream: np.random.Generator, count: int) -> FloatArray:
        """Velocities (m/s), shape (3, count)."""
        low, width = self.edges[:-1], np.diff(self.edges)
        amount = np.maximum(self.orders[0], 0.0) * (low + 0.5 * width) ** 2 * width
        cell = stream.choice(amount.size, count, p=amount / amount.sum())
        speed = low[cell] + width[cell] * stream.random(count)
        cosine = self._cosines(stream, cell)
        azimuth = 2.0 * np.pi * stream.random(count)
        across = speed * np.sqrt(1.0 - cosine**2)
        return np.stack([across * np.cos(azimuth), across * np.sin(azimuth), speed * cosine])

    def places(self, stream: np.random.Generator, count: int) -> FloatArray:
        """Places (m), shape (3, count)."""
        return np.zeros((3, count))

    def time_in_cells(self, edges: FloatArray) -> FloatArray:
        """Share of the electrons in other speed cells, shape (cells,), in any unit."""
        middle = 0.5 * (edges[1:] + edges[:-1])
        own_middle = 0.5 * (self.edges[1:] + self.edges[:-1])
        density = np.interp(middle, own_middle, np.maximum(self.orders[0], 0.0), right=0.0)
        return np.asarray(density * middle**2)

    def _cosines(self, stream: np.random.Generator, cell: np.ndarray) -> FloatArray:
        """Cosines of the angle to the field, by rejection."""
        isotropic = np.where(self.orders[0] > 0.0, self.orders[0], 1.0)
        shares = self.orders / isotropic
        bound = np.abs(shares).sum(axis=0)
        cosine = np.zeros(cell.size)
        remaining = np.arange(cell.size)
        for _ in range(MOST_TRIES):
            trial = stream.uniform(-1.0, 1.0, remaining.size)
            density = legval(trial, shares[:, cell[remaining]], tensor=False)
            is_accepted = stream.random(remaining.size) * bound[cell[remaining]] < density
            cosine[remaining] = trial
            remaining = remaining[~is_accepted]
            if not remaining.size:
                break
        return cosine


@dataclass(frozen=True)
class InitialConditions:
    """The distribution that electrons are drawn from.

    Attributes
    ----------
    distribution : str
        ``maxwell``, ``fixed`` or ``table``.
    energy : float
        Mean energy (eV); not for a table.
    eedf_energies, eedf : ndarray, shape (n,)
        Points of an energy distribution function, linear in between (eV, 1/eV).
    direction : ndarray or None, shape (3,)
        Direction in which all electrons start; None for isotropic directions.
    spread : float
        Standard deviation of each coordinate of their places (m).
    """

    distribution: str
    energy: float
    eedf_energies: FloatArray
    eedf: FloatArray
    direction: FloatArray | None
    spread: float

    def velocities(self, stream: np.random.Generator, count: int) -> FloatArray:
        """Velocities (m/s), shape (3, count)."""
        normal = stream.standard_normal((3, count))
        if self.distribution == "maxwell":
            # The mean energy is 3/2 m s^2, where s is the standard deviation of each component.
            velocity = np.sqrt(self.energy / (3.0 * HALF_MASS)) * normal
            speed = np.sqrt(np.einsum("ij,ij->j", velocity, velocity))
        else:
            speed = np.sqrt(self._energies(stream, count) / HALF_MASS)
            velocity = speed * normal / np.sqrt(np.einsum("ij,ij->j", normal, normal))
        if self.direction is None:
            return np.asarray(velocity)
        return np.outer(self.direction / np.linalg.norm(self.direction), speed)

    def places(self, stream: np.random.Generator, count: int) -> FloatArray:
        """Places (m), shape (3, count)."""
        if self.spread == 0.0:
            return np.zeros((3, count))
        return self.spread * stream.standard_normal((3, count))

    def _energies(self, stream: np.random.Generator, count: int) -> FloatArray:
        """Energies (eV), shape (count,): all the same, or from the table."""
        if self.distribution == "fixed":
            return np.full(count, self.energy)
        width = np.diff(self.eedf_energies)
        below, above = self.eedf[:-1], self.eedf[1:]
        piece = 0.5 * width * (below + above)
        interval = stream.choice(piece.size, count, p=piece / piece.sum())
        u = stream.random(count)
        low, high = below[interval], above[interval]
        # Inverse of a linear density, in the form without cancellation.
        root = np.sqrt(low**2 + u * (high**2 - low**2))
        share = u * (low + high) / np.maximum(low + root, 1e-300)
        return np.asarray(self.eedf_energies[interval] + share * width[interval])
