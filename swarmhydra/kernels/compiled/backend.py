"""The compiled kernels behind the interface of `backends`: threads, compilation, timing."""

import logging
import os
import time
from collections.abc import Callable

import joblib
import numba
import numpy as np

from swarmhydra.kernels.compiled.advance import Work, advance
from swarmhydra.kernels.compiled.machinery.cycle_counter import Ruler
from swarmhydra.kernels.compiled.machinery.kernel_cache import CACHE_FOLDER, is_stored
from swarmhydra.kernels.compiled.machinery.side_by_side import side_by_side
from swarmhydra.kernels.compiled.variants import Variants, chosen_variants
from swarmhydra.kernels.contract import Surroundings, SwarmArrays, Tallies, Window

log = logging.getLogger(__name__)

_process_of_threads: int | None = None
"""The process in which compiled kernels have run first, and started their threads."""


class ForkedError(RuntimeError):
    """The process was forked from one whose threads it does not have; one line."""


class CompiledKernels:
    """Kernels that numba compiles, which run on one or more threads.

    Parameters
    ----------
    threads : int or None
        Number of threads; None for all cores that the process may use.

    Attributes
    ----------
    threads : int
        Number of threads in use.
    compile_seconds : float
        Wall time spent so far on compiling, or on loading compiled kernels (s).
    """

    name = "jit"

    def __init__(self, threads: int | None) -> None:
        if _process_of_threads not in (None, os.getpid()):
            # OpenMP would end the process, or wait for ever.
            raise ForkedError(
                "accel.backend=jit: this process was forked from one that has run compiled "
                "kernels, and has none of its threads; expected processes that are started by "
                "multiprocessing.get_context('spawn'), or accel=numpy"
            )
        available = numba.config.NUMBA_NUM_THREADS
        if threads is not None and threads > available:
            log.warning("accel.threads=%d: %d are available and used", threads, available)
        # In a container numba counts the cores of the machine, joblib respects the quota.
        self.threads = min(threads or joblib.cpu_count(), available)
        self.compile_seconds = 0.0
        self._ruler = Ruler()
        self._variants: Variants | None = None
        self._advance: Callable[[Work, int], None] | None = None

    def prepare(self, swarm: SwarmArrays, surroundings: Surroundings, tallies: Tallies) -> None:
        """Compile the kernels, or load them from the cache, by advancing an empty swarm."""
        global _process_of_threads
        _process_of_threads = os.getpid()
        if not is_stored(advance):
            place = "" if CACHE_FOLDER is None else f", to be stored in {CACHE_FOLDER}"
            log.info("compiling the kernels%s", place)
        start = time.perf_counter()
        empty = SwarmArrays(*(array[:0] for array in swarm))
        no_tallies = tallies.each(lambda array: np.zeros_like(array[:0]))
        self._step(empty, surroundings, Window(1.0, 0.0, 0, False), no_tallies, True)
        self.compile_seconds = time.perf_counter() - start

    def advance(
        self,
        swarm: SwarmArrays,
        surroundings: Surroundings,
        window: Window,
        tallies: Tallies,
        opening: bool,
    ) -> None:
        """Advance every sub-swarm; see `backends.Kernels`."""
        if not window.timed:
            self._step(swarm, surroundings, window, tallies, opening)
            return
        before = tallies.seconds.copy()
        tallies.seconds[:] = 0.0
        self._step(swarm, surroundings, window, tallies, opening)
        tallies.seconds[:] = before + tallies.seconds * self._ruler.seconds_per_tick()

    def _step(
        self,
        swarm: SwarmArrays,
        surroundings: Surroundings,
        window: Window,
        tallies: Tallies,
        opening: bool,
    ) -> None:
        """Advance every sub-swarm on the threads of this backend."""
        numba.set_num_threads(self.threads)
        if self._variants is None:
            self._variants = chosen_variants(surroundings)
        # The most expensive sub-swarms first: at the end all threads wait for the last one.
        order = np.argsort(-(swarm.target_size if opening else swarm.active))
        queue = np.zeros(1, dtype=np.int64)
        work = Work(self._variants, swarm, *surroundings, window, tallies, opening, order, queue)
        if self._advance is None:
            self._advance = side_by_side(advance, work)
        self._advance(work, self.threads)
