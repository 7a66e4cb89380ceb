"""The compiled kernels as a backend: threads, compilation, seconds for ticks."""

import logging
import time

import numba
import numpy as np

from swarmhydra.kernels.compiled import advance as stepping
from swarmhydra.kernels.compiled.clock import Ruler
from swarmhydra.kernels.compiled.compiler import CACHE_FOLDER, WAS_COLD
from swarmhydra.kernels.contract import SwarmArrays, Tables, Tallies, Window

log = logging.getLogger(__name__)


class CompiledKernels:
    """Kernels that numba compiles, on some threads.

    Parameters
    ----------
    threads : int or None
        Threads to step sub-swarms with; None takes every core that the process may use.

    Attributes
    ----------
    threads : int
        Those in use.
    compile_seconds : float
        Wall time that compiling took so far, or loading what had been compiled earlier.
    """

    name = "jit"

    def __init__(self, threads: int | None) -> None:
        available = numba.config.NUMBA_NUM_THREADS
        if threads is not None and threads > available:
            log.warning("accel.threads=%d: %d are available and used", threads, available)
        self.threads = min(threads or available, available)
        self.compile_seconds = 0.0
        self._ruler = Ruler()

    def prepare(self, swarm: SwarmArrays, tables: Tables, tallies: Tallies) -> None:
        """Compile, or load from the cache, by taking no sub-swarm at all through a window."""
        if WAS_COLD:
            log.info("compiling the kernels, once for this machine, into %s", CACHE_FOLDER)
        started = time.perf_counter()
        nobody = SwarmArrays(*(array[:0] for array in swarm))
        nothing = tallies.each(lambda array: np.zeros_like(array[:0]))
        numba.set_num_threads(self.threads)
        stepping.open_all(nobody, nothing)
        stepping.advance(nobody, tables, Window(1.0, 1.0, 0, False), nothing)
        stepping.close_all(nobody, nothing)
        self.compile_seconds = time.perf_counter() - started

    def open_window(self, swarm: SwarmArrays, tallies: Tallies) -> None:
        """Let every electron fly again; see `backends.Kernels`."""
        numba.set_num_threads(self.threads)
        stepping.open_all(swarm, tallies)

    def advance(self, swarm: SwarmArrays, tables: Tables, window: Window, tallies: Tallies) -> None:
        """Step every sub-swarm; see `backends.Kernels`."""
        numba.set_num_threads(self.threads)
        if not window.timed:
            stepping.advance(swarm, tables, window, tallies)
            return
        before = tallies.seconds.copy()
        tallies.seconds[:] = 0.0
        stepping.advance(swarm, tables, window, tallies)
        tallies.seconds[:] = before + tallies.seconds * self._ruler.seconds_per_tick()

    def close_window(self, swarm: SwarmArrays, tallies: Tallies) -> None:
        """Collect what the window's end tells; see `backends.Kernels`."""
        numba.set_num_threads(self.threads)
        stepping.close_all(swarm, tallies)
