"""pyMETHES in an environment of its own, run as another program that takes orders."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from benchmarks import stepping
from benchmarks.peer_environment import environment
from benchmarks.stepping import Relaxed, Sample, Timed
from swarmhydra.gas import mixture as mixtures
from swarmhydra.gas.mixture import Mixture
from swarmhydra.gas.number_density import STANDARD_TEMPERATURE
from swarmhydra.gas.processes import Kind

REQUIREMENTS = ("pyMETHES==0.2.0", "numpy<2", "pandas<2", "scipy<1.12")
PRESSURE = 101325.0
"""(Pa)"""

FIRST_STEPS = 50
"""Steps of pyMETHES before it is timed."""

CPU = "cpu_seconds"


def installed(python: str | None) -> Path:
    """The interpreter of an environment with pyMETHES, which is made when there is none yet.

    Parameters
    ----------
    python : str or None
        A Python 3.11; None takes the running one, or the first ``python3.11`` to be found.

    Raises
    ------
    SystemExit
        If there is no Python 3.11.
    """
    running = sys.executable if sys.version_info[:2] == (3, 11) else None
    chosen = python or running or shutil.which("python3.11")
    if chosen is None:
        raise SystemExit("pyMETHES 0.2.0 needs Python 3.11: give one with --peer-python")
    return environment(chosen, REQUIREMENTS)


class Peer(Timed):
    """A run of pyMETHES that takes orders.

    Parameters
    ----------
    process : Popen
        Of `benchmarks.peer_driver`.
    """

    def __init__(self, process: subprocess.Popen[str]) -> None:
        super().__init__()
        self._process = process
        self._steps = FIRST_STEPS
        self._taken, self._elapsed = 0, 0.0

    @property
    def time_step(self) -> float:
        """Mean time step so far (s)."""
        return self._elapsed / self._taken

    def advance(self, steps: int) -> dict[str, float]:
        """Take so many time steps; what they took and did, as `peer_driver` answers."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{steps}\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("pyMETHES ended before its time")
        answer: dict[str, float] = json.loads(line)
        self._taken += steps
        self._elapsed += answer["elapsed"]
        return answer

    def fit(self, seconds: float) -> None:
        """Choose how many steps a sample has, by taking some."""
        first = self.advance(FIRST_STEPS)
        self._steps = max(1, round(FIRST_STEPS * seconds / first[CPU]))

    def _sample(self) -> Sample:
        """Take the steps of a sample."""
        answer = self.advance(self._steps)
        return Sample(
            cpu_seconds=answer[CPU],
            wall_seconds=float("nan"),
            flights=int(answer["trials"]),
            trials=int(answer["trials"]),
            real_collisions=int(answer["real_collisions"]),
        )


@contextmanager
def peer(python: Path, relaxed: Relaxed, electrons: int, seed: int = 0) -> Iterator[Peer]:
    """A run of pyMETHES in the same gas and field, from the same relaxed electrons.

    Parameters
    ----------
    python : Path
        Interpreter of its environment.
    relaxed : Relaxed
    electrons : int
    seed : int, optional
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        config = stepping.configured(*relaxed.conditions)
        write_lxcat(mixtures.build(config.gas), folder / "argon.txt")
        np.save(folder / "velocity.npy", relaxed.velocity[:, :electrons])
        settings = json.dumps(_peer_config(folder, config.sim.en, electrons, seed))
        (folder / "config.json").write_text(settings)
        driver = Path(__file__).with_name("peer_driver.py")
        process = subprocess.Popen(
            [python, driver, folder / "config.json", folder / "velocity.npy"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
        )
        try:
            yield Peer(process)
        finally:
            # The end of its orders ends the run.
            process.communicate("\n")


def write_lxcat(mixture: Mixture, path: Path) -> None:
    """Write the cross sections of a pure gas as a text file in the format of LXCat.

    Parameters
    ----------
    mixture : Mixture
    path : Path
    """
    rule = "-----------------------------"
    blocks = []
    for process in mixture.processes:
        elastic = process.kind is Kind.ELASTIC
        parameter = process.mass_ratio if elastic else process.threshold
        pairs = zip(process.energy.tolist(), process.cross_section.tolist(), strict=True)
        rows = [f"{energy!r}\t{sigma!r}" for energy, sigma in pairs]
        blocks += [process.kind.value, process.target, f" {parameter!r}", rule, *rows, rule, ""]
    path.write_text("\n".join(blocks))


def _peer_config(
    folder: Path, en: float, electrons: int, seed: int
) -> dict[str, dict[str, object]]:
    """The configuration of pyMETHES; the random velocities of its start are replaced."""
    return {
        "input_gases": {
            "gases": ["Ar"],
            "paths_to_cross_section_files": [str(folder / "argon.txt")],
            "fractions": [1],
            "max_cross_section_energy": 1000,
        },
        "output": {
            "output_directory": f"{folder}/",
            "base_name": "peer",
            "save_simulation_pickle": False,
            "save_temporal_evolution": False,
            "save_swarm_parameters": False,
            "save_energy_distribution": False,
        },
        "physical_conditions": {
            "EN": en,
            "pressure": PRESSURE,
            # Its gas is always at rest: this only sets the density, to that of swarmhydra at 0 K.
            "temperature": STANDARD_TEMPERATURE,
        },
        "initial_state": {
            "num_e_initial": electrons,
            "initial_pos_electrons": [0, 0, 0],
            "initial_std_electrons": [0, 0, 0],
            "initial_energy_distribution": "fixed",
            "initial_energy": 1.0,
            "initial_direction": "random",
        },
        "simulation_settings": {
            "num_energy_bins": 250,
            "energy_sharing_factor": 0.5,
            "isotropic_scattering": True,
            "conserve": True,
            "num_e_max": 10 * electrons,
            "seed": seed,
        },
        "end_conditions": {
            "end_condition_type": "custom",
            "w_tol": 0.01,
            "DN_tol": 0.01,
            "num_col_max": 0,
        },
    }
