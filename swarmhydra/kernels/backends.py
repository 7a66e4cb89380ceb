"""The implementations of the kernels, behind one interface."""

from typing import Protocol

from swarmhydra.kernels.contract import SwarmArrays, Tables, Tallies, Window


class Kernels(Protocol):
    """What an implementation does."""

    def advance(self, swarm: SwarmArrays, tables: Tables, window: Window, tallies: Tallies) -> None:
        """Step every sub-swarm until its electrons wait at the window's end.

        Returns early from a sub-swarm after `window.max_steps` steps, or where one more step could
        overfill it; what is left to do shows in `swarm.active`.
        """

    def close(self, swarm: SwarmArrays, tallies: Tallies) -> None:
        """Collect what the end of the window tells, and make it a new origin."""


def load(backend: str) -> Kernels:
    """The implementation with a name."""
    from swarmhydra.kernels.vectorised import advance

    return advance
