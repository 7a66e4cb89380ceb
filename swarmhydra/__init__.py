"""Monte Carlo simulation of electron swarms in gases.

What users call is named in `__init__.pyi` and imported when it is first used, so that the command
line starts without xarray and ``import swarmhydra`` suffices for ``swarmhydra.plot``.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
