"""Errors that a solution states."""

import numpy as np
import pytest

from swarmhydra.boltzmann.numerical_error import LEAST_ERROR, SHARED, numerical_errors


def stated(rate: list[float], by_cells: list[float]) -> np.ndarray:
    values = {"mean_energy": np.array(5.0), "rate_coefficient": np.array(rate)}
    cells = {"mean_energy": np.array(1e-3), "rate_coefficient": np.array(by_cells)}
    terms = {name: np.zeros_like(value) for name, value in values.items()}
    errors = numerical_errors(values, cells, terms)
    assert float(errors["mean_energy"]) == pytest.approx(1e-3 + 5.0 * LEAST_ERROR)
    return np.asarray(errors["rate_coefficient"])


def test_a_rate_that_changed_little_by_chance_is_no_better_known_than_others() -> None:
    errors = stated([1e-14, 2e-16, 1e-16, 3e-16], [0.0, 1e-19, 0.0, 0.0])
    relative = 1e-19 / 2e-16 + LEAST_ERROR
    assert errors[1] == pytest.approx(2e-16 * relative)
    assert errors[2:] / [1e-16, 3e-16] == pytest.approx(SHARED * relative / 2.0, rel=1e-3)


def test_the_error_of_a_rare_process_says_nothing_of_frequent_ones() -> None:
    errors = stated([1e-14, 1e-20, 0.0], [0.0, 1e-21, 0.0])
    assert errors[0] == pytest.approx(1e-14 * LEAST_ERROR)
    assert errors[2] == 0.0
