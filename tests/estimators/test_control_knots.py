"""Knots of control variates go where collision frequencies that matter bend."""

import numpy as np

from swarmhydra.estimators.control_knots import LEAST_CELLS, control_knots

CELLS = 1000
SPEED = np.arange(CELLS) + 0.5
EDGES = np.arange(0.0, CELLS + 1.0, 100.0)
SHARE = np.exp(-SPEED / 60.0) / np.exp(-SPEED / 60.0).sum()


def bump(centre: float, height: float) -> np.ndarray:
    return height * np.exp(-0.5 * ((SPEED - centre) / 8.0) ** 2)


def knots(*frequencies: np.ndarray) -> np.ndarray:
    return control_knots(EDGES, np.empty(0), SPEED, np.stack(frequencies, axis=1), SHARE)


def near(found: np.ndarray, centre: float) -> int:
    """Knots within three widths of a bump."""
    return int(np.sum(np.abs(found - centre) < 24.0))


def test_knots_are_close_where_a_frequency_bends() -> None:
    elastic = np.ones(CELLS)
    found = knots(elastic, bump(150.0, 1e-2))
    assert near(found, 150.0) > 5
    assert near(found, 450.0) == 0
    assert np.diff(found).min() >= LEAST_CELLS


def test_a_process_that_nobody_will_see_takes_no_knots_from_others() -> None:
    elastic = np.ones(CELLS)
    rare = bump(950.0, 1e-9)
    assert (rare @ SHARE) < 1e-12
    alone, together = knots(elastic, bump(150.0, 1e-2)), knots(elastic, bump(150.0, 1e-2), rare)
    assert near(together, 150.0) == near(alone, 150.0)
    assert near(together, 950.0) == 0
