"""The time series of a run: a row per window, never more rows than memory should hold."""

from collections.abc import Mapping

import numpy as np

from swarmhydra.kernels.arrays import FloatArray

LONGEST = 8192
"""Rows at most; when there are so many every second one is dropped."""


class TimeSeries:
    """Rows of named numbers, thinned to every k-th and, in long runs, further.

    Parameters
    ----------
    every : int
        Keep every so many rows.
    """

    def __init__(self, every: int) -> None:
        self._every = every
        self._offers = 0
        self._rows: list[dict[str, float]] = []

    def append(self, row: dict[str, float]) -> None:
        """Offer a row; all rows have the same names."""
        if self._offers % self._every == 0:
            self._rows.append(row)
        self._offers += 1
        if len(self._rows) == LONGEST:
            self._rows = self._rows[::2]
            self._every *= 2

    def columns(self) -> dict[str, FloatArray]:
        """The rows as an array for each name."""
        names = self._rows[0] if self._rows else {}
        return {name: np.array([row[name] for row in self._rows]) for name in names}

    def state_dict(self) -> dict[str, FloatArray]:
        """The rows, and how many were offered, for `load_state_dict`."""
        return {
            "offered": np.array([self._every, self._offers], dtype=np.float64),
            **self.columns(),
        }

    def load_state_dict(self, state: Mapping[str, FloatArray]) -> None:
        """Go on from the `state_dict` of another time series."""
        columns = dict(state)
        self._every, self._offers = (int(number) for number in columns.pop("offered"))
        rows = zip(*(column.tolist() for column in columns.values()), strict=True)
        self._rows = [dict(zip(columns, row, strict=True)) for row in rows]
