"""Sub-swarms side by side in one set of arrays, so that a stage is a few whole-array operations."""

import numpy as np

from swarmhydra.kernels.arrays import BoolArray, FloatArray, IntArray
from swarmhydra.kernels.contract import CAPACITY, SwarmArrays
from swarmhydra.kernels.streams import Stream


class Batch:
    """The flying electrons of neighbouring sub-swarms.

    Attributes
    ----------
    electrons : ndarray, shape (STATE_ROWS, n)
        Those of the first sub-swarm, then those of the second ...
    label : ndarray of int, shape (n,)
        The sub-swarm of each, counted from 0 within the batch.
    counts : ndarray of int, shape (S,)
        Electrons of each sub-swarm.
    weight : ndarray, shape (S,)
        Weights of the sub-swarms.
    """

    def __init__(self, swarm: SwarmArrays, group: slice) -> None:
        """Take the flying electrons of a group of sub-swarms."""
        self._swarm = swarm
        self._group = range(*group.indices(swarm.population.size))
        self._streams = [Stream(swarm.random_state[s]) for s in self._group]
        self.counts = swarm.active[group].copy()
        self.weight = swarm.weight[group]
        self.waiting = swarm.population[group] - self.counts
        pieces = [swarm.electrons[s, :, :n] for s, n in zip(self._group, self.counts, strict=True)]
        self._until_sample = swarm.until_sample[group].copy()
        self.electrons = np.concatenate(pieces, axis=1)
        self.label = np.repeat(np.arange(len(self._group)), self.counts)
        self._arrived: list[tuple[IntArray, FloatArray]] = []

    def store(self) -> None:
        """Put everything back into the swarm."""
        swarm = self._swarm
        ends = np.cumsum(self.counts)
        for k, s in enumerate(self._group):
            count = int(self.counts[k])
            swarm.electrons[s, :, :count] = self.electrons[:, ends[k] - count : ends[k]]
            swarm.active[s] = count
            swarm.population[s] = count + self.waiting[k]
            swarm.until_sample[s] = self._until_sample[k]
            self._streams[k].store(swarm.random_state[s])
        if self._arrived:
            self._store_arrived()

    def _store_arrived(self) -> None:
        """Stack up those who reached the window's end, from the last column downwards."""
        label = np.concatenate([labels for labels, _ in self._arrived])
        electrons = np.concatenate([columns for _, columns in self._arrived], axis=1)
        electrons = electrons[:, np.argsort(label, kind="stable")]
        arrived = np.bincount(label, minlength=len(self._group))
        ends = np.cumsum(arrived)
        for k, s in enumerate(self._group):
            top = CAPACITY - (self.waiting[k] - arrived[k])
            column = top - 1 - np.arange(arrived[k])
            self._swarm.electrons[s][:, column] = electrons[:, ends[k] - arrived[k] : ends[k]]

    @property
    def can_step(self) -> bool:
        """Whether anyone flies, and all sub-swarms could take a newborn for each who does."""
        return bool(self.electrons.shape[1] and np.all(2 * self.counts + self.waiting <= CAPACITY))

    def takes_sample(self, every: int) -> BoolArray:
        """Whether each sub-swarm samples velocity moments in this step; counts the step."""
        flying = self.counts > 0
        sampled: BoolArray = flying & (self._until_sample == 0)
        self._until_sample[sampled] = every
        self._until_sample[flying] -= 1
        return sampled

    def uniform(self, label: IntArray | None = None, rows: int = 1) -> FloatArray:
        """Uniform numbers from each sub-swarm's stream, shape (rows, n).

        Parameters
        ----------
        label : ndarray of int, optional
            The sub-swarms of those to draw for, ascending; by default of all electrons.
        rows : int
            Numbers for each; a stream is drawn from row by row.
        """
        counts = self.counts if label is None else np.bincount(label, minlength=len(self.counts))
        numbers = np.empty((rows, int(counts.sum())))
        end = 0
        for stream, count in zip(self._streams, counts.tolist(), strict=True):
            if count:
                begin, end = end, end + count
                numbers[:, begin:end] = stream.random(count, rows)
        return numbers

    def total(self, values: FloatArray, label: IntArray | None = None) -> FloatArray:
        """Sums over each sub-swarm of values along the last axis, shape (..., S)."""
        label = self.label if label is None else label
        counts = np.bincount(label, minlength=len(self.counts))
        sums = np.zeros((*values.shape[:-1], len(counts)))
        occupied = np.flatnonzero(counts)
        if occupied.size:
            starts = (np.cumsum(counts) - counts)[occupied]
            sums[..., occupied] = np.add.reduceat(values, starts, axis=-1)
        return sums

    def count(self, mask: BoolArray) -> IntArray:
        """How many of each sub-swarm are in a mask."""
        return np.bincount(self.label[mask], minlength=len(self.counts))

    def settle(
        self,
        newborn: FloatArray,
        newborn_label: IntArray,
        gone: BoolArray,
        arrived: BoolArray,
    ) -> None:
        """Add newborns, part with those who are gone, and let those who arrived wait.

        Newborns go to the end of their sub-swarm. Then the last ones who fly on take the places of
        those who do not, one for one, so that few have to move.
        """
        if arrived.any():
            self._arrived.append((self.label[arrived], self.electrons[:, arrived]))
            self.waiting = self.waiting + self.count(arrived)
        flies_on = ~(gone | arrived)
        if newborn_label.size == 0 and flies_on.all():
            return
        order = np.arange(self.label.size + newborn_label.size)
        label = self.label
        if newborn_label.size:
            label = np.concatenate([label, newborn_label])
            order = np.argsort(label, kind="stable")
            label = label[order]
            flies_on = np.concatenate([flies_on, np.ones(newborn_label.size, dtype=bool)])[order]
            self.electrons = np.concatenate([self.electrons, newborn], axis=1)
        self._fill_gaps(order, label, flies_on)

    def _fill_gaps(self, order: IntArray, label: IntArray, flies_on: BoolArray) -> None:
        """Keep those who fly on, in an order made by moving the last into the gaps."""
        sizes = np.bincount(label, minlength=len(self.counts))
        counts = np.bincount(label[flies_on], minlength=len(self.counts))
        last = np.cumsum(sizes) - sizes + counts
        front = np.arange(label.size) < last[label]
        order[front & ~flies_on] = order[flies_on & ~front]
        self.electrons = self.electrons.take(order[front], axis=1)
        self.label = label[front]
        self.counts = counts
