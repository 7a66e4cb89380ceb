"""How two electrons share the energy that an ionization leaves: rules and their tables."""

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
"""Width over the ionization energy where no process gives one: near that of most gases."""


def sharing_of(processes: Sequence[Process], sim: SimConfig) -> Sharing:
    """How two electrons share the energy that an ionization leaves."""
    width = [
        sim.opal_width or p.traits.sharing_width or max(DEFAULT_OPAL_WIDTH * p.threshold, 1.0)
        for p in processes
    ]
    # Even steps of arsinh: fine near zero, and as far as energies may go.
    nodes = np.sinh(np.linspace(0.0, 18.0, 8193))
    return Sharing(
        rule=SHARING_CODES[sim.ionization_sharing],
        fraction=sim.sharing_fraction,
        opal_width=np.array(width),
        opal_energy=nodes,
        opal_integral=_opal_integral(nodes, sim.opal_exponent),
        momentum_conserving=sim.ionization_directions == "momentum",
    )


def _opal_integral(nodes: FloatArray, exponent: float) -> FloatArray:
    """Integral of 1 / (1 + x^exponent) from zero to each node, by Gauss and Legendre."""
    points, weights = np.polynomial.legendre.leggauss(8)
    width = np.diff(nodes)
    x = nodes[:-1, None] + 0.5 * width[:, None] * (points + 1.0)
    pieces = 0.5 * width * ((1.0 / (1.0 + x**exponent)) @ weights)
    return np.concatenate([[0.0], np.cumsum(pieces)])
