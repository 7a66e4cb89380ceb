"""The watch on electrons that come to energies where a table of cross sections has ended."""

import logging

import numpy as np

from swarmhydra.config import ConfigError
from swarmhydra.kernels.arrays import FloatArray
from swarmhydra.kernels.quantities import speed_at
from swarmhydra.swarm.medium import Medium

log = logging.getLogger(__name__)


class TableEnds:
    """Warns once, or ends the run, where electrons come above the end of a table.

    Parameters
    ----------
    medium : Medium

    Attributes
    ----------
    warnings : list of str
        What a reader of the results must know; at most one line.
    """

    def __init__(self, medium: Medium) -> None:
        self._mixture = medium.mixture
        end, _ = medium.mixture.tables_end
        lower_edges = medium.collision_tables.cell_edges[:-1]
        self._first_cell_beyond = int(np.searchsorted(lower_edges, speed_at(end)))
        self.warnings: list[str] = []

    def watch(self, speed: FloatArray, above_table: int) -> None:
        """Look at the speeds of the electrons so far.

        Parameters
        ----------
        speed : ndarray, shape (S, cells, 2)
            As `Tallies.speed`.
        above_table : int
            Flights that ended above the highest speed cell.

        Raises
        ------
        ConfigError
            If there are electrons beyond and gas.extrapolation=error.
        """
        end, name = self._mixture.tables_end
        beyond = speed[:, self._first_cell_beyond :]
        policy = self._mixture.extrapolation
        place = f"where the table of {name} ends"
        if policy == "error" and above_table and not beyond.size:
            end, place = self._mixture.energy_max, "gas.energy_max"
        elif not beyond.any():
            return
        if policy == "error":
            raise ConfigError(
                f"gas.extrapolation=error: an electron came above {end:g} eV, {place}; expected "
                "tables that reach further, or hold, log_slope"
            )
        if not self.warnings:
            self.warnings.append(
                f"electrons came above {end:g} eV, {place}: beyond, gas.extrapolation={policy} "
                "holds"
            )
            log.warning(self.warnings[0])
