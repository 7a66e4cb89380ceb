"""What the electrons fly through and collide with; it stays the same during a run."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from swarmhydra.collisions import tables as collision_tables
from swarmhydra.collisions.bounds import CELLS
from swarmhydra.collisions.tables import CollisionTables, LookUps
from swarmhydra.gas.mixture import Mixture
from swarmhydra.kernels.arrays import BoolArray, FloatArray, IntArray
from swarmhydra.kernels.contract import ATTACHMENT, IONIZATION, Field, Scattering, Sharing

LARGEST_MASS_RATIO = 2e-3
"""Largest m/M for which expected flights are used in a gas at rest: their error is of the order
(m/M)^2."""

LARGEST_MASS_RATIO_IN_MOTION = 2e-4
"""Largest m/M for which they are used where molecules move: for electrons as slow as thermal ones
their error is of the order m/M."""


@dataclass(frozen=True)
class Medium:
    """Gas and fields.

    Attributes
    ----------
    mixture : Mixture
        The gas with its superelastic processes.
    number_density : float
        Number density of the gas (1/m3).
    temperature : float
        Temperature of the gas (K).
    electric_field : float
        Electric field that drives the electrons along +z, its amplitude, or its first value where
        it changes (V/m).
    field : Field
        Forces of both fields on an electron.
    frequency : float
        Frequency of the electric field (Hz); 0 for a steady one.
    scattering : Scattering
        How electrons are deflected.
    sharing : Sharing
        How two electrons share the energy that an ionization leaves.
    collision_tables : CollisionTables
        Collision frequencies and their bounds.
    bands : int
        Majorant bands that there may be; 1 for one global majorant.
    look_ups : LookUps
        What the kernels look up.
    """

    mixture: Mixture
    number_density: float
    temperature: float
    electric_field: float
    field: Field
    frequency: float
    scattering: Scattering
    sharing: Sharing
    collision_tables: CollisionTables
    bands: int
    look_ups: LookUps

    @property
    def drifts(self) -> bool:
        """Whether a steady electric field makes the electrons drift."""
        steady = self.frequency == 0.0 and not self.field.has_course
        return self.electric_field > 0.0 and steady

    @property
    def magnetic_direction(self) -> tuple[float, float] | None:
        """X and z of the direction of the magnetic field; None without one."""
        field = self.field
        return (field.magnetic_x, field.magnetic_z) if field.gyration > 0.0 else None

    @property
    def flights_are_predictable(self) -> bool:
        """Whether the speed after a collision tells what to expect of the flight, on average."""
        steady = self.frequency == 0.0 and not self.field.has_course and self.field.gyration == 0.0
        mass_ratio = max(process.mass_ratio for process in self.mixture.processes)
        at_rest = self.temperature == 0.0
        light = mass_ratio <= (LARGEST_MASS_RATIO if at_rest else LARGEST_MASS_RATIO_IN_MOTION)
        return steady and light and self.scattering.isotropic and self.field.acceleration > 0.0

    @cached_property
    def action(self) -> IntArray:
        """Shape (P,): what each process does to an electron, codes of `kernels.contract`."""
        return self.collision_tables.action

    @property
    def ionizing(self) -> BoolArray:
        """Shape (P,): whether the process is an ionization."""
        return np.asarray(self.action == IONIZATION)

    @property
    def attaching(self) -> BoolArray:
        """Shape (P,): whether the process is an attachment."""
        return np.asarray(self.action == ATTACHMENT)

    @cached_property
    def extra_tables(self) -> CollisionTables | None:
        """Collision frequencies of the processes that do not act on electrons."""
        if not self.mixture.extra:
            return None
        return collision_tables.build(
            self.mixture.extra,
            self.mixture.extra_fraction,
            self.number_density,
            self.temperature,
            self.mixture.energy_max,
            0,
        )

    @cached_property
    def extra_frequency(self) -> FloatArray:
        """Shape (cells, E): frequencies of the processes that do not act on electrons (1/s)."""
        tables = self.extra_tables
        return np.empty((CELLS, 0)) if tables is None else tables.cell_average_frequency

    def whole_periods(self, duration: float) -> float:
        """The time (s), lengthened to whole periods of an alternating field."""
        frequency = self.frequency
        return float(np.ceil(duration * frequency) / frequency) if frequency > 0.0 else duration

    def phase_at(self, time: float) -> float:
        """Phase of an alternating field at a time (s) since the start."""
        return float(2.0 * np.pi * np.mod(self.frequency * time, 1.0))
