"""How two electrons share the energy that an ionization leaves: rules, and the table of Opal's.

The share of one ionization is sampled in `kernels.vectorised.energy_sharing`.
"""

from collections.abc import Sequence

import numpy as np

from swarmhydra.config import SHARING_RULES, SimConfig
from swarmhydra.gas.processes import Process
from swarmhydra.kernels import contract
from swarmhydra.kernels.arrays import FloatArray
from swarmhydra.kernels.contract import Sharing

SHARING_CODES = dict(
    zip(
        SHARING_RULES,
        (
            contract.EQUAL,
            contract.FRACTION,
            contract.UNIFORM,
            contract.ONE_TAKES_ALL,
            contract.OPAL,
        ),
        strict=True,
    )
)


DEFAULT_OPAL_WIDTH = 0.6
"""Width over the ionization energy where no process gives one. The widths that Opal, Peterson and
Beaty (J. Chem. Phys. 55 (1971) 4100) measured in helium, argon and xenon, 15.8, 10.0 and 8.7 eV,
are 0.64, 0.63 and 0.72 of it."""

SMALLEST_OPAL_WIDTH = 1.0
"""Smallest default width (eV), for the processes that have no threshold and do not use it."""

OPAL_TABLE_END, OPAL_NODES = 18.0, 8193
"""Largest arsinh of the energy over the width in the table of the integral, and its nodes: up to
3e7 widths."""


def sharing_of(processes: Sequence[Process], sim: SimConfig) -> Sharing:
    """How two electrons share the energy that an ionization leaves.

    Parameters
    ----------
    processes : sequence of Process, length P
    sim : SimConfig
        Rule, and what holds where a process gives no width of its own.
    """
    width = [sim.opal_width or p.traits.sharing_width or _default_width(p) for p in processes]
    # Equal steps of arsinh(energy / width) are small near zero and large at high energies.
    nodes = np.sinh(np.linspace(0.0, OPAL_TABLE_END, OPAL_NODES))
    return Sharing(
        rule=SHARING_CODES[sim.ionization_sharing],
        fraction=sim.sharing_fraction,
        opal_width=np.array(width),
        opal_energy=nodes,
        opal_integral=_opal_integral(nodes, sim.opal_exponent),
        momentum_conserving=sim.ionization_directions == "momentum",
    )


def _default_width(process: Process) -> float:
    """Width of the distribution of energies (eV) where neither process nor settings give one."""
    return max(DEFAULT_OPAL_WIDTH * process.threshold, SMALLEST_OPAL_WIDTH)


def _opal_integral(nodes: FloatArray, exponent: float) -> FloatArray:
    """Integral of 1 / (1 + x^exponent) from zero to each node, by Gauss-Legendre quadrature."""
    points, weights = np.polynomial.legendre.leggauss(8)
    width = np.diff(nodes)
    x = nodes[:-1, None] + 0.5 * width[:, None] * (points + 1.0)
    pieces = 0.5 * width * ((1.0 / (1.0 + x**exponent)) @ weights)
    return np.concatenate([[0.0], np.cumsum(pieces)])
