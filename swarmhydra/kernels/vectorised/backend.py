"""The vectorised kernels as a backend."""

from swarmhydra.kernels.contract import Surroundings, SwarmArrays, Tallies, Window
from swarmhydra.kernels.vectorised import advance as stepping


class VectorisedKernels:
    """Kernels of NumPy operations, on one thread, with nothing to compile."""

    name = "numpy"
    threads = 1
    compile_seconds = 0.0

    def prepare(self, swarm: SwarmArrays, surroundings: Surroundings, tallies: Tallies) -> None:
        """Nothing to do; see `backends.Kernels`."""

    def advance(
        self,
        swarm: SwarmArrays,
        surroundings: Surroundings,
        window: Window,
        tallies: Tallies,
        opening: bool,
    ) -> None:
        """Step every sub-swarm; see `backends.Kernels`."""
        stepping.advance(swarm, *surroundings, window, tallies, opening)
