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
        self._names: dict[int, list[str]] = {}
        self._values: dict[int, list[FloatArray]] = {}
        self._stacked: dict[int, FloatArray] = {}

    def add(self, name: str, group: int, values: FloatArray) -> None:
        """Have the sum of a group times values under a name.

        Their shape is (orders, cells); orders that the group does not have must be zero.
        """
        count = self._count(group)
        padded = np.zeros((values.shape[1], count))
        padded[:, : len(values)] = values[:count].T
        self._names.setdefault(group, []).append(name)
        self._values.setdefault(group, []).append(padded.ravel())

    def of(self, moments: FloatArray) -> Sums:
        """All sums, each of shape (S,), of moments of shape (S, cells, columns)."""
        sums: Sums = {}
        for group, names in self._names.items():
            if group not in self._stacked:
                self._stacked[group] = np.stack(self._values.pop(group), axis=1)
            first = first_moment_column(group, *self._orders)
            part = moments[:, :, first : first + self._count(group)]
            values = part.reshape(len(moments), -1) @ self._stacked[group]
            sums |= dict(zip(names, values.T, strict=True))
        return sums

    def _count(self, group: int) -> int:
        """Legendre orders of a group."""
        first, end = (first_moment_column(each, *self._orders) for each in (group, group + 1))
        return end - first


@dataclass(frozen=True)
class MomentCells:
    """Speed cells of the velocity moments, all of one width (m/s), from zero."""

    width: float
    count: int

    @property
    def speed(self) -> FloatArray:
        """Their middles (m/s)."""
        return np.asarray(self.width * (np.arange(self.count) + 0.5))
