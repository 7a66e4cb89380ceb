"""Samples that are collected first and added to histograms in one operation later."""

import numpy as np

from swarmhydra.kernels.arrays import FloatArray, IntArray

ENOUGH = 500_000
"""Number of samples after which they are added to the histograms."""


class Samples:
    """Samples of one or more quantities for the histograms of the sub-swarms of a batch."""

    def __init__(self) -> None:
        self._samples: list[tuple[IntArray | FloatArray, ...]] = []
        self._count = 0

    def add(self, place: IntArray, *quantities: FloatArray) -> None:
        """Append samples; `place` numbers the cells of all sub-swarms consecutively."""
        self._samples.append((place, *quantities))
        self._count += place.size

    def empty_into(self, histograms: FloatArray, weight: FloatArray) -> None:
        """Add all samples to histograms, shape (S, cells, quantities)."""
        if not self._samples:
            return
        place, *quantities = (np.concatenate(all_) for all_ in zip(*self._samples, strict=True))
        shape = histograms.shape[:2]
        for number, values in enumerate(quantities):
            sums = np.bincount(place, values, minlength=shape[0] * shape[1])
            histograms[:, :, number] += weight[:, None] * sums.reshape(shape)
        self._samples, self._count = [], 0

    @property
    def are_many(self) -> bool:
        """Whether there are enough samples to add them to the histograms."""
        return self._count >= ENOUGH
