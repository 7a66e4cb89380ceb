"""Several sub-swarms in one set of arrays, so that a stage is a few operations on whole arrays."""

import numpy as np

from swarmhydra.kernels.arrays import BoolArray, FloatArray, IntArray
from swarmhydra.kernels.contract import CAPACITY, SwarmArrays
from swarmhydra.kernels.streams import Stream


class Batch:
    """The active electrons of neighbouring sub-swarms.

    Attributes
    ----------
    electrons : ndarray, shape (STATE_ROWS, n)
        The electrons of the first sub-swarm, then those of the second, and so on.
    label : ndarray of int, shape (n,)
        The sub-swarm of each electron, counted from 0 within the batch.
    counts : ndarray of int, shape (S,)
        Number of active electrons of each sub-swarm.
    weight : ndarray, shape (S,)
        Weights of the sub-swarms.
    """

    def __init__(self, swarm: SwarmArrays, group: slice) -> None:
        """Copy the active electrons of a group of sub-swarms."""
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
        self._arrivals: list[tuple[IntArray, FloatArray]] = []

    def store(self) -> None:
        """Write all electrons and random states back into the swarm."""
        swarm = self._swarm
        ends = np.cumsum(self.counts)
        for k, s in enumerate(self._group):
            count = int(self.counts[k])
            swarm.electrons[s, :, :count] = self.electrons[:, ends[k] - count : ends[k]]
            swarm.active[s] = count
            swarm.population[s] = count + self.waiting[k]
            swarm.until_sample[s] = self._until_sample[k]
            self._streams[k].store(swarm.random_state[s])
        if self._arrivals:
            self._store_arrivals()

    def _store_arrivals(self) -> None:
        """Write the electrons that reached the end of the window into the last columns."""
        label = np.concatenate([labels for labels, _ in self._arrivals])
        electrons = np.concatenate([columns for _, columns in self._arrivals], axis=1)
        electrons = electrons[:, np.argsort(label, kind="stable")]
        arrived = np.bincount(label, minlength=len(self._group))
        ends = np.cumsum(arrived)
        for k, s in enumerate(self._group):
            top = CAPACITY - (self.waiting[k] - arrived[k])
            column = top - 1 - np.arange(arrived[k])
            self._swarm.electrons[s][:, column] = electrons[:, ends[k] - arrived[k] : ends[k]]

    @property
    def can_step(self) -> bool:
        """Whether there are active electrons, and room in case that all of them ionize."""
        return bool(self.electrons.shape[1] and np.all(2 * self.counts + self.waiting <= CAPACITY))

    def takes_sample(self, every: int) -> BoolArray:
        """Whether each sub-swarm samples velocity moments in this step; counts the step."""
        flying = self.counts > 0
        is_due: BoolArray = flying & (self._until_sample == 0)
        self._until_sample[is_due] = every
        self._until_sample[flying] -= 1
        return is_due

    def uniform(self, label: IntArray | None = None, rows: int = 1) -> FloatArray:
        """Uniform numbers from the stream of each sub-swarm, shape (rows, n).

        Parameters
        ----------
        label : ndarray of int, optional
            Ascending labels of the n electrons that need numbers; by default all electrons.
        rows : int
            How many numbers each electron gets; a stream yields them row by row.
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
        """Sum over the electrons of each sub-swarm, the last axis of the values; shape (..., S)."""
        label = self.label if label is None else label
        counts = np.bincount(label, minlength=len(self.counts))
        sums = np.zeros((*values.shape[:-1], len(counts)))
        occupied = np.flatnonzero(counts)
        if occupied.size:
            starts = (np.cumsum(counts) - counts)[occupied]
            sums[..., occupied] = np.add.reduceat(values, starts, axis=-1)
        return sums

    def count(self, mask: BoolArray) -> IntArray:
        """Number of electrons of each sub-swarm for which a mask is true."""
        return np.bincount(self.label[mask], minlength=len(self.counts))

    def settle(
        self,
        freed: FloatArray,
        freed_label: IntArray,
        dead: BoolArray,
        arrived: BoolArray,
    ) -> None:
        """Add freed electrons; remove dead ones and those that reached the end of the window.

        Freed electrons are appended to their sub-swarm. Then the last active electrons of a
        sub-swarm take the places of the removed ones, so that few have to move.
        """
        if arrived.any():
            self._arrivals.append((self.label[arrived], self.electrons[:, arrived]))
            self.waiting = self.waiting + self.count(arrived)
        stays = ~(dead | arrived)
        if freed_label.size == 0 and stays.all():
            return
        order = np.arange(self.label.size + freed_label.size)
        label = self.label
        if freed_label.size:
            label = np.concatenate([label, freed_label])
            order = np.argsort(label, kind="stable")
            label = label[order]
            stays = np.concatenate([stays, np.ones(freed_label.size, dtype=bool)])[order]
            self.electrons = np.concatenate([self.electrons, freed], axis=1)
        self._fill_gaps(order, label, stays)

    def _fill_gaps(self, order: IntArray, label: IntArray, stays: BoolArray) -> None:
        """Fill the places of removed electrons with the last active ones of the sub-swarm."""
        sizes = np.bincount(label, minlength=len(self.counts))
        counts = np.bincount(label[stays], minlength=len(self.counts))
        last = np.cumsum(sizes) - sizes + counts
        front = np.arange(label.size) < last[label]
        order[front & ~stays] = order[stays & ~front]
        self.electrons = self.electrons.take(order[front], axis=1)
        self.label = label[front]
        self.counts = counts
