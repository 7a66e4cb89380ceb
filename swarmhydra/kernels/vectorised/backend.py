"""The vectorised kernels as a backend."""

from swarmhydra.kernels.contract import SwarmArrays, Tables, Tallies, Window
from swarmhydra.kernels.vectorised import advance as stepping


class VectorisedKernels:
    """Kernels of NumPy operations, on one thread, with nothing to compile."""

    name = "numpy"
    threads = 1
    compile_seconds = 0.0

    def prepare(self, swarm: SwarmArrays, tables: Tables, tallies: Tallies) -> None:
        """Nothing to do; see `backends.Kernels`."""

    def open_window(self, swarm: SwarmArrays, tallies: Tallies) -> None:
        """Let every electron fly again; see `backends.Kernels`."""
        stepping.open_all(swarm, tallies)

    def advance(self, swarm: SwarmArrays, tables: Tables, window: Window, tallies: Tallies) -> None:
        """Step every sub-swarm; see `backends.Kernels`."""
        stepping.advance(swarm, tables, window, tallies)

    def close_window(self, swarm: SwarmArrays, tallies: Tallies) -> None:
        """Collect what the window's end tells; see `backends.Kernels`."""
        stepping.close_all(swarm, tallies)
