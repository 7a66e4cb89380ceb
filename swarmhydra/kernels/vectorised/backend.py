"""The NumPy kernels behind the interface of `backends`."""

from swarmhydra.kernels.contract import Surroundings, SwarmArrays, Tallies, Window
from swarmhydra.kernels.vectorised import advance as stepping


class VectorisedKernels:
    """Kernels of NumPy operations, which run on one thread and need no compilation."""

    name = "numpy"
    threads = 1
    compile_seconds = 0.0

    def prepare(self, swarm: SwarmArrays, surroundings: Surroundings, tallies: Tallies) -> None:
        """Do nothing; see `backends.Kernels`."""

    def advance(
        self,
        swarm: SwarmArrays,
        surroundings: Surroundings,
        window: Window,
        tallies: Tallies,
        opening: bool,
    ) -> None:
        """Advance every sub-swarm; see `backends.Kernels`."""
        stepping.advance(swarm, *surroundings, window, tallies, opening)
