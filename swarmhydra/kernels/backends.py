"""The interface of the two implementations of the kernels, and the choice between them."""

import logging
from typing import Protocol

from swarmhydra.kernels.contract import Surroundings, SwarmArrays, Tallies, Window
from swarmhydra.kernels.vectorised.backend import VectorisedKernels

log = logging.getLogger(__name__)

_warned = False


class Kernels(Protocol):
    """An implementation of the kernels."""

    @property
    def name(self) -> str:
        """Name of the implementation: ``numpy`` or ``jit``."""

    @property
    def threads(self) -> int:
        """Number of threads on which sub-swarms are advanced."""

    @property
    def compile_seconds(self) -> float:
        """Wall time spent so far on compiling, or on loading compiled kernels (s)."""

    def prepare(self, swarm: SwarmArrays, surroundings: Surroundings, tallies: Tallies) -> None:
        """Compile what swarms with arrays of these types need."""

    def advance(
        self,
        swarm: SwarmArrays,
        surroundings: Surroundings,
        window: Window,
        tallies: Tallies,
        opening: bool,
    ) -> None:
        """Advance every sub-swarm until its electrons have reached the end of the window.

        If `opening`, this is the first call for the window: every sub-swarm is resampled to
        `swarm.target_size` electrons, all electrons become active and their own ancestors, and the
        time integrals of the flux start. When the last electron of a sub-swarm has reached the end
        of the window, the moments are collected and the origin of displacements moves on by a
        window.
        A call leaves a sub-swarm early after `window.max_steps` steps, or if the electrons freed in
        one more step might not fit; `swarm.active` tells how many electrons are left to advance.
        """


def load(name: str, threads: int | None) -> Kernels:
    """The implementation with a name, or the NumPy one if numba cannot be imported.

    Parameters
    ----------
    name : str
        ``numpy`` or ``jit``.
    threads : int or None
        Number of threads of the compiled kernels; None for all cores that the process may use.
    """
    if name == "jit":
        try:
            from swarmhydra.kernels.compiled.backend import CompiledKernels
        except Exception as error:
            # Not only ImportError: a numba for another version of NumPy raises various errors.
            _warn_once(error)
        else:
            return CompiledKernels(threads)
    return VectorisedKernels()


def _warn_once(error: Exception) -> None:
    """Warn once that there are no compiled kernels, and say how to get them."""
    global _warned
    if not _warned:
        log.warning(
            "accel.backend=jit: numba cannot be imported (%s), running on NumPy; "
            "to get it: python -m pip install --upgrade numba",
            error,
        )
    _warned = True
