"""Energies, directions and places that the electrons of a swarm start with."""

from dataclasses import dataclass

import numpy as np

from swarmhydra.kernels.arrays import FloatArray
from swarmhydra.kernels.quantities import HALF_MASS


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
