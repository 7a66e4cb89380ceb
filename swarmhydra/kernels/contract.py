"""What every implementation of the kernels reads and writes: arrays, their rows and their columns.

The swarm is `S` sub-swarms. Everything a kernel touches is an array whose first axis is the
sub-swarm, so that sub-swarms can be advanced in any order, or side by side, with one result.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from swarmhydra.kernels.arrays import FloatArray, IntArray

# A constant, so that a compiler knows how far apart two rows are and can vectorise across them;
# not a power of two, so that the rows do not compete for the same lines of a cache. A row ends with
# a whole turn of a random stream.
CAPACITY = 4160
"""Electrons that fit into one sub-swarm."""

# Rows of `SwarmArrays.electrons`.
X, Y, Z = 0, 1, 2
"""Displacement since the origin, `memory_windows - 1` window ends ago (m)."""
VX, VY, VZ = 3, 4, 5
"""Velocity (m/s)."""
CLOCK = 6
"""Time since the start of the window (s)."""
ANCESTOR = 7
"""Place that the electron, or the one it descends from, had at the start of the window."""
STATE_ROWS = 8

# How a flight ended; a trial may then end an electron.
TRIAL, AT_HORIZON, AT_WINDOW_END, DEAD = 0, 1, 2, 3

# What a collision does to the electron.
ELASTIC, EXCITATION, IONIZATION, ATTACHMENT = 0, 1, 2, 3

# How the energy left after an ionization is shared; see `Sharing`.
EQUAL, FRACTION, UNIFORM, ONE_TAKES_ALL, OPAL = range(5)

# Columns of `Tallies.events`: whole numbers, never weighted.
(
    STEPS,
    FLIGHTS,
    TRIALS,
    CANDIDATES,
    REAL_COLLISIONS,
    BIRTHS,
    DEATHS,
    VIOLATIONS,
    ABOVE_TABLE,
) = range(9)
EVENT_COLUMNS = 9

# Columns of `Tallies.flux`: time integrals over the swarm. They depend only on where an electron is
# at the ends of a window, and where it appears or disappears; there they are added up.
FLUX_TIME, FLUX_VX, FLUX_VY, FLUX_VZ = range(4)
"""Columns of 1 (s) and of the velocity (m)."""
FLUX_RV = 4
"""First of the columns of the symmetric (r_i v_j + r_j v_i) / 2 in the order of `PAIRS` (m2)."""
FLUX_COLUMNS = 10

# Columns of `Tallies.trial`: time integrals sampled at the trial collisions.
TRIAL_TIME, TRIAL_V_SQUARED, TRIAL_X, TRIAL_Y, TRIAL_Z = range(5)
"""Columns of 1 (s), v^2 (m2/s) and the place (m s)."""
TRIAL_COLUMNS = 5

# Columns of `Tallies.speed`: time integrals sampled at the trial collisions, by speed cell.
CELL_TIME, CELL_COSINE = range(2)
"""Columns of 1 and of v_z / v (s)."""

# Columns of `Tallies.departures`.
DEPARTURE_NUMBER, DEPARTURE_CENTRE_VZ = range(2)
"""Columns of 1 and of the velocity of the centre of mass along z (m/s)."""

# Columns of `Tallies.tilted`: sums of exp(-tilt dz) times powers of dz.
TILTED_ONE, TILTED_DZ, TILTED_DZ_SQUARED = range(3)

# Columns of `Tallies.energy_memory`.
ENERGY_PRODUCT, ENERGY_THEN = range(2)
"""Columns of the energy now times the energy some windows ago (eV2), and of the latter (eV)."""

# Columns of `Tallies.phase` before those that count the collisions of each process.
PHASE_TIME, PHASE_V_SQUARED, PHASE_VX, PHASE_VY, PHASE_VZ, PHASE_POWER = range(6)
"""Columns of 1 (s), v^2, the velocity, and v_z times the acceleration by the electric field."""
PHASE_COLUMNS = 6

# Groups of columns of `Tallies.velocity_moments`: what is summed with the Legendre polynomials.
MOMENT_PLAIN, MOMENT_ALONG, MOMENT_ACROSS = 0, 1, 2
"""1, the displacement along the field, and that across it (with associated polynomials, m = 1)."""
MOMENT_ALONG_SQUARED, MOMENT_ACROSS_SQUARED, MOMENT_TILTED = 3, 4, 5
"""Squares of the displacements less their growth, and exp(-tilt z): where electrons are born or
lost."""
CONSERVATIVE_MOMENT_GROUPS, MOMENT_GROUPS = 3, 6

# Stages of a step, in the order of the breakdown.
STAGES = (
    "determine_timestep",
    "determine_collisions",
    "perform_collisions",
    "collect_output_data",
)

PAIRS = ((0, 0), (1, 1), (2, 2), (0, 1), (0, 2), (1, 2))
"""The components of a symmetric tensor in the order in which they are stored."""


class SwarmArrays(NamedTuple):
    """The state of the swarm."""

    electrons: FloatArray
    """Shape (S, STATE_ROWS, CAPACITY). Electrons that still fly fill the columns from the first one
    on. Those that wait at the window's end fill them from the last one downwards, in the order in
    which they arrived, until the window is closed; then all fill them from the first one on."""
    population: IntArray
    """Shape (S,): electrons alive."""
    wanted: IntArray
    """Shape (S,): electrons that the sub-swarm is brought to where a window opens."""
    active: IntArray
    """Shape (S,): how many electrons still fly."""
    history: FloatArray
    """Shape (S, CAPACITY, memory - 1, 4): for each electron at the window's start, the displacement
    in each of the past windows, newest first, and the energy at their ends (m, eV)."""
    weight: FloatArray
    """Shape (S,): real electrons that one electron of the sub-swarm stands for; between windows one
    of the `wanted`."""
    random_state: NDArray[np.uint64]
    """Shape (S, WORDS, LANES): state of the sub-swarm's stream, as in `streams`."""
    until_sample: IntArray
    """Shape (S,): steps to go until the velocity moments are sampled."""


class Scattering(NamedTuple):
    """How electrons are deflected; see `kernels.angular_models` for models and parameters."""

    isotropic: bool
    """Whether every process scatters isotropically: then nothing else here matters."""
    model: IntArray
    """Shape (P,): angular model of each process."""
    parameter: FloatArray
    """Shape (P,): its parameter."""
    blend_low: float
    """Energy (eV) up to which scattering is isotropic whatever the model."""
    blend_high: float
    """Energy (eV) from which on it follows the model alone."""
    table_of: IntArray
    """Shape (P,): the table to look angles of the process up in; -1 to compute them."""
    table: FloatArray
    """Shape (tables, energies, steps): 1 - cos(chi), as from `angular_models.sampler_table`."""


class Sharing(NamedTuple):
    """How two electrons share the energy that an ionization leaves, and where they go."""

    rule: int
    """`EQUAL`, `FRACTION`, `UNIFORM`, `ONE_TAKES_ALL` or `OPAL`."""
    fraction: float
    """Share of the freed electron, for `FRACTION`."""
    opal_width: FloatArray
    """Shape (P,): width w of the distribution 1 / (1 + (e / w)^exponent) of the slower electron's
    energy (eV)."""
    opal_energy: FloatArray
    """Shape (n,): energies over w at which its integral is tabled."""
    opal_integral: FloatArray
    """Shape (n,): the integral from zero."""
    momentum_conserving: bool
    """Whether the two leave at right angles (Boeuf and Marode, 1982), instead of by the model."""


class Tables(NamedTuple):
    """The gas as the kernels see it. Cells and bands are uniform in speed."""

    inverse_cell_width: float
    """(s/m)"""
    ceiling: FloatArray
    """Shape (cells,): bound of the total collision frequency in the cell (1/s)."""
    sure_level: FloatArray
    """Shape (cells,): below it a trial surely is an elastic collision of the first process with a
    target at rest (1/s); 0 where nothing is sure."""
    row_of_cell: NDArray[np.uint16]
    """Shape (cells,): the row of the next three tables that holds for the cell; neighbouring cells
    may share one."""
    process_ceiling: FloatArray
    """Shape (rows, P + 1): running sum over processes of each one's bound in the cells (1/s)."""
    process_floor: FloatArray
    """Shape (rows, P): what each process' collision frequency never falls below, whatever relative
    speed an electron of the cells has (1/s)."""
    process_guide: NDArray[np.uint16]
    """Shape (rows, steps + 1): the process whose part of that running sum holds each of some even
    steps up to its top: where to search from."""
    inverse_band_width: float
    """(s/m)"""
    majorant: FloatArray
    """Shape (bands,): bound of the collision frequency while within a band of this one (1/s)."""
    mean_free_time: FloatArray
    """Shape (bands,): mean time to a trial, the inverse of the majorant (s)."""
    horizon: float
    """Time for which an electron surely stays within a band of its own (s)."""
    table: FloatArray
    """Shape (nodes, P): what a real collision is decided by, linear between nodes. The native table
    holds the macroscopic cross section of each process (1/m) over energy; a look-up table holds
    its collision frequency (1/s) over speed."""
    node: FloatArray
    """Shape (nodes,): energies of the native table (eV); unused by a look-up table."""
    first_node: IntArray
    """Shape (cells + 1,): last native node at or below each cell's lower edge."""
    inverse_node_width: float
    """Nodes per unit of speed (s/m) of a look-up table; 0 says that the table is the native one."""
    action: IntArray
    """Shape (P,): what the process does to the electron."""
    threshold: FloatArray
    """Shape (P,): energy loss (eV); negative where a superelastic collision gives energy."""
    recoil: FloatArray
    """Shape (P,): M / (m + M) of the target."""
    target_speed: FloatArray
    """Shape (P,): thermal speed sqrt(kT/M) of the target (m/s); 0 for a target at rest."""
    rest_cell: int
    """First cell from which on the targets count as at rest: 0 where all do."""
    square_root: FloatArray
    """Shape (n + 1,): square roots at n + 1 even steps from 1/4 to 1, linear between them, for
    speeds from energies; empty to compute them."""


class Tallies(NamedTuple):
    """What is summed along the way; weighted by the sub-swarm's weight unless said."""

    flux: FloatArray
    """Shape (S, FLUX_COLUMNS): time integrals from the flights (s, m, m2)."""
    trial: FloatArray
    """Shape (S, TRIAL_COLUMNS): time integrals from the trials (s, m2/s, m s)."""
    speed: FloatArray
    """Shape (S, cells, 2): time spent in each speed cell, and the same times v_z / v (s)."""
    collisions: FloatArray
    """Shape (S, P): real collisions of each process."""
    energy_loss: FloatArray
    """Shape (S, P): energy that the electrons lost in them (eV)."""
    departures: FloatArray
    """Shape (S, cells, 2): electrons that left a collision, and the velocity along z of its centre
    of mass (m/s), by their speed in the centre of mass; 0 cells where nobody asks."""
    window_electrons: FloatArray
    """Shape (S, 1): electrons at the ends of the windows."""
    displacement: FloatArray
    """Shape (S, memory, 3): sums of the displacements over the last 1, 2, ... windows (m)."""
    displacement_product: FloatArray
    """Shape (S, memory, 6): sums of their products, `PAIRS` (m2)."""
    tilted: FloatArray
    """Shape (S, memory, 3): sums of exp(-tilt dz) times 1, dz and dz^2 (1, m, m2) over the same
    displacements dz along z, with the tilt of the window."""
    energy_memory: FloatArray
    """Shape (S, memory, 2): sums over the electrons of energy now times energy 0, 1, 2, ... windows
    ago (eV2), and of the latter alone (eV)."""
    phase: FloatArray
    """Shape (S, phases, PHASE_COLUMNS + P): sums over the trials in each part of the period of an
    alternating field, and collisions of each process; without one there are 0 parts."""
    velocity_moments: FloatArray
    """Shape (S, cells, groups * orders): sums over the trials of the sampled steps, in speed cells
    of their own (`MomentSampling`), group after group, and in each by the Legendre order l. Each is
    a time times P_l(v_z / v) and the factor of its group; with u = z - drift t and t since the
    origin the factors are 1, u, u^2 - 2 diffusion_along t, (x^2 + y^2)/2 - 2 diffusion_across t
    and exp(-tilt z). `MOMENT_ACROSS` has P_l^1, without the sign of Condon and Shortley, in place
    of P_l, and the factor (x v_x + y v_y) / (2 v_across)."""
    events: IntArray
    """Shape (S, EVENT_COLUMNS): unweighted counts; a step is one call of the stages, for a batch of
    sub-swarms in NumPy and for each one where compiled."""
    seconds: FloatArray
    """Shape (S, len(STAGES)): time spent in each stage, when it is asked for (s)."""

    def of(self, sub_swarms: int | slice) -> "Tallies":
        """Views of the sums of some sub-swarms; of a single one, without the first axis."""
        return self.each(lambda array: array[sub_swarms])

    def each(self, function: Callable[[NDArray[Any]], NDArray[Any]]) -> "Tallies":
        """The results of a function of each array."""
        return Tallies(*(function(array) for array in self))


class Field(NamedTuple):
    """The forces on an electron: a e_z cos(w t) from the electric field, and a gyration.

    The electric field is along -z, the magnetic one in the x-z plane.
    """

    acceleration: float
    """Amplitude a, along +z (m/s2)."""
    angular_frequency: float = 0.0
    """w of the electric field (1/s); 0 for a steady one."""
    gyration: float = 0.0
    """Angular velocity e B / m about the magnetic field (1/s); 0 without one."""
    magnetic_x: float = 0.0
    magnetic_z: float = 1.0
    """Direction of the magnetic field, a unit vector without a y."""


class Surroundings(NamedTuple):
    """What the electrons fly through and collide with."""

    tables: Tables
    scattering: Scattering
    sharing: Sharing
    field: Field


class MomentSampling(NamedTuple):
    """How `Tallies.velocity_moments` are sampled: at the trials of every so many steps.

    The first step of a sub-swarm that is sampled in a window is drawn at random, so that every
    trial has the same chance.
    """

    every: int = 0
    """Steps from one sample to the next; 0 takes none."""
    orders: int = 1
    """Legendre orders l = 0, 1, ..., orders - 1."""
    inverse_cell_width: float = 1.0
    """(s/m); the last cell holds all that is faster."""
    elapsed: float = 0.0
    """Time from the origin of the displacements to the start of the window (s)."""
    drift: float = 0.0
    """Velocity along z about which displacements are taken (m/s)."""
    diffusion_along: float = 0.0
    """Diffusion coefficient along z by which their squares are centred (m2/s)."""
    diffusion_across: float = 0.0
    """The same across (m2/s)."""


NO_MOMENTS = MomentSampling()


class Window(NamedTuple):
    """What happens to the swarm between two of its ends."""

    duration: float
    """(s)"""
    phase: float
    """w t of the electric field at the window's start."""
    max_steps: int
    """Steps of a sub-swarm after which a call returns, finished or not."""
    timed: bool
    """Whether to measure the time that each stage takes."""
    tilt: float = 0.0
    """Growth rate in space (1/m) that displacements are weighted against in `Tallies.tilted`."""
    moments: MomentSampling = NO_MOMENTS
    """How velocity moments are sampled."""
