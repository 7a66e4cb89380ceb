"""Large arrays that are equal within a tolerance."""

import numpy as np
from numpy.typing import ArrayLike


def near(found: ArrayLike, expected: ArrayLike, rel: float = 0.0, abs: float = 0.0) -> bool:
    """What `pytest.approx` says, which looks at one number at a time: 20 µs for each."""
    one, other = np.broadcast_arrays(found, expected)
    return bool(np.all(np.abs(one - other) <= np.maximum(rel * np.abs(other), abs)))
