"""One HTML page of a run or a sweep: `python -m swarmhydra.report DIR`."""

from swarmhydra.report.page import FILE, main, report

__all__ = ["FILE", "main", "report"]
