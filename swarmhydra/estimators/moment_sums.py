"""Sums of velocity moments times functions of the speed, in speed cells of one width."""

from dataclasses import dataclass

import numpy as np

from swarmhydra.kernels.arrays import FloatArray
from swarmhydra.kernels.contract import first_moment_column

Sums = dict[str, FloatArray]


class Functionals:
    """Sums over velocity moments, by name.

    Parameters
    ----------
    orders, axial_orders : int
        Legendre orders of the moments, as in `kernels.contract.MomentSampling`.
    """

    def __init__(self, orders: int, axial_orders: int) -> None:
        self._orders = (orders, axial_orders)
        # By group and number of orders: most functions have few, and cost as little.
        self._names: dict[tuple[int, int], list[str]] = {}
        self._values: dict[tuple[int, int], list[FloatArray]] = {}
        self._stacked: dict[tuple[int, int], FloatArray] = {}

    def add(self, name: str, group: int, values: FloatArray) -> None:
        """Have the sum of a group times values under a name.

        Their shape is (orders, cells); orders that the group does not have must be zero.
        """
        used = max(np.flatnonzero(values.any(axis=1)), default=0) + 1
        least = min(self._orders)
        kind = group, least if used <= least else max(self._orders)
        padded = np.zeros((values.shape[1], kind[1]))
        padded[:, :used] = values[:used].T
        self._names.setdefault(kind, []).append(name)
        self._values.setdefault(kind, []).append(padded.ravel())

    def of(self, moments: FloatArray) -> Sums:
        """All sums, each of shape (S,), of moments of shape (S, cells, columns)."""
        sums: Sums = {}
        for kind, names in self._names.items():
            if kind not in self._stacked:
                self._stacked[kind] = np.stack(self._values.pop(kind))
            group, count = kind
            first = first_moment_column(group, *self._orders)
            # Not by BLAS: its threads would wait for each other where the runs of a sweep share the
            # processors.
            values = [
                np.einsum("nk,k->n", self._stacked[kind], each[:, first : first + count].ravel())
                for each in moments
            ]
            sums |= dict(zip(names, np.transpose(values), strict=True))
        return sums


@dataclass(frozen=True)
class MomentCells:
    """Speed cells of the velocity moments, all of one width (m/s), from zero."""

    width: float
    count: int

    @property
    def speed(self) -> FloatArray:
        """Their middles (m/s)."""
        return np.asarray(self.width * (np.arange(self.count) + 0.5))
