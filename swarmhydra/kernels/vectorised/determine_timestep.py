"""Stage 1: how long each electron flies, and the flight."""

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
    """The flights of a step, one for each electron."""

    outcome: IntArray
    """How it ended, a code of `kernels.contract`."""
    bound: FloatArray
    """Majorant collision frequency that held (1/s)."""
    speed: FloatArray
    """At the end (m/s)."""
    cell: IntArray
    """Speed cell at the end."""
    above_table: BoolArray
    """Whether the speed lies beyond the last cell."""


def determine_timestep(batch: Batch, tables: Tables, field: Field, window: Window) -> Flights:
    """Fly every electron to its next trial, its horizon or the end of the window.

    The time to a trial is exponential with the majorant of the electron's band. The majorant holds
    until the horizon; a trial beyond it is forgotten, because exponential times have no memory.
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
    """Speeds (m/s)."""
    velocity = electrons[VX : VZ + 1]
    speed: FloatArray = np.sqrt(np.einsum("ij,ij->j", velocity, velocity))
    return speed
