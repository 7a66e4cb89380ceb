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
        kind = group, int(max(np.flatnonzero(values.any(axis=1)), default=0)) + 1
        self._names.setdefault(kind, []).append(name)
        self._values.setdefault(kind, []).append(values[: kind[1]].T.ravel())

    def residual(self, name: str, group: int, rate: float, mean: float) -> FloatArray:
        """What is averaged for a mean, less the mean: q + (B - rate) g - mean, (orders, cells)."""
        rows = [self._row(each, group) for each in (name, f"{name} g")]
        residual = rows[0] - rate * rows[1]
        residual[0] -= mean
        return residual

    def of_density(self, group: int, density: FloatArray) -> dict[str, float]:
        """The sums over a group with what a density, shape (orders, cells), makes of it."""
        sums = {}
        for (of_group, count), names in self._names.items():
            if of_group == group:
                orders = min(count, len(density))
                for name in names:
                    row = self._row(name, group)[:orders]
                    sums[name] = float(np.sum(row * density[:orders]))
        return sums

    def _row(self, name: str, group: int) -> FloatArray:
        """The values of a sum, shape (the most orders, cells)."""
        kind = next(each for each, names in self._names.items() if name in names)
        assert kind[0] == group
        values = self._stack(kind)[self._names[kind].index(name)].reshape(-1, kind[1]).T
        return np.pad(values, ((0, max(self._orders) - kind[1]), (0, 0)))

    def _stack(self, kind: tuple[int, int]) -> FloatArray:
        """All values of a kind, shape (sums, cells * orders)."""
        if kind not in self._stacked:
            self._stacked[kind] = np.stack(self._values.pop(kind))
        return self._stacked[kind]

    def of(self, moments: FloatArray) -> Sums:
        """All sums, each of shape (S,), of moments of shape (S, cells, columns).

        Columns are the groups of `kernels.contract.Tallies.velocity_moments`, and in each group the
        Legendre orders; sums have the units of function, displacement factor and time multiplied.
        """
        sums: Sums = {}
        for kind, names in self._names.items():
            stack, (group, count) = self._stack(kind), kind
            first = first_moment_column(group, *self._orders)
            # Not by BLAS: its threads would wait for each other where the runs of a sweep share the
            # processors.
            values = [
                np.einsum("nk,k->n", stack, each[:, first : first + count].ravel())
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
