"""One HTML page of a run or a sweep: `python -m swarmhydra.report DIR`."""

from swarmhydra.report.page import main, report

__all__ = ["main", "report"]
