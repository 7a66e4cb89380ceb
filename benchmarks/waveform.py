"""What a real collision costs in a field of many points, beside an alternating field.

Usage: ``python -m benchmarks.waveform [--quick] [--accel NAME] [--points N] [--output FOLDER]``

The field is a sinusoid, as a waveform of points and by its frequency: in argon, at the pressure and
temperature that are the defaults, where electrons collide every 0.2 ps. Both runs are timed in
turn, in whole passes and whole windows of their measurements.
"""

import argparse
import time

import numpy as np
import xarray as xr

from benchmarks import report, stepping, study
from benchmarks.stepping import Sample, Timed
from swarmhydra.run.simulation import Simulation
from swarmhydra.run.stages import Measuring
from swarmhydra.run.waveform_simulation import WaveformSimulation
from swarmhydra.run.waveform_stages import Passes

PERIODS = (50e-12, 200e-12, 1e-9)
"""(s)"""

MAGNETIC = (0.0, 300.0)
"""(Hx)"""

COMMON = (
    *("gas=argon", "sim.en=300", "accel.threads=1", "method.control_variates=off"),
    # Enough to be near the steady state, for which nobody waits here.
    "sim.relaxation_collisions=1000",
)

ELECTRONS, ELECTRON_TIME = 10_000, 2e-6
"""Electrons, and the time that all of them together fly in a pass at most (s)."""

SAMPLE_SECONDS = 0.3
"""Processor time of a sample at least (s)."""


class Measured(Timed):
    """A run whose measurement is timed."""

    def __init__(self, simulation: Simulation) -> None:
        super().__init__()
        self._simulation = simulation
        while not isinstance(simulation.stage, Measuring):
            simulation.step()

    def _sample(self) -> Sample:
        """What the windows of a sample took."""
        return stepping.timed(self._simulation.ensemble, self._go_on)

    def _go_on(self) -> None:
        """Windows, in a waveform to the end of a pass, that take long enough to be timed."""
        began, whole = time.process_time(), False
        while not whole or time.process_time() - began < SAMPLE_SECONDS:
            self._simulation.step()
            stage = self._simulation.stage
            whole = not isinstance(stage, Passes) or stage.between_passes


def pair(period: float, bn: float, options: argparse.Namespace) -> tuple[Measured, Measured]:
    """The waveform and the alternating field, ready to be timed."""
    electrons = min(ELECTRONS, round(ELECTRON_TIME / period))
    magnetic = (f"sim.bn={bn}", "sim.eb_angle=60")
    common = (*COMMON, f"accel={options.accel}", f"sim.electrons={electrons}", *magnetic)
    waveform = (
        "sim.waveform.kind=harmonics",
        f"sim.waveform.frequency={1.0 / period}",
        "sim.waveform.amplitudes=[1]",
        f"sim.waveform.points={options.points}",
    )
    alternating = Simulation(stepping.configured(*common, f"sim.frequency={1.0 / period}"))
    course = WaveformSimulation(stepping.configured(*common, *waveform))
    return Measured(course), Measured(alternating)


def measure(options: argparse.Namespace) -> xr.Dataset:
    """Measure all periods, and print the table."""
    samples = 2 if options.quick else 9
    shape = (len(MAGNETIC), len(PERIODS))
    cost, ratio, spread = (np.empty((2, *shape)), np.empty(shape), np.empty(shape))
    for place in np.ndindex(*shape):
        bn, period = MAGNETIC[place[0]], PERIODS[place[1]]
        both = pair(period, bn, options)
        for _ in range(samples):
            for each in both:
                each.time()
        for row, each in zip(cost, both, strict=True):
            row[place] = 1e9 / each.median("real_collisions", "cpu_seconds")
        ratio[place] = 1.0 / both[0].gain_over(both[1], "real_collisions", "cpu_seconds")
        spread[place] = both[0].spread("real_collisions", "cpu_seconds")
        report.say(f"{bn:g} Hx, {1e12 * period:g} ps: {ratio[place]:.2f}")
    _print(cost, ratio, spread, options.points)
    return _dataset(cost, ratio).assign_attrs(gas="argon", en=300.0)


def _print(cost: np.ndarray, ratio: np.ndarray, spread: np.ndarray, points: int) -> None:
    """The table of costs."""
    rows = [
        [f"{bn:g}", f"{1e12 * period:g}", *cost[:, i, j], ratio[i, j], 100.0 * spread[i, j]]
        for i, bn in enumerate(MAGNETIC)
        for j, period in enumerate(PERIODS)
    ]
    report.table(
        f"A real collision in a period of {points} points, and in an alternating field",
        ("B/N (Hx)", "period (ps)", "waveform (ns)", "alternating (ns)", "ratio", "spread (%)"),
        rows,
    )


def _dataset(cost: np.ndarray, ratio: np.ndarray) -> xr.Dataset:
    """All that was found."""
    dims = ("bn", "period")
    return xr.Dataset(
        {
            "waveform_cost": (dims, cost[0], {"units": "ns"}),
            "alternating_cost": (dims, cost[1], {"units": "ns"}),
            "ratio": (dims, ratio, {"units": "1"}),
        },
        {
            "bn": ("bn", list(MAGNETIC), {"units": "Hx"}),
            "period": ("period", list(PERIODS), {"units": "s"}),
        },
    )


OPTIONS: study.Options = {
    "--accel": {"default": "jit_lut", "choices": stepping.ACCELS},
    "--points": {"type": int, "default": 1000, "help": "in a period"},
}

if __name__ == "__main__":
    study.main("waveform", __doc__, measure, OPTIONS)
