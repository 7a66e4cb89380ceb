"""Sums over the electrons in each interval of a waveform."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from swarmhydra.kernels import contract
from swarmhydra.kernels.arrays import FloatArray, IntArray
from swarmhydra.kernels.contract import Tallies

SUMS_OF_A_WINDOW = ("flux", "trial", "collisions", "energy_loss", "phase")
"""Sums of the kernels that an interval takes at the end of every window."""


class TimeSums(NamedTuple):
    """Sums of `S` sub-swarms in `T` intervals of time, over all passes.

    Electrons are weighted by the number that they stand for, over that of those at the start of the
    pass, divided by a factor of the interval that is the same for all passes and sub-swarms.
    """

    started: FloatArray
    """Shape (S,): number of electrons at the start of the passes."""
    flux: FloatArray
    """Shape (S, T, FLUX_COLUMNS): as `Tallies.flux`."""
    trial: FloatArray
    """Shape (S, T, TRIAL_COLUMNS): as `Tallies.trial`."""
    collisions: FloatArray
    """Shape (S, T, P): as `Tallies.collisions`."""
    energy_loss: FloatArray
    """Shape (S, T, P): as `Tallies.energy_loss` (eV)."""
    work: FloatArray
    """Shape (S, T): time integral of the velocity times the acceleration by the field (m2/s2)."""
    energy_rise: FloatArray
    """Shape (S, T): rise of the energy of all electrons (eV)."""
    speed: FloatArray
    """Shape (S, T, bins, 2): as `Tallies.speed`, in bins of several cells."""
    convolved: FloatArray
    """Shape (S, T, P + E): time integral of the frequency of each process at the speed of the
    electron (1), last that of the processes that do not act on it."""
    settled_flux: FloatArray
    """Shape (S, T, FLUX_COLUMNS): `flux` of passes in which displacements began long ago."""
    settled_trial: FloatArray
    """Shape (S, T, TRIAL_COLUMNS): `trial` of these."""
    orders: FloatArray
    """Shape (S, T, bins, orders): the moments `MOMENT_PLAIN` of `Tallies.velocity_moments` in the
    bins of `speed`; 0 orders where none are sampled."""

    def each(self, function: Callable[[NDArray[Any]], NDArray[Any]]) -> "TimeSums":
        """New sums from a function of each array."""
        return TimeSums(*(function(array) for array in self))

    def take_window(
        self, interval: int, tallies: Tallies, acceleration: float, settled: bool
    ) -> None:
        """Move the sums of a window from the kernels' to those of an interval.

        Parameters
        ----------
        interval : int
        tallies : Tallies
            Of this window; set to zero, but for `speed`.
        acceleration : float
            Mean acceleration by the field in the window (m/s2).
        settled : bool
            Whether displacements began long ago.
        """
        drift = tallies.flux[:, contract.FLUX_VZ]
        self.work[:, interval] += acceleration * drift + tallies.phase[:, 0, contract.PHASE_POWER]
        self.flux[:, interval] += tallies.flux
        self.trial[:, interval] += tallies.trial
        self.collisions[:, interval] += tallies.collisions
        self.energy_loss[:, interval] += tallies.energy_loss
        if settled:
            self.settled_flux[:, interval] += tallies.flux
            self.settled_trial[:, interval] += tallies.trial
        for name in SUMS_OF_A_WINDOW:
            getattr(tallies, name)[:] = 0

    def take_speeds(
        self, interval: int, tallies: Tallies, cell_edges: IntArray, frequency: FloatArray
    ) -> None:
        """Move the sums by speed to those of an interval, in bins of several cells.

        Parameters
        ----------
        interval : int
        tallies : Tallies
            With `speed` and `velocity_moments` of the interval, which are set to zero.
        cell_edges : ndarray of int, shape (bins + 1,)
            Cells at which bins begin and end; the last one holds all that is faster, too.
        frequency : ndarray, shape (cells, P + E)
            Frequencies of the processes (1/s).
        """
        # There may be many intervals, and only a small share of the cells has electrons.
        occupied = np.flatnonzero(np.asarray(tallies.speed.any(axis=0))[:, contract.CELL_TIME])
        cells = int(occupied[-1]) + 1 if occupied.size else 1
        speed = tallies.speed[:, :cells]
        starts = cell_edges[:-1][cell_edges[:-1] < cells]
        self.speed[:, interval, : starts.size] += np.add.reduceat(speed, starts, axis=1)
        self.convolved[:, interval] += speed[:, :, contract.CELL_TIME] @ frequency[:cells]
        orders = self.orders.shape[3]
        if orders:
            self.orders[:, interval] += tallies.velocity_moments[:, :, :orders]
        speed[:] = 0.0
        tallies.velocity_moments[:] = 0.0

    def add(self, other: "TimeSums") -> None:
        """Add other sums, in place."""
        for array, more in zip(self, other, strict=True):
            array += more

    def clear(self) -> None:
        """Set all sums to zero."""
        for array in self:
            array[:] = 0.0


def new_time_sums(
    sub_swarms: int, intervals: int, processes: int, extra: int, bins: int, orders: int
) -> TimeSums:
    """Sums at zero; `extra` is the number of processes that do not act on the electrons."""
    shape = (sub_swarms, intervals)
    flux, trial = contract.FLUX_COLUMNS, contract.TRIAL_COLUMNS
    return TimeSums(
        started=np.zeros(sub_swarms),
        flux=np.zeros((*shape, flux)),
        trial=np.zeros((*shape, trial)),
        collisions=np.zeros((*shape, processes)),
        energy_loss=np.zeros((*shape, processes)),
        work=np.zeros(shape),
        energy_rise=np.zeros(shape),
        speed=np.zeros((*shape, bins, 2)),
        convolved=np.zeros((*shape, processes + extra)),
        settled_flux=np.zeros((*shape, flux)),
        settled_trial=np.zeros((*shape, trial)),
        orders=np.zeros((*shape, bins, orders)),
    )
