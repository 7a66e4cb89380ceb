"""The energy distribution by control variates.

A density d that is exact on all functions (B - nu) g of the splines is what was sampled, p, less a
density h of the solver's splines: with L the matrix of B - nu between densities and functions, h
solves ⟨h, L g⟩ = ⟨p, (B - nu) g⟩ for every g, and ⟨p - h, q⟩ is what a control variate for q makes
of ⟨q⟩. So one solution with the transposed matrix serves all q (see docs/physics.md).

The distribution of the solver, which is smooth, is corrected by what that gives for smooth q: hat
functions of the speed times Legendre polynomials.
"""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from swarmhydra.boltzmann.adjoint import Generator
from swarmhydra.boltzmann.hydrodynamic import Swarm
from swarmhydra.boltzmann.operator import norm
from swarmhydra.estimators.estimate import estimates, with_each_left_out
from swarmhydra.estimators.from_solution import average_over_bins, share_per_energy
from swarmhydra.estimators.moment_sums import MomentCells
from swarmhydra.kernels.arrays import FloatArray
from swarmhydra.kernels.contract import Tallies
from swarmhydra.kernels.quantities import HALF_MASS
from swarmhydra.results.record import Estimate

HATS = 32
"""Hat functions of the speed. What they correct, a small part of the solver's distribution, changes
slowly with the speed."""

CELLS_PER_BIN = 16
"""Speed cells of the moments in a bin of the energy distribution."""


@dataclass(frozen=True)
class ControlledDistribution:
    """Corrects the distribution of a solution by velocity moments.

    Attributes
    ----------
    solution : Swarm
    generator : Generator
        At the middles of the cells.
    cells : MomentCells
        Of the velocity moments.
    """

    solution: Swarm
    generator: Generator
    cells: MomentCells

    def evaluate(self, tallies: Tallies, growth: float) -> dict[str, Estimate | FloatArray]:
        """EEDF, EEPF and Legendre coefficients, on bins of equal width in speed.

        Parameters
        ----------
        tallies : Tallies
            With velocity moments.
        growth : float
            Net ionization frequency (1/s).

        Returns
        -------
        dict
            As by `energy_distribution`, with all f_l of the solution.
        """
        edges = HALF_MASS * (self.cells.width * self._bin_cells) ** 2
        terms = self.solution.sampling.terms
        moments = tallies.velocity_moments[:, :, :terms]
        sums = self._corrected_sums(moments, growth)
        number = with_each_left_out(moments[:, :, 0].sum(axis=1))
        means = with_each_left_out(sums) / number[:, None, None]
        # What the hats hold less than that of the solution, over what of f_0 they hold.
        excess = (means - self._held) / self._held[0]
        solved = average_over_bins(self.solution, edges, terms)
        shape = (2 * np.arange(terms) + 1)[:, None] * solved[0]
        f_l = solved + shape * (excess @ self._hats_at(0.5 * (edges[1:] + edges[:-1])))
        found = {
            "eedf": f_l[:, 0] * share_per_energy(edges),
            "eepf": f_l[:, 0],
            "f1": f_l[:, 1],
            "f_l": f_l,
        }
        return {"energy_edges": edges, **_controlled(estimates(found))}

    @property
    def _bin_cells(self) -> FloatArray:
        """Cells at which the bins begin and end."""
        return np.arange(0.0, self.cells.count + 1, CELLS_PER_BIN)

    @cached_property
    def _nodes(self) -> FloatArray:
        """Speeds (m/s) at which the hats are one."""
        return np.linspace(0.0, self.cells.width * self.cells.count, HATS)

    def _hats_at(self, energy: FloatArray) -> FloatArray:
        """Values of the hats at energies (eV), shape (hats, n)."""
        return self._hats(np.sqrt(energy / HALF_MASS))

    def _hats(self, speed: FloatArray) -> FloatArray:
        """Values of the hats, shape (hats, n)."""
        return np.stack([np.interp(speed, self._nodes, row) for row in np.eye(HATS)])

    @cached_property
    def _held(self) -> FloatArray:
        """⟨f, hat P_l⟩ of the solution, shape (terms, hats)."""
        return np.asarray(self._held_by(self.solution.density[None])[0])

    def _held_by(self, densities: FloatArray) -> FloatArray:
        """The same of densities, coefficients of shape (n, functions); shape (n, terms, hats)."""
        sampling, offset = self.solution.sampling, self.solution.axial.offset
        hats = sampling.measure[:, None] * self._hats(sampling.quadrature.speed).T
        held = [
            densities[:, i:j] @ (norm(order, 0) * (value.T @ hats))
            for order, (value, i, j) in enumerate(
                zip(sampling.image.value, offset[:-1], offset[1:], strict=True)
            )
        ]
        return np.stack(held, axis=1)

    def _corrected_sums(self, moments: FloatArray, growth: float) -> FloatArray:
        """Sums of hat P_l over corrected moments, shape (S, terms, hats)."""
        solution = self.solution
        sampled = np.einsum("scl,hc->slh", moments, self._hats(self.cells.speed))
        images = self.generator.transposed(moments, solution.acceleration, growth)
        noise = np.stack([self._noise(image) for image in images])
        return np.asarray(sampled - self._held_by(noise))

    def _noise(self, image: FloatArray) -> FloatArray:
        """The density h with ⟨h, (B - nu) g⟩ = `image` for all g of the splines, and ⟨h, 1⟩ = 0."""
        growth, mass = self.solution.growth, self.solution.axial.mass
        # What no density can give: all of them are orthogonal to the importance.
        image = image - (image @ growth.importance) * (mass.T @ growth.density)
        return growth.solve_transposed(image, mass @ self.solution.one)


def _controlled(found: dict[str, Estimate]) -> dict[str, Estimate]:
    """Marked as by control variates."""
    return {name: replace(each, controlled=True) for name, each in found.items()}
