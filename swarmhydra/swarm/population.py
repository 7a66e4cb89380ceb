"""Population control: sub-swarms that grew or shrank are brought back to their nominal size.

Inside a window the kernels let the swarm grow and shrink as it physically does. Between two windows
a sub-swarm that has become too large or too small is resampled to its nominal size (systematic
resampling: Kitagawa, 1996), and its electrons get the weight of those they stand for, so that a
sub-swarm keeps the total weight it had before. The weight of a sub-swarm s is w_s = prod_i f_s,i:
the resampling factors, size before over size after, of the remembered windows i. Factors of earlier
windows are left out, as energy and displacement within the memory do not depend on them; with them
sub-swarms that multiplied by chance would in time outweigh all others.
"""

import numpy as np

from swarmhydra.kernels import contract, streams
from swarmhydra.kernels.contract import Tallies
from swarmhydra.kernels.quantities import flux_terms
from swarmhydra.swarm.electrons import Swarm

SMALLEST_SHARE = 0.5
"""Share of its nominal size below which a sub-swarm is filled up."""


def control_population(swarm: Swarm, largest_growth: float) -> None:
    """Choose the size and the weight with which each sub-swarm opens the next window.

    The kernels resample the sub-swarms to that size when they open it.

    Parameters
    ----------
    swarm : Swarm
        At the end of a window, with electrons left.
    largest_growth : float
        Multiple of the nominal size above which a sub-swarm is thinned.
    """
    arrays = swarm.arrays
    swarm.factors[:, 1:] = swarm.factors[:, :-1]
    swarm.factors[:, 0] = 1.0
    share = arrays.population / swarm.nominal
    few = (share > 0.0) & (share < SMALLEST_SHARE)
    outliers = np.flatnonzero(few | (share > largest_growth))
    swarm.factors[outliers, 0] = share[outliers]
    arrays.target_size[:] = arrays.population
    arrays.target_size[outliers] = swarm.nominal[outliers]
    weight = swarm.factors.prod(axis=1)
    total = float(weight @ arrays.target_size)
    # Only ratios of the weights matter: keep their sum at the nominal number of electrons.
    arrays.weight[:] = weight * (swarm.nominal.sum() / total)


def resize(swarm: Swarm, largest_growth: float) -> None:
    """As `control_population`, but with weights that keep all resampling factors.

    They are products over all windows since the start of the pass, however the swarm grows.

    Parameters
    ----------
    swarm : Swarm
        At the end of a window.
    largest_growth : float
        Multiple of the nominal size above which a sub-swarm is thinned.
    """
    arrays = swarm.arrays
    share = arrays.population / swarm.nominal
    few = (share > 0.0) & (share < SMALLEST_SHARE)
    outliers = few | (share > largest_growth)
    arrays.target_size[:] = np.where(outliers, swarm.nominal, arrays.population)
    arrays.weight[outliers] *= share[outliers]


def make_room(swarm: Swarm, tallies: Tallies) -> None:
    """Halve the sub-swarms that are too full for another step in the middle of a window.

    Every second electron stays, with twice the weight.

    Parameters
    ----------
    swarm : Swarm
    tallies : Tallies
        Their time integrals of the flux (s, m, ..., times the weight) are closed for the electrons
        that go.
    """
    arrays = swarm.arrays
    # In a step every active electron may ionize once.
    too_full = arrays.population + arrays.active > contract.CAPACITY
    for s in np.flatnonzero(too_full).tolist():
        electrons, active = arrays.electrons[s], int(arrays.active[s])
        waiting = int(arrays.population[s]) - active
        arrived = electrons[:, contract.CAPACITY - waiting :][:, ::-1]
        all_electrons = np.concatenate([electrons[:, :active], arrived], axis=1)
        leader = streams.leader_at(arrays.random_state[s])
        first = int(leader.integers(2))
        streams.store_leader(leader, arrays.random_state[s])
        remaining, terms = all_electrons[:, first::2], flux_terms(all_electrons)
        # An electron that goes is counted up to here; one that stays counts twice from here on.
        change = terms.sum(axis=1) - 2.0 * terms[:, first::2].sum(axis=1)
        tallies.flux[s] += arrays.weight[s] * change
        active = (active + 1 - first) // 2
        waiting = remaining.shape[1] - active
        electrons[:, :active] = remaining[:, :active]
        electrons[:, contract.CAPACITY - waiting :] = remaining[:, active:][:, ::-1]
        arrays.active[s], arrays.population[s] = active, active + waiting
        arrays.weight[s] *= 2.0
        swarm.factors[s, 0] *= 2.0
