"""What every implementation of the kernels reads and writes: arrays, their rows and their columns.

A swarm consists of `S` sub-swarms, which do not influence each other within a window. The first
axis of every array that a kernel reads or writes is the sub-swarm. So sub-swarms can be advanced in
any order, or on several threads, with the same result. `P` is the number of collision processes.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from swarmhydra.kernels.arrays import FloatArray, IntArray

# A constant, so that the compiler knows the distance between rows and can vectorise loops over
# them. Not a power of two, as rows would then compete for the same lines of the cache. A multiple
# of `streams.LANES`, since random numbers are written in groups of so many.
CAPACITY = 4160
"""Largest number of electrons in a sub-swarm."""

# Rows of `SwarmArrays.electrons`.
X, Y, Z = 0, 1, 2
"""Displacement since the origin, which is the position `memory - 1` window ends ago (m)."""
VX, VY, VZ = 3, 4, 5
"""Velocity (m/s)."""
CLOCK = 6
"""Time since the start of the window (s)."""
ANCESTOR = 7
"""Column that the electron, or the one it descends from, had at the start of the window."""
STATE_ROWS = 8

# Outcomes of a flight: it ends with a trial (a null or a real collision), at the horizon (the time
# up to which its majorant is valid) or at the end of the window. An attached electron is dead.
TRIAL, AT_HORIZON, AT_WINDOW_END, DEAD = 0, 1, 2, 3

# Kinds of collisions.
ELASTIC, EXCITATION, IONIZATION, ATTACHMENT = 0, 1, 2, 3

# Rules for sharing the energy that remains after an ionization; see `Sharing`.
EQUAL, FRACTION, UNIFORM, ONE_TAKES_ALL, OPAL = range(5)

# Columns of `Tallies.events`: counts without weights.
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
PHASE_X, PHASE_Y, PHASE_Z = range(6, 9)
"""Columns of the place (m s)."""
PHASE_COLUMNS = 9

# Rows of `Field.course`, all at the start of a piece.
PIECE_START, PIECE_ACCELERATION, PIECE_SLOPE = range(3)
"""Time since the start of the window (s), acceleration (m/s2), and its slope (m/s3)."""
PIECE_X, PIECE_VX = 3, 6
"""Place (m) and velocity (m/s), three rows each, of an electron that starts at rest."""
PIECE_ROWS = 9

# Groups of columns of `Tallies.velocity_moments`: what is summed with the Legendre polynomials.
MOMENT_PLAIN, MOMENT_ACROSS = 0, 1
"""1, and the displacement across the field (with associated polynomials, m = 1)."""
MOMENT_ALONG = 2
"""The displacement along the field."""
MOMENT_ALONG_SQUARED, MOMENT_ACROSS_SQUARED, MOMENT_TILTED = 3, 4, 5
"""Squares of the displacements less their growth, and exp(-tilt z): where electrons are born or
lost."""
CONSERVATIVE_MOMENT_GROUPS, MOMENT_GROUPS = 3, 6


def first_moment_column(group: int, orders: int, axial_orders: int) -> int:
    """Where the columns of a group begin; see `MomentSampling` for the numbers of orders."""
    if group <= MOMENT_ACROSS:
        return group * orders
    return (MOMENT_ACROSS + 1) * orders + (group - MOMENT_ALONG) * axial_orders


# Stages of a step, in the order of the breakdown.
STAGES = (
    "determine_timestep",
    "determine_collisions",
    "perform_collisions",
    "collect_output_data",
)

PAIRS = ((0, 0), (1, 1), (2, 2), (0, 1), (0, 2), (1, 2))
"""Components of a symmetric tensor in the order of storage: xx, yy, zz, xy, xz, yz."""


class SwarmArrays(NamedTuple):
    """The state of the swarm."""

    electrons: FloatArray
    """Shape (S, STATE_ROWS, CAPACITY): the state of each electron. Active electrons, which have not
    reached the end of the window, fill the first columns. Electrons that have reached it wait in
    the last columns, the first to arrive in the very last one. When the window is closed, all move
    to the first columns."""
    population: IntArray
    """Shape (S,): number of electrons alive."""
    target_size: IntArray
    """Shape (S,): number of electrons to which the sub-swarm is resampled when a window opens."""
    active: IntArray
    """Shape (S,): number of electrons that have not reached the end of the window."""
    history: FloatArray
    """Shape (S, CAPACITY, memory - 1, 4): for each electron at the start of the window, the
    displacement (m) in each past window, newest first, and the energy (eV) at its end."""
    weight: FloatArray
    """Shape (S,): number of real electrons that an electron of the sub-swarm represents; between
    two windows, after resampling to the `target_size` number."""
    random_state: NDArray[np.uint64]
    """Shape (S, WORDS, LANES): state of the sub-swarm's stream, as in `streams`."""
    until_sample: IntArray
    """Shape (S,): number of steps until the velocity moments are sampled next."""


class Scattering(NamedTuple):
    """Angular scattering; see `kernels.angular_models` for the models and their parameters."""

    isotropic: bool
    """Whether every process scatters isotropically; the other fields are then unused."""
    model: IntArray
    """Shape (P,): angular model of each process."""
    parameter: FloatArray
    """Shape (P,): parameter of each model."""
    blend_low: float
    """Energy (eV) up to which scattering is isotropic, whatever the model."""
    blend_high: float
    """Energy (eV) above which all collisions follow the model."""
    table_of: IntArray
    """Shape (P,): index of the table with the angles of the process; -1 to compute the angles."""
    table: FloatArray
    """Shape (tables, energies, steps): 1 - cos(chi), from `angular_models.sampler_table`."""


class Sharing(NamedTuple):
    """How the two electrons share the energy that remains after an ionization."""

    rule: int
    """`EQUAL`, `FRACTION`, `UNIFORM`, `ONE_TAKES_ALL` or `OPAL`."""
    fraction: float
    """Share of the ejected electron, for the rule `FRACTION`."""
    opal_width: FloatArray
    """Shape (P,): width w (eV) of the distribution 1 / (1 + (e / w)^exponent) of the energy e of
    the slower electron (Opal, Peterson and Beaty, 1971)."""
    opal_energy: FloatArray
    """Shape (n,): energies e / w at which the integral of this distribution is tabulated."""
    opal_integral: FloatArray
    """Shape (n,): integral of the distribution from zero to each energy."""
    momentum_conserving: bool
    """Whether the two electrons leave at right angles to each other (Boeuf and Marode, 1982);
    otherwise the angular model of the process gives both directions."""


class Tables(NamedTuple):
    """Collision frequencies of the gas and their bounds.

    A cell is a narrow interval of speed, in which collisions are decided; a band is a wide one, in
    which the majorant of the null-collision method is constant. Both have the same width at all
    speeds. The last one includes all higher speeds.
    """

    inverse_cell_width: float
    """Cells per unit of speed (s/m)."""
    ceiling: FloatArray
    """Shape (cells,): upper bound of the total collision frequency in the cell (1/s)."""
    sure_level: FloatArray
    """Shape (cells,): lower bound of the frequency of the first process, which is elastic, with
    targets at rest (1/s). A trial below it is real without further tests. 0 if there is none."""
    row_of_cell: NDArray[np.uint16]
    """Shape (cells,): row of the next three tables that is valid in the cell; neighbouring cells
    may share a row."""
    process_ceiling: FloatArray
    """Shape (rows, P + 1): cumulative sum over the processes, starting with 0, of the upper bound
    of each collision frequency in the cells of the row (1/s)."""
    process_floor: FloatArray
    """Shape (rows, P): lower bound of the collision frequency of each process, for all relative
    speeds that are possible with an electron in the cells of the row (1/s)."""
    process_guide: NDArray[np.uint16]
    """Shape (rows, steps + 1): for each of equally spaced levels from 0 to the total of
    `process_ceiling`, the process to whose part of the sum the level belongs. The search for a
    process starts there."""
    inverse_band_width: float
    """Bands per unit of speed (s/m)."""
    majorant: FloatArray
    """Shape (bands,): upper bound of the collision frequency of an electron that starts in the
    band, up to the horizon (1/s)."""
    mean_free_time: FloatArray
    """Shape (bands,): mean time to a trial, 1 / majorant (s)."""
    horizon: float
    """Time for which the majorant of the band at the start of a flight is valid (s): no electron
    accelerates beyond a neighbouring band within it."""
    table: FloatArray
    """Shape (nodes, P): linear between the nodes. The native table contains the macroscopic cross
    section of each process (1/m) at energies. A look-up table contains its collision frequency
    (1/s) at the lower and the upper end of each interval of speed: shape (2 * intervals, P)."""
    node: FloatArray
    """Shape (nodes,): energies of the native table (eV); unused with a look-up table."""
    first_node: IntArray
    """Shape (cells + 1,): last node of the native table at or below the lower edge of each cell."""
    intervals_per_speed: float
    """Intervals of a look-up table per unit of speed (s/m); 0 if the table is the native one."""
    action: IntArray
    """Shape (P,): kind of the collision, `ELASTIC` to `ATTACHMENT`."""
    threshold: FloatArray
    """Shape (P,): energy loss (eV); negative for superelastic collisions."""
    recoil: FloatArray
    """Shape (P,): M / (m + M), with the mass M of the target and that of the electron, m."""
    target_speed: FloatArray
    """Shape (P,): thermal speed sqrt(kT/M) of the target (m/s); 0 for a target at rest."""
    rest_cell: int
    """Cells from this one on neglect the motion of the targets; 0 if all do."""
    square_root: FloatArray
    """Shape (n + 1,): square roots of n + 1 equally spaced numbers from 1/4 to 1, from which speeds
    are calculated by linear interpolation; empty to use the exact square root."""


class Tallies(NamedTuple):
    """Sums over the electrons, each with the weight of its sub-swarm unless stated otherwise."""

    flux: FloatArray
    """Shape (S, FLUX_COLUMNS): time integrals over the flights (s, m, m2)."""
    trial: FloatArray
    """Shape (S, TRIAL_COLUMNS): time integrals sampled at the trials (s, m2/s, m s)."""
    speed: FloatArray
    """Shape (S, cells, 2): time in each speed cell, and time integral of v_z / v there (s)."""
    collisions: FloatArray
    """Shape (S, P): number of real collisions of each process."""
    energy_loss: FloatArray
    """Shape (S, P): energy that the electrons lost in them (eV)."""
    departures: FloatArray
    """Shape (S, cells, 2): number of electrons that left a collision, and sum of the velocities
    along z of the centre of mass (m/s), by the cell of the speed relative to the centre of mass;
    0 cells if they are not needed."""
    window_electrons: FloatArray
    """Shape (S, 1): number of electrons at the ends of the windows."""
    displacement: FloatArray
    """Shape (S, memory, 3): sums of the displacements in the last 1, 2, ... windows (m)."""
    displacement_product: FloatArray
    """Shape (S, memory, 6): sums of the products of their components, `PAIRS` (m2)."""
    tilted: FloatArray
    """Shape (S, memory, 3): sums of exp(-tilt dz) times 1, dz and dz^2 (1, m, m2) for the
    displacements dz along z, with the `tilt` of the window."""
    energy_memory: FloatArray
    """Shape (S, memory, 2): sums of the present energy times the energy 0, 1, 2, ... windows ago
    (eV2), and of the latter (eV)."""
    phase: FloatArray
    """Shape (S, parts, PHASE_COLUMNS + P): sums over the trials in each part of the period of an
    alternating field, and collisions of each process; 0 parts in a steady field. In a field with a
    course there is one part, and only `PHASE_POWER` in use, with the acceleration less its mean
    over the window."""
    velocity_moments: FloatArray
    """Shape (S, parts x cells, columns): sums over the trials of the sampled steps, in parts of the
    period of an alternating field and in speed cells of their own (`MomentSampling`), group after
    group, and in each by the Legendre order l. Each is a time times P_l(v_z / v) and the factor of
    its group; with u = z - drift t and t since the origin the factors are 1, u, u^2 - 2
    diffusion_along t, (x^2 + y^2)/2 - 2 diffusion_across t and exp(-tilt z). `MOMENT_ACROSS` has
    P_l^1, without the sign of Condon and Shortley, in place of P_l, and the factor (x v_x + y v_y)
    / (2 v_across)."""
    events: IntArray
    """Shape (S, EVENT_COLUMNS): counts without weights. A step is one pass through the four stages,
    of a batch of sub-swarms in NumPy and of one sub-swarm in compiled kernels."""
    seconds: FloatArray
    """Shape (S, len(STAGES)): computing time of each stage (s), in windows that are `timed`."""

    def of(self, sub_swarms: int | slice) -> "Tallies":
        """Views of the sums of some sub-swarms; of a single one, without the first axis."""
        return self.each(lambda array: array[sub_swarms])

    def each(self, function: Callable[[NDArray[Any]], NDArray[Any]]) -> "Tallies":
        """New tallies from a function of each array."""
        return Tallies(*(function(array) for array in self))


class Field(NamedTuple):
    """The electric and the magnetic field, by their effect on an electron.

    The electric field is along -z, so that it accelerates electrons along +z by a cos(w t), or as
    its `course` says. The magnetic field is in the x-z plane.
    """

    acceleration: float
    """Amplitude a of the acceleration, or its mean over the window (m/s2)."""
    angular_frequency: float = 0.0
    """Angular frequency w of the electric field (1/s); 0 for a steady one."""
    gyration: float = 0.0
    """Cyclotron frequency e B / m (1/s); 0 without a magnetic field."""
    magnetic_x: float = 0.0
    magnetic_z: float = 1.0
    """Components of the unit vector along the magnetic field."""
    course: FloatArray = np.empty((PIECE_ROWS, 0))
    """Shape (PIECE_ROWS, pieces): the pieces in which the acceleration is linear, up to the end of
    the window; without a piece for a steady or an alternating field."""

    @property
    def has_course(self) -> bool:
        """Whether the electric field is that of a waveform."""
        return bool(self.course.size > 0)


class Surroundings(NamedTuple):
    """The gas and the fields around the electrons."""

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
    """Legendre orders l = 0, 1, ..., orders - 1 of the groups `MOMENT_PLAIN` and `MOMENT_ACROSS`:
    functions across the field need many, where electrons fly far between collisions."""
    axial_orders: int = 1
    """Orders of the other groups, at most as many; 0 for none."""
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
    parts: int = 1
    """Parts of the period of an alternating field, as in `Tallies.phase`, that are told apart."""


NO_MOMENTS = MomentSampling()


class Window(NamedTuple):
    """A time interval through which the swarm is advanced; at its end moments are collected."""

    duration: float
    """Length of the window (s)."""
    phase: float
    """Phase w t of the electric field at the start of the window."""
    max_steps: int
    """Largest number of steps of a sub-swarm in one call, after which the call returns."""
    timed: bool
    """Whether to measure the computing time of each stage."""
    tilt: float = 0.0
    """Spatial growth rate (1/m) for which `Tallies.tilted` compensates."""
    moments: MomentSampling = NO_MOMENTS
    """How velocity moments are sampled."""
