"""The implementations of the kernels, behind one interface."""

import logging
from typing import Protocol

from swarmhydra.kernels.contract import Surroundings, SwarmArrays, Tallies, Window
from swarmhydra.kernels.vectorised.backend import VectorisedKernels

log = logging.getLogger(__name__)

_warned = False


class Kernels(Protocol):
    """What an implementation does."""

    @property
    def name(self) -> str:
        """``numpy`` or ``jit``."""

    @property
    def threads(self) -> int:
        """Threads that step sub-swarms."""

    @property
    def compile_seconds(self) -> float:
        """Wall time that compiling, or loading compiled kernels, took so far (s)."""

    def prepare(self, swarm: SwarmArrays, surroundings: Surroundings, tallies: Tallies) -> None:
        """Get ready for swarms of this shape, such as by compiling."""

    def advance(
        self,
        swarm: SwarmArrays,
        surroundings: Surroundings,
        window: Window,
        tallies: Tallies,
        opening: bool,
    ) -> None:
        """Step every sub-swarm until its electrons have reached the window's end.

        Where the window is `opening`, sub-swarms are first brought to their `swarm.wanted` size:
        others take the place of their electrons, each as often as any other, and are their own
        ancestors. Then every electron is let fly again, and the time integrals of the flux start. A
        sub-swarm that reaches the end collects what that tells, and makes it a new origin. A call
        returns early from a sub-swarm after `window.max_steps` steps, or where one more step could
        overfill it; what is left to do shows in `swarm.active`.
        """


def load(name: str, threads: int | None) -> Kernels:
    """The implementation with a name, or the NumPy one where it cannot be had.

    Parameters
    ----------
    name : str
        ``numpy`` or ``jit``.
    threads : int or None
        For the compiled kernels; None takes every core that the process may use.
    """
    if name == "jit":
        try:
            from swarmhydra.kernels.compiled.backend import CompiledKernels
        except Exception as error:
            # Not only ImportError: a numba that does not fit the NumPy beside it fails as it likes.
            _warn_once(error)
        else:
            return CompiledKernels(threads)
    return VectorisedKernels()


def _warn_once(error: Exception) -> None:
    """Say, the first time, why there are no compiled kernels and how to get them."""
    global _warned
    if not _warned:
        log.warning(
            "accel.backend=jit: numba cannot be imported (%s), running on NumPy; "
            "to get it: python -m pip install --upgrade numba",
            error,
        )
    _warned = True
