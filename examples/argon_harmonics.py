"""Figure of the study `+experiment=argon_harmonics`: what two harmonics do to the electrons."""

import sys
from pathlib import Path

import numpy as np
from matplotlib import pyplot as plt

import swarmhydra
from swarmhydra import plot
from swarmhydra.plot.style import COLUMN_WIDTH, HEIGHT

folder = Path(sys.argv[1] if len(sys.argv) > 1 else "multirun/argon_harmonics")
runs = [swarmhydra.open_run(job.parent) for job in sorted(folder.glob("*/results.nc"))]
quantities = ("mean_energy", "drift_velocity", "rate_coefficient")
with plot.style():
    size = (len(runs) * COLUMN_WIDTH, (len(quantities) + 1) * HEIGHT)
    figure, axes = plt.subplots(len(quantities) + 1, len(runs), figsize=size, squeeze=False)
    for column, run in enumerate(runs):
        for row, quantity in enumerate(quantities):
            plot.waveform(run, quantity, axes[row, column])
        group = run["waveform"]
        strongest = float(group["time"][int(np.argmax(np.abs(group["en"].values)))])
        plot.velocity_distribution(run, axes[-1, column], time=strongest)
        phases = swarmhydra.config.from_yaml(run.attrs["config"]).sim.waveform.phases
        axes[0, column].set_title(f"phases of {phases[0]:g} and {phases[1]:g} degrees")
    figure.savefig(folder / "argon_harmonics.png")
