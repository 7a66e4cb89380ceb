"""Flux and bulk coefficients of a swarm from the expansion in its density gradient.

A density that grows along z as exp(alpha z) grows in time at a rate
lambda(alpha) = nu - W alpha + D_L alpha², its distribution is f + alpha f' + ...; for growth
across the field f' has m = 1 (Kumar, Skullerud and Robson, 1980). With ⟨1, f'⟩ = 0,

    (B' - nu) f' = (v_z - W) f,      D_L flux = -⟨v_z, f'⟩,      D_L bulk = -⟨phi, (v_z - W) f'⟩,

and W = ⟨phi, v_z f⟩ in bulk, ⟨v_z, f⟩ as flux. The steady-state Townsend coefficient is the root
of lambda, alpha itself and not its expansion.
"""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from scipy import sparse

from swarmhydra.boltzmann.discrete import Blocks, Factors, Growth, leading
from swarmhydra.boltzmann.hydrodynamic import Swarm
from swarmhydra.kernels.arrays import FloatArray

SMALL_GROWTH = 1e-6
"""Growth over a diffusion length up to which two terms of the series give the root of lambda."""

ROOT_TOLERANCE = 1e-7
"""Relative error of the root."""

NEAR_ROOT = 0.02
"""Step over a diffusion length that ends the search, and relative error of lambda allowed in it."""

GENTLE = 0.2
"""Growth over a diffusion length up to which a guess of the root is enough to find the stream."""

NEGATIVE = 1e-4
"""Largest share of electrons where the density is negative in a stream that is accepted."""

DECAY_STEPS = 8
"""Implicit steps in which a decay is computed: exp(-1) comes out 0.1 % wrong, exp(-4) 5 %."""

LONGEST_STEP = 1e10
"""Largest step of a decay, relative to the shortest relaxation time: they span seven decades."""

NEWTON_STEPS = 20
"""Steps of the search at most."""


@dataclass(frozen=True)
class Expansion:
    """First order of the expansion of a swarm in its density gradient; SI units."""

    swarm: Swarm

    @cached_property
    def drift_flux(self) -> float:
        """Mean velocity (m/s)."""
        swarm = self.swarm
        return float(swarm.density @ (swarm.axial.along @ swarm.one))

    @cached_property
    def drift_bulk(self) -> float:
        """Velocity of the centre of mass (m/s)."""
        swarm = self.swarm
        return float(swarm.density @ (swarm.axial.along @ swarm.importance))

    @cached_property
    def axial(self) -> FloatArray:
        """Change of the density by a gradient along z, f' (m)."""
        swarm = self.swarm
        blocks, density = swarm.axial, swarm.density
        right = blocks.along.T @ density - self.drift_bulk * (blocks.mass.T @ density)
        return swarm.growth.solve_transposed(right, blocks.mass @ swarm.one)

    def axial_after(self, time: float) -> FloatArray:
        """What is left of f' after a time (s) without a gradient, exp[(B' - nu) t] f' (m).

        Displacements that began a time ago lack this part of -f' = ⟨z - W t⟩ at each velocity.
        """
        return _decayed(self.axial, self.swarm.growth.shifted, self.swarm.axial, time)

    @cached_property
    def transverse(self) -> FloatArray:
        """The same by one along x (m), m = 1."""
        return self.across_factors.solve_transposed(self.swarm.across.T @ self.swarm.density)

    def transverse_flux_after(self, time: float) -> float:
        """What the diffusion across the field (m2/s) lacks if displacements began a time (s) ago.

        Electrons that seldom collide go on in their directions for long: those of argon near its
        Ramsauer minimum.
        """
        left = _decayed(self.transverse, self._across, self.swarm.transverse, time)
        return -float(left @ (self.swarm.across.T @ self.swarm.one))

    @cached_property
    def across_factors(self) -> Factors:
        """B - nu of the functions with m = 1, factored."""
        return Factors(self._across, self.swarm.transverse.elimination)

    @cached_property
    def _across(self) -> sparse.csr_array:
        """B - nu of the functions with m = 1."""
        swarm, blocks = self.swarm, self.swarm.transverse
        matrix = blocks.collisions + swarm.acceleration * blocks.field
        return sparse.csr_array(matrix - swarm.growth.rate * blocks.mass)

    @property
    def longitudinal_flux(self) -> float:
        """Diffusion along z (m2/s)."""
        swarm = self.swarm
        return -float(self.axial @ (swarm.axial.along @ swarm.one))

    @property
    def longitudinal_bulk(self) -> float:
        """Diffusion along z (m2/s)."""
        swarm = self.swarm
        blocks, importance = swarm.axial, swarm.importance
        centred = blocks.along @ importance - self.drift_bulk * (blocks.mass @ importance)
        return -float(self.axial @ centred)

    @property
    def transverse_flux(self) -> float:
        """Diffusion across the field (m2/s)."""
        return -float(self.transverse @ (self.swarm.across.T @ self.swarm.one))

    @property
    def transverse_bulk(self) -> float:
        """Diffusion across the field (m2/s)."""
        return -float(self.transverse @ (self.swarm.across.T @ self.swarm.importance))

    @property
    def energy_diffusion(self) -> float:
        """Diffusion of energy across the field, -⟨energy v_x, f'⟩ / ⟨energy⟩ (m2/s)."""
        swarm = self.swarm
        energy = swarm.energy_function
        return -float(self.transverse @ (swarm.across.T @ energy)) / swarm.mean_energy

    @property
    def spatial_growth(self) -> float:
        """Growth rate along z of a steady stream (1/m): the root of lambda nearest to 0."""
        return self._series if self.stream is None else self.stream.rate

    @property
    def _series(self) -> float:
        """Its first two terms in the growth rate."""
        rate, drift = self.swarm.growth.rate, self.drift_bulk
        return rate / drift * (1.0 + self.longitudinal_bulk * rate / drift**2)

    @cached_property
    def stream(self) -> Growth | None:
        """The steady stream, with the rate NaN where none was found.

        None where its growth is so small that the series gives it.
        """
        swarm = self.swarm
        if abs(self._series) * self.longitudinal_bulk < SMALL_GROWTH * self.drift_bulk:
            return None
        near = self._near_root
        if np.isnan(near.rate):
            return near
        stream = leading(
            swarm.generator,
            swarm.axial.along,
            near.rate,
            near.density,
            near.importance,
            ROOT_TOLERANCE * abs(near.rate),
            swarm.axial.elimination,
        )
        is_positive = swarm.negative_share(stream.density) < NEGATIVE
        return stream if is_positive else replace(stream, rate=np.nan)

    @property
    def _near_root(self) -> Growth:
        """A guess of the steady stream, its rate in space (1/m); NaN where none was found.

        lambda is convex, so that Newton's method comes to the root nearest to 0 and to no other.
        """
        swarm, blocks = self.swarm, self.swarm.axial
        tilted, slope, curvature = swarm.growth, -self.drift_bulk, self.longitudinal_bulk
        alpha, guess = swarm.spatial_guess, 0.0
        if alpha is None:
            alpha, guess = -tilted.rate / slope, tilted.rate
        elif abs(alpha) * curvature < GENTLE * abs(slope):
            return replace(tilted, rate=alpha)
        for _ in range(NEWTON_STEPS):
            tilted = leading(
                sparse.csr_array(swarm.generator - alpha * blocks.along),
                blocks.mass,
                guess,
                tilted.density,
                tilted.importance,
                ROOT_TOLERANCE * abs(swarm.growth.rate),
                blocks.elimination,
            )
            density, importance = tilted.density, tilted.importance
            slope = -float(
                density @ (blocks.along @ importance) / (density @ (blocks.mass @ importance))
            )
            # Beyond the least value of lambda, or, with too few terms, on another branch.
            if slope >= 0.0 or tilted.rate < -NEAR_ROOT * swarm.growth.rate:
                break
            step, guess = -tilted.rate / slope, tilted.rate
            alpha += step
            if abs(step) * curvature < NEAR_ROOT * abs(slope):
                return replace(tilted, rate=alpha)
        return replace(tilted, rate=np.nan)


def _decayed(
    density: FloatArray, change: sparse.csr_array, blocks: Blocks, time: float
) -> FloatArray:
    """exp(time change') of a density, in implicit steps of second order (Alexander, 1977).

    The step of Alexander's method with two stages is (1 + a) R² - a R, where a = sqrt(2) and R is
    an implicit step of Euler's of 1 - 1 / sqrt(2) of its length.
    """
    mass, root = blocks.mass, np.sqrt(2.0)
    # Longer steps give the same, and the mass matrix would be lost by rounding.
    step = min(time / DECAY_STEPS, LONGEST_STEP * abs(mass).max() / abs(change).max())
    matrix = sparse.csr_array(mass - (1.0 - 1.0 / root) * step * change)
    factors = Factors(matrix, blocks.elimination)
    for _ in range(DECAY_STEPS):
        once = factors.solve_transposed(mass.T @ density)
        twice = factors.solve_transposed(mass.T @ once)
        density = (1.0 + root) * twice - root * once
    return density
