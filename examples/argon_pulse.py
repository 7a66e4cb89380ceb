"""Figure of the study `+experiment=argon_pulse`: how far electrons lag behind a pulse."""

import sys
from pathlib import Path

from matplotlib import pyplot as plt

import swarmhydra
from swarmhydra import plot
from swarmhydra.plot.style import COLUMN_WIDTH, HEIGHT

folder = Path(sys.argv[1] if len(sys.argv) > 1 else "multirun/argon_pulse")
runs = [swarmhydra.open_run(job.parent) for job in sorted(folder.glob("*/results.nc"))]
runs.sort(key=lambda run: float(run["en"]))
quantities = ("mean_energy", "drift_velocity", "rate_coefficient")
with plot.style():
    size = (len(runs) * COLUMN_WIDTH, len(quantities) * HEIGHT)
    figure, axes = plt.subplots(len(quantities), len(runs), figsize=size, squeeze=False)
    for column, run in enumerate(runs):
        for row, quantity in enumerate(quantities):
            plot.waveform(run, quantity, axes[row, column])
        axes[0, column].set_title(f"pulse of {float(run['en']):g} Td")
    figure.savefig(folder / "argon_pulse.png")
