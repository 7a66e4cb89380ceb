"""Runs boltzpmp, in the environment of boltzpmp, by orders on standard input.

`boltzmann` starts it with a file of cross sections, a temperature (K) and a density (1/m3). Each
order is a line of JSON with a field (Td), the top of the grid (eV), its cells and its angles; so is
the answer, with the processor time from the grid to the solution. An empty line ends it.
"""

import json
import sys
import time
import warnings
from pathlib import Path


def main() -> None:
    """Solve by orders."""
    # Here, because it is installed in its own environment alone, and the file is read in others.
    import boltzpmp  # type: ignore[import-not-found]

    sections = boltzpmp.parse_lxcat(Path(sys.argv[1]))
    gas = boltzpmp.Gas("gas", 1.0, sections)
    mixture = boltzpmp.Mixture([gas], T_K=float(sys.argv[2]), N=float(sys.argv[3]))
    warnings.simplefilter("ignore")
    while line := sys.stdin.readline().strip():
        order = json.loads(line)
        start = time.process_time()
        step = order["top"] / order["cells"]
        solver = boltzpmp.PMSolver(
            mixture, eps_max_eV=order["top"], d_eps_eV=step, n_theta=order["angles"],
            superelastic=False,
        )  # fmt: skip
        result = solver.solve_dc(EN_Td=order["en"])
        answer = {
            "cpu_seconds": time.process_time() - start,
            "mean_energy": result.mean_energy,
            "drift_velocity_flux": abs(result.drift_velocity),
            "ionization": result.reduced_ionization_frequency,
        }
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
