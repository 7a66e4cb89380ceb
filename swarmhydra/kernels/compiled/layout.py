"""The buffer in which one sub-swarm is stepped: rows of electrons at constant distances.

All rows lie in one flat array, so that the compiler knows that they do not overlap; that is what
lets it vectorise loops over several of them. A row is named by the place of its first entry.
"""

from swarmhydra.kernels import contract

CAPACITY = contract.CAPACITY

# The state of the electrons.
X, Y, Z, VX, VY, VZ, CLOCK, ANCESTOR = (row * CAPACITY for row in range(contract.STATE_ROWS))

# The flight of each electron.
SPEED, BOUND, OUTCOME, CELL, LEVEL = (row * CAPACITY for row in range(8, 13))

# Random numbers.
U1, U2, U3, U4 = (row * CAPACITY for row in range(13, 17))

# Candidates, then real collisions, packed: velocities before, relative to the target, and after.
BEFORE_X, BEFORE_Y, BEFORE_Z = (row * CAPACITY for row in range(17, 20))
RELATIVE_X, RELATIVE_Y, RELATIVE_Z, RELATIVE_SPEED = (row * CAPACITY for row in range(20, 24))
AFTER_X, AFTER_Y, AFTER_Z = (row * CAPACITY for row in range(24, 27))
KEPT, RECOIL, LOST = (row * CAPACITY for row in range(27, 30))

# Ionizations, packed: share of the freed electron, its speed in the centre of mass, its velocity.
SHARE, FREED, FREED_X, FREED_Y, FREED_Z = (row * CAPACITY for row in range(30, 35))

# Candidates whose targets move, packed.
MET_LEVEL, SPREAD = (row * CAPACITY for row in range(35, 37))

BUFFER_SIZE = 37 * CAPACITY

# Rows of the integer buffer. It has no sign: a negative index would count from the end, and every
# look-up by one that may be negative has to ask.
ELECTRON, PROCESS, CANDIDATE_CELL, IONIZING = (row * CAPACITY for row in range(4))
MET_ELECTRON, MET_PROCESS, MET_ROW = (row * CAPACITY for row in range(4, 7))
INTEGER_BUFFER_SIZE = 7 * CAPACITY
