"""The settings of how much of the distribution over velocities results hold."""

from __future__ import annotations

from dataclasses import dataclass

from swarmhydra.config.ranges import bounded

FREE_ORDER = 1
"""Legendre order up to which coefficients cost nothing."""

ORDER_OF_PLANE = 8
"""Order up to which f(v_par, v_perp) is summed where none is set."""


@dataclass
class EvdfConfig:
    """How much of the electron velocity distribution function results hold.

    Attributes
    ----------
    l_max : int or None
        Order up to which there are Legendre coefficients f_l, in a steady field, by phase and by
        time; None takes what costs nothing, and with `plane` 8.
    plane : bool
        Whether there is f(v_par, v_perp), the sum of f_l P_l up to `l_max`.
    step : float or None
        Width of its cells (m/s); None takes 1, 2 or 5 times a power of ten, for some 40 cells up
        to the fastest electrons.
    """

    l_max: int | None = bounded(None, 1, 32)
    plane: bool = False
    step: float | None = bounded(None, 0.0, unit="m/s", low_excluded=True)

    @property
    def order(self) -> int:
        """The highest Legendre order in results, at least."""
        if self.l_max is not None:
            return self.l_max
        return ORDER_OF_PLANE if self.plane else FREE_ORDER

    @property
    def is_sampled(self) -> bool:
        """Whether electrons are sampled for it."""
        return self.order > FREE_ORDER
