"""Layout of the buffers in which a sub-swarm is advanced: names for the rows.

Each buffer is one flat array, and a name is the index of the first entry of its row. The distances
between rows are constants, so that the compiler knows that rows do not overlap. Without this it
cannot vectorise loops over several rows.
"""

from swarmhydra.kernels import contract

CAPACITY = contract.CAPACITY

# The state of the electrons.
X, Y, Z, VX, VY, VZ, CLOCK, ANCESTOR = (row * CAPACITY for row in range(contract.STATE_ROWS))

# The flight of each active electron.
SPEED, MAJORANT, BOUND, MEAN_TIME, OUTCOME, CELL = (row * CAPACITY for row in range(8, 14))

# Random numbers.
U1, U2, U3, U4 = (row * CAPACITY for row in range(14, 18))

# Real collisions, one column each: velocities before the collision, relative to the target, and
# after it; REMAINING is first the energy that remains after the loss, then the speed relative to
# the centre of mass.
BEFORE_X, BEFORE_Y, BEFORE_Z = (row * CAPACITY for row in range(18, 21))
RELATIVE_X, RELATIVE_Y, RELATIVE_Z, RELATIVE_SPEED = (row * CAPACITY for row in range(21, 25))
AFTER_X, AFTER_Y, AFTER_Z = (row * CAPACITY for row in range(25, 28))
REMAINING, RECOIL, LOSS = (row * CAPACITY for row in range(28, 31))

# Ionizations, one column each: share of the freed electron in the energy, its speed relative to the
# centre of mass, and its velocity.
SHARE, FREED, FREED_X, FREED_Y, FREED_Z = (row * CAPACITY for row in range(31, 36))

# Candidates with moving targets, one column each: uniform number and thermal speed of the target.
MOVING_LEVEL, SPREAD = (row * CAPACITY for row in range(36, 38))

BUFFER_SIZE = 38 * CAPACITY

# Rows of the buffer of unsigned integers. An index that might be negative would have to be compared
# with 0 in every look-up, since a negative one counts from the end of an array.
ELECTRON, PROCESS, CANDIDATE, IONIZING = (row * CAPACITY for row in range(4))
MOVING_ELECTRON, MOVING_PROCESS, MOVING_ROW, LEAVER = (row * CAPACITY for row in range(4, 8))
INTEGER_BUFFER_SIZE = 8 * CAPACITY
