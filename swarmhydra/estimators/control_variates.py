"""Coefficients from velocity moments with what is known of their noise taken off.

In a swarm that has forgotten its start and grows as exp(nu t), the average of (B - nu) g over
electrons and time is zero for every function g of the velocity, B being the generator of an
electron's motion (see `boltzmann.operator`). A mean ⟨q⟩ is therefore also ⟨q + (B - nu) g⟩,
whatever g is. With the g that solves (B - nu) g = -(q - c) nothing would be left to average but the
constant c; with the g of a multi-term expansion what is left is its small residual. So the
expansion decides about the noise, never about the mean (control variates: Hammersley and Handscomb,
1964; for Markov chains: Henderson and Glynn, 2002; Assaraf and Caffarel, 1999).

Displacements u = z - W t that have forgotten their origin obey, for every g,

    ⟨u (B - nu) g⟩ + ⟨(v_z - W) g⟩ = 0,

which does the same for diffusion. The derivations are in docs/physics.md.
"""

from collections.abc import Callable
from functools import cached_property
from operator import attrgetter

import numpy as np
from scipy import sparse

from swarmhydra.boltzmann.adjoint import Generator, VelocityFunction, times_vx, times_vz
from swarmhydra.boltzmann.discrete import Factors
from swarmhydra.boltzmann.hydrodynamic import Swarm
from swarmhydra.boltzmann.macroscopic import MacroscopicMeans
from swarmhydra.boltzmann.transport import Expansion
from swarmhydra.estimators.controlled_distribution import ControlledDistribution
from swarmhydra.estimators.controlled_means import ControlledMeans
from swarmhydra.estimators.moment_sums import Functionals, MomentCells, Sums
from swarmhydra.kernels import contract
from swarmhydra.kernels.arrays import FloatArray, IntArray
from swarmhydra.kernels.contract import (
    MOMENT_ACROSS,
    MOMENT_ACROSS_SQUARED,
    MOMENT_ALONG,
    MOMENT_ALONG_SQUARED,
    MOMENT_PLAIN,
    MOMENT_TILTED,
    Tallies,
)
from swarmhydra.kernels.quantities import HALF_MASS
from swarmhydra.results.record import Estimate

UNKNOWN = 0.05
"""Share of itself that a solution's density may be off at energies that no electron came to."""


class ControlVariates:
    """Adjoint solutions of a swarm, and what they make of its velocity moments.

    Parameters
    ----------
    solution : Swarm
        Of the multi-term expansion; roughly right is enough.
    transverse : Swarm
        The same with as many terms or more, for functions across the field: where electrons fly far
        between collisions, those are known to no few terms.
    cells : MomentCells
        Of the velocity moments, which have one Legendre order more than either.
    action : ndarray of int, shape (P,)
        What each process does, codes of `kernels.contract`.
    extra_frequency : callable, optional
        Frequencies (1/s), shape (n, E), at speeds (m/s), of processes that do not act on electrons.

    Attributes
    ----------
    solution : Swarm
        As given.
    cells : MomentCells
        As given.
    expansion : Expansion
        Its coefficients.
    grows : bool
        Whether electrons are born or lost.
    tilt : float
        Growth rate along z (1/m) that `MOMENT_TILTED` must be sampled with.
    """

    def __init__(
        self,
        solution: Swarm,
        transverse: Swarm,
        cells: MomentCells,
        action: IntArray,
        extra_frequency: Callable[[FloatArray], FloatArray] | None = None,
    ) -> None:
        self.solution = solution
        self._transverse = transverse
        self._extra_processes = 0
        self._generator = Generator(solution.model, solution.sampling.spaces, cells.speed)
        self._across = Generator(solution.model, transverse.sampling.spaces, cells.speed)
        self.cells, self._speed = cells, cells.speed
        self._action = action
        self._functionals = Functionals(*self.orders)
        self.grows = bool(np.isin(action, (contract.IONIZATION, contract.ATTACHMENT)).any())
        self.expansion = Expansion(solution)
        self._stream = self.expansion.stream if self.grows else None
        # NaN where no steady stream was found.
        rate = 0.0 if self._stream is None else self._stream.rate
        self.tilt = rate if np.isfinite(rate) else 0.0
        self._add("number", MOMENT_PLAIN, self._ones)
        self._add("place", MOMENT_ALONG, self._ones)
        self._add_means()
        if extra_frequency is not None:
            self._add_extra(extra_frequency)
        self._add_along("flux", solution.one)
        self._add_across("flux", attrgetter("one"))
        self._add_across("energy", attrgetter("energy_function"))
        if self.grows:
            self._add_along("bulk", solution.importance)
            self._add_across("bulk", attrgetter("importance"))
            self._add_weights(solution.importance)
            self._add_stream()

    @property
    def orders(self) -> tuple[int, int]:
        """Legendre orders that the moments must have: of all functions, of symmetric ones."""
        return self._transverse.sampling.terms + 1, self.solution.sampling.terms + 1

    def sums(self, moments: FloatArray) -> Sums:
        """What `evaluate` takes: sums over moments of shape (S, cells, columns)."""
        return self._functionals.of(moments)

    def evaluate(self, sums: Sums) -> MacroscopicMeans:
        """Means of the swarm, for each entry of the first axis of the sums."""
        found = self._means(sums)
        processes, growth = self._action.size, found.growth
        energy, drift = found.mean("energy"), found.mean("drift_flux")
        bulk = found.bulk_drift() if self.grows else drift
        along, across = found.flux_along(drift, bulk), found.across("flux")
        along_bulk = found.bulk_along(bulk) if self.grows else along
        return MacroscopicMeans(
            energy=energy,
            energy_flux=found.mean("energy_flux"),
            growth=growth,
            frequency=found.each("frequency", processes),
            loss=found.each("loss", processes),
            drift_flux=drift,
            drift_bulk=bulk,
            longitudinal_flux=along,
            longitudinal_bulk=along_bulk,
            transverse_flux=across,
            transverse_bulk=found.bulk_across() if self.grows else across,
            energy_diffusion=found.across("energy") / energy,
            spatial_growth=self._spatial_growth(found, bulk, along_bulk),
            extra_frequency=found.each("extra", self._extra_processes),
        )

    def unseen(self, moments: FloatArray, means: MacroscopicMeans) -> dict[str, FloatArray]:
        """What energies that no electron came to could add to the means.

        That is the residual q + (B - nu) g - ⟨q⟩ there, with the density of the solution, and a
        share of its absolute value, as that density is not exact. Electrons are few there, but a
        rare process may rest on them.

        Parameters
        ----------
        moments : ndarray, shape (S, cells, columns)
        means : MacroscopicMeans
            Of all sub-swarms together, first axis 1.

        Returns
        -------
        dict of ndarray
            By field of `MacroscopicMeans`, each in its shape.
        """
        growth = float(means.growth[0])
        density = self.solution.density_at(self._speed) * self._speed**2
        density /= density[0].sum() * (2.0 * np.arange(len(density))[:, None] + 1.0)
        density[:, moments[:, :, 0].any(axis=0)] = 0.0

        def bound(name: str, mean: float) -> float:
            residual = self._functionals.residual(name, MOMENT_PLAIN, growth, mean)
            expected = np.sum(residual[: len(density)] * density)
            at_most = np.abs(residual).sum(axis=0) @ density[0]
            return float(np.hypot(expected, UNKNOWN * at_most))

        bounds = {
            name: np.array([bound(name, float(getattr(means, name)[0]))])
            for name in ("energy", "drift_flux", "energy_flux")
        }
        for name in ("frequency", "loss"):
            each = [bound(f"{name} {p}", mean) for p, mean in enumerate(getattr(means, name)[0])]
            bounds[name] = np.array([each])
        if self.grows:
            bounds["growth"] = np.array([bound("growth", growth)])
            bounds["spatial_growth"] = np.abs(bounds["growth"] / means.drift_bulk)
        return bounds

    def distribution(self, tallies: Tallies) -> dict[str, Estimate | FloatArray]:
        """EEDF, EEPF and Legendre coefficients f_l, as `ControlledDistribution.evaluate`."""
        sums = self.sums(tallies.velocity_moments)
        whole = self._means({name: each.sum(keepdims=True) for name, each in sums.items()})
        corrected = ControlledDistribution(self.solution, self._generator, self.cells)
        return corrected.evaluate(tallies, float(whole.growth[0]))

    def _means(self, sums: Sums) -> ControlledMeans:
        """Sums over the number of electrons, and the growth: it is in its own equation."""
        means = {name: values / sums["number"] for name, values in sums.items()}
        growth = np.zeros_like(means["number"])
        if self.grows:
            growth = means["growth"] / (1.0 + means["growth g"])
        return ControlledMeans(means, growth)

    @property
    def _ones(self) -> FloatArray:
        """The function 1 in the cells."""
        return np.ones((1, self._speed.size))

    def _add(self, name: str, group: int, values: FloatArray) -> None:
        """Have a sum made."""
        self._functionals.add(name, group, values)

    def _function(self, coefficients: FloatArray) -> VelocityFunction:
        """A function of the spaces of the solution."""
        return VelocityFunction(self.solution.sampling.spaces, coefficients)

    def _image(self, function: VelocityFunction) -> FloatArray:
        """B g in the cells, shape (orders, cells)."""
        return self._generator.apply(function, self.solution.acceleration)

    def _add_means(self) -> None:
        """Energy, drift, energy flux, and frequency and loss of each process."""
        solution = self.solution
        points, cells = solution.sampling.quadrature.speed, self._speed
        at_points, at_cells = solution.sampling.image, self._generator.image
        self._add_mean("energy", [HALF_MASS * points**2], [HALF_MASS * cells**2])
        self._add_mean("drift_flux", [None, points], [0.0 * cells, cells])
        self._add_mean(
            "energy_flux", [None, HALF_MASS * points**3], [0.0 * cells, HALF_MASS * cells**3]
        )
        for name in ("frequency", "loss"):
            there, here = getattr(at_points, name), getattr(at_cells, name)
            for p in range(self._action.size):
                self._add_mean(f"{name} {p}", [there[:, p]], [here[:, p]])
        sign = (self._action == contract.IONIZATION) * 1.0 - (self._action == contract.ATTACHMENT)
        self._add_mean("growth", [at_points.frequency @ sign], [at_cells.frequency @ sign])

    def _add_extra(self, extra_frequency: Callable[[FloatArray], FloatArray]) -> None:
        """Frequencies of the processes that do not act on electrons."""
        points = self.solution.sampling.quadrature.speed
        at_points, in_cells = extra_frequency(points), extra_frequency(self._speed)
        self._extra_processes = in_cells.shape[1]
        for e in range(self._extra_processes):
            self._add_mean(f"extra {e}", [at_points[:, e]], [in_cells[:, e]])

    def _add_mean(
        self, name: str, at_points: list[FloatArray | None], in_cells: list[FloatArray]
    ) -> None:
        """A mean of q, given by its orders at the points of the solution and in the cells."""
        solution = self.solution
        g = self._function(solution.expected(solution.functional(at_points)))
        image = self._image(g)
        for order, values in enumerate(in_cells):
            image[order] += values
        self._add(name, MOMENT_PLAIN, image)
        self._add(f"{name} g", MOMENT_PLAIN, self._generator.values(g))

    def _add_along(self, name: str, weight: FloatArray) -> None:
        """Diffusion along the field of electrons that count by a weight: 1, or their importance."""
        solution = self.solution
        blocks, against = solution.axial, weight
        drift = self.expansion.drift_bulk
        g = self._function(solution.expected(blocks.along @ weight, against))
        centred = blocks.along @ g.coefficients - drift * (blocks.mass @ g.coefficients)
        k = self._function(solution.expected(centred, against))
        values = self._generator.values(g)
        moved = self._image(g) + self._times_vz(self._generator.values(self._function(weight)))
        for group, place in ((MOMENT_PLAIN, ""), (MOMENT_ALONG, " along")):
            self._add(f"{name} v+Bg{place}", group, moved)
            self._add(f"{name} g{place}", group, values)
        self._add(f"{name} vg+Bk", MOMENT_PLAIN, self._times_vz(values) + self._image(k))
        self._add(f"{name} k", MOMENT_PLAIN, self._generator.values(k))

    def _add_across(self, name: str, weight: Callable[[Swarm], FloatArray]) -> None:
        """Diffusion across the field of what electrons carry: 1, their importance, their energy."""
        many, generator, field = self._transverse, self._across, self.solution.acceleration
        against = weight(many) if name == "bulk" else many.one
        moved = self._across_factors.solve(many.across.T @ weight(many))
        g = VelocityFunction(many.sampling.spaces, -moved, m=1)
        k = VelocityFunction(
            many.sampling.spaces, many.expected(many.across @ g.coefficients, against)
        )
        values, image = generator.values(g), generator.apply(g, field)
        # Exactly what is carried; of the transverse solution it is only nearly that.
        carried = times_vx(
            self._generator.values(self._function(weight(self.solution))), self._speed
        )
        image[: len(carried) - 1] += carried[:-1]
        self._add(f"{name} v+Bg across", MOMENT_ACROSS, image)
        self._add(f"{name} g across", MOMENT_ACROSS, values)
        moved = times_vx(values, self._speed, m=1)[:-1] + generator.apply(k, field)
        self._add(f"{name} vg+Bk across", MOMENT_PLAIN, moved)
        self._add(f"{name} k across", MOMENT_PLAIN, generator.values(k))

    def _add_weights(self, importance: FloatArray) -> None:
        """The importance itself, which only roughly solves its equation."""
        function = self._function(importance)
        values, image = self._generator.values(function), self._image(function)
        groups = {
            "": MOMENT_PLAIN,
            " along": MOMENT_ALONG,
            " along_squared": MOMENT_ALONG_SQUARED,
            " across_squared": MOMENT_ACROSS_SQUARED,
        }
        for place, group in groups.items():
            self._add(f"weight{place}", group, values)
            self._add(f"weight{place} B", group, image)

    def _add_stream(self) -> None:
        """Growth in time of a stream tilted by its growth along z: zero at the true one."""
        if self._stream is None or not self.tilt:
            return
        function = self._function(self._stream.importance)
        values = self._generator.values(function)
        self._add("stream", MOMENT_TILTED, values)
        moved = self._image(function) - self.tilt * self._times_vz(values)
        self._add("stream growth", MOMENT_TILTED, moved)

    def _times_vz(self, values: FloatArray) -> FloatArray:
        """v_z g in the cells; the last order of what `Generator.values` gives is zero."""
        return times_vz(values, self._speed)[:-1]

    @cached_property
    def _across_factors(self) -> Factors:
        """B - nu of the functions with m = 1, factored."""
        solution, blocks = self.solution, self._transverse.transverse
        matrix = blocks.collisions + solution.acceleration * blocks.field
        return Factors(
            sparse.csr_array(matrix - solution.growth.rate * blocks.mass), blocks.elimination
        )

    def _spatial_growth(
        self, found: ControlledMeans, drift: FloatArray, diffusion: FloatArray
    ) -> FloatArray:
        """Root of the growth in time of a tilted stream: one Newton step from the solution's."""
        if self._stream is None:
            # So small that three terms of the expansion are enough (Tagashira et al., 1977).
            root = np.sqrt(np.maximum(drift**2 - 4.0 * diffusion * found.growth, 0.0))
            return np.asarray(2.0 * found.growth / (drift + root))
        if not self.tilt:
            return np.full_like(drift, np.nan)
        blocks, stream = self.solution.axial, self._stream
        slope = stream.density @ (blocks.along @ stream.importance)
        slope /= stream.density @ (blocks.mass @ stream.importance)
        return np.asarray(self.tilt + found.means["stream growth"] / found.means["stream"] / slope)
