"""What the estimators need besides the sums of the kernels."""

import dataclasses
from dataclasses import dataclass

import numpy as np

from swarmhydra.estimators.velocity_distribution import NOTHING_MORE, VelocityRequest
from swarmhydra.kernels.arrays import FloatArray, IntArray
from swarmhydra.kernels.quantities import HALF_MASS
from swarmhydra.swarm.expected_flight import ExpectedFlights


@dataclass(frozen=True)
class EstimatorInputs:
    """Gas, fields and windows of a measurement, as far as a coefficient depends on them.

    Attributes
    ----------
    number_density : float
        Number density of the gas (1/m3).
    electric_field : float
        Electric field that drives the electrons along +z (V/m).
    action : ndarray of int, shape (P,)
        What each process does to an electron, codes of `kernels.contract`.
    target_density : ndarray, shape (P,)
        Number density of the species that is the target of each process (1/m3).
    cell_edges : ndarray, shape (cells + 1,)
        Edges of the speed cells (m/s).
    cell_frequency : ndarray, shape (cells, P)
        Collision frequencies averaged over the cells (1/s).
    window : float
        Duration of a window (s).
    lag : int
        Windows after which displacements grow at their final rate.
    magnetic : tuple of float or None
        x and z of the direction of the magnetic field; None without one.
    drifts : bool
        Whether a steady electric field makes the electrons drift.
    flights : ExpectedFlights or None
        Expected contributions of flights, with the frequencies of all collisions, of ionization and
        of attachment; None where they are not determined by the speeds after collisions.
    tilt : float
        Growth rate in space that the tilted sums are weighted against (1/m).
    extra_frequency : ndarray, shape (cells, E)
        Frequencies of the processes that do not act on the electrons (1/s).
    extra_density : ndarray, shape (E,)
        Number density of the target of each of them (1/m3).
    needed_lag : int
        Lag (windows) that the correlation time requires; more than `lag` where windows are short.
    evdf : VelocityRequest
        What is asked for of the distribution over velocities.
    order_cells : ndarray of int, shape (bins + 1,), or None
        Speed cells at which the bins begin and end in which Legendre orders were sampled; None if
        they were not.
    """

    number_density: float
    electric_field: float
    action: IntArray
    target_density: FloatArray
    cell_edges: FloatArray
    cell_frequency: FloatArray
    window: float
    lag: int
    magnetic: tuple[float, float] | None = None
    drifts: bool = True
    flights: ExpectedFlights | None = None
    tilt: float = 0.0
    extra_frequency: FloatArray = dataclasses.field(default_factory=lambda: np.empty((0, 0)))
    extra_density: FloatArray = dataclasses.field(default_factory=lambda: np.empty(0))
    needed_lag: int = 0
    evdf: VelocityRequest = NOTHING_MORE
    order_cells: IntArray | None = None

    @property
    def order_edges(self) -> FloatArray:
        """Edges (eV) of the bins in which Legendre orders were sampled."""
        assert self.order_cells is not None
        return np.asarray(HALF_MASS * self.cell_edges[self.order_cells] ** 2)
