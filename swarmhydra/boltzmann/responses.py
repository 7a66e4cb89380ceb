"""How the means of a swarm answer to any small change of the generator B.

With f the density, phi the importance and nu the growth rate, the mean of q changes by

    delta ⟨q⟩ = ⟨f, (delta B) g⟩,        (B - nu) g = -(q - ⟨q⟩),   ⟨f, g⟩ = 0,

and the growth rate by ⟨f, (delta B) phi⟩ (first-order perturbation theory; in transport theory:
Williams, 1971). Coefficients of a density that grows as exp(alpha z) are terms of the expansion
of a growth rate or a mean in alpha; so are those of f, phi and g, which are indexed by the power:

    lambda(alpha) = nu - W alpha + D alpha²,
    delta lambda = ⟨f_alpha, (delta B) phi_alpha⟩ / ⟨f_alpha, phi_alpha⟩.

Each answer therefore is a sum over pairs of a density and a function.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum
from functools import cached_property, partial

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from swarmhydra.boltzmann.discrete import Factors
from swarmhydra.boltzmann.hydrodynamic import Swarm
from swarmhydra.boltzmann.transport import Expansion
from swarmhydra.kernels.arrays import FloatArray
from swarmhydra.kernels.quantities import HALF_MASS

SCALARS = (
    "energy",
    "energy_flux",
    "growth",
    "drift_flux",
    "drift_bulk",
    "longitudinal_flux",
    "longitudinal_bulk",
    "transverse_flux",
    "transverse_bulk",
    "energy_diffusion",
    "spatial_growth",
)
"""Means that are one number, fields of `macroscopic.MacroscopicMeans`; frequencies come behind."""


class Moment(Enum):
    """The density that a pair has, by the quantity whose mean over the electrons it holds.

    With f the number of electrons per velocity, it is f(v) times the mean of a quantity over the
    electrons of that velocity; u = z - W t and x are displacements along and across the field.

    Attributes
    ----------
    PLAIN
        1: f itself.
    ALONG
        -u + const (m): the density of first order in a gradient along z, with ⟨phi⟩ = 0.
    ALONG_FLUX
        The same, with the constant for which ⟨1⟩ = 0.
    ALONG_SQUARED
        u²/2 less its growth (m2): second order along z; multiples of the two above make ⟨phi⟩ = 0.
    ACROSS
        -x (m): first order in a gradient across the field, m = 1.
    ACROSS_SQUARED
        x²/2 less its growth (m2): second order across; a multiple of f makes ⟨phi⟩ = 0.
    STREAM
        exp(-alpha u), alpha the spatial growth rate: the density of a steady stream.
    """

    PLAIN = "plain"
    ALONG = "along"
    ALONG_FLUX = "along flux"
    ALONG_SQUARED = "along squared"
    ACROSS = "across"
    ACROSS_SQUARED = "across squared"
    STREAM = "stream"


@dataclass(frozen=True)
class Pair:
    """A factor times ⟨density, (delta B) function⟩, both by coefficients of functions P_l^m.

    Attributes
    ----------
    factor : float
    density, function : ndarray
    moment : Moment
        What the density is; m = 1 for `Moment.ACROSS`.
    """

    factor: float
    density: FloatArray
    function: FloatArray
    moment: Moment = Moment.PLAIN

    @property
    def m(self) -> int:
        """Order of the functions of the azimuth."""
        return 1 if self.moment is Moment.ACROSS else 0


Answer = list[Pair]


def scaled(answer: Answer, factor: float) -> Answer:
    """An answer times a factor."""
    return [replace(each, factor=factor * each.factor) for each in answer]


class Responses:
    """Answers of all means of a swarm: `SCALARS`, then the frequency of each process.

    For the process frequencies, only the change through f is included; the explicit change of nu_k
    in ⟨nu_k⟩ is added by the caller (`Changes.by_process`).
    """

    def __init__(self, swarm: Swarm) -> None:
        """Store the swarm, and its expansion in the density gradient."""
        self._swarm = swarm
        self._expansion = Expansion(swarm)

    def all(self, selection: NDArray[np.bool_] | None = None) -> list[Answer]:
        """The answers in their order; empty lists for those that are not selected."""
        swarm = self._swarm
        frequency = swarm.sampling.image.frequency
        answers: list[Callable[[], Answer]] = [getattr(self, name) for name in SCALARS]
        answers += [partial(self._mean, swarm.functional([column])) for column in frequency.T]
        if selection is None:
            return [answer() for answer in answers]
        return [answer() if one else [] for answer, one in zip(answers, selection, strict=True)]

    def energy(self) -> Answer:
        """Response of the mean energy (eV)."""
        return self._mean(self._swarm.axial.mass @ self._swarm.energy_function)

    def energy_flux(self) -> Answer:
        """Response of the mean of energy times velocity along the field (eV m/s)."""
        speed = self._swarm.sampling.quadrature.speed
        return self._mean(self._swarm.functional([None, HALF_MASS * speed**3]))

    def growth(self) -> Answer:
        """Response of the growth rate (1/s)."""
        return [Pair(1.0, self._swarm.density, self._swarm.importance)]

    def drift_flux(self) -> Answer:
        """Response of the mean velocity (m/s)."""
        return [Pair(1.0, self._swarm.density, self._flux_function)]

    def drift_bulk(self) -> Answer:
        """Response of the velocity of the centre of mass (m/s)."""
        swarm = self._swarm
        return [
            Pair(-1.0, self._first_density, swarm.importance, Moment.ALONG),
            Pair(-1.0, swarm.density, self._first_importance),
        ]

    def longitudinal_bulk(self) -> Answer:
        """Response of bulk diffusion along the field (m2/s): second order of the growth rate."""
        swarm, mass = self._swarm, self._swarm.axial.mass
        f1, phi1, diffusion = self._first_density, self._first_importance, self._diffusion
        f2 = self._solved_density(self._relative.T @ f1 + diffusion * (mass.T @ swarm.density))
        phi2 = swarm.growth.solve(self._relative @ phi1 + diffusion * (mass @ swarm.importance))
        return [
            Pair(1.0, f2, swarm.importance, Moment.ALONG_SQUARED),
            Pair(1.0, f1, phi1, Moment.ALONG),
            Pair(1.0, swarm.density, phi2),
            *scaled(self.growth(), -float(f1 @ (mass @ phi1))),
        ]

    def longitudinal_flux(self) -> Answer:
        """Response of flux diffusion along the field (m2/s): first order of the mean velocity."""
        swarm, blocks, g = self._swarm, self._swarm.axial, self._flux_function
        number = float(self._first_density @ (blocks.mass @ swarm.one))
        f1 = self._first_density - number * swarm.density
        first = float(f1 @ (blocks.along @ swarm.one))
        g1 = swarm.growth.solve(self._relative @ g + first * (blocks.mass @ swarm.one))
        return [
            Pair(-1.0, f1, g, Moment.ALONG_FLUX),
            Pair(-1.0, swarm.density, g1),
            *scaled(self.growth(), float(f1 @ (blocks.mass @ g))),
        ]

    def transverse_flux(self) -> Answer:
        """Response of flux diffusion across the field (m2/s)."""
        return self._carried_across(self._swarm.one)

    def energy_diffusion(self) -> Answer:
        """Response of the diffusion of energy across the field (m2/s)."""
        swarm = self._swarm
        share = -self._expansion.energy_diffusion / swarm.mean_energy
        response = self._carried_across(swarm.energy_function)
        return [*scaled(response, 1.0 / swarm.mean_energy), *scaled(self.energy(), share)]

    def transverse_bulk(self) -> Answer:
        """Response of bulk diffusion across the field (m2/s): second order of the growth rate."""
        swarm, mass = self._swarm, self._swarm.axial.mass
        across, diffusion = swarm.across, self._expansion.transverse_bulk
        f1, phi1 = self._expansion.transverse, self._across.solve(across.T @ swarm.importance)
        f2 = self._solved_density(across @ f1 + diffusion * (mass.T @ swarm.density))
        phi2 = swarm.growth.solve(across @ phi1 + diffusion * (mass @ swarm.importance))
        return [
            Pair(1.0, f2, swarm.importance, Moment.ACROSS_SQUARED),
            Pair(1.0, f1, phi1, Moment.ACROSS),
            Pair(1.0, swarm.density, phi2),
            *scaled(self.growth(), -float(f1 @ (swarm.transverse.mass @ phi1))),
        ]

    def spatial_growth(self) -> Answer:
        """Response of the growth of a steady stream along the field (1/m)."""
        stream = self._expansion.stream
        if stream is not None:
            slope = float(stream.density @ (self._swarm.axial.along @ stream.importance))
            return [Pair(1.0 / slope, stream.density, stream.importance, Moment.STREAM)]
        rate, drift = self._swarm.growth.rate, self._expansion.drift_bulk
        second = self._diffusion * rate / drift**2
        return [
            *scaled(self.growth(), (1.0 + 2.0 * second) / drift),
            *scaled(self.drift_bulk(), -rate * (1.0 + 3.0 * second) / drift**2),
            *scaled(self.longitudinal_bulk(), rate**2 / drift**3),
        ]

    def _mean(self, functional: FloatArray) -> Answer:
        """Response of ⟨f, q⟩."""
        return [Pair(1.0, self._swarm.density, self._swarm.expected(functional))]

    def _carried_across(self, weight: FloatArray) -> Answer:
        """Response of ⟨x v_x q⟩, the diffusion of a function q of the velocity across the field."""
        swarm, f1 = self._swarm, self._expansion.transverse
        h = self._across.solve(swarm.across.T @ weight)
        return [
            Pair(-1.0, swarm.density, swarm.expected(swarm.across @ h)),
            Pair(1.0, f1, h, Moment.ACROSS),
            *scaled(self.growth(), -float(f1 @ (swarm.transverse.mass @ h))),
        ]

    def _solved_density(self, right: FloatArray) -> FloatArray:
        """A density from (B' - nu) f = right, with ⟨f, phi⟩ = 0."""
        swarm = self._swarm
        return swarm.growth.solve_transposed(right, swarm.axial.mass @ swarm.importance)

    @cached_property
    def _relative(self) -> sparse.csr_array:
        """⟨., (v_z - W) .⟩."""
        blocks = self._swarm.axial
        return sparse.csr_array(blocks.along - self._expansion.drift_bulk * blocks.mass)

    @cached_property
    def _first_density(self) -> FloatArray:
        """Change of the density by a gradient along z, without a change of ⟨f, phi⟩."""
        return self._solved_density(self._relative.T @ self._swarm.density)

    @cached_property
    def _first_importance(self) -> FloatArray:
        """Change of the importance by a gradient along z."""
        return self._swarm.growth.solve(self._relative @ self._swarm.importance)

    @cached_property
    def _diffusion(self) -> float:
        """Bulk diffusion along the field (m2/s)."""
        return -float(self._first_density @ (self._relative @ self._swarm.importance))

    @cached_property
    def _flux_function(self) -> FloatArray:
        """The g of the velocity along the field."""
        return self._swarm.expected(self._swarm.axial.along @ self._swarm.one)

    @cached_property
    def _across(self) -> Factors:
        """B - nu of the functions with m = 1, factored."""
        return self._expansion.across_factors
