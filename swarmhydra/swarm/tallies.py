"""The sums that the kernels add to: at zero, and over all sub-swarms."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from swarmhydra.kernels import contract
from swarmhydra.kernels.arrays import FloatArray
from swarmhydra.kernels.contract import Tallies

SMALL_SUMS = (
    "flux",
    "trial",
    "window_electrons",
    "displacement",
    "displacement_product",
    "events",
    "seconds",
)
"""Sums that are short enough to be added up over the sub-swarms at every end of a window."""


def new_tallies(
    sub_swarms: int,
    processes: int,
    cells: int,
    memory: int,
    phases: int = 0,
    departure_cells: int = 0,
    moments: tuple[int, int] = (0, 0),
) -> Tallies:
    """Sums at zero.

    Parameters
    ----------
    sub_swarms, processes, cells : int
        Their numbers.
    memory : int
        Windows that displacements are remembered over.
    phases : int, optional
        Parts of the period of an alternating field.
    departure_cells : int, optional
        Speed cells of the departures; 0 where those are not needed.
    moments : tuple of int, optional
        Speed cells and columns of the velocity moments.
    """
    return Tallies(
        flux=np.zeros((sub_swarms, contract.FLUX_COLUMNS)),
        trial=np.zeros((sub_swarms, contract.TRIAL_COLUMNS)),
        speed=np.zeros((sub_swarms, cells, 2)),
        collisions=np.zeros((sub_swarms, processes)),
        energy_loss=np.zeros((sub_swarms, processes)),
        departures=np.zeros((sub_swarms, departure_cells, 2)),
        window_electrons=np.zeros((sub_swarms, 1)),
        displacement=np.zeros((sub_swarms, memory, 3)),
        displacement_product=np.zeros((sub_swarms, memory, len(contract.PAIRS))),
        tilted=np.zeros((sub_swarms, memory, 3)),
        energy_memory=np.zeros((sub_swarms, memory, 2)),
        phase=np.zeros((sub_swarms, phases, contract.PHASE_COLUMNS + processes)),
        velocity_moments=np.zeros((sub_swarms, *moments)),
        events=np.zeros((sub_swarms, contract.EVENT_COLUMNS), dtype=np.int64),
        seconds=np.zeros((sub_swarms, len(contract.STAGES))),
    )


def totals(tallies: Tallies) -> dict[str, FloatArray]:
    """The `SMALL_SUMS` over all sub-swarms."""
    return {name: getattr(tallies, name).sum(axis=0) for name in SMALL_SUMS}


def require_same_shapes(
    arrays: Mapping[str, NDArray[Any]], templates: Mapping[str, NDArray[Any]]
) -> None:
    """Refuse arrays that are not of the same names, shapes and types as others.

    Raises
    ------
    ValueError
        Names the first one at fault.
    """
    if set(arrays) != set(templates):
        raise ValueError(f"{sorted(set(arrays) ^ set(templates))}: missing, or not expected")
    for name, array in arrays.items():
        like = templates[name]
        if array.shape != like.shape or array.dtype != like.dtype:
            raise ValueError(
                f"{name} is {array.dtype} of shape {array.shape}, expected {like.dtype} of shape "
                f"{like.shape}"
            )
