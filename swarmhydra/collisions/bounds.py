"""Bounds of collision frequencies: by speed cell, by majorant band, and where to search in them."""

import numpy as np
from numpy.typing import NDArray

from swarmhydra.kernels.arrays import FloatArray, IntArray
from swarmhydra.kernels.quantities import HALF_MASS, speed_at

CELLS = 8192
"""Speed cells up to the top of the tables: the resolution of the ceilings and of the EEDF."""

SEPARATE_BOUNDS = 32 * CELLS
"""Cells times processes up to which every cell has bounds of its own: about 4 MB."""

ROW_WIDTH = 0.02
"""Width of the rows of cells that otherwise share their bounds, over their speed."""

GUIDED = 8
"""Number of processes from which on the search for one starts from a guide."""

GUIDE_STEPS = 128
"""Largest number of steps of the guide in each row."""

ROUNDING = 1e-12
"""Relative margin of the bounds: rounding errors are far smaller."""


def rows_of_cells(processes: int) -> NDArray[np.uint16]:
    """The row of bounds that each cell uses, ascending.

    Bounds of many processes in every cell would not fit into a cache. So neighbouring cells share
    them, in rows that get wider with the speed: that costs some null collisions.
    """
    cell = np.arange(CELLS)
    if CELLS * processes <= SEPARATE_BOUNDS:
        return cell.astype(np.uint16)
    starts = [0]
    while starts[-1] < CELLS:
        starts.append(starts[-1] + max(1, int(ROW_WIDTH * starts[-1])))
    return (np.searchsorted(starts, cell, side="right") - 1).astype(np.uint16)


def process_guide_of(process_ceiling: FloatArray) -> NDArray[np.uint16]:
    """The process that contains each of some equally spaced levels; shape (rows, steps + 1).

    A hint for the kernels where to search: a level between two steps belongs to the process of the
    lower step, that of the upper one, or one in between.
    """
    processes = process_ceiling.shape[1] - 1
    steps = 1 if processes < GUIDED else min(processes, GUIDE_STEPS)
    guide = np.zeros((process_ceiling.shape[0], steps + 1), dtype=np.uint16)
    guide[:, -1] = processes - 1
    # Rounding may put a level that lies at a step on either side of it.
    share = np.linspace(0.0, 1.0, steps + 1)[1:-1] * (1 - ROUNDING)
    if share.size:
        for row, ceilings in zip(guide, process_ceiling, strict=True):
            row[1:-1] = np.searchsorted(ceilings[1:-1], share * ceilings[-1], "right")
    return guide


def cell_bounds(
    node: FloatArray, cross_section: FloatArray, edges: FloatArray, reach: float
) -> tuple[FloatArray, FloatArray]:
    """Smallest and largest sigma(g) g for g within `reach` of each cell, exactly.

    Between nodes sigma = a + b g^2, so that sigma g has its extremes at the ends or, with b < 0,
    at g^2 = -a / 3b.
    """
    slope = np.diff(cross_section) / np.diff(node)
    start = cross_section[:-1] - slope * node[:-1]
    with np.errstate(divide="ignore", invalid="ignore"):
        peak_energy = np.where(slope < 0, -start / (3 * slope), -1.0)
    inside = (peak_energy > node[:-1]) & (peak_energy < node[1:])
    lower = np.maximum(edges[:-1] - reach, 0.0)
    upper = edges[1:] + reach
    at_nodes = np.concatenate([speed_at(node), _beside_steps(node)])
    speed = np.unique(
        np.concatenate([at_nodes, speed_at(peak_energy[inside]), edges, lower, upper])
    )
    value = np.interp(HALF_MASS * speed**2, node, cross_section) * speed
    first = np.searchsorted(speed, lower)
    last = np.searchsorted(speed, upper)
    floor = -RangeMaximum(-value)(first, last) * (1 - ROUNDING)
    return floor, RangeMaximum(value)(first, last) * (1 + ROUNDING)


def _beside_steps(node: FloatArray) -> FloatArray:
    """Speeds that rounding has put on the wrong side of a step, moved to the right one.

    A step is a pair of neighbouring doubles among the nodes; from speeds back to energies both may
    come out on one side of it.
    """
    step = np.flatnonzero(np.diff(node) <= 2.0 * np.spacing(node[1:]))
    below, above = speed_at(node[step]), speed_at(node[step + 1])
    below = below[HALF_MASS * below**2 > node[step]]
    above = above[HALF_MASS * above**2 < node[step + 1]]
    # Four units in the last place of a speed are eight in that of its energy, more than rounding
    # can change.
    return np.concatenate([below - 4.0 * np.spacing(below), above + 4.0 * np.spacing(above)])


class RangeMaximum:
    """Maxima of ranges of an array, by a sparse table.

    Parameters
    ----------
    value : ndarray, shape (n,)
    """

    def __init__(self, value: FloatArray) -> None:
        self._levels = [value]
        while 2 ** len(self._levels) <= value.size:
            half = 2 ** (len(self._levels) - 1)
            last = self._levels[-1]
            self._levels.append(np.maximum(last[:-half], last[half:]))

    def __call__(self, first: IntArray, last: IntArray) -> FloatArray:
        """Maximum of value[first..last], both ends included, for many ranges."""
        level = np.floor(np.log2(last - first + 1)).astype(int)
        result = np.empty(first.size)
        for k in np.unique(level):
            at, values = level == k, self._levels[k]
            result[at] = np.maximum(values[first[at]], values[last[at] - 2**k + 1])
        return result


def band_majorant(
    largest: RangeMaximum, edges: FloatArray, band_width: float, bands: int
) -> FloatArray:
    """Largest collision frequency within one band of each band; the last band is open.

    Parameters
    ----------
    largest : RangeMaximum
        Of the bound of the collision frequency in each cell (1/s).
    edges : ndarray, shape (cells + 1,)
        Edges of the cells (m/s).
    band_width : float
        (m/s)
    bands : int
        Largest number of bands.
    """
    top, cell_width, last_cell = edges[-1], edges[1], edges.size - 2
    count = int(min(bands, max(1, np.ceil(top / band_width)))) if band_width < top else 1
    if count == 1:
        return largest(np.array([0]), np.array([last_cell]))
    band = np.arange(count)
    first = np.maximum(np.floor((band - 1) * band_width / cell_width) - 1, 0)
    last = np.minimum(np.floor((band + 2) * band_width / cell_width) + 1, last_cell)
    # The last band is open, and the one before it reaches into it.
    last[-2:] = last_cell
    return largest(np.minimum(first, last_cell).astype(int), last.astype(int))


def horizon_of(band_width: float, bands: int, acceleration: float) -> float:
    """Time (s) in which no acceleration up to one (m/s2) leads beyond a neighbouring band."""
    endless = bands == 1 or acceleration <= 0
    return float(np.finfo(float).max if endless else band_width / acceleration)
