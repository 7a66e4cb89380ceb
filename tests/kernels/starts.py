"""What swarms of the tests start from."""

import numpy as np

from swarmhydra.swarm.initial_conditions import InitialConditions


def maxwellian_start(energy: float) -> InitialConditions:
    """A Maxwellian of a mean energy (eV), all in one place."""
    nothing = np.empty(0)
    return InitialConditions("maxwell", energy, nothing, nothing, None, 0.0)
