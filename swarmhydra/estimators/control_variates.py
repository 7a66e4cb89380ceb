"""Coefficients from velocity moments, with reduced variance, by control variates.

In a swarm that has relaxed and grows as exp(nu t), the average of (B - nu) g over
electrons and time is zero for every function g of the velocity, B being the generator of an
electron's motion (see `boltzmann.operator`). A mean ⟨q⟩ is therefore also ⟨q + (B - nu) g⟩,
whatever g is. With the g that solves (B - nu) g = -(q - c) nothing would be left to average but the
constant c; with splines that nearly solve it, what is left is their small residual. So the splines
decide about the noise, never about the mean (control variates: Hammersley and Handscomb, 1964; for
Markov chains: Henderson and Glynn, 2002; Assaraf and Caffarel, 1999).

Displacements u = z - W t over times longer than the velocity memory obey, for every g,

    ⟨u (B - nu) g⟩ + ⟨(v_z - W) g⟩ = 0,

which does the same for diffusion. The derivations are in docs/physics.md.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from scipy import sparse

from swarmhydra.boltzmann.adjoint import Generator, VelocityFunction, times_vx, times_vz
from swarmhydra.boltzmann.macroscopic import MacroscopicMeans
from swarmhydra.boltzmann.splines import spaces
from swarmhydra.boltzmann.transport import Expansion
from swarmhydra.estimators.cell_density import CellDensity
from swarmhydra.estimators.control_knots import control_knots
from swarmhydra.estimators.controlled_distribution import ControlledDistribution
from swarmhydra.estimators.controlled_means import ControlledMeans
from swarmhydra.estimators.minimum_variance import MinimumVariance
from swarmhydra.estimators.moment_sums import Functionals, MomentCells, Sums
from swarmhydra.estimators.velocity_distribution import VelocityRequest
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
"""Assumed relative error of the solver's density at energies that were never sampled."""


class ControlVariates:
    """Functions g of a swarm, and what they make of its velocity moments.

    Parameters
    ----------
    expansion : Expansion
        Of the swarm by a multi-term solution; roughly right is enough.
    terms : int
        Legendre terms of functions, as many as the solution has or more; those along the field have
        as many as the solution.
    cells : MomentCells
        Of the velocity moments, which have one Legendre order more than any function.
    action : ndarray of int, shape (P,)
        What each process does, codes of `kernels.contract`.
    extra_frequency : callable, optional
        Frequencies (1/s), shape (n, E), at speeds (m/s), of processes that do not act on electrons.
    age : float, optional
        Mean time (s) since displacements began; infinite if longer than the velocity memory.

    Attributes
    ----------
    expansion, cells : Expansion, MomentCells
        As given.
    solution : Swarm
        That of the expansion.
    in_cells : CellDensity
        What the solution expects of the moments.
    density : ndarray, shape (orders, cells)
        Its `shares`.
    fit, fit_across : MinimumVariance
        What functions of m = 0 and of m = 1 come from.
    grows : bool
        Whether electrons are born or lost.
    tilt : float
        Growth rate along z (1/m) that `MOMENT_TILTED` must be sampled with.
    """

    def __init__(
        self,
        expansion: Expansion,
        terms: int,
        cells: MomentCells,
        action: IntArray,
        extra_frequency: Callable[[FloatArray], FloatArray] | None = None,
        age: float = np.inf,
    ) -> None:
        solution = expansion.swarm
        self.expansion, self.solution = expansion, solution
        self.cells, self._speed = cells, cells.speed
        self._action = action
        self._extra_processes = 0
        self.in_cells = CellDensity(solution, cells)
        self.density = self.in_cells.shares
        self._generator = self._generator_of(terms)
        self.fit = self._least_squares(self._generator, 0)
        fewer = self._generator.of_fewer(solution.sampling.terms)
        self._along = self._least_squares(fewer, 0)
        self.fit_across = self._least_squares(self._generator, 1)
        self._functionals = Functionals(*self.orders)
        self.grows = bool(np.isin(action, (contract.IONIZATION, contract.ATTACHMENT)).any())
        self._stream = self.expansion.stream if self.grows else None
        # NaN where no steady stream was found.
        rate = 0.0 if self._stream is None else self._stream.rate
        self.tilt = rate if np.isfinite(rate) else 0.0
        self._add("number", MOMENT_PLAIN, self._ones)
        self._add("place", MOMENT_ALONG, self._ones)
        self._add_means()
        if extra_frequency is not None:
            self._add_extra(extra_frequency)
        self._add_along("flux", self._ones)
        self._add_across("flux", self._ones, self._ones)
        self._add_across("energy", np.stack([HALF_MASS * self._speed**2]), self._ones)
        if self.grows:
            importance = self._importance
            weight = self._along.generator.values(importance)
            self._add_along("bulk", weight)
            self._add_across("bulk", weight, weight)
            self._add_weights(importance)
            self._add_stream()
        self._to_come = self._displacements_to_come(age)

    @property
    def orders(self) -> tuple[int, int]:
        """Legendre orders that the moments must have: of all functions, of symmetric ones."""
        return len(self._generator.spaces) + 1, self.solution.sampling.terms + 1

    def sums(self, moments: FloatArray) -> Sums:
        """What `evaluate` takes: sums over moments of shape (S, cells, columns)."""
        return self._functionals.of(moments)

    def evaluate(self, sums: Sums) -> MacroscopicMeans:
        """Means of the swarm, for each entry of the first axis of the sums."""
        return self._evaluated(self._means(sums))

    def _evaluated(self, means: ControlledMeans) -> MacroscopicMeans:
        """Means of the swarm from those of the control variates."""
        processes, growth = self._action.size, means.growth
        energy, drift = means.mean("energy"), means.mean("drift_flux")
        bulk = means.bulk_drift() if self.grows else drift
        along, across = means.flux_along(drift, bulk), means.across("flux")
        along_bulk = means.bulk_along(bulk) if self.grows else along
        return MacroscopicMeans(
            energy=energy,
            energy_flux=means.mean("energy_flux"),
            growth=growth,
            frequency=means.each("frequency", processes),
            loss=means.each("loss", processes),
            drift_flux=drift,
            drift_bulk=bulk,
            longitudinal_flux=along,
            longitudinal_bulk=along_bulk,
            transverse_flux=across,
            transverse_bulk=means.bulk_across() if self.grows else across,
            energy_diffusion=means.across("energy") / energy,
            spatial_growth=self._spatial_growth(means, bulk, along_bulk),
            extra_frequency=means.each("extra", self._extra_processes),
        )

    def unseen(self, moments: FloatArray, means: MacroscopicMeans) -> dict[str, FloatArray]:
        """What energies that were never sampled could add to the means.

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
        density = np.where(moments[:, :, 0].any(axis=0), 0.0, self.density)

        def bound(name: str, mean: float) -> float:
            residual = self._functionals.residual(name, MOMENT_PLAIN, growth, mean)
            expectation = np.sum(residual[: len(density)] * density)
            at_most = np.abs(residual).sum(axis=0) @ density[0]
            return float(np.hypot(expectation, UNKNOWN * at_most))

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
        return bounds | self._unknown_displacements(moments)

    def _unknown_displacements(self, moments: FloatArray) -> dict[str, FloatArray]:
        """A share of what the displacements still to come add."""
        sums = self.sums(moments.sum(axis=0, keepdims=True))
        with_them, without = (self._evaluated(self._means(sums, each)) for each in (True, False))
        names = ("drift_bulk", "longitudinal_flux", "longitudinal_bulk")
        return {
            name: UNKNOWN * np.abs(getattr(with_them, name) - getattr(without, name))
            for name in names
        }

    def distribution(
        self, tallies: Tallies, evdf: VelocityRequest
    ) -> dict[str, Estimate | FloatArray]:
        """The distribution over energies and velocities, as `ControlledDistribution.evaluate`."""
        whole = self._means(self.sums(tallies.velocity_moments.sum(axis=0, keepdims=True)))
        excess = float(whole.growth[0]) - self.solution.growth.rate
        corrected = ControlledDistribution(self.solution, self.fit, self.cells)
        return corrected.evaluate(tallies, excess, evdf)

    def _means(self, sums: Sums, complete: bool = True) -> ControlledMeans:
        """Sums over the number of electrons, and the growth: it is in its own equation.

        `complete` displacements have what they still lack because they began too late.
        """
        to_come = self._to_come if complete else {}
        means = {
            name: values / sums["number"] + to_come.get(name, 0.0) for name, values in sums.items()
        }
        growth = np.zeros_like(means["number"])
        if self.grows:
            growth = means["growth"] / (1.0 + means["growth g"])
        return ControlledMeans(means, growth)

    @property
    def _ones(self) -> FloatArray:
        """The function 1 in the cells."""
        return np.ones((1, self._speed.size))

    def _add(self, name: str, group: int, values: FloatArray) -> None:
        """Register a sum over the velocity moments."""
        self._functionals.add(name, group, values)

    def _displacements_to_come(self, age: float) -> dict[str, float]:
        """What sums over displacements along the field lack if these began an age (s) ago.

        How far an electron of some velocity is ahead of the mean depends on its energy, and so
        takes as long to come about as the energy is remembered. Displacements begin later than
        that where energy is exchanged slowly. What they lack times what control variates leave over
        is small, and known from the solution.
        """
        if not np.isfinite(age):
            return {}
        lacking = self.in_cells.of(-self.expansion.axial_after(age))
        return self._functionals.of_density(MOMENT_ALONG, lacking)

    def _generator_of(self, terms: int) -> Generator:
        """B on knots that resolve each process."""
        solution, model, speed = self.solution, self.solution.model, self._speed
        frequency = [model.mean_frequency(speed, process) for process in range(model.processes)]
        knots = control_knots(
            solution.sampling.spaces[0].edges,
            model.thresholds(),
            speed,
            np.stack(frequency, axis=1),
            self.density[0],
        )
        own, width = spaces(knots, terms), self.cells.width
        return Generator(model, own, speed, solution.acceleration, width)

    def _least_squares(self, generator: Generator, m: int) -> MinimumVariance:
        """For functions of a generator in a swarm that grows as the solution does."""
        operator = generator.matrix(m) - self.solution.growth.rate * generator.identity(m)
        return MinimumVariance(generator, sparse.csr_array(operator), self.density, m)

    def _plus_one(self, g: VelocityFunction) -> VelocityFunction:
        """1 + g, of m = 0."""
        coefficients = g.coefficients.copy()
        coefficients[: g.spaces[0].size] += 1.0
        return replace(g, coefficients=coefficients)

    @property
    def _importance(self) -> VelocityFunction:
        """The function φ with (B - nu) φ = 0: 1 and the g of the growth rate."""
        generator = self._along.generator
        net = (generator.matrix() @ generator.one).reshape(-1, self._speed.size)
        return self._plus_one(self._along.function(self.in_cells.centred(net, self._ones)))

    def _add_means(self) -> None:
        """Energy, drift, energy flux, growth, and frequency and loss of each process."""
        speed, image = self._speed, self._generator.image
        energy, still = HALF_MASS * speed**2, np.zeros_like(speed)
        self._add_mean("energy", np.stack([energy]))
        self._add_mean("drift_flux", np.stack([still, speed]))
        self._add_mean("energy_flux", np.stack([still, energy * speed]))
        for process in range(self._action.size):
            self._add_mean(f"frequency {process}", image.frequency[None, :, process])
            self._add_mean(f"loss {process}", image.loss[None, :, process])
        sign = (self._action == contract.IONIZATION) * 1.0 - (self._action == contract.ATTACHMENT)
        self._add_mean("growth", (image.frequency @ sign)[None])

    def _add_extra(self, extra_frequency: Callable[[FloatArray], FloatArray]) -> None:
        """Frequencies of the processes that do not act on electrons."""
        frequency = extra_frequency(self._speed)
        self._extra_processes = frequency.shape[1]
        for process in range(self._extra_processes):
            self._add_mean(f"extra {process}", frequency[None, :, process])

    def _add_mean(self, name: str, q: FloatArray) -> None:
        """A mean of q, given by its orders in the cells."""
        centred = q.copy()
        centred[0] -= self.in_cells.mean(q)
        g = self.fit.function(centred)
        image = self._generator.apply(g)
        image[: len(q)] += q
        self._add(name, MOMENT_PLAIN, image)
        self._add(f"{name} g", MOMENT_PLAIN, self._generator.values(g))

    def _add_along(self, name: str, weight: FloatArray) -> None:
        """Diffusion along the field of electrons that count by a weight: 1, or their importance."""
        generator, drift = self._along.generator, self.expansion.drift_bulk
        flux = times_vz(weight, self._speed)[: len(generator.spaces) + 1]
        g = self._along.function(self.in_cells.centred(flux, weight))
        values, g_image = generator.values(g), generator.apply(g)
        g_image[: len(flux)] += flux
        for group, place in ((MOMENT_PLAIN, ""), (MOMENT_ALONG, " along")):
            self._add(f"{name} v+Bg{place}", group, g_image)
            self._add(f"{name} g{place}", group, values)
        flux = times_vz(values, self._speed)[:-1]
        k = self.fit.function(self.in_cells.centred(flux - drift * values, weight))
        image = self._generator.apply(k)
        image[: len(flux)] += flux
        self._add(f"{name} vg+Bk", MOMENT_PLAIN, image)
        self._add(f"{name} k", MOMENT_PLAIN, self._generator.values(k))

    def _add_across(self, name: str, weight: FloatArray, against: FloatArray) -> None:
        """Diffusion across the field of what electrons carry: 1, their energy, their importance."""
        generator, speed = self._generator, self._speed
        flux = times_vx(weight, speed)[: len(generator.spaces) + 1]
        g = self.fit_across.function(flux)
        values, image = generator.values(g), generator.apply(g)
        image[: len(flux)] += flux
        self._add(f"{name} v+Bg across", MOMENT_ACROSS, image)
        self._add(f"{name} g across", MOMENT_ACROSS, values)
        flux = times_vx(values, speed, m=1)[:-1]
        k = self.fit.function(self.in_cells.centred(flux, against))
        self._add(f"{name} vg+Bk across", MOMENT_PLAIN, flux + generator.apply(k))
        self._add(f"{name} k across", MOMENT_PLAIN, generator.values(k))

    def _add_weights(self, importance: VelocityFunction) -> None:
        """The importance itself, which only roughly solves its equation."""
        generator = self._along.generator
        values, image = generator.values(importance), generator.apply(importance)
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
        """Growth rate in time of exp(-alpha z)-weighted electrons; zero at the SST growth rate."""
        if self._stream is None or not self.tilt:
            return
        generator = self._along.generator
        tilted = sparse.csr_array(generator.matrix() - self.tilt * generator.along())
        fit = MinimumVariance(generator, tilted, self.density)
        one = generator.one
        function = self._plus_one(fit.function((tilted @ one).reshape(-1, self._speed.size)))
        image = (tilted @ function.coefficients).reshape(-1, self._speed.size)
        self._add("stream", MOMENT_TILTED, generator.values(function))
        self._add("stream growth", MOMENT_TILTED, image)

    def _spatial_growth(
        self, means: ControlledMeans, drift: FloatArray, diffusion: FloatArray
    ) -> FloatArray:
        """Root of the growth in time of a tilted stream: one Newton step from the solution's."""
        if self._stream is None:
            # So small that three terms of the expansion are enough (Tagashira et al., 1977).
            root = np.sqrt(np.maximum(drift**2 - 4.0 * diffusion * means.growth, 0.0))
            return np.asarray(2.0 * means.growth / (drift + root))
        if not self.tilt:
            return np.full_like(drift, np.nan)
        blocks, stream = self.solution.axial, self._stream
        slope = stream.density @ (blocks.along @ stream.importance)
        slope /= stream.density @ (blocks.mass @ stream.importance)
        return np.asarray(self.tilt + means.means["stream growth"] / means.means["stream"] / slope)
