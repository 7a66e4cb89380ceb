"""What two Legendre terms get wrong: `python -m benchmarks.two_terms --output FILE`.

The Boltzmann equation is solved in two terms and in as many as it takes, with the same cross
sections. The documentation shows the file.
"""

import argparse
import csv
from collections.abc import Iterator
from pathlib import Path

import swarmhydra

SWARMS = (
    ("gas=argon", (1, 10, 100, 500)),
    ("gas=helium", (10, 100)),
    ("gas=reid_ramp sim.temperature=0", (1, 12, 24)),
    ("gas=lucas_saelee sim.temperature=0 gas.parameters.F=0.5", (10,)),
)
"""Gases, each with its E/N (Td)."""

QUANTITIES = (
    "mean_energy",
    "drift_velocity_flux",
    "reduced_diffusion_transverse_flux",
    "reduced_diffusion_longitudinal_flux",
    "effective_ionization_rate_coefficient",
)

FIELDS = ("swarm", "en", "quantity", "two_terms", "converged", "terms")


def rows() -> Iterator[dict[str, str]]:
    """Each quantity in two terms and in many."""
    for swarm, fields in SWARMS:
        for en in fields:
            two, many = (
                swarmhydra.simulate(
                    "method=boltzmann", f"method.terms={terms}", f"sim.en={en}", *swarm.split()
                )
                for terms in ("2", "null")
            )
            for name in QUANTITIES:
                # A gas that is not ionized has no growth to compare.
                if abs(float(many[name])) > 10.0 * float(many[f"{name}_stderr"]):
                    yield {
                        "swarm": swarm,
                        "en": str(en),
                        "quantity": name,
                        "two_terms": f"{float(two[name]):.6g}",
                        "converged": f"{float(many[name]):.6g}",
                        "terms": str(many.attrs["legendre_terms"]),
                    }


def main() -> None:
    """Write the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.two_terms", description=__doc__)
    parser.add_argument("--output", type=Path, required=True, help="CSV file to write")
    asked = parser.parse_args()
    with asked.output.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, FIELDS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows())


if __name__ == "__main__":
    main()
