"""Cross sections from measured swarm data: least squares with derivatives from the adjoint."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
