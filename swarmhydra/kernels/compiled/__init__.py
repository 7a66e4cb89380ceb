"""The stages as numba loops that draw the same random numbers as the vectorised ones."""
