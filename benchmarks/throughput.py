"""Speed of the swarm in argon: sizes by fields by backends, and threads."""

from typing import Any

from benchmarks import machine, stepping
from benchmarks.stepping import ACCELS, FIELDS, Case, Relaxed
from swarmhydra.kernels.contract import SwarmArrays, Tallies

SIZES = ("medium", "large")
THREADS = (1, 2)
SAMPLES, THREAD_SAMPLES = 5, 15
SAMPLE_SECONDS = 0.3
"""Processor time of a sample at least (s)."""


def relaxed_swarms() -> dict[float, Relaxed]:
    """A relaxed swarm at each field (Td), in a gas at rest."""
    return {en: stepping.relaxed(en, 0.0) for en in FIELDS}


class Swarm:
    """What a trial and a real collision cost on one thread, medians over the samples.

    How often electrons collide is a property of the gas, how many trials that takes one of the
    program: the cost of a real collision is that of the physics done.
    """

    params = (SIZES, FIELDS, ACCELS)
    param_names = ("size", "en", "accel")
    timeout = 600.0

    def setup_cache(self) -> dict[float, Relaxed]:
        """Relax a swarm at each field once."""
        return relaxed_swarms()

    def setup(self, relaxed: dict[float, Relaxed], size: str, en: float, accel: str) -> None:
        """Take the samples."""
        overrides = (f"sim={size}", f"accel={accel}", "accel.threads=1")
        self.case = stepping.case(relaxed[en], *overrides, sample_seconds=SAMPLE_SECONDS)
        for _ in range(SAMPLES):
            self.case.time()

    def track_trial(self, *_: Any) -> float:
        """Processor time of a trial, null or real (ns)."""
        return 1e9 / self.case.median("trials", "cpu_seconds")

    def track_real_collision(self, *_: Any) -> float:
        """Processor time of a real collision (ns)."""
        return 1e9 / self.case.median("real_collisions", "cpu_seconds")

    def track_horizon_share(self, *_: Any) -> float:
        """Share of the flights that end without a trial: at a horizon or at the window's end."""
        return 1.0 - self.case.median("trials", "flights")

    track_trial.unit = track_real_collision.unit = "ns"  # type: ignore[attr-defined]
    track_horizon_share.unit = "1"  # type: ignore[attr-defined]


class Threads:
    """What two threads gain over one by the clock; the results must be the same to the bit."""

    params = (SIZES, FIELDS)
    param_names = ("size", "en")
    timeout = 600.0

    def setup_cache(self) -> dict[float, Relaxed]:
        """Relax a swarm at each field once."""
        return relaxed_swarms()

    def setup(self, relaxed: dict[float, Relaxed], size: str, en: float) -> None:
        """Take samples on each number of threads in turn."""
        if max(THREADS) > machine.cores():
            raise NotImplementedError("not enough cores")
        overrides = (f"sim={size}", "accel=jit_lut", "accel.threads=1")
        first = stepping.case(relaxed[en], *overrides, sample_seconds=SAMPLE_SECONDS)
        self.cases = [first, *(stepping.twin(first, threads) for threads in THREADS[1:])]
        for _ in range(THREAD_SAMPLES):
            for case in self.cases:
                case.time()

    def track_gain(self, *_: Any) -> float:
        """Trials per second by the clock over those of one thread."""
        assert_same(*self.cases)
        return self.cases[1].gain_over(self.cases[0], "trials", "wall_seconds")

    track_gain.unit = "1"  # type: ignore[attr-defined]


def assert_same(one: Case, other: Case) -> None:
    """Compare swarms and sums bit by bit.

    Raises
    ------
    AssertionError
        If any bit but those of the times differs.
    """
    pairs: list[tuple[SwarmArrays | Tallies, SwarmArrays | Tallies]] = [
        (one.ensemble.swarm.arrays, other.ensemble.swarm.arrays),
        (one.ensemble.tallies, other.ensemble.tallies),
    ]
    for left, right in pairs:
        for name, a, b in zip(left._fields, left, right, strict=True):
            if name != "seconds" and a.tobytes() != b.tobytes():
                raise AssertionError(f"{name} depends on the number of threads")
