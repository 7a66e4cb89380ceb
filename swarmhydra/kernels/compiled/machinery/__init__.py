"""How numba is used: compilation, cache, threads, random numbers. Nothing here is about physics."""
