"""Electron swarms in gases: Monte Carlo and a multi-term Boltzmann solver, with errors.

What users call is imported when it is first used: the command line starts without xarray, and
``import swarmhydra`` suffices for ``swarmhydra.plot``.
"""

import lazy_loader

# The names stand in `__init__.pyi`, where type checkers and editors look for them, too.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
