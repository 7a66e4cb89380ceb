"""Stage 1: the duration of each free flight, and the flight."""

from typing import NamedTuple

import numpy as np

from swarmhydra.kernels.arrays import BoolArray, FloatArray, IntArray
from swarmhydra.kernels.contract import (
    AT_HORIZON,
    AT_WINDOW_END,
    CLOCK,
    TRIAL,
    VX,
    VZ,
    Field,
    Tables,
    Window,
)
from swarmhydra.kernels.vectorised.batch import Batch
from swarmhydra.kernels.vectorised.flight import fly


class Flights(NamedTuple):
    """The free flights of a step, one for each of `n` electrons."""

    outcome: IntArray
    """Shape (n,): how the flight ended; `TRIAL`, `AT_HORIZON` or `AT_WINDOW_END`."""
    bound: FloatArray
    """Shape (n,): majorant of the collision frequency during the flight (1/s)."""
    speed: FloatArray
    """Shape (n,): speed at the end (m/s)."""
    cell: IntArray
    """Shape (n,): speed cell at the end."""
    above_table: BoolArray
    """Shape (n,): whether the speed at the end is above the last cell."""


def determine_timestep(batch: Batch, tables: Tables, field: Field, window: Window) -> Flights:
    """Move every electron to its next trial, to its horizon or to the end of the window.

    The time to the next trial is exponentially distributed, at the rate of the majorant of the
    electron's band. The majorant is valid up to the horizon. A flight that would be longer ends
    there, and the next one starts with a new majorant: exponential times have no memory.
    """
    electrons = batch.electrons
    band = (speed_of(electrons) * tables.inverse_band_width).astype(np.int64)
    bound = tables.majorant.take(np.minimum(band, tables.majorant.size - 1))
    free = -np.log(1.0 - batch.uniform()[0]) / bound
    remaining = window.duration - electrons[CLOCK]
    limit = np.minimum(remaining, tables.horizon)
    outcome = np.where(remaining <= tables.horizon, AT_WINDOW_END, AT_HORIZON)
    outcome[free < limit] = TRIAL
    fly(electrons, np.minimum(free, limit), field, window.phase)
    speed = speed_of(electrons)
    cell = (speed * tables.inverse_cell_width).astype(np.int64)
    last = tables.ceiling.size - 1
    return Flights(outcome, bound, speed, np.minimum(cell, last), cell > last)


def speed_of(electrons: FloatArray) -> FloatArray:
    """Speeds of electrons (m/s)."""
    velocity = electrons[VX : VZ + 1]
    speed: FloatArray = np.sqrt(np.einsum("ij,ij->j", velocity, velocity))
    return speed
