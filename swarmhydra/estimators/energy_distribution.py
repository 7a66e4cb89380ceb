"""Energy distribution and first anisotropy from the time that electrons spend in speed cells."""

import numpy as np

from swarmhydra.estimators.estimate import jackknife
from swarmhydra.estimators.inputs import EstimatorInputs
from swarmhydra.estimators.velocity_distribution import left_out_orders, on_plane, with_errors
from swarmhydra.kernels.arrays import FloatArray, IntArray
from swarmhydra.kernels.contract import CELL_COSINE, CELL_TIME, Tallies
from swarmhydra.kernels.quantities import HALF_MASS
from swarmhydra.results.record import Estimate

EEDF_BINS = 250
"""Bins of the energy distribution, of equal width where the speed cells allow."""


def energy_distribution(
    tallies: Tallies, inputs: EstimatorInputs
) -> dict[str, Estimate | FloatArray]:
    """EEDF, EEPF and first anisotropy, on bins that reach as far as the electrons did.

    Returns
    -------
    dict
        ``energy_edges`` (n + 1,) in eV; ``eedf`` (1/eV), ``eepf`` (eV^-3/2) and ``f1`` (eV^-3/2),
        each (n,), with f(eps, theta) = f0(eps) + f1(eps) cos(theta) + ... and the integral of
        f0 sqrt(eps) equal to 1; ``f_l`` (2, n) holds f0 and f1. Where more Legendre orders were
        sampled, bins are of equal width in speed, ``f_l`` has all of them, and there is
        f(v_par, v_perp) if asked for: ``v_along``, ``v_across`` (m/s) and ``evdf`` (s3/m3).
    """
    edges = inputs.order_cells
    if edges is None:
        edges = _bin_edges(tallies.speed[:, :, CELL_TIME].sum(axis=0))
    energy = HALF_MASS * inputs.cell_edges[edges] ** 2
    root_integral = 2.0 / 3.0 * np.diff(energy**1.5)

    def evaluate(sums: Tallies) -> dict[str, FloatArray]:
        total = sums.speed[:, :, CELL_TIME].sum(axis=1, keepdims=True)
        share = np.add.reduceat(sums.speed, edges[:-1], axis=1) / total[:, :, None]
        return {
            "eedf": share[:, :, CELL_TIME] / np.diff(energy),
            "eepf": share[:, :, CELL_TIME] / root_integral,
            "f1": 3.0 * share[:, :, CELL_COSINE] / root_integral,
        }

    distribution = with_orders(energy, jackknife(tallies, evaluate))
    if inputs.order_cells is not None:
        distribution |= _velocity_distribution(tallies, inputs, edges)
    return distribution


def _velocity_distribution(
    tallies: Tallies, inputs: EstimatorInputs, cells: IntArray
) -> dict[str, Estimate | FloatArray]:
    """Legendre coefficients of all orders that were sampled, and f(v_par, v_perp) if asked for."""
    energy, orders = inputs.order_edges, inputs.evdf.orders
    moments = tallies.velocity_moments[:, :, :orders]
    # Over the parts of a period, where there are any.
    moments = moments.reshape(len(moments), -1, energy.size - 1, orders).sum(axis=1)
    speeds = np.add.reduceat(tallies.speed, cells[:-1], axis=1)
    f_l = left_out_orders(moments, energy, speeds)
    return {"f_l": with_errors(f_l), **on_plane(f_l, energy, inputs.evdf)}


def with_orders(
    energy_edges: FloatArray, functions: dict[str, Estimate]
) -> dict[str, Estimate | FloatArray]:
    """Edges of the bins (eV) and distributions, also as the Legendre coefficients ``f_l``."""
    orders = _stacked([functions["eepf"], functions["f1"]])
    return {"energy_edges": energy_edges, **functions, "f_l": orders}


def _stacked(estimates: list[Estimate]) -> Estimate:
    """Estimates of one shape as one, along a new first axis."""
    values, errors, pseudo_values = (
        np.stack([getattr(one, name) for one in estimates], axis=axis)
        for name, axis in (("value", 0), ("stderr", 0), ("pseudo_values", 1))
    )
    return Estimate(values, errors, pseudo_values)


def _bin_edges(time_in_cell: FloatArray) -> IntArray:
    """Cells at which the energy bins begin and end."""
    top = int(np.flatnonzero(time_in_cell)[-1]) + 1 if time_in_cell.any() else 1
    # The energy of a cell is proportional to the square of its number.
    edge = top * np.sqrt(np.linspace(0.0, 1.0, EEDF_BINS + 1))
    return np.unique(np.rint(edge).astype(np.int64))
