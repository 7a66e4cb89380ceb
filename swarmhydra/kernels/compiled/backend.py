"""The compiled kernels as a backend: threads, compilation, seconds for ticks."""

import logging
import time
from collections.abc import Callable

import joblib
import numba
import numpy as np

from swarmhydra.kernels.compiled.advance import Job, advance
from swarmhydra.kernels.compiled.machinery.clock import Ruler
from swarmhydra.kernels.compiled.machinery.kernel_cache import CACHE_FOLDER, is_stored
from swarmhydra.kernels.compiled.machinery.side_by_side import side_by_side
from swarmhydra.kernels.compiled.variants import Variants, chosen_variants
from swarmhydra.kernels.contract import Surroundings, SwarmArrays, Tallies, Window

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
        # In a container numba counts the cores of the machine, joblib those of the quota.
        self.threads = min(threads or joblib.cpu_count(), available)
        self.compile_seconds = 0.0
        self._ruler = Ruler()
        self._variants: Variants | None = None
        self._advance: Callable[[Job, int], None] | None = None

    def prepare(self, swarm: SwarmArrays, surroundings: Surroundings, tallies: Tallies) -> None:
        """Compile, or load from the cache, by taking no sub-swarm at all through a window."""
        if not is_stored(advance):
            log.info("compiling the kernels, once for this machine, into %s", CACHE_FOLDER)
        started = time.perf_counter()
        nobody = SwarmArrays(*(array[:0] for array in swarm))
        nothing = tallies.each(lambda array: np.zeros_like(array[:0]))
        self._step(nobody, surroundings, Window(1.0, 0.0, 0, False), nothing, True)
        self.compile_seconds = time.perf_counter() - started

    def advance(
        self,
        swarm: SwarmArrays,
        surroundings: Surroundings,
        window: Window,
        tallies: Tallies,
        opening: bool,
    ) -> None:
        """Step every sub-swarm; see `backends.Kernels`."""
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
        """Run the step loop on the threads of this backend."""
        numba.set_num_threads(self.threads)
        if self._variants is None:
            self._variants = chosen_variants(surroundings)
        # Who takes the last sub-swarm is waited for by all others.
        order = np.argsort(-(swarm.wanted if opening else swarm.active))
        queue = np.zeros(1, dtype=np.int64)
        job = Job(self._variants, swarm, *surroundings, window, tallies, opening, order, queue)
        if self._advance is None:
            self._advance = side_by_side(advance, job)
        self._advance(job, self.threads)
