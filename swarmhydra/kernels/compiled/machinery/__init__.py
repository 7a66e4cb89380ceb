"""What is about numba and not about physics."""
