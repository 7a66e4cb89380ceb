from . import config as config
from . import export as export
from . import plot as plot
from . import report as report
from . import results as results
from .api import simulate as simulate
from .results.compare import compare as compare
from .results.files import open_run as open_run
from .results.schema_version import __version__ as __version__
from .sweeps.opening import open_sweep as open_sweep
from .sweeps.replicas import combine_replicas as combine_replicas

__all__ = [
    "__version__",
    "combine_replicas",
    "compare",
    "config",
    "export",
    "open_run",
    "open_sweep",
    "plot",
    "report",
    "results",
    "simulate",
]
