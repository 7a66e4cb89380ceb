"""Sparse matrices that are put together of blocks, one for each pair of Legendre orders."""

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from swarmhydra.kernels.arrays import FloatArray


class BlockMatrix:
    """The sum of sparse blocks at places of one matrix.

    Parameters
    ----------
    rows, columns : ndarray of int
        Where each block of rows and of columns begins; the last number is the end of the last one.
    """

    def __init__(self, rows: NDArray[np.int64], columns: NDArray[np.int64]) -> None:
        self._rows, self._columns = rows, columns
        self._parts: list[tuple[FloatArray, NDArray[np.int64], NDArray[np.int64]]] = []

    def add(self, i: int, j: int, factor: float, block: sparse.coo_array) -> None:
        """Add a factor times a block, in block row i and block column j."""
        row, column = block.coords
        place = (row + self._rows[i], column + self._columns[j])
        self._parts.append((factor * block.data, *place))

    def matrix(self) -> sparse.csr_array:
        """The sum of all blocks."""
        shape = (int(self._rows[-1]), int(self._columns[-1]))
        if not self._parts:
            return sparse.csr_array(shape)
        value, row, column = (np.concatenate(each) for each in zip(*self._parts, strict=True))
        return sparse.csr_array(sparse.coo_array((value, (row, column)), shape=shape))
