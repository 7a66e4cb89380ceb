"""The energy distribution by control variates.

What control variates make of ⟨q⟩ is the same for any q as a sum of q over velocity moments that
have lost, once and for all, their projection on all functions (B - nu) g of the splines (see
`MinimumVariance.projected`).

The distribution of the solver, which is smooth, is corrected by what that gives for smooth q: hat
functions of the speed times Legendre polynomials.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from swarmhydra.boltzmann.hydrodynamic import Swarm
from swarmhydra.estimators.estimate import estimates, with_each_left_out
from swarmhydra.estimators.from_solution import average_over_bins, share_per_energy
from swarmhydra.estimators.minimum_variance import MinimumVariance
from swarmhydra.estimators.moment_sums import MomentCells
from swarmhydra.estimators.velocity_distribution import VelocityRequest, on_plane
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
    fit : MinimumVariance
        At the middles of the cells.
    cells : MomentCells
        Of the velocity moments.
    """

    solution: Swarm
    fit: MinimumVariance
    cells: MomentCells

    def evaluate(
        self, tallies: Tallies, excess: float, evdf: VelocityRequest
    ) -> dict[str, Estimate | FloatArray]:
        """EEDF, EEPF, Legendre coefficients and, if asked for, f(v_par, v_perp).

        Bins are of equal width in speed.

        Parameters
        ----------
        tallies : Tallies
            With velocity moments.
        excess : float
            Net ionization frequency less that of the solution (1/s).
        evdf : VelocityRequest
            What is asked for of the distribution over velocities.

        Returns
        -------
        dict
            As by `energy_distribution`, with all f_l of the solution.
        """
        edges = HALF_MASS * (self.cells.width * self._bin_cells) ** 2
        terms = self.solution.sampling.terms
        sums = self._corrected_sums(tallies.velocity_moments, excess)
        number = with_each_left_out(sums[:, 0].sum(axis=1))
        means = with_each_left_out(sums) / number[:, None, None]
        # Sampled less computed average over each hat function, relative to that of f_0.
        deficit = (means - self._held) / self._held[0]
        of_solution = average_over_bins(self.solution, edges, terms)
        shape = (2 * np.arange(terms) + 1)[:, None] * of_solution[0]
        f_l = of_solution + shape * (deficit @ self._hats_at(0.5 * (edges[1:] + edges[:-1])))
        values = {
            "eedf": f_l[:, 0] * share_per_energy(edges),
            "eepf": f_l[:, 0],
            "f1": f_l[:, 1],
            "f_l": f_l,
        }
        plane = on_plane(f_l, edges, evdf)
        return {"energy_edges": edges, **_controlled(estimates(values)), **_controlled(plane)}

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
        """⟨hat P_l⟩ of the solution, shape (terms, hats)."""
        return np.asarray(self.fit.density @ self._hats(self.cells.speed).T)

    def _corrected_sums(self, moments: FloatArray, excess: float) -> FloatArray:
        """Sums of hat P_l over corrected moments, shape (S, terms, hats)."""
        hats = self._hats(self.cells.speed).T
        orders, terms = len(self.fit.generator.spaces) + 1, len(self.fit.density)
        corrected = [self.fit.projected(each.T[:orders], excess)[:terms] for each in moments]
        return np.stack(corrected) @ hats


def _controlled(values: Mapping[str, Estimate | FloatArray]) -> dict[str, Estimate | FloatArray]:
    """Estimates marked as by control variates."""
    return {
        name: replace(each, controlled=True) if isinstance(each, Estimate) else each
        for name, each in values.items()
    }
