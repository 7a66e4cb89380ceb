"""The buffer in which one sub-swarm is stepped: rows of electrons at constant distances.

All rows lie in one flat array, so that the compiler knows that they do not overlap; that is what
lets it vectorise loops over several of them. A row is named by the place of its first entry.
"""

from swarmhydra.kernels import contract

CAPACITY = contract.CAPACITY

# The state of the electrons.
X, Y, Z, VX, VY, VZ, CLOCK, ANCESTOR = (row * CAPACITY for row in range(contract.STATE_ROWS))

# The flight of each electron.
SPEED, MAJORANT, BOUND, MEAN_TIME, OUTCOME, CELL = (row * CAPACITY for row in range(8, 14))

# Random numbers.
U1, U2, U3, U4 = (row * CAPACITY for row in range(14, 18))

# Real collisions, packed: velocities before, relative to the target, and after.
BEFORE_X, BEFORE_Y, BEFORE_Z = (row * CAPACITY for row in range(18, 21))
RELATIVE_X, RELATIVE_Y, RELATIVE_Z, RELATIVE_SPEED = (row * CAPACITY for row in range(21, 25))
AFTER_X, AFTER_Y, AFTER_Z = (row * CAPACITY for row in range(25, 28))
KEPT, RECOIL, LOST = (row * CAPACITY for row in range(28, 31))

# Ionizations, packed: share of the freed electron, its speed in the centre of mass, its velocity.
SHARE, FREED, FREED_X, FREED_Y, FREED_Z = (row * CAPACITY for row in range(31, 36))

# Candidates whose targets move, packed.
MET_LEVEL, SPREAD = (row * CAPACITY for row in range(36, 38))

BUFFER_SIZE = 38 * CAPACITY

# Rows of the integer buffer. It has no sign: a negative index would count from the end, and every
# look-up by one that may be negative has to ask.
ELECTRON, PROCESS, CANDIDATE, IONIZING = (row * CAPACITY for row in range(4))
MET_ELECTRON, MET_PROCESS, MET_ROW, LEAVER = (row * CAPACITY for row in range(4, 8))
INTEGER_BUFFER_SIZE = 8 * CAPACITY
